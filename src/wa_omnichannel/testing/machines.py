"""A channel used at random, step by step, and compared with a simple model after every step.

:func:`channel_machine` makes a Hypothesis state machine over the blocking façade and a store of your choice::

    from wa_omnichannel.testing.machines import channel_machine

    TestChannel = channel_machine(MyStore).TestCase

Customers write (late, twice, under several addresses), a bot answers, fails or escalates, agents come and go, accept,
answer, ask each other, hand over, end and close, supervisors step in, callbacks arrive in any order, answers get lost,
the clock jumps, timers fire. What must always hold is stated by the
invariants at the end of the class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import WorkPolicy
from wa_omnichannel.automation import (
    Action,
    Automation,
    LifeRules,
    Silence,
    TimeoutRule,
    Transfers,
    WorkstreamLife,
)
from wa_omnichannel.bots import Escalation, Reply, Turn
from wa_omnichannel.conversation import Direction, Status
from wa_omnichannel.errors import Refused
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import (
    Ambiguous,
    Content,
    Inbound,
    NotSent,
    Outcome,
    Rejected,
    StatusReport,
    TemplateMessage,
    Text,
)
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import Happening, Listing, Store
from wa_omnichannel.routing import Queue, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.sending import Allowed
from wa_omnichannel.templates import Approval, Template, Translation
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.testing.models import PeopleModel
from wa_omnichannel.workforce import Agent, Presence

NUMBERS = (Address("+14155550100"), Address("+14155550199"))
AGENTS = ("ana", "ben")
START = datetime(2026, 10, 24, 12, tzinfo=UTC)

_PATIENCE = (
    TimeoutRule("ask", Silence.CUSTOMER, timedelta(seconds=30), Action.TELL_CUSTOMER, {"es": "¿Sigue ahí?"}),
    TimeoutRule("park", Silence.CUSTOMER, timedelta(hours=1), Action.PARK),
    TimeoutRule("hurry", Silence.AGENT, timedelta(seconds=50), Action.TELL_AGENT, {"es": "Conteste."}),
)

RULES = Rules(
    [Number(NUMBERS[0], "Shop", "main", "es"), Number(NUMBERS[1], "Robot", "robot", "es")],
    [Workstream(name, "all", policy=WorkPolicy(pick_from_push=True)) for name in ("main", "robot")],
    [Queue("all")],
    [Template("hello", (Translation("es", "Hola {{1}}", Approval.APPROVED, "HX" + "0" * 32),), "es")],
    life=LifeRules(
        messages=Automation(),
        workstreams={"main": WorkstreamLife(_PATIENCE), "robot": WorkstreamLife(bot="robot")},
        transfers=Transfers(to_agents=True),
    ),
)


def robot(turn: Turn) -> Reply:
    """Answer, escalate, end or fail, by what the customer's words happen to be."""
    kind = len(turn.text) + sum(map(ord, turn.text))
    if kind % 5 == 0:
        raise ValueError(turn.text)
    escalates = Escalation("more than I know") if kind % 5 == 1 else None
    return Reply((Text(f"beep {turn.text}"),), escalate=escalates, end=kind % 5 == 2)


CALLING_CARDS: tuple[tuple[Address, ...], ...] = (
    (Address("+34600000001"),),
    (Address("ES.1"),),
    (Address("+34600000001"), Address("ES.1")),  # shows that the two above are one person
    (Address("+5215512345678"),),
    (Address("+525512345678"),),  # the same phone, spelled otherwise
    (Address("US.2"),),
)
"""The addresses under which the customers write."""

_OUTSIDE_WINDOW = 63016
_CHOSEN = tuple(presence for presence in Presence if presence is not Presence.INACTIVE)
_STEPS = ("accept", "pick", "assign", "decline", "park", "give back", "reroute", "end", "close")
_TOGETHER = ("hand over", "move", "consult", "add", "leave", "monitor", "force close")
_WORDS = ("queued", "sent", "delivered", "read", "undelivered", "failed", "in_orbit")
_DIFFICULTIES = (NotSent("busy"), Ambiguous("timeout"), Rejected(_OUTSIDE_WINDOW, ""))
_JUMPS = (1, 6, 40, 3600, 23 * 3600, 25 * 3600)
_LATE = (0, 1, 3600, 23 * 3600, 30 * 3600)


