"""CPU time of the window and of whole decisions, and what a window with a consent record holds resident.

The floor is the comparison alone: an aware instant against another, 24 hours apart. Memory is what the interpreter
allocates for many threads' windows and consents in a dictionary by number and contact, entries included.
Run: python benchmarks/bench_sending.py
"""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime, timedelta

from lab import Case, measure, report

from wa_omnichannel import sending, session
from wa_omnichannel.addresses import Address
from wa_omnichannel.consent import Consent, Scope, Statement
from wa_omnichannel.messages import Content, TemplateMessage, Text
from wa_omnichannel.sending import (
    FORBIDDEN_COUNTRIES,
    US_MARKETING,
    Charge,
    Counters,
    Price,
    RateCard,
    SendLimits,
    SendPolicy,
    Situation,
)
from wa_omnichannel.session import WINDOW, Window
from wa_omnichannel.templates import Approval, Template, Translation

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
LAST = NOW - timedelta(hours=1)
OPEN, CLOSED = Window(LAST), Window(NOW - timedelta(hours=30))
HELLO = Template("hello", (Translation("es", "Hola {{1}}, listo.", Approval.APPROVED, "HX" + "0" * 32),), "es")
PLAIN = SendPolicy("es", {"hello": HELLO})
EVERYTHING = SendPolicy(
    "es",
    {"hello": HELLO},
    limits=SendLimits(
        (FORBIDDEN_COUNTRIES, US_MARKETING), 1000, rates=RateCard("EUR", [Price("+34", Charge.UTILITY, "0.02")])
    ),
    translate=True,
)
MESSAGE = TemplateMessage("hello", {"1": "Ana"})
PEOPLE = 50_000


def comparison(n: int) -> None:
    for _ in range(n):
        NOW < LAST + WINDOW  # noqa: B015 - the floor is this comparison


def window(n: int) -> None:
    for _ in range(n):
        session.is_open(OPEN, NOW)


def ask(policy: SendPolicy, window: Window, content: Content) -> Case:
    situation = Situation(window, "es", addresses=(Address("+34600000001"),), counters=Counters(10))

    def run(n: int) -> None:
        for _ in range(n):
            sending.decide(policy, situation, content, NOW)

    return run


def resident(people: int) -> float:
    """Return the bytes that one window with one consent record takes, dictionary entry and key included."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    number = Address("+14155550100")
    kept = {
        (number, f"contact{n:012d}"): (
            Window(LAST + timedelta(microseconds=n)),
            Consent(Statement(Scope.EVERYTHING, True, LAST + timedelta(microseconds=n), "web form")),
        )
        for n in range(people)
    }
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / len(kept)


def main() -> None:
    cases = {
        "floor: one comparison of aware instants": comparison,
        "P20: session.is_open": window,
        "decide: text, window open": ask(PLAIN, OPEN, Text("Hola")),
        "decide: template, window closed": ask(PLAIN, CLOSED, MESSAGE),
        "decide: text, every secondary rule": ask(EVERYTHING, OPEN, Text("**Hola**")),
        "decide: template, every secondary rule": ask(EVERYTHING, CLOSED, MESSAGE),
    }
    report("window and decision", measure(cases, 5000), "floor: one comparison of aware instants")
    print(f"resident: {resident(PEOPLE):.0f} bytes per window and consent record, of {PEOPLE:,}")


if __name__ == "__main__":
    main()
