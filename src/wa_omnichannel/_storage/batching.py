"""Threads that work on everything that waits, at once: one commit for many callers, one wake-up for many tasks."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from wa_omnichannel.errors import StoreUnavailable

Q = TypeVar("Q")

MOST = 256
"""How many requests one batch holds at most."""


class Ticket(Generic[Q]):
    """One request and, later, what it came to."""

    __slots__ = ("_arrived", "_future", "error", "loop", "request", "result")

    def __init__(self, request: Q, loop: Any = None) -> None:
        """Make a ticket for a thread that will :meth:`wait`, or for a task of the event loop *loop*."""
        self.request = request
        self.result: Any = None
        self.error: BaseException | None = None
        self.loop = loop
        """The event loop whose task waits; None for a thread."""
        self._future: Any = loop.create_future() if loop is not None else None
        self._arrived = threading.Lock()
        self._arrived.acquire()

    def wait(self) -> Any:
        """Block until the request is done; return its result or raise its error."""
        self._arrived.acquire()
        return self.outcome()

    async def arrive(self) -> Any:
        """Wait in a task. If the task is cancelled, the request is carried out all the same."""
        await self._future
        return self.outcome()

    def outcome(self) -> Any:
        """Return the result, or raise the error, of a request that is done."""
        if self.error is not None:
            raise self.error
        return self.result

    def wake(self) -> None:
        """Tell who waits that the outcome is there; for a task, call it in its event loop."""
        if self._future is None:
            self._arrived.release()
        elif not self._future.done():
            self._future.set_result(None)


def _work(worker: Callable[[list[Ticket[Any]]], None], batch: list[Ticket[Any]]) -> None:
    """Let a worker do a batch; what it raises by mistake goes to whoever asked, and the thread lives on."""
    try:
        worker(batch)
    except BaseException as error:  # noqa: BLE001 - nobody may wait for ever
        for ticket in batch:
            ticket.error = ticket.error or error


def settle(tickets: Iterable[Ticket[Any]]) -> None:
    """Wake everybody who waits; each event loop is called once."""
    loops: dict[Any, list[Ticket[Any]]] = {}
    for ticket in tickets:
        if ticket.loop is None:
            ticket.wake()
        else:
            loops.setdefault(ticket.loop, []).append(ticket)
    for loop, waiting in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits any more
            loop.call_soon_threadsafe(_wake, waiting)


def _wake(tickets: Iterable[Ticket[Any]]) -> None:
    for ticket in tickets:
        ticket.wake()


class Batches(Generic[Q]):
    """Threads that take whatever waits and work on it as one batch.

    There is no delay: while a batch is worked on, the next one gathers.
    """

    def __init__(self, name: str, workers: Sequence[Callable[[list[Ticket[Q]]], None]]) -> None:
        """Start one thread for each worker.

        Args:
            name: Name of the threads.
            workers: Called with a batch; set result or error of every ticket. They must not raise.
        """
        self._queue: SimpleQueue[Ticket[Q] | None] = SimpleQueue()
        self._open = True
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(worker,), name=name, daemon=True) for worker in workers
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, ticket: Ticket[Q]) -> Ticket[Q]:
        """Line up a request.

        Raises:
            StoreUnavailable: It was closed, or this process was forked from the one that opened it.
        """
        with self._lock:
            self.check_open()
            self._queue.put(ticket)
        return ticket

    def check_open(self) -> None:
        """Raise StoreUnavailable if nobody would work on a request."""
        if not self._open or not self._threads[0].is_alive():
            raise StoreUnavailable("The store is not open in this process; open it, after forking if you fork.")

    def close(self) -> None:
        """Finish what waits, then stop the threads."""
        with self._lock:
            was_open, self._open = self._open, False
        if was_open:
            for _ in self._threads:
                self._queue.put(None)
            for thread in self._threads:
                thread.join()

    def _run(self, worker: Callable[[list[Ticket[Q]]], None]) -> None:
        more = True
        while more:
            batch, more = self._take()
            if batch:
                _work(worker, batch)
                settle(batch)

    def _take(self) -> tuple[list[Ticket[Q]], bool]:
        """Wait for a request, then return all that wait, and whether to go on afterwards."""
        batch: list[Ticket[Q]] = []
        ticket = self._queue.get()
        while ticket is not None:
            batch.append(ticket)
            if len(batch) == MOST:
                return batch, True
            try:
                ticket = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False
