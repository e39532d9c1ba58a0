"""What an import costs: the package and its pure rules load nothing heavy."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "asyncio",
    "anyio",
    "cryptography",
    "dateutil.parser",
    "django",
    "fastapi",
    "flask",
    "hypothesis",
    "logging",
    "nats",
    "psycopg",
    "pydantic",
    "pytest",
    "requests",
    "sqlalchemy",
    "sqlite3",
    "starlette",
    "twilio",
    "urllib.request",
    "uvicorn",
    "wa_omnichannel.adapters",
    "wa_omnichannel.emulator",
    "wa_omnichannel.integrations",
    "yaml",
}
PROBE = "import sys, json, {module}; print(json.dumps(sorted(sys.modules)))"


def loaded_by(module: str) -> set[str]:
    """Import *module* in a fresh interpreter and return what is loaded then."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROBE.format(module=module)], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("module", ["wa_omnichannel", "wa_omnichannel.session"])
def test_import_loads_nothing_heavy(module: str) -> None:
    assert not loaded_by(module) & (HEAVY - loaded_by("sys"))
