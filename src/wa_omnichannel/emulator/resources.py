"""How messages, media and templates look in JSON."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from wa_omnichannel.emulator.callbacks import API_VERSION
from wa_omnichannel.emulator.records import MediaItem, MessageRecord
from wa_omnichannel.emulator.templates import Template
from wa_omnichannel.emulator.world import World


def messages_uri(world: World) -> str:
    """Return the path of the message collection, without ``.json``."""
    return f"/{API_VERSION}/Accounts/{world.options.account_sid}/Messages"


def message_json(world: World, record: MessageRecord) -> dict[str, object]:
    """Return the message resource with every field Twilio gives."""
    uri = f"{messages_uri(world)}/{record.sid}"
    pooled = record.status == "accepted"
    return {
        "account_sid": world.options.account_sid,
        "api_version": API_VERSION,
        "body": record.body,
        "date_created": rfc2822(record.created_at),
        "date_sent": rfc2822(record.sent_at) if record.sent_at else None,
        "date_updated": rfc2822(record.updated_at),
        "direction": record.direction,
        "error_code": record.error_code,
        "error_message": record.error_message,
        "from": None if pooled else record.from_,
        "messaging_service_sid": record.messaging_service_sid,
        "num_media": str(len(record.media) or int(record.media_url is not None)),
        "num_segments": "0" if pooled else "1",
        "price": None,
        "price_unit": None,
        "sid": record.sid,
        "status": record.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": record.to,
        "uri": f"{uri}.json",
    }


def media_json(world: World, record: MessageRecord, item: MediaItem) -> dict[str, object]:
    """Return the media resource of one file."""
    return {
        "account_sid": world.options.account_sid,
        "content_type": item.content_type,
        "date_created": rfc2822(item.created_at),
        "date_updated": rfc2822(item.created_at),
        "parent_sid": record.sid,
        "sid": item.sid,
        "uri": f"{messages_uri(world)}/{record.sid}/Media/{item.sid}.json",
    }


def content_json(world: World, template: Template) -> dict[str, object]:
    """Return the Content resource of a template."""
    url = content_url(world, template)
    return {
        "account_sid": world.options.account_sid,
        "date_created": iso8601(template.created_at),
        "date_updated": iso8601(template.created_at),
        "friendly_name": template.name,
        "language": template.language,
        "links": {
            "approval_create": f"{url}/ApprovalRequests/whatsapp",
            "approval_fetch": f"{url}/ApprovalRequests",
        },
        "sid": template.sid,
        "types": {name: dict(fields) for name, fields in template.types.items()},
        "url": url,
        "variables": dict(template.variables),
    }


def approval_json(world: World, template: Template) -> dict[str, object]:
    """Return the approval requests of a template."""
    return {
        "account_sid": world.options.account_sid,
        "sid": template.sid,
        "url": f"{content_url(world, template)}/ApprovalRequests",
        "whatsapp": {
            "type": "whatsapp",
            "name": template.name,
            "category": template.category,
            "content_type": template.content_type,
            "status": template.status,
            "rejection_reason": template.rejection_reason,
            "allow_category_change": True,
        },
    }


def content_url(world: World, template: Template) -> str:
    """Return the absolute URL of a template."""
    return f"{world.base_url}/v1/Content/{template.sid}"


def rfc2822(instant: datetime) -> str:
    """Return an instant as the 2010 API writes it."""
    return format_datetime(instant)


def iso8601(instant: datetime) -> str:
    """Return an instant as the newer APIs write it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
