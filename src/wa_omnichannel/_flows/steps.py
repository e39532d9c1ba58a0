"""The steps that flows yield. Each knows which port it needs; its answer is sent back into the flow."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeAlias, TypeVar

import attrs

from wa_omnichannel.attachments import ScanResult, Sniffed
from wa_omnichannel.errors import ConfigurationError, NotFound
from wa_omnichannel.explain import Facts
from wa_omnichannel.messages import Incoming, Outcome, Outgoing, Sighting
from wa_omnichannel.ports import (
    Changes,
    Clock,
    Forgetful,
    Forgetting,
    History,
    HistoryQuery,
    Ids,
    Key,
    Observer,
    PastInbound,
    Pseudonyms,
    Query,
    Redactor,
    Rows,
    SentQuery,
    SurveyLinks,
)
from wa_omnichannel.surveys import Invitation
from wa_omnichannel.webhooks import Batch, WebhookRequest

T = TypeVar("T")


@attrs.define
class Outside:
    """The ports of one façade, all of one colour."""

    store: Any
    transport: Any
    clock: Clock
    """Domain time; may be moved."""
    store_clock: Clock
    """Store time, for leases; never moved."""
    ids: Ids
    files: Any
    """The blob store and what comes with it: ``pipe``, ``keep``, ``discard`` and ``linked``."""
    observer: Observer | None = None
    """Watches flows and steps, if anybody does."""
    templates: Any = None
    """Knows the templates that the provider holds; None without such a source."""
    directory: Any = None
    """Knows the business's customers; None without one."""
    live: Any = None
    """The rules in force, where the channel follows the settings of the store."""
    memory: dict[str, Any] = attrs.Factory(dict[str, Any])
    """What flows leave behind for later ones; a cache, lost with the process."""
    survey_links: SurveyLinks | None = None
    calls: Any = None
    """Calls functions of the application: ``call``."""
    registry: Any = None
    """The handlers and bots of this process."""
    pseudonyms: Pseudonyms | None = None
    """Names people who were erased."""


class Step:
    """Something a flow needs from the outside."""

    __slots__ = ()
    local: ClassVar[bool] = False
    """Whether the answer is there at once in both colours."""

    @property
    def facts(self) -> Facts:
        """What an observer may know about it: no texts, names or numbers."""
        return {}

    def run(self, outside: Outside) -> Any:
        """Ask the port; in the async colour the result is awaitable unless the step is local."""
        raise NotImplementedError


Flow: TypeAlias = Generator[Step, Any, T]
"""A use case that returns a *T*."""


@attrs.frozen
class Load(Step):
    """Load rows."""

    keys: Sequence[Key]

    @property
    def facts(self) -> Facts:
        """How much is read, and which message of ours is among it."""
        message = next((key[1] for key in self.keys if key[0] == "message"), None)
        return {"rows": len(self.keys)} if message is None else {"rows": len(self.keys), "message": message}

    def run(self, outside: Outside) -> Any:
        """Ask the store."""
        return outside.store.load(self.keys)


@attrs.frozen
class Commit(Step):
    """Commit changes."""

    changes: Changes

    @property
    def facts(self) -> Facts:
        """How much is written."""
        return {"rows": len(self.changes.puts), "events": len(self.changes.events)}

    def run(self, outside: Outside) -> Any:
        """Ask the store."""
        return outside.store.commit(self.changes)


@attrs.frozen
class Select(Step):
    """Ask the store a question."""

    query: Query[Any]

    @property
    def facts(self) -> Facts:
        """Which question it is."""
        return {"query": type(self.query).__name__}

    def run(self, outside: Outside) -> Any:
        """Ask the store."""
        return outside.store.select(self.query)


@attrs.frozen
class Read(Step):
    """Verify and read a webhook."""

    request: WebhookRequest
    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> Incoming | Batch:
        """Ask the transport, which computes only."""
        return outside.transport.read(self.request)  # type: ignore[no-any-return]


