"""Strategies for the 24-hour window and for what happens to it."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta

import attrs
from hypothesis import strategies as st

from wa_omnichannel.session import WINDOW, Window
from wa_omnichannel.testing.models import What
from wa_omnichannel.testing.strategies.instants import elsewhere, instants, moved

_NOW = timedelta(0)
_TICK = timedelta(microseconds=1)


@functools.cache
def windows() -> st.SearchStrategy[Window]:
    """Make windows: never opened, open at some time, refuted, and refuted but opened again."""
    return st.builds(Window, st.none() | instants(), st.none() | instants())


def moments(window: Window) -> st.SearchStrategy[datetime]:
    """Make instants that matter to *window*: its opening and its end to the microsecond, and any others.

    Args:
        window: The window to look at.
    """
    marks = [at + gap for at in (window.last_inbound_at, window.refuted_at) if at is not None for gap in (_NOW, WINDOW)]
    if not marks:
        return instants()
    ticks = st.sampled_from((_NOW, _TICK, -_TICK)) | st.timedeltas(-WINDOW, WINDOW)
    return elsewhere(moved(marks, ticks)) | instants()


@attrs.frozen
class Happened:
    """One thing that happened in a thread."""

    what: What
    at: datetime


_STEPS = (_NOW, _TICK, timedelta(hours=1), timedelta(hours=23), WINDOW - _TICK, WINDOW, WINDOW + _TICK)


@functools.cache
@st.composite
def histories(draw: st.DrawFn, *, max_size: int = 8) -> list[Happened]:
    """Make what happened in one thread, in order of time; gaps of about 24 hours are frequent.

    Shuffle it, or repeat parts of it, for webhooks that arrive late or twice.

    Args:
        draw: Given by Hypothesis.
        max_size: The longest history.
    """
    at = draw(instants())
    gaps = st.sampled_from(_STEPS) | st.timedeltas(timedelta(0), 2 * WINDOW)
    history: list[Happened] = []
    for what in draw(st.lists(st.sampled_from(What), max_size=max_size)):
        at += draw(gaps)
        history.append(Happened(what, at))
    return history
