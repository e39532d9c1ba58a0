"""Nothing in the repository names a machine, a local path, a package registry or a real account."""

import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = {"build", "dist", "site", "__pycache__"}
# Dot-folders that are part of the repository; all others (.git, .venv, caches) are local.
OUR_DOT_FOLDERS = {".ci", ".github"}
# Top folders of a machine that ordinary text may name.
COMMON = {"bin", "dev", "etc", "media", "opt", "proc", "srv", "tmp", "usr", "var"}

HOME = re.compile(r"(?<![\w.*])/(?:home|root|Users)/[\w.]|[A-Z]:\\Users\\")
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmjs\.com|--(?:extra-)?index-url\b")
ACCOUNT = re.compile(r"\b(?:AC|SK)([0-9a-f]{32})\b")
SECRET = re.compile(r"""(?i)(?:token|secret|password)["']?\s*[:=]+\s*["']?([0-9a-f]{32})\b""")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def committed() -> Iterator[Path]:
    """Yield the text files of the repository, without asking git (an unpacked archive has none)."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in GENERATED
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name in OUR_DOT_FOLDERS)
        ]
        yield from (Path(folder) / name for name in files if Path(folder, name) != Path(__file__))


def texts() -> Iterator[tuple[str, str]]:
    for path in committed():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture or a deliberately broken sample
            continue


TEXTS = dict(texts())


def found(pattern: re.Pattern[str]) -> list[str]:
    return [f"{name}: {match[0]}" for name, text in TEXTS.items() for match in pattern.finditer(text)]


def obviously_fake(digits: str) -> bool:
    """Accept 0000…, 1111…2222 and the like, and the counting sequence."""
    return len(set(digits)) <= 4 or digits == "0123456789abcdef" * 2


def test_there_is_something_to_check() -> None:
    assert {"README.md", "pyproject.toml", "Makefile", ".ci/run"} <= set(TEXTS)


def test_no_home_folders() -> None:
    assert not found(HOME)


def test_no_path_of_this_machine() -> None:
    top = ROOT.parts[1] if len(ROOT.parts) > 2 else ""
    if top and top not in COMMON:
        assert not found(re.compile(rf"(?<![\w.*)}}-])/{re.escape(top)}/"))


def test_no_name_of_this_machine() -> None:
    node = platform.node()
    if len(node) >= 8 and re.search(r"\d", node):
        assert not found(re.compile(rf"\b{re.escape(node)}\b"))


def test_no_package_registry() -> None:
    assert not found(REGISTRY)


def test_constraints_are_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!-]+(?: ; .+)?", line)]
    assert not [line for line in lines if "://" in line or "@" in line]


def test_no_account_that_could_be_real() -> None:
    assert not [
        f"{name}: {match[0]}"
        for name, text in TEXTS.items()
        for match in ACCOUNT.finditer(text)
        if not obviously_fake(match[1])
    ]


def test_no_secret_that_could_be_real() -> None:
    assert not [name for name, text in TEXTS.items() for match in SECRET.finditer(text) if not obviously_fake(match[1])]
    assert not found(PRIVATE_KEY)
