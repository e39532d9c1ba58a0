"""The only control flow in two colours: carry out the steps of a flow until it returns.

What a step raises is thrown into the flow at the place that asked, so the flow's own ``try`` and
``finally`` work as in any function, also when a task is cancelled.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar, Protocol, TypeVar

T = TypeVar("T")
O_contra = TypeVar("O_contra", contravariant=True)


class Needs(Protocol[O_contra]):
    """One step: something that is needed from the outside."""

    local: ClassVar[bool]
    """Whether the answer is there at once in both colours."""

    def run(self, outside: O_contra) -> Any:
        """Ask; in the async colour the result is awaitable unless the step is local."""


def drive(flow: Generator[Needs[O_contra], Any, T], outside: O_contra) -> T:
    """Carry out *flow* with blocking ports and return its result."""
    try:
        step = next(flow)
        while True:
            try:
                answer = step.run(outside)
            except BaseException as error:  # noqa: BLE001 - the flow decides what to do about it
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def adrive(flow: Generator[Needs[O_contra], Any, T], outside: O_contra) -> T:
    """Carry out *flow* with asynchronous ports and return its result."""
    try:
        step = next(flow)
        while True:
            try:
                answer = step.run(outside)
                if not step.local:
                    answer = await answer
            except BaseException as error:  # noqa: BLE001 - the flow decides what to do about it
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
