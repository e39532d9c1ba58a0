"""``wa-omnichannel agenda dead|replay --store URL``: look at entries that were set aside, and put them back."""

from __future__ import annotations

import argparse

from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.stores import open_store

HELP = "look at agenda entries that were set aside because they kept failing, and put them back"

_MANY = 1_000_000


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add what is below ``agenda`` to the command line."""
    below = parser.add_subparsers(dest="agenda_command", required=True, metavar="COMMAND")
    dead = below.add_parser("dead", help="list what was set aside; exit status 1 if there is anything")
    replay = below.add_parser("replay", help="put entries back, due now; all of them if none is named")
    replay.add_argument("entry", nargs="*", metavar="ID", help="as agenda dead shows it")
    for command, run in ((dead, _dead), (replay, _replay)):
        command.add_argument("--store", required=True, metavar="URL", help="sqlite:///path or postgresql://…")
        command.set_defaults(run=run)


def _dead(arguments: argparse.Namespace) -> int:
    with open_store(arguments.store) as store:
        letters = Omnichannel(Rules([], [], []), store=store, transport=None).dead_letters(_MANY)
    for letter in letters:
        print(letter.entry.id, letter.at.isoformat(timespec="seconds"), letter.reason, sep="\t")
    return int(bool(letters))


def _replay(arguments: argparse.Namespace) -> int:
    with open_store(arguments.store) as store:
        desk = Omnichannel(Rules([], [], []), store=store, transport=None)
        for name in arguments.entry or [letter.entry.id for letter in desk.dead_letters(_MANY)]:
            print("back on the agenda:", desk.replay_entry(name).id)
    return 0
