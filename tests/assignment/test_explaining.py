"""Why somebody gets an item and why nobody does; the explanation is the decision."""

import pytest
from hypothesis import given
from tests.assignment.worlds import ANY_ITEM, ITEMS, NOW, RULES, TEAM, agent, item

from wa_omnichannel.assignment import (
    AssignmentRules,
    Method,
    Unavailable,
    WorkPolicy,
    choose_agent,
    examine,
    exclusion,
    exclusions,
    gaps,
    report,
    why_waiting,
)
from wa_omnichannel.explain import Check
from wa_omnichannel.explain.texts import SENTENCES
from wa_omnichannel.routing import Queue
from wa_omnichannel.skills import Requirement
from wa_omnichannel.workforce import Presence

PLAIN = AssignmentRules({"q": Queue("q")})


@given(ANY_ITEM, TEAM)
def test_diag_1_the_table_says_what_the_decision_does(one, team):
    """Every agent is in the table, and who is eligible in it is who may get the item."""
    told = report(one, [one], team, RULES, NOW)
    assert [row.agent for row in told.rows] == [other.id for other in team]
    assert told.choice == choose_agent(one, {other.id: other for other in team}, RULES, NOW)
    eligible = {row.agent for row in told.rows if row.eligible}
    if told.choice is None:
        assert not eligible
    elif told.choice.rule not in ("WS-15a", "PREF-2"):
        assert told.choice.agent in eligible


@given(ANY_ITEM, TEAM)
def test_diag_1_the_reason_is_the_first_check_that_is_not_met(one, team):
    for other in team:
        failed = next((check for check in examine(one, other, RULES) if not check.met), None)
        assert exclusion(one, other, RULES) == (failed.code.removeprefix("agent_") if failed else None)


@given(ITEMS, TEAM)
def test_everything_is_told_in_english_and_spanish(items, team):
    for one in items:
        told = report(one, items, team, RULES, NOW)
        for check in (*told.reasons, *(check for row in told.rows for check in row.checks)):
            assert check.code in SENTENCES
            assert "?" not in check.sentence("en") + check.sentence("es").replace("¿", "")
        assert told.explain("es")


def only(*reasons):
    return [check.code for check in reasons]


@pytest.mark.parametrize(
    ("one", "team", "codes"),
    [
        (item("v"), [], ["nobody_there"]),
        (item("v", queue="x"), [agent("ana")], ["nobody_there"]),
        (
            item("v", needs=Requirement.of({"es": 3})),
            [agent("ana", skills={"es": 2})],
            ["nobody_has_skill", "nobody_now", "nobody_skills"],
        ),
        (
            item("v", needs=Requirement.of({"es": 1, "tax": 1})),
            [agent("ana", skills={"es": 1}), agent("bea", skills={"tax": 1})],
            ["nobody_has_skills", "nobody_now", "nobody_skills"],
        ),
        (
            item("v", needs=Requirement.of(profiles=["chat"])),
            [agent("ana")],
            ["nobody_has_profile", "nobody_now", "nobody_no_profile_room"],
        ),
        (item("v", demand=3), [agent("ana")], ["nobody_has_units", "nobody_now", "nobody_no_capacity"]),
        (
            item("v"),
            [agent("ana", used=2), agent("bea", presence=Presence.AWAY)],
            ["nobody_now", "nobody_no_capacity", "nobody_presence"],
        ),
    ],
)
def test_why_nobody_gets_it(one, team, codes):
    assert only(*why_waiting(one, team, PLAIN, NOW)) == codes


def test_reasons_are_counted():
    team = [agent("a", used=2), agent("b", used=2), agent("c", presence=Presence.AWAY), agent("d", queues=frozenset())]
    assert exclusions(item("v"), team, PLAIN) == {"no_capacity": 2, "presence": 1, "not_a_member": 1}
    told = why_waiting(item("v"), team, PLAIN, NOW)
    assert [check.sentence("en") for check in told] == [
        "None of the 3 members of queue 'q' can take it now.",
        "Without enough free units: 2.",
        "In a presence in which no work is given: 1.",
    ]
    assert told[-1].sentence("es") == "En una presencia en la que no se asigna trabajo: 1."
    assert [check.rule for check in told] == ["DIAG-1", "CAP-1", "WS-13"]


def test_somebody_can_and_so_many_are_before_it():
    items = [item("first", 9), item("v", 5), item("later", 1)]
    text = report(items[1], items, [agent("ana")], PLAIN, NOW).explain("en")
    assert text == "Ana can take it; 1 items are served before it."


def test_pref_3_an_item_that_waits_for_its_preferred_agent_says_so():
    rules = AssignmentRules({"q": Queue("q")}, work={"": WorkPolicy(unavailable=Unavailable.WAIT)})
    told = report(item("v", preferred=("ana",)), [], [agent("bea")], rules, NOW)
    assert told.rows[0].checks[-1].sentence("en") == "Bea: the item waits for ana and nobody else."
    assert told.reasons[-1] == Check("PREF-3", False, "nobody_not_preferred", {"agents": 1})


def test_asg_12_custom_rules_are_in_the_table():
    assert RULES.policy("custom").method is Method.CUSTOM
    one = item("v", queue="custom", needs=Requirement.of({"es": 9}))
    nobody, somebody = (
        agent("ana", queues=frozenset({"custom"})),
        agent("bea", queues=frozenset({"custom"}), skills={"es": 9}),
    )
    rows = report(one, [], [nobody, somebody], RULES, NOW).rows
    assert [row.checks[-1].code for row in rows] == ["agent_custom", "agent_custom_ok"]
    assert report(one, [], [nobody], RULES, NOW).reasons[-1] == Check("ASG-12", False, "nobody_custom", {"agents": 1})


def test_a_dry_run_finds_queues_nobody_serves_and_skills_nobody_has():
    hard = item("hard", needs=Requirement.of({"es": 9}))
    found = gaps(
        [item("lost", queue="x"), item("fine"), hard, item("hard too", needs=hard.needs)], [agent("ana")], PLAIN
    )
    assert found.queues == ("x",)
    assert [name for name, _ in found.items] == ["hard", "hard too"]
    assert only(*found.items[0][1]) == ["nobody_has_skill"]
