"""What an observer sees, in both colours: every use case and every call, and nothing about anybody."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from wa_omnichannel import (
    AsyncOmnichannel,
    Number,
    Omnichannel,
    Queue,
    Refused,
    Rules,
    Text,
    WebhookRequest,
    Workstream,
)
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.telemetry import Telemetry
from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, TwilioTransport

pytestmark = pytest.mark.anyio

NUMBER = "+14155550100"
ANA = "+34600000001"
ACCOUNT = "AC" + "0" * 32
TOKEN = "a token for tests"
PUBLIC = "https://shop.example/wa"
RULES = Rules([Number(NUMBER, "Shop", "support")], [Workstream("support", "general")], [Queue("general")])
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there, so nothing that is sent arrives."""


class Watched:
    """A channel of either colour, and what was seen of it."""

    def __init__(self, colour: str) -> None:
        self.spans, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.spans))
        watch = Telemetry(provider, MeterProvider([self.reader]))
        settings: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": PUBLIC}
        settings["base_url"] = NOWHERE
        self.desk: Any
        if colour == "blocking":
            self.transport: Any = TwilioTransport(**settings)
            self.desk = Omnichannel(RULES, store=MemoryStore(), transport=self.transport, observer=watch)
        else:
            self.transport = AsyncTwilioTransport(**settings)
            self.desk = AsyncOmnichannel(RULES, store=AsyncMemoryStore(), transport=self.transport, observer=watch)

    async def ask(self, method: str, *arguments: Any) -> Any:
        answer = getattr(self.desk, method)(*arguments)
        return await answer if inspect.isawaitable(answer) else answer

    async def receive(self, signed: Any, path: str = "/inbound", query: str = "") -> Any:
        return await self.ask("receive", WebhookRequest(signed.body, tuple(signed.headers.items()), path, query))

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans.get_finished_spans() if span.name == name]


@pytest.fixture(params=["blocking", "coroutines"])
async def watched(request: pytest.FixtureRequest) -> AsyncIterator[Watched]:
    found = Watched(request.param)
    yield found
    if request.param == "blocking":
        found.transport.close()
    else:
        await found.transport.aclose()


async def test_a_webhook_is_one_span_with_its_calls_below(watched: Watched, sign: Any) -> None:
    assert (await watched.receive(sign.message())).status == 200
    (flow,) = watched.named("wa.receive")
    commits = watched.named("wa.receive.commit")
    assert commits
    assert all(span.parent.span_id == flow.context.span_id for span in commits)
    assert commits[0].attributes["wa.rows"] > 0


async def test_a_message_can_be_followed_from_its_sending_to_its_callback(watched: Watched, sign: Any) -> None:
    await watched.receive(sign.message())
    sent = await watched.ask("send", NUMBER, ANA, Text("Hola, Ana"))
    (posted,) = watched.named("wa.start.send")
    assert posted.attributes["wa.message"] == sent.id
    watched.spans.clear()
    form = {"MessageSid": "SM" + "2" * 32, "MessageStatus": "read", "AccountSid": ACCOUNT}
    url = f"{PUBLIC}/status?m={sent.id}"
    assert (await watched.receive(sign.form(form, url), "/status", f"m={sent.id}")).status == 200
    assert sent.id in {(span.attributes or {}).get("wa.message") for span in watched.spans.get_finished_spans()}


async def test_a_refusal_is_told_by_its_reason(watched: Watched, sign: Any) -> None:
    with pytest.raises(Refused):
        await watched.ask("send", NUMBER, ANA, Text("Hola"))
    (flow,) = watched.named("wa.start")
    assert flow.attributes["error.type"] == "window_never_opened"


async def test_durations_are_measured_by_use_case_and_step(watched: Watched, sign: Any) -> None:
    await watched.receive(sign.message())
    data: Any = watched.reader.get_metrics_data()
    (scope,) = data.resource_metrics[0].scope_metrics
    points = {
        (metric.name, point.attributes["wa.flow"], point.attributes.get("wa.step"))
        for metric in scope.metrics
        for point in metric.data.data_points
    }
    assert ("wa.flow.duration", "receive", None) in points
    assert ("wa.step.duration", "receive", "commit") in points


async def test_nothing_about_anybody_is_in_spans_and_measurements(watched: Watched, sign: Any) -> None:
    await watched.receive(sign.message(text="a very private text"))
    with pytest.raises(Refused):
        await watched.ask("send", NUMBER, "+34600000777", Text("another private text"))
    seen = "".join(span.to_json() for span in watched.spans.get_finished_spans())
    seen += str(watched.reader.get_metrics_data())
    for secret in ("private", "Ana", ANA[1:], NUMBER[1:], "34600000777", TOKEN):
        assert secret not in seen
