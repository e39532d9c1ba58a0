"""The control API: ``POST /emulator/<object>.<method>`` with a JSON object of arguments.

``account`` is the emulator itself, ``clock`` and ``faults`` its parts; for ``customer`` the argument ``self`` holds
what ``account.customer`` takes. A property is asked for without arguments. The answer is ``{"result": ...}``, or
``{"error": {"type": ..., "text": ...}}`` with status 400. The account's credentials are needed, as for the REST API.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from wa_omnichannel.emulator.account import Account
from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.control.codec import decode, encode
from wa_omnichannel.emulator.customer import Customer
from wa_omnichannel.emulator.rest.answering import authenticate, refuse
from wa_omnichannel.emulator.rest.calls import Answer, Call
from wa_omnichannel.emulator.rest.openapi import document
from wa_omnichannel.emulator.state.clock import VirtualClock
from wa_omnichannel.emulator.state.faults import Faults

PREFIX = "/emulator/"
OPENAPI = f"{PREFIX}openapi.json"
ERRORS = (AttributeError, KeyError, RuntimeError, TimeoutError, TypeError, ValueError)

# The objects a path may name, and the classes whose public methods and properties it may then name.
CLASSES: Mapping[str, type] = {"account": Account, "clock": VirtualClock, "customer": Customer, "faults": Faults}


class Control:
    """Answers the control API's requests for an account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def __call__(self, call: Call) -> Answer | None:
        """Answer a request below ``/emulator/``, or return ``None`` if there is no such thing."""
        if call.path == OPENAPI:
            return Answer(payload=document())
        target, _, name = call.path.removeprefix(PREFIX).partition(".")
        if call.method != "POST" or not hasattr(CLASSES.get(target), name) or name.startswith("_"):
            return None
        try:
            authenticate(self._account.world, call)
            arguments = cast("dict[str, Any]", decode(call.document() if call.body else {}))
            result = await asyncio.to_thread(self._ask, target, name, arguments)
        except RestError as refusal:
            return refuse(refusal)
        except ERRORS as failure:
            kind = next(each.__name__ for each in type(failure).__mro__ if each in ERRORS)
            text = str(failure.args[0]) if failure.args else ""
            return Answer(status=400, payload={"error": {"type": kind, "text": text}})
        return Answer(payload={"result": encode(result)})

    def _ask(self, target: str, name: str, arguments: dict[str, Any]) -> object:
        member = getattr(self._target(target, arguments), name)
        result = member(**arguments) if callable(member) else member
        return None if isinstance(result, Customer) else result

    def _target(self, target: str, arguments: dict[str, Any]) -> object:
        if target == "customer":
            return self._account.customer(**arguments.pop("self", {}))
        return self._account if target == "account" else getattr(self._account, target)
