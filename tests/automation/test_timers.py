"""Timers of a conversation: never early, never lost, once, and in order, whatever happens in between."""

from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.desk import Desk
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel.automation import (
    Action,
    Fallback,
    LifeRules,
    Limits,
    Silence,
    TimeoutRule,
    WorkstreamLife,
    effective,
    longer,
)
from wa_omnichannel.conversation import (
    AcceptRequested,
    AgentAssigned,
    CloseRequested,
    Contact,
    Conversation,
    Decision,
    EndRequested,
    Event,
    ParkRequested,
    Received,
    Record,
    SendRequested,
    StartTimer,
    State,
    Status,
    StopTimer,
    Thread,
    TimerFired,
    decide,
)
from wa_omnichannel.conversation.timers import AUTO_CLOSE, wanted
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.messages import Inbound, TemplateMessage, Text
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent, Presence

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta.resolution

ASK = TimeoutRule("ask", Silence.CUSTOMER, 10 * MINUTE, Action.TELL_CUSTOMER, {"es": "¿Sigue ahí, {$Name$}?"})
NUDGE = TimeoutRule("nudge", Silence.AGENT, 5 * MINUTE, Action.TELL_AGENT, {"es": "El cliente espera."})
PARK = TimeoutRule("park", Silence.CUSTOMER, HOUR, Action.PARK)
CLOSE = TimeoutRule("close", Silence.CUSTOMER, 3 * HOUR, Action.CLOSE)


PATIENT = Limits(waiting=2 * DAY)


def patient(*timeouts: TimeoutRule, limits: Limits = PATIENT) -> Rules:
    life = LifeRules(limits=limits, workstreams={"main": WorkstreamLife(timeouts)})
    return attrs.evolve(shop(), life=life)


# --- the settings ------------------------------------------------------------------------------------------


def test_acl_1_more_than_the_limit_must_have_passed() -> None:
    assert longer(NOW, HOUR) > NOW + HOUR
    assert longer(NOW, HOUR) - TICK == NOW + HOUR


def test_of_rules_with_an_equal_condition_the_priority_decides() -> None:
    """§9.6: other conditions are not touched, and workstreams are independent."""
    first = attrs.evolve(ASK, name="first", priority=1)
    assert effective([ASK, first, PARK]) == (first, PARK)
    life = LifeRules(workstreams={"main": WorkstreamLife((ASK, first)), "other": WorkstreamLife((ASK,))})
    assert (life.of("main").timeouts, life.of("other").timeouts) == ((first,), (ASK,))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "a:b"}, "name"),
        ({"after": timedelta(0)}, "after"),
        ({"texts": {}}, "texts"),
        ({"action": Action.CLOSE}, "texts"),
        ({"texts": {"es": "x" * 2001}}, "texts"),
    ],
)
def test_a_timeout_rule_that_cannot_work_is_a_typed_error(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidValue) as error:
        attrs.evolve(ASK, **wrong)  # type: ignore[arg-type]
    assert error.value.field == field
    with pytest.raises(InvalidValue, match="open"):
        Limits(open=-HOUR)


# --- a model of the agenda ---------------------------------------------------------------------------------


