"""The only control flow in two colours: carry out the steps of a flow until it returns.

What a step raises is thrown into the flow at the place that asked, so the flow's own ``try`` and
``finally`` work as in any function, also when a task is cancelled.
"""

from __future__ import annotations

from typing import Any

from wa_omnichannel._flows.steps import Flow, Outside, Step, T


def drive(flow: Flow[T], outside: Outside) -> T:
    """Carry out *flow* with blocking ports and return its result."""
    if outside.observer is None:
        return _drive(flow, outside)
    with outside.observer.flow(_name(flow)):
        return _drive(flow, outside)


def _drive(flow: Flow[T], outside: Outside) -> T:
    watched = outside.observer is not None
    try:
        step = next(flow)
        while True:
            try:
                answer = _watched(step, outside) if watched else step.run(outside)
            except BaseException as error:  # noqa: BLE001 - the flow decides what to do about it
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def _name(flow: Flow[T]) -> str:
    """Return the name of the generator function that made *flow*."""
    return str(getattr(flow, "__name__", "flow"))


def _watched(step: Step, outside: Outside) -> Any:
    if outside.observer is None or step.local:
        return step.run(outside)
    with outside.observer.step(type(step).__name__.lower(), step.facts):
        return step.run(outside)


async def adrive(flow: Flow[T], outside: Outside) -> T:
    """Carry out *flow* with asynchronous ports and return its result."""
    if outside.observer is None:
        return await _adrive(flow, outside)
    with outside.observer.flow(_name(flow)):
        return await _adrive(flow, outside)


async def _adrive(flow: Flow[T], outside: Outside) -> T:
    watched = outside.observer is not None
    try:
        step = next(flow)
        while True:
            try:
                answer = step.run(outside) if step.local or not watched else _awatched(step, outside)
                if not step.local:
                    answer = await answer
            except BaseException as error:  # noqa: BLE001 - the flow decides what to do about it
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def _awatched(step: Step, outside: Outside) -> Any:
    if outside.observer is None:
        return await step.run(outside)
    with outside.observer.step(type(step).__name__.lower(), step.facts):
        return await step.run(outside)
