"""In which order waiting items are served."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assignment.worlds import ITEMS, MINUTE, NOW, RULES, STRICT_FREE, TEAM, agent, item

from wa_omnichannel.assignment import (
    DYNAMICS_BLOCK,
    AssignmentRules,
    Bucket,
    Pool,
    QueuePolicy,
    Scoring,
    WorkPolicy,
    choose,
    rank,
)
from wa_omnichannel.assignment.ordering import goes_back
from wa_omnichannel.conditions import Test
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.routing import Mode, Queue
from wa_omnichannel.skills import Requirement
from wa_omnichannel.workforce import Presence, release

EVERYWHERE = agent("ana", queues=frozenset("abcdef"), capacity=100)
PLAIN = AssignmentRules({"q": Queue("q")})


def served(rules, *items):
    team = [EVERYWHERE, agent("bea", capacity=100)]
    return [p.item.conversation for p in choose(items, team, rules, NOW)]


def queue_rules(**policies):
    return AssignmentRules({"q": Queue("q")}, policies={"q": QueuePolicy(**policies)})


def test_asg_3_the_oldest_last_interaction_goes_first():
    assert served(PLAIN, item("new", 1), item("old", 9), item("middle", 5)) == ["old", "middle", "new"]


@given(ITEMS)
def test_asg_3_in_a_plain_queue_the_order_is_the_last_interaction(items):
    waiting = [one for one in items if one.queue == "high" and not goes_back(one, RULES)]
    by_rank = sorted(waiting, key=lambda one: rank(one, RULES, NOW))
    assert [one.since for one in by_rank] == sorted(one.since for one in waiting)


def test_que_2_queues_by_number_then_plain_ones_together_then_others_by_name():
    ranked = QueuePolicy(buckets=(Bucket("all"),))
    rules = AssignmentRules(
        {name: Queue(name, number) for name, number in zip("abcdef", (2, 1, 1, 1, 1, 0), strict=True)},
        policies={"b": ranked, "c": ranked},
    )
    items = [item("a", 99, queue="a"), item("c", 50, queue="c"), item("b", 1, queue="b")]
    items += [item("d", 5, queue="d"), item("e", 9, queue="e"), item("f", 0, queue="f")]
    assert served(rules, *items) == ["f", "e", "d", "b", "c", "a"]


VIP = Bucket("vip", Test("vip", "equals", value="yes"), "value", descending=True)
WAITED = Bucket("waited", after=timedelta(minutes=30))


def test_asg_4_prioritisation_takes_the_first_match_orders_inside_and_puts_the_rest_last():
    rules = queue_rules(buckets=(VIP, WAITED))
    items = [
        item("other", 20),
        item("waited", 40),
        item("vip low", 1, attributes={"vip": "yes", "value": 1}),
        item("vip high", 1, attributes={"vip": "yes", "value": 9}),
        item("vip unknown", 5, attributes={"vip": "yes"}),
    ]
    assert served(rules, *items) == ["vip high", "vip low", "vip unknown", "waited", "other"]


def test_asg_4_prioritisation_is_looked_at_again_every_cycle():
    rules = queue_rules(buckets=(WAITED, Bucket("valued", order_by="value")))
    items = [item("cheap", 0, attributes={"value": 1}), item("dear", 10, attributes={"value": 2})]
    pool = Pool(rules, items=items)
    for later, first in ((0, "cheap"), (25, "dear")):
        at = NOW + later * MINUTE
        assert min(items, key=lambda one: rank(one, rules, at)).conversation == first
        pool.put_agent(agent("ana", capacity=1))
        (pairing,) = pool.assign(at)
        assert pairing.item.conversation == first
        pool.put_item(pairing.item)


@pytest.mark.parametrize(
    ("descending", "wanted"), [(False, ["1", "2", "a", "ab", "-"]), (True, ["2", "1", "ab", "a", "-"])]
)
def test_attributes_order_as_numbers_then_texts_then_without(descending, wanted):
    rules = queue_rules(buckets=(Bucket("all", order_by="x", descending=descending),))
    values = {"1": 1, "2": 2, "a": "a", "ab": "ab"}
    items = [item("-"), *(item(name, attributes={"x": value}) for name, value in values.items())]
    assert served(rules, *items) == wanted


@given(ITEMS)
def test_asg_5_items_that_go_back_come_before_all_others_of_the_queue(items):
    by_rank = sorted(items, key=lambda one: rank(one, RULES, NOW))
    for name in RULES.queues:
        back = [goes_back(one, RULES) for one in by_rank if one.queue == name]
        assert back == sorted(back, reverse=True)


def test_asg_6_a_score_grows_while_an_item_waits():
    rules = queue_rules(scoring=Scoring(10, MINUTE))
    old, urgent = item("old", 10), item("urgent", 0, attributes={"score": 200})
    assert served(rules, old, urgent) == ["urgent", "old"]
    late = NOW + 600 * MINUTE
    assert Scoring(10, MINUTE).score(0, old.since, late) == 6100
    assert Scoring(10, MINUTE).score(9_000, old.since, late) == 10_000
    old_at_last = sorted([urgent, item("old", 300)], key=lambda one: rank(one, rules, NOW))
    assert [one.conversation for one in old_at_last] == ["old", "urgent"]


@pytest.mark.parametrize(
    ("value", "base"),
    [(7, 7), (7.9, 7), (-1, 0), (10_001, 10_000), (float("inf"), 10_000), (float("nan"), 0), ("high", 0)],
)
def test_asg_6_a_score_at_the_start_is_brought_within_0_to_10000(value, base):
    assert Scoring().base({"score": value}) == base


@pytest.mark.parametrize("wrong", [{"points": -1}, {"points": 10_001}, {"every": timedelta(seconds=29)}])
def test_asg_6_scores_have_limits_and_exclude_prioritisation_rules(wrong):
    with pytest.raises(InvalidValue):
        Scoring(**wrong)
    with pytest.raises(InvalidValue):
        QueuePolicy(buckets=(VIP,), scoring=Scoring())


def blocked(count, **more):
    return [item(f"v{n:04}", 200 - n / 1000, needs=Requirement.of({"nobody": 1}), **more) for n in range(count)]


def test_nobody_is_held_up_by_items_that_nobody_can_take():
    items = [*blocked(500), item("last")]
    for found in (choose(items, [agent("ana")], PLAIN, NOW), Pool(PLAIN, [agent("ana")], items).assign(NOW)):
        assert [p.item.conversation for p in found] == ["last"]


def test_asg_2_in_dynamics_a_cycle_looks_at_the_first_hundred_only():
    rules = AssignmentRules({"q": Queue("q")}, block=DYNAMICS_BLOCK)
    for count, wanted in ((99, ["last"]), (100, [])):
        items = [*blocked(count), item("last")]
        assert [p.item.conversation for p in choose(items, [agent("ana")], rules, NOW)] == wanted
        assert [p.item.conversation for p in Pool(rules, [agent("ana")], items).assign(NOW)] == wanted


def test_asg_1_a_cycle_is_due_when_an_item_an_agent_or_room_comes():
    pool = Pool(PLAIN)
    pool.put_item(item("v1"))
    pool.put_item(item("v2"))
    assert not pool.assign(NOW)
    pool.put_agent(agent("ana", queues=frozenset(), capacity=1))
    assert not pool.assign(NOW)
    pool.put_agent(agent("ana", presence=Presence.AWAY, capacity=1))
    assert not pool.assign(NOW)
    pool.put_agent(agent("ana", capacity=1))
    (first,) = pool.assign(NOW)
    assert not pool.assign(NOW)
    (ana,) = pool.agents()
    pool.put_agent(release(ana, 1, NOW))
    (second,) = pool.assign(NOW)
    assert [first.item.conversation, second.item.conversation] == ["v1", "v2"]
    pool.put_agent(agent("bea"))
    pool.put_item(item("v3"))
    assert [p.agent for p in pool.assign(NOW)] == ["bea"]


@given(TEAM, ITEMS, st.integers(0, 30))
def test_whatever_can_be_served_is_served_in_the_end(team, items, minutes):
    """No starvation: while somebody can take an item, and work ends, it is taken after finitely many cycles."""
    pool = Pool(STRICT_FREE, team, items)
    at = NOW + minutes * MINUTE
    for _ in range(len(items) + 1):
        for pairing in pool.assign(at):
            pool.release(pairing.agent, pairing.item, at)
    left = [one for one in items if one.conversation in {p.conversation for p in pool.waiting()}]
    assert not choose(left, pool.agents(), STRICT_FREE, at)


def test_served_by_age_even_when_the_queue_never_empties():
    """Fairness: with arrivals as fast as service, everybody is served in order of arrival."""
    pool, seen = Pool(PLAIN, [agent("ana", capacity=1)]), []
    for n in range(300):
        at = NOW + n * MINUTE
        pool.put_item(item(f"v{n:03}", -n))
        pool.put_item(item(f"w{n:03}", -n, needs=Requirement.of({"nobody": 1})))
        for pairing in pool.assign(at):
            seen.append(pairing.item.conversation)
            pool.release("ana", pairing.item, at)
    assert seen == [f"v{n:03}" for n in range(300)]


def test_ws_3_a_workstream_that_is_picked_from_is_never_pushed():
    rules = AssignmentRules({"q": Queue("q")}, work={"w": WorkPolicy(mode=Mode.PICK)})
    items, team = [item("v", workstream="w", previous="ana", preferred=("ana",))], [agent("ana")]
    assert not choose(items, team, rules, NOW)
    assert not Pool(rules, team, items).assign(NOW)