@attrs.define
class World:
    """A thread, its agenda, and a clock; decisions are made as the flows make them."""

    rules: Rules
    state: State
    now: datetime = NOW
    agenda: dict[tuple[str, str], datetime] = attrs.Factory(dict)
    records: list[tuple[datetime, Record]] = attrs.Factory(list)
    n: int = 0

    def happens(self, event: Event) -> Decision:
        decision = decide(self.rules, self.state, event, self.now)
        if decision.refusal is None:
            self.take(decision)
        return decision

    def take(self, decision: Decision) -> None:
        told = [effect for effect in decision.effects if isinstance(effect, Record)]
        thread = decision.state.thread
        self.state = attrs.evolve(
            decision.state, thread=attrs.evolve(thread, events=thread.events + len(told)), message=None
        )
        self.records += [(self.now, record) for record in told]
        for effect in decision.effects:
            if isinstance(effect, StopTimer):
                self.agenda.pop((effect.timer, effect.conversation), None)
        for effect in decision.effects:
            if isinstance(effect, StartTimer):
                self.agenda[effect.timer, effect.conversation] = effect.due

    def ticks(self) -> None:
        """Fire what is due, the earliest first."""
        while due := sorted((at, key) for key, at in self.agenda.items() if at <= self.now):
            (timer, conversation) = due[0][1]
            del self.agenda[timer, conversation]
            self.take(decide(self.rules, self.state, TimerFired(timer, conversation), self.now))

    @property
    def live(self) -> Conversation | None:
        return self.state.thread.live

    def writes(self, text: str = "Hola") -> None:
        self.n += 1
        inbound = Inbound(f"IN{self.n}", NUMBER, (ANA,), Text(text))
        self.happens(Received(inbound, self.now, f"in{self.n}", f"c{self.n}"))

    def answers(self) -> None:
        self.n += 1
        live = self.live
        if live is not None and live.agent is not None:
            self.happens(SendRequested(f"out{self.n}", Text("Sí"), live.agent, agent=live.agent, conversation=live.id))

    def acts(self, action: str) -> None:
        simple: dict[str, Event] = {
            "assign": AgentAssigned(),
            "accept": AcceptRequested(),
            "park": ParkRequested(),
            "end": EndRequested(),
            "close": CloseRequested(),
        }
        if action in simple:
            self.happens(simple[action])
        else:
            {"write": self.writes, "answer": self.answers, "tick": self.ticks}[action]()

    def kinds(self) -> list[str]:
        return [record.kind for _, record in self.records]


def world(rules: Rules) -> World:
    ana = Agent("ana", "Ana", frozenset({"all"}), Presence.AVAILABLE, 10)
    return World(rules, State(Contact("p1", (ANA,)), Thread(NUMBER, "p1", ANA), ana))


ACTIONS = ("write", "answer", "assign", "accept", "park", "end", "close", "tick")
PAUSES = (timedelta(0), TICK, MINUTE, 10 * MINUTE, 10 * MINUTE + TICK, HOUR, 3 * HOUR, 2 * DAY, 31 * DAY)


@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(PAUSES)), max_size=25))
def test_the_agenda_holds_what_is_wanted_never_later_and_nothing_fires_early(
    steps: list[tuple[str, timedelta]],
) -> None:
    """ACL-1, ACL-2: at every moment; a downtime of any length only makes timers late."""
    stage = world(patient(ASK, NUDGE, PARK, CLOSE))
    for action, pause in steps:
        stage.now += pause
        before, told = stage.live, len(stage.records)
        stage.acts(action)
        needed = (
            {}
            if stage.live is None
            else {(name, stage.live.id): at for name, at in wanted(stage.rules, stage.live).items()}
        )
        ours = {key: at for key, at in stage.agenda.items() if key[0] != "wrap_up"}
        assert set(ours) == set(needed)
        assert all(ours[key] <= at for key, at in needed.items())
        if action == "tick":
            assert all(at > stage.now for at in stage.agenda.values())
            check_what_fired(stage, before, [record for _, record in stage.records[told:]])


