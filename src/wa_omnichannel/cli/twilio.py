"""``wa-omnichannel twilio setup`` and ``twilio signature FILE``.

The first asks, shows what would change at the provider, changes it and looks again. The second says why the
signature of a request that was saved as it came (request line, headers, blank line, body) does not fit.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from wa_omnichannel._urls import checked_url
from wa_omnichannel.adapters.twilio import Account, Secret, TwilioApi, TwilioTransport, setup
from wa_omnichannel.adapters.twilio.signature import SignatureCheck
from wa_omnichannel.addresses import Address, parse
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.webhooks import WebhookRequest

HELP = "work on the account at Twilio"

TOKEN_VARIABLE = "TWILIO_AUTH_TOKEN"  # noqa: S105 - the name of a variable
"""Environment variable that the auth token is taken from; otherwise it is asked for."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add what is below ``twilio`` to the command line."""
    below = parser.add_subparsers(dest="twilio_command", required=True, metavar="COMMAND")
    command = below.add_parser("setup", help="let a number's webhooks call this application; what is missing is asked")
    command.add_argument("--account-sid", metavar="AC…")
    command.add_argument("--number", metavar="+E164", help="the WhatsApp sender")
    command.add_argument("--public-url", metavar="URL", help="where the webhooks are mounted")
    command.add_argument("--base-url", metavar="URL", help="the API of a region, or a local Twilio")
    command.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    command.add_argument("--plan", action="store_true", help="only show the plan; exit status 1 if there is one")
    command.add_argument("--yes", action="store_true", help="carry the plan out without asking")
    command.set_defaults(run=run_setup)
    doctor = below.add_parser("signature", help="say why the signature of a saved request does not fit")
    doctor.add_argument(
        "request", metavar="FILE", type=Path, help="request line, headers, blank line, body; as they came"
    )
    doctor.add_argument("--public-url", metavar="URL", required=True, help="where the webhooks are mounted")
    doctor.add_argument("--other-url", metavar="URL", action="append", default=[], help="another address to try")
    doctor.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    doctor.set_defaults(run=run_signature)


def run_signature(arguments: argparse.Namespace) -> int:
    """Look into a saved request and return the exit status: 0 if its signature fits, otherwise 1."""
    from wa_omnichannel.adapters.twilio.signature_doctor import diagnose

    check = SignatureCheck(checked_url(arguments.public_url, "public_url"), [_token()])
    found = diagnose(check, saved_request(arguments.request.read_bytes()), arguments.other_url)
    sys.stdout.write(found.explain(arguments.language) + "\n")
    return int(found.reason is not None)


def saved_request(data: bytes) -> WebhookRequest:
    """Return the request that was saved as it came.

    Raises:
        InvalidValue: It does not begin with a request line.
    """
    blank = b"\r\n\r\n" if b"\r\n\r\n" in data else b"\n\n"
    head, _, body = data.partition(blank)
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.partition(" ")
    if not target.startswith("/") or not version.startswith("HTTP/"):
        raise InvalidValue("FILE", first[:60], "Its first line is like: POST /wa/inbound HTTP/1.1")
    path, _, query = target.partition("?")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    return WebhookRequest(body, headers, path, query, method)


def _token() -> Secret:
    return Secret(os.environ.get(TOKEN_VARIABLE) or getpass.getpass("Auth token: "))


def run_setup(arguments: argparse.Namespace) -> int:
    """Set a number up and return the exit status: 0 if it is ready, otherwise 1."""
    account_sid = arguments.account_sid or input("Account SID: ")
    token = _token()
    number = parse(arguments.number or input("WhatsApp number: "), "number")
    public_url = arguments.public_url or input("Public URL of the webhooks: ")
    wanted = _wanted(account_sid, token, number, public_url)
    with TwilioApi(Account.of(account_sid, token, base_url=arguments.base_url)) as api:
        return _carry_out(api, wanted, arguments)


def _wanted(account_sid: str, token: Secret, number: Address, public_url: str) -> setup.Wanted:
    """Return what the number needs; the transport knows its addresses."""
    transport = TwilioTransport(account_sid=account_sid, auth_token=token, public_url=public_url)
    return setup.Wanted(number, transport.inbound_url, transport.status_url)


def _carry_out(api: TwilioApi, wanted: setup.Wanted, arguments: argparse.Namespace) -> int:
    found = api.run(setup.survey(wanted))
    _show(found, arguments.language)
    if found.plan and not arguments.plan and _agreed(arguments.yes, input):
        found = api.run(setup.apply(found))
        _show(found, arguments.language)
    return int(not found.ready)


def _agreed(yes: bool, ask: Callable[[str], str]) -> bool:
    return yes or ask("Carry this out? [y/N] ").strip().lower() in ("y", "yes", "s", "sí", "si")


def _show(found: setup.Survey, language: str) -> None:
    for finding in found.findings:
        sys.stdout.write(("! " if finding.error else "  ") + finding.sentence(language) + "\n")
    for step in found.plan:
        sys.stdout.write("~ " + step.sentence(language) + "\n")
    if found.ready:
        sys.stdout.write("  " + setup.READY.sentence(language) + "\n")
