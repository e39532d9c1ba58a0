"""The secondary rules applied to a message that the first ones allow: reach, countries, the tier, rates and cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs

from wa_omnichannel import session
from wa_omnichannel.addresses import is_phone
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.messages import TemplateMessage
from wa_omnichannel.sending.limits import NO_LIMITS, PERIOD, SendLimits
from wa_omnichannel.sending.model import Allowed, SendPolicy, Situation, Verdict
from wa_omnichannel.sending.pricing import Charge, Cost, Occasion, estimate
from wa_omnichannel.templates import Category


def apply(policy: SendPolicy, situation: Situation, allowed: Allowed, now: datetime) -> Verdict:
    """Return *allowed* with what the secondary rules say about it, or the refusal of the first that is not met.

    Args:
        policy: The settings of the business number.
        situation: Who the message goes to, and what was counted.
        allowed: What the first rules allow.
        now: The current instant.
    """
    category = _category(policy, allowed)
    trace = list(allowed.trace)
    for check in _checks(policy, situation, category, now):
        trace.append(check)
        if not check.met:
            return _refused(check, tuple(trace))
    cost = _cost(policy, situation, category, now)
    if policy.limits.rates is not None:
        trace.append(_priced(cost))
    waits = [at for _, at in situation.free_at if at > now]
    return attrs.evolve(allowed, trace=tuple(trace), cost=cost, not_before=max(waits, default=None))


def bar(policy: SendPolicy, situation: Situation, category: Category | None, now: datetime) -> Check | None:
    """Return the first secondary rule that a message would not meet; None if it would meet all.

    Args:
        policy: The settings of the business number.
        situation: Who the message would go to.
        category: The template's category; None for a message in an open window.
        now: The current instant.
    """
    return next((check for check in _checks(policy, situation, category, now) if not check.met), None)


def counts(policy: SendPolicy, situation: Situation, allowed: Allowed, now: datetime) -> tuple[bool, bool]:
    """Tell whether a message is counted as writing first, and whether as a service message; where rules ask for it."""
    if policy.limits is NO_LIMITS:
        return False, False
    category = _category(policy, allowed)
    first = policy.limits.daily_recipients is not None and category is not None and begins(policy, situation, now)
    return first, category is None and policy.limits.counts_replies


def nearly_used_up(limits: SendLimits, situation: Situation) -> bool:
    """Tell whether one more customer reaches the share of the tier at which to warn; true once on the way up."""
    recipients, limit = situation.counters.recipients, limits.daily_recipients
    if recipients is None or limit is None or situation.counters.counted:
        return False
    return recipients < limits.warn_at * limit <= recipients + 1


def begins(policy: SendPolicy, situation: Situation, now: datetime) -> bool:
    """Tell whether a template at *now* writes to the customer first, so that the messaging tier counts it."""
    return not session.is_open(situation.window, now, policy.margin)


def _category(policy: SendPolicy, allowed: Allowed) -> Category | None:
    """Return the category of an approved template; None for what goes out in open windows only."""
    if not isinstance(allowed.content, TemplateMessage) or allowed.deadline is not None:
        return None
    return policy.templates[allowed.content.name].category


def _checks(policy: SendPolicy, situation: Situation, category: Category | None, now: datetime) -> Iterator[Check]:
    if category is Category.AUTHENTICATION and situation.addresses:
        met = any(map(is_phone, situation.addresses))
        yield Check("WA-AUTH", met, "authentication_has_phone" if met else "authentication_needs_phone", {})
    yield from _countries(policy.limits, situation, category)
    if policy.limits.daily_recipients is not None and category is not None and begins(policy, situation, now):
        yield _tier(policy.limits, policy.limits.daily_recipients, situation)
    for rule, at in situation.free_at:
        facts = {"free_at": at, "now": now}
        yield Check(rule, True, "rate_waits" if at > now else "rate_free", facts)


def _countries(limits: SendLimits, situation: Situation, category: Category | None) -> Iterator[Check]:
    to = situation.addresses[0] if situation.addresses else None
    for rule in limits.countries:
        if to is None or (rule.categories is not None and category not in rule.categories):
            continue
        barred = rule.covers(to)
        yield Check(rule.rule, not barred, rule.code if barred else "country_open", {"country_rule": rule.rule})


def _tier(limits: SendLimits, limit: int, situation: Situation) -> Check:
    counted = situation.counters
    facts: dict[str, object] = {"recipients": counted.recipients, "limit": limit, "period": PERIOD}
    if counted.counted:
        return Check("WA-TIER", True, "tier_counted_already", facts)
    if counted.recipients is None:
        return Check("WA-TIER", True, "tier_not_counted", facts)
    if counted.recipients >= limit:
        return Check("WA-TIER", False, "tier_used_up", facts)
    near = counted.recipients + 1 >= limits.warn_at * limit
    return Check("WA-TIER", True, "tier_nearly_used_up" if near else "tier_free", facts)


def _cost(policy: SendPolicy, situation: Situation, category: Category | None, now: datetime) -> Cost | None:
    card = policy.limits.rates
    if card is None or not situation.addresses:
        return None
    is_open = not begins(policy, situation, now)
    occasion = Occasion(situation.addresses[0], is_open, situation.free_entry, situation.counters.replies)
    return estimate(card, Charge(category.value) if category is not None else Charge.SERVICE, occasion, now)


def _priced(cost: Cost | None) -> Check:
    if cost is None:
        return Check("WA-COST", True, "cost_unknown", {})
    facts = {"amount": str(cost.amount), "currency": cost.currency, "charge": cost.charge.value}
    return Check("WA-COST", True, cost.code, facts)


def _refused(failed: Check, trace: tuple[Check, ...]) -> Refused:
    return Refused(failed.code, failed.facts, trace, (remedy(failed),))


def remedy(failed: Check) -> Remedy:
    """Return what can be done about a secondary rule that is not met."""
    return Remedy(_REMEDIES.get(failed.code, "use_other_channel"), False, failed.facts)


_REMEDIES: Mapping[str, str] = {
    "authentication_needs_phone": "ask_for_phone",
    "us_marketing_not_delivered": "use_utility_template",
    "tier_used_up": "wait_for_tier",
}