@attrs.frozen
class Send(Step):
    """Hand one message to the provider."""

    outgoing: Outgoing

    @property
    def facts(self) -> Facts:
        """Our message's id, which comes back with its callbacks."""
        return {"message": self.outgoing.message_id}

    def run(self, outside: Outside) -> Any:
        """Ask the transport."""
        return outside.transport.send(outside.files.linked(self.outgoing))


@attrs.frozen
class Find(Step):
    """Search the provider's list."""

    query: SentQuery

    def run(self, outside: Outside) -> Any:
        """Ask the transport."""
        return outside.transport.find(self.query)


@attrs.frozen
class Recall(Step):
    """List what customers sent."""

    query: HistoryQuery

    def run(self, outside: Outside) -> Any:
        """Ask the transport, if it can tell."""
        if not isinstance(outside.transport, History):
            raise ConfigurationError(f"{type(outside.transport).__name__} cannot list what customers sent.")
        return outside.transport.received(self.query)


@attrs.frozen
class ReadHoldings(Step):
    """Read the provider's list of templates."""

    at: datetime

    def run(self, outside: Outside) -> Any:
        """Ask the template source."""
        if outside.templates is None:
            raise ConfigurationError("Templates are read from a source: give the channel templates=.")
        return outside.templates.holdings(self.at)


@attrs.frozen
class Stored:
    """A file that was put into the blob store, and what was found out about it on the way."""

    content_type: str
    """What it is said to be."""
    size: int
    """Bytes; if there were too many, those seen before it was given up."""
    sniffed: Sniffed
    scan: ScanResult | None = None
    """What the scanner says; None without a scanner."""


@attrs.frozen
class Pipe(Step):
    """Copy a file from the provider into the blob store, sniff and scan it; answers with :class:`Stored`."""

    url: str
    blob: str
    limit: int
    """Largest acceptable size in bytes."""

    def run(self, outside: Outside) -> Any:
        """Let the façade stream the chunks."""
        return outside.files.pipe(self)


@attrs.frozen
class Keep(Step):
    """Put a file of our own into the blob store, sniff and scan it; answers with :class:`Stored`."""

    chunks: Any
    """The content, in chunks of the façade's colour."""
    blob: str
    content_type: str
    limit: int
    """Largest acceptable size in bytes."""

    def run(self, outside: Outside) -> Any:
        """Let the façade stream the chunks."""
        return outside.files.keep(self)


@attrs.frozen
class Discard(Step):
    """Remove a file from the blob store."""

    blob: str

    def run(self, outside: Outside) -> Any:
        """Let the façade remove it."""
        return outside.files.discard(self.blob)


@attrs.frozen
class Forget(Step):
    """Let the store forget people; answers with the number of rows and events."""

    forgetting: Forgetting

    def run(self, outside: Outside) -> Any:
        """Ask the store.

        Raises:
            ConfigurationError: It cannot forget.
        """
        if not isinstance(outside.store, Forgetful):
            raise ConfigurationError("This store cannot forget people.")
        return outside.store.forget(self.forgetting)


@attrs.frozen
class CanRedact(Step):
    """Ask whether the provider can empty the messages it keeps."""

    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> bool:
        """Look at the transport."""
        return isinstance(outside.transport, Redactor)


@attrs.frozen
class Redact(Step):
    """Empty the provider's copy of a message."""

    sid: str

    def run(self, outside: Outside) -> Any:
        """Ask the transport."""
        return outside.transport.redact(self.sid)


@attrs.frozen
class Pseudonym(Step):
    """Ask for the keyed hash of an address; answers None without a key."""

    address: str
    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> str | None:
        """Ask whoever has the key."""
        return outside.pseudonyms.of(self.address) if outside.pseudonyms is not None else None


@attrs.frozen
class Now(Step):
    """Ask for the time."""

    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> datetime:
        """Ask the domain clock."""
        return outside.clock.now()


@attrs.frozen
class StoreNow(Step):
    """Ask for store time."""

    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> datetime:
        """Ask the store clock."""
        return outside.store_clock.now()


