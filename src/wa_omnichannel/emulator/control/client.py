"""The emulator in another process, used as if it were here."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any, cast

import requests

from wa_omnichannel.emulator.account import Account
from wa_omnichannel.emulator.control.api import CLASSES, ERRORS, PREFIX
from wa_omnichannel.emulator.control.codec import decode, encode

TIMEOUT = 60.0

_ERRORS = {each.__name__: each for each in ERRORS}


def connect(base_url: str, account_sid: str, auth_token: str) -> Account:
    """Return an emulator that runs elsewhere.

    What comes back has the methods and properties of ``Account``; its ``clock``, its ``faults`` and the people that
    ``customer`` returns are remote in the same way. Values are as they would be here; errors are raised here.

    Args:
        base_url: Where the emulator's REST API answers.
        account_sid: The account's sid.
        auth_token: The account's token.

    Raises:
        requests.RequestException: If the emulator does not answer, at each use.
    """
    return cast("Account", _Remote(_Line(base_url.rstrip("/"), (account_sid, auth_token)), "account", {}))


class _Line:
    """The way to the emulator."""

    def __init__(self, base_url: str, credentials: tuple[str, str]) -> None:
        self._base_url = base_url
        self._credentials = credentials

    def ask(self, command: str, arguments: Mapping[str, object]) -> object:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                f"{self._base_url}{PREFIX}{command}",
                data=json.dumps(encode(arguments)),
                headers={"Content-Type": "application/json"},
                auth=self._credentials,
                timeout=TIMEOUT,
            )
        document: dict[str, Any] = answer.json()
        if "error" in document:
            raise _ERRORS[document["error"]["type"]](document["error"]["text"])
        if "result" not in document:
            raise RuntimeError(f"the emulator answered {answer.status_code}: {document.get('message')}")
        return decode(document["result"])


class _Remote:
    """Stands for one object of the emulator: attributes become commands."""

    def __init__(self, line: _Line, target: str, identity: Mapping[str, object]) -> None:
        self._line = line
        self._target = target
        self._identity = identity

    def __getattr__(self, name: str) -> Any:
        if self._target == "account" and name in CLASSES and name != "customer":
            return _Remote(self._line, name, {})
        member: object = inspect.getattr_static(CLASSES[self._target], name)
        if isinstance(member, property):
            return self._ask(name, {})
        if not inspect.isfunction(member):
            return member
        signature = inspect.signature(member)

        def method(*args: object, **kwargs: object) -> object:
            arguments = _flat(signature.bind(self, *args, **kwargs), signature)
            result = self._ask(name, arguments)
            return _Remote(self._line, "customer", {"self": arguments}) if name == "customer" else result

        return method

    def _ask(self, name: str, arguments: Mapping[str, object]) -> object:
        return self._line.ask(f"{self._target}.{name}", {**self._identity, **arguments})


def _flat(bound: inspect.BoundArguments, signature: inspect.Signature) -> dict[str, object]:
    """Return the arguments by name; those of ``**kwargs`` stand among the others."""
    flat: dict[str, object] = {}
    for name, value in list(bound.arguments.items())[1:]:
        if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            flat.update(value)
        else:
            flat[name] = value
    return flat
