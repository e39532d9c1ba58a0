"""Run the emulator by hand: ``python -m wa_omnichannel.emulator --port 8010``."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading

from wa_omnichannel.emulator import Emulator


def main(arguments: list[str] | None = None) -> None:
    """Serve one WhatsApp number until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m wa_omnichannel.emulator")
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--number", default="+14155550100")
    parser.add_argument("--inbound-url", default=None)
    chosen = parser.parse_args(arguments)
    with contextlib.suppress(KeyboardInterrupt), Emulator(port=chosen.port) as twilio:
        twilio.add_number(chosen.number, chosen.inbound_url)
        sys.stdout.write(f"{twilio.base_url} {twilio.account_sid} {twilio.auth_token}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
