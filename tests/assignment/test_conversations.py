"""Workstreams, queues and people as real conversations meet them, over the façade and both kinds of stores."""

from collections.abc import Iterator
from datetime import time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.support.shop import ANA, NOW, NUMBER

from wa_omnichannel._flows import assigning
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import (
    Affinity,
    AgentTest,
    AssignmentRule,
    Bucket,
    CustomAssignment,
    Method,
    Preference,
    QueuePolicy,
    Unavailable,
    WaitingItem,
    WorkPolicy,
)
from wa_omnichannel.capacity import CapacityProfile, Reset, WrapUp, WrapUpBlocking, grant
from wa_omnichannel.conditions import Test
from wa_omnichannel.conversation import Conversation, Status
from wa_omnichannel.errors import ConfigurationError, InvalidValue, NotFound, Refused
from wa_omnichannel.hours import Block, OperatingHours
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.overflow import Action, Handling, Limit, MaximumWait, Overflow
from wa_omnichannel.ports import Changes, Put, Store, waiting_key
from wa_omnichannel.routing import (
    ClassificationRule,
    ContextVariable,
    Mode,
    ModelRuleset,
    Prediction,
    Queue,
    QueueType,
    RouteRule,
    Ruleset,
    Severity,
    VariableType,
    Workstream,
)
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.skills import Matching
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.workforce import Agent, CustomPresence, OfferRules, Presence

MINUTE = timedelta(minutes=1)
COUNT = count()
FACTURA = Test("first_message", "contains", "factura")
SUBJECT = Ruleset("subject", (ClassificationRule("bills", FACTURA, {"subject": "bills"}, {"billing": 2}, ("bills",)),))
NIGHT = OperatingHours("night", "UTC", (Block(start=time(22), end=time(23)),))
"""Closed at noon, when the stories begin."""
OFFICE = OperatingHours("office", "UTC", (Block(start=time(9), end=time(18)),))


class Channel(Omnichannel):
    """A channel with one number, told as short stories."""

    def __init__(self, store: Store, workstream: Workstream, *queues: Queue, **more: Any) -> None:
        self.clock = FixedClock(NOW)
        self.provider = RecordingTransport(self.clock)
        settings = Rules([Number(NUMBER, "Shop", workstream.name, "es")], [workstream], queues, **more)
        super().__init__(settings, store=store, transport=self.provider, clock=self.clock)

    def joins(self, name: str, *queues: str, **more: Any) -> Agent:
        members = frozenset(queues or ("all",))
        return self.put_agent(attrs.evolve(Agent(name, name.title(), members, Presence.AVAILABLE, 2), **more))

    def hears(self, text: str = "Hola", who: int = 0) -> Conversation:
        """Take a message of customer number *who*, and return the conversation it is in."""
        sender = Address(f"+3460000000{who}") if who else ANA
        request = self.provider.webhook(Inbound(f"IN{next(COUNT)}", NUMBER, (sender,), Text(text)))
        assert self.receive(request).status == 200
        self.clock.advance(timedelta(seconds=1))
        found = [each.conversation for each in self.conversations(limit=1000) if each.name == sender]
        return max(found, key=lambda conversation: conversation.opened_at)

    def serves(self) -> None:
        report = self.tick()
        assert not report.errors

    def now(self, conversation: Conversation) -> Conversation:
        found = {each.conversation.id: each.conversation for each in self.conversations(limit=1000)}
        return found[conversation.id]

    def holder(self, conversation: Conversation) -> str | None:
        self.serves()
        return self.now(conversation).agent

    def agent(self, name: str) -> Agent:
        return next(agent for agent in self.agents() if agent.id == name)

    def rules_of(self, conversation: Conversation, kind: str) -> list[str]:
        events = [each.event for each in self.timeline(conversation.id) if each.event.kind == kind]
        return [check.rule for event in events for check in event.trace]

    def kinds(self, conversation: Conversation) -> list[str]:
        return [each.event.kind for each in self.timeline(conversation.id)]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with SqliteStore(tmp_path / "desk.db") as opened:
        yield opened


def main(**more: Any) -> Workstream:
    return attrs.evolve(Workstream("main", "all", (SUBJECT,)), **more)


def refused(call: Any, *arguments: Any, **named: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)
    assert caught.value.explain("en") != caught.value.explain("es")
    return caught.value


# --- skills, profiles, methods


