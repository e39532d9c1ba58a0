"""The command line; ``wa-omnichannel --help`` lists what it can do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from wa_omnichannel.cli import (
    agenda,
    config,
    db,
    doctor,
    emulator,
    quarantine,
    report,
    scaffold,
    serve,
    templates,
    twilio,
    worker,
)
from wa_omnichannel.errors import WaOmnichannelError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="wa-omnichannel", description="A WhatsApp customer-service channel.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="play one customer's story on real parts, over loopback")
    demo.add_argument("--keep", metavar="DIR", help="leave the database and the files in this folder")
    demo.set_defaults(run=_demo)
    config.add_commands(commands.add_parser("config", help=config.HELP))
    scaffold.add_arguments(commands.add_parser("init", help=scaffold.HELP))
    serve.add_arguments(commands.add_parser("serve", help=serve.HELP))
    quarantine.add_commands(commands.add_parser("quarantine", help=quarantine.HELP))
    db.add_commands(commands.add_parser("db", help=db.HELP))
    doctor.add_arguments(commands.add_parser("doctor", help=doctor.HELP))
    agenda.add_commands(commands.add_parser("agenda", help=agenda.HELP))
    worker.add_arguments(commands.add_parser("worker", help=worker.HELP))
    templates.add_commands(commands.add_parser("templates", help=templates.HELP))
    report.add_arguments(commands.add_parser("report", help=report.HELP))
    twilio.add_commands(commands.add_parser("twilio", help=twilio.HELP))
    try:
        emulator.register(commands, sys.argv[1:] if argv is None else argv)
        arguments = parser.parse_args(argv)
        return int(arguments.run(arguments))
    except (WaOmnichannelError, ImportError, OSError) as error:  # what lacks its extra says which one to install
        sys.stderr.write(f"wa-omnichannel: {error}\n")
        return 2


def _demo(arguments: argparse.Namespace) -> int:
    from wa_omnichannel.cli import demo

    return demo.run(arguments.keep)
