"""The emulator as a process: its command line, and serving until interrupted."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from wa_omnichannel.emulator.local_twilio import DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN, Emulator
from wa_omnichannel.emulator.rest.openapi import document
from wa_omnichannel.emulator.script import apply_script, read_script
from wa_omnichannel.emulator.state.options import NO_LIMITS, WHATSAPP_LIMITS, Sandbox


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command to a parser."""
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8010, help="0 means any free one (default: %(default)s)")
    parser.add_argument("--number", default="+14155550100", help="the WhatsApp sender (default: %(default)s)")
    parser.add_argument("--inbound-url", metavar="URL", help="where the sender's messages are posted")
    parser.add_argument("--status-url", metavar="URL", help="where statuses go that name no StatusCallback")
    parser.add_argument("--account-sid", default=DEFAULT_ACCOUNT_SID, metavar="SID")
    parser.add_argument("--delay", type=float, default=0.02, metavar="S", help="seconds before each status")
    parser.add_argument("--seed", type=int, help="makes sids and the shares of a fault script repeatable")
    parser.add_argument("--script", metavar="FILE", help="a fault script, YAML or JSON")
    parser.add_argument("--sandbox", metavar="CODE", help="add the sandbox, joined by 'join CODE' (two words)")
    parser.add_argument("--limits", action="store_true", help="apply WhatsApp's rate limits")
    parser.add_argument("--media-redirect", action="store_true", help="serve files from a second host, by 307")
    parser.add_argument("--openapi", action="store_true", help="print the OpenAPI document and end")


def run(arguments: argparse.Namespace) -> int:
    """Do what the parsed arguments say, until interrupted, and return the exit status."""
    if arguments.openapi:
        sys.stdout.write(json.dumps(document(), indent=2) + "\n")
        return 0
    try:
        with _emulator(arguments) as twilio:
            sys.stdout.write(f"{twilio.base_url} {twilio.account_sid} {twilio.auth_token}\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse a command line and run it."""
    parser = argparse.ArgumentParser(prog="python -m wa_omnichannel.emulator", description=__doc__)
    add_arguments(parser)
    sys.exit(run(parser.parse_args(arguments)))


def _emulator(arguments: argparse.Namespace) -> Emulator:
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(31)
    twilio = Emulator(
        arguments.account_sid,
        os.environ.get("TWILIO_AUTH_TOKEN", DEFAULT_AUTH_TOKEN),
        host=arguments.host,
        port=arguments.port,
        delay=arguments.delay,
        seed=seed,
        sandbox=Sandbox(code=arguments.sandbox) if arguments.sandbox else None,
        limits=WHATSAPP_LIMITS if arguments.limits else NO_LIMITS,
        media_redirect=arguments.media_redirect,
    )
    try:
        twilio.add_number(arguments.number, arguments.inbound_url, arguments.status_url)
        if arguments.script:
            apply_script(twilio.faults, read_script(Path(arguments.script)))
    except BaseException:
        twilio.stop()
        raise
    sys.stderr.write(f"seed {seed}\n")
    return twilio
