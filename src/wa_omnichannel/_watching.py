"""Carrying out a flow while an observer watches it and each of its steps."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import attrs

from wa_omnichannel._drive import adrive, drive
from wa_omnichannel._flows.steps import Flow, Outside, Step, T
from wa_omnichannel.ports import Observer


def run(flow: Flow[T], outside: Outside) -> T:
    """Carry out *flow* with blocking ports, watched if somebody watches."""
    watch = outside.observer
    if watch is None:
        return drive(flow, outside)
    with watch.flow(_name(flow)):
        return drive(_watched(flow, watch, _Watched), outside)


async def arun(flow: Flow[T], outside: Outside) -> T:
    """Carry out *flow* with asynchronous ports, watched if somebody watches."""
    watch = outside.observer
    if watch is None:
        return await adrive(flow, outside)
    with watch.flow(_name(flow)):
        return await adrive(_watched(flow, watch, _AsyncWatched), outside)


def _name(flow: Flow[T]) -> str:
    """Return the name of the generator function that made *flow*."""
    return str(getattr(flow, "__name__", "flow"))


@attrs.frozen
class _Watched(Step):
    """A step in front of an observer."""

    step: Step
    observer: Observer

    def watch(self) -> AbstractContextManager[object]:
        return self.observer.step(type(self.step).__name__.lower(), self.step.facts)

    def run(self, outside: Outside) -> Any:
        with self.watch():
            return self.step.run(outside)


@attrs.frozen
class _AsyncWatched(_Watched):
    """The same for coroutines."""

    def run(self, outside: Outside) -> Any:
        return self._await(outside)

    async def _await(self, outside: Outside) -> Any:
        with self.watch():
            return await self.step.run(outside)


def _watched(flow: Flow[T], watch: Observer, kind: type[_Watched]) -> Flow[T]:
    """Return *flow* with each of its steps in front of the observer; those that only compute are left alone."""
    try:
        step = next(flow)
        while True:
            try:
                answer = yield step if step.local else kind(step, watch)
            except BaseException as error:  # noqa: BLE001 - the flow decides what to do about it
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
