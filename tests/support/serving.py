"""A process that takes webhooks, answers and works, and says what it has done; the fault tests kill it."""

from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from tests.support.ledger import LedgerTransport, customer, webhook
from tests.support.shop import NUMBER, shop

from wa_omnichannel.messages import Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import Store
from wa_omnichannel.stores import open_store


def make(store: Store, ledger: Path, **more: object) -> Omnichannel:
    """Return a channel over the provider in a file."""
    return Omnichannel(shop(), store=store, transport=LedgerTransport(ledger), **more)  # type: ignore[arg-type]


def serve(url: str, ledger: Path, first: int, said: "Connection[tuple[str, int], None]") -> None:
    """Serve customers from the n-th on, for ever."""
    with open_store(url) as store:
        desk = make(store, ledger)
        for n in count(first):
            if desk.receive(webhook(n)).status == 200:
                said.send(("received", n))
            desk.send(NUMBER, customer(n), Text(f"answer {n}"), request_id=f"r{n}")
            said.send(("answered", n))
            desk.tick(20)
