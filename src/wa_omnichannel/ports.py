"""What the library needs from the outside, in domain terms and in two colours.

Adapters inherit nothing: an object with these methods is an adapter. Every port comes as a blocking
protocol and as an ``Async`` twin with the same methods.

A **store** keeps rows under keys, each with a version. ``commit`` writes everything or nothing: it compares
the expected versions, records the unique id ``once`` together with the effects, and appends the events.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

import attrs

from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.attachments import ScanResult
from wa_omnichannel.conversation import Contact, Conversation, Message, Status
from wa_omnichannel.customers import Customer
from wa_omnichannel.explain import Facts, Trace
from wa_omnichannel.instants import in_utc
from wa_omnichannel.messages import Inbound, Incoming, Outcome, Outgoing, Sighting
from wa_omnichannel.surveys import Invitation
from wa_omnichannel.templates.wire import Holdings
from wa_omnichannel.webhooks import Batch, Held, WebhookRequest
from wa_omnichannel.workforce import Agent

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Key: TypeAlias = tuple[str, ...]
"""Names one row: its kind first, then its identity."""


def contact_key(contact: str) -> Key:
    """Return the key of a contact (a :class:`~wa_omnichannel.conversation.Contact`)."""
    return ("contact", contact)


def alias_key(pool: str, address: Address) -> Key:
    """Return the key of an address; its value is the contact's id."""
    return ("alias", pool, address)


def thread_key(number: Address, contact: str) -> Key:
    """Return the key of a thread: one business number and one contact."""
    return ("thread", number, contact)


def secret_key(name: str) -> Key:
    """Return the key of a :class:`~wa_omnichannel.secret.Sealed` secret."""
    return ("secret", name)


def quarantine_key(held: str) -> Key:
    """Return the key of a :class:`~wa_omnichannel.webhooks.Held` webhook."""
    return ("quarantine", held)


def settings_key(pool: str) -> Key:
    """Return the key of the number of the edition in force."""
    return ("settings", pool)


def edition_key(pool: str, number: int) -> Key:
    """Return the key of an :class:`~wa_omnichannel.editions.Edition`."""
    return ("edition", pool, str(number))


def agent_key(agent: str) -> Key:
    """Return the key of an :class:`~wa_omnichannel.workforce.Agent`."""
    return ("agent", agent)


def message_key(message: str) -> Key:
    """Return the key of a :class:`~wa_omnichannel.conversation.Message`."""
    return ("message", message)


def conversation_key(conversation: str) -> Key:
    """Return the key of a :class:`Listing`, written in the commit of its thread."""
    return ("conversation", conversation)


def waiting_key(conversation: str) -> Key:
    """Return the key of a :class:`~wa_omnichannel.assignment.WaitingItem`, written with its thread."""
    return ("waiting", conversation)


def entry_key(entry: str) -> Key:
    """Return the key of an agenda :class:`Entry`."""
    return ("agenda", entry)


def lane_key(lane: str) -> Key:
    """Return the key of a :class:`Lane`."""
    return ("lane", lane)


def catalog_key(pool: str) -> Key:
    """Return the key of a :class:`~wa_omnichannel.templates.catalog.Catalog`."""
    return ("template_catalog", pool)


def stamp_key(pool: str) -> Key:
    """Return the key of the name of the catalog's state, by which a decision sees whether it knows that state."""
    return ("template_stamp", pool)


def forgotten_key(pseudonym: str) -> Key:
    """Return the key of what an erased person had stopped, under the keyed hash of an address."""
    return ("forgotten", pseudonym)


def outreach_key(contact: str) -> Key:
    """Return the key of what a contact was sent first (an :class:`~wa_omnichannel.outbound.Outreach`)."""
    return ("outreach", contact)


def outreach_item_key(item: str) -> Key:
    """Return the key of a recipient who has to wait (an :class:`~wa_omnichannel.outbound.Item`)."""
    return ("outreach_item", item)


