"""Everything that can break is broken, at every step: nothing is lost, nothing is done twice."""

from collections.abc import Sequence
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop
from tests.support.stage import FAULTS, Running, Stage, interleave

from wa_omnichannel._flows.agents import accept
from wa_omnichannel._flows.steps import Commit, Send
from wa_omnichannel.automation import LifeRules, OfferSettings
from wa_omnichannel.conversation import Message, Status
from wa_omnichannel.conversation.delivering import LOOK_AGAIN, SETTLE
from wa_omnichannel.errors import Refused, StoreUnavailable
from wa_omnichannel.messages import Ambiguous, DeliveryStatus, NotSent, Outgoing, Rejected, Text
from wa_omnichannel.ports import Lane, NextDue, lane_key
from wa_omnichannel.session import is_open


def story(stage: Stage) -> Message:
    """A customer writes, is assigned and answered, the answer is delivered, the conversation ends and closes."""
    stage.insist(stage.hires)
    stage.insist(stage.hears)
    stage.works()
    stage.insist(lambda: stage.accepts(request="accept"))
    answered = stage.insist(lambda: stage.answers(Text("Buenas"), "ana", "answer"))
    stage.settle()
    handed = stage.provider.arrived[-1]
    stage.insist(lambda: stage.reports(handed.sid or "", "delivered", answered.id))
    stage.insist(lambda: stage.ends("end"))
    stage.pass_time(timedelta(days=1))
    stage.settle()
    return stage.message(answered.id)


def steps_of_the_story() -> list[type]:
    stage = Stage()
    story(stage)
    return [type(step) for step in stage.steps]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_effect_happens_exactly_once_whatever_breaks(fault: str) -> None:
    kind, break_it = FAULTS[fault]
    places = [n for n, step in enumerate(steps_of_the_story()) if issubclass(step, kind)]
    assert places
    for place in places:
        stage = Stage()
        stage.planted = (place, break_it)
        answer = story(stage)
        check_the_ending(stage, answer, f"{fault} at step {place}, a {type(stage.steps[place]).__name__}")


ONCE = (
    "message_received",
    "conversation_opened",
    "routed",
    "assigned",
    "accepted",
    "message_accepted",
    "conversation_ended",
    "conversation_closed",
)


def check_the_ending(stage: Stage, answer: Message, where: str) -> None:
    """Compare the store and the provider with the story as it was meant."""
    kinds = stage.kinds()
    assert {kind: kinds.count(kind) for kind in ONCE} == dict.fromkeys(ONCE, 1), where
    assert stage.arrived() == [Text("Buenas")], where
    assert (answer.status, answer.sid) == (DeliveryStatus.DELIVERED, stage.provider.arrived[0].sid), where
    assert stage.conversation.status is Status.CLOSED, where
    assert [agent.used for agent in stage.desk.agents()] == [0], where
    assert len(stage.desk.messages(stage.conversation.id)) == 2, where
    assert stage.store.select(NextDue()) is None, where
    assert lane_is_free(stage), where
    numbers = [happening.event.n for happening in stage.desk.timeline(stage.conversation.id)]
    assert numbers == list(range(1, len(numbers) + 1)), where


def lane_is_free(stage: Stage) -> bool:
    """Tell whether nobody holds the thread's lane; a lease of somebody who crashed may lie around, but it is over."""
    key = lane_key(f"thread:{NUMBER}:{stage.contact}")
    lanes = [stored.value for stored in stage.store.load([key]).values()]
    return all(isinstance(lane, Lane) and lane.until < stage.store_clock.now() for lane in lanes)


# --- what the bugs of others teach -------------------------------------------------------------------------


def served() -> Stage:
    """A customer has written, and ana has the conversation."""
    stage = Stage()
    stage.play(stage.hires())
    stage.play(stage.hears())
    stage.play(stage.ticks())
    return stage


def test_peers_case_19_the_same_message_twice_is_one_effect() -> None:
    stage = Stage()
    assert [stage.play(stage.hears()).kind for _ in range(3)] == ["message", "duplicate", "duplicate"]
    assert stage.kinds().count("message_received") == 1


def test_peers_case_19_a_webhook_that_failed_is_taken_when_it_comes_again() -> None:
    """The duplicate mark is written with the effect, never before it."""
    stage = Stage()
    stage.break_next(Commit, "store away")
    with pytest.raises(StoreUnavailable):
        stage.play(stage.hears())
    assert stage.play(stage.hears()).kind == "message"
    assert stage.kinds().count("message_received") == 1


def test_peers_case_19_another_status_of_the_same_message_is_no_duplicate() -> None:
    stage = served()
    sent = stage.play(stage.answers(Text("Buenas")))
    sid = str(sent.sid)
    assert [stage.play(stage.reports(sid, word)).kind for word in ("sent", "delivered", "delivered")] == [
        "status",
        "status",
        "duplicate",
    ]
    assert stage.message(sent.id).status is DeliveryStatus.DELIVERED


