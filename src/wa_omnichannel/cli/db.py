"""``wa-omnichannel db upgrade|status|check --store URL``: look after a store's database."""

from __future__ import annotations

import argparse

from wa_omnichannel.stores import upkeep

HELP = "look after a store's database"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add what is below ``db`` to the command line."""
    below = parser.add_subparsers(dest="db_command", required=True, metavar="COMMAND")
    for name, text, run in (
        ("status", "say which schema the database has; exit status 1 if it is not this release's", _status),
        ("upgrade", "create the schema or bring it up to date; does nothing if it is", _upgrade),
        ("check", "say what is wrong with the database; exit status 1 if something is", _check),
    ):
        command = below.add_parser(name, help=text)
        command.add_argument("--store", required=True, metavar="URL", help="sqlite:///path or postgresql://…")
        command.set_defaults(run=run)


def _status(arguments: argparse.Namespace) -> int:
    it = upkeep(arguments.store)
    version = it.version()
    behind = version != it.newest
    found = f"schema {version}" if version else "no schema"
    print(f"{found}; this release has {it.newest}{': run wa-omnichannel db upgrade' if behind else ''}")
    return int(behind)


def _upgrade(arguments: argparse.Namespace) -> int:
    it = upkeep(arguments.store)
    before = it.upgrade()
    print(f"schema {it.newest} was there" if before == it.newest else f"schema {before or 'none'} -> {it.newest}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    problems = upkeep(arguments.store).problems()
    print(*(problems or ("nothing is wrong",)), sep="\n")
    return int(bool(problems))
