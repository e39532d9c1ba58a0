"""Classification and route to queue: CLS, R2Q and QUE, by the rules and against an evaluation by hand."""

import pickle
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.routing.strategies import CONDITIONS, ITEMS, slow
from tests.support.shop import ANA, NUMBER

from wa_omnichannel.conditions import ALWAYS, Test, kind_of, where
from wa_omnichannel.conversation import Contact, Received, State, Thread, decide
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.hours import EVERY_DAY, Block, OperatingHours
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.routing import (
    ITEM_ATTRIBUTES,
    SYSTEM_VARIABLES,
    Candidate,
    Classification,
    ClassificationRule,
    ModelRuleset,
    Prediction,
    Queue,
    QueueType,
    RouteRule,
    Ruleset,
    Share,
    Surroundings,
    Workstream,
    classify,
    draw,
    empty_queue,
    explain,
    is_operational,
    may_transfer,
    route,
    run,
)
from wa_omnichannel.rules import Number, Rules

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
OUTPUTS = st.dictionaries(
    st.sampled_from(["topic", "score", "vip", "tier"]), st.sampled_from(["a", "b", 1, 2, True]), max_size=2
)
CLASSIFICATION_RULES = st.builds(ClassificationRule, st.sampled_from("abc"), CONDITIONS, OUTPUTS)
RULESETS = st.builds(Ruleset, st.sampled_from("xyz"), st.lists(CLASSIFICATION_RULES, max_size=4).map(tuple))
ROUTES = st.builds(RouteRule, st.sampled_from("pqr"), st.sampled_from(["one", "two", "three"]), CONDITIONS)
WORKSTREAMS = st.builds(
    Workstream,
    st.just("main"),
    st.just("all"),
    st.lists(RULESETS, max_size=3).map(tuple),
    st.lists(ROUTES, max_size=4).map(tuple),
)


def by_hand(workstream: Workstream, item: Any) -> tuple[dict[str, Any], str]:
    """Classify and route by trying every rule in order."""
    known = dict(item)
    for ruleset in workstream.rulesets:
        assert isinstance(ruleset, Ruleset)
        for rule in ruleset.rules:
            if slow(rule.when, known):
                known |= rule.outputs
                break
    queues = [rule.queue for rule in workstream.routes if slow(rule.when, known)]
    return known, queues[0] if queues else workstream.fallback_queue


@given(WORKSTREAMS, ITEMS)
def test_cls_2_cls_3_r2q_3_r2q_5_indexed_routing_is_what_trying_every_rule_gives(workstream: Any, item: Any) -> None:
    found = run(workstream, item)
    assert (found.attributes, found.queue) == by_hand(workstream, item)


@given(WORKSTREAMS, ITEMS)
def test_the_explanation_is_the_decision(workstream: Any, item: Any) -> None:
    assert explain(workstream, item, "c1").routing == run(workstream, item, "c1")


@given(RULESETS, ITEMS, st.randoms(use_true_random=False))
def test_cls_2_rules_after_the_first_match_may_stand_in_any_order(ruleset: Any, item: Any, chance: Any) -> None:
    first = next((n for n, rule in enumerate(ruleset.rules) if slow(rule.when, item)), len(ruleset.rules))
    rest = list(ruleset.rules[first + 1 :])
    chance.shuffle(rest)
    shuffled = attrs.evolve(ruleset, rules=(*ruleset.rules[: first + 1], *rest))
    results = [classify(Workstream("w", "q", (some,)), item).attributes for some in (ruleset, shuffled)]
    assert results[0] == results[1]


@given(RULESETS.filter(lambda made: bool(made.rules)), CLASSIFICATION_RULES, ITEMS, st.data())
def test_a_rule_put_in_anothers_place_works_as_in_a_new_ruleset(ruleset: Any, rule: Any, item: Any, data: Any) -> None:
    position = data.draw(st.integers(0, len(ruleset.rules) - 1))
    changed = ruleset.with_rule(position, rule)
    fresh = Ruleset(changed.name, changed.rules)
    assert changed == fresh
    outcomes = [classify(Workstream("w", "q", (some,)), item) for some in (changed, fresh)]
    assert outcomes[0] == outcomes[1]


