"""CPU time per message sent, in the sender's process, against the same call through Twilio's SDK with its own client.

The local Twilio is a process of its own. The figure is transport / SDK (<= 1.3), in both colours; the SDK's client
for coroutines is given a connection pool. Run: python benchmarks/bench_send.py
"""

from __future__ import annotations

import asyncio
import multiprocessing
from multiprocessing.connection import Connection
from typing import Any

from lab import measure, report
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, TwilioTransport
from wa_omnichannel.addresses import Address
from wa_omnichannel.messages import Accepted, Outgoing, Text

NUMBER, CUSTOMER = "+14155550100", "+34600000001"
PUBLIC = "https://shop.example/wa"
MESSAGES = 300
HELLO = Outgoing("m-1", Address(NUMBER), Address(CUSTOMER), Text("Hola"))
FIELDS = {"from_": f"whatsapp:{NUMBER}", "to": f"whatsapp:{CUSTOMER}", "body": "Hola"}


def serve(pipe: Connection) -> None:
    from wa_omnichannel.emulator import Emulator

    with Emulator(delay=0.0) as twilio:
        twilio.add_number(NUMBER)
        twilio.customer(CUSTOMER, "Ana", NUMBER).calls()
        twilio.faults.drop("*", times=10_000_000)  # nobody listens to callbacks
        pipe.send((twilio.base_url, twilio.account_sid, twilio.auth_token))
        pipe.recv()


def main() -> None:
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    base_url, sid, token = here.recv()
    settings: dict[str, Any] = {"account_sid": sid, "auth_token": token, "public_url": PUBLIC, "base_url": base_url}
    client = Client(sid, token)
    client.api.base_url = base_url

    def sdk(n: int) -> None:
        for _ in range(n):
            assert client.messages.create(status_callback=f"{PUBLIC}/status?m=m-1", **FIELDS).sid

    def transport(n: int) -> None:
        for _ in range(n):
            assert isinstance(blocking.send(HELLO), Accepted)

    def sdk_coroutines(n: int) -> None:
        async def run() -> None:
            async with AsyncTwilioHttpClient(pool_connections=True) as http:
                waiting = Client(sid, token, http_client=http)
                waiting.api.base_url = base_url
                for _ in range(n):
                    assert (await waiting.messages.create_async(status_callback=f"{PUBLIC}/status?m=m-1", **FIELDS)).sid

        asyncio.run(run())

    def transport_coroutines(n: int) -> None:
        async def run() -> None:
            async with AsyncTwilioTransport(**settings) as waiting:
                for _ in range(n):
                    assert isinstance(await waiting.send(HELLO), Accepted)

        asyncio.run(run())

    with TwilioTransport(**settings) as blocking:
        report("send, blocking", measure({"twilio SDK": sdk, "transport": transport}, MESSAGES), "twilio SDK")
    cases = {"twilio SDK": sdk_coroutines, "transport": transport_coroutines}
    report("send, coroutines", measure(cases, MESSAGES), "twilio SDK")
    here.send("end")
    process.join()


if __name__ == "__main__":
    main()
