"""How the 2010 API writes messages, files and the account."""

from __future__ import annotations

from wa_omnichannel.emulator.behaviour.callbacks import API_VERSION
from wa_omnichannel.emulator.rest.dates import rfc2822
from wa_omnichannel.emulator.state.records import MediaItem, MessageRecord
from wa_omnichannel.emulator.state.world import World

UNSENT = frozenset({"accepted", "scheduled"})


def account_uri(world: World) -> str:
    """Return the path of the account, without ``.json``."""
    return f"/{API_VERSION}/Accounts/{world.options.account_sid}"


def messages_uri(world: World) -> str:
    """Return the path of the message collection, without ``.json``."""
    return f"{account_uri(world)}/Messages"


def message_json(world: World, record: MessageRecord) -> dict[str, object]:
    """Return the message resource with every field Twilio gives."""
    uri = f"{messages_uri(world)}/{record.sid}"
    pooled = record.status in UNSENT
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


def account_json(world: World) -> dict[str, object]:
    """Return the account resource."""
    uri = account_uri(world)
    created = rfc2822(world.created_at)
    return {
        "auth_token": world.options.auth_token,
        "date_created": created,
        "date_updated": created,
        "friendly_name": "Local Twilio",
        "owner_account_sid": world.options.account_sid,
        "sid": world.options.account_sid,
        "status": "active",
        "subresource_uris": {"messages": f"{uri}/Messages.json"},
        "type": "Full",
        "uri": f"{uri}.json",
    }
