"""The fields of each resource, as data from Twilio's public OpenAPI documents of 2026-04-14.

The answers are checked against this table, and the table against the classes of Twilio's SDK 9.13. ``NULLABLE`` names
the fields that may be empty, be it always (a price that WhatsApp messages get later) or in some states.
"""

from __future__ import annotations

OPENAPI_DATE = "2026-04-14"

_CONTENT = ("account_sid", "date_created", "date_updated", "friendly_name", "language", "sid", "types", "variables")

FIELDS: dict[str, tuple[str, ...]] = {
    "account": (
        "auth_token",
        "date_created",
        "date_updated",
        "friendly_name",
        "owner_account_sid",
        "sid",
        "status",
        "subresource_uris",
        "type",
        "uri",
    ),
    "message": (
        "account_sid",
        "api_version",
        "body",
        "date_created",
        "date_sent",
        "date_updated",
        "direction",
        "error_code",
        "error_message",
        "from",
        "messaging_service_sid",
        "num_media",
        "num_segments",
        "price",
        "price_unit",
        "sid",
        "status",
        "subresource_uris",
        "to",
        "uri",
    ),
    "media": ("account_sid", "content_type", "date_created", "date_updated", "parent_sid", "sid", "uri"),
    "content": (*_CONTENT, "links", "url"),
    "content_and_approvals": (*_CONTENT, "approval_requests"),
    "legacy_content": (*_CONTENT, "legacy_body", "legacy_template_name", "url"),
    "approval_create": (
        "allow_category_change",
        "bid_amount",
        "category",
        "content_type",
        "name",
        "rejection_reason",
        "send_ttl_seconds",
        "status",
    ),
    "approval_fetch": ("account_sid", "sid", "url", "whatsapp"),
    "sender": (
        "compliance",
        "configuration",
        "display_name_status",
        "friendly_name",
        "offline_reasons",
        "pending_display_name",
        "pending_display_name_status",
        "pending_display_name_status_date",
        "profile",
        "properties",
        "sender_id",
        "sid",
        "status",
        "url",
        "webhook",
    ),
    "service": (
        "account_sid",
        "area_code_geomatch",
        "date_created",
        "date_updated",
        "fallback_method",
        "fallback_to_long_code",
        "fallback_url",
        "friendly_name",
        "inbound_method",
        "inbound_request_url",
        "links",
        "mms_converter",
        "scan_message_content",
        "sid",
        "smart_encoding",
        "status_callback",
        "sticky_sender",
        "synchronous_validation",
        "url",
        "us_app_to_person_registered",
        "use_inbound_webhook_on_number",
        "usecase",
        "validity_period",
    ),
    "channel_sender": (
        "account_sid",
        "country_code",
        "date_created",
        "date_updated",
        "messaging_service_sid",
        "sender",
        "sender_type",
        "sid",
        "url",
    ),
    "typing": ("success",),
    "alert": (
        "account_sid",
        "alert_text",
        "api_version",
        "date_created",
        "date_generated",
        "date_updated",
        "error_code",
        "log_level",
        "more_info",
        "request_headers",
        "request_method",
        "request_url",
        "request_variables",
        "resource_sid",
        "response_body",
        "response_headers",
        "service_sid",
        "sid",
        "url",
    ),
}

NULLABLE: dict[str, frozenset[str]] = {
    "approval_create": frozenset({"bid_amount", "send_ttl_seconds"}),
    "message": frozenset(
        {"date_sent", "error_code", "error_message", "from", "messaging_service_sid", "price", "price_unit"}
    ),
    "sender": frozenset(
        {
            "compliance",
            "friendly_name",
            "pending_display_name",
            "pending_display_name_status",
            "pending_display_name_status_date",
        }
    ),
    "service": frozenset({"fallback_url", "inbound_request_url", "status_callback"}),
    "alert": frozenset(
        {
            "request_headers",
            "request_method",
            "request_url",
            "request_variables",
            "response_body",
            "response_headers",
            "service_sid",
        }
    ),
}

# Content types and the fields each must have.
CONTENT_TYPES: dict[str, tuple[str, ...]] = {
    "twilio/text": ("body",),
    "twilio/media": ("media",),
    "twilio/location": ("latitude", "longitude"),
    "twilio/list-picker": ("body", "button", "items"),
    "twilio/call-to-action": ("body", "actions"),
    "twilio/quick-reply": ("body", "actions"),
    "twilio/card": (),
    "twilio/catalog": ("body",),
    "twilio/carousel": ("body", "cards"),
    "twilio/flows": ("body", "button_text", "pages", "type"),
    "twilio/schedule": ("id", "title", "timeSlots"),
    "whatsapp/card": ("body",),
    "whatsapp/authentication": ("actions",),
    "whatsapp/flows": ("body", "button_text", "flow_id"),
}
