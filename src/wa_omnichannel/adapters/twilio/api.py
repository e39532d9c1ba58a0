"""The provider's REST API in two colours: asks the questions of :mod:`.calls`.

::

    api = TwilioApi(Account.of(account_sid, auth_token))
    held = api.run(contents.holdings(now))
    mine = api.run(senders.senders())

Every call is made once, within the account's time-outs, on connections that are kept.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from wa_omnichannel._drive import adrive, drive
from wa_omnichannel._net.calls import CallFailed
from wa_omnichannel.adapters.twilio.account import Account
from wa_omnichannel.adapters.twilio.answers import unreadable
from wa_omnichannel.adapters.twilio.calls import Call, Json, Pause, Question, T, guarded
from wa_omnichannel.errors import TransportClosed

if TYPE_CHECKING:
    from wa_omnichannel.adapters.twilio.blocking import BlockingHttp
    from wa_omnichannel.adapters.twilio.coroutine import CoroutineHttp

_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_BUILDING = threading.Lock()


def _arguments(account: Account, call: Call) -> tuple[str, str, None, Any, dict[str, str]]:
    """Return what the HTTP clients want to know about *call*."""
    written = {"Accept": "application/json", **(_JSON if call.json is not None else _FORM)}
    target = call.target.replace("{account}", account.sid)
    return call.method, account.url(call.product) + target, None, call.form if call.json is None else call.json, written


def _answer(response: Any) -> Json:
    """Return the JSON object in a response; one without content is empty."""
    text: str = response.text
    try:
        found: object = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise unreadable(error) from None
    if not isinstance(found, dict):
        raise unreadable(TypeError("no object"))
    return cast("Json", found)


def _closed() -> TransportClosed:
    return TransportClosed("This transport was closed.", advice="Open a new one, or enter it again with 'with'.")


class TwilioApi:
    """The REST API for threads. One object serves any number of them; close it, or use it as a context manager.

    >>> api = TwilioApi(Account.of("AC" + "0" * 32, "token"))
    >>> api.close()
    """

    def __init__(self, account: Account, *, sleep: Callable[[float], object] = time.sleep) -> None:
        """Ask for one account.

        Args:
            account: Whose credentials are used, and where the API is.
            sleep: Waits for a number of seconds between two calls.
        """
        self.account = account
        self._sleep = sleep
        self._http: BlockingHttp | None = None
        self._closed = False

    def run(self, question: Question[T]) -> T:
        """Ask *question* and return what it leads to.

        Raises:
            TransportUnavailable: The provider cannot be asked now (retryable).
            OutcomeUnknown: The answer to a change was lost.
            TransportClosed: This object was closed.
            TransportError: The provider says no; has its code and what to do.
        """
        return drive(guarded(question), self)

    def http(self) -> BlockingHttp:
        """Return the HTTP client that all calls share; made with the first one.

        Raises:
            TransportClosed: This object was closed.
        """
        with _BUILDING:
            if self._closed:
                raise _closed()
            if self._http is None:
                from wa_omnichannel.adapters.twilio.blocking import BlockingHttp

                self._http = BlockingHttp(self.account)
            return self._http

    def call(self, call: Call) -> Json:
        """Make one call."""
        try:
            return _answer(self.http().request(*_arguments(self.account, call)))
        except CallFailed as failed:
            failure = failed.error(repeatable=call.repeatable)
        raise failure

    def pause(self, pause: Pause) -> None:
        """Let time pass."""
        self._sleep(pause.duration.total_seconds())

    def close(self) -> None:
        """Close the connections."""
        with _BUILDING:
            http, self._http, self._closed = self._http, None, True
        if http is not None:
            http.close()

    def __enter__(self) -> Self:
        self._closed = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncTwilioApi:
    """The REST API for coroutines; the arguments and methods of :class:`TwilioApi`.

    It belongs to the event loop it is used in. Close it with ``aclose`` there, or use ``async with``.
    """

    def __init__(self, account: Account, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """Ask for one account; see :class:`TwilioApi`."""
        self.account = account
        self._sleep = sleep
        self._http: CoroutineHttp | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    async def run(self, question: Question[T]) -> T:
        """Ask *question* and return what it leads to; raises as :meth:`TwilioApi.run` does."""
        return await adrive(guarded(question), self)

    def http(self) -> CoroutineHttp:
        """Return the HTTP client of the running loop; made with the first call.

        Raises:
            TransportClosed: This object was closed.
        """
        if self._closed:
            raise _closed()
        loop = asyncio.get_running_loop()
        if self._http is None or self._loop is not loop:
            from wa_omnichannel.adapters.twilio.coroutine import CoroutineHttp

            self._http, self._loop = CoroutineHttp(self.account), loop
        return self._http

    async def call(self, call: Call) -> Json:
        """Make one call."""
        try:
            return _answer(await self.http().request(*_arguments(self.account, call)))
        except CallFailed as failed:
            failure = failed.error(repeatable=call.repeatable)
        raise failure

    async def pause(self, pause: Pause) -> None:
        """Let time pass."""
        await self._sleep(pause.duration.total_seconds())

    async def aclose(self) -> None:
        """Close the connections."""
        http, self._http, self._closed = self._http, None, True
        if http is not None:
            await http.close()

    async def __aenter__(self) -> Self:
        self._closed = False
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
