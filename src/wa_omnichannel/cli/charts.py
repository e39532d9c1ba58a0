"""Charts of a report: waiting time, service level, closed windows, use of templates (extra ``charts``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from importlib import import_module
from pathlib import Path
from typing import Any

from wa_omnichannel.errors import MissingExtra
from wa_omnichannel.metrics import Story, sending, waiting
from wa_omnichannel.ports import NewEvent

SIZE = (8.0, 4.5)
"""Width and height in inches."""


def draw(folder: Path, kind: str, stories: Sequence[Story], events: Sequence[NewEvent]) -> tuple[Path, ...]:
    """Draw every chart into *folder* and return the files.

    Args:
        folder: Where to; it is made if it is not there.
        kind: ``png`` or ``svg``.
        stories: The conversations.
        events: All events, for windows and templates.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        figure = import_module("matplotlib.figure").Figure
    except ImportError as error:
        raise MissingExtra.of("matplotlib", "charts") from error
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for name, fill in _CHARTS:
        sheet = figure(figsize=SIZE, layout="constrained")
        fill(sheet.subplots(), stories, events)
        path = folder / f"{name}.{kind}"
        sheet.savefig(path, metadata={"Date": None} if kind == "svg" else None)
        made.append(path)
    return tuple(made)


def _waiting(axes: Any, stories: Sequence[Story], _: Sequence[NewEvent]) -> None:
    waits = sorted(wait.total_seconds() for each in stories if (wait := waiting.first_wait(each)) is not None)
    axes.hist(waits, bins=min(20, max(1, len(waits))))
    _label(axes, "First wait", "seconds", "conversations")


def _service_level(axes: Any, stories: Sequence[Story], _: Sequence[NewEvent]) -> None:
    levels = [(int(limit.total_seconds()), waiting.service_level(stories, limit)) for limit in waiting.LEVELS]
    axes.bar([f"≤ {seconds} s" for seconds, _ in levels], [100 * (level or 0.0) for _, level in levels])
    axes.set_ylim(0, 100)
    _label(axes, "Service level", "answered within", "% of accepted conversations")


def _windows(axes: Any, _: Sequence[Story], events: Sequence[NewEvent]) -> None:
    days = sending.window_events(events, UTC)
    names = [day.isoformat() for day in days]
    for kind in sending.WINDOW_KINDS:
        axes.plot(names, [kinds[kind] for kinds in days.values()], marker="o", label=kind.replace("_", " "))
    axes.legend()
    _label(axes, "24-hour windows", "day (UTC)", "windows")


def _templates(axes: Any, _: Sequence[Story], events: Sequence[NewEvent]) -> None:
    uses = sorted(sending.template_use(events).items())
    names = [f"{name} ({language})" for (name, language), _ in uses]
    for column in ("accepted", "delivered", "read", "failed"):
        axes.barh(names, [getattr(use, column) for _, use in uses], label=column, alpha=0.6)
    axes.legend()
    _label(axes, "Use of templates", "messages", "")


def _label(axes: Any, title: str, across: str, up: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(across)
    axes.set_ylabel(up)


_CHARTS: tuple[tuple[str, Callable[[Any, Sequence[Story], Sequence[NewEvent]], None]], ...] = (
    ("waiting-time", _waiting),
    ("service-level", _service_level),
    ("windows", _windows),
    ("templates", _templates),
)