def pace_key(number: Address, contact: str = "") -> Key:
    """Return the key of a :class:`~wa_omnichannel.pacing.Pace`: of a number, or of a number and one customer."""
    return ("pace", number, contact)


def reach_key(pool: str, contact: str) -> Key:
    """Return the key of the instant at which a customer was last written to first."""
    return ("reach", pool, contact)


_SHARDS = 16


def tally_keys(number: Address, at: datetime) -> tuple[Key, ...]:
    """Return the keys of the rows that together count the service messages of *number* in the month of *at* (UTC)."""
    month = in_utc(at, "at").strftime("%Y-%m")
    return tuple(("tally", number, f"{month}/{shard}") for shard in range(_SHARDS))


def done_key(once: str) -> Key:
    """Return the key of the result that was committed under the unique id *once*."""
    return ("done", once)


@attrs.frozen
class Entry:
    """Something that is due: a send, a timer, a file to fetch, an assignment cycle."""

    id: str
    lane: str
    """Entries of one lane are worked on one at a time, in the order they were put in."""
    kind: str
    """``send``, ``timer``, ``window``, ``fetch``, ``assign``, ``templates``, ``template``, ``survey``, ``bot``,
    ``feed`` or ``presence``."""
    due: datetime
    subject: str
    """What it is about: a message, a conversation, a queue."""
    number: Address = Address("")
    contact: str = ""
    bulk: bool = False
    """Whether people do not wait for it: others that are due go first, but not longer than :data:`BEHIND`."""


BEHIND = timedelta(minutes=1)
"""How long bulk lets others go first: it takes its turn as if it were due that much later, so it never starves."""


def turn_of(entry: Entry) -> datetime:
    """Return the instant by which entries that are due are ordered."""
    return entry.due + BEHIND if entry.bulk else entry.due


@attrs.frozen
class Lane:
    """Who works on a lane, and until when. In store time, which nobody moves."""

    until: datetime
    holder: str = ""
    """Who claimed it, so that nobody gives back what is no longer theirs."""


@attrs.frozen
class Listing:
    """A conversation as lists show it, closed ones included."""

    conversation: Conversation
    number: Address
    contact: str
    name: str = ""
    """The customer's display name or number (CH-40)."""


@attrs.frozen
class NewEvent:
    """One entry of a thread's timeline that is to be appended."""

    number: Address
    contact: str
    n: int
    """Its place in the thread, from 1."""
    conversation: str | None
    kind: str
    at: datetime
    facts: Facts
    trace: Trace = ()
    agent: str | None = None
    """The agent whose row the same commit changed, if it did."""


@attrs.frozen
class Happening:
    """One entry of a timeline, as it is read back."""

    position: int
    """Its place in the store; later events have higher ones."""
    event: NewEvent


@attrs.frozen
class Stored(Generic[T_co]):
    """A row as the store has it."""

    value: T_co
    version: int
    """At least 1, and never used twice for a key, also not after a drop; 0 stands for a row that is not there."""


Rows: TypeAlias = Mapping[Key, Stored[object]]
"""Rows by key; those that are not there are left out."""


@attrs.frozen
class Put:
    """Write a row."""

    key: Key
    value: object
    expected: int | None = None
    """The version it must have now, 0 if it must not be there; None writes in any case."""


@attrs.frozen
class Drop:
    """Remove a row; with a version only if it still has that one (otherwise it silently stays)."""

    key: Key
    version: int | None = None


@attrs.frozen
class Answered:
    """The result that is kept under the id of a request."""

    asked: str
    """Print of what was asked, to tell a repeated request from another one under the same id."""
    result: object
    """What a repeated request gets back."""


