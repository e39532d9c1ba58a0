"""Workstreams, context variables, problems of rules, the diagnosis, dry runs and classifiers."""

from datetime import timedelta
from importlib.util import find_spec
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.routing.strategies import ITEMS, slow
from tests.routing.test_routing import RULESETS, WORKSTREAMS, Says, rules, stream

from wa_omnichannel.adapters import classifiers
from wa_omnichannel.adapters.classifiers import KeywordClassifier, LearnedClassifier
from wa_omnichannel.conditions import ALWAYS, Kind, where
from wa_omnichannel.errors import ConfigurationError, InvalidValue, MissingExtra, Refused
from wa_omnichannel.routing import (
    DYNAMICS,
    ITEM_ATTRIBUTES,
    ClassificationRule,
    ContextVariable,
    Direction,
    Mode,
    ModelRuleset,
    Outcome,
    Problem,
    Queue,
    QueueType,
    RouteRule,
    Ruleset,
    Severity,
    Share,
    Surroundings,
    VariableType,
    Workstream,
    change,
    check,
    compare,
    copy,
    dry_run,
    explain,
    remove_variable,
    run,
    set_variables,
)
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.workforce import Agent

ORDERS = ContextVariable("Orders", VariableType.NUMBER)
CITY = ContextVariable("City")


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("type", QueueType.VOICE),
        ("channel", "sms"),
        ("direction", Direction.OUTBOUND),
        ("mode", Mode.PICK),
    ],
)
def test_ws_3_what_was_chosen_at_creation_stays(field: str, other: Any) -> None:
    """WS-1, WS-2, WS-3."""
    before = stream()
    refused = change(before, attrs.evolve(before, **{field: other}))
    assert isinstance(refused, Refused)
    assert refused.facts["field"] == field


def test_ws_3_everything_else_may_change() -> None:
    before = stream()
    after = attrs.evolve(before, fallback_queue="other", demand=2, routes=(RouteRule("r", "q"),))
    assert change(before, after) == after


def test_ws_4_the_fallback_queue_must_exist() -> None:
    with pytest.raises(ConfigurationError, match="fallback"):
        Rules([Number("+14155550100", "Shop", "main")], [Workstream("main", "fallback")], [Queue("all")])


@pytest.mark.parametrize("seconds", [0, 20, 45, 330])
def test_ws_17_screen_pop_has_steps_of_30_seconds_up_to_five_minutes(seconds: int) -> None:
    with pytest.raises(InvalidValue):
        stream(screen_pop=timedelta(seconds=seconds))
    assert stream(screen_pop=timedelta(seconds=300)).screen_pop == timedelta(minutes=5)


def test_auto_close_is_after_more_than_no_time() -> None:
    with pytest.raises(InvalidValue):
        stream(auto_close_after=timedelta(0))


def test_ws_11_units_and_profile_together_are_reported() -> None:
    assert [problem.code for problem in check(stream(profile="chat"))] == ["units_and_profile"]
    assert not check(stream(profile="chat", demand=0))


def test_ws_16_columns_without_documented_effect_are_kept_and_reported() -> None:
    workstream = stream(undocumented={"follow_up_after_waiting": 5})
    (problem,) = check(workstream)
    assert (problem.code, problem.severity) == ("column_without_effect", Severity.NOTE)
    assert "follow_up_after_waiting" in problem.sentence("es")


def test_ch_33_a_copy_has_all_rules_and_a_name_of_its_own() -> None:
    original = stream(rules("r", ClassificationRule("a")), routes=(RouteRule("b", "q"),), variables=(CITY,))
    made = copy(original, ["Copy of main", "Copy of main (2)"])
    assert made == attrs.evolve(original, name="Copy of main (3)")


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_names_of_variables_have_1_to_100_characters(name: str) -> None:
    with pytest.raises(InvalidValue):
        ContextVariable(name)


