"""Looking after a file: which schema it has, bringing it up to date, checking that it is whole."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

from wa_omnichannel.adapters.sqlite.database import MIGRATIONS, prepare, recognise, translated


class SqliteUpkeep:
    """Upkeep of one file; only :meth:`upgrade` writes."""

    newest = MIGRATIONS[-1].number
    """The schema of this release."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self._path = path

    def version(self) -> int:
        """Return the version of the schema, 0 if there is no file or an empty one.

        Raises:
            SchemaMismatch: The file is not ours, is damaged, or was written by a newer release.
        """
        if not self._path.exists():
            return 0
        with self._reading() as db:
            return recognise(db, self._path)

    def upgrade(self) -> int:
        """Bring the schema up to date and return the version it had; raises as opening the store does."""
        before = self.version()
        prepare(self._path).close()
        return before

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the file: nothing, or SQLite's own findings."""
        if not self.version():
            return (f"There is no store at {self._path}.",)
        with self._reading() as db:
            found = [str(text) for (text,) in db.execute("PRAGMA integrity_check(20)")]
        return () if found == ["ok"] else tuple(found)

    @contextlib.contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        """Open the file so that it cannot be changed."""
        with translated(self._path):
            db = sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True)
            try:
                yield db
            finally:
                db.close()
