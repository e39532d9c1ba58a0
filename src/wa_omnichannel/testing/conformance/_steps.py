"""What a check is made of: it yields steps, which are carried out on a store of either colour."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, TypeAlias, TypeVar

import attrs

from wa_omnichannel.errors import WaOmnichannelError
from wa_omnichannel.ports import AsyncStore, Changes, Key, Query, Rows, Store

T = TypeVar("T")
E = TypeVar("E", bound=WaOmnichannelError)

_MOMENT = 0.001
"""Length of a pause in seconds."""


@attrs.frozen(eq=False)
class ConformanceError(WaOmnichannelError):
    """A store, or another adapter, does not keep a promise."""

    check: str
    """Name of the check."""
    obligation: str
    """What every adapter of its kind must do."""
    problem: str
    """What this one did."""

    code: ClassVar[str] = "conformance"

    def __str__(self) -> str:
        return f"{self.check}: {self.problem}\nEvery adapter of its kind must do this: {self.obligation}"


class Unmet(WaOmnichannelError):
    """Something is not as it must be; becomes a :class:`ConformanceError` with the name of the check."""


@attrs.frozen
class Loading:
    """Load rows."""

    keys: tuple[Key, ...]

    def run(self, store: Any) -> Any:
        """Ask the store."""
        return store.load(self.keys)


@attrs.frozen
class Committing:
    """Commit changes."""

    changes: Changes

    def run(self, store: Any) -> Any:
        """Ask the store."""
        return store.commit(self.changes)


@attrs.frozen
class Selecting:
    """Ask a question."""

    query: Query[Any]

    def run(self, store: Any) -> Any:
        """Ask the store."""
        return store.select(self.query)


@attrs.frozen
class Pausing:
    """Give way to the others for a moment."""


@attrs.frozen
class Together:
    """Several courses of steps at the same time: in threads, or in tasks."""

    courses: tuple[Steps[Any], ...]


Step: TypeAlias = Loading | Committing | Selecting | Pausing | Together
Steps: TypeAlias = Generator[Step, Any, T]


@attrs.frozen
class Check:
    """One obligation of a store."""

    name: str
    obligation: str
    steps: Callable[[], Steps[None]]


def drive(steps: Steps[T], store: Store) -> T:
    """Carry out *steps* on a blocking store."""
    try:
        step = next(steps)
        while True:
            try:
                answer = _carry_out(step, store)
            except Exception as error:  # noqa: BLE001 - the check decides what to do about it
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def _carry_out(step: Step, store: Store) -> Any:
    if isinstance(step, Pausing):
        return time.sleep(_MOMENT)
    if not isinstance(step, Together):
        return step.run(store)
    with ThreadPoolExecutor(len(step.courses)) as pool:
        return [future.result() for future in [pool.submit(drive, course, store) for course in step.courses]]


async def adrive(steps: Steps[T], store: AsyncStore) -> T:
    """Carry out *steps* on an asynchronous store."""
    try:
        step = next(steps)
        while True:
            try:
                answer = await _acarry_out(step, store)
            except Exception as error:  # noqa: BLE001 - the check decides what to do about it
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def _acarry_out(step: Step, store: AsyncStore) -> Any:
    if isinstance(step, Pausing):
        return await asyncio.sleep(_MOMENT)
    if not isinstance(step, Together):
        return await step.run(store)
    return await asyncio.gather(*(adrive(course, store) for course in step.courses))


def load(*keys: Key) -> Steps[Rows]:
    """Load rows."""
    return (yield Loading(keys))  # type: ignore[no-any-return]


def commit(changes: Changes) -> Steps[None]:
    """Commit changes."""
    yield Committing(changes)


def select(query: Query[T]) -> Steps[T]:
    """Ask a question."""
    return (yield Selecting(query))  # type: ignore[no-any-return]


def together(courses: Sequence[Steps[T]]) -> Steps[list[T]]:
    """Run courses at the same time; return their results in order."""
    return list((yield Together(tuple(courses))))


def pause() -> Steps[None]:
    """Give way to the others for a moment."""
    yield Pausing()


def attempt(changes: Changes) -> Steps[WaOmnichannelError | None]:
    """Commit changes, and return the error if the store refuses."""
    try:
        yield Committing(changes)
    except WaOmnichannelError as error:
        return error
    return None


def refused(changes: Changes, kind: type[E]) -> Steps[E]:
    """Commit changes that the store must refuse with an error of *kind*, and return it."""
    error = yield from attempt(changes)
    if not isinstance(error, kind):
        raise Unmet(f"expected {kind.__name__}, found {error!r}")
    return error


def expect(what: str, found: object, wanted: object) -> None:
    """Compare what a store gave with what it must give."""
    if found != wanted:
        raise Unmet(f"{what}: expected {wanted!r}, found {found!r}")
