"""Senders, Messaging Services and the set-up of a number, in both colours against the local Twilio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.twilio.conftest import ACCOUNT, NUMBER, TOKEN, RawServer, reply
from tests.twilio.test_contents import Ask, asker, no_sleep

from wa_omnichannel.adapters.twilio import senders, setup
from wa_omnichannel.adapters.twilio.senders import UNLIMITED, daily_limit
from wa_omnichannel.addresses import Address
from wa_omnichannel.cli import main
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.errors import InvalidValue, TransportError

__all__ = ["asker"]  # the fixture with both colours

INBOUND, STATUS = "https://shop.example/wa/inbound", "https://shop.example/wa/status"
WANTED = setup.Wanted(NUMBER, INBOUND, STATUS)
Asker = Callable[..., Ask]


def webhook(twilio: Emulator) -> dict[str, str | None]:
    number = twilio.world.senders.get(f"whatsapp:{NUMBER}")
    assert number is not None
    return {"inbound": number.inbound_url, "status": number.status_url, "fallback": number.fallback_url}


def test_a_sender_tells_its_status_quality_and_tier(asker: Asker, twilio: Emulator) -> None:
    twilio.add_number(
        NUMBER,
        quality_rating="LOW",
        messaging_limit="10K Customers/24hr",
        status="OFFLINE",
        offline_reasons=({"code": "63020", "message": "Not registered"},),
    )
    (found,) = asker(twilio.base_url, no_sleep)(senders.senders())
    assert (found.address, found.status, found.quality, found.daily_limit) == (
        f"whatsapp:{NUMBER}",
        "OFFLINE",
        "LOW",
        10_000,
    )
    assert not found.online
    assert found.offline_reasons == ("63020 Not registered",)


@pytest.mark.parametrize(
    ("tier", "limit"),
    [
        ("250 Customers/24hr", 250),
        ("1K Customers/24hr", 1000),
        ("TIER_2K", 2000),
        ("TIER_100K", 100_000),
        ("1.5M Customers/24hr", 1_500_000),
        ("Unlimited Customers/24hr", UNLIMITED),
        ("TIER_UNLIMITED", UNLIMITED),
        ("TIER_NOT_SET", None),
        ("", None),
    ],
)
def test_tiers(tier: str, limit: int | None) -> None:
    assert daily_limit(tier) == limit


def test_a_plan_is_made_carried_out_and_read_back(asker: Asker, twilio: Emulator) -> None:
    """What is not named stays: read, merge, write, read back."""
    twilio.add_number(NUMBER, "https://old.example/in", fallback_url="https://old.example/fallback")
    ask = asker(twilio.base_url, no_sleep)
    found = ask(setup.survey(WANTED))
    assert [(step.setting, step.before, step.after) for step in found.plan] == [
        ("callback_url", "https://old.example/in", INBOUND),
        ("status_callback_url", "", STATUS),
    ]
    assert not found.ready
    after = ask(setup.apply(found))
    assert after.ready
    assert after.plan == ()
    assert webhook(twilio) == {"inbound": INBOUND, "status": STATUS, "fallback": "https://old.example/fallback"}
    before = len(twilio.requests)
    assert ask(setup.apply(after)).ready
    assert all(each.method == "GET" for each in twilio.requests[before:]), "nothing to do, nothing written"


@pytest.mark.parametrize("own", [True, False])
def test_a_messaging_service_is_compared_too(asker: Asker, twilio: Emulator, own: bool) -> None:
    """Its webhook counts instead of the sender's, unless it leaves that to the sender."""
    url: dict[str, Any] = {} if own else {"inbound_request_url": "https://old.example/in"}
    service = twilio.add_messaging_service(NUMBER, **url)
    twilio.add_messaging_service(inbound_request_url="https://other.example/in")  # of another number: left alone
    ask = asker(twilio.base_url, no_sleep)
    found = ask(setup.survey(WANTED))
    expected = {"status_callback": STATUS} | ({} if own else {"inbound_request_url": INBOUND})
    assert {step.setting: step.after for step in found.plan if step.place == service} == expected
    after = ask(setup.apply(found))
    assert after.ready
    (kept,) = after.services
    assert kept.overrules_sender != own
    assert kept.name == "Local service"


