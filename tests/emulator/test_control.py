"""The control API, and the emulator used from another process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from twilio.rest import Client  # type: ignore[import-untyped]

from wa_omnichannel.cli import main
from wa_omnichannel.emulator import (
    DEFAULT_ACCOUNT_SID,
    DEFAULT_AUTH_TOKEN,
    Account,
    Delivery,
    Limits,
    MessageRecord,
    Template,
    connect,
)
from wa_omnichannel.emulator.control.codec import decode, encode

NUMBER = "+14155550100"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Account]:
    """The emulator as a process of its own, started by the command."""
    command = [sys.executable, "-c", "import sys; from wa_omnichannel.cli import main; sys.exit(main())", "emulator"]
    options = ["--port", "0", "--delay", "0", "--seed", "7"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, sid, token = process.stdout.readline().split()
        yield connect(url, sid, token)
        process.terminate()
        process.wait(10)


def test_a_story_from_another_process(elsewhere: Account, receiver: Any) -> None:
    """Customers write, read and tap; records come back as values; the clock can be moved."""
    elsewhere.add_number(NUMBER, f"{receiver.url}/inbound")
    ana = elsewhere.customer("+34600000001", "Ana", NUMBER, user_id="ES.1")
    delivery = ana.says("Hola")
    assert isinstance(delivery, Delivery)
    assert delivery.status_code == 200
    assert ana.address == "whatsapp:+34600000001"
    ana.taps("Sí", payload="yes")
    assert receiver.forms("/inbound")[-1]["ButtonPayload"] == "yes"
    client = Client(elsewhere.account_sid, elsewhere.auth_token)
    client.api.base_url = elsewhere.base_url
    sid = client.messages.create(from_=f"whatsapp:{NUMBER}", to=ana.address, body="Hi").sid
    client.http_client.session.close()
    assert ana.reads(sid).statuses == ("queued", "sent", "delivered", "read")
    (record,) = ana.received
    assert isinstance(record, MessageRecord)
    assert record == elsewhere.message(sid) == elsewhere.messages[-1]
    ana.sends_media(b"\x00\xff", "image/png")
    assert elsewhere.messages[-1].media_bytes == b"\x00\xff"
    before = elsewhere.clock.now()
    assert elsewhere.clock.advance(timedelta(hours=1), minutes=5) - before >= timedelta(minutes=65)
    elsewhere.faults.drop("received")
    assert ana.says("?").attempts == 0
    elsewhere.wait_idle()
    assert elsewhere.requests[-1].method == "POST"
    assert elsewhere.pedido_listo_sid.startswith("HX")


def test_values_travel(elsewhere: Account) -> None:
    """Options and templates go there as values and come back equal."""
    elsewhere.configure(limits=Limits(pair_every=timedelta(seconds=6)))
    elsewhere.configure(limits=Limits())
    template = Template(name="menu", language="es", types={"twilio/text": {"body": "¿Qué tal?"}})
    assert elsewhere.add_template(template) == template
    assert elsewhere.set_template_status(template.sid, "paused").status == "paused"


def test_errors_travel(elsewhere: Account) -> None:
    """An error there is an error of the same kind here; what does not exist is an AttributeError."""
    elsewhere.add_number(NUMBER, "http://127.0.0.1:9/")
    with pytest.raises(KeyError, match="SM0"):
        elsewhere.message("SM0")
    with pytest.raises(ValueError, match=r"E\.164"):
        elsewhere.add_number("600")
    with pytest.raises(ValueError, match="negative"):
        elsewhere.clock.advance(seconds=-1)
    with pytest.raises(ValueError, match="utf-8"):  # there a UnicodeEncodeError
        elsewhere.customer("+34600000001", "Ana", NUMBER).says("\ud800")
    with pytest.raises(AttributeError):
        _ = elsewhere.faults.nothing  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="401"):
        _ = connect(elsewhere.base_url, elsewhere.account_sid, "wrong").messages


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("account.messages", 200),
        ("account.world", 404),
        ("account._template", 404),
        ("account.stop", 404),
        ("world.messages", 404),
        ("customer.says", 400),
        ("account", 404),
        ("", 404),
    ],
)
def test_only_what_is_public_can_be_asked(elsewhere: Account, path: str, status: int) -> None:
    """Private names, other objects and missing arguments answer an error, never 500."""
    auth = (DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN)
    answer = requests.post(f"{elsewhere.base_url}/emulator/{path}", auth=auth, timeout=5)
    assert answer.status_code == status


def test_the_openapi_document_is_served(elsewhere: Account) -> None:
    """The document can be had from the server without credentials, and from the command."""
    served = requests.get(f"{elsewhere.base_url}/emulator/openapi.json", timeout=5).json()
    assert served["openapi"] == "3.1.0"
    assert "/v2/Channels/Senders" in served["paths"]


def test_the_command_prints_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    """``--openapi`` prints the document and ends."""
    assert main(["emulator", "--openapi"]) == 0
    assert '"openapi": "3.1.0"' in capsys.readouterr().out


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A script that is not there and a number that is none are reported on one line."""
    assert main(["emulator", "--port", "0", "--script", str(tmp_path / "none.json")]) == 2
    assert main(["emulator", "--port", "0", "--number", "600"]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if not re.fullmatch(r"seed \d+", line)]
    assert [line.startswith("wa-omnichannel emulator: ") for line in lines] == [True, True]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.just(UTC))
    | st.timedeltas(timedelta(0), timedelta(days=1)).map(lambda span: timedelta(seconds=span.seconds)),
    lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text().filter(lambda name: name != "~"), inner),
    max_leaves=10,
)


@given(VALUES)
def test_the_codec_loses_nothing(value: object) -> None:
    """Whatever is encoded decodes to the same value."""
    assert decode(encode(value)) == value


def test_unknown_classes_are_refused() -> None:
    """A tag that names no class of the emulator is an error."""
    with pytest.raises(ValueError, match="no class"):
        decode({"~": "Secret"})
    assert decode(encode(datetime(2026, 1, 1, tzinfo=UTC))) == datetime(2026, 1, 1, tzinfo=UTC)
