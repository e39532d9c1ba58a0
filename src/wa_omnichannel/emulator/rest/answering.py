"""From a request to its answer: credentials, account, handler, refusals."""

from __future__ import annotations

import base64
import binascii
import hmac

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.rest.calls import Answer, Call, not_found
from wa_omnichannel.emulator.rest.routes import Operation
from wa_omnichannel.emulator.state.world import World


def answer_call(world: World, operation: Operation, call: Call) -> Answer:
    """Check the credentials and the account, run the handler, and turn refusals into error bodies."""
    try:
        if not operation.open:
            authenticate(world, call)
        return operation.handler(world, call)
    except RestError as refusal:
        return refuse(refusal)


def refuse(refusal: RestError) -> Answer:
    """Return the answer of a refused request."""
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if refusal.code == 20003 else {}
    return Answer(status=refusal.status, payload=refusal.body, headers=headers)


def authenticate(world: World, call: Call) -> None:
    """Check the account's token or an API key, and that the path names this account.

    Raises:
        RestError: If they are wrong (20003), or the account is another one (20404).
    """
    options = world.options
    user, secret = _credentials(call.authorization)
    expected = options.auth_token if user == options.account_sid else world.api_keys.get(user, "")
    if not expected or not hmac.compare_digest(secret.encode(), expected.encode()):
        raise RestError(20003)
    if call.params.get("account", options.account_sid) != options.account_sid:
        raise not_found(call)


def _credentials(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    user, _, secret = text.partition(":")
    return user, secret
