"""Fuzzing by two tools that find inputs in their own ways: by coverage, and by the OpenAPI document."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from wa_omnichannel.emulator.rest.app import Application
from wa_omnichannel.emulator.rest.openapi import document
from wa_omnichannel.emulator.state.options import Options
from wa_omnichannel.emulator.state.world import World

schemathesis: Any = pytest.importorskip("schemathesis", reason="make TEST_GROUPS='test fuzz' test")

GOLDEN = Path(__file__).parents[1] / "golden" / "twilio"
RUNS = 5000
ACCOUNT, TOKEN = "AC" + "0" * 32, "token"


@pytest.mark.skipif(sys.platform != "linux", reason="atheris comes for Linux only")
def test_coverage_guided(tmp_path: Path) -> None:
    """Forms, signatures, webhooks and contact cards: nothing but a refusal comes out."""
    for path in GOLDEN.glob("*.json"):
        (tmp_path / path.stem).write_text(json.loads(path.read_text(encoding="utf-8"))["body"], encoding="utf-8")
    script = Path(__file__).parent / "webhooks.py"
    options = [f"-runs={RUNS}", "-seed=1", "-max_len=2000", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(
        [sys.executable, str(script), *options, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr


API: Any = schemathesis.openapi.from_dict(document())
API.app = Application(World(Options(account_sid=ACCOUNT, auth_token=TOKEN)))
LOGIN = {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}


@API.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_by_the_openapi_document(case: Any) -> None:
    """Whatever the document allows or not, the local Twilio never fails, and answers as the document says."""
    answer = case.call(headers=LOGIN)
    assert answer.status_code < 500
