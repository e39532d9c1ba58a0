"""The ClamAV scanner against the real daemon, with a signature of our own, and against daemons that misbehave."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from wa_omnichannel.adapters.scanning import AsyncClamdScanner, ClamdScanner
from wa_omnichannel.attachments import Clean, Infected, ScanResult, Unavailable
from wa_omnichannel.ports import AsyncScanner, Scanner

MALWARE = b"this-is-our-malware"
LIMIT = 2 * 1024 * 1024
Address = Path | tuple[str, int]

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Address]]:
    """Start a real daemon that knows one signature; give its addresses."""
    program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("clamd is not installed (Debian package clamav-daemon)")
    folder = tmp_path_factory.mktemp("clamd")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "ours.ndb").write_text(f"Ours:0:*:{MALWARE.hex()}\n")
    settings = {
        "DatabaseDirectory": folder,
        "LocalSocket": folder / "socket",
        "TCPAddr": "127.0.0.1",
        "TCPSocket": port,
        "StreamMaxLength": LIMIT,
        "Foreground": "yes",
    }
    (folder / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    command = [program, "--config-file", str(folder / "clamd.conf")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as daemon:
        assert daemon.stdout is not None
        said = []
        for line in daemon.stdout:
            said.append(line)
            if line.startswith("Self checking"):
                break
        else:
            pytest.fail(f"clamd did not start: {''.join(said)}")
        try:
            yield {"socket": folder / "socket", "port": ("127.0.0.1", port)}
        finally:
            daemon.terminate()


async def _stream(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


class Both:
    """Scans in both colours and insists that they agree, except on the words for what went wrong."""

    async def __call__(self, address: Address, *chunks: bytes, seconds: float = 20) -> ScanResult:
        timeout = timedelta(seconds=seconds)
        blocking = ClamdScanner(address, timeout=timeout).scan(iter(chunks))
        waited = await AsyncClamdScanner(address, timeout=timeout).scan(_stream(list(chunks)))
        assert waited == blocking or {type(waited), type(blocking)} == {Unavailable}
        return blocking


scan = Both()


@pytest.mark.parametrize("by", ["socket", "port"])
@pytest.mark.service("clamd")
async def test_the_real_daemon_tells_clean_from_infected(clamd: dict[str, Address], by: str) -> None:
    address = clamd[by]
    assert await scan(address, b"a harmless text") == Clean()
    assert await scan(address, b"before " + MALWARE + b" behind") == Infected("Ours.UNOFFICIAL")


@pytest.mark.service("clamd")
async def test_a_signature_across_chunks_is_found(clamd: dict[str, Address]) -> None:
    chunks = (b"x" * 65_530, b"", MALWARE[:5], MALWARE[5:], b"y" * 70_000)
    assert await scan(clamd["socket"], *chunks) == Infected("Ours.UNOFFICIAL")


@pytest.mark.service("clamd")
async def test_an_empty_file_is_clean_for_the_scanner(clamd: dict[str, Address]) -> None:
    assert await scan(clamd["socket"]) == Clean()


@pytest.mark.service("clamd")
async def test_a_file_that_the_daemon_does_not_take_is_not_clean(clamd: dict[str, Address]) -> None:
    found = await scan(clamd["socket"], *([b"z" * 65_536] * (LIMIT // 65_536 + 64)))
    assert isinstance(found, Unavailable)


async def test_a_daemon_that_is_gone_makes_nothing_clean(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert isinstance(await scan(("127.0.0.1", port), b"x"), Unavailable)
    assert isinstance(await scan(tmp_path / "nobody", b"x"), Unavailable)


@contextlib.contextmanager
def answering(answer: bytes | None) -> Iterator[tuple[str, int]]:
    """Serve connections that get *answer* at once and are closed, or, with None, never get any."""
    connections: list[socket.socket] = []

    def serve(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                if answer is None:
                    connections.append(connection)
                    continue
                with connection, contextlib.suppress(OSError):
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65_536):
                        pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        try:
            yield server.getsockname()
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in connections:
                connection.close()


async def test_a_slow_daemon_is_given_up_in_time() -> None:
    with answering(None) as address:
        assert await scan(address, b"x", seconds=0.05) == Unavailable("TimeoutError")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"OK\0",
        b"stream: ok\0",
        b"stream: OK FOUND?\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"\xff\xfe\0",
        b"x" * 9000,
    ],
)
async def test_only_a_clear_ok_is_clean(answer: bytes) -> None:
    with answering(answer) as address:
        assert isinstance(await scan(address, b"x"), Unavailable)


async def test_an_answer_in_pieces_is_read_to_its_end() -> None:
    """The rest is written after the scanner had the first piece: both live in one event loop."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"stream: ")
        await reader.readuntil(b"\0\0\0\0")
        writer.write(b"OK\0")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        address = server.sockets[0].getsockname()
        assert await AsyncClamdScanner(address).scan(_stream([b"x"])) == Clean()
        assert await asyncio.to_thread(ClamdScanner(address).scan, iter([b"x"])) == Clean()


async def test_a_file_over_the_daemons_own_limits_is_not_called_infected() -> None:
    with answering(b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0") as address:
        assert await scan(address, b"x") == Unavailable("Heuristics.Limits.Exceeded.MaxFileSize")


def test_both_are_scanners() -> None:
    assert isinstance(ClamdScanner(), Scanner)
    assert isinstance(AsyncClamdScanner(), AsyncScanner)