class _ChannelMachine(RuleBasedStateMachine):
    """See the module's text."""

    def __init__(self, make_store: Callable[[], Store]) -> None:
        super().__init__()
        self.clock = FixedClock(START)
        self.provider = RecordingTransport(self.clock)
        self.desk = Omnichannel(
            RULES,
            store=make_store(),
            transport=self.provider,
            clock=self.clock,
            ids=CountingIds(),
            bots={"robot": robot},
        )
        self.people = PeopleModel()
        self.inbound: list[Inbound] = []
        self.told: Counter[str] = Counter()
        self.position = 0
        self.checked = 0
        self.closed: set[str] = set()
        self.last: dict[str, str] = {}
        self.answers: set[object] = set()
        """Messages of agents, or of the application in their stead; what it sends besides is no answer."""
        self.count = 0
        for agent in AGENTS:
            self.desk.put_agent(Agent(agent, agent, frozenset({"all"}), Presence.AVAILABLE, 2))

    # what happens

    @rule(number=st.sampled_from(NUMBERS), card=st.sampled_from(CALLING_CARDS), late=st.sampled_from(_LATE))
    def customer_writes(self, number: Address, card: tuple[Address, ...], late: int) -> None:
        at = self.clock.now() - timedelta(seconds=late)
        inbound = Inbound(f"IN{len(self.inbound)}", number, card, Text(self._words()))
        _must(self.desk.receive(self.provider.webhook(inbound, at)).status == 200)
        self.inbound.append(inbound)
        self.people.meet(card)
        self.people.wrote(number, card[0], at)

    @precondition(lambda self: self.inbound)
    @rule(data=st.data())
    def webhook_arrives_again(self, data: st.DataObject) -> None:
        inbound = data.draw(st.sampled_from(self.inbound))
        _must(self.desk.receive(self.provider.webhook(inbound)).status == 200)

    @rule(agent=st.sampled_from(AGENTS), presence=st.sampled_from(_CHOSEN))
    def agent_comes_or_goes(self, agent: str, presence: Presence) -> None:
        self.desk.set_presence(agent, presence)

    @precondition(lambda self: self.inbound)
    @rule(data=st.data(), agent=st.sampled_from(AGENTS), step=st.sampled_from(_STEPS))
    def agent_acts(self, data: st.DataObject, agent: str, step: str) -> None:
        conversation = self._draw(data).conversation.id
        asked: Callable[[], object] = {
            "accept": lambda: self.desk.accept(conversation, agent),
            "pick": lambda: self.desk.pick(conversation, agent),
            "assign": lambda: self.desk.assign(conversation, agent),
            "decline": lambda: self.desk.decline(conversation, agent),
            "park": lambda: self.desk.park(conversation, agent=agent),
            "give back": lambda: self.desk.transfer(conversation, "all", agent=agent),
            "reroute": lambda: self.desk.reroute(conversation),
            "end": lambda: self.desk.end(conversation, agent=agent),
            "close": lambda: self.desk.close(conversation, agent=agent),
        }[step]
        self._may_be_refused(asked)

    @precondition(lambda self: self.inbound)
    @rule(data=st.data(), agent=st.sampled_from(AGENTS), other=st.sampled_from(AGENTS), step=st.sampled_from(_TOGETHER))
    def people_act_together(self, data: st.DataObject, agent: str, other: str, step: str) -> None:
        conversation = self._draw(data).conversation.id
        asked: Callable[[], object] = {
            "hand over": lambda: self.desk.hand_over(conversation, other, agent=agent),
            "move": lambda: self.desk.hand_over(conversation, other, by="sue"),
            "consult": lambda: self.desk.consult(conversation, other, agent=agent),
            "add": lambda: self.desk.add_consultant(conversation, other, agent=agent),
            "leave": lambda: self.desk.end_consult(conversation, other, by=agent),
            "monitor": lambda: self.desk.monitor(conversation, by=agent, join=True),
            "force close": lambda: self.desk.force_close(conversation, by="sue"),
        }[step]
        self._may_be_refused(asked)

    @precondition(lambda self: self.inbound)
    @rule(data=st.data(), agent=st.none() | st.sampled_from(AGENTS), template=st.booleans(), twice=st.booleans())
    def agent_answers(self, data: st.DataObject, agent: str | None, template: bool, twice: bool) -> None:
        conversation, request = self._draw(data).conversation.id, f"request {self._words()}"
        content = self._content(template)

        def answer() -> str:
            return self.desk.reply(conversation, content, agent=agent, request_id=request).id

        first = self._may_be_refused(answer)
        self.answers.add(first)
        if first is not None and twice:
            _must(answer() == first)

    @rule(number=st.sampled_from(NUMBERS), card=st.sampled_from(CALLING_CARDS), template=st.booleans())
    def application_sends(self, number: Address, card: tuple[Address, ...], template: bool) -> None:
        content = self._content(template)
        if self._may_be_refused(lambda: self.desk.send(number, card[0], content).id) is not None:
            self.people.meet(card[:1])

    @rule(outcome=st.sampled_from(_DIFFICULTIES), arrives=st.booleans())
    def provider_is_difficult(self, outcome: Outcome, arrives: bool) -> None:
        self.provider.plan(outcome, arrives=arrives)

    @precondition(lambda self: self.provider.arrived)
    @rule(data=st.data(), word=st.sampled_from(_WORDS), refuses=st.booleans())
    def callback_arrives(self, data: st.DataObject, word: str, refuses: bool) -> None:
        handed = data.draw(st.sampled_from(self.provider.arrived))
        code = _OUTSIDE_WINDOW if refuses and word in ("undelivered", "failed") else None
        report = StatusReport(handed.sid or "", word, handed.outgoing.message_id, code)
        _must(self.desk.receive(self.provider.webhook(report)).status == 200)
        if code is not None:
            self.people.refuted(handed.outgoing.sender, handed.outgoing.to, handed.at)

    @rule(seconds=st.sampled_from(_JUMPS))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @rule()
    def worker_ticks(self) -> None:
        _must(not self.desk.tick().errors)

    # what must always hold

    @invariant()
    def no_free_text_left_outside_the_window(self) -> None:
        for handed in self.provider.handed[self.checked :]:
            outgoing = handed.outgoing
            if not isinstance(outgoing.content, TemplateMessage):
                window = self.people.window(outgoing.sender, outgoing.to)
                _must(window.is_open(handed.at))
            if isinstance(handed.outcome, Rejected):
                self.people.refuted(outgoing.sender, outgoing.to, handed.at)
        self.checked = len(self.provider.handed)

    @invariant()
    def windows_are_as_the_model_says(self) -> None:
        now = self.clock.now()
        for number in NUMBERS:
            for address in {member for group in self.people.groups for member in group}:
                verdict = self.desk.can_send(number, address, Text("?"))
                _must(isinstance(verdict, Allowed) == self.people.window(number, address).is_open(now))

    @invariant()
    def a_thread_has_at_most_one_live_conversation(self) -> None:
        live = Counter((each.number, each.contact) for each in self._conversations() if _is_live(each))
        _must(all(count == 1 for count in live.values()))

    @invariant()
    def capacity_in_use_is_what_the_conversations_take(self) -> None:
        conversations = [each.conversation for each in self._conversations()]
        for agent in self.desk.agents():
            mine = [each for each in conversations if each.agent == agent.id]
            _must(agent.used == sum(each.demand for each in mine if each.status in (Status.ACTIVE, Status.WRAP_UP)))

    @invariant()
    def sessions_are_what_agents_hold(self) -> None:
        held = Counter(
            each.conversation.agent
            for each in self._conversations()
            if each.conversation.status in (Status.ACTIVE, Status.WRAP_UP)
        )
        _must(all(agent.sessions == held[agent.id] for agent in self.desk.agents()))

    @invariant()
    def closed_is_final(self) -> None:
        closed = {each.conversation.id for each in self._conversations() if not _is_live(each)}
        _must(self.closed <= closed)
        self.closed = closed

    @invariant()
    def every_customer_message_is_told_exactly_once(self) -> None:
        for happening in self.desk.events(self.position, 1000):
            self.position = happening.position
            self._whose_turn(happening)
            if happening.event.kind == "message_received":
                self.told[self.desk.message(str(happening.event.facts["message"])).sid or ""] += 1
        _must(self.told == Counter(inbound.sid for inbound in self.inbound))

    @invariant()
    def nothing_arrives_twice(self) -> None:
        _must(not [n for n in Counter(each.outgoing.message_id for each in self.provider.arrived).values() if n > 1])

    def teardown(self) -> None:
        """Look at the whole story once more: each message is in exactly one conversation."""
        kept = [
            message.sid
            for listing in self._conversations()
            for message in self.desk.messages(listing.conversation.id)
            if message.direction is Direction.IN
        ]
        _must(Counter(kept) == Counter(inbound.sid for inbound in self.inbound))

    # helpers

    def _whose_turn(self, happening: Happening) -> None:
        """A rule about the customer's silence acts only while the last message is an agent's, and the reverse."""
        event = happening.event
        conversation = event.conversation or ""
        if event.kind == "message_received":
            self.last[conversation] = "customer"
        elif event.kind == "message_accepted" and event.facts["message"] in self.answers:
            self.last[conversation] = "agent"
        elif event.kind == "timeout_rule_acted":
            _must(self.last[conversation] == ("agent" if event.facts["silence"] == "customer" else "customer"))

    def _words(self) -> str:
        self.count += 1
        return f"words {self.count}"

    def _content(self, template: bool) -> Content:
        return TemplateMessage("hello", {"1": self._words()}) if template else Text(self._words())

    def _conversations(self) -> tuple[Listing, ...]:
        return self.desk.conversations(limit=1000)

    def _draw(self, data: st.DataObject) -> Listing:
        return data.draw(st.sampled_from(self._conversations()))

    def _may_be_refused(self, ask: Callable[[], object]) -> object:
        """Return the answer, or None if a rule said no; then it must be able to say why."""
        try:
            return ask()
        except Refused as refused:
            _must(refused.explain("en") != refused.explain("es"))
            return None


def _must(holds: bool) -> None:
    """Fail unless it *holds*; not an ``assert``, which would be silent in optimised code."""
    if not holds:
        raise AssertionError


def _is_live(listing: Listing) -> bool:
    return listing.conversation.status is not Status.CLOSED


def channel_machine(make_store: Callable[[], Store] = MemoryStore) -> type[RuleBasedStateMachine]:
    """Return a state machine of a whole channel over the store that *make_store* opens; each run opens a new one.

    Args:
        make_store: Returns an empty store.
    """

    class ChannelMachine(_ChannelMachine):
        """A channel over one kind of store."""

        def __init__(self) -> None:
            super().__init__(make_store)

    return ChannelMachine
