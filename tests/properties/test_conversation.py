"""One function for the whole life of a conversation: total, closed is final, no capacity gets lost."""

from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.shop import NOW, NUMBER, shop

from wa_omnichannel import session
from wa_omnichannel.consent import OPT_OUT_CODES
from wa_omnichannel.conversation import (
    TRANSITIONS,
    AcceptRequested,
    AgentAssigned,
    Assign,
    Called,
    CloseRequested,
    ContactsMerged,
    Conversation,
    Decision,
    EndRequested,
    Event,
    Post,
    Received,
    Record,
    SendRequested,
    StartTimer,
    State,
    Status,
    StatusReported,
    Step,
    Thread,
    TimerFired,
    decide,
)
from wa_omnichannel.conversation.merging import older
from wa_omnichannel.conversation.timers import wanted
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.messages import Content, TemplateMessage
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending import SendPolicy
from wa_omnichannel.testing import strategies as wa
from wa_omnichannel.workforce import Agent

RULES = shop()
CLOSED = Status.CLOSED

EVENTS: dict[Step, st.SearchStrategy[Event]] = {
    Step.CUSTOMER_WRITES: st.builds(
        Received, wa.inbounds(numbers=st.just(NUMBER)), wa.instants(), st.just("m9"), st.just("c9")
    ),
    Step.ASSIGNED: st.builds(AgentAssigned),
    Step.PICKED: st.builds(AcceptRequested),
    Step.ENDED: st.builds(EndRequested),
    Step.CLOSED: st.builds(CloseRequested),
    Step.EXPIRED: st.builds(TimerFired, st.just("auto_close"), st.sampled_from(("c1", "c2"))),
}
"""The events that make a step happen today; Waiting is entered by nothing yet."""


@attrs.frozen
class Case:
    """The arguments of one decision."""

    rules: Rules
    state: State
    event: Event
    now: datetime

    def decide(self) -> Decision:
        return decide(self.rules, self.state, self.event, self.now)


@st.composite
def any_cases(draw: st.DrawFn) -> Case:
    rules = draw(wa.rules())
    return Case(rules, draw(wa.states(rules)), draw(wa.events(rules)), draw(wa.instants()))


@st.composite
def shop_cases(draw: st.DrawFn, events: st.SearchStrategy[Event] | None = None) -> Case:
    """Make cases of one fixed shop, which is quicker, in a thread of its number."""
    state = draw(wa.states(RULES))
    thread = attrs.evolve(state.thread, number=NUMBER)
    event = draw(wa.events(RULES) if events is None else events)
    return Case(RULES, attrs.evolve(state, thread=thread), event, draw(wa.moments(thread.window)))


def held(state: State) -> int:
    """Return how much of the agent's capacity the thread's conversation takes."""
    live = state.thread.live
    return live.demand if live is not None and state.agent is not None and live.agent == state.agent.id else 0


def status(conversation: Conversation | None) -> Status | None:
    return conversation.status if conversation is not None else None


@given(any_cases())
def test_decide_is_total(case: Case) -> None:
    """Any rules, any rows, any event at any instant: an answer, and the same one again."""
    decision, again = case.decide(), case.decide()
    assert (decision.state, decision.effects, decision.trace) == (again.state, again.effects, again.trace)
    if decision.refusal is not None:
        assert again.refusal is not None
        assert decision.refusal.explain() == again.refusal.explain()
        assert all(isinstance(effect, Record) for effect in decision.effects)
        if decision.refusal.trace:
            assert decision.refusal.reason == decision.refusal.trace[-1].code


@given(shop_cases(), wa.conversations())
def test_closed_is_final(case: Case, conversation: Conversation) -> None:
    """§9.1: whatever happens, a closed conversation stays as it is; a customer who writes starts another."""
    before = attrs.evolve(conversation, status=CLOSED)
    thread = attrs.evolve(case.state.thread, conversation=before)
    after = decide(RULES, attrs.evolve(case.state, thread=thread), case.event, case.now).state.thread.conversation
    if isinstance(case.event, Received):
        assert after is not None
        assert after.id == case.event.conversation_id
        assert after.status is Status.OPEN
    elif not isinstance(case.event, ContactsMerged):
        assert after is before