@attrs.frozen
class Changes:
    """Everything that one decision changes, for one transaction. A put outweighs a drop of the same key."""

    puts: tuple[Put, ...] = ()
    drops: tuple[Drop, ...] = ()
    relies_on: tuple[tuple[Key, int], ...] = ()
    """Rows that were only read, with the versions the decision relies on."""
    events: tuple[NewEvent, ...] = ()
    once: str | None = None
    """A unique id that is recorded with the effects; a second commit of it does nothing."""
    result: object = None
    """What is kept under *once*, and comes with ``AlreadyDone``; :class:`Answered` for requests."""


class Query(Generic[T_co]):
    """A question to the store; the type parameter is what it answers with."""


@attrs.frozen
class DueEntries(Query[tuple[Stored[Entry], ...]]):
    """Entries whose time has come and whose lane is free; only the first of each lane, by :func:`turn_of`."""

    now: datetime
    lease_now: datetime
    limit: int = 100
    lane: str | None = None


@attrs.frozen
class NextDue(Query[datetime | None]):
    """When the first entry of any lane is due next, in domain time; None if the agenda is empty."""


@attrs.frozen
class WaitingItems(Query[tuple[WaitingItem, ...]]):
    """Waiting conversations, those that waited longest first; of some queues only, if they are named."""

    limit: int = 10_000
    queues: tuple[str, ...] | None = None


@attrs.frozen
class Agents(Query[tuple[Stored[Agent], ...]]):
    """All agents by id."""


@attrs.frozen
class Quarantined(Query[tuple[Held, ...]]):
    """Webhooks in quarantine, in the order of their ids: those that arrived first."""

    limit: int = 100


@attrs.frozen
class Conversations(Query[tuple[Listing, ...]]):
    """Conversations, the latest change first; filters that are None let everything through."""

    status: Status | None = None
    queue: str | None = None
    agent: str | None = None
    number: Address | None = None
    limit: int = 100


@attrs.frozen
class ClosedBefore(Query[tuple[Listing, ...]]):
    """Closed conversations that did not change since an instant, the oldest change first."""

    before: datetime
    after: tuple[datetime, str] | None = None
    """Change and id of the last one that was seen, to go on behind it."""
    limit: int = 100


@attrs.frozen
class MessagesOf(Query[tuple[Message, ...]]):
    """The messages of one thread, the oldest first; or of one conversation, if it is given.

    A conversation keeps its messages when it moves to another thread, because two contacts were merged.
    """

    number: Address
    contact: str
    conversation: str | None = None


@attrs.frozen
class MessageBySid(Query[str | None]):
    """The id of the message that the provider calls *sid*."""

    sid: str


@attrs.frozen
class KnownSids(Query[frozenset[str]]):
    """Those of *sids* that belong to messages we know."""

    sids: tuple[str, ...]


@attrs.frozen
class Reached(Query[int]):
    """How many customers of a pool were written to first after an instant; rows under :func:`reach_key`."""

    pool: str
    since: datetime


@attrs.frozen
class Contacts(Query[tuple[Contact, ...]]):
    """Contacts by id, those after one; merged ones too."""

    after: str = ""
    limit: int = 1000


@attrs.frozen
class Timeline(Query[tuple[Happening, ...]]):
    """What happened in one thread, in order; or in one conversation, if it is given, whichever thread it was in."""

    number: Address
    contact: str
    conversation: str | None = None


@attrs.frozen
class EventsAfter(Query[tuple[Happening, ...]]):
    """What happened in the whole store after a position, in order."""

    position: int = 0
    limit: int = 100


@attrs.frozen
class LastPosition(Query[int]):
    """The position of the last event, 0 if there is none."""


@attrs.frozen
class Touched:
    """Whose rows may have changed since a position."""

    position: int
    """Of the last event that was looked at; begin here next time."""
    conversations: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    more: bool = False
    """Whether there are further events."""


@attrs.frozen
class TouchedAfter(Query[Touched]):
    """The conversations and agents that events after a position are about; cheaper than the events themselves."""

    position: int
    limit: int = 1000
    """How many events to look at."""