def stream(*rulesets: Any, routes: tuple[RouteRule, ...] = (), **more: Any) -> Workstream:
    return Workstream("main", "all", rulesets, routes, **more)


def rules(name: str, *made: ClassificationRule) -> Ruleset:
    return Ruleset(name, made)


def test_cls_2_every_ruleset_runs_and_the_first_match_in_each_wins() -> None:
    one = rules("one", ClassificationRule("a", sets={"x": 1}), ClassificationRule("b", sets={"x": 2}))
    two = rules("two", ClassificationRule("c", sets={"y": 3}))
    found = classify(stream(one, two), {})
    assert (found.attributes["x"], found.attributes["y"]) == (1, 3)
    assert [check.facts["name"] for check in found.trace] == ["a", "c"]


def test_cls_3_outputs_are_seen_by_later_rulesets() -> None:
    vip = rules("who", ClassificationRule("gold", sets={"tier": "gold"}, skills={"vip": 3}, priority=1, language="es"))
    seen = where("tier").equals("gold") & where("skills").contains("vip") & where("priority").equals(1)
    then = rules("then", ClassificationRule("all", seen & where("language").equals("es"), {"seen": True}))
    assert classify(stream(vip, then), {}).attributes["seen"] is True
    assert "seen" not in classify(stream(then, vip), {}).attributes


def test_cls_4_no_match_is_no_error() -> None:
    found = run(stream(rules("one", ClassificationRule("a", where("x").is_set()))), {"y": 1})
    assert (found.attributes, found.queue, found.classification.trace) == ({"y": 1}, "all", ())


def test_cls_6_outputs_of_every_kind() -> None:
    rule = ClassificationRule(
        "a", sets={"topic": "tax"}, skills={"tax": 4}, profiles=("back",), priority=2, language="de"
    )
    found = classify(stream(rules("one", rule)), {})
    assert (found.priority, found.language, found.skills, found.profiles) == (2, "de", {"tax": 4}, ("back",))
    assert found.attributes["topic"] == "tax"


def test_cls_8_routing_again_adds_skills_and_lowers_none() -> None:
    first = classify(stream(rules("one", ClassificationRule("a", skills={"tax": 4, "es": 1}, profiles=("p",)))), {})
    again = classify(
        stream(rules("two", ClassificationRule("b", skills={"es": 3, "tax": 1, "vip": 2}, profiles=("q",)))), {}, first
    )
    assert again.skills == {"tax": 4, "es": 3, "vip": 2}
    assert again.profiles == ("p", "q")


@given(WORKSTREAMS, ITEMS, st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 9)))
def test_cls_8_no_skill_is_lost_or_lowered_by_routing_again(workstream: Any, item: Any, skills: Any) -> None:
    rule = ClassificationRule("more", skills={"a": 5})
    again = classify(attrs.evolve(workstream, rulesets=(rules("r", rule),)), item, Classification(skills=skills))
    assert all(again.skills[name] >= rating for name, rating in {**skills, "a": 5}.items())


@attrs.frozen
class Says:
    """A classifier that always believes the same, or raises."""

    predictions: Sequence[Prediction] = ()
    error: Exception | None = None

    def predict(self, text: str) -> Sequence[Prediction]:
        """Return what it always believes."""
        if self.error:
            raise self.error
        return self.predictions


def model(*predictions: Prediction, minimum: float = 0.5) -> ModelRuleset:
    return ModelRuleset("model", Says(predictions), minimum=minimum)


def test_cls_6_a_prediction_sets_an_attribute_and_shows_its_confidence() -> None:
    found = classify(stream(model(Prediction("intent", "refund", 0.81))), {"first_message": "dinero"})
    assert found.attributes["intent"] == "refund"
    assert found.trace[0].facts["confidence"] == 0.81
    assert "0.81" in found.trace[0].sentence("es")


def test_cls_6_an_unsure_prediction_is_shown_and_not_used() -> None:
    found = classify(stream(model(Prediction("intent", "refund", 0.49))), {})
    assert "intent" not in found.attributes
    assert found.trace[0].code == "prediction_unsure"


