"""Hearing that the agenda changed, so that a worker need not wait for its next turn."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Self

from wa_omnichannel.adapters.postgres.database import LONGEST_PAUSE, Database, Place, quoted
from wa_omnichannel.errors import StoreError

_log = logging.getLogger("wa_omnichannel")

TURN = 0.2
"""Seconds after which the thread looks whether it is to stop."""


class Listener:
    """A thread that calls *wake* when some process wrote to the agenda; use it as a context manager.

    It only saves time: a notice may be lost, with the connection or by a proxy that shares connections, and whoever
    is woken looks at the agenda from time to time anyway.
    """

    def __init__(self, place: Place, wake: Callable[[], object]) -> None:
        """Prepare to listen; *wake* is called in the thread."""
        self._database = Database(place)
        self._channel = quoted(f"wa_omnichannel:{place.schema}")
        self._wake = wake
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wa-omnichannel-listener", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._database.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except StoreError as error:
                _log.info("not listening for work: %s", error.code)
                self._database.close()
                self._stopped.wait(LONGEST_PAUSE)

    def _listen(self) -> None:
        """Listen until the connection is lost or it is time to stop."""
        connection = self._database.connection()
        with self._database.translated():
            connection.execute(f"LISTEN {self._channel}".encode())
            self._wake()  # something may have happened before
            while not self._stopped.is_set():
                for _ in connection.notifies(timeout=TURN, stop_after=1):
                    self._wake()
