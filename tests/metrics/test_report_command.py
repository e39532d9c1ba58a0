"""``wa-omnichannel report`` on a real store: tables, CSV, JSON, charts."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.cli import main
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import DeliveryStatus, Inbound, StatusReport, TemplateMessage, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.workforce import Agent


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A day at the shop: one customer is served after 40 seconds, and another gives up."""
    path = tmp_path / "shop.sqlite"
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    with SqliteStore(path) as kept:
        desk = Omnichannel(shop(), store=kept, transport=provider, clock=clock)
        desk.put_agent(Agent("bea", "Bea", frozenset({"all"}), capacity=0))
        for number, customer in enumerate((ANA, Address("+34600000002"))):
            desk.receive(provider.webhook(Inbound(f"SM{number}", NUMBER, (customer,), Text("Hola"))))
        first, second = sorted(desk.conversations(), key=lambda listing: listing.name)
        clock.set(NOW + timedelta(seconds=40))
        desk.accept(first.conversation.id, "bea")
        clock.set(NOW + timedelta(seconds=60))
        desk.reply(first.conversation.id, Text("Buenas"), agent="bea")
        sent = desk.send(NUMBER, ANA, TemplateMessage("order_ready", {"1": "Ana"}))
        assert sent.status is DeliveryStatus.QUEUED
        desk.receive(provider.webhook(StatusReport(sent.sid or "", "read")))
        desk.close(second.conversation.id)
        desk.end(first.conversation.id, agent="bea")
        clock.set(NOW + timedelta(seconds=100))
        desk.close(first.conversation.id, agent="bea")
    return str(path)


def rows(path: Path, table: str) -> dict[tuple[str, str], str]:
    with path.open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.reader(file) if row[0] == table]
    return {(row[1], row[2]): row[3] for row in found}


def test_tables_csv_and_json(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ["--csv", str(tmp_path / "r.csv"), "--json", str(tmp_path / "r.json"), "--short-abandoned", "120"]
    assert main(["report", "--store", store, "--until", "2026-05-02T00:00:00Z", *wanted]) == 0
    shown = capsys.readouterr().out
    assert "all queues\nfigure" in shown
    assert "order_ready  es" in shown
    figures = rows(tmp_path / "r.csv", "all queues")
    assert figures["speed_to_answer", "all"] == "40.0"
    assert figures["service_level", "40 s"] == "1.0"
    assert figures["service_level", "30 s"] == "0.0"
    assert figures["abandon_rate", "of_incoming"] == "0.5"
    assert figures["abandoned", "short"] == "1"
    assert figures["handle_time", ""] == "60.0"
    assert figures["first_response_time", ""] == "60.0"
    assert figures["abandon_rate", "of_escalated"] == ""
    told = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert told["templates"] == [
        {"template": "order_ready", "language": "es", "accepted": 1, "sent": 1, "delivered": 1, "read": 1, "failed": 0}
    ]


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_charts(store: str, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("matplotlib")
    assert main(["report", "--store", store, "--charts", str(tmp_path / "charts"), "--chart-format", kind]) == 0
    files = sorted((tmp_path / "charts").iterdir())
    assert [each.stem for each in files] == ["service-level", "templates", "waiting-time", "windows"]
    for each in files:
        if kind == "svg":
            assert ET.parse(each).getroot().tag.endswith("svg")
        else:
            assert each.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], "2"),
        (["--since", "2026-05-01T14:00:00+02:00"], "2"),
        (["--since", "2026-05-01T12:00:01"], "0"),
        (["--until", "2026-05-01T12:00:00"], "0"),
        (["--queue", "all"], "2"),
        (["--queue", "billing"], "0"),
    ],
)
def test_a_stretch_of_time_and_a_queue(store: str, tmp_path: Path, options: list[str], count: str) -> None:
    path = tmp_path / "r.csv"
    assert main(["report", "--store", store, "--csv", str(path), *options]) == 0
    assert rows(path, "all queues")["conversations", ""] == count


@pytest.mark.parametrize("options", [["--store", "nowhere.sqlite"], ["--since", "yesterday"]])
def test_what_cannot_be_read_is_said(store: str, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A store that is not there is not made."""
    assert main(["report", "--store", store, *options]) == 2
    assert options[0] in capsys.readouterr().err
    assert not Path("nowhere.sqlite").exists()


def test_without_the_extra_it_is_said_what_to_install(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    assert main(["report", "--store", store, "--charts", str(tmp_path / "x")]) == 2
    assert "wa-omnichannel[charts]" in capsys.readouterr().err