def test_variables_are_told_apart_by_case() -> None:
    assert stream(variables=(CITY, ContextVariable("city"))).variables
    with pytest.raises(InvalidValue):
        stream(variables=(CITY, CITY))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"city": "Madrid"}, "variable_unknown"),
        ({"City": 3}, "variable_of_other_type"),
        ({"Orders": "3"}, "variable_of_other_type"),
        ({"Orders": True}, "variable_of_other_type"),
        ({"City": "x" * 4001}, "variable_too_long"),
        ({"City": "Madrid", "Orders": "x"}, "variable_of_other_type"),
    ],
)
def test_values_of_variables_that_do_not_fit_are_refused(values: Any, reason: str) -> None:
    refused = set_variables(stream(variables=(CITY, ORDERS)), {}, values)
    assert isinstance(refused, Refused)
    assert refused.reason == reason
    assert len(refused.explain("es").splitlines()) == 2


def test_values_of_variables_are_set_and_used_by_rules() -> None:
    many = rules("r", ClassificationRule("many", where("Orders").greater(2), {"tier": "gold"}))
    workstream = stream(many, variables=(ORDERS, CITY))
    known = set_variables(workstream, {"x": 1}, {"Orders": 3, "City": "x" * 4000, "va_CustomerLocale": "es"})
    assert not isinstance(known, Refused)
    assert run(workstream, known).attributes["tier"] == "gold"


@pytest.mark.parametrize(
    ("workstream", "user"),
    [
        (stream(rules("r", ClassificationRule("a", where("City").is_set())), variables=(CITY,)), "r / a"),
        (stream(rules("r", ClassificationRule("b", sets={"City": "x"})), variables=(CITY,)), "r / b"),
        (stream(routes=(RouteRule("to", "q", ~where("City").is_set()),), variables=(CITY,)), "to"),
        (stream(ModelRuleset("m", Says(), ("City",)), variables=(CITY,)), "m"),
    ],
)
def test_a_variable_that_a_rule_uses_cannot_be_removed(workstream: Workstream, user: str) -> None:
    for refused in (remove_variable(workstream, "City"), change(workstream, attrs.evolve(workstream, variables=()))):
        assert isinstance(refused, Refused)
        assert refused.facts["rules"] == (user,)


def test_a_variable_that_nobody_uses_can_be_removed() -> None:
    without = remove_variable(stream(variables=(CITY, ORDERS)), "City")
    assert without == stream(variables=(ORDERS,))
    assert isinstance(remove_variable(stream(), "City"), Refused)


def codes(*problems: Problem) -> list[tuple[str, str, int]]:
    return [(problem.code, problem.rule, problem.position) for problem in problems]


def test_problems_name_the_rule_and_its_position() -> None:
    made = rules(
        "who",
        ClassificationRule("fine", where("customer_name").equals("Ana")),
        ClassificationRule("typo", where("customer_nam").equals("Ana")),
        ClassificationRule("kind", where("customer_name").greater(3)),
        ClassificationRule("dead", where("hour").less(3) & where("hour").greater(5)),
        ClassificationRule("late", where("customer_name").equals("ANA") & where("hour").equals(4)),
        ClassificationRule("rest", ALWAYS),
        ClassificationRule("lost", where("hour").equals(4)),
    )
    found = check(stream(made))
    assert codes(*found) == [
        ("unknown_attribute", "typo", 2),
        ("type_mismatch", "kind", 3),
        ("dead_rule", "dead", 4),
        ("shadowed_rule", "late", 5),
        ("shadowed_rule", "lost", 7),
    ]
    assert found[0].facts["meant"] == "customer_name"
    assert found[3].facts["by"] == "fine"
    assert "'typo' (who, 2)" in found[0].sentence()
    assert "customer_name" in found[0].sentence("es")


def test_outputs_and_variables_are_known_to_later_rules_only() -> None:
    sets = rules("one", ClassificationRule("a", sets={"tier": "gold"}))
    reads = rules("two", ClassificationRule("b", where("tier").equals("gold") & where("City").is_set()))
    assert not check(stream(sets, reads, variables=(CITY,)))
    assert codes(*check(stream(reads, sets, variables=(CITY,)))) == [("unknown_attribute", "b", 1)]


