"""Classification, then route to queue: what every conversation goes through."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import accumulate

import attrs

from wa_omnichannel._routing.model import (
    WHOLE,
    ClassificationRule,
    ModelRuleset,
    Prediction,
    Queue,
    RouteRule,
    Ruleset,
    Workstream,
)
from wa_omnichannel.conditions import Attributes, Value, View
from wa_omnichannel.explain import Check, Trace
from wa_omnichannel.skills import Ratings

_NO_VALUES: Mapping[str, Value] = {}
_NO_RATINGS: Ratings = {}
_NO_QUEUES: Mapping[str, Queue] = {}
_NEVER = datetime.max.replace(tzinfo=UTC)

MAX_REASON = 200
"""Characters of a classifier's error that are kept."""


@attrs.frozen
class Classification:
    """What is known of an item after classification."""

    attributes: Attributes = _NO_VALUES
    skills: Ratings = _NO_RATINGS
    """Required rating by skill."""
    profiles: tuple[str, ...] = ()
    """Capacity profiles it consumes beyond the workstream's (CAP-4)."""
    predictions: tuple[Prediction, ...] = ()
    """What classifiers believed, used or not."""
    trace: Trace = ()
    failed: bool = False
    """Whether a classifier failed, so that the item goes to the fallback queue (CLS-9)."""

    @property
    def priority(self) -> int | None:
        """The priority that was set, if it is a whole number."""
        value = self.attributes.get("priority")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def language(self) -> str | None:
        """The language that is known."""
        value = self.attributes.get("language")
        return value if isinstance(value, str) else None


UNCLASSIFIED = Classification()
"""Of a new item nothing is known beforehand."""


class _Progress:
    """An item on its way through the rulesets."""

    def __init__(self, item: Attributes, known: Classification) -> None:
        self.attributes = dict(item)
        self.skills = dict(known.skills)
        self.before = known.skills
        self.profiles = dict.fromkeys(known.profiles)
        self.predictions: list[Prediction] = []
        self.trace: list[Check] = []
        self.set_by_rule: set[str] = set()
        self.skills_by_rule: set[str] = set()
        self.view = self._show()

    def _show(self) -> View:
        """Return what the next ruleset sees (CLS-3)."""
        if self.skills:
            self.attributes["skills"] = tuple(self.skills)
        if self.profiles:
            self.attributes["capacity_profiles"] = tuple(self.profiles)
        return View(self.attributes)

    def apply(self, ruleset: Ruleset, rule: ClassificationRule) -> None:
        """Take over what a rule sets."""
        outputs = rule.outputs
        self.attributes.update(outputs)
        self.set_by_rule.update(outputs)
        for skill, rating in rule.skills.items():
            self._require(skill, rating)
        self.profiles.update(dict.fromkeys(rule.profiles))
        came = (*outputs, *rule.skills, *rule.profiles)
        facts = {"ruleset": ruleset.name, "name": rule.name, "sets": came}
        self.trace.append(Check("CLS-2", True, "classified", facts))
        self.view = self._show()

    def _require(self, skill: str, rating: int) -> None:
        """Attach a skill by rule: over a prediction, but never below what was required before (CLS-8)."""
        known = self.skills[skill] if skill in self.skills_by_rule else self.before.get(skill, 0)
        self.skills[skill] = max(rating, known)
        self.skills_by_rule.add(skill)

    def believe(self, ruleset: ModelRuleset) -> bool:
        """Ask a classifier; False if it fails."""
        text = " ".join(str(self.attributes[name]) for name in ruleset.inputs if name in self.attributes)
        try:
            predictions = tuple(ruleset.classifier.predict(text))
        except Exception as error:  # noqa: BLE001 - whatever a model raises, the customer gets a queue (CLS-9)
            reason = f"{type(error).__name__}: {error}"[:MAX_REASON]
            self.trace.append(Check("CLS-9", False, "classifier_failed", {"ruleset": ruleset.name, "reason": reason}))
            return False
        for prediction in predictions:
            self.trace.append(self._weigh(ruleset, prediction))
        self.predictions += predictions
        self.view = self._show()
        return True

    def _weigh(self, ruleset: ModelRuleset, prediction: Prediction) -> Check:
        name, value = prediction.name, prediction.value
        facts = {"ruleset": ruleset.name, "name": name, "value": value, "confidence": round(prediction.confidence, 3)}
        if prediction.confidence < ruleset.minimum:
            return Check("CLS-6", False, "prediction_unsure", {**facts, "minimum": ruleset.minimum})
        if name in ({*self.skills_by_rule, *self.before} if prediction.is_skill else self.set_by_rule):
            return Check("CLS-6", False, "prediction_overruled", facts)
        if not prediction.is_skill:
            self.attributes[name] = value
        elif isinstance(value, int):
            self.skills[name] = value
        return Check("CLS-6", True, "predicted", facts)

    def result(self, *, failed: bool = False) -> Classification:
        """Return what came out."""
        return Classification(
            self.attributes,
            self.skills,
            tuple(self.profiles),
            tuple(self.predictions),
            tuple(self.trace),
            failed,
        )


def classify(workstream: Workstream, item: Attributes, known: Classification = UNCLASSIFIED) -> Classification:
    """Run every ruleset over *item* (CLS-2, CLS-3).

    Args:
        workstream: The rules.
        item: The attributes of the item.
        known: What came out before, when an item is routed again: skills and profiles are added to it (CLS-8).

    Returns:
        What is known now; ``failed`` if a classifier failed, after which nothing more was looked at.

    >>> vip = Ruleset("vip", (ClassificationRule("gold", sets={"priority": 1}, skills={"gold": 2}),))
    >>> found = classify(Workstream("main", "all", (vip,)), {"body": "hola"})
    >>> found.priority, found.skills
    (1, {'gold': 2})
    """
    progress = _Progress(item, known)
    for ruleset in workstream.rulesets:
        if isinstance(ruleset, ModelRuleset):
            if not progress.believe(ruleset):
                return progress.result(failed=True)
            continue
        number = ruleset.index.first(progress.view)
        if number is not None:
            progress.apply(ruleset, ruleset.rules[number])
    return progress.result()


