"""CPU per message of the local Twilio, callbacks included, against a Starlette route that answers fixed JSON.

Each server is a process of its own and reports its own CPU time; the sender and the receiver of the callbacks are other
processes. Rounds of the two servers alternate; the ratio is taken round by round, and its median is the figure
(<= 4). A message is one ``POST /Messages`` with a StatusCallback and the two callbacks that follow, ``sent`` and
``delivered``.

Run: python benchmarks/bench_emulator.py [--messages 2000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import http.client
import json
import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlencode, urlsplit

PATH = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"
SENDER = "+14155550100"
CUSTOMER = "+34600000001"


def _serve_cpu(pipe: Connection) -> None:
    """Answer each question of the driver with the CPU seconds of this process; end when told so."""
    while pipe.recv() == "cpu":
        pipe.send(time.process_time())


def run_emulator(pipe: Connection) -> None:
    from wa_omnichannel.emulator import Emulator

    with Emulator(delay=0.0) as twilio:
        twilio.add_number(SENDER)
        twilio.customer(CUSTOMER, "Ana", SENDER).calls()
        pipe.send(twilio.base_url)
        _serve_cpu(pipe)


def run_floor(pipe: Connection) -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def answer(_request: Request) -> JSONResponse:
        return JSONResponse({"sid": "SM0", "status": "queued"}, 201)

    app = Starlette(routes=[Route(PATH, answer, methods=["POST"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    pipe.send(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    _serve_cpu(pipe)


class _Receiver(asyncio.Protocol):
    """Answers 204 to each request and counts them."""

    count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.data = b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        while b"\r\n\r\n" in self.data:
            head, _, rest = self.data.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self.data = rest[length:]
            type(self).count += 1
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def run_receiver(pipe: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Receiver, "127.0.0.1", 0)
        pipe.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        while await asyncio.to_thread(pipe.recv) == "cpu":
            pipe.send(_Receiver.count)
        server.close()

    asyncio.run(main())


class Child:
    """A process that answers questions over a pipe."""

    def __init__(self, target: Callable[[Connection], None]) -> None:
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(target=target, args=(other,), daemon=True)
        self.process.start()
        self.url = str(self.pipe.recv())

    def ask(self) -> float:
        """Return what the process counts: CPU seconds, or requests."""
        self.pipe.send("cpu")
        return float(self.pipe.recv())

    def stop(self) -> None:
        """End the process."""
        self.pipe.send("stop")
        self.process.join(10)


def send(url: str, callback: str, messages: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    login = base64.b64encode(b"AC00000000000000000000000000000000:emulator-auth-token").decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {login}"}
    for number in range(messages):
        form = {
            "From": f"whatsapp:{SENDER}",
            "To": f"whatsapp:{CUSTOMER}",
            "Body": f"Hola, su pedido {number} ya está listo.",
            "StatusCallback": f"{callback}/status?id={number}",
        }
        connection.request("POST", PATH, urlencode(form), headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 201, body
    connection.close()


def cpu_per_message(server: Child, receiver: Child, messages: int, callbacks: int) -> float:
    """Return the server's CPU in microseconds per message."""
    cpu, count = server.ask(), receiver.ask()
    send(server.url, receiver.url, messages)
    while receiver.ask() - count < callbacks * messages:
        time.sleep(0.02)
    return (server.ask() - cpu) / messages * 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    receiver, floor, emulator = Child(run_receiver), Child(run_floor), Child(run_emulator)
    rounds = [
        (cpu_per_message(floor, receiver, chosen.messages, 0), cpu_per_message(emulator, receiver, chosen.messages, 2))
        for _ in range(chosen.rounds + 1)
    ][1:]
    print(
        json.dumps(
            {
                "case": "emulator_message_with_callbacks",
                "floor_us": round(statistics.median(floor for floor, _ in rounds), 1),
                "emulator_us": round(statistics.median(emulator for _, emulator in rounds), 1),
                "ratio": round(statistics.median(emulator / floor for floor, emulator in rounds), 2),
                "rounds": chosen.rounds,
                "messages": chosen.messages,
            }
        )
    )
    for child in (receiver, floor, emulator):
        child.stop()


if __name__ == "__main__":
    main()
