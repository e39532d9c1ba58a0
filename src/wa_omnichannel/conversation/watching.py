"""The window as events: it is about to close, it closed.

One timer per thread wakes it up. A customer's message arms it when none runs or when the last warning was given
already; while it runs, a later message does not touch it: it fires early, sees that the window moved, and is set
to the new instant. So nothing is ever told early, each thing once and in order, and a busy thread writes no timer
with every message. After a downtime what is overdue is told late.
"""

from __future__ import annotations

from datetime import datetime

from wa_omnichannel import session
from wa_omnichannel._frozen import evolve
from wa_omnichannel.conversation.events import Decision, Effect, Record, WatchWindow, WindowDue
from wa_omnichannel.conversation.model import State, Thread, Watch
from wa_omnichannel.rules import Rules


def heard(rules: Rules, thread: Thread, at: datetime, effects: list[Effect]) -> Thread:
    """Return the thread after the customer wrote or called at *at*: the window opens, the timer runs (SES-2).

    What was to be told about the window before, and was not, is told first.
    """
    ended = session.closes_at(thread.window, rules.safety_margin)
    watch = thread.watch
    if watch is not None and ended is not None and at >= ended:
        effects += _told(watch, ended, at)
        thread = evolve(thread, watch=None)
    return _watched(rules, thread, session.receive(thread.window, at), effects)


def _watched(rules: Rules, thread: Thread, window: session.Window, effects: list[Effect]) -> Thread:
    if window == thread.window:
        return thread
    ends = session.closes_at(window, rules.safety_margin)
    if ends is None or thread.watch is Watch.OPEN:
        return evolve(thread, window=window)
    effects.append(WatchWindow(ends - rules.closing_soon))
    return evolve(thread, window=window, watch=Watch.OPEN)


def merged(rules: Rules, thread: Thread, other: Thread, effects: list[Effect]) -> Thread:
    """Return the thread with the window of a person known under two identities, and its timer where *other* had it."""
    window = session.merge(thread.window, other.window)
    if window.last_inbound_at == thread.window.last_inbound_at:
        return evolve(thread, window=window)
    ends = session.closes_at(window, rules.safety_margin)
    if ends is not None and other.watch is not None:
        effects.append(WatchWindow(ends - rules.closing_soon if other.watch is Watch.OPEN else ends))
    return evolve(thread, window=window, watch=other.watch)


def window_due(rules: Rules, state: State, _: WindowDue, now: datetime) -> Decision:
    """Tell that the window is about to close, or that it closed; or set the timer to where the window moved."""
    thread = state.thread
    ends = session.closes_at(thread.window, rules.safety_margin)
    if thread.watch is None or ends is None:
        return Decision(_after(state, None)) if thread.watch is not None else Decision(state)
    soon = ends - rules.closing_soon
    if now < soon:
        return Decision(_after(state, Watch.OPEN), (WatchWindow(soon),))
    told = _told(thread.watch, ends, now)
    if now < ends:
        return Decision(_after(state, Watch.SOON), (*told, WatchWindow(ends)))
    return Decision(_after(state, None), told)


def _after(state: State, watch: Watch | None) -> State:
    return evolve(state, thread=evolve(state.thread, watch=watch))


def _told(watch: Watch, ends: datetime, now: datetime) -> tuple[Record, ...]:
    """Return what is to be told at *now*: the warning unless it was given, and the end if it is over."""
    warning = Record("window_closing_soon", {"closes_at": ends, "remaining": max(ends - now, session.NO_MARGIN)})
    closed = Record("window_closed", {"closed_at": ends})
    due = ((watch is Watch.OPEN, warning), (now >= ends, closed))
    return tuple(record for wanted, record in due if wanted)
