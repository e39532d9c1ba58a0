"""Every public type can be made, by our own `of` and by Hypothesis alone."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import wa_omnichannel
from wa_omnichannel.addresses import Address, parse
from wa_omnichannel.routing import Workstream
from wa_omnichannel.session import Window
from wa_omnichannel.testing import strategies as wa
from wa_omnichannel.testing.hypothesis_entry import PUBLIC_MODULES, public_types, register

APART = {"adapters", "cli", "emulator", "integrations", "stores", "testing"}
"""What adds to the library from outside, with values of its own or none."""

ENTRY = """
import hypothesis
from hypothesis import find, strategies as st
from wa_omnichannel.testing.hypothesis_entry import register
register()
import sys
assert "wa_omnichannel.testing.strategies" not in sys.modules
from wa_omnichannel.session import Window
assert find(st.from_type(Window), lambda window: window.last_inbound_at is not None).last_inbound_at.tzinfo
"""


def exported() -> list[type]:
    return [value for name in wa_omnichannel.__all__ if isinstance(value := getattr(wa_omnichannel, name), type)]


def promised() -> list[type]:
    modules = [importlib.import_module(f"wa_omnichannel.{name}") for name in PUBLIC_MODULES]
    return list(dict.fromkeys([*exported(), *(cls for module in modules for cls in public_types(module))]))


def test_no_public_module_is_forgotten() -> None:
    found = {module.name for module in pkgutil.iter_modules(wa_omnichannel.__path__) if not module.name.startswith("_")}
    without_types = {
        name for name in found - APART if not public_types(importlib.import_module(f"wa_omnichannel.{name}"))
    }
    assert found - APART - without_types == set(PUBLIC_MODULES)
    assert len(promised()) > 150


@pytest.mark.parametrize("cls", promised(), ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_public_type_is_buildable(cls: type) -> None:
    @settings(max_examples=5, suppress_health_check=list(HealthCheck))
    @given(st.from_type(cls))
    def made(value: object) -> None:
        if not getattr(cls, "_is_protocol", False) or getattr(cls, "_is_runtime_protocol", False):
            assert isinstance(value, cls)

    made()


@given(...)
def test_a_type_hint_is_enough(window: Window, address: Address, workstream: Workstream) -> None:
    assert parse(address) == address
    assert window.last_inbound_at is None or window.last_inbound_at.tzinfo is not None
    assert workstream.name


@given(wa.built(Window, refuted_at=st.none()))
def test_a_field_can_be_given(window: Window) -> None:
    assert window.refuted_at is None
    assume(window.last_inbound_at)


def test_an_unknown_type_is_said() -> None:
    with pytest.raises(TypeError, match="Nothing is known"):
        wa.of(complex)


def test_hypothesis_is_told_without_loading_the_strategies() -> None:
    done = subprocess.run([sys.executable, "-c", ENTRY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_entry_point_leads_to_what_registers() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"{register.__module__}:{register.__name__}"' in text