def check_what_fired(stage: World, before: Conversation | None, records: list[Record]) -> None:
    """Compare what one tick did with a plain reading of the rules."""
    acted = [record for record in records if record.kind == "timeout_rule_acted"]
    closed = [record for record in records if record.facts.get("by") in ("time_limit", "inactivity")]
    if before is None:
        assert not acted
        assert not closed
        return
    rules = {rule.name: rule for rule in stage.rules.life.of("main").timeouts}
    for record in acted:
        rule = rules[str(record.facts["rule"])]
        ours_was_last = before.answered_at is not None
        assert ours_was_last is (rule.silence is Silence.CUSTOMER)  # §12.17: never when the last message is theirs
        since = before.answered_at or before.last_customer_at
        assert stage.now - since > rule.after
        assert rule.name not in before.fired
    if closed and not acted and before.status is not Status.WRAP_UP:
        limit = {Status.OPEN: 30 * DAY, Status.ACTIVE: 30 * DAY, Status.WAITING: 2 * DAY}[before.status]
        assert stage.now - max(before.changed_at, before.last_customer_at, before.answered_at or NOW) > limit


# --- each state has its limit ------------------------------------------------------------------------------

LIMITS = Limits(open=3 * DAY, active=4 * DAY, waiting=2 * DAY)


def in_state(status: Status, rules: Rules) -> World:
    stage = world(rules)
    stage.writes()
    ways = {Status.OPEN: (), Status.ACTIVE: ("assign", "accept"), Status.WAITING: ("assign", "accept", "park")}
    for action in (*ways[status], "tick"):
        stage.acts(action)
    assert stage.live is not None
    assert stage.live.status is status
    return stage


@pytest.mark.parametrize(
    ("status", "limit"), [(Status.OPEN, 3 * DAY), (Status.ACTIVE, 4 * DAY), (Status.WAITING, 2 * DAY)]
)
def test_acl_2_a_conversation_that_is_idle_for_longer_than_the_limit_of_its_state_is_closed(
    status: Status, limit: timedelta
) -> None:
    """§9.5: and not at the limit itself."""
    stage = in_state(status, patient(limits=LIMITS))
    stage.now = NOW + limit
    stage.ticks()
    assert stage.live is not None
    stage.now += TICK
    stage.ticks()
    assert stage.live is None
    assert stage.records[-1][1].facts["by"] == ("inactivity" if status is Status.WAITING else "time_limit")
    assert stage.state.agent is not None
    assert stage.state.agent.used == 0
    assert stage.agenda == {}


def test_the_shipped_limits_are_those_of_the_documentation() -> None:
    assert Limits() == Limits(30 * DAY, 30 * DAY, None, DAY, 30 * MINUTE)


@pytest.mark.parametrize("action", ["write", "answer", "assign", "accept"])
def test_acl_3_what_either_side_does_starts_the_time_again(action: str) -> None:
    stage = in_state(Status.ACTIVE if action == "answer" else Status.OPEN, patient(limits=LIMITS))
    if action == "accept":
        stage.acts("assign")
    stage.now += HOUR
    stage.acts(action)
    assert stage.live is not None
    limit = 4 * DAY if stage.live.status is Status.ACTIVE else 3 * DAY
    assert wanted(stage.rules, stage.live)[AUTO_CLOSE] == longer(
        NOW + (HOUR if action != "accept" else timedelta(0)), limit
    )


def test_ws_10_a_waiting_conversation_has_the_limit_of_its_workstream() -> None:
    rules = patient(limits=Limits(waiting=9 * DAY))
    (main,) = rules.workstreams
    rules = attrs.evolve(rules, workstreams=[attrs.evolve(main, auto_close_after=HOUR)])
    stage = in_state(Status.WAITING, rules)
    stage.now += HOUR + TICK
    stage.ticks()
    assert stage.live is None


def test_acl_5_a_conversation_that_only_a_bot_has_is_closed_after_half_an_hour() -> None:
    stage = in_state(Status.ACTIVE, patient())
    live = stage.live
    assert live is not None
    assert wanted(stage.rules, attrs.evolve(live, bot="menu"))[AUTO_CLOSE] == longer(NOW, 30 * MINUTE)


