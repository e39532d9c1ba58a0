"""Unified routing: work classification, then route to queue.

* **CLS-2** all rulesets run in order; inside one the first matching rule wins.
* **CLS-3** what a ruleset sets is visible to the next one. **CLS-4** no match is no error.
* **CLS-6** a classifier may predict attributes and skills; rules overrule it.
* **CLS-8** routing again adds skills. **CLS-9** a classifier that fails: the fallback queue.
* **R2Q-2** all route rules are looked at; the queues of those that match are candidates, in order.
* **R2Q-3** the first that does not overflow wins. **R2Q-4** all overflow: one that works now, or works first.
* **R2Q-5** no rule or no match: the workstream's fallback queue (QUE-4).
* **R2Q-6** percentages draw a queue by the conversation's id, so the same one is drawn every time.

:func:`run` decides, :func:`explain` shows every rule and value, :func:`check` finds what is wrong with rules
before they are used, :func:`dry_run` and :func:`compare` try them on items.

Source: Microsoft Learn, "Configure work classification rulesets" and "Configure route-to-queue rules".
"""

from __future__ import annotations

from wa_omnichannel._distribution.policies import Mode
from wa_omnichannel._routing.diagnosis import (
    Compared,
    Comparison,
    Diagnosis,
    Difference,
    DryRun,
    Line,
    Outcome,
    compare,
    compared,
    dry_run,
    explain,
)
from wa_omnichannel._routing.engine import (
    ALL_CLEAR,
    UNCLASSIFIED,
    Candidate,
    Classification,
    Route,
    Routing,
    Surroundings,
    classify,
    draw,
    route,
    run,
)
from wa_omnichannel._routing.model import (
    ClassificationRule,
    Classifier,
    ContextVariable,
    Direction,
    ModelRuleset,
    Prediction,
    Queue,
    QueueType,
    RouteRule,
    Ruleset,
    Share,
    VariableType,
    Workstream,
)
from wa_omnichannel._routing.problems import (
    DYNAMICS,
    ITEM_ATTRIBUTES,
    NO_LIMITS,
    ROUTES,
    Limits,
    Problem,
    Severity,
    check,
)
from wa_omnichannel._routing.settings import (
    SYSTEM_VARIABLES,
    change,
    copy,
    empty_queue,
    is_operational,
    may_transfer,
    remove_variable,
    set_variables,
    users_of,
    variable_types,
)

__all__ = [
    "ALL_CLEAR",
    "DYNAMICS",
    "ITEM_ATTRIBUTES",
    "NO_LIMITS",
    "ROUTES",
    "SYSTEM_VARIABLES",
    "UNCLASSIFIED",
    "Candidate",
    "Classification",
    "ClassificationRule",
    "Classifier",
    "Compared",
    "Comparison",
    "ContextVariable",
    "Diagnosis",
    "Difference",
    "Direction",
    "DryRun",
    "Limits",
    "Line",
    "Mode",
    "ModelRuleset",
    "Outcome",
    "Prediction",
    "Problem",
    "Queue",
    "QueueType",
    "Route",
    "RouteRule",
    "Routing",
    "Ruleset",
    "Severity",
    "Share",
    "Surroundings",
    "VariableType",
    "Workstream",
    "change",
    "check",
    "classify",
    "compare",
    "compared",
    "copy",
    "draw",
    "dry_run",
    "empty_queue",
    "explain",
    "is_operational",
    "may_transfer",
    "remove_variable",
    "route",
    "run",
    "set_variables",
    "users_of",
    "variable_types",
]