def test_what_nobody_here_can_mend_is_an_error(asker: Asker, twilio: Emulator) -> None:
    ask = asker(twilio.base_url, no_sleep)
    strange = ask(setup.survey(setup.Wanted(Address("+14155550199"), INBOUND, STATUS)))
    assert [(each.code, each.error) for each in strange.findings] == [("setup_no_sender", True)]
    assert (strange.plan, strange.ready) == ((), False)
    twilio.add_number(NUMBER, INBOUND, STATUS, status="OFFLINE", quality_rating="LOW")
    offline = ask(setup.survey(WANTED))
    assert [each.code for each in offline.findings] == ["setup_offline", "setup_low_quality", "setup_limit"]
    assert (offline.plan, offline.ready) == ((), False)
    for finding in (*strange.findings, *offline.findings):
        assert finding.sentence("es") != finding.sentence("en")
        assert "?" not in finding.sentence("en")


def test_settings_that_do_not_show_are_an_error(asker: Asker, raw: RawServer) -> None:
    sid = "XE" + "0" * 32
    body = f'{{"sid": "{sid}", "sender_id": "whatsapp:+1", "status": "ONLINE", "webhook": {{}}}}'.encode()
    raw.answer = lambda handler: reply(handler, 200, body)
    slept: list[float] = []
    with pytest.raises(TransportError, match="does not show"):
        asker(raw.url, slept.append)(senders.set_webhook(sid, {"callback_url": INBOUND}))
    assert 60 <= sum(slept) <= 62
    assert sum(each.method == "POST" for each in raw.seen) == 1


@pytest.mark.parametrize("question", [senders.sender, senders.service])
def test_only_sids_make_a_path(question: Any) -> None:
    with pytest.raises(InvalidValue):
        next(question("../x"))


# --- the command


@pytest.fixture
def arguments(twilio: Emulator, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    named = {"account-sid": ACCOUNT, "number": NUMBER, "public-url": "https://shop.example/wa"}
    options = [text for name, value in named.items() for text in (f"--{name}", value)]
    return ["twilio", "setup", *options, "--base-url", twilio.base_url]


def test_the_command_shows_the_plan(arguments: list[str], twilio: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--plan"]) == 1
    shown = capsys.readouterr().out
    assert f"callback_url from - to {INBOUND}" in shown
    assert webhook(twilio)["inbound"] is None


def test_the_command_carries_the_plan_out(
    arguments: list[str], twilio: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--yes", "--language", "es"]) == 0
    assert "Todo está configurado." in capsys.readouterr().out
    assert webhook(twilio)["inbound"] == INBOUND
    assert main([*arguments, "--plan"]) == 0


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("", 1), ("no", 1)])
def test_the_command_asks(twilio: Emulator, monkeypatch: pytest.MonkeyPatch, answer: str, status: int) -> None:
    asked: list[str] = []
    answers = iter([ACCOUNT, NUMBER, "https://shop.example/wa", answer])

    def tell(prompt: str) -> str:
        asked.append(prompt)
        return next(answers)

    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    monkeypatch.setattr("builtins.input", tell)
    monkeypatch.setattr("getpass.getpass", lambda _: TOKEN)
    assert main(["twilio", "setup", "--base-url", twilio.base_url]) == status
    assert len(asked) == 4
    assert (webhook(twilio)["inbound"] == INBOUND) == (status == 0)


def test_the_command_says_what_is_wrong(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "wrong-token")
    assert main([*arguments, "--plan"]) == 2
    said = capsys.readouterr().err
    assert "401" in said
    assert "wrong-token" not in said
