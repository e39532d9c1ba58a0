"""Every path of the REST API with its verbs: what handles them, what they take and which resource they answer."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from wa_omnichannel.emulator.rest import alerts, contents, indicators, media, messages, senders, services
from wa_omnichannel.emulator.rest.calls import Handler

MESSAGES = "/2010-04-01/Accounts/{account}/Messages"


@attrs.frozen
class Operation:
    """One verb of one path.

    ``resource`` names the fields of the answer (``[...]`` a list of them, blank no JSON); ``query``, ``form`` and
    ``body`` the names of what is read. ``open`` operations need no credentials.
    """

    handler: Handler
    resource: str = ""
    query: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    status: int = 200
    open: bool = False


_PAGE = ("PageSize", "Page", "PageToken")
_SEARCH = (
    "Language",
    "ContentType",
    "ChannelEligibility",
    "ContentName",
    "Content",
    "DateCreatedAfter",
    "DateCreatedBefore",
    "SortByDate",
    "SortByContentName",
    *_PAGE,
)
_SEND = (
    "To",
    "From",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
    "ContentSid",
    "ContentVariables",
    "StatusCallback",
    "ValidityPeriod",
    "ScheduleType",
    "SendAt",
    "PersistentAction",
)
_CONTENT = ("friendly_name", "language", "variables", "types")
_SENDER = ("configuration", "webhook", "profile")
_SERVICE = tuple(services.READERS)

Table = Mapping[str, Mapping[str, Operation]]

# The first path that fits is taken, so the sends stand first.
OPERATIONS: Table = {
    f"{MESSAGES}.json": {
        "POST": Operation(messages.create_message, "message", form=_SEND, status=201),
        "GET": Operation(
            messages.list_messages, "[message]", query=("To", "From", "DateSent", "DateSent<", "DateSent>", *_PAGE)
        ),
    },
    f"{MESSAGES}/{{sid}}.json": {
        "GET": Operation(messages.fetch_message, "message"),
        "POST": Operation(messages.update_message, "message", form=("Body", "Status")),
        "DELETE": Operation(messages.delete_message, status=204),
    },
    f"{MESSAGES}/{{sid}}/Media.json": {"GET": Operation(media.list_media, "[media]", query=_PAGE)},
    f"{MESSAGES}/{{sid}}/Media/{{media}}.json": {
        "GET": Operation(media.fetch_media_json, "media"),
        "DELETE": Operation(media.delete_media, status=204),
    },
    f"{MESSAGES}/{{sid}}/Media/{{media}}": {
        "GET": Operation(media.fetch_media_bytes),
        "DELETE": Operation(media.delete_media, status=204),
    },
    f"{media.FILES}/{{sid}}/{{media}}": {
        "GET": Operation(media.fetch_file, query=("Expires", "Signature"), open=True),
    },
    "/2010-04-01/Accounts/{account}.json": {"GET": Operation(messages.fetch_account, "account")},
    "/v1/Content": {
        "GET": Operation(contents.list_content, "[content]", query=_PAGE),
        "POST": Operation(contents.create_content, "content", body=_CONTENT, status=201),
    },
    "/v1/ContentAndApprovals": {
        "GET": Operation(contents.list_content_and_approvals, "[content_and_approvals]", query=_PAGE),
    },
    "/v1/LegacyContent": {"GET": Operation(contents.list_legacy_content, "[legacy_content]", query=_PAGE)},
    "/v2/Content": {"GET": Operation(contents.search_content, "[content]", query=_SEARCH)},
    "/v2/ContentAndApprovals": {
        "GET": Operation(contents.search_content_and_approvals, "[content_and_approvals]", query=_SEARCH),
    },
    "/v1/Content/{content}/ApprovalRequests/whatsapp": {
        "POST": Operation(
            contents.create_approval,
            "approval_create",
            body=("name", "category", "allow_category_change"),
            status=201,
        ),
    },
    "/v1/Content/{content}/ApprovalRequests": {"GET": Operation(contents.fetch_approval, "approval_fetch")},
    "/v1/Content/{content}": {
        "GET": Operation(contents.fetch_content, "content"),
        "PUT": Operation(contents.update_content, "content", body=_CONTENT),
        "DELETE": Operation(contents.delete_content, status=204),
    },
    senders.PATH: {
        "GET": Operation(senders.list_senders, "[sender]", query=("Channel", *_PAGE)),
        "POST": Operation(senders.create_sender, "sender", body=("sender_id", *_SENDER), status=202),
    },
    f"{senders.PATH}/{{sender}}": {
        "GET": Operation(senders.fetch_sender, "sender"),
        "POST": Operation(senders.update_sender, "sender", body=_SENDER, status=202),
        "DELETE": Operation(senders.delete_sender, status=204),
    },
    services.PATH: {
        "GET": Operation(services.list_services, "[service]", query=_PAGE),
        "POST": Operation(services.create_service, "service", form=_SERVICE, status=201),
    },
    f"{services.PATH}/{{service}}": {
        "GET": Operation(services.fetch_service, "service"),
        "POST": Operation(services.update_service, "service", form=_SERVICE),
        "DELETE": Operation(services.delete_service, status=204),
    },
    f"{services.PATH}/{{service}}/ChannelSenders": {
        "GET": Operation(services.list_channel_senders, "[channel_sender]", query=_PAGE),
        "POST": Operation(services.create_channel_sender, "channel_sender", form=("Sid",), status=201),
    },
    f"{services.PATH}/{{service}}/ChannelSenders/{{sender}}": {
        "GET": Operation(services.fetch_channel_sender, "channel_sender"),
        "DELETE": Operation(services.delete_channel_sender, status=204),
    },
    "/v2/Indicators/Typing.json": {
        "POST": Operation(indicators.type_v2, "typing", form=("channel", "messageId")),
    },
    "/v3/Indicators/Typing.json": {
        "POST": Operation(indicators.type_v3, "typing", body=("channel", "messageId")),
    },
    alerts.PATH: {
        "GET": Operation(alerts.list_alerts, "[alert]", query=("LogLevel", "StartDate", "EndDate", *_PAGE)),
    },
    f"{alerts.PATH}/{{alert}}": {"GET": Operation(alerts.fetch_alert, "alert")},
}