@given(shop_cases())
def test_a_conversation_moves_only_along_the_table(case: Case) -> None:
    before, after = case.state.thread.conversation, case.decide().state.thread.conversation
    moved = (status(before), status(after))
    allowed = {(source, target) for (source, _), target in TRANSITIONS.items()} | {
        (one, one) for one in [None, *Status]
    }
    superseded = before is None or before.status in (CLOSED, Status.WRAP_UP)
    if isinstance(case.event, ContactsMerged):
        return
    if before is not None and after is not None and before.id != after.id:
        assert superseded
        assert after.status is Status.OPEN
    else:
        assert moved in allowed


@pytest.mark.parametrize("source", [None, *Status], ids=str)
@pytest.mark.parametrize("step", EVENTS, ids=str)
@settings(max_examples=settings().max_examples // 5)
@given(data=st.data())
def test_every_state_and_step_is_in_the_table_or_refused(
    source: Status | None, step: Step, data: st.DataObject
) -> None:
    case = data.draw(shop_cases(EVENTS[step]))
    thread = case.state.thread
    conversation = data.draw(wa.conversations())
    free = source not in (Status.ACTIVE, Status.WRAP_UP)
    known = attrs.evolve(conversation, status=source, agent=None if free else "ana") if source else None
    agent = data.draw(wa.agents(agent="ana"))
    if known is not None and step is Step.PICKED:
        known = attrs.evolve(known, workstream="main", queue="all", previous="ana")
        agent = attrs.evolve(agent, queues=agent.queues | {"all"})
    state = attrs.evolve(case.state, thread=attrs.evolve(thread, conversation=known), agent=agent)
    decision = decide(RULES, state, case.event, NOW)
    after = decision.state.thread.conversation
    target = TRANSITIONS.get((source, step))
    if step is Step.CUSTOMER_WRITES:
        assert status(after) is (target or Status.OPEN)
    elif step is Step.EXPIRED:
        ours = known is not None and case.event == TimerFired("auto_close", known.id)
        due = wanted(RULES, known).get("auto_close")
        fires = ours and due is not None and due <= NOW
        assert status(after) is (target if fires else source)
    elif target is None:
        accepts_their_own = (source, step) == (Status.ACTIVE, Step.PICKED)
        assert status(after) is source
        assert (decision.refusal is None) == accepts_their_own
    else:
        assert decision.refusal is None
        assert status(after) is target


@given(shop_cases())
def test_capacity_never_leaks(case: Case) -> None:
    """LIF-1, LIF-2: what the agent has in use changes by exactly what the conversation takes."""
    agent = case.state.agent
    assume(agent is not None and not isinstance(case.event, ContactsMerged))
    assert agent is not None
    after = case.decide().state
    assert after.agent is not None
    assert after.agent.used - agent.used == held(after) - held(case.state)


@given(shop_cases(), wa.threads(), wa.agents())
def test_merging_two_people_gives_the_capacity_of_the_closed_conversation_back(
    case: Case, thread: Thread, agent: Agent
) -> None:
    other = attrs.evolve(thread, number=NUMBER)
    stays, goes = older(case.state.thread.live, other.live)
    holder = attrs.evolve(agent, id=goes.agent) if goes is not None and goes.agent is not None else None
    after = decide(RULES, attrs.evolve(case.state, agent=holder), ContactsMerged(other), case.now).state
    assert after.thread.live == stays
    if holder is not None and goes is not None:
        assert after.agent is not None
        assert after.agent.used == holder.used - goes.demand


@given(shop_cases())
def test_capacity_given_back_is_offered_again(case: Case) -> None:
    """Freed capacity drains the queues of the agent who got it back."""
    agent = case.state.agent
    decision = case.decide()
    after = decision.state.agent
    if agent is not None and after is not None and after.used < agent.used:
        assert {e.queue for e in decision.effects if isinstance(e, Assign)} >= agent.queues


@given(shop_cases())
def test_ses_10_only_the_customer_and_a_refusal_touch_the_window(case: Case) -> None:
    """Three clocks: neither the conversation's life nor the agents move the window (SES-4, SES-6, SES-9)."""
    before, after = case.state.thread.window, case.decide().state.thread.window
    if isinstance(case.event, Received | Called):
        assert after == session.receive(before, case.event.at)
    elif isinstance(case.event, ContactsMerged):
        assert after == session.merge(before, case.event.thread.window)
    elif after != before:
        assert after.last_inbound_at == before.last_inbound_at
        assert [e.kind for e in case.decide().effects if isinstance(e, Record)][-1] == "window_refuted"


@given(shop_cases(), wa.sendable_contents())
def test_ses_9_the_window_is_the_threads_whatever_became_of_the_conversation(case: Case, content: Content) -> None:
    """Peers' case 3: without the conversation the answer to `may I send this` is the same."""
    alone = attrs.evolve(case.state, thread=attrs.evolve(case.state.thread, conversation=None))
    asked = SendRequested("m9", content)
    refusals = [decide(RULES, state, asked, case.now).refusal for state in (case.state, alone)]
    assert len({refusal and refusal.reason for refusal in refusals}) == 1
    if isinstance(case.event, Received):
        assert decide(RULES, alone, case.event, NOW).state.thread.window == case.decide().state.thread.window


@given(shop_cases())
def test_nothing_free_form_is_handed_over_outside_the_window(case: Case) -> None:
    policy = RULES.send_policy(NUMBER) or SendPolicy()
    for effect in case.decide().effects:
        if isinstance(effect, Post) and not isinstance(effect.outgoing.content, TemplateMessage):
            assert session.is_open(case.state.thread.window, case.now, policy.margin)


@given(shop_cases(st.builds(SendRequested, st.just("m9"), wa.texts())))
def test_ses_11_automation_is_bound_by_the_window_like_everybody(case: Case) -> None:
    """What the system itself wants to say late is refused, and the refusal is on the timeline."""
    decision = case.decide()
    if not session.is_open(case.state.thread.window, case.now):
        assert decision.refusal is not None
        assert [e.kind for e in decision.effects if isinstance(e, Record)] == ["send_refused"]


@given(shop_cases(EVENTS[Step.CUSTOMER_WRITES]))
def test_a_customer_message_is_kept_and_told_exactly_once(case: Case) -> None:
    event = case.event
    assert isinstance(event, Received)
    decision = case.decide()
    told = [e for e in decision.effects if isinstance(e, Record) and e.kind == "message_received"]
    assert [record.facts["message"] for record in told] == [event.message_id]
    message, thread = decision.state.message, decision.state.thread
    assert message is not None
    assert thread.live is not None
    assert (message.id, message.content, message.at) == (event.message_id, event.inbound.content, event.at)
    assert message.conversation == thread.live.id
    assert thread.reply_to == event.inbound.addresses[0]
    assert set(event.inbound.addresses) <= set(decision.state.contact.addresses)


@given(shop_cases(st.builds(EndRequested)))
def test_wrap_up_has_a_timer_that_closes_it(case: Case) -> None:
    ended = case.decide()
    timers = [effect for effect in ended.effects if isinstance(effect, StartTimer)]
    live = ended.state.thread.live
    if ended.refusal is not None:
        assert not timers
        return
    assert live is not None
    due = wanted(RULES, live)["auto_close"]
    assert due > case.now + timedelta(days=1) - timedelta(microseconds=1)
    assert [(timer.conversation, timer.due) for timer in timers] in ([(live.id, due)], [])
    closed = decide(RULES, ended.state, TimerFired("auto_close", live.id), due)
    assert status(closed.state.thread.conversation) is CLOSED


@given(shop_cases(), st.sampled_from(("auto_close", "other")))
def test_a_timer_of_another_conversation_does_nothing(case: Case, timer: str) -> None:
    decision = decide(RULES, case.state, TimerFired(timer, "an older one"), case.now)
    assert decision.state is case.state
    assert not decision.effects
    assert decision.refusal is None


@given(shop_cases(st.builds(AcceptRequested)))
def test_accepting_twice_is_accepting_once(case: Case) -> None:
    first = case.decide()
    if first.refusal is None:
        again = decide(RULES, first.state, case.event, case.now + timedelta(minutes=1))
        assert again.state is first.state
        assert not again.effects


@given(shop_cases(st.builds(StatusReported, wa.status_reports())))
def test_peers_case_4_a_status_callback_touches_nothing_but_its_message(case: Case) -> None:
    """Except that a few error codes say that the customer does not want to be written to."""
    after = case.decide().state
    assert after.thread.conversation is case.state.thread.conversation
    assert after.agent is case.state.agent
    assert attrs.evolve(after.contact, consent=case.state.contact.consent) == case.state.contact
    if after.contact is not case.state.contact:
        assert isinstance(case.event, StatusReported)
        assert case.event.report.error_code in OPT_OUT_CODES


@given(any_cases())
def test_a_naive_now_is_a_typed_error(case: Case) -> None:
    with pytest.raises(InvalidValue, match="now"):
        attrs.evolve(case, now=case.now.replace(tzinfo=None)).decide()
