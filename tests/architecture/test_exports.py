"""What `wa_omnichannel` promises to export is what it exports."""

import subprocess
import sys

import wa_omnichannel

EXPORTED: tuple[str, ...] = tuple(getattr(wa_omnichannel, "__all__", ()))
ONE_FRESH_PROCESS = """
import importlib, sys
for name in sys.argv[1:]:
    for module in [m for m in sys.modules if m.split(".")[0] == "wa_omnichannel"]:
        del sys.modules[module]
    getattr(importlib.import_module("wa_omnichannel"), name)
"""


def test_all_is_unique_and_sorted() -> None:
    assert list(EXPORTED) == sorted(set(EXPORTED))


def test_every_name_in_all_can_be_imported() -> None:
    assert not [name for name in EXPORTED if not hasattr(wa_omnichannel, name)]


def test_nothing_public_is_missing_in_all() -> None:
    public = {name for name in dir(wa_omnichannel) if not name.startswith("_")}
    modules = {name for name in public if f"wa_omnichannel.{name}" in sys.modules}
    assert public - modules - {"annotations", "TYPE_CHECKING"} <= set(EXPORTED)
    assert set(EXPORTED) <= public


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(wa_omnichannel, "no_such_name")


def test_no_lazy_export_depends_on_another() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ONE_FRESH_PROCESS, *EXPORTED],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
