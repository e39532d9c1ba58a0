"""``wa-omnichannel init DIR``: a working application to start from."""

from __future__ import annotations

import argparse
from importlib import resources
from pathlib import Path

from wa_omnichannel.errors import ConfigurationError

HELP = "write a working application: settings, ASGI app, tests, README"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments to the command line."""
    parser.add_argument("folder", metavar="DIR", help="where; it must be empty, or not there yet")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the files and say what to do next."""
    folder = Path(arguments.folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError(f"{folder} is not empty; choose another folder.")
    for name, text in files():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path)
    print(f"\nNext:  cd {folder}  and  python try_it.py")
    return 0


def files() -> list[tuple[str, str]]:
    """Return the name and the text of every file of the application."""
    source = resources.files("wa_omnichannel.cli").joinpath("app_files")
    named = {"wa.yaml": "wa.yaml", "app.py.txt": "app.py", "try_it.py.txt": "try_it.py"}
    named |= {"test_channel.py.txt": "tests/test_channel.py", "README.md": "README.md", "gitignore.txt": ".gitignore"}
    return [(name, source.joinpath(given).read_text("utf-8")) for given, name in named.items()]
