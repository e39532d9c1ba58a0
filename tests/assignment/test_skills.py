"""Skills: ratings, exact and closest match, the orders of custom rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assignment.worlds import NOW, SKILL, agent, item

from wa_omnichannel.assignment import AssignmentRules, WorkPolicy, choose, transferable
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.routing import Queue
from wa_omnichannel.skills import (
    Matching,
    RatingModel,
    Requirement,
    Skill,
    SkillBook,
    closeness,
    count,
    most,
    nearest,
)
from wa_omnichannel.workforce import Presence

REQUIRED = {"cafe": 2, "coffee": 3, "spanish": 3}
CARLOS = {"cafe": 2, "coffee": 3, "spanish": 3}
ERIC = {"cafe": 5, "coffee": 4, "spanish": 1}
JAMIE = {"cafe": 1, "coffee": 2, "spanish": 1}
BOOK = SkillBook([Skill("cafe", "product"), Skill("coffee", "product"), Skill("spanish", "language")])
EXACT = AssignmentRules({"q": Queue("q")})


def with_matching(matching, book=None):
    return AssignmentRules({"q": Queue("q")}, work={"w": WorkPolicy(matching=matching)}, skills=book or SkillBook())


def winners(rules, needs, *agents):
    return [p.agent for p in choose([item("v", workstream="w", needs=Requirement.of(needs))], agents, rules, NOW)]


@pytest.mark.parametrize("ratings", [{}, {0: "none", 1: "some"}, {1: "low", 3: "high"}, {1: ""}])
def test_skl_1_a_rating_model_names_every_positive_value(ratings):
    with pytest.raises(InvalidValue):
        RatingModel("odd", ratings)


def test_skl_1_deactivated_skills_are_not_considered():
    book = SkillBook([Skill("fax", active=False)])
    assert winners(with_matching(Matching.EXACT, book), {"fax": 3}, agent("ana")) == ["ana"]
    assert closeness({"es": 1}, {"es": 1, "fax": 9}, book) == (0, 0, 0, 0)


@given(SKILL, st.lists(SKILL, max_size=5))
def test_skl_2_exact_match_gives_only_to_those_with_every_rating(needs, ratings):
    team = [agent(f"a{n}", skills=skills) for n, skills in enumerate(ratings)]
    able = {one.id for one in team if all(one.skills.get(name, 0) >= rating for name, rating in needs.items())}
    chosen = winners(EXACT, needs, *team)
    assert set(chosen) <= able
    assert bool(chosen) is bool(able)


def test_skl_2_exact_match_orders_by_capacity():
    carlos = agent("carlos", skills={"cafe": 2, "spanish": 3}, capacity=100)
    eric = agent("eric", skills={"cafe": 3, "spanish": 4}, capacity=200)
    assert winners(EXACT, {"cafe": 2, "spanish": 3}, carlos, eric) == ["eric"]


def test_skl_3_closest_match_prefers_as_many_skills_then_more_then_fewer():
    four = dict.fromkeys("abcd", 1)
    by_count = {"three": dict.fromkeys("abc", 1), "five": dict.fromkeys("abcde", 1), "four": four, "none": {}}
    rules, team = with_matching(Matching.CLOSEST), {name: agent(name, skills=has) for name, has in by_count.items()}
    served = []
    while team:
        (name,) = winners(rules, four, *team.values())
        served.append(name)
        del team[name]
    assert served == ["four", "five", "three", "none"]


def test_skl_3_closest_match_keeps_giving_to_the_same_agent_until_full():
    team = [agent("ana", skills={"es": 1}, capacity=2), agent("bea", skills={"es": 1}, capacity=9)]
    items = [item(f"v{n}", 9 - n, workstream="w", needs=Requirement.of({"es": 1})) for n in range(3)]
    assert [p.agent for p in choose(items, team, with_matching(Matching.CLOSEST), NOW)] == ["ana", "ana", "bea"]


def test_skl_4_none_ignores_skills():
    assert winners(with_matching(Matching.NONE), {"es": 5}, agent("ana")) == ["ana"]


@pytest.mark.parametrize("type_", [None, "product"])
def test_skl_5_the_worked_examples_of_proficiency(type_):
    required = BOOK.considered(REQUIRED, type_)
    team = {"carlos": CARLOS, "eric": ERIC, "jamie": JAMIE}
    assert sorted(team, key=lambda name: nearest(required, team[name], BOOK)) == ["carlos", "eric", "jamie"]
    assert sorted(team, key=lambda name: most(required, team[name], BOOK)) == ["eric", "carlos", "jamie"]


def test_skl_5_the_worked_examples_of_skill_count():
    eric, jamie = {"cafe": 5, "coffee": 4}, {"cafe": 1}
    assert count(REQUIRED, CARLOS) < count(REQUIRED, eric) < count(REQUIRED, jamie)
    product = BOOK.considered(REQUIRED, "product")
    assert count(product, CARLOS) == count(product, eric)


def test_skl_6_ratings_of_different_models_are_compared_as_shares_of_their_scale():
    short = RatingModel("three", {1: "low", 2: "middle", 3: "high"})
    book = SkillBook([Skill("long"), Skill("short", model=short)])
    one_step_of_three, four_steps_of_ten = {"short": 2, "long": 5}, {"short": 3, "long": 1}
    required = {"short": 3, "long": 5}
    assert nearest(required, four_steps_of_ten, book) < nearest(required, one_step_of_three, book)


def test_skl_7_an_open_item_keeps_a_rating_that_the_model_no_longer_has():
    shorter = SkillBook([Skill("es", model=RatingModel("five", {value: str(value) for value in range(1, 6)}))])
    rules = with_matching(Matching.EXACT, shorter)
    assert rules.required(item("v", needs=Requirement.of({"es": 10}))) == {"es": 10}
    assert not winners(rules, {"es": 10}, agent("ana", skills={"es": 5}))


def test_skl_8_transfer_lists_by_match_and_enforces_nothing():
    team = [agent("no"), agent("yes", skills={"es": 3}), agent("away", presence=Presence.AWAY)]
    moved = item("v", needs=Requirement.of({"es": 3}))
    assert [one.id for one in transferable(moved, team, EXACT)] == ["yes", "no"]


@given(SKILL, SKILL)
def test_cls_8_rerouting_appends_skills(first, more):
    grown = Requirement.of(first).adding(more).ratings
    assert set(grown) == {*first, *more}
    assert all(grown[name] >= rating for name, rating in first.items())


@given(SKILL)
def test_skl_9_an_agent_takes_skills_off_again(needs):
    assert Requirement.of({**needs, "own": 1}).without(["own"]) == Requirement.of(needs)


def test_ws_14_each_workstream_matches_skills_its_own_way():
    work = {matching.value: WorkPolicy(matching=matching) for matching in Matching}
    rules = AssignmentRules({"q": Queue("q")}, work=work)
    needs = Requirement.of({"es": 3})
    items = [item(name, workstream=name, needs=needs) for name in work]
    assert {p.item.conversation for p in choose(items, [agent("ana", capacity=9)], rules, NOW)} == {"closest", "none"}