def test_a_busy_conversation_writes_no_timer_with_every_message() -> None:
    stage = in_state(Status.OPEN, patient(limits=LIMITS))
    for _ in range(5):
        stage.now += HOUR
        inbound = Inbound(f"B{stage.now}", NUMBER, (ANA,), Text("x"))
        decision = stage.happens(Received(inbound, stage.now, f"b{stage.now}", "c"))
        assert not [effect for effect in decision.effects if isinstance(effect, StartTimer | StopTimer)]


# --- timeout rules in a whole channel ----------------------------------------------------------------------


def answered(*timeouts: TimeoutRule) -> Desk:
    """Ana answered; it is the customer's turn."""
    desk = Desk(patient(*timeouts))
    desk.hears("IN1")
    desk.accept(desk.latest().id, "ana")
    desk.reply(desk.latest().id, Text("¿En qué puedo ayudarle?"), agent="ana")
    return desk


def waits(desk: Desk, by: timedelta) -> Desk:
    desk.clock.advance(by)
    desk.tick()
    return desk


def test_a_silent_customer_is_asked_once_in_the_name_of_the_agent() -> None:
    """§9.6: it appears as sent by the agent, and does not count as an answer."""
    desk = waits(answered(ASK), 10 * MINUTE)
    assert len(desk.said()) == 1
    waits(desk, TICK)
    assert desk.said()[1:] == ["¿Sigue ahí, ?"]
    assert desk.messages(desk.latest().id)[-1].author == "ana"
    waits(desk, DAY)
    assert len(desk.said()) == 2


def test_a_rule_may_act_again_after_somebody_wrote() -> None:
    desk = waits(answered(ASK), HOUR)
    desk.hears("IN2")
    desk.reply(desk.latest().id, Text("Claro"), agent="ana")
    waits(desk, HOUR)
    assert desk.said()[1:] == ["¿Sigue ahí, ?", "Claro", "¿Sigue ahí, ?"]


def test_a_silent_agent_is_told_and_the_customer_is_not() -> None:
    desk = Desk(patient(NUDGE))
    desk.hears("IN1")
    waits(desk, 5 * MINUTE + TICK)
    assert [fact["text"] for fact in desk.facts("agent_told")] == ["El cliente espera."]
    assert desk.said() == []


def test_a_rule_moves_an_active_conversation_to_waiting_and_frees_capacity() -> None:
    desk = waits(answered(PARK), HOUR + TICK)
    assert desk.latest().status is Status.WAITING
    assert desk.agents()[0].used == 0


def test_a_rule_closes_a_conversation_and_frees_capacity() -> None:
    desk = waits(answered(CLOSE), 3 * HOUR + TICK)
    assert desk.latest().status is Status.CLOSED
    assert desk.facts("conversation_closed")[-1]["by"] == "timeout_rule"
    assert desk.agents()[0].used == 0


def test_after_a_downtime_everything_fires_late_once_and_in_order() -> None:
    desk = waits(answered(CLOSE, PARK, ASK), 20 * HOUR)
    assert [fact["rule"] for fact in desk.facts("timeout_rule_acted")] == ["ask", "park", "close"]
    assert len(desk.said()) == 2
    waits(desk, 60 * DAY)
    assert len(desk.facts("timeout_rule_acted")) == 3


def test_a_silent_customer_outside_the_window_gets_the_template_or_the_reason_is_recorded() -> None:
    late = attrs.evolve(ASK, after=25 * HOUR)
    desk = waits(answered(late), 26 * HOUR)
    assert [fact["reason"] for fact in desk.facts("automated_message_withheld")] == ["window_closed"]
    desk = waits(answered(attrs.evolve(late, fallback=Fallback("order_ready", {"1": "Ana"}))), 26 * HOUR)
    assert isinstance(desk.provider.arrived[-1].outgoing.content, TemplateMessage)


def test_an_answer_in_time_keeps_the_rule_from_acting() -> None:
    desk = waits(answered(ASK), 9 * MINUTE)
    desk.hears("IN2")
    waits(desk, 2 * MINUTE)
    assert desk.facts("timeout_rule_acted") == []
