"""Who gets the conversation: order of items, eligible agents, methods, affinity, preferred agents, declines.

Two forms do the same, and a property holds them equal:

* :func:`choose` looks at everything, and is what the rules mean;
* :class:`Pool` keeps an index and needs microseconds for an assignment among 100,000 items or 10,000 agents.

:func:`examine`, :func:`report` and :func:`why_waiting` explain with the same checks that decide (DIAG-1).
"""

from __future__ import annotations

from wa_omnichannel._distribution.custom import (
    ALLOWED_PRESENCES,
    AgentTest,
    AssignmentRule,
    CustomAssignment,
    FromItem,
    Order,
    Selection,
)
from wa_omnichannel._distribution.policies import (
    Affinity,
    Bucket,
    Method,
    QueuePolicy,
    Scoring,
    Unavailable,
    WorkPolicy,
)
from wa_omnichannel.assignment.choosing import Choice, choose, choose_agent, given
from wa_omnichannel.assignment.eligibility import examine, exclusion, exclusions
from wa_omnichannel.assignment.explaining import AgentRow, Explanation, Gaps, Report, gaps, report, why_waiting
from wa_omnichannel.assignment.manual import (
    NOT_LISTED,
    Engagement,
    Manual,
    Preference,
    assign,
    assignable,
    decline,
    pick,
    pickable,
    picked,
    preferred,
    recent_experts,
    transferable,
)
from wa_omnichannel.assignment.model import DYNAMICS_BLOCK, AssignmentRules, Pairing, WaitingItem
from wa_omnichannel.assignment.ordering import rank
from wa_omnichannel.assignment.pool import Pool

__all__ = [
    "ALLOWED_PRESENCES",
    "DYNAMICS_BLOCK",
    "NOT_LISTED",
    "Affinity",
    "AgentRow",
    "AgentTest",
    "AssignmentRule",
    "AssignmentRules",
    "Bucket",
    "Choice",
    "CustomAssignment",
    "Engagement",
    "Explanation",
    "FromItem",
    "Gaps",
    "Manual",
    "Method",
    "Order",
    "Pairing",
    "Pool",
    "Preference",
    "QueuePolicy",
    "Report",
    "Scoring",
    "Selection",
    "Unavailable",
    "WaitingItem",
    "WorkPolicy",
    "assign",
    "assignable",
    "choose",
    "choose_agent",
    "decline",
    "examine",
    "exclusion",
    "exclusions",
    "gaps",
    "given",
    "pick",
    "pickable",
    "picked",
    "preferred",
    "rank",
    "recent_experts",
    "report",
    "transferable",
    "why_waiting",
]
