"""Rows to try a store with: one of every kind, with everything that is easily lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs

from wa_omnichannel import messages
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.capacity import Allowance, Reset
from wa_omnichannel.conditions import Attributes
from wa_omnichannel.conversation import Contact, Conversation, Direction, Message, Status, Thread
from wa_omnichannel.editions import Edition, SettingChange
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import Content, DeliveryStatus, Text
from wa_omnichannel.overflow import Arrival
from wa_omnichannel.pacing import Pace
from wa_omnichannel.ports import (
    DeadLetter,
    Entry,
    Lane,
    Listing,
    NewEvent,
    Put,
    agent_key,
    alias_key,
    catalog_key,
    contact_key,
    conversation_key,
    dead_key,
    edition_key,
    entry_key,
    lane_key,
    message_key,
    pace_key,
    quarantine_key,
    reach_key,
    secret_key,
    settings_key,
    stamp_key,
    tally_keys,
    thread_key,
    waiting_key,
)
from wa_omnichannel.secret import Sealed
from wa_omnichannel.session import Window
from wa_omnichannel.skills import Requirement
from wa_omnichannel.sources import Source
from wa_omnichannel.templates import (
    Button,
    ButtonKind,
    Category,
    Override,
    Standing,
    Template,
    Translation,
    Variable,
    observe,
)
from wa_omnichannel.templates.catalog import Catalog, Known
from wa_omnichannel.webhooks import Held
from wa_omnichannel.workforce import Agent, Presence

NUMBER = Address("+14155550100")
OTHER_NUMBER = Address("+34911000000")
ANA = Address("+34600000001")
AT = datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC)
"""A microsecond before clocks in Europe change."""
ELSEWHERE = datetime(2026, 3, 29, 8, tzinfo=timezone(timedelta(hours=5, minutes=45)))

AWKWARD = "Ñandú 👩‍💻 'x' \"y\" \\ \x00 \u2028 {{1}} $ ; DROP TABLE contact --\n\t"
"""Text that has broken stores."""


NEEDS = Requirement.of({"billing": 2, AWKWARD: 1}, ("chat", "vip"))
"""Skills and capacity profiles."""


def later(seconds: float) -> datetime:
    """Return an instant *seconds* after :data:`AT`."""
    return AT + timedelta(seconds=seconds)


def conversation(name: str = "v1", status: Status = Status.OPEN, at: datetime = AT) -> Conversation:
    """Return a conversation with attributes of every type."""
    attributes: Attributes = {"vip": True, "score": 1.5, "visits": 3, "first_message": AWKWARD}
    return Conversation(
        name,
        status,
        "main",
        "sales",
        AT,
        at,
        AT,
        "lucia",
        None,
        2,
        attributes,
        needs=NEEDS,
        previous="marta",
        preferred=("ana", "lucia"),
        declines={"ana": 2},
        route="bills",
        arrival=Arrival.OVERFLOW,
        entered_at=ELSEWHERE,
        freed=True,
        alarmed="sales",
    )


def listing(name: str, number: Address = NUMBER, at: datetime = AT, **changes: Any) -> Listing:
    """Return a listing of a conversation, changed as wanted."""
    return Listing(attrs.evolve(conversation(name, at=at), **changes), number, "c1", "Ana")


def message(name: str = "m1", content: Content = Text(AWKWARD), at: datetime = AT) -> Message:  # noqa: B008 - frozen
    """Return a message that says *content*."""
    return Message(name, NUMBER, "c1", "v1", Direction.IN, content, at, "customer", DeliveryStatus.RECEIVED)


def entry(name: str, lane: str = "", due: datetime = AT, kind: str = "timer") -> Entry:
    """Return an agenda entry; its lane is its own unless another is named."""
    return Entry(name, lane or name, kind, due, "v1", NUMBER, "c1")


def put_entry(name: str, lane: str = "", due: datetime = AT) -> Put:
    """Return what puts an entry on the agenda."""
    return Put(entry_key(name), entry(name, lane, due))


def event(n: int = 1, conversation: str | None = "v1", contact: str = "c1") -> NewEvent:
    """Return an event with facts of every type that comes back as it was."""
    facts = {
        "at": AT,
        "lasts": timedelta(days=1, microseconds=1),
        "names": ("a", ("b", None)),
        "seen": {"x": 1.5, "$": AWKWARD},
        "inbound": messages.Inbound("SM1", NUMBER, (ANA,), Text(AWKWARD), extra={"k": "v"}),
    }
    trace = (Check("CLS-2", True, "classified", {"sets": ("vip",)}),)
    return NewEvent(NUMBER, contact, n, conversation, "received", AT, facts, trace)


def held(name: str) -> Held:
    """Return a webhook in quarantine."""
    return Held(name, AT, "number_unknown", messages.Inbound(name, NUMBER, (ANA,), Text(AWKWARD)))


_CONTENTS: tuple[Content, ...] = (
    Text(""),
    messages.Media("https://example.com/a", "image/jpeg", AWKWARD, "a.jpg", 3, "m1"),
    messages.Location(-90.0, 1e-7, "Here", AWKWARD),
    messages.ButtonReply("Yes", "yes"),
    messages.ListReply("1", "One", AWKWARD),
    messages.FlowReply('{"a": 1}'),
    messages.TemplateMessage("hello", {"1": "Ana", "2": ""}, "es", "HX1"),
    messages.Unsupported("reaction", "sticker"),
)

BUSY = Agent(
    "marta",
    "Marta",
    frozenset({"a"}),
    Presence.DO_NOT_DISTURB,
    2,
    3,
    AT,
    {"billing": 3},
    {"chat": Allowance(2, 1, Reset.END_OF_DAY, True, True)},
    ELSEWHERE,
    {"a": AT},
    {"level": 2, "team": AWKWARD},
    True,
    "lunch",
    True,
    AT,
    Presence.BUSY,
)
"""An agent with everything that an agent can have."""

_STANDING = attrs.evolve(
    observe(Standing(), "paused", ELSEWHERE, AWKWARD), override=Override("ana", AT, "seen in the console")
)
CATALOG = Catalog(
    "s1",
    AT,
    (
        Template(
            "hello",
            (
                Translation(
                    "es_MX",
                    "Hola {{1}}",
                    _STANDING,
                    "HX" + "0" * 32,
                    "twilio/card",
                    "Tienda",
                    "Adiós",
                    "https://example.com/{{1}}.jpg",
                    (Button(ButtonKind.URL, "Ver", "https://example.com/{{1}}"),),
                    (Variable("1", Source.CUSTOMER, "first_name", "Ana"),),
                    {"items": ({"id": "1"},), "id": 1.5},
                ),
            ),
            "es_MX",
            Category.MARKETING,
        ),
    ),
    (Known("hello", "es_MX", "Hola {{1}}", "twilio/card", None, _STANDING, Category.UTILITY),),
)
"""What is known about templates, with every field filled in."""

SAMPLES: tuple[Put, ...] = (
    Put(contact_key("c1"), Contact("c1", (ANA, Address("ES.1349120865")), AWKWARD, "es")),
    Put(contact_key("c2"), Contact("c2")),
    Put(alias_key("default", ANA), "c1"),
    Put(thread_key(NUMBER, "c1"), Thread(NUMBER, "c1", ANA, Window(AT, ELSEWHERE), conversation(), 7)),
    Put(thread_key(NUMBER, "c2"), Thread(NUMBER, "c2", ANA)),
    Put(agent_key("lucia"), Agent("lucia", "Lucía", frozenset({"b", "a"}), Presence.BUSY, 3, -1, ELSEWHERE)),
    Put(conversation_key("v1"), Listing(conversation(status=Status.WRAP_UP), NUMBER, "c1", AWKWARD)),
    Put(pace_key(NUMBER), Pace(AT, ELSEWHERE, 2)),
    Put(pace_key(NUMBER, "c1"), Pace(AT)),
    Put(agent_key("marta"), BUSY),
    Put(waiting_key("v1"), WaitingItem("sales", AT, NUMBER, "c1", "v1", 2)),
    Put(
        waiting_key("v2"),
        WaitingItem(
            "sales",
            AT,
            NUMBER,
            "c1",
            "v2",
            0,
            "main",
            NEEDS,
            {"vip": True},
            "marta",
            ("ana",),
            {"ana": 3},
            True,
            ("vip",),
        ),
    ),
    Put(catalog_key("default"), CATALOG),
    Put(stamp_key("default"), "s1"),
    Put(dead_key("e1"), DeadLetter(entry("e1"), "ValueError in work, line 1", ELSEWHERE)),
    Put(reach_key("default", "c1"), ELSEWHERE),
    Put(tally_keys(NUMBER, AT)[0], 7),
    Put(entry_key("timer:v1"), entry("timer:v1", due=ELSEWHERE)),
    Put(lane_key("thread:+14155550100:c1"), Lane(AT)),
    Put(settings_key("default"), 7),
    Put(
        edition_key("default", 7),
        Edition(7, AWKWARD, "marta", ELSEWHERE, (SettingChange("setting_added", AWKWARD, ""),)),
    ),
    Put(secret_key("twilio"), Sealed("k1", AWKWARD, "marta")),
    Put(quarantine_key("IN1"), held("IN1")),
    *(Put(message_key(f"m{n}"), message(f"m{n}", content)) for n, content in enumerate(_CONTENTS)),
    Put(
        message_key("out"),
        attrs.evolve(
            message("out"),
            direction=Direction.OUT,
            conversation=None,
            status=DeliveryStatus.UNDELIVERED,
            sid="SM2",
            quoted_sid="SM1",
            attempt=2,
            dispatched_at=ELSEWHERE,
            error_code=63016,
            error=AWKWARD,
        ),
    ),
)
"""Rows of every kind."""
