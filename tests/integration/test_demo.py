"""The demonstration plays a true story, and says so only if it is true."""

from __future__ import annotations

import io
import re
import sqlite3
from pathlib import Path

import pytest

from wa_omnichannel.cli import demo, main
from wa_omnichannel.cli.stage import Stage


def test_the_story_is_true_and_fits_80_columns(tmp_path: Path) -> None:
    told = io.StringIO()
    assert demo.run(str(tmp_path), told) == 0
    text = told.getvalue()
    assert "✗" not in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert len(re.findall(r"^\d\. ", text, re.MULTILINE)) == len(demo.SCENES)


def test_the_database_is_left_to_explore(tmp_path: Path) -> None:
    assert demo.run(str(tmp_path), io.StringIO()) == 0
    with sqlite3.connect(tmp_path / "demo.sqlite") as database:
        (messages,) = database.execute("SELECT count(*) FROM message").fetchone()
    database.close()
    assert messages >= 6
    assert any((tmp_path / "files").iterdir())


def test_a_lost_read_callback_makes_the_story_differ() -> None:
    def lose_read(stage: Stage) -> None:
        stage.twilio.faults.drop("read")

    told = io.StringIO()
    assert demo.run(None, told, lose_read) == 1
    assert "✗ and then: read" in told.getvalue()


def test_a_fault_of_the_provider_makes_the_story_differ() -> None:
    def refuse(stage: Stage) -> None:
        stage.twilio.faults.fail_next(400)

    assert demo.run(None, io.StringIO(), refuse) == 1


def test_the_command_line_names_its_commands(capsys) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    assert "demo" in capsys.readouterr().out
