"""Serve an ASGI application on this machine, in a thread, for as long as a ``with`` block runs.

For demonstrations, tutorials and tests; in production run the application with an ASGI server of your choice.
"""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import attrs

from wa_omnichannel.errors import ConfigurationError, MissingExtra

_PATIENCE = 10.0


@attrs.frozen
class Listener:
    """A port that is reserved before anything is served, so that its URL can go into settings."""

    socket: socket.socket

    @property
    def url(self) -> str:
        """The address of the port, without a slash at the end."""
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"


def listen(port: int = 0) -> Listener:
    """Reserve a loopback port; 0 takes any that is free."""
    return Listener(socket.create_server(("127.0.0.1", port)))


@contextlib.contextmanager
def serving(app: Callable[..., Awaitable[Any]], listener: Listener | None = None) -> Generator[str]:
    """Serve *app* on loopback and give its URL; everything is stopped at the end.

    Args:
        app: An ASGI application; its lifespan events run.
        listener: The port to use; a free one by default. It is closed at the end.

    Raises:
        MissingExtra: uvicorn is not installed.
        ConfigurationError: The application did not start.
    """
    if importlib.util.find_spec("uvicorn") is None:
        raise MissingExtra.of("uvicorn", "asgi")
    import uvicorn

    with contextlib.closing((listener or listen()).socket) as bound:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="wa-server", daemon=True)
        thread.start()
        _await_start(server, thread)
        try:
            yield Listener(bound).url
        finally:
            server.should_exit = True
            thread.join()


def _await_start(server: Any, thread: threading.Thread) -> None:
    end = time.monotonic() + _PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise ConfigurationError("The application did not start; its own log says why.")
        time.sleep(0.002)
