"""The emulator as one object: a local Twilio to start, to populate and to watch."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, Unpack

from wa_omnichannel.emulator.account import Account, Settings
from wa_omnichannel.emulator.control.api import Control
from wa_omnichannel.emulator.rest.app import Application
from wa_omnichannel.emulator.sandbox import add_sandbox
from wa_omnichannel.emulator.server import Server
from wa_omnichannel.emulator.state.options import Options
from wa_omnichannel.emulator.state.world import World

DEFAULT_ACCOUNT_SID = "AC" + "0" * 32
DEFAULT_AUTH_TOKEN = "emulator-auth-token"  # noqa: S105 - a published default for loopback use


class Emulator(Account):
    """A Twilio account with WhatsApp senders, on loopback.

    Use it as a context manager, or call ``start`` and ``stop``. Every keyword beside ``host`` and ``port`` is a field
    of ``Options``: ``delay`` is the real time in seconds before each status; ``synchronous_63016`` refuses a free-form
    send outside the 24 hours at once instead of by callback; ``seed`` makes a run repeatable. Every method may be
    called from any thread but the loop's own.
    """

    def __init__(
        self,
        account_sid: str = DEFAULT_ACCOUNT_SID,
        auth_token: str = DEFAULT_AUTH_TOKEN,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        **options: Unpack[Settings],
    ) -> None:
        super().__init__(World(Options(account_sid=account_sid, auth_token=auth_token, **options)))
        self._server = Server(Application(self.world, Control(self)), host, port)
        self.world.base_url = self._server.base_url
        self.world.media_host = self._server.media_host
        if self.world.options.sandbox is not None:
            add_sandbox(self.world, self.world.options.sandbox)

    def start(self) -> Self:
        """Start the event loop, the background jobs and the server."""
        self.world.scheduler.start()
        self.world.scheduler.run(self._server.start())
        return self

    def sdk_client(self) -> Any:
        """Return Twilio's own client, pointed here: the message, Content, messaging and monitor APIs.

        It is the SDK's ``Client``, which has no types. Close its ``http_client.session`` after use.
        """
        from twilio.rest import Client  # type: ignore[import-untyped, unused-ignore]

        client: Any = Client(self.account_sid, self.auth_token)
        for product in ("api", "content", "messaging", "monitor"):
            getattr(client, product).base_url = self.base_url
        return client

    def stop(self) -> None:
        """Stop the server and the background jobs; callbacks not yet due are not made."""
        if self.world.scheduler.is_running:
            self.world.scheduler.run(self._server.stop())
            self.world.scheduler.run(self.world.connections.close())
        self.world.scheduler.stop()
        self._server.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
