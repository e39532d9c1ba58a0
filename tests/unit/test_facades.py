"""The two façades are one: the same methods, arguments and words, and the same story comes to the same."""

import inspect
import re
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel import ports
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import Preference
from wa_omnichannel.consent import Consent, Scope, Statement
from wa_omnichannel.consent.rows import export_rows
from wa_omnichannel.errors import InvalidValue, NotFound, Refused
from wa_omnichannel.machine import CountingIds, FixedClock, KeyedHashes
from wa_omnichannel.messages import Ambiguous, Inbound, StatusReport, TemplateMessage, Text
from wa_omnichannel.omnichannel import AsyncOmnichannel, Draft, Omnichannel
from wa_omnichannel.outbound import Configuration, Recipient
from wa_omnichannel.privacy import Retention
from wa_omnichannel.supervision import CloseAll
from wa_omnichannel.templates import Approval, ApprovalEvent, override
from wa_omnichannel.testing.fakes import (
    AsyncHeldTemplates,
    AsyncRecordingTransport,
    HeldTemplates,
    RecordingTransport,
)
from wa_omnichannel.workforce import Agent, Presence


def methods(kind: type) -> dict[str, Any]:
    own = {name: value for part in reversed(kind.__mro__) for name, value in vars(part).items()}
    return {name: value for name, value in own.items() if inspect.isfunction(value) and not name.startswith("_")}


BLOCKING, COROUTINES = methods(Omnichannel), methods(AsyncOmnichannel)


def in_blocking_words(annotation: str) -> str:
    return re.sub(r"\bAsync(?=[A-Z])", "", annotation)


def signature(function: Any) -> list[tuple[Any, ...]]:
    found = inspect.signature(function)
    parameters = [(p.name, p.kind, p.default, in_blocking_words(str(p.annotation))) for p in found.parameters.values()]
    return [*parameters, (in_blocking_words(str(found.return_annotation)),)]


def first_line(function: Any) -> str:
    doc = inspect.getdoc(function) or ""
    return re.sub(r"(; see :meth:`Omnichannel\.\w+`)?\.$", "", doc.partition("\n")[0])


def test_both_have_the_same_methods() -> None:
    assert list(BLOCKING) == list(COROUTINES)


@pytest.mark.parametrize("name", ["__init__", *BLOCKING])
def test_both_have_the_same_signatures(name: str) -> None:
    assert signature(getattr(Omnichannel, name)) == signature(getattr(AsyncOmnichannel, name))


@pytest.mark.parametrize("name", BLOCKING)
def test_both_are_described_by_the_same_words(name: str) -> None:
    blocking, coroutine = first_line(BLOCKING[name]), first_line(COROUTINES[name])
    assert coroutine
    assert blocking.startswith(coroutine)


@pytest.mark.parametrize("name", BLOCKING)
def test_a_method_is_a_coroutine_exactly_in_the_async_facade(name: str) -> None:
    assert inspect.iscoroutinefunction(COROUTINES[name]) or name == "on"  # notes a handler, asks nobody
    assert not inspect.iscoroutinefunction(BLOCKING[name])


PORTS = [name for name in vars(ports) if f"Async{name}" in vars(ports)]


@pytest.mark.parametrize("port", PORTS)
def test_every_port_has_a_twin_with_the_same_methods(port: str) -> None:
    one, other = getattr(ports, port), getattr(ports, f"Async{port}")
    assert list(methods(one)) == list(methods(other)) or attrs.has(one)
    for name, method in methods(one).items():
        assert list(inspect.signature(method).parameters) == list(inspect.signature(methods(other)[name]).parameters)


def test_the_ports_are_there() -> None:
    assert {"Store", "Transport", "MediaSource", "BlobStore"} <= set(PORTS)


class Told:
    """What a story came to, whichever façade it was told to."""

    def __init__(self, colour: str) -> None:
        self.clock = FixedClock(NOW)
        self.provider = RecordingTransport(self.clock)
        self.desk: Any = (
            Omnichannel(
                shop(),
                store=MemoryStore(),
                transport=self.provider,
                clock=self.clock,
                ids=CountingIds(),
                pseudonyms=KeyedHashes("k" * 16),
                templates=HeldTemplates(),
            )
            if colour == "blocking"
            else AsyncOmnichannel(
                shop(),
                store=AsyncMemoryStore(),
                transport=AsyncRecordingTransport(self.provider),
                clock=self.clock,
                ids=CountingIds(),
                pseudonyms=KeyedHashes("k" * 16),
                templates=AsyncHeldTemplates(HeldTemplates()),
            )
        )
        self.asked: set[str] = set()
        self.answers: list[object] = []

    async def ask(self, method: str, *args: Any, **named: Any) -> Any:
        """Call a method, and keep what it answers or raises."""
        self.asked.add(method)
        try:
            answer = getattr(self.desk, method)(*args, **named)
            if isinstance(answer, Awaitable):
                answer = await answer
        except (Refused, NotFound, InvalidValue) as error:
            answer = (type(error), str(error))
        self.answers.append((type(answer), str(answer)) if isinstance(answer, Refused) else answer)
        return answer


async def after_the_end(told: Told, conversation: str) -> None:
    """Use what is left: looking, signs of life, notes, surveys."""
    await told.ask("thread", "gone")
    for sign in ("connect", "disconnect"):
        await told.ask(sign, "ana")
    await told.ask("note", conversation, "late", by="ana")
    await told.ask("dispose", conversation, ["solved"])
    await told.ask("change_skills", conversation, {"billing": 2}, ["tax"])
    await told.ask("survey", "/survey/none")
    await told.ask("answer_survey", "/survey/none", {"csat": "5"})
    await told.ask("survey_answers", conversation)
    await told.ask("export_consent")
    await told.ask("agents")
    await told.ask("events", limit=1000)


