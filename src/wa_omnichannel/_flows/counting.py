"""What the secondary rules count: customers written to first in 24 hours, service messages of a month.

Each customer has a row of their own with the latest such message, so that counting is a query over instants and
no two sends write the same row. The messages of a month are counted in a few rows per number, one of which a send
adds to. Both are written in the commit that marks the attempt, and only where a rule asks for them.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel._flows.loading import Loaded, row
from wa_omnichannel._flows.steps import Flow, load, select
from wa_omnichannel.ports import Reached, reach_key, tally_keys
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending.limits import NO_LIMITS, PERIOD, Counters


def counted(rules: Rules, loaded: Loaded, at: datetime) -> Flow[Loaded]:
    """Return *loaded* with what was counted, where the settings of its number have rules that ask for it."""
    thread = loaded.state.thread
    policy = rules.send_policy(thread.number)
    if policy is None or policy.limits is NO_LIMITS:
        return loaded
    limits = policy.limits
    mine = reach_key(rules.pool, thread.contact)
    tallies = tally_keys(thread.number, at) if limits.counts_replies else ()
    rows = yield from load(mine, *tallies)
    recipients = None
    if limits.daily_recipients is not None:
        recipients = yield from select(Reached(rules.pool, at - PERIOD))
    reached = row(rows, mine, datetime)
    counters = Counters(
        recipients,
        reached is not None and reached > at - PERIOD,
        sum(row(rows, key, int) or 0 for key in tallies) if tallies else None,
    )
    return attrs.evolve(loaded, rows={**loaded.rows, **rows}, state=attrs.evolve(loaded.state, counters=counters))
