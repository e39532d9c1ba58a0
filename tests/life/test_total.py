"""With everything switched on: whatever happens to whatever rows, there is one answer, and nothing leaks."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.shop import NUMBER, shop

from wa_omnichannel.automation import (
    Action,
    AutoAssign,
    Automation,
    CustomMessage,
    Dispositions,
    Fallback,
    LifeRules,
    Limits,
    OfferSettings,
    Reopening,
    ReopeningPolicy,
    Silence,
    TimeoutRule,
    Transfers,
    Trigger,
    WorkstreamLife,
)
from wa_omnichannel.bots import Escalation, Failure, Reply
from wa_omnichannel.conversation import (
    AgentLost,
    BotAnswered,
    ConsultantAdded,
    ConsultEnded,
    ConsultRequested,
    ContactsMerged,
    Conversation,
    DispositionsGiven,
    Enqueue,
    Event,
    ForceClosed,
    HandOverRequested,
    MonitorRequested,
    NoteAdded,
    ParkRequested,
    Record,
    SkillsChanged,
    StartTimer,
    State,
    Status,
    SurveyAnswered,
    SurveyDue,
    TimerFired,
    decide,
)
from wa_omnichannel.conversation.timers import wanted
from wa_omnichannel.hours import Block, OperatingHours
from wa_omnichannel.messages import Text
from wa_omnichannel.rules import Rules
from wa_omnichannel.surveys import Answers, BotOnly, Survey, SurveySettings
from wa_omnichannel.testing import strategies as wa

CONVERSATIONS = st.sampled_from(("c1", "c2"))
AGENTS = st.sampled_from(("ana", "ben"))
TIMEOUTS = tuple(
    TimeoutRule(
        f"{silence.value} {action.value}",
        silence,
        timedelta(minutes=n + 1),
        action,
        {"es": "¿{AgentName}?"} if action in (Action.TELL_CUSTOMER, Action.TELL_AGENT) else {},
    )
    for n, (silence, action) in enumerate((silence, action) for silence in Silence for action in Action)
)


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    known = shop()
    life = LifeRules(
        Limits(waiting=draw(st.none() | st.just(timedelta(hours=1)))),
        OfferSettings(auto_assign=draw(st.sampled_from(AutoAssign)), max_sessions=draw(st.integers(1, 3))),
        ReopeningPolicy(draw(st.sampled_from(Reopening))),
        Automation([CustomMessage(trigger, fallback=Fallback("order_ready", {"1": "x"})) for trigger in Trigger]),
        Dispositions(frozenset({"solved", "stop"}), required=draw(st.booleans()), stops=frozenset({"stop"})),
        {"main": WorkstreamLife(TIMEOUTS, draw(st.booleans()), draw(st.sampled_from(("", "menu"))))},
        Transfers(draw(st.booleans()), draw(st.booleans())),
    )
    survey = SurveySettings(Survey("after"), bot_only=draw(st.sampled_from(BotOnly)))
    hours = OperatingHours("office", "UTC", (Block((0, 1, 2), time(9), time(17)),))
    numbers = [attrs.evolve(number, survey=survey) for number in known.numbers]
    queues = [attrs.evolve(queue, hours=draw(st.none() | st.just(hours))) for queue in known.queues]
    return attrs.evolve(known, life=life, numbers=numbers, queues=queues)


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    known = draw(wa.conversations())
    bot = known.status is Status.ACTIVE and draw(st.booleans())
    return attrs.evolve(
        known,
        agent=None if bot else known.agent,
        accepted_at=None if bot else known.accepted_at,
        bot="menu" if bot else None,
        bots=("menu",) if bot or draw(st.booleans()) else (),
        served=draw(st.booleans()),
        answered_at=draw(st.none() | wa.instants()),
        offered_until=draw(st.none() | wa.instants()),
        fired=draw(st.sampled_from(((), (TIMEOUTS[0].name,)))),
        dispositions=draw(st.sampled_from(((), ("solved",)))),
        consultants=draw(st.sampled_from(((), ("ben",)))),
        joined=draw(st.sampled_from(((), ("ben",)))),
        handed_by=draw(st.sampled_from(("", "ben"))),
    )


def events(known: Rules) -> st.SearchStrategy[Event]:
    replies = st.builds(
        Reply,
        st.sampled_from(((), (Text("uno"), Text("dos")))),
        st.sampled_from(({}, {"topic": "x"}, {"topic": 1.5})),
        st.none() | st.just(Escalation("s")),
        st.booleans(),
    )
    outcomes = replies | st.just(Failure("bot_failed", "ValueError"))
    timers = st.sampled_from(("auto_close", "offer", "release", "overflow", *(f"timeout.{r.name}" for r in TIMEOUTS)))
    return st.one_of(
        wa.events(known),
        st.builds(TimerFired, timers, CONVERSATIONS),
        st.builds(ParkRequested, st.none() | AGENTS),
        st.builds(AgentLost, AGENTS),
        st.builds(SkillsChanged, st.sampled_from(({}, {"billing": 3})), st.sampled_from(((), ("billing",))), AGENTS),
        st.builds(NoteAdded, st.sampled_from(("", "nota")), AGENTS),
        st.builds(DispositionsGiven, st.sampled_from((("solved",), ("stop",), ("x",), ())), st.none() | AGENTS),
        st.builds(HandOverRequested, st.none() | AGENTS),
        st.builds(ConsultRequested, AGENTS),
        st.builds(ConsultEnded, AGENTS, AGENTS),
        st.builds(ConsultantAdded, AGENTS, AGENTS),
        st.builds(MonitorRequested, AGENTS, st.booleans()),
        st.builds(ForceClosed, AGENTS),
        st.builds(BotAnswered, CONVERSATIONS, st.just("m1"), st.just("menu"), outcomes),
        st.builds(SurveyDue, CONVERSATIONS, st.just("after"), wa.instants(), st.none() | st.just("https://l")),
        st.builds(SurveyAnswered, CONVERSATIONS, st.just("after"), st.just(Answers({"csat": 5}))),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rules, State, Event, datetime]:
    known = draw(rules())
    state = draw(wa.states(known))
    thread = attrs.evolve(state.thread, number=NUMBER, conversation=draw(st.none() | conversations()))
    holder = thread.live.agent if thread.live is not None else None
    agent = draw(wa.agents(agent=holder)) if holder is not None else state.agent
    second = draw(wa.agents(agent="other"))
    whole = attrs.evolve(state, thread=thread, agent=agent, other=second)
    return known, whole, draw(events(known)), draw(wa.instants())


@given(cases())
def test_there_is_one_answer_to_everything(case: tuple[Rules, State, Event, datetime]) -> None:
    known, state, event, now = case
    decision, again = decide(known, state, event, now), decide(known, state, event, now)
    assert (decision.state, decision.effects, decision.trace) == (again.state, again.effects, again.trace)
    ids = [effect.message.id for effect in decision.effects if isinstance(effect, Enqueue)]
    assert len(ids) == len(set(ids))
    if decision.refusal is not None:
        assert all(isinstance(effect, Record) for effect in decision.effects)
        assert decision.refusal.explain("es")


@given(cases())
def test_what_is_armed_is_wanted(case: tuple[Rules, State, Event, datetime]) -> None:
    known, state, event, now = case
    decision = decide(known, state, event, now)
    needed = wanted(known, decision.state.thread.live)
    for effect in decision.effects:
        if isinstance(effect, StartTimer) and effect.timer != "overflow":
            assert needed[effect.timer] == effect.due
    live = decision.state.thread.live
    if live is not None and state.thread.live is None and not isinstance(event, ContactsMerged):
        armed = {effect.timer for effect in decision.effects if isinstance(effect, StartTimer)} - {"overflow"}
        assert armed == set(needed)


@given(cases())
def test_lif_1_lif_2_capacity_changes_by_what_the_conversation_takes(
    case: tuple[Rules, State, Event, datetime],
) -> None:
    known, state, event, now = case
    agent = state.agent
    assume(agent is not None and not agent.bot and type(event).__name__ != "ContactsMerged")
    assert agent is not None
    after = decide(known, state, event, now).state
    agents = {known.id: known for known in (after.agent, after.other) if known is not None}
    assert agents[agent.id].used - agent.used == takes(after, agent.id) - takes(state, agent.id)
    second = state.other
    if second is not None and second.id in agents:
        assert agents[second.id].used - second.used == takes(after, second.id)


def takes(state: State, agent: str) -> int:
    live = state.thread.live
    return live.demand if live is not None and live.agent == agent and live.consumes else 0
