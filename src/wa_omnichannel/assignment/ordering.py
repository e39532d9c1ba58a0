"""In which order waiting items are served.

* **QUE-2** the smaller priority number of the queue first; with the same number queues without prioritisation
  pool their items, the oldest first; then queues with prioritisation, by name.
* **ASG-5** in a queue, items that go back to their agent come before all others.
* **ASG-4** then the prioritisation rules: first match, ordered inside as the rule says, the rest at the end;
  or **ASG-6** the highest score.
* **ASG-3** then the oldest, which on WhatsApp is the one whose customer wrote longest ago.

Source: Microsoft Learn, "Assignment methods in unified routing".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from wa_omnichannel._distribution.policies import Affinity, Bucket, Mode, QueuePolicy
from wa_omnichannel.assignment.model import AssignmentRules, WaitingItem
from wa_omnichannel.conditions import ALWAYS, Value

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Ages are counted in microseconds from here, which compares faster than instants."""
MICROSECOND = timedelta(microseconds=1)

QueueRank: TypeAlias = tuple[int, bool, str]
"""Priority number, whether it has prioritisation, and then its name (QUE-2)."""

Place: TypeAlias = tuple[object, ...]
"""The place inside a queue before age counts."""

_FRONT: Place = (-1,)
_LAST: tuple[int, object] = (2, 0)


def queue_rank(queue: str, rules: AssignmentRules) -> QueueRank:
    """Return the sort key of *queue* (QUE-2); an unknown one has priority 0."""
    known = rules.queues.get(queue)
    own = not rules.policy(queue).first_in_first_out
    return (known.priority if known else 0, own, queue if own else "")


def goes_back(item: WaitingItem, rules: AssignmentRules) -> bool:
    """Tell whether *item* goes back to the agent who had it (WS-15); a decline of theirs ends that."""
    if item.previous is None or item.previous in item.declines:
        return False
    policy = rules.works(item.workstream)
    return policy.affinity is not Affinity.IGNORE and policy.mode is Mode.PUSH


def bucket_of(item: WaitingItem, policy: QueuePolicy, now: datetime) -> int:
    """Return the index of the first prioritisation rule that matches *item* at *now*, or their number (ASG-4)."""
    for index, bucket in enumerate(policy.buckets):
        waited = not bucket.after or now - item.since >= bucket.after
        if waited and (bucket.when is ALWAYS or bucket.when.holds(item.attributes)):
            return index
    return len(policy.buckets)


def next_bucket_at(item: WaitingItem, policy: QueuePolicy, bucket: int) -> datetime | None:
    """Return when *item*, now in *bucket*, moves to an earlier one by waiting; None if it never does."""
    matching = (rule for rule in policy.buckets[:bucket] if rule.when.holds(item.attributes))
    return min((item.since + rule.after for rule in matching), default=None)


def place(item: WaitingItem, policy: QueuePolicy, bucket: int) -> Place:
    """Return the place of *item* in *bucket* of its queue, before its age counts."""
    if bucket >= len(policy.buckets):
        return (bucket, *_LAST)
    rule = policy.buckets[bucket]
    return (bucket, *_value(item.attributes.get(rule.order_by), rule))


def rank(item: WaitingItem, rules: AssignmentRules, now: datetime) -> tuple[object, ...]:
    """Return the sort key of *item* among everything that waits; the smallest is served first."""
    policy = rules.policy(item.queue)
    queue = queue_rank(item.queue, rules)
    if goes_back(item, rules):
        return (*queue, _FRONT, item.since, item.conversation)
    if policy.scoring is not None:
        score = policy.scoring.score(policy.scoring.base(item.attributes), item.since, now)
        return (*queue, (0, -score), item.since, item.conversation)
    own = place(item, policy, bucket_of(item, policy, now)) if policy.buckets else (0,)
    return (*queue, own, item.since, item.conversation)


def _value(value: Value | None, rule: Bucket) -> tuple[int, object]:
    """Return a sort key for an attribute: numbers, then texts, then items without it."""
    if value is None:
        return _LAST
    if isinstance(value, int | float):
        return (0, -value if rule.descending else value)
    text = str(value)
    return (1, _reversed(text) if rule.descending else text)


def _reversed(text: str) -> tuple[int, ...]:
    """Return a key that sorts texts the other way round; a longer one before its own beginning."""
    return (*(-ord(letter) for letter in text), 1)
