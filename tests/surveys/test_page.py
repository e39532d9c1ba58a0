"""The page behind a survey link: over real HTTP, in both colours, and in a real browser."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import urllib.parse
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from tests.support.desk import PUBLIC, Desk
from tests.support.shop import NUMBER, shop

from wa_omnichannel.adapters.memory import AsyncMemoryStore
from wa_omnichannel.errors import StoreUnavailable
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.links import PersonalLinks
from wa_omnichannel.integrations.server import serving
from wa_omnichannel.integrations.survey_page import EXPIRED, HEADERS, NO_LINK, TEXTS, TROUBLE
from wa_omnichannel.messages import Text
from wa_omnichannel.omnichannel import AsyncOmnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.surveys import Answers, Scale, Survey, SurveySettings
from wa_omnichannel.webhooks import MAX_BODY

EVERYTHING = Survey("after", (Scale.CSAT, Scale.NPS, Scale.CES))


def asking(language: str = "es") -> Rules:
    rules = shop()
    settings = SurveySettings(EVERYTHING)
    numbers = [
        attrs.evolve(number, survey=settings, language=language) if number.number == NUMBER else number
        for number in rules.numbers
    ]
    return attrs.evolve(rules, numbers=numbers)


def closed(language: str = "es") -> tuple[Desk, str]:
    """Return a channel in which a conversation was closed, and the path of the link that the customer got."""
    desk = Desk(asking(language))
    desk.hears("IN1")
    desk.accept(desk.latest().id, "ana")
    desk.close(desk.latest().id, agent="ana")
    desk.tick()
    content = desk.provider.arrived[-1].outgoing.content
    assert isinstance(content, Text)
    return desk, content.body.rpartition(" ")[2].removeprefix(PUBLIC)


def awaiting(desk: Desk) -> AsyncOmnichannel:
    """Return the other colour over the same rows."""
    store = AsyncMemoryStore(desk.memory)
    return AsyncOmnichannel(
        desk.rules, store=store, transport=None, clock=desk.clock, survey_links=desk._outside.survey_links
    )


@contextlib.contextmanager
def served(channel: Desk | AsyncOmnichannel) -> Generator[httpx.Client]:
    """Serve the page over HTTP on loopback."""
    with serving(WebhookApp(channel, every=None)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("language", ["en", "es", "pt", "fr"])
def test_sur_7_the_form_is_in_the_one_language_of_the_number(language: str) -> None:
    """A language that we do not speak gets English."""
    desk, path = closed(language)
    with served(desk) as client:
        answer = client.get(path)
    spoken = language if language in TEXTS["title"] else "en"
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<html lang={spoken}>" in answer.text
    for key in ("title", "csat", "nps", "ces", "comment", "send"):
        assert TEXTS[key][spoken] in answer.text
    assert {name: answer.headers[name] for name, _ in HEADERS} == dict(HEADERS)


@pytest.mark.parametrize("colour", [lambda desk: desk, awaiting], ids=["blocking", "awaiting"])
def test_looking_changes_nothing_and_answers_are_taken_once(colour: Callable[[Desk], Any]) -> None:
    desk, path = closed()
    with served(colour(desk)) as client:
        assert client.head(path).status_code == client.get(path).status_code == 200
        assert desk.survey_answers(desk.latest().id) is None
        first = client.post(path, data={"csat": "5", "nps": "10", "comment": "Muy <b>amables</b>\r\n¡gracias!"})
        assert (first.status_code, TEXTS["thanks"]["es"] in first.text) == (200, True)
        second = client.post(path, data={"csat": "1"})
        assert (second.status_code, TEXTS["answered"]["es"] in second.text) == (409, True)
        assert TEXTS["answered"]["es"] in client.get(path).text
    kept = Answers({"csat": 5, "nps": 10}, "Muy <b>amables</b>\n¡gracias!")
    assert desk.survey_answers(desk.latest().id) == kept


@pytest.mark.parametrize(
    "body",
    [
        b"csat=6",
        b"csat=&nps=",
        b"",
        b"other=1",
        b"csat=%FF",
        b"csat=1&csat=9",
        b"comment=" + b"x" * 3000,
        b"&".join(b"a%d=1" % n for n in range(50)),
        b"comment=" + b"x" * (MAX_BODY + 1),
    ],
)
def test_answers_that_do_not_fit_show_the_form_again_and_change_nothing(body: bytes) -> None:
    desk, path = closed()
    with served(desk) as client:
        answer = client.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 400
    assert TEXTS["again"]["es"] in answer.text
    assert desk.survey_answers(desk.latest().id) is None


def test_expired_forged_and_foreign_links_show_a_plain_page_and_change_nothing() -> None:
    desk, path = closed()
    invitation = desk._outside.survey_links.read(path, desk.clock.now())  # type: ignore[union-attr]
    foreign = PersonalLinks(PUBLIC, [b"the secret of another shop"]).url(invitation).removeprefix(PUBLIC)
    before = len(desk.events(limit=1000))
    with served(desk) as client:
        for wrong in (foreign, path[:-2] + "xx", path + "x", "/survey/", "/survey/%3Cscript%3E"):
            for answer in (client.get(wrong), client.post(wrong, data={"csat": "5"})):
                assert (answer.status_code, NO_LINK in answer.text) == (404, True)
                assert "<form" not in answer.text
                assert "script" not in answer.text
        assert client.delete(path).status_code == 404
        desk.clock.advance(timedelta(days=8))
        for answer in (client.get(path), client.post(path, data={"csat": "5"})):
            assert (answer.status_code, EXPIRED in answer.text) == (410, True)
    assert len(desk.events(limit=1000)) == before
    assert desk.survey_answers(desk.latest().id) is None


def test_a_store_that_is_away_is_no_reason_for_a_broken_page(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, path = closed()

    def away(*_: object) -> Any:
        raise StoreUnavailable("planted")

    monkeypatch.setattr(desk, "survey", away)
    with served(desk) as client:
        answer = client.get(path)
    assert (answer.status_code, TROUBLE in answer.text) == (503, True)


# --- a browser ---------------------------------------------------------------------------------------------

_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


@attrs.frozen
class Browser:
    """A Chromium that is remote-controlled as the WebDriver standard says."""

    client: httpx.Client
    session: str

    def call(self, path: str, **body: object) -> Any:
        answer = self.client.post(f"/session/{self.session}{path}", json=body)
        answer.raise_for_status()
        return answer.json()["value"]

    def find(self, selector: str) -> str:
        found: str = self.call("/element", using="css selector", value=selector)[_ELEMENT]
        return found

    def click(self, selector: str) -> None:
        self.call(f"/element/{self.find(selector)}/click")

    def shows(self, text: str) -> bool:
        """Wait until the page says so; the call fails if it never does."""
        return bool(self.call("/element", using="xpath", value=f"//*[contains(text(), '{text}')]"))


@pytest.fixture
def browser(tmp_path: Path) -> Generator[Browser]:
    driver, program = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or program is None:
        pytest.skip("chromium and chromedriver are not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {"binary": program, "args": [*_QUIET, f"--user-data-dir={tmp_path}"]}
    with subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            while b"successfully" not in process.stdout.readline():
                assert process.poll() is None
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
                wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
                session = client.post("/session", json=wanted).json()["value"]["sessionId"]
                try:
                    browser = Browser(client, session)
                    browser.call("/timeouts", implicit=20_000)
                    yield browser
                finally:
                    client.delete(f"/session/{session}")
        finally:
            process.terminate()


@pytest.mark.service("chromium")
def test_a_customer_answers_in_a_browser(browser: Browser) -> None:
    desk, path = closed()
    with serving(WebhookApp(desk, every=None)) as url:
        browser.call("/url", url=url + path)
        assert browser.shows(TEXTS["title"]["es"])
        browser.click("input[name=csat][value='4']")
        browser.click("input[name=nps][value='0']")
        comment = browser.find("textarea")
        browser.call(f"/element/{comment}/value", text="Tardó 2 días & volvió")
        browser.click("button")
        assert browser.shows(TEXTS["thanks"]["es"])
        browser.call("/url", url=url + path)
        assert browser.shows(TEXTS["answered"]["es"])
        browser.call("/url", url=url + urllib.parse.quote(path[:-3]))
        assert browser.shows(NO_LINK)
    assert desk.survey_answers(desk.latest().id) == Answers({"csat": 4, "nps": 0}, "Tardó 2 días & volvió")
