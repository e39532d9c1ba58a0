"""Faults a test can order: lost, repeated, late and reordered webhooks; failing, slow and broken REST answers.

A fault is ordered for the next ``times`` events it fits, or for a ``share`` of them. Whether an event belongs to the
share follows from the seed and the event alone (the how-manieth message it concerns, or the how-manieth request),
never from the timing of threads: the same seed and the same traffic make the same faults.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

ANY = "*"


@attrs.frozen(kw_only=True)
class CallbackFault:
    """What happens to one webhook: ``copies`` posts (0 loses it), after ``delay`` seconds.

    ``held`` keeps a status callback back until the next one of the same message was made.
    """

    status: str
    copies: int = 1
    delay: float = 0.0
    held: bool = False


@attrs.frozen(kw_only=True)
class RequestFault:
    """What happens to one REST request.

    ``status`` replaces the answer (0 keeps it), ``processed`` tells whether the request takes effect,
    ``seconds`` delay the answer, ``disconnect`` closes the connection instead of answering. ``path`` is a part the
    path must have.
    """

    method: str
    path: str = ""
    status: int = 0
    processed: bool = True
    seconds: float = 0.0
    disconnect: bool = False


@attrs.frozen(kw_only=True)
class OutcomeFault:
    """How a send ends: with error ``code``, by the callback of ``status`` or ``at_once`` as an HTTP 400."""

    code: int
    status: str = "failed"
    at_once: bool = False


NO_CALLBACK_FAULT = CallbackFault(status=ANY)
NO_REQUEST_FAULT = RequestFault(method=ANY)

Kind = TypeVar("Kind")


@attrs.define
class _Order(Generic[Kind]):
    """A fault, how often it is still to happen, its share of the events, and how many events it has seen."""

    fault: Kind
    left: int | None
    share: float
    name: str
    seen: int = 0

    def strikes(self, seed: int, event: str) -> bool:
        """Tell whether the event is hit; ``event`` names it, blank meaning the next one in line."""
        self.seen += 1
        if self.left == 0:
            return False
        draw = random.Random(f"{seed}/{self.name}/{event or self.seen}").random()  # noqa: S311 - a replayable draw
        if draw >= self.share:
            return False
        self.left = None if self.left is None else self.left - 1
        return True


class Faults:
    """The faults to come; each order is used up by the next events it fits.

    ``status`` is a message status, ``"received"`` for an inbound webhook, or ``"*"`` for any.
    ``method`` is an HTTP method or ``"*"``; the default only touches sends. With a ``share`` below 1 that part of
    the events is hit; ``times`` then bounds their number if it is given.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed or 0
        self._lock = threading.Lock()
        self._callbacks: list[_Order[CallbackFault]] = []
        self._requests: list[_Order[RequestFault]] = []
        self._outcomes: list[_Order[OutcomeFault]] = []
        self._count = 0

    def drop(self, status: str, *, times: int | None = None, share: float = 1.0) -> None:
        """Lose the next webhooks of ``status``."""
        self._add(self._callbacks, CallbackFault(status=status, copies=0), times, share)

    def duplicate(self, status: str, *, times: int | None = None, copies: int = 2, share: float = 1.0) -> None:
        """Post each of the next webhooks of ``status`` ``copies`` times."""
        self._add(self._callbacks, CallbackFault(status=status, copies=copies), times, share)

    def delay(self, status: str, seconds: float, *, times: int | None = None, share: float = 1.0) -> None:
        """Post the next callbacks of ``status`` late, so that later ones overtake them."""
        self._add(self._callbacks, CallbackFault(status=status, delay=seconds), times, share)

    def reorder(self, status: str, *, times: int | None = None, share: float = 1.0) -> None:
        """Post the next callbacks of ``status`` only after the one that follows for the same message."""
        self._add(self._callbacks, CallbackFault(status=status, held=True), times, share)

    def fail_next(
        self,
        status: int = 503,
        *,
        times: int | None = None,
        processed: bool = False,
        method: str = "POST",
        path: str = "",
        share: float = 1.0,
    ) -> None:
        """Answer the next requests with an HTTP error.

        With ``processed`` the request takes effect although the client sees the error: the ambiguous
        send. A 429 is never processed, as Twilio promises.
        """
        effective = processed and status != 429
        fault = RequestFault(method=method, path=path, status=status, processed=effective)
        self._add(self._requests, fault, times, share)

    def slow_next(
        self, seconds: float, *, times: int | None = None, method: str = "POST", path: str = "", share: float = 1.0
    ) -> None:
        """Process the next requests at once but answer them ``seconds`` later."""
        self._add(self._requests, RequestFault(method=method, path=path, seconds=seconds), times, share)

    def disconnect_next(
        self,
        *,
        times: int | None = None,
        processed: bool = True,
        method: str = "POST",
        path: str = "",
        share: float = 1.0,
    ) -> None:
        """Close the connection of the next requests without an answer."""
        fault = RequestFault(method=method, path=path, processed=processed, disconnect=True)
        self._add(self._requests, fault, times, share)

    def hide_media(self, *, times: int | None = None, share: float = 1.0) -> None:
        """Answer the next downloads of files with 404, as happens in the first seconds after a webhook."""
        self.fail_next(404, times=times, method="GET", path="/Media/", share=share)

    def refuse_next(
        self,
        code: int,
        *,
        times: int | None = None,
        status: str = "failed",
        at_once: bool = False,
        share: float = 1.0,
    ) -> None:
        """Let the next sends fail with an error code: as ``failed`` or ``undelivered``, or at once by HTTP 400."""
        self._add(self._outcomes, OutcomeFault(code=code, status=status, at_once=at_once), times, share)

    def clear(self) -> None:
        """Forget every fault that has not happened yet."""
        with self._lock:
            self._callbacks.clear()
            self._requests.clear()
            self._outcomes.clear()

    def take_callback(self, status: str, ordinal: int = 0) -> CallbackFault:
        """Use up and return the first fault for a webhook of ``status`` about the message numbered ``ordinal``."""
        event = f"{ordinal}/{status}"
        return self._take(self._callbacks, lambda each: each.status in {status, ANY}, event) or NO_CALLBACK_FAULT

    def take_request(self, method: str, path: str = "") -> RequestFault:
        """Use up and return the first fault for a request with ``method`` to ``path``."""

        def fits(fault: RequestFault) -> bool:
            return fault.method in {method, ANY} and fault.path in path

        return self._take(self._requests, fits, "") or NO_REQUEST_FAULT

    def take_outcome(self, *, at_once: bool, ordinal: int = 0) -> OutcomeFault | None:
        """Use up and return the first ordered outcome of a send, of those at once or of those by callback."""
        event = "" if at_once else str(ordinal)
        return self._take(self._outcomes, lambda each: each.at_once == at_once, event)

    def _add(self, orders: list[_Order[Kind]], fault: Kind, times: int | None, share: float) -> None:
        with self._lock:
            self._count += 1
            left = times if times is not None or share < 1.0 else 1
            orders.append(_Order(fault, left, share, str(self._count)))

    def _take(self, orders: list[_Order[Kind]], fits: Callable[[Kind], bool], event: str) -> Kind | None:
        if not orders:
            return None
        with self._lock:
            hit = next((each for each in orders if fits(each.fault) and each.strikes(self.seed, event)), None)
            orders[:] = [each for each in orders if each.left != 0]
        return hit.fault if hit else None
