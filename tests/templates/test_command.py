"""``wa-omnichannel templates lint``: what it prints, and the exit status that a pipeline looks at."""

import json
from pathlib import Path

import pytest

from wa_omnichannel.cli import main

GOOD = '{"templates": [{"name": "hola", "default_language": "es", "text": "Hola a todos"}]}'
WARNED = GOOD.replace("a todos", "con descuento")
BAD = GOOD.replace("Hola a", "{{1}} a")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"good.json": GOOD, "warned.json": WARNED, "bad.json": BAD}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("names", "flags", "status"),
    [
        (["good"], [], 0),
        (["warned"], [], 0),
        (["warned"], ["--strict"], 1),
        (["bad"], [], 1),
        (["good", "bad", "warned"], [], 1),
        (["gone"], [], 1),
    ],
)
def test_the_exit_status_tells_whether_there_is_an_error(
    folder: Path, names: list[str], flags: list[str], status: int
) -> None:
    assert main(["templates", "lint", *flags, *(str(folder / f"{name}.json") for name in names)]) == status


def test_the_text_names_file_code_field_sentence_and_fix(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "bad.json"
    main(["templates", "lint", str(path), "--language", "es"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"{path}: error variable_at_start [templates.0.text]: "
        "El cuerpo empieza con la variable 1. Ponga palabras delante."
    )
    assert lines[-1] == "errors: 3, warnings: 0, hints: 0"


def test_json_holds_everything_of_every_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["templates", "lint", str(folder / "bad.json"), str(folder / "good.json"), "--format", "json"])
    first, *_ = json.loads(capsys.readouterr().out)
    assert first == {
        "file": str(folder / "bad.json"),
        "line": None,
        "column": None,
        "severity": "error",
        "code": "variable_at_start",
        "template": "hola",
        "field": "templates.0.text",
        "offset": 0,
        "facts": {"variable": "1"},
        "message": "The body begins with the variable 1.",
        "fix": "Put words before it.",
    }


def test_annotations_for_reviews_have_line_and_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("templates:\n  - {name: hola, default_language: es, text: Hoy 20 % off}\n", encoding="utf-8")
    assert main(["templates", "lint", str(path), "--format", "github"]) == 0
    assert capsys.readouterr().out.startswith(
        f"::warning file={path},line=2,col=50,title=category_promotional::'20 %25 off' in a template"
    )