@attrs.frozen
class CountWaiting(Query[Mapping[str, int]]):
    """How many conversations wait in each of some queues, counted as far as anybody wants to know."""

    queues: Mapping[str, int]
    """The queues, and how far to count in each."""


@runtime_checkable
class Store(Protocol):
    """Keeps rows; see the module's text for what ``commit`` promises."""

    def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        ...

    def commit(self, changes: Changes) -> None:
        """Write all of *changes* or nothing.

        Raises:
            AlreadyDone: *changes.once* was committed before; carries the first result.
            ConcurrentUpdate: A row does not have the expected version.
            StoreUnavailable: The store cannot be reached; whether it was written is not known.
        """
        ...

    def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        ...


@runtime_checkable
class AsyncStore(Protocol):
    """:class:`Store` for coroutines."""

    async def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        ...

    async def commit(self, changes: Changes) -> None:
        """Write all of *changes* or nothing; raises as :meth:`Store.commit` does."""
        ...

    async def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        ...


FACTS_KEPT = frozenset({"queue", "agent", "by", "from", "status", "code"})
"""Facts of an event that figures need, and that say nothing about a customer."""


@attrs.frozen
class Forgetting:
    """What a store must have no trace of afterwards."""

    contacts: tuple[str, ...] = ()
    """Contacts; every row that mentions one of them goes, and their events are emptied."""
    conversations: tuple[str, ...] = ()
    """Their conversations; results of requests that mention one of them go."""
    addresses: tuple[str, ...] = ()
    """Their addresses; events outside any thread that mention one of them are emptied."""
    closed: tuple[str, ...] = ()
    """Conversations of which everything goes, while the customer stays."""

    def emptied(self, event: NewEvent) -> NewEvent:
        """Return what stays of an event: that it happened, when, and what the figures need."""
        said = {name: value for name, value in event.facts.items() if name in FACTS_KEPT}
        return attrs.evolve(event, contact="", facts=said, trace=())


@runtime_checkable
class Forgetful(Protocol):
    """A store that can forget people."""

    def forget(self, forgetting: Forgetting) -> int:
        """Remove every trace, also from what the database keeps beside its tables; may be repeated.

        Returns:
            The number of rows that were removed and events that were emptied.

        Raises:
            StoreUnavailable: It did not come to its end, for example because somebody reads; repeat it.
        """
        ...


@runtime_checkable
class AsyncForgetful(Protocol):
    """:class:`Forgetful` for coroutines."""

    async def forget(self, forgetting: Forgetting) -> int:
        """Remove every trace; see :meth:`Forgetful.forget`."""
        ...


@runtime_checkable
class Redactor(Protocol):
    """A transport whose provider can empty the messages it keeps."""

    def redact(self, sid: str) -> None:
        """Empty the provider's copy of a message.

        Raises:
            TransportError: It is still there.
        """
        ...


@runtime_checkable
class AsyncRedactor(Protocol):
    """:class:`Redactor` for coroutines."""

    async def redact(self, sid: str) -> None:
        """Empty the provider's copy of a message; see :meth:`Redactor.redact`."""
        ...


@runtime_checkable
class Pseudonyms(Protocol):
    """Turns addresses into names that say nothing to whoever lacks the key; the same in both colours."""

    def of(self, address: str) -> str:
        """Return the name of *address*, always the same."""
        ...


@attrs.frozen
class SentQuery:
    """Which messages to look for at the provider: ours to this customer around an instant."""

    sender: Address
    to: Address
    since: datetime
    until: datetime


