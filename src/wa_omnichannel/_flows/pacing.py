"""The turn of a message: when its number and its customer may take the next one, for all workers together."""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel import pacing
from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import Loaded, pace_keys, row
from wa_omnichannel._flows.steps import Flow, load
from wa_omnichannel.conversation import Message
from wa_omnichannel.messages import TOO_MANY_REQUESTS, Accepted, NotSent, Outcome, Rejected, StatusReport
from wa_omnichannel.pacing import RESTED, Pace
from wa_omnichannel.ports import Key, Put, Rows
from wa_omnichannel.rules import Rules


@attrs.frozen
class Turn:
    """Whether a message may leave now."""

    puts: tuple[Put, ...] = ()
    """What to write in the commit that marks it as leaving; a conflict means that somebody else took the turn."""
    due: datetime | None = None
    """When it may leave, if not now."""


PACES = ("WA-PAIR-RATE", "WA-SENDER-RATE")
"""Ids of the rules behind the paces, in the order of their keys."""


def paced(rules: Rules, loaded: Loaded, at: datetime) -> Loaded:
    """Return *loaded*, which has the paces among its rows, with the rates that make the next message wait."""
    keys = pace_keys(loaded.state.thread.number, loaded.state.contact.id)
    rates = (rules.pair_rate, rules.sender_rate)
    free = (
        (rule, pacing.free_at(_pace(loaded.rows, key), rate, at))
        for rule, key, rate in zip(PACES, keys, rates, strict=True)
    )
    waits = tuple((rule, until) for rule, until in free if until > at)
    return attrs.evolve(loaded, state=attrs.evolve(loaded.state, free_at=waits)) if waits else loaded


def take_turn(rules: Rules, message: Message, at: datetime) -> Flow[Turn]:
    """Take the next turn of the message's number and customer, or find out when there is one."""
    keys = pace_keys(message.number, message.contact)
    rows = yield from load(*keys)
    paces = [
        (key, _pace(rows, key), rate) for key, rate in zip(keys, (rules.pair_rate, rules.sender_rate), strict=True)
    ]
    free = max(pacing.free_at(pace, rate, at) for _, pace, rate in paces)
    if free > at:
        return Turn(due=free)
    return Turn(tuple(Put(key, pacing.take(pace, rate, at), version(rows, key)) for key, pace, rate in paces))


def slowed_down(message: Message, outcome: Outcome, at: datetime) -> Flow[tuple[Put, ...]]:
    """Return what the provider's answer means for the turns to come: a halt, or the end of a row of them."""
    keys = pace_keys(message.number, message.contact)
    rows = yield from load(*keys)
    pair, sender = (_pace(rows, key) for key in keys)
    match outcome:
        case Accepted():
            after = pacing.accepted(pair), pacing.accepted(sender)
        case NotSent(_, pause) if pause is not None:
            after = pair, pacing.halt(sender, at + pause)
        case _:
            answer = pacing.throttle(_code(outcome))
            after = pacing.halts(answer, pair, sender, message.id, at) if answer is not None else (pair, sender)
    return _changed(rows, keys, (pair, sender), after)


def reported_slow(message: Message, report: StatusReport, at: datetime) -> Flow[tuple[Put, ...]]:
    """Return the halt that a status report asks for: most errors about speed come that way."""
    if pacing.throttle(report.error_code) is None or report.error_code is None:
        return ()
    return (yield from slowed_down(message, Rejected(report.error_code, report.error_message), at))


def _code(outcome: Outcome) -> int | None:
    """Return the error code that the provider's answer stands for, if it has one."""
    if isinstance(outcome, NotSent):
        return 429 if outcome.reason == TOO_MANY_REQUESTS else None
    return outcome.code if isinstance(outcome, Rejected) else None


def _changed(rows: Rows, keys: tuple[Key, Key], before: tuple[Pace, Pace], after: tuple[Pace, Pace]) -> tuple[Put, ...]:
    return tuple(
        Put(key, new, version(rows, key)) for key, old, new in zip(keys, before, after, strict=True) if new != old
    )


def _pace(rows: Rows, key: Key) -> Pace:
    return row(rows, key, Pace) or RESTED
