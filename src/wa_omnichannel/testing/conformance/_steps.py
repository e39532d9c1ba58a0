"""What a check is made of: it yields steps, which are carried out on an adapter of either colour."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Generic, ParamSpec, TypeAlias, TypeVar

import attrs

from wa_omnichannel.errors import WaOmnichannelError
from wa_omnichannel.ports import Changes, Key, Query, Rows

T = TypeVar("T")
P = ParamSpec("P")
E = TypeVar("E", bound=WaOmnichannelError)

_MOMENT = 0.001
"""Length of a pause in seconds."""


@attrs.frozen(eq=False)
class ConformanceError(WaOmnichannelError):
    """An adapter does not keep a promise."""

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


class Ask:
    """A step that asks the adapter for something."""

    __slots__ = ()

    def run(self, subject: Any) -> Any:
        """Ask; awaitable in the asynchronous colour."""
        raise NotImplementedError


@attrs.frozen
class Loading(Ask):
    """Load rows."""

    keys: tuple[Key, ...]

    def run(self, subject: Any) -> Any:
        """Ask the store."""
        return subject.load(self.keys)


@attrs.frozen
class Committing(Ask):
    """Commit changes."""

    changes: Changes

    def run(self, subject: Any) -> Any:
        """Ask the store."""
        return subject.commit(self.changes)


@attrs.frozen
class Selecting(Ask):
    """Ask a question."""

    query: Query[Any]

    def run(self, subject: Any) -> Any:
        """Ask the store."""
        return subject.select(self.query)


@attrs.frozen
class Pausing:
    """Give way to the others for a moment."""


@attrs.frozen
class Together:
    """Several courses of steps at the same time: in threads, or in tasks."""

    courses: tuple[Steps[Any], ...]


Step: TypeAlias = Ask | Pausing | Together
Steps: TypeAlias = Generator[Step, Any, T]


@attrs.frozen
class Obligation(Generic[P]):
    """One obligation of an adapter, and the steps that find out whether it is met."""

    name: str
    obligation: str
    steps: Callable[P, Steps[None]]

    @classmethod
    def of(cls, steps: Callable[P, Steps[None]]) -> Obligation[P]:
        """Return the check that *steps* make; their docstring is the obligation."""
        return cls(steps.__name__, " ".join((steps.__doc__ or "").split()), steps)

    def failure(self, error: Exception) -> ConformanceError:
        """Return the error that says what went wrong in this check."""
        problem = str(error) if isinstance(error, Unmet) else f"it raised {error!r}"
        return ConformanceError(self.name, self.obligation, problem)


Check: TypeAlias = Obligation[[]]
"""One obligation of a store."""


def drive(steps: Steps[T], subject: Any) -> T:
    """Carry out *steps* on a blocking adapter."""
    try:
        step = next(steps)
        while True:
            try:
                answer = _carry_out(step, subject)
            except Exception as error:  # noqa: BLE001 - the check decides what to do about it
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def _carry_out(step: Step, subject: Any) -> Any:
    if isinstance(step, Pausing):
        return time.sleep(_MOMENT)
    if not isinstance(step, Together):
        return step.run(subject)
    with ThreadPoolExecutor(len(step.courses)) as pool:
        return [future.result() for future in [pool.submit(drive, course, subject) for course in step.courses]]


async def adrive(steps: Steps[T], subject: Any) -> T:
    """Carry out *steps* on an asynchronous adapter."""
    try:
        step = next(steps)
        while True:
            try:
                answer = await _acarry_out(step, subject)
            except Exception as error:  # noqa: BLE001 - the check decides what to do about it
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def _acarry_out(step: Step, subject: Any) -> Any:
    if isinstance(step, Pausing):
        return await asyncio.sleep(_MOMENT)
    if not isinstance(step, Together):
        return await step.run(subject)
    return await asyncio.gather(*(adrive(course, subject) for course in step.courses))


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
    """Compare what an adapter gave with what it must give."""
    if found != wanted:
        raise Unmet(f"{what}: expected {wanted!r}, found {found!r}")