async def together(told: Told, conversation: str) -> None:
    """Let several people take part in the conversation, as far as the settings let them."""
    await told.ask("put_agent", Agent("eva", "Eva", frozenset({"all"}), Presence.AVAILABLE, 2))
    await told.ask("colleagues", conversation)
    await told.ask("consult", conversation, "eva", agent="ana")
    await told.ask("add_consultant", conversation, "eva", agent="ana")
    await told.ask("end_consult", conversation, "eva", by="ana")
    await told.ask("monitor", conversation, by="boss")
    await told.ask("hand_over", conversation, "nobody", agent="ana")
    await told.ask("force_close", "gone", by="boss")
    await told.ask("in_bulk", [], CloseAll(), by="boss")


async def people(told: Told) -> None:
    """Write to a person first, then let them go."""
    reason = Configuration("c1", "Ready", NUMBER, "order_ready")
    await told.ask("reach", reason, [Recipient(ANA, True, {"1": "Ana"})], due=NOW + timedelta(days=9))
    await told.ask("apply_retention", Retention(timedelta(0), timedelta(0)))
    await told.ask("export_person", ANA)
    await told.ask("erase_person", ANA)


async def story(told: Told) -> list[object]:  # noqa: PLR0915 - one line per method
    """Use every method at least once, except those that need streams of the façade's own colour."""
    await told.ask("record_call", NUMBER, ANA)
    await told.ask("record_consent", ANA, Statement(Scope.MARKETING, False, NOW, "web form"))
    await told.ask("import_consent", export_rows(ANA, Consent(Statement(Scope.EVERYTHING, True, NOW, "list"))))
    await told.ask("consent", ANA)
    await told.ask("put_agent", Agent("ana", "Ana", frozenset({"all"}), Presence.AVAILABLE, 2))
    await told.ask("set_presence", "ana", Presence.BUSY)
    await told.ask("can_send", NUMBER, ANA, Text("Hola"))
    inbound = told.provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Hola")))
    for _ in range(2):
        await told.ask("receive", inbound)
    await told.ask("receive", attrs.evolve(inbound, body=b"nonsense"))
    await told.ask("tick")
    conversation = (await told.ask("conversations"))[0].conversation.id
    await told.ask("explain", conversation)
    await told.ask("decline", conversation, "ana")
    await told.ask("pickable", "ana")
    await told.ask("pick", conversation, "ana")
    await told.ask("transfer", conversation, "billing")
    await told.ask("reroute", conversation)
    await told.ask("set_context", conversation, {"va_CustomerLocale": "es"})
    await told.ask("assign", conversation, "ana")
    await told.ask("park", conversation, agent="ben")
    await told.ask("prefer", ANA, [Preference("ana", 1, NOW)])
    await told.ask("end_shift", "ana")
    await told.ask("accept", conversation, "ana", request_id="a")
    await together(told, conversation)
    sent = await told.ask("reply", conversation, Text("Buenas"), agent="ana", request_id="r")
    await told.ask("reply", conversation, Text("Buenas"), agent="ana", request_id="r")
    await told.ask("receive", told.provider.webhook(StatusReport(str(sent.sid), "read", sent.id)))
    told.provider.plan(Ambiguous("timeout"), arrives=True)
    await told.ask("reply", conversation, Text("¿Sigue ahí?"))
    told.clock.advance(timedelta(seconds=10))
    await told.ask("tick")
    told.clock.advance(timedelta(hours=25))
    await told.ask("reply", conversation, Text("tarde"))
    await told.ask("send", NUMBER, ANA, TemplateMessage("order_ready", {"1": "Ana"}), request_id="s")
    await told.ask("send", "34600000001", ANA, Text("Hola"))
    await told.ask("end", conversation, agent="ben")
    await told.ask("end", conversation, agent="ana")
    await told.ask("close", conversation)
    for look in ("messages", "timeline", "thread", "message", "file"):
        await told.ask(look, sent.id if look in ("message", "file") else conversation)
    await told.ask("sync_templates")
    await told.ask("health")
    await told.ask("invariants")
    await told.ask("dead_letters")
    await told.ask("replay_entry", "send:nobody")
    await told.ask("add_template", "bye", "es", "Adiós")
    await told.ask("add_template", "bye", "es", "Adiós")
    await told.ask("report_template", "order_ready", "es", ApprovalEvent.PAUSE, reason="feedback")
    await told.ask("override_template", "bye", "es", override(Approval.APPROVED, "ana", NOW, "seen in the console"))
    await told.ask("templates")
    await told.ask("thread", "gone")
    await told.ask("agents")
    await told.ask("link_customer", conversation, "7", agent="ana")
    stranger = Inbound("IN2", Address("+447700900123"), (ANA,), Text("¿Hola?"))
    await told.ask("receive", told.provider.webhook(stranger))
    for held in await told.ask("quarantine"):
        await told.ask("replay", held.id)
    for _ in range(2):
        await told.ask("publish", shop(), Draft("{}", (), "marta", 0))
    await told.ask("edition")
    await told.ask("edition", 7)
    await told.ask("events", limit=1000)
    await after_the_end(told, conversation)
    await people(told)
    return told.answers


@pytest.mark.anyio
async def test_the_same_story_comes_to_the_same_in_both() -> None:
    blocking, coroutines = Told("blocking"), Told("coroutines")
    assert await story(blocking) == await story(coroutines)
    assert blocking.provider.handed == coroutines.provider.handed
    assert len(blocking.provider.handed) == 3
    assert blocking.asked == set(BLOCKING) - {"attach", "catch_up", "shared", "on"}