@pytest.mark.parametrize(
    ("problem", "workstream"),
    [
        ("unknown_queue", stream(routes=(RouteRule("r", "sale"),))),
        ("unknown_queue", stream(routes=(RouteRule("r", shares=(Share("sales", 50), Share("sals", 50))),))),
        ("redundant_route", stream(routes=(RouteRule("a", "sales"), RouteRule("b", "sales", where("hour").equals(3))))),
        ("rule_twice", stream(rules("r", ClassificationRule("a", where("hour").equals(1)), ClassificationRule("a")))),
        ("ruleset_twice", stream(rules("r"), rules("r"))),
        ("unknown_attribute", stream(ModelRuleset("m", Says(), ("body",)))),
    ],
)
def test_other_problems(problem: str, workstream: Workstream) -> None:
    queues = {queue.name: queue for queue in (Queue("all"), Queue("sales"))}
    assert problem in {found.code for found in check(workstream, queues)}


def test_r2q_7_only_queues_of_the_type_of_the_workstream_can_be_chosen() -> None:
    queues = {queue.name: queue for queue in (Queue("all"), Queue("phone", type=QueueType.VOICE))}
    assert codes(*check(stream(routes=(RouteRule("r", "phone"),)), queues)) == [("queue_of_other_kind", "r", 1)]
    assert not check(stream(routes=(RouteRule("r", "all", where("hour").equals(3)),)), queues)


def many(n: int) -> tuple[ClassificationRule, ...]:
    return tuple(ClassificationRule(f"r{k}", where("hour").equals(k)) for k in range(n))


@pytest.mark.parametrize(
    ("rule", "fits", "breaks"),
    [
        ("CLS-1", stream(*(rules(f"s{k}") for k in range(10))), stream(*(rules(f"s{k}") for k in range(11)))),
        ("CLS-1", stream(Ruleset("s", many(100))), stream(Ruleset("s", many(101)))),
        (
            "CLS-1",
            stream(rules("s", ClassificationRule("a", sets=dict.fromkeys("abcd", 1), priority=1))),
            stream(rules("s", ClassificationRule("a", sets=dict.fromkeys("abcd", 1), priority=1, skills={"x": 1}))),
        ),
        (
            "CLS-5",
            stream(rules("s", ClassificationRule("a", where("contact.account.city").is_set()))),
            stream(rules("s", ClassificationRule("a", where("contact.account.owner.city").is_set()))),
        ),
        (
            "R2Q-1",
            stream(routes=tuple(RouteRule(f"r{k}", "q", where("hour").equals(k)) for k in range(200))),
            stream(routes=tuple(RouteRule(f"r{k}", "q", where("hour").equals(k)) for k in range(201))),
        ),
        (
            "R2Q-6",
            stream(routes=(RouteRule("r", shares=tuple(Share(f"q{k}", 20) for k in range(5))),)),
            stream(routes=(RouteRule("r", shares=tuple(Share(f"q{k}", 10) for k in range(10))),)),
        ),
    ],
)
def test_cls_1_cls_5_r2q_1_r2q_6_limits_of_the_dynamics_profile(rule: str, fits: Any, breaks: Any) -> None:
    known = {**ITEM_ATTRIBUTES, "contact.account.city": Kind.TEXT, "contact.account.owner.city": Kind.TEXT}
    assert not check(fits, limits=DYNAMICS, attributes=known)
    (problem,) = check(breaks, limits=DYNAMICS, attributes=known)
    assert problem.facts["by"] == rule
    assert not check(breaks, attributes=known)  # the default profile has no caps


def test_rules_report_the_problems_of_all_workstreams() -> None:
    broken = rules("s", ClassificationRule("a", where("nothing").is_set()))
    settings = Rules([Number("+14155550100", "Shop", "main")], [Workstream("main", "all", (broken,))], [Queue("all")])
    assert [problem.code for problem in settings.problems()] == ["unknown_attribute"]
    assert attrs.evolve(settings, limits=DYNAMICS).problems() == settings.problems()