def test_skl_2_a_conversation_goes_to_whoever_has_the_skills_that_classification_found(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("ana", profiles={"bills": grant(CapacityProfile("bills", 9))})
    bills = desk.hears("mi factura")
    assert desk.holder(bills) is None
    desk.joins("eva", skills={"billing": 3}, profiles={"bills": grant(CapacityProfile("bills", 9))})
    assert desk.holder(bills) == "eva"
    assert desk.now(bills).needs.ratings == {"billing": 2}


def test_skl_9_an_agent_changes_the_skills_where_the_workstream_allows_it(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("ana")
    one = desk.hears()
    assert desk.holder(one) == "ana"
    no = refused(desk.change_skills, one.id, {"tax": 2}, agent="ana")
    assert (no.reason, no.rules) == ("skills_fixed", ("SKL-9",))
    desk.rules = attrs.evolve(desk.rules, workstreams=[main(policy=WorkPolicy(skill_control=True))])
    assert refused(desk.change_skills, one.id, {"tax": 2}, agent="eva").reason == "not_your_conversation"
    assert desk.change_skills(one.id, {"tax": 2}, agent="ana").needs.ratings == {"tax": 2}
    changed = desk.change_skills(one.id, {"tax": 1, "es": 1}, ["tax"], agent="ana", request_id="r")
    assert changed.needs.ratings == {"es": 1, "tax": 1}
    desk.transfer(one.id, "all", agent="ana")
    assert desk.holder(one) is None


def test_skl_9_the_application_takes_off_a_skill_that_nobody_has_and_it_is_assigned(store: Store) -> None:
    desk = Channel(
        store, main(rulesets=(Ruleset("s", (ClassificationRule("b", FACTURA, skills={"x": 2}),)),)), Queue("all")
    )
    desk.joins("ana")
    one = desk.hears("factura")
    assert desk.holder(one) is None
    desk.change_skills(one.id, remove=["x"])
    assert desk.holder(one) == "ana"
    assert "skills_changed" in desk.kinds(one)


def test_skl_3_closest_match_takes_whoever_comes_closest(store: Store) -> None:
    closest = main(
        rulesets=(Ruleset("s", (ClassificationRule("b", FACTURA, skills={"billing": 2}),)),),
        policy=WorkPolicy(matching=Matching.CLOSEST),
    )
    desk = Channel(store, closest, Queue("all"))
    desk.joins("ana", skills={"other": 1})
    desk.joins("eva", skills={"billing": 1})
    bills = desk.hears("mi factura")
    assert desk.holder(bills) == "eva"
    assert desk.rules_of(bills, "assigned") == ["SKL-3"]


def test_cap_4_every_profile_of_a_conversation_is_consumed_and_comes_back(store: Store) -> None:
    desk = Channel(store, main(demand=0, profile="chat"), Queue("all"))
    profiles = {"chat": grant(CapacityProfile("chat", 9)), "bills": grant(CapacityProfile("bills", 1))}
    desk.joins("ana", skills={"billing": 5}, profiles=profiles)
    first, second = desk.hears("factura", 1), desk.hears("factura", 2)
    assert (desk.holder(first), desk.holder(second)) == ("ana", None)
    assert {name: has.used for name, has in desk.agent("ana").profiles.items()} == {"chat": 1, "bills": 1}
    desk.close(first.id)
    assert desk.holder(second) == "ana"
    desk.close(second.id)
    assert {name: has.used for name, has in desk.agent("ana").profiles.items()} == {"chat": 0, "bills": 0}


def test_cap_3_what_counts_per_day_comes_back_when_the_shift_ends(store: Store) -> None:
    desk = Channel(store, main(demand=0, profile="day"), Queue("all"))
    desk.joins("ana", profiles={"day": grant(CapacityProfile("day", 1, Reset.END_OF_DAY))})
    first, second = desk.hears("Hola", 1), desk.hears("Hola", 2)
    assert desk.holder(first) == "ana"
    desk.close(first.id)
    assert desk.holder(second) is None
    desk.end_shift("ana")
    assert desk.holder(second) == "ana"


def test_round_robin_goes_on_where_it_was_after_a_restart(store: Store) -> None:
    turns = Queue("all", policy=QueuePolicy(Method.ROUND_ROBIN))
    desk = Channel(store, main(), turns)
    for name in ("ana", "eva", "isa"):
        desk.joins(name, capacity=9)
        desk.clock.advance(MINUTE)
    holders = [desk.holder(desk.hears(who=who)) for who in (1, 2)]
    again = Omnichannel(desk.rules, store=store, transport=desk.provider, clock=desk.clock)
    desk._outside.memory.clear()  # another process has its own index
    third = desk.hears(who=3)
    again.tick()
    assert [*holders, desk.now(third).agent] == ["ana", "eva", "isa"]


def test_asg_4_buckets_see_the_attributes_of_a_conversation(store: Store) -> None:
    first = Queue("all", policy=QueuePolicy(buckets=(Bucket("bills", Test("subject", "equals", "bills")),)))
    settings = main(rulesets=(Ruleset("s", (ClassificationRule("b", FACTURA, {"subject": "bills"}),)),))
    desk = Channel(store, settings, first)
    plain, bills = desk.hears("Hola", 1), desk.hears("factura", 2)
    desk.joins("ana", capacity=1)
    assert (desk.holder(bills), desk.holder(plain)) == ("ana", None)


def test_what_waits_is_looked_at_again_when_the_settings_ask_for_other_attributes(store: Store) -> None:
    settings = main(rulesets=(Ruleset("s", (ClassificationRule("b", FACTURA, {"subject": "bills"}),)),))
    before = Channel(store, settings, Queue("all"))
    plain, bills = before.hears("Hola", 1), before.hears("factura", 2)
    first = Queue("all", policy=QueuePolicy(buckets=(Bucket("bills", Test("subject", "equals", "bills")),)))
    after = Channel(store, settings, first)
    after.joins("ana", capacity=1)
    assert (after.holder(bills), after.holder(plain)) == ("ana", None)


def test_other_settings_in_the_same_process_count_from_the_next_cycle_on(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("ana", presence=Presence.AWAY)
    one = desk.hears()
    assert desk.holder(one) is None
    desk.rules = attrs.evolve(desk.rules, presences=frozenset({Presence.AWAY}))
    desk.joins("eva", "elsewhere")
    assert desk.holder(one) == "ana"


def test_asg_12_custom_rules_may_go_beyond_units_and_the_trace_says_so(store: Store) -> None:
    custom = CustomAssignment(
        default="r", rulesets={"r": (AssignmentRule("team", (AgentTest("attribute", "equals", "a", "team"),)),)}
    )
    desk = Channel(store, main(), Queue("all", policy=QueuePolicy(Method.CUSTOM, custom=custom)))
    desk.joins("ana", capacity=0, attributes={"team": "A"})
    desk.joins("eva", capacity=9, attributes={"team": "B"})
    one = desk.hears()
    assert desk.holder(one) == "ana"
    assert desk.rules_of(one, "assigned") == ["ASG-12"]
    assert desk.agent("ana").free == -1


def test_ws_13_a_workstream_says_in_which_presences_work_is_given(store: Store) -> None:
    desk = Channel(store, main(policy=WorkPolicy(presences=frozenset({Presence.AWAY}))), Queue("all"))
    desk.joins("ana")
    desk.joins("eva", presence=Presence.AWAY)
    assert desk.holder(desk.hears()) == "eva"


def test_que_5_everybody_is_a_member_of_a_default_queue(store: Store) -> None:
    desk = Channel(store, main(), Queue("all", default=True))
    assert desk.joins("ana", "other").queues == {"all", "other"}
    assert desk.holder(desk.hears()) == "ana"


# --- affinity and preferred agents


def parked(desk: Channel) -> Conversation:
    """Let ana have a conversation and leave it for the customer."""
    desk.joins("ana")
    one = desk.hears()
    assert desk.holder(one) == "ana"
    desk.accept(one.id, "ana")
    assert desk.park(one.id, agent="ana").status is Status.WAITING
    assert desk.agent("ana").used == 0
    return one


def test_ws_15a_a_waiting_conversation_goes_back_whatever_capacity_and_presence(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    one = parked(desk)
    desk.joins("eva")
    desk.joins("ana", capacity=0, presence=Presence.AWAY)
    desk.hears()
    assert desk.holder(one) == "ana"
    assert desk.rules_of(one, "assigned")[-1] == "WS-15a"
    assert desk.agent("ana").free == -1


@pytest.mark.parametrize(("affinity", "holder"), [(Affinity.PREFER, "eva"), (Affinity.IGNORE, "eva")])
def test_ws_15_other_affinities_look_for_somebody_who_can(store: Store, affinity: Affinity, holder: str) -> None:
    desk = Channel(store, main(policy=WorkPolicy(affinity=affinity)), Queue("all"))
    one = parked(desk)
    desk.joins("eva")
    desk.joins("ana", presence=Presence.AWAY)
    desk.hears()
    assert desk.holder(one) == holder


def test_an_agent_takes_a_waiting_conversation_back_and_nobody_else_does(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    one = parked(desk)
    desk.joins("eva")
    for take in (desk.pick, desk.accept):
        assert refused(take, one.id, "eva").reason == "not_your_conversation"
    assert desk.pick(one.id, "ana").status is Status.ACTIVE
    assert desk.rules_of(one, "picked") == ["WS-3"]


def test_cap_6_whoever_takes_an_open_conversation_beyond_capacity_is_told_so(store: Store) -> None:
    desk = Channel(store, main(policy=WorkPolicy(pick_from_push=True)), Queue("all"))
    desk.joins("ana", capacity=0)
    one = desk.hears()
    desk.accept(one.id, "ana")
    assert desk.rules_of(one, "picked") == ["CAP-6"]


def test_ws_10_only_a_waiting_conversation_is_closed_for_inactivity(store: Store) -> None:
    desk = Channel(store, main(auto_close_after=60 * MINUTE), Queue("all"))
    one = parked(desk)
    desk.clock.advance(59 * MINUTE)
    desk.hears()
    assert desk.holder(one) == "ana"
    desk.accept(one.id, "ana")
    desk.clock.advance(600 * MINUTE)
    desk.serves()
    assert desk.now(one).status is Status.ACTIVE
    desk.park(one.id)
    desk.clock.advance(60 * MINUTE)
    desk.serves()
    assert desk.now(one).status is Status.WAITING
    desk.clock.advance(timedelta.resolution)
    desk.serves()
    assert desk.now(one).status is Status.CLOSED
    assert desk.timeline(one.id)[-1].event.facts["by"] == "inactivity"


def test_ws_10_what_we_write_to_a_waiting_conversation_is_activity_too(store: Store) -> None:
    desk = Channel(store, main(auto_close_after=60 * MINUTE), Queue("all"))
    one = parked(desk)
    desk.clock.advance(50 * MINUTE)
    desk.reply(one.id, Text("Su pedido llega hoy"))
    desk.clock.advance(60 * MINUTE)
    desk.serves()
    assert desk.now(one).status is Status.WAITING
    desk.clock.advance(timedelta.resolution)
    desk.serves()
    assert desk.now(one).status is Status.CLOSED


def test_pref_2_a_preferred_agent_gets_it_beyond_capacity_and_skills(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("eva", capacity=9, skills={"billing": 9}, profiles={"bills": grant(CapacityProfile("bills", 9))})
    desk.joins("ana", capacity=0)
    desk.close(desk.hears().id)
    desk.prefer(ANA, [Preference("eva", 2, NOW), Preference("ana", 1, NOW)])
    one = desk.hears("factura")
    assert desk.holder(one) == "ana"
    assert desk.rules_of(one, "assigned") == ["PREF-2"]


def test_pref_3_it_may_wait_for_its_preferred_agent(store: Store) -> None:
    desk = Channel(store, main(policy=WorkPolicy(unavailable=Unavailable.WAIT)), Queue("all"))
    desk.joins("eva")
    desk.joins("ana", presence=Presence.AWAY)
    desk.close(desk.hears().id)
    desk.prefer(ANA, [Preference("ana", 1, NOW)])
    one = desk.hears()
    assert desk.holder(one) is None
    assert "PREF-3" in [check.rule for check in desk.explain(one.id).waiting.reasons]  # type: ignore[union-attr]
    desk.set_presence("ana", Presence.AVAILABLE)
    assert desk.holder(one) == "ana"
    with pytest.raises(NotFound):
        desk.prefer("+34699999999", [])


# --- people decide


def test_ws_3_in_a_pick_workstream_agents_choose_from_a_list(store: Store) -> None:
    desk = Channel(store, main(mode=Mode.PICK), Queue("all"), Queue("other"))
    desk.joins("ana", capacity=0)
    desk.joins("eva", "other")
    one, other = desk.hears(who=1), desk.hears(who=2)
    assert desk.holder(one) is None
    assert [item.conversation for item in desk.pickable("ana")] == [one.id, other.id]
    assert desk.pickable("eva") == ()
    assert refused(desk.pick, one.id, "eva").reason == "not_in_queue"
    assert desk.pick(one.id, "ana").agent == "ana"
    assert desk.rules_of(one, "picked") == ["CAP-6"]
    assert desk.agent("ana").free == -1
    assert refused(desk.pick, one.id, "ana").reason == "not_possible_now"
    with pytest.raises(NotFound):
        desk.pickable("nobody")


def test_ws_3a_pushed_work_is_picked_only_where_that_is_allowed(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("ana", capacity=0)
    one = desk.hears()
    assert refused(desk.accept, one.id, "ana").reason == "pick_not_allowed"
    no = refused(desk.pick, one.id, "ana")
    assert (no.reason, no.rules, [remedy.code for remedy in no.remedies]) == (
        "pick_not_allowed",
        ("WS-3a",),
        ["ask_supervisor", "allow_picking"],
    )
    allowed = Channel(store, main(policy=WorkPolicy(pick_from_push=True)), Queue("all"))
    assert allowed.pick(one.id, "ana").agent == "ana"


def test_asg_17_a_supervisor_ignores_presence_and_capacity(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("ana", capacity=0, presence=Presence.OFFLINE)
    one = desk.hears()
    given = desk.assign(one.id, "ana", by="marta", request_id="g")
    assert desk.assign(one.id, "ana", by="marta", request_id="g") == given
    assert desk.rules_of(one, "assigned") == ["ASG-17"]
    assert desk.agent("ana").free == -1
    assert refused(desk.assign, one.id, "ana").reason == "not_possible_now"


def test_asg_15_whoever_declined_gets_it_after_the_others_and_in_the_end_not_at_all(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"), decline_limit=2)
    desk.joins("ana", capacity=9)
    desk.joins("eva", capacity=2)
    one = desk.hears()
    offered = []
    while (agent := desk.holder(one)) is not None:
        offered.append(agent)
        desk.decline(one.id, agent)
    assert offered == ["ana", "eva", "ana", "eva"]
    assert desk.now(one).declines == {"ana": 2, "eva": 2}
    assert [agent.used for agent in desk.agents()] == [0, 0]
    assert "nobody_declined_too_often" in [check.code for check in desk.explain(one.id).waiting.reasons]  # type: ignore[union-attr]
    assert desk.assign(one.id, "ana").agent == "ana"


def test_asg_16_too_many_decliners_take_it_out_of_assignment(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"), decliner_limit=1)
    desk.joins("ana", capacity=9)
    desk.joins("eva", capacity=2)
    one = desk.hears()
    desk.decline(one.id, desk.holder(one) or "")
    assert desk.holder(one) is None


def test_not_5_a_missed_offer_makes_inactive_and_a_rejected_one_busy(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"), offers=OfferRules(rejected_makes_busy=True))
    desk.joins("ana")
    one = desk.hears()
    assert desk.holder(one) == "ana"
    desk.decline(one.id, "ana", missed=True)
    assert desk.agent("ana").presence is Presence.INACTIVE
    assert desk.holder(one) is None
    desk.set_presence("ana", Presence.AVAILABLE)
    assert desk.holder(one) == "ana"
    desk.decline(one.id, "ana")
    assert desk.agent("ana").presence is Presence.DO_NOT_DISTURB
    assert [kind for kind in desk.kinds(one) if kind in ("offer_missed", "declined")] == ["offer_missed", "declined"]


def test_what_is_accepted_or_not_theirs_cannot_be_declined(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("ana")
    one = desk.hears()
    assert desk.holder(one) == "ana"
    desk.joins("eva")
    assert refused(desk.decline, one.id, "eva").reason == "not_your_conversation"
    desk.accept(one.id, "ana")
    assert refused(desk.decline, one.id, "ana").reason == "already_accepted"
    desk.close(one.id)
    assert refused(desk.decline, one.id, "ana").reason == "conversation_closed"


def test_presence_follows_capacity_unless_it_was_chosen(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("ana")
    seen = []
    for who in (1, 2):
        one, two = desk.hears(who=1), desk.hears(who=who)
        desk.serves()
        desk.accept(two.id, "ana")
        seen.append(desk.agent("ana").presence)
    desk.close(one.id)
    seen.append(desk.agent("ana").presence)
    desk.set_presence("ana", CustomPresence("lunch", Presence.AWAY))
    desk.close(two.id)
    seen.append(desk.agent("ana").presence)
    assert seen == [Presence.BUSY, Presence.DO_NOT_DISTURB, Presence.BUSY, Presence.AWAY]
    assert desk.agent("ana").presence_name == "lunch"
    with pytest.raises(InvalidValue):
        desk.set_presence("ana", Presence.INACTIVE)


def test_ws_12_wrap_up_keeps_capacity_for_as_long_as_it_is_set(store: Store) -> None:
    kinds = ((WrapUp.ALWAYS, [1, 1, 0]), (WrapUp.CUSTOM, [1, 0, 0]), (WrapUp.NEVER, [0, 0, 0]))
    for who, (kind, after) in enumerate(kinds, 1):
        desk = Channel(store, main(wrap_up=WrapUpBlocking(kind, 5 * MINUTE)), Queue("all"))
        desk.joins("ana")
        one = desk.hears(who=who)
        assert desk.holder(one) == "ana"
        desk.end(one.id)
        used = [desk.agent("ana").used]
        desk.clock.advance(5 * MINUTE)
        desk.serves()
        used.append(desk.agent("ana").used)
        desk.close(one.id)
        assert [*used, desk.agent("ana").used] == after, kind


# --- queues, hours, overflow


CLOSED = Queue("closed", hours=NIGHT)


def routed_to(queue: str, **more: Any) -> Workstream:
    return main(rulesets=(), routes=(RouteRule("rule", queue, **more),))


def test_hrs_4_outside_hours_the_queue_does_what_it_is_told(store: Store) -> None:
    for number, (handling, queue, status) in enumerate(
        [
            (Handling(Action.QUEUE_ANYWAY), "closed", Status.OPEN),
            (Handling(Action.TRANSFER, "all"), "all", Status.OPEN),
            (Handling(Action.END), "closed", Status.CLOSED),
        ]
    ):
        closed = attrs.evolve(CLOSED, overflow=Overflow(handling))
        desk = Channel(store, routed_to("closed"), Queue("all"), closed)
        one = desk.hears(who=number + 1)
        assert (one.queue, one.status) == (queue, status)
        assert "OVF-2" in desk.rules_of(one, "routed")


def test_hrs_6_assignment_looks_at_agents_and_not_at_the_hours_of_the_queue(store: Store) -> None:
    desk = Channel(store, routed_to("closed"), Queue("all"), CLOSED)
    desk.joins("ana", "closed")
    assert desk.holder(desk.hears()) == "ana"


def test_hrs_5_a_transfer_needs_a_queue_that_is_open(store: Store) -> None:
    desk = Channel(
        store, main(), Queue("all"), CLOSED, Queue("open", hours=OFFICE), Queue("calls", type=QueueType.VOICE)
    )
    desk.joins("ana")
    one = desk.hears()
    assert desk.holder(one) == "ana"
    assert refused(desk.transfer, one.id, "closed", agent="ana").rules == ("HRS-5",)
    assert refused(desk.transfer, one.id, "calls", agent="ana").rules == ("WS-1",)
    assert refused(desk.transfer, one.id, "open", agent="eva").reason == "not_your_conversation"
    with pytest.raises(NotFound):
        desk.transfer(one.id, "nowhere")
    moved = desk.transfer(one.id, "open", agent="ana")
    assert (moved.queue, moved.status, moved.agent, desk.agent("ana").used) == ("open", Status.OPEN, None, 0)
    desk.close(one.id)
    assert refused(desk.transfer, one.id, "all").reason == "not_possible_now"


def test_ovf_4_the_item_after_the_limit_goes_elsewhere(store: Store) -> None:
    full = Queue("few", overflow=Overflow(limit=Limit(2, Handling(Action.TRANSFER, "all"))))
    desk = Channel(store, routed_to("few"), Queue("all"), full)
    assert [desk.hears(who=who).queue for who in (1, 2, 3)] == ["few", "few", "all"]
    desk.joins("ana", "few")
    desk.serves()
    assert desk.hears(who=4).queue == "few"


def test_ovf_4_under_the_profile_dynamics_bursts_pass_an_old_count(store: Store) -> None:
    full = Queue("few", overflow=Overflow(limit=Limit(1, Handling(Action.END))))
    desk = Channel(store, routed_to("few"), Queue("all"), full)
    desk.rules = desk.rules.as_dynamics()
    statuses = [desk.hears(who=who).status for who in (1, 2)]
    desk.clock.advance(timedelta(seconds=10))
    assert [*statuses, desk.hears(who=3).status] == [Status.OPEN, Status.OPEN, Status.CLOSED]


def test_ovf_5_hours_of_the_channel_play_no_part(store: Store) -> None:
    """Numbers and workstreams have no hours at all, so only those of the queue can make anything overflow."""
    settings = [*attrs.fields_dict(Number), *attrs.fields_dict(Workstream)]
    assert not [name for name in settings if "hours" in name]
    desk = Channel(store, routed_to("open"), Queue("all"), Queue("open", hours=OFFICE))
    assert "OVF-2" not in desk.rules_of(desk.hears(), "routed")


def test_r2q_3_the_first_candidate_that_does_not_overflow_wins(store: Store) -> None:
    closed = attrs.evolve(CLOSED, overflow=Overflow(Handling(Action.END)))
    routes = (RouteRule("one", "closed"), RouteRule("two", "open"))
    desk = Channel(store, main(rulesets=(), routes=routes), Queue("all"), closed, Queue("open"))
    assert desk.hears().queue == "open"


def test_r2q_8_a_rule_has_an_overflow_of_its_own(store: Store) -> None:
    closed = attrs.evolve(
        CLOSED, overflow=Overflow(Handling(Action.END), wait=MaximumWait(5 * MINUTE, Handling(Action.END)))
    )
    gentle = Overflow(wait=MaximumWait(9 * MINUTE, Handling(Action.TRANSFER, "all")))
    desk = Channel(store, routed_to("closed", overflow=gentle), Queue("all"), closed)
    one = desk.hears()
    desk.clock.advance(8 * MINUTE)
    desk.serves()
    assert (desk.now(one).queue, desk.now(one).status) == ("closed", Status.OPEN)
    desk.clock.advance(MINUTE)
    desk.serves()
    assert desk.now(one).queue == "all"


def test_ovf_7_whoever_waits_too_long_is_moved_along_a_chain_of_queues(store: Store) -> None:
    first = Queue("first", overflow=Overflow(wait=MaximumWait(2 * MINUTE, Handling(Action.TRANSFER, "second"))))
    second = Queue("second", overflow=Overflow(wait=MaximumWait(3 * MINUTE, Handling(Action.END))))
    desk = Channel(store, routed_to("first"), Queue("all"), first, second)
    one = desk.hears()
    seen = []
    for _ in range(7):
        desk.serves()
        seen.append((desk.now(one).queue, desk.now(one).status.value))
        desk.clock.advance(MINUTE)
    assert seen == [
        *[("first", "open")] * 2,
        *[("second", "open")] * 4,
        ("second", "closed"),
    ]
    assert desk.rules_of(one, "transferred") == ["OVF-7"]
    assert desk.timeline(one.id)[-1].event.facts["by"] == "overflow"


def test_ovf_7_somebody_who_is_served_or_came_back_does_not_overflow(store: Store) -> None:
    first = Queue("all", overflow=Overflow(wait=MaximumWait(2 * MINUTE, Handling(Action.END))))
    desk = Channel(
        store, main(fallback_queue="other", rulesets=(), routes=(RouteRule("r", "all"),)), first, Queue("other")
    )
    one = parked(desk)
    desk.joins("ana", "other")
    desk.clock.advance(90 * MINUTE)
    desk.serves()
    assert desk.now(one).status is Status.WAITING
    desk.hears()
    desk.joins("eva")
    assert desk.now(one).status is Status.OPEN


def test_ovf_11_in_the_fallback_queue_overflow_is_ignored(store: Store) -> None:
    strict = Overflow(Handling(Action.END), Limit(1, Handling(Action.END)), MaximumWait(MINUTE, Handling(Action.END)))
    desk = Channel(store, main(), attrs.evolve(CLOSED, name="all", overflow=strict))
    conversations = [desk.hears(who=who) for who in (1, 2)]
    desk.clock.advance(5 * MINUTE)
    desk.serves()
    assert {desk.now(each).status for each in conversations} == {Status.OPEN}


def test_cls_9_a_classifier_that_raises_leads_to_the_fallback_queue_and_the_timeline_says_why(store: Store) -> None:
    class Broken:
        def predict(self, text: str) -> list[Prediction]:
            raise RuntimeError("the model is gone")

    settings = main(rulesets=(ModelRuleset("intent", Broken()),), routes=(RouteRule("r", "billing"),))
    desk = Channel(store, settings, Queue("all"), Queue("billing"))
    one = desk.hears()
    assert one.queue == "all"
    (event,) = [each.event for each in desk.timeline(one.id) if each.event.kind == "routed"]
    assert [check.rule for check in event.trace] == ["CLS-9", "QUE-4"]
    assert "the model is gone" in event.trace[0].sentence("es")
    assert "the model is gone" in desk.explain(one.id).explain("en")


def test_que_6_in_a_queue_without_members_it_waits_with_an_alarm(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.joins("eva", "elsewhere")
    one = desk.hears()
    desk.serves()
    desk.hears()
    desk.serves()
    assert desk.now(one).status is Status.OPEN
    assert desk.kinds(one).count("queue_without_members") == 1
    desk.joins("ana")
    assert desk.holder(one) == "ana"


def test_que_6_under_the_profile_dynamics_it_is_closed(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    desk.rules = desk.rules.as_dynamics()
    one = desk.hears()
    desk.serves()
    assert desk.now(one).status is Status.CLOSED
    assert desk.rules_of(one, "conversation_closed") == ["QUE-6"]


def test_a_queue_that_overflow_leads_to_must_exist() -> None:
    for queue, rule in (
        (Queue("all", overflow=Overflow(Handling(Action.TRANSFER, "gone"))), RouteRule("r", "all")),
        (Queue("all"), RouteRule("r", "all", overflow=Overflow(Handling(Action.TRANSFER, "gone")))),
    ):
        with pytest.raises(ConfigurationError, match="refers to the queue 'gone'"):
            Rules([], [main(routes=(rule,))], [queue])


def test_que_7_settings_that_nothing_uses_yet_are_reported() -> None:
    queue = Queue("all", service_level=MINUTE, short_abandoned=MINUTE)
    found = Rules([], [main()], [queue]).problems()
    assert [(problem.place, problem.facts["column"]) for problem in found] == [
        ("queue all", "service_level"),
        ("queue all", "short_abandoned"),
    ]
    assert {problem.severity for problem in found} == {Severity.NOTE}


def test_the_mode_belongs_to_the_workstream() -> None:
    with pytest.raises(InvalidValue, match="Set the mode of the workstream"):
        main(policy=WorkPolicy(Mode.PICK))


# --- context, rerouting, explanations


def test_context_variables_are_set_and_rerouting_adds_what_they_mean(store: Store) -> None:
    vip = Ruleset("vip", (ClassificationRule("gold", Test("Orders", "at_least", 9), skills={"gold": 1}),))
    settings = main(
        rulesets=(SUBJECT, vip),
        routes=(RouteRule("gold", "gold", Test("skills", "contains", "gold")),),
        variables=(ContextVariable("Orders", VariableType.NUMBER),),
    )
    desk = Channel(store, settings, Queue("all"), Queue("gold"))
    one = desk.hears("factura")
    assert refused(desk.set_context, one.id, {"orders": 9}).reason == "variable_unknown"
    assert desk.set_context(one.id, {"Orders": 12}).attributes["Orders"] == 12
    again = desk.reroute(one.id)
    assert (again.queue, again.needs.ratings, again.needs.profiles) == ("gold", {"billing": 2, "gold": 1}, ("bills",))
    assert "CLS-2" in desk.rules_of(one, "rerouted")
    desk.close(one.id)
    assert refused(desk.set_context, one.id, {"Orders": 1}).reason == "conversation_closed"
    assert refused(desk.reroute, one.id).reason == "not_possible_now"


def test_diag_1_a_conversation_says_why_it_is_where_it_is_and_why_nobody_has_it(store: Store) -> None:
    desk = Channel(store, main(routes=(RouteRule("bills", "billing", FACTURA),)), Queue("all"), Queue("billing"))
    desk.joins("ana", "billing")
    one = desk.hears("factura")
    desk.serves()
    told = desk.explain(one.id)
    assert told.explain("en").splitlines() == [
        "Ruleset 'subject': rule 'bills' matched and set subject, billing, bills.",
        "Route rule 'bills' matched: queue 'billing'.",
        "No member of queue 'billing' has the skill 'billing' rated 2 or better.",
        "No member of queue 'billing' has the capacity profile 'bills'.",
        "None of the 1 members of queue 'billing' can take it now.",
        "Without the required skills: 1.",
    ]
    assert told.explain("es").splitlines()[-1] == "Sin las aptitudes requeridas: 1."
    assert "Ana: lacks billing 2 (-)." in told.table()
    desk.assign(one.id, "ana")
    assert desk.explain(one.id).waiting is None
    assert "A supervisor gave it to Ana" in desk.explain(one.id).explain()
    with pytest.raises(NotFound):
        desk.explain("gone")


# --- the cycle itself


def test_long_work_is_done_in_parts_and_other_entries_get_their_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assigning, "BATCH", 1)
    monkeypatch.setattr(assigning, "BATCHES", 2)
    desk = Channel(store, main(), Queue("all"))
    waiting = [desk.hears(who=who) for who in range(1, 8)]
    desk.joins("ana", capacity=9)
    report = desk.tick()
    assert report.done == 4
    assert {desk.now(each).agent for each in waiting} == {"ana"}


def test_a_row_that_leads_nowhere_holds_up_nobody(store: Store) -> None:
    desk = Channel(store, main(), Queue("all"))
    ghosts = [WaitingItem("all", NOW - MINUTE, NUMBER, f"c{n}", f"ghost{n}", workstream="main") for n in range(3)]
    store.commit(Changes(tuple(Put(waiting_key(ghost.conversation), ghost) for ghost in ghosts)))
    desk.joins("ana", capacity=9)
    one = desk.hears()
    assert desk.holder(one) == "ana"
    assert desk.agent("ana").used == 1
