"""What agents and supervisors do together: advice, transfers to agents, monitoring, many conversations at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wa_omnichannel._flows import sending
from wa_omnichannel._flows.agents import change
from wa_omnichannel._flows.loading import find_conversation, load_thread
from wa_omnichannel._flows.sending import Order
from wa_omnichannel._flows.steps import Flow, select
from wa_omnichannel.conversation import (
    ConsultantAdded,
    ConsultEnded,
    ConsultRequested,
    Conversation,
    ForceClosed,
    HandOverRequested,
    MonitorRequested,
    SupervisorAssigned,
    TransferRequested,
)
from wa_omnichannel.conversation.company import targets
from wa_omnichannel.errors import NotFound, Refused
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import Text
from wa_omnichannel.ports import Agents
from wa_omnichannel.rules import Rules
from wa_omnichannel.supervision import (
    LONGEST_BULK_TEXT,
    MOST_AT_ONCE,
    AssignTo,
    BulkAction,
    BulkResult,
    CloseAll,
    MoveTo,
    SayToAll,
)
from wa_omnichannel.workforce import Agent


def hand_over(
    rules: Rules, conversation: str, to: str, agent: str | None, by: str, request: str | None
) -> Flow[Conversation]:
    """Offer a conversation to another agent."""
    return (yield from change(rules, conversation, HandOverRequested(agent, by), None, request, to))


def consult(rules: Rules, conversation: str, consultant: str, agent: str, request: str | None) -> Flow[Conversation]:
    """Ask another agent for advice."""
    return (yield from change(rules, conversation, ConsultRequested(agent), None, request, consultant))


def end_consult(rules: Rules, conversation: str, who: str, by: str, request: str | None) -> Flow[Conversation]:
    """Let a consultant leave."""
    return (yield from change(rules, conversation, ConsultEnded(who, by), None, request))


def add_consultant(rules: Rules, conversation: str, who: str, agent: str, request: str | None) -> Flow[Conversation]:
    """Let a consultant write to the customer."""
    return (yield from change(rules, conversation, ConsultantAdded(who, agent), None, request))


def monitor(rules: Rules, conversation: str, by: str, request: str | None, *, join: bool) -> Flow[Conversation]:
    """Let a supervisor look into a conversation."""
    return (yield from change(rules, conversation, MonitorRequested(by, join), None, request))


def force_close(rules: Rules, conversation: str, by: str, request: str | None) -> Flow[Conversation]:
    """Close a conversation by force."""
    return (yield from change(rules, conversation, ForceClosed(by), None, request))


def colleagues(rules: Rules, conversation: str) -> Flow[tuple[Agent, ...]]:
    """Return whom a conversation may be transferred to, or who may be consulted."""
    listing = yield from find_conversation(conversation)
    loaded = yield from load_thread(listing.number, listing.contact)
    live = loaded.state.thread.live
    if live is None or live.id != conversation:
        return ()
    everybody = yield from select(Agents())
    return targets(rules, loaded.state, [stored.value for stored in everybody])


def in_bulk(
    rules: Rules, conversations: Iterable[str], action: BulkAction, by: str, request: str | None
) -> Flow[tuple[BulkResult, ...]]:
    """Do the same with many conversations; each is done or not on its own.

    Raises:
        Refused: There are too many of them, or the text is too long.
    """
    named = tuple(dict.fromkeys(conversations))
    check = _check(len(named), action)
    if check is not None:
        raise Refused(check.code, check.facts, (check,))
    results: list[BulkResult] = []
    for conversation in named:
        own = f"{request}:{conversation}" if request is not None else None
        try:
            yield from _ACTIONS[type(action)](rules, conversation, action, by, own)
        except (Refused, NotFound) as problem:
            results.append(BulkResult(conversation, problem))
        else:
            results.append(BulkResult(conversation))
    return tuple(results)


def _check(count: int, action: BulkAction) -> Check | None:
    if count > MOST_AT_ONCE:
        return Check("WA-SUPERVISION", False, "bulk_too_large", {"count": count, "limit": MOST_AT_ONCE})
    length = len(action.text) if isinstance(action, SayToAll) else 0
    if length > LONGEST_BULK_TEXT:
        return Check("WA-SUPERVISION", False, "bulk_text_too_long", {"length": length, "limit": LONGEST_BULK_TEXT})
    return None


def _assign(rules: Rules, conversation: str, action: AssignTo, by: str, request: str | None) -> Flow[object]:
    return (yield from change(rules, conversation, SupervisorAssigned(by), action.agent, request))


def _move(rules: Rules, conversation: str, action: MoveTo, by: str, request: str | None) -> Flow[object]:
    if action.queue not in rules.assignment.queues:
        raise NotFound("queue", action.queue)
    return (yield from change(rules, conversation, TransferRequested(action.queue, by=by), None, request))


def _close(rules: Rules, conversation: str, _: CloseAll, by: str, request: str | None) -> Flow[object]:
    return (yield from force_close(rules, conversation, by, request))


def _say(rules: Rules, conversation: str, action: SayToAll, by: str, request: str | None) -> Flow[object]:
    return (yield from sending.reply(rules, conversation, Order(Text(action.text), by), request))


_ACTIONS: dict[type[BulkAction], Callable[..., Flow[object]]] = {
    AssignTo: _assign,
    MoveTo: _move,
    CloseAll: _close,
    SayToAll: _say,
}
