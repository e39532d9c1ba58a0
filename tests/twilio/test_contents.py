"""Templates at the provider, in both colours against the local Twilio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.twilio.conftest import ACCOUNT, PUBLIC, TOKEN, RawServer, reply

from wa_omnichannel.adapters.twilio import (
    Account,
    AsyncTwilioApi,
    AsyncTwilioTransport,
    TwilioApi,
    TwilioTransport,
    contents,
)
from wa_omnichannel.adapters.twilio.calls import Question, T
from wa_omnichannel.adapters.twilio.error_codes import UNKNOWN, advice
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.errors import InvalidValue, OutcomeUnknown, TransportError, TransportUnavailable
from wa_omnichannel.ports import AsyncTemplateSource, TemplateSource
from wa_omnichannel.templates import (
    ALERTS,
    Approval,
    Button,
    ButtonKind,
    Category,
    Standing,
    Translation,
    Variable,
    advance,
)
from wa_omnichannel.templates.syncing import grouped, sync
from wa_omnichannel.templates.wire import Holdings

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOLA = Translation("es", "Hola {{1}}, su pedido está listo para recoger.", declared=(Variable("1", sample="Ana"),))

Ask = Callable[[Question[Any]], Any]


def _blocking(url: str, sleep: Callable[[float], object]) -> Ask:
    def run(question: Question[T]) -> T:
        with TwilioApi(Account.of(ACCOUNT, TOKEN, base_url=url), sleep=sleep) as api:
            return api.run(question)

    return run


def _coroutines(url: str, sleep: Callable[[float], object]) -> Ask:
    async def asleep(seconds: float) -> None:
        sleep(seconds)

    async def arun(question: Question[T]) -> T:
        async with AsyncTwilioApi(Account.of(ACCOUNT, TOKEN, base_url=url), sleep=asleep) as api:
            return await api.run(question)

    return lambda question: asyncio.run(arun(question))


@pytest.fixture(params=[_blocking, _coroutines], ids=["blocking", "coroutines"])
def asker(request: pytest.FixtureRequest) -> Callable[..., Ask]:
    found: Callable[..., Ask] = request.param
    return found


@pytest.fixture
def reviewed() -> Iterator[Emulator]:
    """A local Twilio that reviews only when it is told to."""
    with Emulator(ACCOUNT, TOKEN, delay=0.001, reviews=False) as emulator:
        yield emulator


def no_sleep(_: float) -> None:
    return


def test_a_template_from_creation_to_deletion(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    """TPL-6: one content per language; created, submitted, awaited, listed and deleted."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            reviewed.review_template(sid)

    ask = asker(reviewed.base_url, sleep)
    sid = ask(contents.create("pedido", HOLA))
    held = ask(contents.fetch(sid, NOW))
    assert (held.name, held.content_sid, held.translation.approval.state) == ("pedido", sid, Approval.UNSUBMITTED)
    assert held.translation.body == HOLA.body
    ask(contents.change(sid, "pedido", Translation("es", "Hola {{1}}, venga a por su pedido.", declared=HOLA.declared)))
    submitted = ask(contents.submit(sid, "pedido_recogida", Category.UTILITY))
    assert (submitted.state, submitted.open) == (Approval.RECEIVED, True)
    verdict = ask(contents.wait(sid))
    assert (verdict.state, verdict.category, verdict.open) == (Approval.APPROVED, Category.UTILITY, False)
    assert slept == [5.0, 7.5, 11.25]
    (mine,) = [each for each in ask(contents.holdings(NOW)).held if each.content_sid == sid]
    assert (mine.name, mine.translation.approval.read_at) == ("pedido_recogida", NOW)
    assert "venga" in mine.translation.body
    ask(contents.delete(sid))
    with pytest.raises(TransportError) as caught:
        ask(contents.fetch(sid, NOW))
    assert (caught.value.http_status, caught.value.provider_code) == (404, 20404)