@attrs.frozen
class Candidate:
    """A queue that a route rule leads to."""

    rule: str
    queue: str
    percent: int | None = None
    """Its share, if it was drawn from an allocation (R2Q-6)."""


def _roomy(_: Candidate) -> bool:
    return False


@attrs.frozen
class Surroundings:
    """What route to queue needs to know besides the item, so that it can avoid full and closed queues."""

    queues: Mapping[str, Queue] = _NO_QUEUES
    now: datetime = datetime.min.replace(tzinfo=UTC)
    overflows: Callable[[Candidate], bool] = _roomy
    """Tells whether the item would overflow if it came to a queue by this rule (R2Q-3, R2Q-8)."""

    def opens_at(self, queue: str) -> datetime:
        """Return when a queue is operational, from now on; the end of time for one that never is again."""
        known = self.queues.get(queue)
        if known is None or known.hours is None:
            return self.now
        return known.hours.next_open(self.now) or _NEVER


ALL_CLEAR = Surroundings()
"""No queue overflows."""


@attrs.frozen
class Route:
    """The queue that an item goes to, and why."""

    queue: str
    check: Check
    candidate: Candidate | None = None
    """The rule that led there; None: the fallback queue, where overflow is ignored (QUE-4, OVF-11)."""
    candidates: tuple[Candidate, ...] = ()
    """The queues of all rules that matched, in order (R2Q-2)."""
    overflows: bool = False
    """Whether every candidate overflows, so that the queue's overflow action is due (R2Q-4)."""


def draw(rule: RouteRule, key: str) -> Candidate:
    """Return the queue that *rule* leads the conversation *key* to; the same one every time (R2Q-6).

    >>> from wa_omnichannel._routing.model import Share
    >>> draw(RouteRule("half", shares=(Share("a", 50), Share("b", 50))), "conversation-1").queue
    'b'
    """
    if rule.queue:
        return Candidate(rule.name, rule.queue)
    digest = blake2b(f"{rule.name}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    point = int.from_bytes(digest, "big") * WHOLE >> 64
    edges = tuple(accumulate(share.percent for share in rule.shares))
    share = rule.shares[bisect_right(edges, point)]
    return Candidate(rule.name, share.queue, share.percent)


def route(workstream: Workstream, item: Attributes, key: str = "", around: Surroundings = ALL_CLEAR) -> Route:
    """Return the queue for a classified *item* (R2Q-2 to R2Q-5); total: there always is one.

    Args:
        workstream: The rules.
        item: Its attributes after classification.
        key: The conversation's id, from which percentages draw.
        around: The queues, the time, and which queues overflow.

    >>> rules = (RouteRule("bills", "billing"),)
    >>> route(Workstream("main", "all", routes=rules), {}).queue
    'billing'
    """
    numbers = workstream.index.every(View(item))
    candidates = tuple(draw(workstream.routes[number], key) for number in numbers)
    if not candidates:
        queue = workstream.fallback_queue
        return Route(queue, Check("R2Q-5", True, "routed_to_fallback", {"queue": queue}))
    for candidate in candidates:
        if not around.overflows(candidate):
            return Route(candidate.queue, _chosen(candidate), candidate, candidates)
    return _earliest(candidates, around)


def _chosen(candidate: Candidate) -> Check:
    facts: dict[str, object] = {"name": candidate.rule, "queue": candidate.queue}
    if candidate.percent is None:
        return Check("R2Q-3", True, "routed", facts)
    return Check("R2Q-6", True, "routed_by_share", {**facts, "percent": candidate.percent})


def _earliest(candidates: tuple[Candidate, ...], around: Surroundings) -> Route:
    """Every candidate overflows: take one that works now, or the one that works first (R2Q-4)."""
    best = min(candidates, key=lambda candidate: around.opens_at(candidate.queue))
    opens_at = around.opens_at(best.queue)
    facts = {"name": best.rule, "queue": best.queue, "opens_at": "-" if opens_at == _NEVER else opens_at}
    return Route(best.queue, Check("R2Q-4", False, "routed_overflowing", facts), best, candidates, overflows=True)


@attrs.frozen
class Routing:
    """What classification and routing came to."""

    classification: Classification
    route: Route

    @property
    def attributes(self) -> Attributes:
        """The attributes of the item after classification."""
        return self.classification.attributes

    @property
    def queue(self) -> str:
        """The queue the item goes to."""
        return self.route.queue

    @property
    def trace(self) -> Trace:
        """What decided: the rules that matched, and the one that led to the queue."""
        return (*self.classification.trace, self.route.check)


def run(
    workstream: Workstream,
    item: Attributes,
    key: str = "",
    around: Surroundings = ALL_CLEAR,
    known: Classification = UNCLASSIFIED,
) -> Routing:
    """Classify *item* and route it to a queue; total: every item gets a queue (R2Q-5, CLS-9).

    Args:
        workstream: The rules.
        item: The attributes of the item.
        key: The conversation's id, from which percentages draw.
        around: The queues, the time, and which queues overflow.
        known: What an earlier classification of the same item came to.
    """
    found = classify(workstream, item, known)
    if found.failed:
        queue = workstream.fallback_queue
        return Routing(found, Route(queue, Check("QUE-4", True, "routed_after_failure", {"queue": queue})))
    return Routing(found, route(workstream, found.attributes, key, around))
