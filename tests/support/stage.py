"""Flows driven by hand: their steps can be counted, broken, stopped and interleaved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import attrs
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel._calls import Calls
from wa_omnichannel._files import Files
from wa_omnichannel._flows import agents, receiving, sending, working
from wa_omnichannel._flows.feeding import Registry
from wa_omnichannel._flows.sending import Order
from wa_omnichannel._flows.steps import Commit, Flow, Load, Outside, Select, Send, Step
from wa_omnichannel.adapters.blobs import MemoryBlobs
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import parse
from wa_omnichannel.conversation import Conversation, Message
from wa_omnichannel.errors import ConcurrentUpdate, StoreUnavailable, TransportError, WaOmnichannelError
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import Ambiguous, Content, Inbound, NotSent, StatusReport, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import LEASE, Download
from wa_omnichannel.rules import Rules
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.testing.files import SAMPLES
from wa_omnichannel.workforce import Agent, Presence

T = TypeVar("T")


class Crash(Exception):
    """The process is gone; whoever waited for it gets no answer."""


def _crash_before(_: Stage, __: Step) -> Any:
    raise Crash


def _crash_after(stage: Stage, step: Step) -> Any:
    step.run(stage.outside)
    raise Crash


def _conflict(_: Stage, __: Step) -> Any:
    raise ConcurrentUpdate("planted")


def _store_away(_: Stage, __: Step) -> Any:
    raise StoreUnavailable("planted")


def _answer_of_commit_lost(stage: Stage, step: Step) -> Any:
    step.run(stage.outside)
    raise StoreUnavailable("planted")


def _answer_lost(stage: Stage, step: Step) -> Any:
    step.run(stage.outside)
    return Ambiguous("planted")


def _request_lost(_: Stage, __: Step) -> Any:
    return Ambiguous("planted")


def _turned_away(_: Stage, __: Step) -> Any:
    return NotSent("planted")


Fault = Callable[["Stage", Step], Any]

FAULTS: dict[str, tuple[type[Step] | tuple[type[Step], ...], Fault]] = {
    "crash before": (Step, _crash_before),
    "crash after": (Step, _crash_after),
    "conflict": (Commit, _conflict),
    "store away": ((Load, Select, Commit), _store_away),
    "answer of the commit lost": (Commit, _answer_of_commit_lost),
    "answer lost": (Send, _answer_lost),
    "request lost": (Send, _request_lost),
    "turned away": (Send, _turned_away),
}
"""What can be planted, and at which steps."""


class Photos:
    """Where every address leads to the same picture, under the content type it has or another."""

    def __init__(self, content_type: str = "image/jpeg") -> None:
        self.content_type = content_type

    @contextlib.contextmanager
    def open(self, url: str) -> Generator[Download]:
        yield Download(self.content_type, iter([SAMPLES["photo.jpg"][1]]))


class Stage:
    """A channel over the reference store with a movable clock, whose flows are carried out step by step."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or shop()
        self.clock = FixedClock(NOW)
        self.store_clock = FixedClock(NOW)
        self.provider = RecordingTransport(self.clock)
        self.store = MemoryStore()
        files = Files(None, self.clock, MemoryBlobs(), Photos(), None)
        self.registry = Registry()
        self.outside = Outside(
            self.store,
            self.provider,
            self.clock,
            self.store_clock,
            CountingIds(),
            files,
            calls=Calls(),
            registry=self.registry,
        )
        self.desk = Omnichannel(self.rules, store=self.store, transport=self.provider, clock=self.clock)
        self.steps: list[Step] = []
        self.planted: tuple[int, Fault] | None = None
        self.waiting: tuple[type[Step], Fault] | None = None

    # driving

    def carry_out(self, step: Step) -> Any:
        """Run one step, or break it as planted."""
        self.steps.append(step)
        if self.planted is not None and self.planted[0] == len(self.steps) - 1:
            return self.planted[1](self, step)
        if self.waiting is not None and isinstance(step, self.waiting[0]):
            _, fault = self.waiting
            self.waiting = None
            return fault(self, step)
        return step.run(self.outside)

    def break_next(self, kind: type[Step], fault: str) -> None:
        """Plant a fault at the next step of this kind."""
        self.waiting = (kind, FAULTS[fault][1])

    def play(self, flow: Flow[T]) -> T:
        """Carry out a flow to its end."""
        running = Running(flow)
        while not running.finished:
            running.advance(self)
        result: T = running.result()
        return result

    def insist(self, make: Callable[[], Flow[T]]) -> T:
        """Try until it is done, as callers do that keep their request id, and providers that get no 2xx."""
        for _ in range(5):
            try:
                return self.play(make())
            except (Crash, StoreUnavailable, ConcurrentUpdate, TransportError):
                self.pass_time()
        raise AssertionError("it never succeeds")

    def pass_time(self, by: timedelta = LEASE + timedelta(seconds=1)) -> None:
        """Move both clocks, by default so far that leases end."""
        self.clock.advance(by)
        self.store_clock.advance(by)

    def works(self) -> None:
        """Let a worker tick until nothing goes wrong."""
        while self.insist(self.ticks).errors:
            self.pass_time()

    def settle(self) -> None:
        """Let workers do everything that is due, for a few minutes."""
        for _ in range(10):
            self.works()
            self.pass_time()

    # what can be done

    def hires(self, agent: str = "ana", capacity: int = 2) -> Flow[Agent]:
        known = Agent(agent, agent, frozenset({"all", "billing"}), Presence.AVAILABLE, capacity)
        return agents.put_agent(self.rules, known)

    def hears(self, sid: str = "IN1", body: str = "Hola", sender: str = ANA) -> Flow[receiving.Receipt]:
        inbound = Inbound(sid, NUMBER, (parse(sender),), Text(body))
        return receiving.receive(self.rules, self.provider.webhook(inbound, NOW))

    def reports(
        self, sid: str, status: str, message: str | None = None, code: int | None = None
    ) -> Flow[receiving.Receipt]:
        report = StatusReport(sid, status, message, code)
        return receiving.receive(self.rules, self.provider.webhook(report))

    def accepts(self, agent: str = "ana", request: str | None = None) -> Flow[Conversation]:
        return agents.accept(self.rules, self.conversation.id, agent, request)

    def answers(self, content: Content, agent: str | None = None, request: str | None = None) -> Flow[Message]:
        return sending.reply(self.rules, self.conversation.id, Order(content, agent or "system", agent), request)

    def ends(self, request: str | None = None) -> Flow[Conversation]:
        return agents.end(self.rules, self.conversation.id, None, request)

    def ticks(self) -> Flow[working.Report]:
        return working.tick(self.rules, 100)

    # what came of it

    @property
    def conversation(self) -> Conversation:
        """The only conversation there is."""
        (listing,) = self.desk.conversations()
        return listing.conversation

    @property
    def contact(self) -> str:
        """The only contact there is."""
        (listing,) = self.desk.conversations()
        return listing.contact

    def message(self, message_id: str) -> Message:
        return self.desk.message(message_id)

    def kinds(self) -> list[str]:
        """What is on the timeline, in order."""
        return [happening.event.kind for happening in self.desk.events(limit=1000)]

    def arrived(self) -> list[Content]:
        """What reached the customer, in order."""
        return [handed.outgoing.content for handed in self.provider.arrived]


