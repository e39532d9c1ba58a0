"""Strategies for what stands outside the rules: clocks, ids, stores, providers, files, and whole channels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from hypothesis import strategies as st

from wa_omnichannel import ports
from wa_omnichannel.adapters.blobs import AsyncMemoryBlobs, MemoryBlobs
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.machine import CountingIds, FixedClock, OffsetClock, RandomIds, SystemClock
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.testing.fakes import (
    AsyncFixedHistory,
    AsyncFixedMedia,
    AsyncFixedScanner,
    AsyncHeldTemplates,
    AsyncRecordingTransport,
    FixedHistory,
    FixedMedia,
    FixedScanner,
    HeldTemplates,
    PlainLinks,
    RecordingObserver,
    RecordingTransport,
)
from wa_omnichannel.testing.strategies.building import OWN, Anything, Make, of
from wa_omnichannel.testing.strategies.files import file_contents, scan_results
from wa_omnichannel.testing.strategies.instants import instants
from wa_omnichannel.testing.strategies.settings import rules
from wa_omnichannel.worker import AsyncWorker, Worker


def clocks() -> st.SearchStrategy[FixedClock]:
    """Make clocks that stand at an instant, in any zone, until they are moved."""
    return st.builds(FixedClock, instants())


def providers() -> st.SearchStrategy[RecordingTransport]:
    """Make providers in memory that accept everything and remember it."""
    return st.builds(RecordingTransport, clocks())


def channels() -> st.SearchStrategy[Omnichannel]:
    """Make channels of any settings over a store in memory, with a clock that stands and nothing received yet."""

    def made(settings: Rules, clock: FixedClock) -> Omnichannel:
        return Omnichannel(settings, store=MemoryStore(), transport=RecordingTransport(clock), clock=clock)

    return st.builds(made, rules(), clocks())


def async_channels() -> st.SearchStrategy[AsyncOmnichannel]:
    """Make :func:`channels` for coroutines."""

    def made(settings: Rules, clock: FixedClock) -> AsyncOmnichannel:
        transport = AsyncRecordingTransport(RecordingTransport(clock))
        return AsyncOmnichannel(settings, store=AsyncMemoryStore(), transport=transport, clock=clock)

    return st.builds(made, rules(), clocks())


async def _slowly(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _downloads() -> st.SearchStrategy[ports.Download]:
    return file_contents().map(lambda file: ports.Download(file[0], iter((file[1],))))


def _async_downloads() -> st.SearchStrategy[ports.AsyncDownload]:
    return file_contents().map(lambda file: ports.AsyncDownload(file[0], _slowly(file[1])))


def _media() -> st.SearchStrategy[FixedMedia]:
    return file_contents().map(lambda file: FixedMedia({"https://example.com/file": file}))


def _histories() -> st.SearchStrategy[FixedHistory]:
    return st.lists(of(ports.PastInbound), max_size=2).map(lambda messages: FixedHistory(*messages))


def _queries() -> Anything:
    return st.one_of(of(ports.DueEntries), of(ports.Conversations), of(ports.EventsAfter), of(ports.NextDue))


_STRATEGIES: Mapping[object, Make] = {
    AsyncOmnichannel: async_channels,
    AsyncWorker: lambda: st.builds(AsyncWorker, async_channels()),
    CountingIds: lambda: st.builds(CountingIds, st.sampled_from(("id", "m"))),
    FixedClock: clocks,
    OffsetClock: lambda: st.builds(OffsetClock),
    Omnichannel: channels,
    RandomIds: lambda: st.builds(RandomIds),
    SystemClock: lambda: st.builds(SystemClock),
    Worker: lambda: st.builds(Worker, channels()),
    ports.AsyncBlobStore: lambda: st.builds(AsyncMemoryBlobs),
    ports.AsyncDownload: _async_downloads,
    ports.AsyncMediaSource: lambda: _media().map(AsyncFixedMedia),
    ports.AsyncScanner: lambda: scan_results().map(AsyncFixedScanner),
    ports.AsyncStore: lambda: st.builds(AsyncMemoryStore),
    ports.AsyncTransport: lambda: providers().map(AsyncRecordingTransport),
    ports.BlobStore: lambda: st.builds(MemoryBlobs),
    ports.Clock: clocks,
    ports.Download: _downloads,
    ports.Ids: lambda: st.builds(CountingIds),
    ports.Links: lambda: st.builds(PlainLinks),
    ports.MediaSource: _media,
    ports.Query: _queries,
    ports.Scanner: lambda: scan_results().map(FixedScanner),
    ports.Store: lambda: st.builds(MemoryStore),
    ports.Transport: providers,
    ports.TemplateSource: lambda: st.builds(HeldTemplates),
    ports.AsyncTemplateSource: lambda: st.builds(HeldTemplates).map(AsyncHeldTemplates),
    ports.History: _histories,
    ports.AsyncHistory: lambda: _histories().map(AsyncFixedHistory),
    ports.Observer: lambda: st.builds(RecordingObserver),
}

OWN.update(_STRATEGIES)
