"""A loopback HTTP server in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from wa_omnichannel.emulator.app import TRANSPORT_KEY

STARTUP_TIMEOUT = 5.0
SHUTDOWN_GRACE = 1.0


class TransportProtocol(H11Protocol):
    """Uvicorn's HTTP protocol, which lets the application reach its connection in order to drop it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection for the requests that come on it."""
        super().connection_made(transport)
        inner: Any = self.app
        self.app = partial(_with_transport, inner, transport)


async def _with_transport(
    app: ASGIApp, transport: asyncio.Transport, scope: Scope, receive: Receive, send: Send
) -> None:
    scope[TRANSPORT_KEY] = transport
    await app(scope, receive, send)


class PromptServer(uvicorn.Server):
    """Uvicorn's server, which ends as soon as it is told to instead of looking now and then."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = threading.Event()

    async def main_loop(self) -> None:
        """Wait to be stopped."""
        await asyncio.to_thread(self.stopping.wait)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections, giving requests that still run up to a second."""
        for server in self.servers:
            server.close()
        for connection in self._connections():
            connection.shutdown()
        if running := set(self.server_state.tasks):
            await asyncio.wait(running, timeout=SHUTDOWN_GRACE)
        for connection in self._connections():
            connection.transport.abort()

    def _connections(self) -> list[TransportProtocol]:
        return [each for each in self.server_state.connections if isinstance(each, TransportProtocol)]


class Server:
    """Serve an ASGI application on ``host``; port 0 means any free one."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.base_url = f"http://{host}:{self.port}"
        config = uvicorn.Config(app, http=TransportProtocol, lifespan="off", log_config=None, access_log=False)
        self._server = PromptServer(config)
        self._thread = threading.Thread(target=self._serve, name="emulator-server", daemon=True)

    def start(self) -> None:
        """Start serving.

        Raises:
            TimeoutError: If the server does not come up within five seconds.
        """
        self._thread.start()
        deadline = time.monotonic() + STARTUP_TIMEOUT
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("the emulator's server did not start")
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop serving and wait for the thread to end."""
        self._server.stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


def _listen(host: str, port: int) -> socket.socket:
    # with the protocol named, asyncio sends small answers at once; otherwise each waits 40 ms for an ACK
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener
