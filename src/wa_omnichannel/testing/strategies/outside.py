"""Strategies for what stands outside the rules: clocks, ids, stores, providers, files, and whole channels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from hypothesis import strategies as st

from wa_omnichannel import ports
from wa_omnichannel.adapters.blobs import AsyncMemoryBlobs, MemoryBlobs
from wa_omnichannel.adapters.directories import AsyncDirectory, MemoryDirectory
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.bots import AsyncBot, Bot, MenuBot, Reply, Turn
from wa_omnichannel.customers import Customer
from wa_omnichannel.machine import CountingIds, FixedClock, KeyedHashes, OffsetClock, RandomIds, SystemClock
from wa_omnichannel.metrics import Entry, Logged
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.secret import Sealer, Secret
from wa_omnichannel.testing.fakes import (
    AsyncFixedHistory,
    AsyncFixedMedia,
    AsyncFixedScanner,
    AsyncHeldTemplates,
    AsyncRecordingTransport,
    AsyncWipingTransport,
    FixedHistory,
    FixedMedia,
    FixedScanner,
    HeldTemplates,
    OpenSealer,
    PlainLinks,
    PlainSurveyLinks,
    RecordingObserver,
    RecordingTransport,
    WipingTransport,
)
from wa_omnichannel.testing.strategies.building import OWN, Anything, Make, of
from wa_omnichannel.testing.strategies.files import file_contents, scan_results
from wa_omnichannel.testing.strategies.identities import phones
from wa_omnichannel.testing.strategies.instants import instants
from wa_omnichannel.testing.strategies.settings import rules
from wa_omnichannel.vault import AsyncVault, Vault
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


def _directories() -> st.SearchStrategy[MemoryDirectory]:
    return st.lists(st.tuples(of(Customer), st.lists(phones(), max_size=2)), max_size=2).map(MemoryDirectory)


def _async_bots() -> st.SearchStrategy[AsyncBot]:
    def slow(bot: MenuBot) -> AsyncBot:
        async def answer(turn: Turn, /) -> Reply:
            return bot(turn)

        return answer

    return of(MenuBot).map(slow)


def _hashes() -> st.SearchStrategy[KeyedHashes]:
    return st.text(min_size=16, max_size=20).map(KeyedHashes)


_STRATEGIES: Mapping[object, Make] = {
    AsyncBot: _async_bots,
    AsyncOmnichannel: async_channels,
    AsyncVault: lambda: st.builds(AsyncVault, st.builds(AsyncMemoryStore), of(Sealer)),
    AsyncWorker: lambda: st.builds(AsyncWorker, async_channels()),
    Bot: lambda: of(MenuBot),
    CountingIds: lambda: st.builds(CountingIds, st.sampled_from(("id", "m"))),
    FixedClock: clocks,
    KeyedHashes: _hashes,
    Logged: lambda: of(Entry),
    OffsetClock: lambda: st.builds(OffsetClock),
    Omnichannel: channels,
    RandomIds: lambda: st.builds(RandomIds),
    Sealer: lambda: st.builds(OpenSealer),
    Secret: lambda: of(str).map(Secret),
    SystemClock: lambda: st.builds(SystemClock),
    Vault: lambda: st.builds(Vault, st.builds(MemoryStore), of(Sealer)),
    Worker: lambda: st.builds(Worker, channels()),
    ports.AsyncBlobStore: lambda: st.builds(AsyncMemoryBlobs),
    ports.AsyncDirectory: lambda: _directories().map(AsyncDirectory),
    ports.AsyncDownload: _async_downloads,
    ports.AsyncForgetful: lambda: st.builds(AsyncMemoryStore),
    ports.AsyncMediaSource: lambda: _media().map(AsyncFixedMedia),
    ports.AsyncRedactor: lambda: st.builds(WipingTransport, clocks()).map(AsyncWipingTransport),
    ports.AsyncScanner: lambda: scan_results().map(AsyncFixedScanner),
    ports.AsyncStore: lambda: st.builds(AsyncMemoryStore),
    ports.AsyncTransport: lambda: providers().map(AsyncRecordingTransport),
    ports.BlobStore: lambda: st.builds(MemoryBlobs),
    ports.Clock: clocks,
    ports.Directory: _directories,
    ports.Download: _downloads,
    ports.Forgetful: lambda: st.builds(MemoryStore),
    ports.Ids: lambda: st.builds(CountingIds),
    ports.Links: lambda: st.builds(PlainLinks),
    ports.MediaSource: _media,
    ports.Pseudonyms: _hashes,
    ports.Query: _queries,
    ports.Redactor: lambda: st.builds(WipingTransport, clocks()),
    ports.Scanner: lambda: scan_results().map(FixedScanner),
    ports.Store: lambda: st.builds(MemoryStore),
    ports.SurveyLinks: lambda: st.builds(PlainSurveyLinks),
    ports.Transport: providers,
    ports.TemplateSource: lambda: st.builds(HeldTemplates),
    ports.AsyncTemplateSource: lambda: st.builds(HeldTemplates).map(AsyncHeldTemplates),
    ports.History: _histories,
    ports.AsyncHistory: lambda: _histories().map(AsyncFixedHistory),
    ports.Observer: lambda: st.builds(RecordingObserver),
}

OWN.update(_STRATEGIES)
