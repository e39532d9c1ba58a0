"""Small worlds of agents and waiting items, by hand and by chance."""

from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import strategies as st

from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import (
    Affinity,
    AgentTest,
    AssignmentRule,
    AssignmentRules,
    Bucket,
    CustomAssignment,
    Method,
    Order,
    QueuePolicy,
    Scoring,
    Unavailable,
    WaitingItem,
    WorkPolicy,
)
from wa_omnichannel.capacity import Allowance, Reset
from wa_omnichannel.conditions import Test
from wa_omnichannel.routing import Mode, Queue
from wa_omnichannel.skills import Matching, Requirement, Skill, SkillBook
from wa_omnichannel.workforce import Agent, Presence

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
NUMBER = Address("+14155550100")
MINUTE = timedelta(minutes=1)
AVAILABLE = Presence.AVAILABLE


def agent(name, /, **more):
    """Return an available agent in queue ``q`` with two units."""
    return Agent(name, name.title(), **{"queues": frozenset({"q"}), "presence": AVAILABLE, "capacity": 2, **more})


def item(name, /, minutes=0, **more):
    """Return an item in queue ``q`` that waits since so many minutes before noon."""
    return WaitingItem(
        **{"queue": "q", "since": NOW - minutes * MINUTE, "number": NUMBER, "contact": name, **more}, conversation=name
    )


class Shift:
    """A working day from one hour to another, UTC."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end

    def is_open(self, now: datetime) -> bool:
        return self.start <= now.hour < self.end

    def next_open(self, now: datetime) -> datetime | None:
        if self.is_open(now):
            return now
        opens = now.replace(hour=self.start, minute=0, second=0, microsecond=0)
        return opens if now.hour < self.start else opens + timedelta(days=1)


# ---- by chance ----

AGENTS = tuple(f"a{n}" for n in range(7))
QUEUES = ("high", "turns", "least", "custom", "ranked", "scored", "sorted")
WORKS = ("plain", "closest", "none", "prefer", "ignore", "wait", "pick", "away")
SKILLS = ("es", "tax", "fax")

SKILL = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), max_size=3)
INSTANT = st.integers(0, 20).map(lambda minutes: NOW - minutes * MINUTE)
MAYBE_INSTANT = st.none() | INSTANT
PROFILES = st.dictionaries(
    st.sampled_from(("chat", "voice")),
    st.builds(Allowance, st.integers(0, 2), st.integers(0, 2), st.sampled_from(Reset), st.booleans()),
    max_size=2,
)

ANY_AGENT = st.builds(
    Agent,
    st.sampled_from(AGENTS),
    st.just("Somebody"),
    st.frozensets(st.sampled_from(QUEUES), min_size=1),
    st.sampled_from((AVAILABLE, AVAILABLE, AVAILABLE, Presence.BUSY, Presence.AWAY)),
    st.integers(0, 4),
    st.integers(0, 2),
    MAYBE_INSTANT,
    SKILL,
    PROFILES,
    MAYBE_INSTANT,
    st.dictionaries(st.sampled_from(QUEUES), INSTANT, max_size=2),
    st.fixed_dictionaries({}, optional={"level": st.integers(0, 2)}),
    st.sampled_from((False, False, False, True)),
)
TEAM = st.lists(ANY_AGENT, max_size=6, unique_by=lambda agent: agent.id)

ANY_ITEM = st.builds(
    WaitingItem,
    st.sampled_from(QUEUES),
    INSTANT,
    st.just(NUMBER),
    st.just("c"),
    st.sampled_from([f"v{n}" for n in range(14)]),
    st.sampled_from((1, 1, 1, 2, 0)),
    st.sampled_from(WORKS),
    st.builds(Requirement.of, SKILL, st.lists(st.sampled_from(("chat", "voice")), max_size=2)),
    st.fixed_dictionaries(
        {},
        optional={
            "vip": st.booleans(),
            "value": st.integers(0, 3),
            "score": st.integers(0, 50),
            "level": st.integers(0, 2),
        },
    ),
    st.none() | st.sampled_from(AGENTS),
    st.sampled_from(((), (), ("a1",), ("a2", "a0"), ("a3", "a4", "a5", "a6"))),
    st.dictionaries(st.sampled_from(AGENTS), st.integers(1, 3), max_size=2),
)
ITEMS = st.lists(ANY_ITEM, max_size=12, unique_by=lambda item: item.conversation)

CUSTOM = CustomAssignment(
    default="main",
    rulesets={
        "main": (
            AssignmentRule("expert", (AgentTest("skills", "exact_match"),), (Order("nearest"), Order("capacity"))),
            AssignmentRule("level", (AgentTest("attribute", "at_least", 1, "level"),), (Order("round_robin"),)),
            AssignmentRule("working", (AgentTest("calendar", "is_working"),), (Order("attribute", "level"),)),
        )
    },
)
BUCKETS = (
    Bucket("vip", Test("vip", "equals", value=True), "value", descending=True),
    Bucket("old", after=15 * MINUTE),
    Bucket("valued", Test("value", "at_least", 2)),
)
RULES = AssignmentRules(
    {name: Queue(name, priority) for name, priority in zip(QUEUES, (1, 1, 2, 2, 1, 2, 1), strict=True)},
    policies={
        "turns": QueuePolicy(Method.ROUND_ROBIN),
        "least": QueuePolicy(Method.LEAST_ACTIVE),
        "custom": QueuePolicy(Method.CUSTOM, custom=CUSTOM),
        "ranked": QueuePolicy(buckets=BUCKETS),
        "sorted": QueuePolicy(buckets=(Bucket("valued", order_by="value"),)),
        "scored": QueuePolicy(scoring=Scoring(7, MINUTE)),
    },
    work={
        "closest": WorkPolicy(matching=Matching.CLOSEST),
        "none": WorkPolicy(matching=Matching.NONE),
        "prefer": WorkPolicy(affinity=Affinity.PREFER),
        "ignore": WorkPolicy(affinity=Affinity.IGNORE),
        "wait": WorkPolicy(unavailable=Unavailable.WAIT),
        "pick": WorkPolicy(mode=Mode.PICK),
        "away": WorkPolicy(presences=frozenset(Presence)),
    },
    skills=SkillBook([Skill("fax", active=False)]),
    shifts={"a0": Shift(8, 11), "a1": Shift(10, 18), "a2": Shift(0, 10)},
)
STRICT_FREE = attrs.evolve(RULES, work={**RULES.work, "plain": WorkPolicy(affinity=Affinity.IGNORE)})
"""The same rules without strict affinity for the plain workstream."""
