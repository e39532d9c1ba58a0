"""``wa-omnichannel doctor --invariants --store URL``: say what is wrong with what is stored."""

from __future__ import annotations

import argparse

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.stores import open_store, upkeep

HELP = "say what is wrong with a store; exit status 1 if something is"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments to the command line."""
    parser.add_argument("--store", required=True, metavar="URL", help="sqlite:///path or postgresql://…")
    parser.add_argument("--invariants", action="store_true", help="read all rows and look for contradictions, too")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look at the database, its schema and its agenda, and at all rows if that is wanted."""
    it = upkeep(arguments.store)
    version = it.version()
    if not version:
        raise InvalidValue(
            "store", arguments.store.partition(":")[0], "There is no store. Run: wa-omnichannel db upgrade"
        )
    found = list(it.problems())
    if version != it.newest:
        found.append(f"The schema is {version}; this release has {it.newest}. Run: wa-omnichannel db upgrade")
    with open_store(arguments.store) as store:
        desk = Omnichannel(Rules([], [], []), store=store, transport=None)
        health = desk.health()
        if not health.well:
            found.append(f"Work is overdue by {health.overdue}. Run: wa-omnichannel worker")
        if health.dead:
            found.append(f"{health.dead} entries were set aside. Run: wa-omnichannel agenda dead")
        if arguments.invariants:
            found += [check.sentence(arguments.language) for check in desk.invariants()]
    print(*(found or ("nothing is wrong",)), sep="\n")
    return int(bool(found))
