"""What became of a message: any order and repetition of callbacks comes to the same."""

from datetime import timedelta
from functools import reduce

import attrs
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import NOW, NUMBER, shop

from wa_omnichannel.conversation import (
    Deliver,
    Direction,
    DispatchDue,
    Message,
    Post,
    Reconciled,
    SendFinished,
    State,
    StatusReported,
    decide,
)
from wa_omnichannel.conversation.delivering import MAX_ATTEMPTS, SETTLE
from wa_omnichannel.messages import (
    FAILURES,
    RANK,
    Accepted,
    Ambiguous,
    DeliveryStatus,
    NotSent,
    Outcome,
    Rejected,
    StatusReport,
    join,
    provider_status,
)
from wa_omnichannel.session import Window, refute
from wa_omnichannel.testing import strategies as wa

RULES = shop()
statuses = wa.delivery_statuses()
PENDING, SENDING, UNKNOWN = DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN


@given(statuses, statuses, statuses)
def test_statuses_are_a_join_semilattice(a: DeliveryStatus, b: DeliveryStatus, c: DeliveryStatus) -> None:
    assert join(a, b) is join(b, a)
    assert join(a, join(b, c)) is join(join(a, b), c)
    assert join(a, a) is a
    assert RANK[join(a, b)] == max(RANK[a], RANK[b])


@given(st.data(), st.lists(statuses, min_size=1))
def test_peers_case_21_any_permutation_of_callbacks_ends_the_same(
    data: st.DataObject, reports: list[DeliveryStatus]
) -> None:
    again = data.draw(st.lists(st.sampled_from(reports)))
    assert reduce(join, data.draw(st.permutations([*reports, *again]))) is reduce(join, reports)


@given(statuses)
def test_what_the_customer_saw_was_delivered_whatever_is_said_later(status: DeliveryStatus) -> None:
    for failure in FAILURES:
        assert join(join(DeliveryStatus.READ, status), failure) is join(DeliveryStatus.READ, status)
        assert join(failure, DeliveryStatus.DELIVERED) is DeliveryStatus.DELIVERED


@given(st.sampled_from(DeliveryStatus))
def test_what_the_provider_reports_outranks_what_only_we_believe(status: DeliveryStatus) -> None:
    """Also a refusal of ours: the lost answer of an earlier attempt may have been a yes."""
    ours = (PENDING, SENDING, UNKNOWN, DeliveryStatus.REFUSED)
    if status not in ours:
        assert all(join(own, status) is status for own in ours)


@st.composite
def sent_messages(draw: st.DrawFn, status: st.SearchStrategy[DeliveryStatus]) -> State:
    """Make a message to a customer that was handed over at least once."""
    own = st.just(NUMBER)
    thread = draw(wa.threads(numbers=own))
    message = attrs.evolve(
        draw(wa.messages(numbers=own)),
        direction=Direction.OUT,
        status=draw(status),
        attempt=draw(st.integers(1, MAX_ATTEMPTS)),
        dispatched_at=NOW - draw(st.timedeltas(timedelta(0), 2 * SETTLE)),
    )
    return State(draw(wa.contacts()), thread, None, message)


def reported(state: State, report: StatusReport) -> State:
    return decide(RULES, state, StatusReported(report), NOW).state


def essence(state: State) -> tuple[DeliveryStatus, Window]:
    assert state.message is not None
    return state.message.status, state.thread.window


@given(st.data(), sent_messages(statuses), st.lists(wa.status_reports(), max_size=5), wa.status_reports())
def test_peers_case_21_on_the_whole_state(
    data: st.DataObject, state: State, reports: list[StatusReport], one: StatusReport
) -> None:
    """Status and window do not depend on the order of the callbacks about one attempt, 63016 among them."""
    reports = [attrs.evolve(report, sid=one.sid, retryable=one.retryable) for report in reports]
    shuffled = data.draw(st.permutations(reports))
    first = reduce(reported, reports, state)
    other = reduce(reported, shuffled, state)
    assert essence(first) == essence(other)


@given(sent_messages(statuses), st.text(max_size=10))
def test_an_unknown_word_of_the_provider_is_kept_and_harms_nobody(state: State, word: str) -> None:
    if provider_status(word) is None:
        decision = decide(RULES, state, StatusReported(StatusReport("SM1", word)), NOW)
        assert decision.state is state
        assert [getattr(effect, "facts", {}).get("status") for effect in decision.effects] == [word]


