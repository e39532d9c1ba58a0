"""``wa-omnichannel config``: check a settings file, compare it, put it into force, write it down again."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from wa_omnichannel.cli.findings import Found, add_options, report
from wa_omnichannel.explain import LANGUAGES

HELP = "work on the settings of a channel"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add what is below ``config`` to the command line."""
    below = parser.add_subparsers(dest="config_command", required=True, metavar="COMMAND")
    check = below.add_parser("check", help="say what is wrong with a file; exit status 1 if there is an error")
    check.add_argument("files", nargs="+", metavar="FILE", help="YAML, JSON or TOML")
    add_options(check)
    check.set_defaults(run=run_check)
    compare = below.add_parser("diff", help="say what a file would change; exit status 1 if it changes something")
    compare.add_argument("file", metavar="FILE", help="the settings to come")
    compare.add_argument("other", metavar="OLD", help="another file, or the database with the settings in force")
    compare.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    compare.set_defaults(run=run_diff)
    schema = below.add_parser("schema", help="write the JSON Schema of settings files, for editors")
    schema.add_argument("file", nargs="?", metavar="FILE", help="where to write it (standard output)")
    schema.set_defaults(run=run_schema)


def run_check(arguments: argparse.Namespace) -> int:
    """Check the files, print what is wrong and return the exit status: 0 if nothing is, otherwise 1."""
    from wa_omnichannel.settings import read_file

    found: list[Found] = [(name, item) for name in arguments.files for item in read_file(Path(name)).findings]
    return report(found, arguments)


def run_diff(arguments: argparse.Namespace) -> int:
    """Print what differs between two set-ups and return the exit status: 0 if nothing does, otherwise 1."""
    from wa_omnichannel.settings import diff, load

    changes = diff(load(arguments.other), load(arguments.file))
    for change in changes:
        print(change.sentence(arguments.language))
    return int(bool(changes))


def run_schema(arguments: argparse.Namespace) -> int:
    """Write the JSON Schema."""
    from wa_omnichannel.settings import schema

    text = json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"
    if arguments.file is None:
        sys.stdout.write(text)
    else:
        Path(arguments.file).write_text(text, encoding="utf-8")
    return 0
