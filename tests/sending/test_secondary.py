"""Rules that are policy: countries, codes, the messaging tier, size, rates, prices. Optional, explained, counted."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, OTHER_NUMBER, shop

from wa_omnichannel import sending
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import AttachmentRules
from wa_omnichannel.errors import InvalidValue, Refused
from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.free_entry import FreeEntry
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Content, Inbound, Location, Media, NotSent, TemplateMessage, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import Reached
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending import (
    FORBIDDEN_COUNTRIES,
    US_MARKETING,
    Allowed,
    Charge,
    Counters,
    Price,
    RateCard,
    SendLimits,
    SendPolicy,
    Situation,
)
from wa_omnichannel.sending.limits import MAX_PAYLOAD
from wa_omnichannel.session import Window
from wa_omnichannel.templates import Approval, Category, Template, Translation
from wa_omnichannel.testing.fakes import RecordingTransport

BOSTON, TORONTO, HAVANA = Address("+16175550100"), Address("+14165550100"), Address("+5351234567")
AMERICAN, SPANIARD = Address("US.1349120865"), Address("ES.1349120865")
OPEN, CLOSED = Window(NOW), Window(NOW - timedelta(days=2))


def template(category: Category) -> Template:
    sid = f"HX{list(Category).index(category):032x}"
    return Template(category.value, (Translation("es", "Hola", Approval.APPROVED, sid),), "es", category)


TEMPLATES = {category.value: template(category) for category in Category}
HELLO = TemplateMessage("utility")


def ask(content: Content, *to: Address, limits: SendLimits = SendLimits(), **more: Any) -> sending.Verdict:  # noqa: B008
    situation = attrs.evolve(Situation(CLOSED, "es", addresses=to or (ANA,)), **more)
    policy = SendPolicy("es", TEMPLATES, limits=limits, attachments=AttachmentRules(True, True, True))
    verdict = sending.decide(policy, situation, content, NOW)
    if isinstance(verdict, Refused):
        assert verdict.reason == verdict.trace[-1].code
    for language in LANGUAGES:
        assert all("?" not in check.sentence(language) for check in verdict.trace)
    return verdict


def reason(verdict: sending.Verdict) -> str:
    return verdict.reason if isinstance(verdict, Refused) else "allowed"


def code(verdict: sending.Verdict, rule: str) -> str | None:
    return next((check.code for check in verdict.trace if check.rule == rule), None)


@pytest.mark.parametrize(
    ("name", "to", "expected"),
    [
        ("marketing", BOSTON, "us_marketing_not_delivered"),
        ("marketing", AMERICAN, "us_marketing_not_delivered"),
        ("marketing", TORONTO, "allowed"),
        ("marketing", ANA, "allowed"),
        ("utility", BOSTON, "allowed"),
        ("utility", HAVANA, "country_forbidden"),
    ],
)
def test_countries_are_data(name: str, to: Address, expected: str) -> None:
    limits = SendLimits((FORBIDDEN_COUNTRIES, US_MARKETING))
    assert reason(ask(TemplateMessage(name), to, limits=limits)) == expected
    assert reason(ask(TemplateMessage(name), to)) == "allowed"


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [((SPANIARD,), "authentication_needs_phone"), ((SPANIARD, ANA), "allowed"), ((ANA,), "allowed")],
)
def test_a_code_needs_a_phone_number(addresses: tuple[Address, ...], expected: str) -> None:
    assert reason(ask(TemplateMessage("authentication"), *addresses)) == expected


def test_nothing_that_a_rule_bars_is_offered_as_sufficient() -> None:
    verdict = ask(Text("Hola"), HAVANA, limits=SendLimits((FORBIDDEN_COUNTRIES,)))
    assert isinstance(verdict, Refused)
    assert [remedy.code for remedy in verdict.remedies] == ["use_other_channel"]
    american = ask(Text("Hola"), AMERICAN, limits=SendLimits((US_MARKETING,)))
    assert isinstance(american, Refused)
    offered = {str(r.facts["template"]) for r in american.remedies if r.code == "use_template"}
    assert offered == {"utility"}


LIMITS = st.builds(
    SendLimits,
    st.lists(st.sampled_from((FORBIDDEN_COUNTRIES, US_MARKETING)), max_size=2).map(tuple),
    st.none() | st.integers(1, 3),
)
COUNTERS = st.builds(Counters, st.none() | st.integers(0, 4), st.booleans())


@given(LIMITS, COUNTERS, st.sampled_from((ANA, BOSTON, AMERICAN, SPANIARD, HAVANA)), st.sampled_from((OPEN, CLOSED)))
def test_a_remedy_offered_as_sufficient_is_sufficient_under_secondary_rules(
    limits: SendLimits, counters: Counters, to: Address, window: Window
) -> None:
    contents: tuple[Content, ...] = (Text("Hola"), *(TemplateMessage(name) for name in TEMPLATES))
    for content in contents:
        verdict = ask(content, to, limits=limits, counters=counters, window=window)
        if not isinstance(verdict, Refused):
            continue
        for remedy in (remedy for remedy in verdict.remedies if remedy.sufficient):
            if remedy.code == "customer_writes":
                again = ask(content, to, limits=limits, counters=counters, window=OPEN)
            else:
                again = ask(TemplateMessage(str(remedy.facts["template"])), to, limits=limits, counters=counters)
            assert isinstance(again, Allowed), remedy


@pytest.mark.parametrize(
    ("counted", "window", "expected"),
    [
        (Counters(), CLOSED, "tier_not_counted"),
        (Counters(6), CLOSED, "tier_free"),
        (Counters(7), CLOSED, "tier_nearly_used_up"),
        (Counters(9), CLOSED, "tier_nearly_used_up"),
        (Counters(10), CLOSED, "tier_used_up"),
        (Counters(10, counted=True), CLOSED, "tier_counted_already"),
        (Counters(10), OPEN, None),
    ],
)
def test_the_messaging_tier_counts_who_is_written_to_first(counted: Counters, window: Window, expected: str) -> None:
    verdict = ask(HELLO, limits=SendLimits(daily_recipients=10), counters=counted, window=window)
    assert code(verdict, "WA-TIER") == expected
    assert isinstance(verdict, Allowed) == (expected != "tier_used_up")


@pytest.mark.parametrize(("limit", "share"), [(0, 0.8), (-1, 0.8), (5, 0), (5, 1.1)])
def test_limits_that_cannot_be_are_refused(limit: int, share: float) -> None:
    with pytest.raises(InvalidValue):
        SendLimits(daily_recipients=limit, warn_at=share)


@pytest.mark.parametrize(
    "content",
    [
        Media("https://example.com/a.jpg", "image/jpeg", "ñ" * (MAX_PAYLOAD // 2)),
        Location(1, 1, "x" * MAX_PAYLOAD, "y"),
    ],
)
def test_att_14_a_message_has_at_most_28_kilobytes(content: Content) -> None:
    verdict = ask(content, window=OPEN)
    assert reason(verdict) == "payload_too_large"
    assert verdict.trace[-1].rule == "ATT-14"
    smaller = Location(1, 1, "x" * MAX_PAYLOAD)
    assert code(ask(smaller, window=OPEN), "ATT-14") == "payload_fits"


def test_a_rate_that_is_kept_says_from_when_on() -> None:
    later = NOW + timedelta(seconds=6)
    verdict = ask(Text("Hola"), window=OPEN, free_at=(("WA-PAIR-RATE", later), ("WA-SENDER-RATE", NOW)))
    assert isinstance(verdict, Allowed)
    assert verdict.not_before == later
    assert (code(verdict, "WA-PAIR-RATE"), code(verdict, "WA-SENDER-RATE")) == ("rate_waits", "rate_free")


CARD = RateCard(
    "EUR",
    [Price("", Charge.UTILITY, "0.05"), Price("+34", Charge.UTILITY, "0.02"), Price("+34", Charge.SERVICE, "0.01")],
    free_replies=2,
    free_in_window=frozenset({Charge.UTILITY}),
)


@pytest.mark.parametrize(
    ("content", "to", "more", "amount", "expected"),
    [
        (HELLO, ANA, {}, "0.02", "cost_by_card"),
        (HELLO, TORONTO, {}, "0.05", "cost_by_card"),
        (HELLO, ANA, {"window": OPEN}, "0", "cost_free_in_window"),
        (HELLO, ANA, {"free_entry": FreeEntry(NOW, "ad", NOW)}, "0", "cost_free_entry"),
        (TemplateMessage("marketing"), ANA, {}, None, "cost_unknown"),
        (Text("Hola"), ANA, {"window": OPEN, "counters": Counters(replies=1)}, "0", "cost_free_reply"),
        (Text("Hola"), ANA, {"window": OPEN, "counters": Counters(replies=2)}, "0.01", "cost_by_card"),
        (Text("Hola"), ANA, {"window": OPEN}, "0.01", "cost_by_card"),
    ],
)
def test_a_decision_carries_its_cost(
    content: Content, to: Address, more: dict[str, Any], amount: str | None, expected: str
) -> None:
    verdict = ask(content, to, limits=SendLimits(rates=CARD), **more)
    assert isinstance(verdict, Allowed)
    assert code(verdict, "WA-COST") == expected
    assert (verdict.cost.amount if verdict.cost else None) == (Decimal(amount) if amount is not None else None)


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(InvalidValue, match="amount"):
        Price("", Charge.SERVICE, "-1")


# counted in the store


class Desk:
    def __init__(self, limits: SendLimits) -> None:
        known = shop()
        rules = Rules(
            [attrs.evolve(number, limits=limits) for number in known.numbers],
            known.workstreams,
            known.queues,
            TEMPLATES.values(),
        )
        self.clock = FixedClock(NOW)
        self.store = MemoryStore()
        self.provider = RecordingTransport(self.clock)
        self.one, self.two = (
            Omnichannel(rules, store=self.store, transport=self.provider, clock=self.clock) for _ in range(2)
        )

    def kinds(self) -> list[str]:
        return [happening.event.kind for happening in self.one.events(limit=1000)]


def customer(n: int) -> Address:
    return Address(f"+3460000000{n}")


def test_every_process_and_number_counts_towards_one_tier_and_the_warning_is_given_once() -> None:
    """Unique customers in a rolling period of 24 hours; who is counted already may be written to again."""
    desk = Desk(SendLimits(daily_recipients=5))
    for n, who in enumerate((desk.one, desk.two, desk.one, desk.two, desk.two)):
        who.send((NUMBER, OTHER_NUMBER)[n % 2], customer(n), HELLO)
    assert desk.kinds().count("tier_nearly_used_up") == 1
    with pytest.raises(Refused, match="used up"):
        desk.two.send(NUMBER, customer(5), HELLO)
    desk.one.send(OTHER_NUMBER, customer(0), HELLO)
    assert desk.store.select(Reached("default", NOW - timedelta(hours=24))) == 5
    desk.clock.advance(timedelta(hours=24))
    desk.one.send(NUMBER, customer(5), HELLO)
    assert len(desk.provider.arrived) == 7


def test_a_month_has_so_many_free_replies_per_number() -> None:
    desk = Desk(SendLimits(rates=CARD))
    for n in range(3):
        desk.one.receive(desk.provider.webhook(Inbound(f"IN{n}", NUMBER, (customer(n),), Text("Hola")), NOW))
    codes = []
    for n in range(3):
        verdict = desk.two.can_send(NUMBER, customer(n), Text("Buenas"))
        codes.append(code(verdict, "WA-COST"))
        desk.one.send(NUMBER, customer(n), Text("Buenas"))
    assert codes == ["cost_free_reply", "cost_free_reply", "cost_by_card"]
    desk.clock.advance(timedelta(hours=20))
    assert code(desk.two.can_send(OTHER_NUMBER, ANA, HELLO), "WA-COST") == "cost_by_card"


def test_a_message_that_has_to_be_tried_again_is_counted_once() -> None:
    desk = Desk(SendLimits(rates=CARD))
    desk.one.receive(desk.provider.webhook(Inbound("IN", NUMBER, (ANA,), Text("Hola")), NOW))
    desk.provider.plan(NotSent("busy"))
    desk.one.send(NUMBER, ANA, Text("Buenas"))
    desk.clock.advance(timedelta(minutes=1))
    desk.one.tick()
    assert len(desk.provider.arrived) == 1
    assert code(desk.one.can_send(NUMBER, ANA, Text("Buenas")), "WA-COST") == "cost_free_reply"
    assert desk.provider.handed[1:]


def test_a_code_goes_to_the_phone_number_of_a_customer_who_writes_under_another_address() -> None:
    desk = Desk(SendLimits())
    desk.one.receive(desk.provider.webhook(Inbound("IN", NUMBER, (SPANIARD, ANA), Text("Hola")), NOW))
    desk.one.send(NUMBER, SPANIARD, TemplateMessage("authentication"))
    desk.one.send(NUMBER, SPANIARD, Text("Hola"))
    assert [handed.outgoing.to for handed in desk.provider.arrived] == [ANA, SPANIARD]
