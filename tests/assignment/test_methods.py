"""Who gets an item: methods, affinity, preferred agents, declines, custom rules."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assignment.worlds import ANY_AGENT, ANY_ITEM, ITEMS, MINUTE, NOW, RULES, TEAM, Shift, agent, item

from wa_omnichannel.assignment import (
    ALLOWED_PRESENCES,
    Affinity,
    AgentTest,
    AssignmentRule,
    AssignmentRules,
    CustomAssignment,
    Engagement,
    FromItem,
    Method,
    Order,
    Pool,
    Preference,
    QueuePolicy,
    Selection,
    Unavailable,
    WorkPolicy,
    assign,
    assignable,
    choose,
    choose_agent,
    decline,
    exclusion,
    pick,
    pickable,
    preferred,
    recent_experts,
)
from wa_omnichannel.assignment import given as given_to
from wa_omnichannel.capacity import Allowance
from wa_omnichannel.conditions import Test
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.routing import Mode, Queue
from wa_omnichannel.skills import Requirement, Skill, SkillBook
from wa_omnichannel.workforce import Presence, release

PLAIN = AssignmentRules({"q": Queue("q")})


def rules_of(*, queue=None, work=None, **more):
    policies = {"q": queue} if queue else {}
    return AssignmentRules({"q": Queue("q")}, policies=policies, work={"w": work} if work else {}, **more)


def who(rules, *team, **more):
    found = choose([item("v", workstream="w", **more)], team, rules, NOW)
    return found[0].agent if found else None


def in_a_row(rules, count, *team):
    items = [item(f"v{n}", count - n, workstream="w") for n in range(count)]
    return [p.agent for p in choose(items, team, rules, NOW)]


# ---- methods ----


def test_highest_capacity_takes_the_most_free_then_the_longest_without_assignment():
    ana = agent("ana", capacity=3, used=1, last_assigned_at=NOW - MINUTE)
    bea = agent("bea", capacity=2, last_assigned_at=NOW)
    eva = agent("eva", capacity=2)
    assert who(PLAIN, ana, bea, eva) == "eva"
    assert who(PLAIN, ana, bea) == "ana"
    assert who(PLAIN, agent("all", capacity=9, used=6), eva) == "all"


def test_round_robin_goes_by_joining_and_then_by_the_last_turn_in_the_queue():
    rules = rules_of(queue=QueuePolicy(Method.ROUND_ROBIN))
    first, second = agent("z", turns={"q": NOW - 9 * MINUTE}), agent("a", turns={"q": NOW - 5 * MINUTE}, capacity=9)
    assert in_a_row(rules, 4, first, second) == ["z", "a", "z", "a"]
    elsewhere = attrs.evolve(first, last_assigned_at=NOW)
    assert who(rules, elsewhere, second) == "z"


def test_asg_10_least_active_takes_who_had_nothing_to_do_for_longest():
    rules = rules_of(queue=QueuePolicy(Method.LEAST_ACTIVE))
    ana = agent("ana", last_released_at=NOW - MINUTE)
    bea = agent("bea", last_released_at=NOW - 2 * MINUTE)
    assert who(rules, ana, bea) == "bea"
    assert who(rules, ana, bea, agent("new", last_assigned_at=NOW)) == "new"
    assert who(rules, release(bea, 0, NOW), ana) == "ana"


def test_asg_11_methods_ignore_working_hours():
    assert who(rules_of(shifts={"ana": Shift(0, 1)}), agent("ana")) == "ana"


@given(TEAM, ITEMS)
def test_cap_4_automation_stays_within_every_capacity_unless_a_rule_says_so(team, items):
    """CAP-6: beyond a capacity only by WS-15a or PREF-2, and then the trace names that rule."""
    state = {one.id: one for one in team}
    for pairing in choose(items, team, RULES, NOW):
        before, needs = state[pairing.agent], pairing.item.needs
        state[pairing.agent] = given_to(before, pairing)
        if pairing.check.rule in ("WS-15a", "PREF-2") or before.bot:
            continue
        assert all(before.profiles[name].free >= 1 for name in needs.profiles)
        if RULES.policy(pairing.item.queue).method is not Method.CUSTOM and pairing.item.demand:
            assert before.free >= pairing.item.demand


@given(TEAM, ITEMS)
def test_nothing_is_assigned_twice(team, items):
    conversations = [p.item.conversation for p in choose(items, team, RULES, NOW)]
    assert len(conversations) == len(set(conversations))


@given(ANY_ITEM, TEAM, ANY_AGENT)
def test_another_agent_never_makes_an_item_unassignable(one, team, more):
    known = {other.id: other for other in team}
    if choose_agent(one, known, RULES, NOW) is not None and more.id not in known:
        assert choose_agent(one, {**known, more.id: more}, RULES, NOW) is not None


SKILL_SETS = st.sets(st.sampled_from("abc"), max_size=2).map(lambda names: dict.fromkeys(names, 1))


@given(
    st.lists(st.tuples(SKILL_SETS, st.integers(1, 3)), max_size=5),
    st.lists(SKILL_SETS, max_size=8),
    st.tuples(SKILL_SETS, st.integers(1, 3)),
)
def test_another_agent_never_leaves_more_items_waiting(team, needs, more):
    agents = [agent(f"a{n}", skills=skills, capacity=units) for n, (skills, units) in enumerate([*team, more])]
    items = [item(f"v{n}", 9 - n, needs=Requirement.of(skills)) for n, skills in enumerate(needs)]
    without = {p.item.conversation for p in choose(items, agents[:-1], PLAIN, NOW)}
    assert without <= {p.item.conversation for p in choose(items, agents, PLAIN, NOW)}


# ---- affinity ----

FULL = agent("ana", used=9, presence=Presence.OFFLINE, queues=frozenset())


def test_ws_15a_a_returning_item_goes_back_whatever_capacity_and_presence():
    (pairing,) = choose([item("v", previous="ana")], [FULL, agent("bea")], PLAIN, NOW)
    assert (pairing.agent, pairing.check.rule) == ("ana", "WS-15a")


def test_ws_15_affinity_prefers_or_is_ignored():
    prefer = rules_of(work=WorkPolicy(affinity=Affinity.PREFER))
    assert who(prefer, agent("ana", capacity=1), agent("bea", capacity=5), previous="ana") == "ana"
    assert who(prefer, FULL, agent("bea"), previous="ana") == "bea"
    ignore = rules_of(work=WorkPolicy(affinity=Affinity.IGNORE))
    assert who(ignore, agent("ana", capacity=1), agent("bea", capacity=5), previous="ana") == "bea"


def test_ws_15_without_the_agent_or_after_their_decline_it_is_an_item_like_any_other():
    assert who(PLAIN, agent("bea"), previous="ana") == "bea"
    assert who(PLAIN, agent("ana", capacity=9), agent("bea"), previous="ana", declines={"ana": 1}) == "bea"


# ---- preferred agents ----


def test_pref_1_at_most_three_preferred_agents_by_rating_and_age():
    wishes = [
        Preference("d", 9, NOW),
        Preference("c", 2, NOW),
        Preference("b", 2, NOW - MINUTE),
        Preference("a", 3, NOW),
    ]
    assert preferred(wishes) == ("b", "c", "a")
    assert who(PLAIN, agent("d", used=9), agent("x"), preferred=("a", "b", "c", "d")) == "x"


def test_pref_2_a_preferred_agent_needs_membership_and_presence_and_nothing_else():
    needs = Requirement.of({"es": 9}, ["chat"])
    full = agent("ana", used=9)
    (pairing,) = choose([item("v", preferred=("ana",), needs=needs)], [full], PLAIN, NOW)
    assert (pairing.agent, pairing.check.rule) == ("ana", "PREF-2")
    assert who(PLAIN, agent("ana", queues=frozenset()), preferred=("ana",)) is None
    assert who(PLAIN, agent("ana", presence=Presence.AWAY), preferred=("ana",)) is None
    assert who(PLAIN, agent("ana"), agent("bea"), preferred=("bea", "ana")) == "bea"


def test_pref_3_without_a_preferred_agent_the_next_best_or_nobody():
    wait = rules_of(work=WorkPolicy(unavailable=Unavailable.WAIT))
    assert who(PLAIN, agent("bea"), preferred=("ana",)) == "bea"
    assert who(wait, agent("bea"), preferred=("ana",)) is None
    assert who(wait, agent("bea")) == "bea"


def test_pref_4_preferred_agents_are_for_pushed_items_only():
    """See also WS-3b."""
    rules = rules_of(work=WorkPolicy(mode=Mode.PICK))
    assert who(rules, agent("ana"), preferred=("ana",), previous="ana") is None


def test_pref_5_who_helped_recently_may_be_preferred():
    helped = [Engagement("old", NOW - 90 * MINUTE), Engagement("ana", NOW - 9 * MINUTE), Engagement("bea", NOW)]
    experts = recent_experts([*helped, Engagement("ana", NOW - MINUTE)], NOW, 60 * MINUTE)
    assert experts == ("bea", "ana")
    assert who(PLAIN, agent("ana"), agent("x"), preferred=experts) == "ana"


# ---- declines ----


def test_asg_15_a_decline_puts_an_agent_behind_all_others():
    ana, bea = agent("ana", capacity=9), agent("bea", capacity=1)
    declined = decline(item("v"), "ana")
    assert choose([declined], [ana, bea], PLAIN, NOW)[0].agent == "bea"
    assert choose([declined], [ana], PLAIN, NOW)[0].agent == "ana"
    assert choose([decline(decline(declined, "bea"), "bea")], [ana, bea], PLAIN, NOW)[0].agent == "ana"


@given(st.integers(1, 5), TEAM, ANY_ITEM)
def test_asg_15_after_the_limit_an_agent_is_never_offered_the_item_again(limit, team, one):
    rules = attrs.evolve(RULES, decline_limit=limit)
    offered = []
    while (choice := choose_agent(one, {other.id: other for other in team}, rules, NOW)) is not None:
        offered.append(choice.agent)
        one = decline(one, choice.agent)
        assert len(offered) <= limit * len(team)
    assert all(offered.count(name) <= limit for name in offered)


def test_asg_16_after_a_hundred_decliners_only_people_assign():
    few, many = (item("v", declines={f"x{n}": 1 for n in range(count)}) for count in (99, 100))
    assert choose([few], [agent("ana")], PLAIN, NOW)
    assert not choose([many], [agent("ana")], PLAIN, NOW)
    assert not Pool(PLAIN, [agent("ana")], [many]).assign(NOW)
    assert exclusion(many, agent("ana"), PLAIN) == "too_many_declined"
    open_to_pick = rules_of(work=WorkPolicy(pick_from_push=True))
    assert pick(attrs.evolve(many, workstream="w"), agent("ana"), open_to_pick).refusal is None


# ---- people ----


def test_ws_3a_agents_pick_from_pick_workstreams():
    picked, pushed = rules_of(work=WorkPolicy(mode=Mode.PICK)), PLAIN
    one = item("v", workstream="w")
    assert pickable([one], agent("ana"), picked) == (one,)
    for refused in (pick(one, agent("ana"), pushed), pick(one, agent("ana", queues=frozenset()), picked)):
        assert refused.refusal is not None
        assert refused.refusal.reason == refused.check.code
    assert pick(one, agent("ana"), pushed).check.code == "pick_not_allowed"
    assert pick(one, agent("ana", queues=frozenset()), picked).check.code == "not_in_queue"
    assert pick(one, agent("ana"), rules_of(work=WorkPolicy(pick_from_push=True))).refusal is None


def test_cap_6_a_pick_may_go_below_zero_and_says_so():
    rules = rules_of(work=WorkPolicy(mode=Mode.PICK))
    one = item("v", workstream="w", demand=2)
    assert pick(one, agent("ana"), rules).check.rule == "WS-3"
    beyond = pick(one, agent("ana", used=1), rules)
    assert (beyond.refusal, beyond.check.rule) == (None, "CAP-6")
    assert "beyond" in beyond.check.sentence("en")


def test_asg_17_a_supervisor_ignores_presence_and_capacity():
    manual = assign(item("v"), FULL)
    assert (manual.refusal, manual.check.rule) == (None, "ASG-17")
    listed = assignable(item("v"), [agent("bea"), FULL, agent("ada")], PLAIN)
    assert [one.id for one in listed] == ["ada", "bea"]


# ---- custom rules ----


def custom(*rules, **more):
    return QueuePolicy(Method.CUSTOM, custom=CustomAssignment(default="main", rulesets={"main": rules}, **more))


def test_asg_12_the_first_rule_that_finds_somebody_decides():
    rules = rules_of(
        queue=custom(
            AssignmentRule(
                "local", (AgentTest("attribute", "equals", FromItem("city"), "city"),), (Order("capacity"),)
            ),
            AssignmentRule("any", (), (Order("round_robin"),)),
        )
    )
    far = agent("far", attributes={"city": "Lima"}, capacity=9)
    near = agent("near", attributes={"city": "Quito"}, capacity=1)
    assert who(rules, far, near, attributes={"city": "quito"}) == "near"
    assert who(rules, far, near, attributes={"city": "Bogotá"}) == "far"
    (pairing,) = choose([item("v", attributes={"city": "Lima"})], [far], rules, NOW)
    assert pairing.check.facts["name"] == "local"


def test_asg_13_an_attribute_that_the_item_lacks_equals_nothing():
    same_city = AgentTest("attribute", "equals", FromItem("city"), "city")
    rules = rules_of(queue=custom(AssignmentRule("local", (same_city,))))
    assert who(rules, agent("ana", attributes={"city": "None"}), agent("bea")) is None


def test_asg_12_without_a_rule_that_finds_somebody_the_item_stays():
    rules = rules_of(queue=custom(AssignmentRule("none", (AgentTest("attribute", "contains_data", name="x"),))))
    assert who(rules, agent("ana")) is None


def test_cap_7_only_what_is_written_applies_but_profiles_always_do():
    rules = rules_of(queue=custom(AssignmentRule("any")))
    away = agent("ana", presence=Presence.OFFLINE, used=9)
    assert who(rules, away, needs=Requirement.of({"es": 9})) == "ana"
    assert who(rules, away, needs=Requirement.of(profiles=["chat"])) is None
    written = rules_of(queue=custom(AssignmentRule("units", (AgentTest("capacity", "greater", FromItem("demand")),))))
    assert who(written, agent("one", capacity=2), demand=2) is None
    assert who(written, agent("more", capacity=3), demand=2) == "more"


BOOK = SkillBook([Skill("es", "language"), Skill("pos", "product")])
HELD = agent("ana", skills={"es": 3, "pos": 1}, attributes={"level": 2}, profiles={"chat": Allowance(2, 1)})


@pytest.mark.parametrize(
    ("test", "holds"),
    [
        (AgentTest("presence", "equals", "available"), True),
        (AgentTest("presence", "equals", ALLOWED_PRESENCES), True),
        (AgentTest("presence", "not_equals", ALLOWED_PRESENCES), False),
        (AgentTest("capacity", "at_least", 2), True),
        (AgentTest("capacity", "less", 2), False),
        (AgentTest("capacity", "at_most", "text"), False),
        (AgentTest("profile", "at_least", 1, "chat"), True),
        (AgentTest("profile", "contains_data", name="voice"), False),
        (AgentTest("profile", "does_not_contain_data", name="voice"), True),
        (AgentTest("skills", "exact_match"), False),
        (AgentTest("skills", "exact_match", name="language"), True),
        (AgentTest("skills", "has_skill", FromItem("topic")), True),
        (AgentTest("skills", "has_skill", "fax"), False),
        (AgentTest("attribute", "equals", 2, "level"), True),
        (AgentTest("calendar", "is_working"), True),
    ],
    ids=str,
)
def test_asg_13_what_custom_rules_may_look_at(test, holds):
    rules = rules_of(queue=custom(AssignmentRule("rule", (test,))), skills=BOOK, shifts={"ana": Shift(9, 18)})
    found = who(rules, HELD, needs=Requirement.of({"es": 3, "pos": 2}), attributes={"topic": "pos"})
    assert found == ("ana" if holds else None)


def test_asg_13_is_working_follows_the_calendar_as_time_passes():
    rules = rules_of(
        queue=custom(AssignmentRule("working", (AgentTest("calendar", "is_working"),))), shifts={"ana": Shift(11, 18)}
    )
    pool = Pool(rules, [agent("ana")], [item("v")])
    assert not pool.assign(NOW)
    assert [p.agent for p in pool.assign(NOW + 60 * MINUTE)] == ["ana"]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        (Order("capacity"), "big"),
        (Order("profile_capacity", "chat"), "small"),
        (Order("nearest"), "small"),
        (Order("most_proficient"), "big"),
        (Order("skill_count", "product"), "big"),
        (Order("attribute", "level"), "small"),
        (Order("attribute", "level", descending=True), "big"),
        (Order("round_robin"), "small"),
    ],
    ids=str,
)
def test_asg_13_what_custom_rules_may_order_by(order, first):
    """See also SKL-5."""
    big = agent("big", capacity=9, skills={"es": 9, "pos": 1}, attributes={"level": 2}, turns={"q": NOW})
    small = agent("small", skills={"es": 3}, attributes={"level": 1}, profiles={"chat": Allowance(1)})
    rules = rules_of(queue=custom(AssignmentRule("rule", order_by=(order,))), skills=BOOK)
    assert who(rules, big, small, needs=Requirement.of({"es": 3} if order.by != "skill_count" else {"pos": 1})) == first


def test_asg_14_selection_criteria_choose_the_ruleset():
    chosen = CustomAssignment(
        (Selection(Test("vip", "equals", "yes"), "vip"),),
        "all",
        {"vip": (AssignmentRule("vip", order_by=(Order("capacity"),)),), "all": (AssignmentRule("all"),)},
    )
    rules = rules_of(queue=QueuePolicy(Method.CUSTOM, custom=chosen))
    team = [agent("ana"), agent("bea", capacity=9)]
    assert who(rules, *team, attributes={"vip": "yes"}) == "bea"
    assert who(rules, *team) == "ana"
    with pytest.raises(InvalidValue):
        CustomAssignment(default="missing")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: AgentTest("mood", "equals"),
        lambda: AgentTest("presence", "is_working"),
        lambda: AgentTest("skills", "equals"),
        lambda: Order("mood"),
    ],
)
def test_a_custom_rule_that_cannot_work_is_refused(wrong):
    with pytest.raises(InvalidValue, match="one of"):
        wrong()


def test_que_1_only_members_of_the_queue_get_its_items():
    assert who(PLAIN, agent("ana", queues=frozenset({"other"}))) is None
    assert exclusion(item("v"), agent("ana", queues=frozenset({"other"})), PLAIN) == "not_a_member"
