"""``wa-omnichannel templates lint FILE…``: check template files before anybody submits them."""

from __future__ import annotations

import argparse
from pathlib import Path

from wa_omnichannel.cli.findings import Found, add_options, report

HELP = "work on template files"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add what is below ``templates`` to the command line."""
    below = parser.add_subparsers(dest="templates_command", required=True, metavar="COMMAND")
    lint = below.add_parser("lint", help="say what WhatsApp would reject; exit status 1 if there is an error")
    lint.add_argument("files", nargs="+", metavar="FILE", help="YAML, JSON or TOML")
    add_options(lint)
    lint.set_defaults(run=run_lint)


def run_lint(arguments: argparse.Namespace) -> int:
    """Lint the files, print the findings and return the exit status: 0 if nothing is wrong, otherwise 1."""
    from wa_omnichannel.template_files import read_file  # loads pydantic, which no other command needs

    found: list[Found] = [(name, item) for name in arguments.files for item in read_file(Path(name)).findings]
    return report(found, arguments)