@attrs.define
class Running:
    """A flow under way."""

    flow: Flow[Any]
    finished: bool = False
    _answer: Any = None
    _error: WaOmnichannelError | None = None
    _result: Any = None

    def advance(self, stage: Stage) -> Step | None:
        """Go one step further; returns the step that was carried out, or None at the end."""
        try:
            step = self.flow.throw(self._error) if self._error is not None else self.flow.send(self._answer)
        except StopIteration as end:
            self.finished, self._result = True, end.value
            return None
        self._answer = self._error = None
        try:
            self._answer = stage.carry_out(step)
        except WaOmnichannelError as error:
            self._error = error
        return step

    def until(self, stage: Stage, kind: type[Step]) -> None:
        """Go on until a step of this kind was carried out."""
        while not isinstance(self.advance(stage), kind):
            assert not self.finished

    def result(self) -> Any:
        return self._result


def interleave(stage: Stage, flows: Sequence[Flow[Any]], choose: Callable[[Sequence[Running]], Running]) -> list[Any]:
    """Carry out several flows at the same time; *choose* says who goes next. Returns results and errors."""
    running = [Running(flow) for flow in flows]
    outcomes: dict[int, Any] = {}
    while open_ones := [each for each in running if id(each) not in outcomes]:
        chosen = choose(open_ones)
        try:
            chosen.advance(stage)
        except WaOmnichannelError as error:
            outcomes[id(chosen)] = error
        if chosen.finished:
            outcomes[id(chosen)] = chosen.result()
    return [outcomes[id(each)] for each in running]