@given(RULESETS, ITEMS)
def test_a_rule_reported_as_dead_or_shadowed_never_decides(ruleset: Ruleset, item: Any) -> None:
    lost = {p.position - 1 for p in check(stream(ruleset)) if p.code in ("dead_rule", "shadowed_rule")}
    first = next((n for n, rule in enumerate(ruleset.rules) if slow(rule.when, item)), None)
    assert first not in lost


def test_diag_1_the_table_says_of_every_rule_what_became_of_it() -> None:
    who = rules(
        "who",
        ClassificationRule("vip", where("tier").equals("gold")),
        ClassificationRule("es", where("language").equals("ES") & where("hour").less(12), {"topic": "spain"}),
        ClassificationRule("rest"),
    )
    routes = (
        RouteRule("night", "one", where("hour").between(22, 23)),
        RouteRule("spain", "two"),
        RouteRule("any", "three"),
    )
    found = explain(stream(who, routes=routes), {"language": "es", "hour": 9})
    outcomes = [(line.rule, line.outcome) for line in found.lines]
    assert outcomes == [
        ("vip", Outcome.PROCESSED),
        ("es", Outcome.APPLIED),
        ("rest", Outcome.NOT_PROCESSED),
        ("night", Outcome.PROCESSED),
        ("spain", Outcome.APPLIED),
        ("any", Outcome.MATCHED),
    ]
    test = found.lines[1].compared[1]
    assert (test.attribute, test.operator, test.wanted, test.have, test.holds) == ("hour", "less", "12", "9", True)
    assert found.lines[0].compared[0].have == "-"
    assert "routes 2 spain: Applied." in found.table()
    assert "No evaluada." in found.table("es")
    assert found.explain("es").splitlines()[-1] == "Se cumplió la regla de ruta 'spain': cola 'two'."


def test_diag_1_after_a_failure_nothing_more_is_reached() -> None:
    broken = ModelRuleset("broken", Says(error=ValueError("no")))
    workstream = stream(broken, rules("r", ClassificationRule("a")), routes=(RouteRule("to", "q"),))
    found = explain(workstream, {})
    outcomes = [line.outcome for line in found.lines]
    assert outcomes == [Outcome.PROCESSED, Outcome.NOT_PROCESSED, Outcome.NOT_PROCESSED]


@given(WORKSTREAMS, ITEMS)
def test_diag_1_one_rule_of_a_ruleset_is_applied_and_it_is_the_one_that_decided(workstream: Any, item: Any) -> None:
    found = explain(workstream, item)
    applied = [line.rule for line in found.lines if line.outcome is Outcome.APPLIED and line.ruleset != "routes"]
    assert applied == [check_.facts["name"] for check_ in found.routing.classification.trace]
    matched = [line.rule for line in found.lines if line.outcome in (Outcome.APPLIED, Outcome.MATCHED)]
    assert matched[len(applied) :] == [candidate.rule for candidate in found.routing.route.candidates]


@attrs.frozen
class Skilled:
    """Somebody with queues and skills."""

    queues: frozenset[str]
    skills: dict[str, int]


def test_a_dry_run_decides_as_for_real_and_reports_what_cannot_work() -> None:
    who = rules(
        "who",
        ClassificationRule("tax", where("topic").equals("tax"), skills={"tax": 2, "es": 1}),
        ClassificationRule("unused", where("topic").equals("never")),
    )
    routes = (
        RouteRule("tax", "office", where("topic").equals("tax")),
        RouteRule("half", shares=(Share("a", 50), Share("b", 50))),
    )
    workstream = stream(who, routes=routes)
    items = [(f"c{n}", {"topic": "tax" if n % 2 else "news"}) for n in range(20)]
    found = dry_run(workstream, items, [Skilled(frozenset({"a", "office"}), {"es": 3})])
    assert {key: routing.queue for key, routing in found.routings.items()} == {
        key: run(workstream, item, key).queue for key, item in items
    }
    assert found.queues["office"] == 10
    assert found.hits["who", "tax"] == 10
    assert found.unused == (("who", "unused"),)
    assert found.unserved == ("b", "all")
    assert found.missing_skills == ("tax",)


