"""``wa-omnichannel quarantine list|replay``: webhooks that nobody could be given."""

from __future__ import annotations

import argparse
import os

from wa_omnichannel.addresses import masked
from wa_omnichannel.cli.databases import add_store, channel_on
from wa_omnichannel.errors import WaOmnichannelError
from wa_omnichannel.webhooks import Held

HELP = "look at webhooks that nobody could be given, and take them again"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add what is below ``quarantine`` to the command line."""
    below = parser.add_subparsers(dest="quarantine_command", required=True, metavar="COMMAND")
    show = below.add_parser("list", help="show what is in quarantine, the oldest first")
    show.add_argument("--limit", type=int, default=100, metavar="N", help="how many at most (100)")
    add_store(show)
    show.set_defaults(run=run_list)
    again = below.add_parser("replay", help="take webhooks again; exit status 1 if one has to stay")
    again.add_argument("ids", nargs="*", metavar="ID", help="which; all of them if none is named")
    add_store(again)
    again.set_defaults(run=run_replay)


def run_list(arguments: argparse.Namespace) -> int:
    """Print one line for each webhook; neither texts nor whole numbers."""
    with channel_on(arguments.store) as channel:
        for held in channel.quarantine(arguments.limit):
            print(f"{held.id}  {held.reason}  {_about(held)}")
    return 0


def _about(held: Held) -> str:
    if held.inbound is None:
        return held.problem
    return f"to {held.inbound.number} from {masked(held.inbound.addresses[0])}"


def run_replay(arguments: argparse.Namespace) -> int:
    """Take the webhooks again and print what each came to."""
    from wa_omnichannel.integrations.assembly import connected
    from wa_omnichannel.stores import open_store

    stays = False
    with open_store(arguments.store) as store, connected(store, environment=os.environ) as channel:
        for name in arguments.ids or [held.id for held in channel.quarantine(10_000)]:
            try:
                kind = channel.replay(name)
            except WaOmnichannelError as error:
                kind = f"stays: {error}"
            stays |= kind.startswith(("stays", "held"))
            print(f"{name}  {kind}")
    return int(stays)
