"""The index gives the same pairings as the plain form, whatever happens."""

from datetime import timedelta

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from tests.assignment.worlds import ANY_AGENT, ANY_ITEM, ITEMS, NOW, RULES, TEAM

from wa_omnichannel.assignment import Pairing, WaitingItem, choose
from wa_omnichannel.assignment import given as given_to
from wa_omnichannel.assignment.pool import Pool
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
