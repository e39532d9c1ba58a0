"""The only control flow in two colours: carry out the steps of a flow until it returns.

What a step raises is thrown into the flow at the place that asked, so the flow's own ``try`` and
``finally`` work as in any function, also when a task is cancelled.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator
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


C = TypeVar("C")


def following(kind: type[C]) -> type[C]:
    """Let the public methods of a façade begin with its ``_follow``, so that no decision is made with old settings.

    A method that only computes, in a façade of coroutines, is left as it is.
    """
    awaited = inspect.iscoroutinefunction(inspect.getattr_static(kind, "_follow"))
    wrap = _afollowed if awaited else _followed
    for name in dir(kind):
        method = inspect.getattr_static(kind, name)
        if inspect.isfunction(method) and not name.startswith("_") and awaited == inspect.iscoroutinefunction(method):
            setattr(kind, name, wrap(method))
    return kind


def _followed(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def followed(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._follow()
        return method(self, *args, **kwargs)

    return followed


def _afollowed(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def followed(self: Any, *args: Any, **kwargs: Any) -> Any:
        await self._follow()
        return await method(self, *args, **kwargs)

    return followed