def test_cls_6_rules_overrule_a_classifier_before_and_after_it() -> None:
    rule = rules("rule", ClassificationRule("a", sets={"intent": "bill"}, skills={"tax": 2}))
    believed = model(Prediction("intent", "refund", 1.0), Prediction("tax", 9, 1.0, is_skill=True))
    for order in ((rule, believed), (believed, rule)):
        found = classify(stream(*order), {})
        assert found.attributes["intent"] == "bill"
        assert found.skills == {"tax": 2}
        assert len(found.predictions) == 2


def test_cls_6_predicted_skills_are_attached() -> None:
    found = classify(stream(model(Prediction("tax", 3, 0.9, is_skill=True))), {})
    assert found.skills == {"tax": 3}
    assert found.attributes["skills"] == ("tax",)


@pytest.mark.parametrize("error", [ValueError("no model"), RuntimeError("x" * 500), MemoryError()])
def test_cls_9_a_classifier_that_raises_sends_to_the_fallback_queue(error: Exception) -> None:
    """CLS-9, QUE-4: and overflow is not asked there."""
    before = rules("before", ClassificationRule("a", sets={"x": 1}))
    broken = ModelRuleset("broken", Says(error=error))
    routes = (RouteRule("r", "billing"),)
    around = Surroundings({}, NOW, lambda _: pytest.fail("overflow was asked"))
    after = rules("after", ClassificationRule("b", sets={"y": 1}))
    found = run(stream(before, broken, after, routes=routes), {}, around=around)
    assert found.queue == "all"
    assert found.attributes == {"x": 1}
    assert [check.code for check in found.trace] == ["classified", "classifier_failed", "routed_after_failure"]
    reason = str(found.trace[1].facts["reason"])
    assert reason.startswith(type(error).__name__)
    assert len(reason) <= 200
    assert found.route.candidate is None


def test_cls_9_the_reason_is_on_the_timeline() -> None:
    workstream = Workstream("main", "all", (ModelRuleset("broken", Says(error=ValueError("no model"))),))
    settings = Rules([Number(NUMBER, "Shop", "main")], [workstream], [Queue("all")])
    routed = next(effect for effect in received(settings, "Hola") if getattr(effect, "kind", "") == "routed")
    assert "no model" in routed.trace[0].sentence()


def received(settings: Rules, text: str) -> tuple[Any, ...]:
    inbound = Inbound("SM" + "0" * 32, NUMBER, (ANA,), Text(text))
    event = Received(inbound, NOW, "m1", "c1")
    return decide(settings, State(Contact("ana", (ANA,)), Thread(NUMBER, "ana", ANA)), event, NOW).effects


def test_cls_10_the_first_message_is_seen_up_to_250_characters() -> None:
    found = {
        effect.facts["queue"]
        for text in ("a" * 244 + "pedido", "a" * 250 + "pedido")
        for effect in received(
            Rules(
                [Number(NUMBER, "Shop", "main")],
                [stream(routes=(RouteRule("r", "orders", where("first_message").ends("pedido")),))],
                [Queue("all"), Queue("orders")],
            ),
            text,
        )
        if getattr(effect, "kind", "") == "routed"
    }
    assert found == {"orders", "all"}


def test_r2q_2_every_matching_rule_gives_a_candidate_in_order() -> None:
    routes = (RouteRule("a", "one"), RouteRule("b", "two", where("x").is_set()), RouteRule("c", "three"))
    assert [candidate.queue for candidate in route(stream(routes=routes), {}).candidates] == ["one", "three"]


def full(*queues: str) -> Surroundings:
    return Surroundings({}, NOW, lambda candidate: candidate.queue in queues)


def test_r2q_3_the_first_candidate_that_does_not_overflow_wins() -> None:
    routes = (RouteRule("a", "one"), RouteRule("b", "two"))
    found = route(stream(routes=routes), {}, around=full("one"))
    assert (found.queue, found.overflows, found.check.rule) == ("two", False, "R2Q-3")


def hours(start: int, end: int) -> OperatingHours:
    return OperatingHours("h", "UTC", (Block(EVERY_DAY, time(start), time(end)),))