@attrs.frozen
class Invite(Step):
    """Make the personal link to a survey; answers with None if the channel makes none."""

    invitation: Invitation
    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> str | None:
        """Ask the links."""
        return None if outside.survey_links is None else outside.survey_links.url(self.invitation)


@attrs.frozen
class ReadInvitation(Step):
    """Read the personal link to a survey."""

    path: str
    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> Invitation:
        """Ask the links."""
        if outside.survey_links is None:
            raise NotFound("survey", "behind this link")
        return outside.survey_links.read(self.path, outside.clock.now())


@attrs.frozen
class Called:
    """What a function of the application came to."""

    value: Any = None
    error: str | None = None
    """The kind of error it raised."""
    timed_out: bool = False


@attrs.frozen
class Call(Step):
    """Call a function of the application; answers with :class:`Called`."""

    function: Callable[[Any], Any]
    argument: object
    limit: timedelta | None = None
    """How long it may take."""

    def run(self, outside: Outside) -> Any:
        """Let the façade call it in its colour."""
        return outside.calls.call(self.function, self.argument, self.limit)


@attrs.frozen
class Registered(Step):
    """Ask for the handlers and bots of this process."""

    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> Any:
        """Look them up."""
        return outside.registry


@attrs.frozen
class Reuse(Step):
    """Take what an earlier flow left behind under a name; None if there is nothing, or somebody else has it."""

    name: str
    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> Any:
        """Take it out, so that nobody else works with it at the same time."""
        return outside.memory.pop(self.name, None)


@attrs.frozen
class Remember(Step):
    """Leave something behind for a later flow."""

    name: str
    value: Any
    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> None:
        """Keep it."""
        outside.memory[self.name] = self.value


@attrs.frozen
class NewIds(Step):
    """Ask for identifiers."""

    count: int = 1
    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> tuple[str, ...]:
        """Ask the id source."""
        return tuple(outside.ids.new() for _ in range(self.count))


@attrs.frozen
class HasDirectory(Step):
    """Ask whether there is a directory of customers."""

    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> bool:
        """Look whether one was given."""
        return outside.directory is not None


@attrs.frozen
class FindCustomers(Step):
    """Look customers up by their addresses."""

    addresses: Sequence[str]

    def run(self, outside: Outside) -> Any:
        """Ask the directory."""
        return outside.directory.find(self.addresses)


@attrs.frozen
class GetCustomer(Step):
    """Fetch one customer's record."""

    id: str

    def run(self, outside: Outside) -> Any:
        """Ask the directory."""
        return outside.directory.get(self.id)


@attrs.frozen
class KnownSettings(Step):
    """Ask for the rules that the channel decided with last."""

    local: ClassVar[bool] = True

    def run(self, outside: Outside) -> Any:
        """Look at what all flows of the channel share."""
        return outside.live


def load(*keys: Key) -> Flow[Rows]:
    """Load rows."""
    rows: Rows = yield Load(keys)
    return rows


def select(query: Query[T]) -> Flow[T]:
    """Ask the store a question."""
    answer: T = yield Select(query)
    return answer


def commit(changes: Changes) -> Flow[None]:
    """Commit changes."""
    yield Commit(changes)


def now() -> Flow[datetime]:
    """Ask for the time."""
    instant: datetime = yield Now()
    return instant


def send(outgoing: Outgoing) -> Flow[Outcome]:
    """Hand one message to the provider."""
    outcome: Outcome = yield Send(outgoing)
    return outcome


def find(query: SentQuery) -> Flow[tuple[Sighting, ...] | None]:
    """Search the provider's list; None if it has none."""
    found: tuple[Sighting, ...] | None = yield Find(query)
    return found


def recall(query: HistoryQuery) -> Flow[tuple[PastInbound, ...]]:
    """List what customers sent."""
    found: tuple[PastInbound, ...] = yield Recall(query)
    return found


def new_ids(count: int) -> Flow[tuple[str, ...]]:
    """Ask for identifiers."""
    ids: tuple[str, ...] = yield NewIds(count)
    return ids