@runtime_checkable
class Transport(Protocol):
    """Speaks with the provider."""

    def read(self, request: WebhookRequest) -> Incoming | Batch:
        """Verify and read a webhook; computes only, in both colours.

        Raises:
            WebhookError: It is not authentic or cannot be read; has the HTTP status to answer with.
        """
        ...

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one message to the provider, at most once; never raises for what the provider does."""
        ...

    def find(self, query: SentQuery) -> tuple[Sighting, ...] | None:
        """Return the messages in the provider's list that match *query*; None if it has no such list.

        Without a list a lost answer is only found out about by a callback, and nothing is sent again.

        Raises:
            TransportError: The provider could not be asked.
        """
        ...


@runtime_checkable
class AsyncTransport(Protocol):
    """:class:`Transport` for coroutines."""

    def read(self, request: WebhookRequest) -> Incoming | Batch:
        """Verify and read a webhook; raises as :meth:`Transport.read` does."""
        ...

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one message to the provider, at most once."""
        ...

    async def find(self, query: SentQuery) -> tuple[Sighting, ...] | None:
        """Return the messages in the provider's list that match *query*; None if it has no such list."""
        ...


@runtime_checkable
class Directory(Protocol):
    """Knows the business's customers.

    It answers within a time limit of its own; whatever it raises, the conversation goes on and it is asked again.
    """

    def find(self, addresses: Sequence[str]) -> Sequence[Customer]:
        """Return every record that has one of *addresses*: numbers in E.164, or user ids."""
        ...

    def get(self, customer: str) -> Customer | None:
        """Return the record with this id, or None."""
        ...


@runtime_checkable
class AsyncDirectory(Protocol):
    """:class:`Directory` for coroutines."""

    async def find(self, addresses: Sequence[str]) -> Sequence[Customer]:
        """Return every record that has one of *addresses*."""
        ...

    async def get(self, customer: str) -> Customer | None:
        """Return the record with this id, or None."""
        ...


@runtime_checkable
class TemplateSource(Protocol):
    """Knows the templates that the provider holds, with their approvals."""

    def holdings(self, at: datetime) -> Holdings:
        """Return the provider's complete list; :func:`~wa_omnichannel.templates.wire.read_contents` reads its entries.

        Args:
            at: The current instant, which the answer carries as the instant of reading.

        Raises:
            TransportError: The provider could not be asked, or not for the whole list.
        """
        ...


@runtime_checkable
class AsyncTemplateSource(Protocol):
    """:class:`TemplateSource` for coroutines."""

    async def holdings(self, at: datetime) -> Holdings:
        """Return the provider's complete list; raises as :meth:`TemplateSource.holdings` does."""
        ...


@attrs.frozen
class HistoryQuery:
    """Which messages of customers to list: those to one of our numbers in a stretch of time, ends included."""

    number: Address
    since: datetime
    until: datetime


@attrs.frozen
class PastInbound:
    """A customer's message as the provider's list shows it; the list knows less than the webhook did."""

    inbound: Inbound
    at: datetime
    """When the provider got it."""


@runtime_checkable
class History(Protocol):
    """Lists what customers sent, to find messages whose webhook never arrived; transports may have it."""

    def received(self, query: HistoryQuery) -> tuple[PastInbound, ...]:
        """Return the messages that match *query*, the oldest first.

        Raises:
            TransportError: The provider could not be asked.
        """
        ...


@runtime_checkable
class AsyncHistory(Protocol):
    """:class:`History` for coroutines."""

    async def received(self, query: HistoryQuery) -> tuple[PastInbound, ...]:
        """Return the messages that match *query*, the oldest first."""
        ...


@attrs.frozen
class Download:
    """A file that is being fetched."""

    content_type: str
    """What the provider says it is."""
    chunks: Iterator[bytes]


@attrs.frozen
class AsyncDownload:
    """A file that is being fetched, for coroutines."""

    content_type: str
    chunks: AsyncIterator[bytes]


@runtime_checkable
class MediaSource(Protocol):
    """Fetches files that customers sent."""

    def open(self, url: str) -> AbstractContextManager[Download]:
        """Open the file at the provider's *url*.

        Raises:
            MediaUnavailable: It cannot be fetched, or the URL is not the provider's.
        """
        ...