def test_every_kind_is_written_as_json(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    """The SDK's client for coroutines writes a form under the name of JSON (its issue 932)."""
    buttons = (Button(ButtonKind.QUICK_REPLY, "Sí", "yes"), Button(ButtonKind.QUICK_REPLY, "No", "no"))
    translation = Translation("es", "¿Le viene bien mañana por la tarde?", kind="twilio/quick-reply", buttons=buttons)
    sid = asker(reviewed.base_url, no_sleep)(contents.create("cita", translation))
    request = next(each for each in reviewed.requests if each.method == "POST")
    assert request.path == "/v1/Content"
    stored = reviewed.world.template(sid)
    assert stored is not None
    assert stored.types["twilio/quick-reply"]["actions"] == [
        {"type": "QUICK_REPLY", "title": "Sí", "id": "yes"},
        {"type": "QUICK_REPLY", "title": "No", "id": "no"},
    ]


def test_a_rejection_has_its_reason(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    ask = asker(reviewed.base_url, no_sleep)
    sid = ask(contents.create("mal", Translation("es", "{{1}} hola", declared=(Variable("1", sample="Ana"),))))
    ask(contents.submit(sid, "mal", Category.UTILITY))
    reviewed.review_template(sid)
    verdict = ask(contents.wait(sid))
    assert verdict.state is Approval.REJECTED
    assert "begins or ends with a variable" in verdict.reason


def test_a_second_submission_is_refused_with_advice(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    ask = asker(reviewed.base_url, no_sleep)
    sid = ask(contents.create("pedido", HOLA))
    ask(contents.submit(sid, "pedido", Category.UTILITY))
    with pytest.raises(TransportError) as caught:
        ask(contents.submit(sid, "pedido", Category.UTILITY))
    assert caught.value.provider_code == 92009
    assert "new content" in caught.value.advice


@pytest.mark.parametrize("processed", [True, False])
def test_a_lost_answer_to_a_submission_is_looked_up(
    asker: Callable[..., Ask], reviewed: Emulator, processed: bool
) -> None:
    """It never leads to a second submission."""
    ask = asker(reviewed.base_url, no_sleep)
    sid = ask(contents.create("pedido", HOLA))
    reviewed.faults.fail_next(503, processed=processed)
    if processed:
        assert ask(contents.submit(sid, "pedido", Category.UTILITY)).state is Approval.RECEIVED
    else:
        with pytest.raises(OutcomeUnknown):
            ask(contents.submit(sid, "pedido", Category.UTILITY))
    paths = [each.path for each in reviewed.requests if each.method == "POST"]
    assert paths.count(f"/v1/Content/{sid}/ApprovalRequests/whatsapp") == 1


def test_a_lost_answer_to_a_creation_says_so(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    faults = (lambda: reviewed.faults.fail_next(500, processed=True), reviewed.faults.disconnect_next)
    for n, fault in enumerate(faults, 1):
        fault()
        with pytest.raises(OutcomeUnknown) as caught:
            asker(reviewed.base_url, no_sleep)(contents.create("pedido", HOLA))
        assert not caught.value.retryable
        assert sum(each.method == "POST" for each in reviewed.requests) == n


def test_a_wait_ends(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    slept: list[float] = []
    ask = asker(reviewed.base_url, slept.append)
    sid = ask(contents.create("pedido", HOLA))
    ask(contents.submit(sid, "pedido", Category.UTILITY))
    assert ask(contents.wait(sid, timedelta(minutes=1))).open
    assert sum(slept) == 60


def test_a_wait_outlasts_a_provider_that_is_away(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    """A fault in the middle of two days of waiting does not end them."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            reviewed.faults.fail_next(503, method="GET", times=2)
        if len(slept) == 3:
            reviewed.review_template(sid)

    ask = asker(reviewed.base_url, sleep)
    sid = ask(contents.create("pedido", HOLA))
    ask(contents.submit(sid, "pedido", Category.UTILITY))
    assert ask(contents.wait(sid)).state is Approval.APPROVED
    assert len(slept) == 3


def test_filters_are_those_of_the_second_version(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    ask = asker(reviewed.base_url, no_sleep)
    ask(contents.create("pedido", HOLA))
    ask(contents.create("order", Translation("en", "Your order is ready to be collected.")))

    def names(**filters: Any) -> list[str]:
        return [each.name for each in ask(contents.holdings(NOW, contents.Filters(**filters))).held]

    assert names(languages=("es",), states=(Approval.UNSUBMITTED,)) == ["pedido"]
    assert names(name="order", states=(Approval.UNSUBMITTED,)) == ["order"]
    assert names(text="recoger") == ["pedido"]
    assert names(kinds=("twilio/card",)) == []
    assert names(created_after=datetime.now(UTC) + timedelta(hours=1)) == []
    both = {"states": (Approval.UNSUBMITTED,)}
    assert names(newest_first=True, **both) == list(reversed(names(newest_first=False, **both)))
    with pytest.raises(InvalidValue, match="created_after"):
        names(created_after=datetime(2026, 1, 1))  # noqa: DTZ001 - naive on purpose


def test_every_page_is_read(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    with TwilioApi(Account.of(ACCOUNT, TOKEN, base_url=reviewed.base_url)) as api:
        sids = {api.run(contents.create(f"t{n}", HOLA)) for n in range(205)}
    before = len(reviewed.requests)
    found = asker(reviewed.base_url, no_sleep)(contents.holdings(NOW))
    assert sids < {each.content_sid for each in found.held}
    assert len(reviewed.requests) - before == 3


ENTRY = {"sid": "HX" + "0" * 32, "friendly_name": "x", "language": "es", "types": {"twilio/text": {"body": "Hola"}}}


def test_an_entry_that_cannot_be_read_is_named_and_the_others_are_read(
    asker: Callable[..., Ask], raw: RawServer
) -> None:
    strange = {**ENTRY, "types": {}}
    page = {"contents": [ENTRY, strange], "meta": {"next_page_url": None}}
    raw.answer = lambda handler: reply(handler, 200, json.dumps(page).encode())
    found = asker(raw.url, no_sleep)(contents.holdings(NOW))
    assert len(found.held) == 1
    assert [(each.place, each.content_sid) for each in found.unread] == [(2, ENTRY["sid"])]


def test_the_next_page_is_never_asked_of_another_host(asker: Callable[..., Ask], raw: RawServer) -> None:
    """Credentials stay with the address that was configured."""
    pages = [
        {"contents": [], "meta": {"next_page_url": "https://evil.example/v1/ContentAndApprovals?Page=1"}},
        {"contents": [], "meta": {"next_page_url": None}},
    ]
    raw.answer = lambda handler: reply(handler, 200, json.dumps(pages[len(raw.seen) - 1]).encode())
    asker(raw.url, no_sleep)(contents.holdings(NOW))
    assert [each.path for each in raw.seen][1] == "/v1/ContentAndApprovals?Page=1"


def test_pages_in_a_circle_end(asker: Callable[..., Ask], raw: RawServer) -> None:
    page = {"contents": [], "meta": {"next_page_url": f"{raw.url}/v1/ContentAndApprovals?Page=1"}}
    raw.answer = lambda handler: reply(handler, 200, json.dumps(page).encode())
    with pytest.raises(TransportError, match="circle"):
        asker(raw.url, no_sleep)(contents.holdings(NOW))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b'{"contents": 7}', b'{"contents": [7]}', b"[" * 99999])
def test_an_answer_without_sense(asker: Callable[..., Ask], raw: RawServer, body: bytes) -> None:
    raw.answer = lambda handler: reply(handler, 200, body)
    with pytest.raises(TransportError, match="makes no sense"):
        asker(raw.url, no_sleep)(contents.holdings(NOW))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_question_can_be_asked_again(asker: Callable[..., Ask], raw: RawServer, status: int) -> None:
    raw.answer = lambda handler: reply(handler, status, b"", Retry_After="7")
    with pytest.raises(TransportUnavailable) as caught:
        asker(raw.url, no_sleep)(contents.holdings(NOW))
    assert caught.value.retryable
    assert caught.value.retry_after == (timedelta(seconds=7) if status == 429 else None)
    assert len(raw.seen) == 1


@pytest.mark.parametrize("sid", ["", "HX1", "SM" + "0" * 32, "HX" + "0" * 31 + "/", "../Messages"])
def test_only_content_sids_make_a_path(sid: str) -> None:
    with pytest.raises(InvalidValue, match="content_sid"):
        next(contents.review(sid))


@given(st.timedeltas(timedelta(0), timedelta(hours=72)))
def test_the_schedule_of_a_wait(longest: timedelta) -> None:
    """Pauses never shrink but for the last, are at most 10 min, and last as long as asked, to the microsecond."""
    found = list(contents.pauses(longest))
    assert sum(found, timedelta(0)) == longest
    assert found[:-1] == sorted(found[:-1])
    assert all(timedelta(0) < pause <= timedelta(minutes=10) for pause in found)


# --- joining with what we define


def test_contents_of_one_name_are_one_template(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    """TPL-6: one content per language at the provider, one template with translations here."""
    ask = asker(reviewed.base_url, no_sleep)
    for translation in (HOLA, Translation("en", "Hello, your order is ready to be collected.")):
        ask(contents.submit(ask(contents.create("x", translation)), "pedido", Category.UTILITY))
    twice = ask(contents.create("x", HOLA))
    ask(contents.submit(twice, "pedido", Category.MARKETING))
    reviewed.review_template(twice)
    found = grouped(ask(contents.holdings(NOW)).held, "en")
    (template,) = [each for each in found.templates if each.name == "pedido"]
    assert {each.language: each.approved for each in template.translations} == {"es": True, "en": False}
    assert (template.default_language, template.category) == ("en", Category.MARKETING)
    chosen = template.translation("es")
    assert chosen is not None
    assert chosen.content_sid == twice, "of two in one language the approved one counts"
    assert [each.name for each in found.left_out] == ["pedido"]


def test_a_sync_reports_changes_drift_and_strangers(asker: Callable[..., Ask], reviewed: Emulator) -> None:
    """TPL-5: found by text, refreshed, and compared with what is defined here."""
    ask = asker(reviewed.base_url, no_sleep)
    sid = ask(contents.create("pedido", HOLA))
    ask(contents.submit(sid, "pedido", Category.UTILITY))
    reviewed.review_template(sid)
    (mine,) = [each for each in grouped(ask(contents.holdings(NOW)).held).templates if each.name == "pedido"]
    reviewed.set_template_status(sid, "paused")
    ask(contents.create("otra", Translation("es", "Otra cosa que nadie define aquí.")))
    later = ask(contents.holdings(NOW + timedelta(hours=1)))
    found = sync([mine], later.held, later.read_at, later.unread)
    assert [(change.code, change.after) for change in found.changes] == [("template_approval_changed", "paused")]
    assert found.drift == {}
    assert {each.name for each in found.strangers} == {"pedido_listo", "order_ready", "otra"}

    edited = attrs.evolve(mine, translations=(attrs.evolve(mine.translations[0], body="Hola {{1}}, ya puede venir."),))
    differences = sync([edited], later.held, later.read_at, later.unread).drift["pedido"]
    assert [(each.field, each.theirs) for each in differences] == [("body", HOLA.body)]


@pytest.mark.anyio
async def test_the_transports_are_template_sources(reviewed: Emulator) -> None:
    settings: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": reviewed.base_url}
    async with AsyncTwilioTransport(public_url=PUBLIC, **settings) as transport:
        source: AsyncTemplateSource = transport
        later = await source.holdings(NOW)

    def blocking() -> Holdings:
        with TwilioTransport(public_url=PUBLIC, **settings) as transport:
            source: TemplateSource = transport
            return source.holdings(NOW)

    assert await asyncio.to_thread(blocking) == later
    assert {each.name for each in later.held} == {"pedido_listo", "order_ready"}


@pytest.mark.parametrize(
    ("code", "state"), [(63040, Approval.REJECTED), (63041, Approval.PAUSED), (63042, Approval.DISABLED)]
)
def test_the_debuggers_alerts_move_the_approval(code: int, state: Approval, reviewed: Emulator) -> None:
    """Each alert about a template names a state, and has its advice."""
    reviewed.set_template_status(reviewed.pedido_listo_sid, state.value)
    alert = reviewed.alerts[-1]
    moved = advance(Standing(Approval.APPROVED), ALERTS[alert.code], NOW)
    assert alert.code == code
    assert isinstance(moved, Standing)
    assert moved.state is state
    assert advice(code) is not UNKNOWN
