"""A channel that reads its templates from the local Twilio, in both colours: linked, approved, paused, gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from tests.support.shop import shop
from tests.twilio.conftest import ACCOUNT, ANA, NUMBER, PUBLIC, TOKEN

from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, TwilioTransport, contents
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.errors import Refused, TransportUnavailable
from wa_omnichannel.messages import TemplateMessage
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.templates import Approval, Category, Translation, Variable
from wa_omnichannel.templates.linking import define

TEXT = "Hola {{1}}, su pedido está listo para recoger."
HOLA = Translation("es", TEXT, declared=(Variable("1", sample="Ana"),))
MESSAGE = TemplateMessage("pedido", {"1": "Ana"})


@pytest.fixture(params=["blocking", "coroutines"])
def run(request: pytest.FixtureRequest) -> Iterator[Callable[[Any], Any]]:
    """Wait for what a channel of the other colour returns."""
    if request.param == "blocking":
        yield lambda answer: answer
        return
    with asyncio.Runner() as runner:
        yield lambda answer: runner.run(_awaited(answer))


async def _awaited(answer: Any) -> Any:
    return await answer


@pytest.fixture
def desk(run: Callable[[Any], Any], request: pytest.FixtureRequest, twilio: Emulator) -> Iterator[Any]:
    rules = attrs.evolve(shop(), templates=[define("pedido", "es", TEXT)])
    settings: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": twilio.base_url}
    if request.node.callspec.params["run"] == "blocking":
        with TwilioTransport(public_url=PUBLIC, **settings) as blocking:
            yield Omnichannel(rules, store=MemoryStore(), transport=blocking, templates=blocking)
        return
    waiting = AsyncTwilioTransport(public_url=PUBLIC, **settings)
    yield AsyncOmnichannel(rules, store=AsyncMemoryStore(), transport=waiting, templates=waiting)
    run(waiting.aclose())


@pytest.fixture
def sid(twilio: Emulator) -> str:
    """A content with the text of our template, approved."""
    twilio.configure(reviews=False)
    settings: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": twilio.base_url}
    with TwilioTransport(public_url=PUBLIC, **settings) as transport:
        made: str = transport.api.run(contents.create("whatever", HOLA))
        transport.api.run(contents.submit(made, "pedido", Category.UTILITY))
    twilio.review_template(made)
    return made


def test_a_template_is_found_by_its_text_and_sent(
    run: Callable[[Any], Any], desk: Any, twilio: Emulator, sid: str
) -> None:
    """TPL-5: the content SID is found by text, variables and language; until then nothing is sent (TPL-2)."""
    with pytest.raises(Refused):
        run(desk.send(NUMBER, ANA, MESSAGE))
    assert not [each for each in twilio.requests if each.method == "POST" and "/Messages" in each.path]
    synced = run(desk.sync_templates())
    assert {change.code for change in synced.changes} >= {"template_link_changed", "template_approval_changed"}
    message = run(desk.send(NUMBER, ANA, MESSAGE))
    assert dict(twilio.requests[-1].form)["ContentSid"] == sid
    assert message.sid


@pytest.mark.parametrize("status", ["paused", "disabled", "rejected"])
def test_what_the_provider_takes_back_is_not_sent(
    run: Callable[[Any], Any], desk: Any, twilio: Emulator, sid: str, status: str
) -> None:
    """TPL-2 and TPL-4: the provider's word decides, whatever was known before."""
    run(desk.sync_templates())
    twilio.set_template_status(sid, status)
    (change,) = run(desk.sync_templates()).changes
    assert (change.code, change.before, change.after) == ("template_approval_changed", "approved", status)
    with pytest.raises(Refused):
        run(desk.send(NUMBER, ANA, MESSAGE))


def test_a_content_that_is_gone_counts_as_deleted(
    run: Callable[[Any], Any], desk: Any, twilio: Emulator, sid: str
) -> None:
    run(desk.sync_templates())
    template = twilio.world.template(sid)
    assert template is not None
    twilio.world.remove_template(template)
    run(desk.sync_templates())
    (mine,) = run(desk.templates())
    assert mine.translations[0].approval.state is Approval.DELETED


def test_a_provider_that_is_away_changes_nothing(
    run: Callable[[Any], Any], desk: Any, twilio: Emulator, sid: str
) -> None:
    run(desk.sync_templates())
    before = run(desk.templates())
    twilio.faults.fail_next(503, method="GET")
    with pytest.raises(TransportUnavailable):
        run(desk.sync_templates())
    assert run(desk.templates()) == before
