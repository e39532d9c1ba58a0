"""Faults a test can order: lost, repeated and late webhooks; failing, slow and broken REST answers."""

from __future__ import annotations

import threading

import attrs

ANY = "*"


@attrs.frozen(kw_only=True)
class CallbackFault:
    """What happens to one webhook: ``copies`` posts (0 loses it), after ``delay`` seconds."""

    status: str
    copies: int = 1
    delay: float = 0.0


@attrs.frozen(kw_only=True)
class RequestFault:
    """What happens to one REST request.

    ``status`` replaces the answer (0 keeps it), ``processed`` tells whether the request takes effect,
    ``seconds`` delay the answer, ``disconnect`` closes the connection instead of answering.
    """

    method: str
    status: int = 0
    processed: bool = True
    seconds: float = 0.0
    disconnect: bool = False


NO_CALLBACK_FAULT = CallbackFault(status=ANY)
NO_REQUEST_FAULT = RequestFault(method=ANY)


class Faults:
    """A queue of ordered faults; each is used up by the next event it fits.

    ``status`` is a message status, ``"received"`` for an inbound webhook, or ``"*"`` for any.
    ``method`` is an HTTP method or ``"*"``; the default only touches sends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[CallbackFault] = []
        self._requests: list[RequestFault] = []

    def drop(self, status: str, *, times: int = 1) -> None:
        """Lose the next ``times`` webhooks of ``status``."""
        self._order(CallbackFault(status=status, copies=0), times)

    def duplicate(self, status: str, *, times: int = 1, copies: int = 2) -> None:
        """Post each of the next ``times`` webhooks of ``status`` ``copies`` times."""
        self._order(CallbackFault(status=status, copies=copies), times)

    def delay(self, status: str, seconds: float, *, times: int = 1) -> None:
        """Post the next ``times`` callbacks of ``status`` late, so that later ones overtake them."""
        self._order(CallbackFault(status=status, delay=seconds), times)

    def fail_next(self, status: int = 503, *, times: int = 1, processed: bool = False, method: str = "POST") -> None:
        """Answer the next requests with an HTTP error.

        With ``processed`` the request takes effect although the client sees the error: the ambiguous
        send. A 429 is never processed, as Twilio promises.
        """
        effective = processed and status != 429
        self._expect(RequestFault(method=method, status=status, processed=effective), times)

    def slow_next(self, seconds: float, *, times: int = 1, method: str = "POST") -> None:
        """Process the next requests at once but answer them ``seconds`` later."""
        self._expect(RequestFault(method=method, seconds=seconds), times)

    def disconnect_next(self, *, times: int = 1, processed: bool = True, method: str = "POST") -> None:
        """Close the connection of the next requests without an answer."""
        self._expect(RequestFault(method=method, processed=processed, disconnect=True), times)

    def clear(self) -> None:
        """Forget every fault that has not happened yet."""
        with self._lock:
            self._callbacks.clear()
            self._requests.clear()

    def take_callback(self, status: str) -> CallbackFault:
        """Use up and return the first fault for a webhook of ``status``."""
        with self._lock:
            fault = next((each for each in self._callbacks if each.status in {status, ANY}), None)
            if fault is not None:
                self._callbacks.remove(fault)
        return fault or NO_CALLBACK_FAULT

    def take_request(self, method: str) -> RequestFault:
        """Use up and return the first fault for a request with ``method``."""
        with self._lock:
            fault = next((each for each in self._requests if each.method in {method, ANY}), None)
            if fault is not None:
                self._requests.remove(fault)
        return fault or NO_REQUEST_FAULT

    def _order(self, fault: CallbackFault, times: int) -> None:
        with self._lock:
            self._callbacks.extend([fault] * times)

    def _expect(self, fault: RequestFault, times: int) -> None:
        with self._lock:
            self._requests.extend([fault] * times)