@pytest.mark.parametrize(
    ("one", "two", "chosen"),
    [
        (None, None, "one"),
        (hours(14, 15), hours(9, 18), "two"),
        (hours(15, 16), hours(14, 15), "two"),
        (hours(8, 9), hours(14, 15), "two"),
        (OperatingHours("never", "UTC", ()), hours(8, 9), "two"),
    ],
)
def test_r2q_4_all_overflow_one_that_works_now_or_works_first_gets_it(one: Any, two: Any, chosen: str) -> None:
    queues = {"one": Queue("one", hours=one), "two": Queue("two", hours=two)}
    routes = (RouteRule("a", "one"), RouteRule("b", "two"))
    found = route(stream(routes=routes), {}, around=Surroundings(queues, NOW, lambda _: True))
    assert (found.queue, found.overflows, found.check.rule) == (chosen, True, "R2Q-4")


def test_r2q_5_no_rules_or_no_match_is_the_fallback_queue() -> None:
    assert run(stream(), {}).queue == "all"
    found = route(stream(routes=(RouteRule("a", "one", where("x").is_set()),)), {}, around=full("all"))
    assert (found.queue, found.overflows, found.candidate) == ("all", False, None)


@pytest.mark.parametrize(
    "shares",
    [
        (Share("a", 50), Share("b", 49)),
        (Share("a", 100), Share("b", 1)),
        (Share("a", 101), Share("b", -1)),
        (Share("a", 100), Share("b", 0)),
        (Share("a", 50), Share("a", 50)),
    ],
)
def test_r2q_6_shares_other_than_parts_of_100_for_different_queues_are_refused(shares: tuple[Share, ...]) -> None:
    with pytest.raises(InvalidValue):
        RouteRule("r", shares=shares)


def test_a_route_has_one_queue_or_shares() -> None:
    with pytest.raises(InvalidValue):
        RouteRule("r")
    with pytest.raises(InvalidValue):
        RouteRule("r", "a", shares=(Share("a", 100),))