@runtime_checkable
class AsyncMediaSource(Protocol):
    """:class:`MediaSource` for coroutines."""

    def open(self, url: str) -> AbstractAsyncContextManager[AsyncDownload]:
        """Open the file at the provider's *url*; raises as :meth:`MediaSource.open` does."""
        ...


@runtime_checkable
class BlobStore(Protocol):
    """Keeps the content of files."""

    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        """Store the chunks under *key*, whole or not at all; return the number of bytes.

        Raises:
            StoreUnavailable: It cannot be stored now, as in the other methods.
        """
        ...

    def read(self, key: str) -> Iterator[bytes]:
        """Return the content in chunks.

        Raises:
            NotFound: There is nothing under *key*.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove the content under *key*, if there is any."""
        ...


@runtime_checkable
class AsyncBlobStore(Protocol):
    """:class:`BlobStore` for coroutines."""

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store the chunks under *key*, whole or not at all; return the number of bytes."""
        ...

    def read(self, key: str) -> AsyncIterator[bytes]:
        """Return the content in chunks."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the content under *key*, if there is any."""
        ...


@runtime_checkable
class Scanner(Protocol):
    """Looks for malware in files.

    It answers within a time limit of its own. What cannot be scanned, for whatever cause, is ``Unavailable``;
    such a file is withheld and scanned again later.
    """

    def scan(self, chunks: Iterator[bytes]) -> ScanResult:
        """Scan one file."""
        ...


@runtime_checkable
class AsyncScanner(Protocol):
    """:class:`Scanner` for coroutines."""

    async def scan(self, chunks: AsyncIterator[bytes]) -> ScanResult:
        """Scan one file."""
        ...


@attrs.frozen
class SharedFile:
    """A file that the provider fetches from us, and what it is told about it."""

    blob: str
    content_type: str
    name: str
    size: int


@runtime_checkable
class Links(Protocol):
    """Makes and reads the links under which the provider fetches files; computes only, in both colours."""

    def url(self, file: SharedFile, now: datetime) -> str:
        """Return a link to *file* that works for a while from *now* on."""
        ...

    def read(self, path: str, now: datetime) -> SharedFile:
        """Return the file that the *path* of a link leads to.

        Raises:
            LinkExpired: The link is ours, but too old.
            NotFound: It is no link of ours.
        """
        ...


@runtime_checkable
class SurveyLinks(Protocol):
    """Makes and reads the personal links to surveys; computes only, in both colours."""

    def url(self, invitation: Invitation) -> str:
        """Return the link for *invitation*."""
        ...

    def read(self, path: str, now: datetime) -> Invitation:
        """Return the invitation that the *path* of a link stands for.

        Raises:
            LinkExpired: The link is ours, but too old.
            NotFound: It is no link of ours.
        """
        ...


@runtime_checkable
class Clock(Protocol):
    """Tells the time; the same in both colours."""

    def now(self) -> datetime:
        """Return the current instant, aware."""
        ...


@runtime_checkable
class Ids(Protocol):
    """Makes identifiers; the same in both colours."""

    def new(self) -> str:
        """Return an identifier that was never returned before."""
        ...


@runtime_checkable
class Observer(Protocol):
    """Watches what a channel does, for traces and metrics; the same in both colours.

    It gets names, outcomes and our own message ids, never texts, names or numbers of customers. What it raises is the
    caller's problem, so it should raise nothing.
    """

    def flow(self, name: str) -> AbstractContextManager[object]:
        """Watch one use case, such as ``receive``, ``reply`` or ``tick``."""
        ...

    def step(self, name: str, facts: Facts) -> AbstractContextManager[object]:
        """Watch one step of it, such as ``commit`` or ``send``."""
        ...


LEASE = timedelta(seconds=30)
"""How long a lane stays with the worker that claimed it, in store time."""
