"""Background jobs: timed, in order within a lane, and countable, so that "idle" is exact."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

Job = Callable[[], object]

_log = logging.getLogger(__name__)


class Scheduler:
    """Run jobs after a delay on a small pool of threads.

    Jobs of one lane run one at a time, in the order they fall due; lanes run beside each other.
    """

    def __init__(self, workers: int = 8) -> None:
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, str, Job]] = []
        self._lanes: dict[str, deque[Job]] = {}
        self._count = 0
        self._pending = 0
        self._stopped = False
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="emulator-job")
        self._thread = threading.Thread(target=self._run, name="emulator-scheduler", daemon=True)

    def start(self) -> None:
        """Start the thread that watches for due jobs."""
        self._thread.start()

    def stop(self) -> None:
        """Forget the jobs not yet due and wait for the running ones."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, lane: str, delay: float, job: Job) -> None:
        """Run ``job`` in ``lane`` after ``delay`` seconds of real time; nothing happens once stopped."""
        with self._changed:
            if self._stopped:
                return
            self._count += 1
            self._pending += 1
            heapq.heappush(self._heap, (time.monotonic() + delay, self._count, lane, job))
            self._changed.notify_all()

    def wait_idle(self, timeout: float) -> bool:
        """Wait until no job is due, running or to come; tell whether that was so within ``timeout`` s."""
        with self._changed:
            return self._changed.wait_for(lambda: self._pending == 0, timeout)

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                self._release_due()
                self._changed.wait(self._seconds_to_next())

    def _seconds_to_next(self) -> float | None:
        return max(0.0, self._heap[0][0] - time.monotonic()) if self._heap else None

    def _release_due(self) -> None:
        while self._heap and self._heap[0][0] <= time.monotonic():
            _, _, lane, job = heapq.heappop(self._heap)
            waiting = self._lanes.get(lane)
            if waiting is None:
                self._lanes[lane] = deque([job])
                self._pool.submit(self._drain, lane)
            else:
                waiting.append(job)

    def _next_in(self, lane: str) -> Job | None:
        with self._changed:
            if self._lanes[lane]:
                return self._lanes[lane].popleft()
            del self._lanes[lane]
            return None

    def _drain(self, lane: str) -> None:
        while (job := self._next_in(lane)) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001 - one broken job must not end its lane
                _log.exception("a background job of the emulator failed")
            finally:
                self._finish_one()

    def _finish_one(self) -> None:
        with self._changed:
            self._pending -= 1
            self._changed.notify_all()