PERCENTAGES = st.lists(st.integers(1, 60), min_size=1, max_size=4).map(
    lambda parts: [part * 99 // sum(parts) or 1 for part in parts]
)


@given(PERCENTAGES, st.integers(0, 1000))
def test_r2q_6_the_draw_is_the_same_every_time_and_percentages_hold_in_the_limit(parts: list[int], run_no: int) -> None:
    shares = tuple(Share(f"q{n}", part) for n, part in enumerate([*parts, 100 - sum(parts)]))
    rule = RouteRule(f"rule {run_no}", shares=shares)
    keys = [f"{run_no}-{n}" for n in range(2000)]
    drawn = [draw(rule, key).queue for key in keys]
    assert drawn == [draw(rule, key).queue for key in keys]
    counts = Counter(drawn)
    for share in shares:
        chance = share.percent / 100
        assert abs(counts[share.queue] - 2000 * chance) <= 6 * (2000 * chance * (1 - chance)) ** 0.5 + 1


def test_r2q_6_the_draw_does_not_depend_on_the_process() -> None:
    rule = RouteRule("half", shares=(Share("a", 50), Share("b", 50)))
    assert [draw(rule, f"conversation-{n}").queue for n in range(8)] == ["b", "b", "a", "a", "a", "b", "a", "a"]


def test_r2q_6_overflow_is_looked_at_after_the_draw() -> None:
    rules_ = (RouteRule("half", shares=(Share("a", 50), Share("b", 50))), RouteRule("rest", "c"))
    found = [route(stream(routes=rules_), {}, f"conversation-{n}", full("a")).queue for n in range(8)]
    assert found == ["b", "b", "c", "c", "c", "b", "c", "c"]


def test_r2q_8_overflow_is_asked_of_the_rule_that_led_to_the_queue() -> None:
    asked: list[Candidate] = []

    def overflows(candidate: Candidate) -> bool:
        asked.append(candidate)
        return candidate.rule == "usual"

    routes = (RouteRule("usual", "one"), RouteRule("vip", "one"))
    found = route(stream(routes=routes), {}, around=Surroundings({}, NOW, overflows))
    assert asked == [Candidate("usual", "one"), Candidate("vip", "one")]
    assert found.candidate == Candidate("vip", "one")


@given(WORKSTREAMS, ITEMS, st.sets(st.sampled_from(["one", "two", "three"])))
def test_r2q_5_every_item_gets_a_queue(workstream: Any, item: Any, overflowing: set[str]) -> None:
    found = run(workstream, item, "c", full(*overflowing))
    assert found.queue in {"all", *(rule.queue for rule in workstream.routes)}
    assert found.trace


def test_que_3_no_hours_is_open_round_the_clock() -> None:
    assert is_operational(Queue("q"), NOW)
    assert is_operational(Queue("q", hours=hours(11, 13)), NOW)
    assert not is_operational(Queue("q", hours=hours(13, 14)), NOW)


def test_hrs_3_the_hours_belong_to_the_queue() -> None:
    closed = Queue("one", hours=hours(13, 14))
    assert Surroundings({"one": closed}, NOW).opens_at("one") == NOW + timedelta(hours=1)
    assert Surroundings({"one": closed}, NOW).opens_at("other") == NOW


def test_hrs_5_agents_transfer_only_to_queues_that_work_now() -> None:
    refused = may_transfer(Queue("q", hours=hours(13, 14)), QueueType.MESSAGING, NOW)
    assert refused is not None
    assert refused.rules == ("HRS-5",)
    assert "13:00" in refused.explain("en")
    assert may_transfer(Queue("q", hours=hours(11, 14)), QueueType.MESSAGING, NOW) is None


def test_ws_1_work_stays_inside_its_type() -> None:
    """WS-1, QUE-1: messaging, record and voice do not mix."""
    refused = may_transfer(Queue("q", type=QueueType.VOICE), QueueType.MESSAGING, NOW)
    assert refused is not None
    assert refused.rules == ("WS-1",)


def test_que_5_que_6_an_empty_queue_waits_with_an_alarm_and_closes_in_the_dynamics_profile() -> None:
    """QUE-5, QUE-6."""
    waits, closes = empty_queue(Queue("q"), 0), empty_queue(Queue("q"), 0, closes=True)
    assert waits is not None
    assert closes is not None
    assert (waits.code, waits.met) == ("empty_queue_waits", True)
    assert (closes.code, closes.met) == ("empty_queue_closes", False)
    assert empty_queue(Queue("q"), 1) is None
    assert empty_queue(Queue("q", default=True), 0) is None


def test_settings_can_be_pickled_with_their_index() -> None:
    made = stream(
        rules("r", ClassificationRule("a", Test("x", "equals", 1), {"y": 2})), routes=(RouteRule("b", "one", ALWAYS),)
    )
    again = pickle.loads(pickle.dumps(made))
    assert again == made
    assert run(again, {"x": 1}) == run(made, {"x": 1})


def test_rules_can_ask_about_everything_that_is_promised() -> None:
    """The attributes of items, the system's variables, and the clock on the wall of the workstream."""
    asked = where("weekday").equals("monday") & where("hour").equals(13) & where("time").between(time(12), time(14))
    known = where("msdyn_ConversationId").equals("c1") & where("msdyn_CustomerId").equals("ana")
    at = where("received_at").at_most(NOW) & where("date").equals(NOW.date()) & where("va_CustomerLocale").equals("en")
    workstream = stream(routes=(RouteRule("r", "two", asked & known & at),), zone="Europe/Madrid")
    settings = Rules([Number(NUMBER, "Shop", "main")], [workstream], [Queue("all"), Queue("two")])
    assert not settings.problems()
    routed = next(effect for effect in received(settings, "Hola") if getattr(effect, "kind", "") == "routed")
    assert routed.facts["queue"] == "two"


def test_every_attribute_that_is_promised_is_there() -> None:
    settings = Rules([Number(NUMBER, "Shop", "main")], [stream()], [Queue("all")])
    inbound = Inbound("SM" + "0" * 32, NUMBER, (ANA,), Text("Hola"))
    state = State(Contact("ana", (ANA,)), Thread(NUMBER, "ana", ANA))
    after = decide(settings, state, Received(inbound, NOW, "m1", "c1"), NOW).state
    assert after.thread.conversation is not None
    found = {name: kind_of(value) for name, value in after.thread.conversation.attributes.items()}
    outputs = {"priority", "skills", "capacity_profiles"}
    assert {name: kind for name, kind in ITEM_ATTRIBUTES.items() if name not in outputs}.items() <= found.items()
    assert set(found) <= {*ITEM_ATTRIBUTES, *SYSTEM_VARIABLES}
