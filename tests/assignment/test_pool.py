"""The index gives the same pairings as the plain form, whatever happens."""

import random
from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from tests.assignment.worlds import ANY_AGENT, ANY_ITEM, ITEMS, MINUTE, NOW, RULES, TEAM, agent, item

from wa_omnichannel.assignment import AssignmentRules, Method, Pairing, QueuePolicy, WaitingItem, WorkPolicy, choose
from wa_omnichannel.assignment import given as given_to
from wa_omnichannel.assignment.pool import Pool
from wa_omnichannel.routing import Queue
from wa_omnichannel.skills import Matching, Requirement
from wa_omnichannel.workforce import Agent, release


def told(pairings):
    return [(p.item.conversation, p.agent, p.at, p.check) for p in pairings]


@given(TEAM, ITEMS)
def test_one_cycle_gives_what_the_plain_form_gives(team, items):
    assert told(Pool(RULES, team, items).assign(NOW)) == told(choose(items, team, RULES, NOW))


@given(TEAM, ITEMS, st.integers(1, 3))
def test_a_cycle_in_parts_gives_the_same_in_all(team, items, limit):
    pool, found = Pool(RULES, team, items), []
    while part := pool.assign(NOW, limit):
        assert len(part) <= limit
        found += part
    assert told(found) == told(choose(items, team, RULES, NOW))


@given(TEAM, ITEMS, st.integers(1, 4))
def test_asg_2_a_block_gives_the_same(team, items, block):
    rules = attrs.evolve(RULES, block=block)
    assert told(Pool(rules, team, items).assign(NOW)) == told(choose(items, team, rules, NOW))


class Cycles(RuleBasedStateMachine):
    """Items and agents come, change and go; every cycle is that of the plain form."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.pool = Pool(RULES)
        self.items: dict[str, WaitingItem] = {}
        self.agents: dict[str, Agent] = {}
        self.open: list[Pairing] = []

    @rule(item=ANY_ITEM)
    def item_comes_or_changes(self, item):
        self.items[item.conversation] = item
        self.pool.put_item(item)

    @rule(agent=ANY_AGENT)
    def agent_comes_or_changes(self, agent):
        self.agents[agent.id] = agent
        self.pool.put_agent(agent)

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def item_goes(self, data):
        name = data.draw(st.sampled_from(sorted(self.items)))
        del self.items[name]
        self.pool.drop_item(name)

    @precondition(lambda self: self.agents)
    @rule(data=st.data())
    def agent_goes(self, data):
        name = data.draw(st.sampled_from(sorted(self.agents)))
        del self.agents[name]
        self.pool.drop_agent(name)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), by_row=st.booleans())
    def conversation_ends(self, data, by_row):
        pairing = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        known, item = self.agents.get(pairing.agent), pairing.item
        if known is None:
            return
        self.agents[known.id] = release(known, item.demand, self.now, profiles=item.needs.profiles)
        if by_row:
            self.pool.put_agent(self.agents[known.id])
        else:
            self.pool.release(known.id, item, self.now)

    @rule(seconds=st.integers(0, 600))
    def cycle(self, seconds):
        self.now += timedelta(seconds=seconds)
        wanted = choose(self.items.values(), self.agents.values(), RULES, self.now)
        found = self.pool.assign(self.now)
        assert [p[:2] + p[3:] for p in told(found)] == [p[:2] + p[3:] for p in told(wanted)]
        for pairing in found:
            del self.items[pairing.item.conversation]
            self.agents[pairing.agent] = given_to(self.agents[pairing.agent], pairing)
        self.open += found
        assert len(self.pool) == len(self.items)
        assert {agent.id: agent for agent in self.pool.agents()} == self.agents


Cycles.TestCase.settings = settings(stateful_step_count=40)
TestCycles = Cycles.TestCase


METHODS = (Method.HIGHEST_CAPACITY, Method.ROUND_ROBIN, Method.LEAST_ACTIVE)


@pytest.mark.parametrize("matching", [Matching.EXACT, Matching.CLOSEST])
@pytest.mark.parametrize("method", METHODS)
def test_a_long_day_with_many_agents_goes_as_in_the_plain_form(method, matching):
    """So many agents that rings move them one by one, and close their gaps now and then."""
    chance = random.Random(f"{method} {matching}")
    rules = AssignmentRules(
        {"q": Queue("q")}, policies={"q": QueuePolicy(method)}, work={"": WorkPolicy(matching=matching)}
    )
    skills = [{name: chance.randint(1, 3) for name in chance.sample("abcd", 2)} for _ in range(60)]
    team = {f"a{n:02}": agent(f"a{n:02}", skills=skills[n], capacity=3) for n in range(60)}
    pool = Pool(rules, team.values())
    waiting: dict[str, WaitingItem] = {}
    open_: list[Pairing] = []
    for step in range(500):
        at = NOW + step * MINUTE
        for n in range(chance.randint(0, 2)):
            needs = Requirement.of({name: chance.randint(1, 2) for name in chance.sample("abcd", chance.randint(0, 2))})
            new = item(f"v{step}-{n}", -step, needs=needs, demand=chance.choice((1, 1, 2)))
            waiting[new.conversation] = new
            pool.put_item(new)
        while open_ and chance.random() < 0.5:
            gone = open_.pop(chance.randrange(len(open_)))
            team[gone.agent] = release(team[gone.agent], gone.item.demand, at)
            pool.put_agent(team[gone.agent])
        wanted, found = choose(waiting.values(), team.values(), rules, at), pool.assign(at)
        assert told(found) == told(wanted)
        for pairing in found:
            del waiting[pairing.item.conversation]
            team[pairing.agent] = given_to(team[pairing.agent], pairing)
            open_.append(pairing)


def test_kinds_of_items_come_and_go_without_being_kept():
    pool = Pool(RULES, [agent("ana", queues=frozenset({"high"}), capacity=9)])
    for n in range(3000):
        pool.put_item(item(f"v{n}", queue="high", needs=Requirement.of({f"skill-{n}": 1})))
        pool.assign(NOW)
        pool.drop_item(f"v{n}")
    assert len(pool._groups) < 1100
    pool.put_item(item("last", queue="high"))
    assert [p.item.conversation for p in pool.assign(NOW)] == ["last"]


def test_kinds_of_agents_come_and_go_without_being_kept():
    pool = Pool(RULES)
    for n in range(1000):
        pool.put_agent(agent("ana", queues=frozenset({"high"}), skills={"es": n}))
    assert len(pool._kinds) == len(pool._suited) < 200
    pool.put_item(item("v", queue="high", needs=Requirement.of({"es": 999})))
    assert [p.agent for p in pool.assign(NOW)] == ["ana"]


def test_what_is_unknown_is_nothing_to_drop():
    pool = Pool(RULES)
    pool.drop_item("nothing")
    pool.drop_agent("nobody")
    assert not pool.assign(NOW)
    assert not pool.waiting()


@given(TEAM, ITEMS)
def test_after_a_restart_the_assignments_are_the_same(team, items):
    """The index has no state of its own: built anew from the rows, it goes on as before."""
    half = len(items) // 2
    pool = Pool(RULES, team, items[:half])
    pool.assign(NOW)
    anew = Pool(RULES, pool.agents(), pool.waiting())
    for index in (pool, anew):
        for one in items[half:]:
            index.put_item(one)
    assert told(pool.assign(NOW + MINUTE)) == told(anew.assign(NOW + MINUTE))
