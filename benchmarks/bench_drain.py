"""Two worker processes on PostgreSQL drain an agenda, against what the local Twilio takes from the raw SDK.

Each message is one customer's, accepted beforehand; the workers load, decide, claim, send and note it, with the
server's own settings (fsync on). The raw case is one process with 8 threads that call ``messages.create``. No status
callbacks on either side. Cases take turns; the ratio is of medians. Run: python benchmarks/bench_drain.py
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from wa_omnichannel import Number, Omnichannel, Queue, Rules, Workstream
from wa_omnichannel._flows.changes import thread_lane
from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.addresses import Address
from wa_omnichannel.messages import Text
from wa_omnichannel.ports import Changes, Drop, Lane, Put, Store, lane_key
from wa_omnichannel.stores import open_store
from wa_omnichannel.testing.postgres_server import PostgresServer

ACCOUNT, TOKEN = "AC00000000000000000000000000000000", "emulator-auth-token"
SENDER = Address("+14155550100")
MESSAGES = 400
ROUNDS = 3
RULES = Rules([Number(SENDER, "Shop", "main")], [Workstream("main", "all")], [Queue("all")])
WORKERS, THREADS = 2, 4


def make_channel(store: Store) -> Omnichannel:
    """Return what the workers work for."""
    url = os.environ["TWILIO_BASE_URL"]
    transport = TwilioTransport(
        account_sid=ACCOUNT, auth_token=TOKEN, public_url="https://example.com/wa", base_url=url
    )
    return Omnichannel(RULES, store=store, transport=transport)


def customer(n: int) -> Address:
    return Address(f"+34600{n:06d}")


def run_emulator(pipe: Connection) -> None:
    """Serve a local Twilio with customers who called; answer each question with the number of messages."""
    from wa_omnichannel.emulator import Emulator

    with Emulator(delay=0.0) as twilio:
        twilio.add_number(SENDER)
        for n in range(MESSAGES):
            twilio.customer(customer(n), "Ana", SENDER).calls()
        pipe.send(twilio.base_url)
        while pipe.recv():
            pipe.send(len(twilio.messages))


def raw(url: str) -> float:
    """Send one message to every customer with the SDK; return messages per second."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    client = Client(ACCOUNT, TOKEN, http_client=_Redirected(url, TwilioHttpClient(pool_connections=True)))

    def send(n: int) -> None:
        client.messages.create(from_=f"whatsapp:{SENDER}", to=f"whatsapp:{customer(n)}", body=f"Hola {n}")

    began = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(MESSAGES)))
    return MESSAGES / (time.perf_counter() - began)


class _Redirected:
    """Sends the SDK's requests to the local Twilio."""

    def __init__(self, url: str, inner: object) -> None:
        self._url = url
        self._inner = inner

    def request(self, method: str, url: str, *more: object, **named: object) -> object:
        path = url.partition("twilio.com")[2]
        return self._inner.request(method, f"{self._url}{path}", *more, **named)  # type: ignore[attr-defined]


@contextmanager
def accepted(store: Store, desk: Omnichannel) -> Iterator[Changes]:
    """Accept one message for every customer while their lanes are taken; give what frees the lanes."""
    threads = [desk.record_call(SENDER, customer(n)) for n in range(MESSAGES)]
    lanes = [lane_key(thread_lane(SENDER, thread.contact)) for thread in threads]
    taken = Lane(datetime.now(UTC) + timedelta(hours=1))
    store.commit(Changes(tuple(Put(lane, taken) for lane in lanes)))
    for n in range(MESSAGES):
        desk.send(SENDER, customer(n), Text(f"Hola {n}"))
    yield Changes(drops=tuple(Drop(lane) for lane in lanes))


def drained(url: str, emulator: Connection) -> float:
    """Let the workers send everything that is accepted; return messages per second."""

    def count() -> int:
        emulator.send(True)
        return int(emulator.recv())

    with open_store(url) as store, accepted(store, make_channel(store)) as free:
        before = count()
        app = ["--app", "bench_drain:make_channel", "--concurrency", str(THREADS), "--every", "0.2"]
        command = [sys.executable, "-m", "wa_omnichannel.cli", "worker", "--store", url, *app]
        folder = Path(__file__).parent
        workers = [subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE) for _ in range(WORKERS)]
        for worker in workers:
            assert worker.stderr is not None
            worker.stderr.readline()  # it works
        time.sleep(0.5)
        began = time.perf_counter()
        store.commit(free)
        while count() < before + MESSAGES:
            time.sleep(0.01)
        speed = MESSAGES / (time.perf_counter() - began)
        for worker in workers:
            worker.terminate()
            worker.communicate()
        assert count() == before + MESSAGES
    return speed


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run_emulator, args=(theirs,), daemon=True)
    process.start()
    url = os.environ["TWILIO_BASE_URL"] = str(ours.recv())
    taken: dict[str, list[float]] = {"raw SDK, 8 threads": [], f"{WORKERS} workers, {THREADS} threads each": []}
    with PostgresServer({}) as server:
        for _ in range(ROUNDS):
            for name, case in zip(
                taken, (lambda: raw(url), lambda: drained(f"{server.dsn}&prepare=true", ours)), strict=True
            ):
                taken[name].append(case())
    ours.send(False)
    process.join(10)
    medians = {name: statistics.median(speeds) for name, speeds in taken.items()}
    floor = next(iter(medians.values()))
    print(f"{MESSAGES} messages to the local Twilio")
    for name, speed in medians.items():
        print(f"  {name:<28} {speed:8.0f} messages/s  {speed / floor:5.2f} x raw SDK")


if __name__ == "__main__":
    main()