@given(st.data())
def test_peers_case_20_ten_webhooks_at_once_for_a_new_customer_are_one_conversation(data: st.DataObject) -> None:
    stage = Stage()
    flows = [stage.hears(f"IN{n}", f"message {n}") for n in range(10)]
    interleave(stage, flows, lambda running: data.draw(st.sampled_from(running)))
    assert len(stage.desk.messages(stage.conversation.id)) == 10
    assert stage.kinds().count("conversation_opened") == 1
    numbers = [happening.event.n for happening in stage.desk.timeline(stage.conversation.id)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_peers_case_22_a_callback_that_overtakes_the_answer_is_not_lost() -> None:
    """Our own id travels with the message, so the callback finds it before the provider's id is stored."""
    stage = served()
    answering = Running(stage.answers(Text("Buenas")))
    answering.until(stage, Send)
    handed = stage.provider.arrived[0]
    assert stage.play(stage.reports(handed.sid or "", "delivered", handed.outgoing.message_id)).kind == "status"
    while not answering.finished:
        answering.advance(stage)
    assert (answering.result().status, answering.result().sid) == (DeliveryStatus.DELIVERED, handed.sid)
    stage.settle()
    assert stage.arrived() == [Text("Buenas")]


@pytest.mark.parametrize("arrives", [True, False])
def test_peers_case_23_a_timeout_is_not_a_failure(arrives: bool) -> None:
    """The message is `unknown` until the provider's list tells; only if it stays empty the message is sent again."""
    stage = served()
    stage.provider.plan(Ambiguous("timeout"), arrives=arrives)
    sent = stage.play(stage.answers(Text("Buenas")))
    assert sent.status is DeliveryStatus.UNKNOWN
    stage.pass_time(LOOK_AGAIN)
    stage.play(stage.ticks())
    assert stage.message(sent.id).status is (DeliveryStatus.QUEUED if arrives else DeliveryStatus.UNKNOWN)
    stage.pass_time(SETTLE)
    stage.settle()
    assert stage.message(sent.id).status is DeliveryStatus.QUEUED
    assert len(stage.provider.handed) == (1 if arrives else 2)
    assert stage.arrived() == [Text("Buenas")]


def test_peers_case_23_what_cannot_be_told_apart_stays_visibly_unknown() -> None:
    """Somebody else sent the same words at the same time; then nobody guesses, and nothing is sent again."""
    stage = served()
    stage.provider.plan(Ambiguous("timeout"), arrives=True)
    sent = stage.play(stage.answers(Text("Buenas")))
    stage.provider.send(Outgoing("not ours", NUMBER, ANA, Text("Buenas")))
    stage.settle()
    assert stage.message(sent.id).status is DeliveryStatus.UNKNOWN
    assert stage.message(sent.id).sid is None
    assert "message_unresolved" in stage.kinds()
    assert len(stage.provider.handed) == 2
    later = stage.play(stage.answers(Text("Adiós")))
    assert later.status is DeliveryStatus.QUEUED


def test_peers_case_24_what_was_turned_away_is_repeated_when_the_provider_says() -> None:
    stage = served()
    stage.provider.plan(NotSent("429", timedelta(seconds=90)))
    sent = stage.play(stage.answers(Text("Buenas")))
    assert sent.status is DeliveryStatus.PENDING
    stage.pass_time(timedelta(seconds=89))
    stage.play(stage.ticks())
    assert stage.arrived() == []
    stage.pass_time(timedelta(seconds=1))
    stage.play(stage.ticks())
    assert stage.arrived() == [Text("Buenas")]


def test_peers_case_24_and_6_a_refusal_as_outside_the_window_is_never_repeated_blindly() -> None:
    """63016 closes the window that we believed open, and the next message is refused with the remedies."""
    stage = served()
    stage.provider.plan(Rejected(63016, ""))
    sent = stage.play(stage.answers(Text("Buenas")))
    stage.settle()
    assert stage.message(sent.id).status is DeliveryStatus.FAILED
    assert len(stage.provider.handed) == 1
    assert not is_open(stage.desk.thread(stage.conversation.id).window, NOW)
    with pytest.raises(Refused) as refused:
        stage.play(stage.answers(Text("¿Hola?")))
    assert refused.value.reason == "window_refuted"
    assert [remedy.code for remedy in refused.value.remedies] == ["use_template", "customer_writes"]


def test_peers_case_6_a_callback_without_any_text_corrects_the_window_too() -> None:
    stage = served()
    sent = stage.play(stage.answers(Text("Buenas")))
    stage.play(stage.reports(str(sent.sid), "undelivered", None, 63016))
    assert not is_open(stage.desk.thread(stage.conversation.id).window, NOW)
    assert stage.kinds().count("window_refuted") == 1


def test_peers_case_5_a_message_that_waited_too_long_is_refused_when_its_turn_comes() -> None:
    stage = served()
    stage.provider.plan(NotSent("busy", timedelta(hours=25)))
    sent = stage.play(stage.answers(Text("Buenas")))
    stage.pass_time(timedelta(hours=25))
    stage.settle()
    assert stage.message(sent.id).status is DeliveryStatus.REFUSED
    assert stage.message(sent.id).error == "window_closed"
    assert stage.kinds()[-1] == "send_refused"
    assert stage.arrived() == []


# --- many at once --------------------------------------------------------------------------------------------


@given(st.data())
def test_many_workers_and_agents_at_once_do_everything_once(data: st.DataObject) -> None:
    """Two answers, three workers, a customer and a callback, in any order of steps."""
    stage = served()
    earlier = stage.play(stage.answers(Text("Buenas")))
    flows = [
        stage.answers(Text("one"), "ana"),
        stage.answers(Text("two"), "ana"),
        stage.hears("IN2", "¿Y?"),
        stage.reports(str(earlier.sid), "read"),
        *(stage.ticks() for _ in range(3)),
    ]

    def choose(running: Sequence[Running]) -> Running:
        return data.draw(st.sampled_from(running))

    outcomes = interleave(stage, flows, choose)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    stage.settle()
    assert sorted(str(content) for content in stage.arrived()) == sorted(str(Text(t)) for t in ("Buenas", "one", "two"))
    assert stage.message(earlier.id).status is DeliveryStatus.READ
    assert [message.status for message in stage.desk.messages(stage.conversation.id)].count(DeliveryStatus.QUEUED) == 2
    accepted = [str(h.event.facts["message"]) for h in stage.desk.events() if h.event.kind == "message_accepted"]
    assert [handed.outgoing.message_id for handed in stage.provider.arrived] == accepted


@given(st.data())
def test_peers_case_26_capacity_is_never_exceeded_by_workers_at_once(data: st.DataObject) -> None:
    """Three conversations, two places, three workers: two are assigned, one waits, and nothing is counted twice."""
    patient = LifeRules(offers=OfferSettings(countdown=timedelta(hours=1)))
    stage = Stage(attrs.evolve(shop(), life=patient))
    stage.play(stage.hires("ana", 1))
    stage.play(stage.hires("ben", 1))
    customers = [f"+3460000000{n}" for n in range(3)]
    for n, customer in enumerate(customers):
        stage.play(stage.hears(f"IN{n}", sender=customer))
    interleave(stage, [stage.ticks() for _ in range(3)], lambda running: data.draw(st.sampled_from(running)))
    stage.works()
    assert [agent.used for agent in stage.desk.agents()] == [1, 1]
    statuses = sorted(listing.conversation.status.value for listing in stage.desk.conversations())
    assert statuses == ["active", "active", "open"]
    assert stage.kinds().count("assigned") == 2


@given(st.data())
def test_cap_6_work_is_never_given_to_an_agent_who_just_took_the_last_place(data: st.DataObject) -> None:
    """A pick may exceed the capacity; automation that decided before the pick must decide again."""
    stage = Stage()
    stage.play(stage.hires("ana", 1))
    stage.play(stage.hears("IN1", sender="+34600000001"))
    stage.play(stage.hears("IN2", sender="+34600000002"))
    last = stage.desk.conversations()[-1].conversation.id
    picking = accept(stage.rules, last, "ana", None)
    interleave(stage, [stage.ticks(), picking, stage.ticks()], lambda running: data.draw(st.sampled_from(running)))
    given_to = [h.event.facts for h in stage.desk.events() if h.event.kind == "assigned"]
    assert all(isinstance(facts["free"], int) and facts["free"] >= 0 for facts in given_to)


def test_peers_case_23_a_worker_that_is_still_posting_is_not_overtaken() -> None:
    """Its lane is leased in the store's time, which nobody moves: a jump of the clock makes nobody send again."""
    stage = served()
    slow = Running(stage.answers(Text("Buenas")))
    slow.until(stage, Commit)  # accepted
    slow.until(stage, Commit)  # the attempt is on record, and the request is on its way
    for _ in range(3):
        stage.clock.advance(timedelta(minutes=10))
        stage.play(stage.ticks())
    while not slow.finished:
        slow.advance(stage)
    stage.settle()
    assert stage.arrived() == [Text("Buenas")]
    assert len(stage.provider.handed) == 1


@given(st.data())
def test_two_agents_who_pick_the_same_conversation_at_once_do_not_both_get_it(data: st.DataObject) -> None:
    stage = Stage()
    stage.play(stage.hears())
    for agent in ("ana", "ben"):
        stage.play(stage.hires(agent))
    flows = [stage.accepts("ana"), stage.accepts("ben")]
    outcomes = interleave(stage, flows, lambda running: data.draw(st.sampled_from(running)))
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert sorted(agent.used for agent in stage.desk.agents()) == [0, 1]