def test_a_default_queue_is_served_by_everybody() -> None:
    around = Surroundings({"all": Queue("all", default=True)})
    assert not dry_run(stream(), [], [Agent("ana", "Ana")], around).unserved
    assert dry_run(stream(), [], (), around).unserved == ("all",)


def test_compare_reports_what_another_version_changes() -> None:
    before = stream(routes=(RouteRule("r", "one", where("n").less(3)),))
    after = stream(routes=(RouteRule("r", "two", where("n").less(3)), RouteRule("s", "three", where("n").equals(9))))
    found = compare(before, after, [(str(n), {"n": n}) for n in range(10)])
    assert found.items == 10
    assert found.moved == {("one", "two"): 3, ("all", "three"): 1}
    assert [difference.key for difference in found.differences] == ["0", "1", "2", "9"]
    assert not compare(before, before, [("1", {"n": 1})]).differences


@given(WORKSTREAMS, WORKSTREAMS, st.lists(ITEMS, max_size=4))
def test_compare_names_exactly_the_items_that_differ(one: Any, two: Any, items: Any) -> None:
    named = {
        difference.key for difference in compare(one, two, [(str(n), item) for n, item in enumerate(items)]).differences
    }
    for n, item in enumerate(items):
        a, b = run(one, item, str(n)), run(two, item, str(n))
        assert (str(n) in named) == ((a.queue, a.attributes) != (b.queue, b.attributes))


def test_keywords_classify_whatever_the_spelling() -> None:
    model = KeywordClassifier({"bills": ["factura", "recibo"], "orders": ["pedido"]})
    (found,) = model.predict("¿Y la FACTURÁ? ¿Y el recibo de mi pedido?")
    assert (found.name, found.value, round(found.confidence, 2)) == ("intent", "bills", 0.67)
    assert not model.predict("Hola")
    skilled = KeywordClassifier({"tax": ["iva"], "es": ["hola"]}, skills=True).predict("Hola, ¿el IVA?")
    assert {(p.name, p.value, p.confidence, p.is_skill) for p in skilled} == {
        ("tax", 1, 0.5, True),
        ("es", 1, 0.5, True),
    }
    with pytest.raises(InvalidValue):
        KeywordClassifier({"bills": []})


EXAMPLES = [
    ("quiero mi factura", "bills"), ("no encuentro el recibo", "bills"), ("necesito una factura con IVA", "bills"),
    ("dónde está mi pedido", "orders"), ("el pedido no ha llegado", "orders"), ("rastrear mi pedido", "orders"),
]  # fmt: skip


@pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn (the extra ml) is not installed")
def test_a_model_learns_from_examples_and_its_confidence_is_shown() -> None:
    model = LearnedClassifier(EXAMPLES)
    (found,) = model.predict("Mandadme la factura")
    assert (found.name, found.value) == ("intent", "bills")
    assert 0.5 < found.confidence <= 1
    workstream = stream(ModelRuleset("model", model))
    assert run(workstream, {"first_message": "no llega el pedido"}).attributes["intent"] == "orders"
    both = LearnedClassifier(EXAMPLES, skills=True, least=0.01).predict("Mandadme la factura")
    assert [(p.name, p.is_skill) for p in both] == [("bills", True), ("orders", True)]


@pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn (the extra ml) is not installed")
def test_a_model_needs_two_labels_and_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError):
        LearnedClassifier([("a", "one")])

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(classifiers, "import_module", missing)
    with pytest.raises(MissingExtra, match=r"wa-omnichannel\[ml\]"):
        LearnedClassifier(EXAMPLES)
