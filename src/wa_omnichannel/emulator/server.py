"""A loopback HTTP server on the emulator's event loop; it listens at two addresses, the API's and the files'."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from wa_omnichannel.emulator.rest.app import TRANSPORT_KEY, Application, Receive, Scope, Send

SHUTDOWN_GRACE = 1.0


class TransportProtocol(H11Protocol):
    """Uvicorn's HTTP protocol, which lets the application reach its connection in order to drop it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection for the requests that come on it."""
        super().connection_made(transport)
        inner: Any = self.app
        self.app = partial(_with_transport, inner, transport)


async def _with_transport(
    app: Application, transport: asyncio.Transport, scope: Scope, receive: Receive, send: Send
) -> None:
    scope[TRANSPORT_KEY] = transport
    await app(scope, receive, send)


class PromptServer(uvicorn.Server):
    """Uvicorn's server, which tells when it is up and ends as soon as it is told to instead of looking now and then."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self.stopping = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait to be stopped."""
        self.up.set()
        await self.stopping.wait()

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
    """Serve the application on ``host``; port 0 means any free one."""

    def __init__(self, app: Application, host: str = "127.0.0.1", port: int = 0) -> None:
        self._sockets = [_listen(host, port), _listen(host, 0)]
        self.port, self.media_port = (each.getsockname()[1] for each in self._sockets)
        self.base_url = f"http://{host}:{self.port}"
        self.media_host = f"http://{'localhost' if host == '127.0.0.1' else host}:{self.media_port}"
        config = uvicorn.Config(app, http=TransportProtocol, lifespan="off", log_config=None, access_log=False)
        self._server = PromptServer(config)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start serving and wait until it does."""
        self._running = asyncio.create_task(self._server.serve(self._sockets))
        up = asyncio.create_task(self._server.up.wait())
        await asyncio.wait({up, self._running}, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Stop serving and wait for the end."""
        self._server.stopping.set()
        if self._running is not None:
            await self._running

    def close(self) -> None:
        """Give the ports back."""
        for each in self._sockets:
            each.close()


def _listen(host: str, port: int) -> socket.socket:
    # with the protocol named, asyncio sends small answers at once; otherwise each waits 40 ms for an ACK
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
