"""Traces and metrics of a channel for OpenTelemetry (extra ``otel``).

Spans: ``wa.<use case>`` with a child ``wa.<use case>.<step>`` for every call of the store and the provider.
Metrics: ``wa.flow.duration`` and ``wa.step.duration`` in seconds, with the attributes ``wa.flow``,
``wa.step`` and ``error.type``. Attributes hold codes and our own message ids, never texts, names or numbers;
the id of a message is on the span that sent it and on those of its callbacks.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Mapping
from contextvars import ContextVar
from typing import Any

from wa_omnichannel.errors import MissingExtra, Refused, WaOmnichannelError
from wa_omnichannel.explain import Facts

_NAME = "wa_omnichannel"


def _code(error: BaseException) -> str:
    """Return the code of an error, of a refusal its reason; they say nothing about anybody."""
    if isinstance(error, Refused):
        return error.reason
    return error.code if isinstance(error, WaOmnichannelError) else type(error).__name__


class Telemetry:
    """Watches a channel: ``Omnichannel(..., observer=Telemetry())``. Without an SDK the API records nothing."""

    def __init__(self, tracer_provider: Any = None, meter_provider: Any = None) -> None:
        """Use these providers, or those that the application has set for the process.

        Raises:
            MissingExtra: The extra ``otel`` is not installed.
        """
        try:
            from opentelemetry import metrics, trace
        except ModuleNotFoundError:
            raise MissingExtra.of("opentelemetry", "otel") from None
        self._tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
        meter = metrics.get_meter(_NAME, meter_provider=meter_provider)
        self._flows = meter.create_histogram("wa.flow.duration", "s", "Duration of a use case")
        self._steps = meter.create_histogram("wa.step.duration", "s", "Duration of a call of store or provider")
        self._flow: ContextVar[str] = ContextVar("wa_flow", default="")

    @contextlib.contextmanager
    def flow(self, name: str) -> Generator[None]:
        """Watch one use case."""
        token = self._flow.set(name)
        try:
            with self._watch(self._flows, f"wa.{name}", {"wa.flow": name}, {}):
                yield
        finally:
            self._flow.reset(token)

    @contextlib.contextmanager
    def step(self, name: str, facts: Facts) -> Generator[None]:
        """Watch one step of it."""
        flow = self._flow.get()
        about = {f"wa.{fact}": value for fact, value in facts.items() if isinstance(value, str | int)}
        with self._watch(self._steps, f"wa.{flow}.{name}", {"wa.flow": flow, "wa.step": name}, about):
            yield

    @contextlib.contextmanager
    def _watch(
        self, histogram: Any, name: str, common: Mapping[str, str], about: Mapping[str, str | int]
    ) -> Generator[None]:
        """Make a span and a measurement; an error is told by its code, because its text may hold a number."""
        started, attributes = time.perf_counter(), dict(common)
        with self._tracer.start_as_current_span(
            name, attributes={**common, **about}, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                attributes["error.type"] = _code(error)
                span.set_attribute("error.type", attributes["error.type"])
                raise
            finally:
                histogram.record(time.perf_counter() - started, attributes)