@given(sent_messages(statuses), st.sampled_from((None, 63024, 30008, 21610, 63016)))
def test_peers_case_6_only_63016_corrects_the_window(state: State, code: int | None) -> None:
    """Whatever was sent: WhatsApp says that the window was closed. An error of another kind says nothing about it."""
    window = reported(state, StatusReport("SM1", "undelivered", error_code=code)).thread.window
    rejected = decide(RULES, state, SendFinished(Rejected(code or 0, "")), NOW).state.thread.window
    message = state.message
    assert message is not None
    assert message.dispatched_at is not None
    expected = refute(state.thread.window, message.dispatched_at) if code == 63016 else state.thread.window
    assert window == rejected == expected


@given(sent_messages(statuses), wa.outcomes())
def test_an_answer_never_takes_a_message_back_once_it_left(state: State, outcome: Outcome) -> None:
    """Only a message in flight may be planned anew; what is known to be with the provider is not sent again."""
    before = state.message
    decision = decide(RULES, state, SendFinished(outcome), NOW)
    after = decision.state.message
    assert before is not None
    assert after is not None
    if before.status not in (SENDING, UNKNOWN):
        failed_before = isinstance(outcome, Accepted) and before.sid not in (None, outcome.sid)
        assert RANK[after.status] >= RANK[before.status] or (failed_before and before.status in FAILURES)
        assert not [effect for effect in decision.effects if isinstance(effect, Deliver)]


@given(sent_messages(st.sampled_from((SENDING, UNKNOWN))), st.lists(wa.sightings(), max_size=3))
def test_peers_case_23_a_lost_answer_is_never_answered_by_sending_blindly(state: State, found) -> None:
    """It is planned again only when the provider's list stayed empty for the whole time to settle."""
    message = attrs.evolve(state.message, sid=None) if state.message else None
    assert message is not None
    assert message.dispatched_at is not None
    decision = decide(RULES, attrs.evolve(state, message=message), Reconciled(tuple(found)), NOW)
    planned = [effect for effect in decision.effects if isinstance(effect, Deliver)]
    assert not [effect for effect in decision.effects if isinstance(effect, Post)]
    if planned:
        assert not found
        assert message.dispatched_at + SETTLE <= NOW
    if len(found) == 1:
        assert decision.state.message is not None
        assert decision.state.message.sid == found[0].sid


@given(sent_messages(st.just(SENDING)), wa.outcomes())
def test_every_outcome_is_final_or_has_a_next_step(state: State, outcome: Outcome) -> None:
    decision = decide(RULES, state, SendFinished(outcome), NOW)
    after = decision.state.message
    assert after is not None
    assert after.status is not SENDING
    if after.status in (PENDING, UNKNOWN):
        assert [effect for effect in decision.effects if hasattr(effect, "due")]
    if isinstance(outcome, Ambiguous):
        assert not [effect for effect in decision.effects if isinstance(effect, Deliver)]


@given(sent_messages(st.just(SENDING)))
def test_peers_case_24_what_was_not_sent_is_tried_later_each_time_and_not_for_ever(state: State) -> None:
    dues: list[timedelta] = []
    message: Message | None = attrs.evolve(state.message, attempt=1) if state.message else None
    while message is not None and message.status is not DeliveryStatus.FAILED:
        trying = attrs.evolve(message, status=SENDING)
        decision = decide(RULES, attrs.evolve(state, message=trying), SendFinished(NotSent("busy")), NOW)
        dues += [effect.due - NOW for effect in decision.effects if isinstance(effect, Deliver) and effect.due]
        message = decision.state.message and attrs.evolve(decision.state.message, attempt=trying.attempt + 1)
    assert len(dues) == MAX_ATTEMPTS - 1
    assert dues == sorted(set(dues))


@given(sent_messages(st.just(PENDING)))
def test_peers_case_5_a_message_is_decided_on_again_when_its_turn_comes(state: State) -> None:
    """It leaves, or it is refused with the reason on record; nothing is dropped in silence."""
    decision = decide(RULES, state, DispatchDue(), NOW)
    after = decision.state.message
    assert after is not None
    left = [effect for effect in decision.effects if isinstance(effect, Post)]
    assert (after.status is SENDING) == bool(left)
    assert (after.status is DeliveryStatus.REFUSED) == (decision.refusal is not None)
    if decision.refusal is not None:
        assert after.error == decision.refusal.reason
        assert [getattr(effect, "kind", "") for effect in decision.effects] == ["send_refused"]
