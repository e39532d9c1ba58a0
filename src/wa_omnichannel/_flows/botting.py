"""Turns of bots, from the agenda: asked under a lease, answered in one commit."""

from __future__ import annotations

from datetime import timedelta

import attrs

from wa_omnichannel._flows.changes import changes_of
from wa_omnichannel._flows.feeding import Registry
from wa_omnichannel._flows.loading import load_thread, until_agreed
from wa_omnichannel._flows.receiving import open_items_of
from wa_omnichannel._flows.steps import Call, Called, Flow, Registered, commit, load, now
from wa_omnichannel.bots import Failure, Reply, Turn
from wa_omnichannel.conditions import Attributes
from wa_omnichannel.conversation import BotAnswered, Message, State, decide
from wa_omnichannel.ports import Changes, Drop, Entry, Put, Stored, entry_key
from wa_omnichannel.rules import Rules

SLACK = timedelta(seconds=10)
"""How long after its patience with a bot a worker may still commit before another one takes over."""

SEARCH = timedelta(minutes=1)
"""How long a bot that this process does not know is left to others."""


def take_turn(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Ask the bot about one message, and carry out what it answers.

    The entry is put off before the bot is asked, so that one worker asks it at a time; it ends in the commit of the
    answer. After a crash the bot is asked again, and the customer gets each message once.
    """
    entry, key = stored.value, entry_key(stored.value.id)
    registry: Registry = yield Registered()
    loaded = yield from load_thread(entry.number, entry.contact, message=entry.subject)
    live, message = loaded.state.thread.live, loaded.state.message
    if live is None or live.bot is None or message is None or message.conversation != live.id:
        yield from commit(Changes(drops=(Drop(key, stored.version),)))
        return True
    at = yield from now()
    bot = registry.bots.get(live.bot)
    if bot is None and at - entry.due < SEARCH:
        return False
    put_off = attrs.evolve(entry, due=at + registry.bot_patience + SLACK)
    yield from commit(Changes(puts=(Put(key, put_off, stored.version),)))
    taken = (yield from load(key))[key].version
    outcome: Reply | Failure = Failure("bot_unknown")
    if bot is not None:
        called: Called = yield Call(bot, _turn(rules, loaded.state, message), registry.bot_patience)
        outcome = _outcome(called)
    event = BotAnswered(live.id, message.id, live.bot, outcome)
    return (yield from until_agreed(lambda: _settle(rules, entry, event, taken)))


def _turn(rules: Rules, state: State, message: Message) -> Turn:
    number, live = rules.number(state.thread.number), state.thread.live
    attributes: Attributes = live.attributes if live is not None else {}
    language = attributes.get("language") or state.contact.language or (number.language if number else "en")
    return Turn(
        message.conversation or "",
        message.id,
        message.content,
        state.thread.number,
        str(language),
        state.contact.name,
        attributes,
    )


def _outcome(called: Called) -> Reply | Failure:
    if called.timed_out:
        return Failure("bot_timed_out")
    if called.error is not None:
        return Failure("bot_failed", called.error)
    return called.value  # type: ignore[no-any-return]  # checked by the decision


def _settle(rules: Rules, entry: Entry, event: BotAnswered, taken: int) -> Flow[bool]:
    """Commit the answer and finish the entry, unless another worker took over in the meantime."""
    key = entry_key(entry.id)
    held = (yield from load(key)).get(key)
    if held is None or held.version != taken:
        return True
    at = yield from now()
    loaded = yield from load_thread(entry.number, entry.contact, message=None)
    event = attrs.evolve(event, open_items=(yield from open_items_of(rules, at)))
    decision = decide(rules, loaded.state, event, at)
    done = Changes(drops=(Drop(key, taken),))
    changes = changes_of(rules, loaded.rows, loaded.state, decision, at, more=done)
    yield from commit(attrs.evolve(changes, relies_on=(*changes.relies_on, (key, taken))))
    return True
