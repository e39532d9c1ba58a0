"""Decisions whose every word is stated: codes, facts and remedies, at the edges."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.shop import CONTENT_SID, NOW

from wa_omnichannel import sending
from wa_omnichannel.messages import MAX_TEXT, Location, TemplateMessage, Text
from wa_omnichannel.sending import MAX_VALIDITY, Allowed, SendPolicy, Situation
from wa_omnichannel.sending.limits import MAX_PAYLOAD
from wa_omnichannel.session import WINDOW, Window
from wa_omnichannel.templates import MAX_FILLED, Approval, Template, Translation

OPEN = Situation(Window(NOW))
BODY = "Hola " + " ".join(f"{{{{{n}}}}}" for n in range(1, 31))
MANY = Template("many", (Translation("es", BODY, Approval.APPROVED, CONTENT_SID),), "es")


def test_a_verdict_in_an_open_window_says_until_when_and_how_long() -> None:
    verdict = sending.decide(SendPolicy(), OPEN, Text("Hola"), NOW + timedelta(hours=20))
    assert isinstance(verdict, Allowed)
    assert (verdict.deadline, verdict.validity) == (NOW + WINDOW, timedelta(hours=4))
    assert verdict.trace[-1].facts == {
        "closes_at": NOW + WINDOW,
        "now": NOW + timedelta(hours=20),
        "remaining": timedelta(hours=4),
    }
    assert (verdict.rest, verdict.cost, verdict.not_before) == ((), None, None)


@pytest.mark.parametrize(
    ("left", "validity"),
    [
        (timedelta(hours=24), MAX_VALIDITY),
        (MAX_VALIDITY, MAX_VALIDITY),
        (MAX_VALIDITY - timedelta(microseconds=1), MAX_VALIDITY - timedelta(seconds=1)),
        (timedelta(seconds=1.9), timedelta(seconds=1)),
        (timedelta(seconds=0.5), timedelta(seconds=1)),
    ],
)
def test_the_provider_holds_it_whole_seconds_up_to_ten_hours(left: timedelta, validity: timedelta) -> None:
    verdict = sending.decide(SendPolicy(), OPEN, Text("Hola"), NOW + WINDOW - left)
    assert isinstance(verdict, Allowed)
    assert verdict.validity == validity


@pytest.mark.parametrize(
    ("window", "margin", "code", "facts"),
    [
        (Window(), timedelta(0), "window_never_opened", {}),
        (Window(NOW, NOW), timedelta(0), "window_refuted", {"last_inbound_at": NOW, "refuted_at": NOW}),
        (
            Window(NOW - WINDOW),
            timedelta(0),
            "window_closed",
            {"last_inbound_at": NOW - WINDOW, "closed_at": NOW, "now": NOW, "margin": timedelta(0)},
        ),
        (
            Window(NOW - WINDOW + timedelta(minutes=5)),
            timedelta(minutes=5),
            "window_in_margin",
            {
                "last_inbound_at": NOW - WINDOW + timedelta(minutes=5),
                "closed_at": NOW,
                "now": NOW,
                "margin": timedelta(minutes=5),
            },
        ),
        (
            Window(NOW - WINDOW),
            timedelta(minutes=5),
            "window_closed",
            {
                "last_inbound_at": NOW - WINDOW,
                "closed_at": NOW - timedelta(minutes=5),
                "now": NOW,
                "margin": timedelta(minutes=5),
            },
        ),
    ],
)
def test_peers_case_7_a_closed_window_says_how_it_closed(
    window: Window, margin: timedelta, code: str, facts: dict[str, object]
) -> None:
    verdict = sending.decide(SendPolicy(margin=margin), Situation(window), Text("Hola"), NOW)
    assert not isinstance(verdict, Allowed)
    decided = verdict.trace[-1]
    assert (decided.rule, decided.code, decided.facts) == ("SES-4", code, facts)
    assert [(remedy.code, remedy.sufficient) for remedy in verdict.remedies] == [
        ("approve_template", False),
        ("customer_writes", True),
    ]


@pytest.mark.parametrize(
    ("body", "code", "facts", "remedies"),
    [
        (" \n", "text_empty", {}, []),
        ("x" * MAX_TEXT, "text_fits", {"length": MAX_TEXT, "limit": 1600}, None),
        ("x" * (MAX_TEXT + 1), "text_too_long", {"length": MAX_TEXT + 1, "limit": 1600}, ["split_text"]),
    ],
)
def test_the_length_of_a_text(body: str, code: str, facts: dict[str, object], remedies: list[str] | None) -> None:
    verdict = sending.decide(SendPolicy(), OPEN, Text(body), NOW)
    check = next(check for check in verdict.trace if check.rule == "WA-TEXT")
    assert (check.code, check.facts) == (code, facts)
    if not isinstance(verdict, Allowed):
        assert [remedy.code for remedy in verdict.remedies] == remedies
        assert all(remedy.facts == facts and not remedy.sufficient for remedy in verdict.remedies)


@pytest.mark.parametrize(
    ("place", "met"),
    [
        (Location(90, 180), True),
        (Location(-90, -180), True),
        (Location(90.1, 0), False),
        (Location(-90.1, 0), False),
        (Location(0, 180.1), False),
        (Location(0, -180.1), False),
    ],
)
def test_a_place_is_on_earth(place: Location, met: bool) -> None:
    verdict = sending.decide(SendPolicy(), OPEN, place, NOW)
    check = verdict.trace[0]
    assert (check.rule, check.met, check.code) == ("WA-SEND", met, "location_on_earth" if met else "location_off_earth")
    assert check.facts == {"latitude": place.latitude, "longitude": place.longitude}


def test_att_14_the_values_of_a_template_count_towards_28_kilobytes() -> None:
    """Checked only where they can come near; the words of the refusal name the bytes."""
    policy = SendPolicy("es", {"many": MANY})
    long = {str(n): "ñ" * 34 for n in range(1, 31)}
    verdict = sending.decide(policy, OPEN, TemplateMessage("many", long), NOW)
    assert not isinstance(verdict, Allowed)
    assert verdict.reason == "template_variables_wrong"
    assert verdict.remedies[0].code == "shorten_variables"
    assert verdict.remedies[0].facts["limit"] == MAX_FILLED


@pytest.mark.parametrize(("size", "met"), [(MAX_PAYLOAD, True), (MAX_PAYLOAD + 1, False)])
def test_att_14_the_limit_is_exact(size: int, met: bool) -> None:
    verdict = sending.decide(SendPolicy(), OPEN, Location(1, 1, "x" * (size - 2), "yy"), NOW)
    check = next(check for check in verdict.trace if check.rule == "ATT-14")
    assert (check.met, check.facts) == (met, {"size": size, "limit": 28 * 1024})
    if not isinstance(verdict, Allowed):
        assert [(remedy.code, remedy.facts) for remedy in verdict.remedies] == [("send_less", check.facts)]


def test_a_template_that_is_not_there_is_named_with_those_that_are() -> None:
    verdict = sending.decide(SendPolicy("es", {"many": MANY}), OPEN, TemplateMessage("gone"), NOW)
    assert not isinstance(verdict, Allowed)
    assert (verdict.trace[-1].rule, verdict.reason) == ("TPL-3", "template_unknown")
    assert verdict.facts == {"template": "gone", "known": ("many",)}
    assert [remedy.code for remedy in verdict.remedies] == ["add_template"]
