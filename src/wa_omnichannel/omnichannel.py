"""The two façades: :class:`Omnichannel` blocks, :class:`AsyncOmnichannel` awaits. One line per use case.

Both have the same methods with the same arguments; what they do is written once, as flows.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, TypedDict, Unpack

from wa_omnichannel._calls import AsyncCalls, Calls
from wa_omnichannel._desk import AsyncDesk, Desk
from wa_omnichannel._drive import following
from wa_omnichannel._files import AsyncFiles, Files, achunks_of, chunks_of
from wa_omnichannel._flows import (
    agents,
    attaching,
    catalogs,
    catching_up,
    consents,
    identifying,
    privacy,
    reaching,
    reading,
    receiving,
    replaying,
    sending,
    settings,
    working,
)
from wa_omnichannel._flows.catching_up import CaughtUp
from wa_omnichannel._flows.feeding import Registry
from wa_omnichannel._flows.receiving import Receipt
from wa_omnichannel._flows.sending import Order
from wa_omnichannel._flows.settings import Compile, Draft, Live
from wa_omnichannel._flows.steps import Flow, Outside, T
from wa_omnichannel._flows.upkeep import Health
from wa_omnichannel._flows.working import Report
from wa_omnichannel._hearing import AsyncHearing, Hearing
from wa_omnichannel._team import AsyncTeam, Team
from wa_omnichannel._upkeep import AsyncUpkeep, Upkeep
from wa_omnichannel._watching import arun, run
from wa_omnichannel.addresses import Address, parse, parse_language, parse_number
from wa_omnichannel.attachments import clean_name, extension, type_of_name
from wa_omnichannel.bots import AsyncBot, Bot
from wa_omnichannel.consent import UNKNOWN, Consent, Statement, record
from wa_omnichannel.consent.rows import Fault, Row, import_rows
from wa_omnichannel.conversation import Conversation, Message, Status, Thread
from wa_omnichannel.editions import Edition
from wa_omnichannel.errors import ConfigurationError
from wa_omnichannel.machine import RandomIds, SystemClock
from wa_omnichannel.messages import Content, Media
from wa_omnichannel.outbound import Configuration, Reached, Recipient
from wa_omnichannel.ports import (
    AsyncBlobStore,
    AsyncDirectory,
    AsyncMediaSource,
    AsyncScanner,
    AsyncStore,
    AsyncTemplateSource,
    AsyncTransport,
    BlobStore,
    Clock,
    Conversations,
    Directory,
    Happening,
    Ids,
    Links,
    Listing,
    MediaSource,
    Observer,
    Pseudonyms,
    Scanner,
    SharedFile,
    Store,
    SurveyLinks,
    TemplateSource,
    Transport,
)
from wa_omnichannel.privacy import Erasure, PersonFile, Retained, Retention
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending import Verdict
from wa_omnichannel.templates import ApprovalEvent, Standing, Template
from wa_omnichannel.templates.linking import Change, Refreshed, define
from wa_omnichannel.templates.syncing import Synced
from wa_omnichannel.webhooks import Held, WebhookRequest, WebhookResponse
from wa_omnichannel.workforce import Agent, CustomPresence, Presence

_log = logging.getLogger("wa_omnichannel")


class Described(TypedDict, total=False):
    """What may be said about a file that is attached."""

    caption: str
    """Text that goes with a picture."""
    content_type: str
    """Its type, where the name does not tell it."""


@following
class Omnichannel(Desk, Team, Hearing, Upkeep):
    """A WhatsApp channel for blocking code.

    >>> from wa_omnichannel.adapters.memory import MemoryStore
    >>> from wa_omnichannel.routing import Queue, Workstream
    >>> from wa_omnichannel.rules import Number
    >>> rules = Rules([Number("+14155550100", "Shop", "main")], [Workstream("main", "all")], [Queue("all")])
    >>> desk = Omnichannel(rules, store=MemoryStore(), transport=None)
    >>> from wa_omnichannel.messages import Text
    >>> desk.can_send("+14155550100", "+34600000001", Text("Hola")).reason
    'window_never_opened'
    """

    def __init__(
        self,
        rules: Rules,
        *,
        store: Store,
        transport: Transport | None,
        clock: Clock | None = None,
        blobs: BlobStore | None = None,
        media: MediaSource | None = None,
        ids: Ids | None = None,
        scanner: Scanner | None = None,
        links: Links | None = None,
        observer: Observer | None = None,
        templates: TemplateSource | None = None,
        follow: Compile | None = None,
        directory: Directory | None = None,
        survey_links: SurveyLinks | None = None,
        bots: Mapping[str, Bot | AsyncBot] | None = None,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        """Put a channel together.

        Args:
            rules: The compiled settings.
            store: Where everything is kept.
            transport: Speaks with the provider; without one nothing can be received or sent.
            clock: Domain time; the machine's clock by default.
            blobs: Where files are kept; without one those of customers are not fetched.
            media: Fetches the files of customers.
            ids: Makes identifiers; random ones by default.
            scanner: Looks for malware in every file, in both directions; none by default.
            links: Makes the links under which the provider fetches files that were attached.
            observer: Watches what is done, for traces and metrics; see :mod:`wa_omnichannel.adapters.telemetry`.
            templates: Knows the templates that the provider holds, for ``sync_templates``.
            follow: Compiles the settings that the store has (``settings.compiler()``); the channel then obeys every
                new edition at once, and *rules* count only until there is one.
            directory: Knows the business's customers, so that those who write are linked with their records.
            survey_links: Makes the personal links to surveys.
            bots: The bots that workstreams name; plain functions run in threads, coroutine functions are awaited.
            pseudonyms: Names erased people, so that what they stopped holds; see ``machine.KeyedHashes``.
        """
        self._live = Live(rules, follow)
        machine = SystemClock()
        self._files = Files(links, clock or machine, blobs, media, scanner)
        ids = ids or RandomIds()
        self._registry = Registry(bots=bots or {})
        self._outside = Outside(
            store,
            transport,
            clock or machine,
            machine,
            ids,
            self._files,
            observer,
            templates,
            directory=directory,
            live=self._live,
            pseudonyms=pseudonyms,
            survey_links=survey_links,
            calls=Calls(),
            registry=self._registry,
        )

    @property
    def rules(self) -> Rules:
        """The settings in force, as far as this channel has seen them."""
        return self._live.rules

    @rules.setter
    def rules(self, rules: Rules) -> None:
        self._live.rules = rules

    def _follow(self) -> None:
        if self._live.compile is not None:
            self._run(settings.newest(self._live.rules))

    def _run(self, flow: Flow[T]) -> T:
        return run(flow, self._outside)

    def receive(self, request: WebhookRequest) -> WebhookResponse:
        """Take one webhook of the provider; what is answered with 2xx is in the store."""
        return _answer(self._run(receiving.receive(self.rules, request)))

    def record_call(self, number: str, customer: str, at: datetime | None = None) -> Thread:
        """Note that a customer called a number; a call opens the 24-hour window like a message (SES-2).

        Args:
            number: The business number that was called.
            customer: Who called.
            at: When; aware. Now by default.

        Raises:
            InvalidValue: An address is none, or *at* has no time zone.
            Refused: *number* is not one of ours.
        """
        flow = receiving.record_call(self.rules, parse_number(number), parse(customer, "customer"), at)
        return self._run(flow)

    def catch_up(self, since: datetime, until: datetime | None = None) -> CaughtUp:
        """Receive what customers sent in a stretch of time without a webhook.

        Use it after an outage. Each message counts from the instant at which the provider got it; what is there
        already changes nothing.

        Args:
            since: Start of the stretch; aware. Choose it a minute before the outage.
            until: Its end; now by default.

        Raises:
            InvalidValue: An instant has no time zone, or the stretch ends before it begins.
            ConfigurationError: The transport cannot list what customers sent.
            TransportError: The provider could not be asked; what was received until then stays.
        """
        return self._run(catching_up.catch_up(self.rules, since, until))

    def can_send(self, number: str, to: str, content: Content) -> Verdict:
        """Tell whether *content* may be sent from *number* to the customer *to* now, and if not, what can be done.

        Raises:
            InvalidValue: *number* or *to* is not an address.
        """
        return self._run(sending.can_send(self.rules, parse_number(number), parse(to, "to"), content))

    def reply(
        self, conversation: str, content: Content, *, agent: str | None = None, request_id: str | None = None
    ) -> Message:
        """Answer in a conversation.

        The message is accepted and kept, then handed to the provider if nothing else of this customer is on its
        way; otherwise a ``tick`` does so. The returned message says how far it got.

        Args:
            conversation: The conversation's id.
            content: What to say.
            agent: Who says it; must hold the conversation. None for the application itself.
            request_id: Repeating a call with the same id returns the first result and does nothing more.

        Raises:
            Refused: A rule says no; says why, and what can be done.
            NotFound: There is no such conversation.
        """
        order = Order(content, agent or "system", agent)
        return self._run(sending.reply(self.rules, conversation, order, request_id))

    def send(
        self, number: str, to: str, content: Content, *, bulk: bool = False, request_id: str | None = None
    ) -> Message:
        """Send to a customer outside any conversation, for example a template to somebody new.

        Args:
            number: The business number.
            to: The customer's address.
            content: What to say.
            bulk: Whether it is one of many that nobody waits for: workers send it, answers of people go first.
            request_id: Repeating a call with the same id returns the first result and does nothing more.

        Raises:
            Refused: A rule says no; says why, and what can be done.
            InvalidValue: *number* or *to* is not an address.
        """
        order = Order(content, bulk=bulk)
        flow = sending.start(self.rules, parse_number(number), parse(to, "to"), order, request_id)
        return self._run(flow)

    def accept(self, conversation: str, agent: str, *, request_id: str | None = None) -> Conversation:
        """Let an agent accept an assignment; an open conversation they pick, if they may (WS-3a).

        Raises:
            Refused: Somebody else has it, it is closed, or it is open and may not be picked.
            NotFound: There is no such conversation or agent.
        """
        return self._run(agents.accept(self.rules, conversation, agent, request_id))

    def end(self, conversation: str, *, agent: str | None = None, request_id: str | None = None) -> Conversation:
        """End a conversation; it stays in wrap-up until it is closed or the time limit passes.

        Raises:
            Refused: It belongs to somebody else, or is not active.
            NotFound: There is no such conversation.
        """
        return self._run(agents.end(self.rules, conversation, agent, request_id))

    def close(self, conversation: str, *, agent: str | None = None, request_id: str | None = None) -> Conversation:
        """Close a conversation for good; the agent's capacity is free again.

        Raises:
            Refused: It belongs to somebody else, or is closed already.
            NotFound: There is no such conversation.
        """
        return self._run(agents.close(self.rules, conversation, agent, request_id))

    def tick(self, limit: int = 1000, *, place: float = 0) -> Report:
        """Do everything that is due: sends, assignment, files to fetch, timers. Call it often.

        Args:
            limit: Most entries to work on.
            place: Where among those that are due to begin, from 0 up to 1; give each of several workers another.
        """
        return self._run(working.tick(self.rules, limit, place))

    def put_agent(self, agent: Agent) -> Agent:
        """Add an agent, or change name, queues, presence and capacity; capacity in use is kept."""
        return self._run(agents.put_agent(self.rules, agent))

    def set_presence(self, agent: str, presence: Presence | CustomPresence) -> Agent:
        """Change an agent's presence.

        Raises:
            NotFound: There is no such agent.
        """
        return self._run(agents.set_presence(self.rules, agent, presence))

    def agents(self) -> tuple[Agent, ...]:
        """Return all agents by id."""
        return self._run(reading.agents())

    def conversations(
        self,
        *,
        status: Status | None = None,
        queue: str | None = None,
        agent: str | None = None,
        number: str | None = None,
        limit: int = 100,
    ) -> tuple[Listing, ...]:
        """Return conversations, the latest change first."""
        return self._run(reading.select_all(_conversations(status, queue, agent, number, limit)))

    def messages(self, conversation: str, *, masked: bool = False) -> tuple[Message, ...]:
        """Return the messages of a conversation, the oldest first; *masked* as agents may see them (MSK-1)."""
        return self._run(reading.messages(conversation, reading.shown(self.rules, masked)))

    def message(self, message: str) -> Message:
        """Return one message.

        Raises:
            NotFound: There is no such message.
        """
        return self._run(reading.message(message))

    def timeline(self, conversation: str, *, masked: bool = False) -> tuple[Happening, ...]:
        """Return what happened in a conversation, in order, with the reasons; *masked* as agents may see it."""
        return self._run(reading.timeline(conversation, reading.shown(self.rules, masked)))

    def thread(self, conversation: str) -> Thread:
        """Return the thread of a conversation: its 24-hour window and what is going on now."""
        return self._run(reading.thread(conversation))

    def file(self, message: str) -> Iterator[bytes]:
        """Return the content of the file that came with a message, in chunks.

        Raises:
            NotFound: The message has no file, or it was not fetched.
        """
        return self._files.read(_blob(self.message(message)), message)

    def attach(self, number: str, stream: Iterable[bytes] | BinaryIO, name: str, **more: Unpack[Described]) -> Media:
        """Put a file of our own into the blob store, ready to be sent with ``reply`` or ``send``.

        It is checked before the first byte is read, while it streams, and by its content; a file that a rule
        refuses leaves nothing behind. The provider gets a link that is made when the message is handed over.

        Args:
            number: The business number it will be sent from.
            stream: An open binary file, or its chunks.
            name: Its name; the extension tells the type.
            more: ``caption``, and ``content_type`` where the name does not tell it.

        Raises:
            Refused: A rule says no; says why, and what can be done.
            ConfigurationError: The channel has no ``blobs`` or no ``links``.
        """
        media = _described(self._files.links, name, more)
        return self._run(attaching.attach(self.rules, parse_number(number), chunks_of(stream), media))

    def consent(self, to: str) -> Consent:
        """Return what the customer *to* said about being written to; nothing for a stranger."""
        return self._run(consents.consent_of(self.rules, parse(to, "to")))

    def record_consent(self, to: str, statement: Statement) -> Consent:
        """Keep an opt-in or opt-out of the customer *to*, known or not, and return what counts now."""
        address = parse(to, "to")
        return self._run(consents.tell(self.rules, {address: record(UNKNOWN, statement)}))[address]

    def import_consent(self, rows: Iterable[Row]) -> tuple[Fault, ...]:
        """Keep the consent in plain rows (see :mod:`wa_omnichannel.consent.rows`); return the rows that are wrong."""
        done = import_rows(rows)
        self._run(consents.tell(self.rules, done.consents))
        return done.faults

    def export_consent(self) -> tuple[dict[str, str], ...]:
        """Return the consent of everybody as plain rows.

        With instants and sources, so that ``import_consent`` brings the same consent into another store.
        """
        return self._run(consents.export())

    def sync_templates(self) -> Synced:
        """Read the provider's list of templates: links, approvals, categories, and where definitions differ.

        What changed is on the event stream; from then on the list is read regularly (``Rules.template_refresh``).

        Raises:
            ConfigurationError: The channel has no ``templates``.
            TransportError: The provider could not be asked.
        """
        return self._run(catalogs.sync_templates(self.rules))

    def add_template(self, name: str, default_language: str, text: str) -> Refreshed:
        """Add a template by name, default language and approved text, and look for it at the provider (TPL-3).

        It can be sent once exactly one content of the provider has its text, variables and language (TPL-5).

        Raises:
            InvalidValue: The language is no language tag.
            Refused: There is a template of that name.
        """
        return self._run(catalogs.add_template(self.rules, define(name, default_language, text)))

    def report_template(
        self, name: str, language: str, event: ApprovalEvent, *, at: datetime | None = None, reason: str = ""
    ) -> Change | None:
        """Note what an alert or event told about a template, and return what changed (TPL-8).

        Raises:
            Refused: There is no such translation, or the event cannot be.
        """
        about = (name, parse_language(language))
        return self._run(catalogs.report_template(self.rules, about, event, at, reason))

    def override_template(self, name: str, language: str, standing: Standing) -> Change | None:
        """Let somebody's word count for an approval until the provider is asked again; see ``templates.override``.

        Raises:
            Refused: There is no such translation.
        """
        about = (name, parse_language(language))
        return self._run(catalogs.override_template(self.rules, about, standing))

    def templates(self) -> tuple[Template, ...]:
        """Return the templates as they stand, with what is known about their approvals."""
        return self._run(catalogs.templates(self.rules))

    def link_customer(self, conversation: str, customer: str, *, agent: str) -> Conversation:
        """Let an agent link the customer of a conversation with a record of the directory; it stays linked (CH-41).

        Raises:
            NotFound: There is no such conversation or record.
        """
        return self._run(identifying.link_by_hand(self.rules, conversation, customer, agent))

    def quarantine(self, limit: int = 100) -> tuple[Held, ...]:
        """Return the webhooks that nobody could be given, the oldest first."""
        return self._run(replaying.quarantined(limit))

    def replay(self, held: str) -> str:
        """Take a webhook out of quarantine, as if it arrived now at its own instant; tells what it came to.

        Raises:
            NotFound: It is not in quarantine.
            WebhookError: It still cannot be read.
        """
        return self._run(replaying.replay(self.rules, held))

    def publish(self, rules: Rules, draft: Draft) -> Edition:
        """Put settings into force as the next edition; ``settings.apply`` makes the draft of a file.

        Raises:
            Refused: Another edition came in between, or a change is not possible.
        """
        return self._run(settings.publish(self.rules, rules, draft))

    def edition(self, number: int | None = None) -> Edition:
        """Return an edition of the settings, the one in force by default.

        Raises:
            NotFound: There is none.
        """
        return self._run(settings.edition_of(self.rules.pool, number))

    def reach(
        self,
        configuration: Configuration,
        recipients: Sequence[Recipient],
        *,
        due: datetime | None = None,
        request_id: str | None = None,
    ) -> tuple[Reached, ...]:
        """Write to customers first with a template (OUT-1 to OUT-6); one who is refused stops nobody else.

        Whoever has quiet hours is written to when they are over, by ``tick``. An answer within the response window
        opens a conversation with the context of what was sent.

        Args:
            configuration: What is sent from where.
            recipients: To whom, each once; more than a hundred are split (OUT-4).
            due: When; now by default.
            request_id: Repeating a call with the same id sends nothing twice.

        Raises:
            InvalidValue: Somebody is among the recipients twice.
        """
        return self._run(reaching.reach(self.rules, configuration, recipients, due, request_id))

    def export_person(self, address: str) -> dict[str, object]:
        """Return everything that is known about whoever has *address*, ready for JSON; nothing about a stranger.

        Contacts, threads, conversations, messages and events under every address of the person and every number
        of the settings. Files are named by their ``blob``.
        """
        return _plain(self._run(privacy.person(self.rules, parse(address))))

    def erase_person(self, address: str) -> Erasure:
        """Remove everything about whoever has *address*, under all their addresses; may be repeated.

        Live conversations are closed. What the person stopped is kept under keyed hashes. The provider's copies
        are emptied where it can do that; the others are in the result.

        Raises:
            ConfigurationError: They stopped messages and there are no ``pseudonyms``, or the store cannot forget.
            StoreUnavailable: It did not come to its end; repeat it.
        """
        return self._run(privacy.erase(self.rules, parse(address)))

    def apply_retention(self, retention: Retention) -> Retained:
        """Remove what is older than *retention* allows; call it once a day. Figures of the past stay.

        Raises:
            ConfigurationError: The store cannot forget.
            StoreUnavailable: It did not come to its end; repeat it.
        """
        return self._run(privacy.retain(self.rules, retention))

    def shared(self, path: str) -> tuple[SharedFile, Iterator[bytes]]:
        """Return the file behind the *path* of a link, and its content.

        Raises:
            LinkExpired: The link is too old.
            NotFound: It is no link of ours, or there is no such file.
        """
        file = self._files.shared(path)
        return file, self._files.read(file.blob, path)


@following
class AsyncOmnichannel(AsyncDesk, AsyncTeam, AsyncHearing, AsyncUpkeep):
    """A WhatsApp channel for coroutines; the methods and arguments of :class:`Omnichannel`."""

    def __init__(
        self,
        rules: Rules,
        *,
        store: AsyncStore,
        transport: AsyncTransport | None,
        clock: Clock | None = None,
        blobs: AsyncBlobStore | None = None,
        media: AsyncMediaSource | None = None,
        ids: Ids | None = None,
        scanner: AsyncScanner | None = None,
        links: Links | None = None,
        observer: Observer | None = None,
        templates: AsyncTemplateSource | None = None,
        follow: Compile | None = None,
        directory: AsyncDirectory | None = None,
        survey_links: SurveyLinks | None = None,
        bots: Mapping[str, Bot | AsyncBot] | None = None,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        """Put a channel together; the arguments are those of :class:`Omnichannel`."""
        self._live = Live(rules, follow)
        machine = SystemClock()
        self._files = AsyncFiles(links, clock or machine, blobs, media, scanner)
        ids = ids or RandomIds()
        self._registry = Registry(bots=bots or {})
        self._outside = Outside(
            store,
            transport,
            clock or machine,
            machine,
            ids,
            self._files,
            observer,
            templates,
            directory=directory,
            live=self._live,
            pseudonyms=pseudonyms,
            survey_links=survey_links,
            calls=AsyncCalls(),
            registry=self._registry,
        )

    @property
    def rules(self) -> Rules:
        """The settings in force, as far as this channel has seen them."""
        return self._live.rules

    @rules.setter
    def rules(self, rules: Rules) -> None:
        self._live.rules = rules

    async def _follow(self) -> None:
        if self._live.compile is not None:
            await self._run(settings.newest(self._live.rules))

    async def _run(self, flow: Flow[T]) -> T:
        return await arun(flow, self._outside)

    async def receive(self, request: WebhookRequest) -> WebhookResponse:
        """Take one webhook of the provider; what is answered with 2xx is in the store."""
        return _answer(await self._run(receiving.receive(self.rules, request)))

    async def record_call(self, number: str, customer: str, at: datetime | None = None) -> Thread:
        """Note that a customer called a number; see :meth:`Omnichannel.record_call`."""
        flow = receiving.record_call(self.rules, parse_number(number), parse(customer, "customer"), at)
        return await self._run(flow)

    async def catch_up(self, since: datetime, until: datetime | None = None) -> CaughtUp:
        """Receive what customers sent in a stretch of time without a webhook; see :meth:`Omnichannel.catch_up`."""
        return await self._run(catching_up.catch_up(self.rules, since, until))

    async def can_send(self, number: str, to: str, content: Content) -> Verdict:
        """Tell whether *content* may be sent from *number* to the customer *to*; see :meth:`Omnichannel.can_send`."""
        return await self._run(sending.can_send(self.rules, parse_number(number), parse(to, "to"), content))

    async def reply(
        self, conversation: str, content: Content, *, agent: str | None = None, request_id: str | None = None
    ) -> Message:
        """Answer in a conversation; see :meth:`Omnichannel.reply`."""
        order = Order(content, agent or "system", agent)
        return await self._run(sending.reply(self.rules, conversation, order, request_id))

    async def send(
        self, number: str, to: str, content: Content, *, bulk: bool = False, request_id: str | None = None
    ) -> Message:
        """Send to a customer outside any conversation; see :meth:`Omnichannel.send`."""
        order = Order(content, bulk=bulk)
        flow = sending.start(self.rules, parse_number(number), parse(to, "to"), order, request_id)
        return await self._run(flow)

    async def accept(self, conversation: str, agent: str, *, request_id: str | None = None) -> Conversation:
        """Let an agent accept an assignment; an open conversation they pick; see :meth:`Omnichannel.accept`."""
        return await self._run(agents.accept(self.rules, conversation, agent, request_id))

    async def end(self, conversation: str, *, agent: str | None = None, request_id: str | None = None) -> Conversation:
        """End a conversation; see :meth:`Omnichannel.end`."""
        return await self._run(agents.end(self.rules, conversation, agent, request_id))

    async def close(
        self, conversation: str, *, agent: str | None = None, request_id: str | None = None
    ) -> Conversation:
        """Close a conversation for good; see :meth:`Omnichannel.close`."""
        return await self._run(agents.close(self.rules, conversation, agent, request_id))

    async def tick(self, limit: int = 1000, *, place: float = 0) -> Report:
        """Do everything that is due; see :meth:`Omnichannel.tick`."""
        return await self._run(working.tick(self.rules, limit, place))

    async def put_agent(self, agent: Agent) -> Agent:
        """Add an agent, or change name, queues, presence and capacity; see :meth:`Omnichannel.put_agent`."""
        return await self._run(agents.put_agent(self.rules, agent))

    async def set_presence(self, agent: str, presence: Presence | CustomPresence) -> Agent:
        """Change an agent's presence; see :meth:`Omnichannel.set_presence`."""
        return await self._run(agents.set_presence(self.rules, agent, presence))

    async def agents(self) -> tuple[Agent, ...]:
        """Return all agents by id."""
        return await self._run(reading.agents())

    async def conversations(
        self,
        *,
        status: Status | None = None,
        queue: str | None = None,
        agent: str | None = None,
        number: str | None = None,
        limit: int = 100,
    ) -> tuple[Listing, ...]:
        """Return conversations, the latest change first."""
        return await self._run(reading.select_all(_conversations(status, queue, agent, number, limit)))

    async def messages(self, conversation: str, *, masked: bool = False) -> tuple[Message, ...]:
        """Return the messages of a conversation, the oldest first; see :meth:`Omnichannel.messages`."""
        return await self._run(reading.messages(conversation, reading.shown(self.rules, masked)))

    async def message(self, message: str) -> Message:
        """Return one message; see :meth:`Omnichannel.message`."""
        return await self._run(reading.message(message))

    async def timeline(self, conversation: str, *, masked: bool = False) -> tuple[Happening, ...]:
        """Return what happened in a conversation, in order; see :meth:`Omnichannel.timeline`."""
        return await self._run(reading.timeline(conversation, reading.shown(self.rules, masked)))

    async def thread(self, conversation: str) -> Thread:
        """Return the thread of a conversation; see :meth:`Omnichannel.thread`."""
        return await self._run(reading.thread(conversation))

    async def file(self, message: str) -> AsyncIterator[bytes]:
        """Return the content of the file that came with a message; see :meth:`Omnichannel.file`."""
        return self._files.read(_blob(await self.message(message)), message)

    async def attach(
        self, number: str, stream: AsyncIterable[bytes] | BinaryIO, name: str, **more: Unpack[Described]
    ) -> Media:
        """Put a file of our own into the blob store, ready to be sent; see :meth:`Omnichannel.attach`."""
        media = _described(self._files.links, name, more)
        return await self._run(attaching.attach(self.rules, parse_number(number), achunks_of(stream), media))

    async def consent(self, to: str) -> Consent:
        """Return what the customer *to* said; see :meth:`Omnichannel.consent`."""
        return await self._run(consents.consent_of(self.rules, parse(to, "to")))

    async def record_consent(self, to: str, statement: Statement) -> Consent:
        """Keep an opt-in or opt-out; see :meth:`Omnichannel.record_consent`."""
        address = parse(to, "to")
        return (await self._run(consents.tell(self.rules, {address: record(UNKNOWN, statement)})))[address]

    async def import_consent(self, rows: Iterable[Row]) -> tuple[Fault, ...]:
        """Keep the consent in plain rows; see :meth:`Omnichannel.import_consent`."""
        done = import_rows(rows)
        await self._run(consents.tell(self.rules, done.consents))
        return done.faults

    async def export_consent(self) -> tuple[dict[str, str], ...]:
        """Return the consent of everybody as plain rows; see :meth:`Omnichannel.export_consent`."""
        return await self._run(consents.export())

    async def sync_templates(self) -> Synced:
        """Read the provider's list of templates; see :meth:`Omnichannel.sync_templates`."""
        return await self._run(catalogs.sync_templates(self.rules))

    async def add_template(self, name: str, default_language: str, text: str) -> Refreshed:
        """Add a template by name, default language and approved text; see :meth:`Omnichannel.add_template`."""
        return await self._run(catalogs.add_template(self.rules, define(name, default_language, text)))

    async def report_template(
        self, name: str, language: str, event: ApprovalEvent, *, at: datetime | None = None, reason: str = ""
    ) -> Change | None:
        """Note what an alert or event told about a template; see :meth:`Omnichannel.report_template`."""
        about = (name, parse_language(language))
        return await self._run(catalogs.report_template(self.rules, about, event, at, reason))

    async def override_template(self, name: str, language: str, standing: Standing) -> Change | None:
        """Let somebody's word count for an approval; see :meth:`Omnichannel.override_template`."""
        about = (name, parse_language(language))
        return await self._run(catalogs.override_template(self.rules, about, standing))

    async def templates(self) -> tuple[Template, ...]:
        """Return the templates as they stand, with what is known about their approvals."""
        return await self._run(catalogs.templates(self.rules))

    async def link_customer(self, conversation: str, customer: str, *, agent: str) -> Conversation:
        """Let an agent link the customer of a conversation; see :meth:`Omnichannel.link_customer`."""
        return await self._run(identifying.link_by_hand(self.rules, conversation, customer, agent))

    async def quarantine(self, limit: int = 100) -> tuple[Held, ...]:
        """Return the webhooks that nobody could be given, the oldest first."""
        return await self._run(replaying.quarantined(limit))

    async def replay(self, held: str) -> str:
        """Take a webhook out of quarantine; see :meth:`Omnichannel.replay`."""
        return await self._run(replaying.replay(self.rules, held))

    async def publish(self, rules: Rules, draft: Draft) -> Edition:
        """Put settings into force as the next edition; see :meth:`Omnichannel.publish`."""
        return await self._run(settings.publish(self.rules, rules, draft))

    async def edition(self, number: int | None = None) -> Edition:
        """Return an edition of the settings; see :meth:`Omnichannel.edition`."""
        return await self._run(settings.edition_of(self.rules.pool, number))

    async def reach(
        self,
        configuration: Configuration,
        recipients: Sequence[Recipient],
        *,
        due: datetime | None = None,
        request_id: str | None = None,
    ) -> tuple[Reached, ...]:
        """Write to customers first with a template (OUT-1 to OUT-6); see :meth:`Omnichannel.reach`."""
        return await self._run(reaching.reach(self.rules, configuration, recipients, due, request_id))

    async def export_person(self, address: str) -> dict[str, object]:
        """Return everything that is known about whoever has *address*; see :meth:`Omnichannel.export_person`."""
        return _plain(await self._run(privacy.person(self.rules, parse(address))))

    async def erase_person(self, address: str) -> Erasure:
        """Remove everything about whoever has *address*; see :meth:`Omnichannel.erase_person`."""
        return await self._run(privacy.erase(self.rules, parse(address)))

    async def apply_retention(self, retention: Retention) -> Retained:
        """Remove what is older than *retention* allows; see :meth:`Omnichannel.apply_retention`."""
        return await self._run(privacy.retain(self.rules, retention))

    async def shared(self, path: str) -> tuple[SharedFile, AsyncIterator[bytes]]:
        """Return the file behind the *path* of a link, and its content; see :meth:`Omnichannel.shared`."""
        file = self._files.shared(path)
        return file, self._files.read(file.blob, path)


def _answer(receipt: Receipt) -> WebhookResponse:
    """Return the response of a webhook, and log what is worth logging: no text, no numbers, no secrets."""
    if receipt.error is not None:
        _log.warning("webhook %s: %s: %s", receipt.kind, receipt.error.code, receipt.error)
    elif "held" in receipt.kind or "unknown" in receipt.kind:
        _log.warning("webhook set aside: %s", receipt.kind)
    else:
        _log.debug("webhook taken: %s", receipt.kind)
    return receipt.response


def _conversations(
    status: Status | None, queue: str | None, agent: str | None, number: str | None, limit: int
) -> Conversations:
    known: Address | None = parse_number(number) if number is not None else None
    return Conversations(status, queue, agent, known, limit)


def _plain(file: PersonFile) -> dict[str, object]:
    """Return a person's data as JSON has it."""
    import json

    from wa_omnichannel._storage.codec import encode

    return dict(json.loads(encode(PersonFile, file)))


def _blob(message: Message) -> str | None:
    return message.content.blob if isinstance(message.content, Media) else None


def _described(links: Links | None, name: str, more: Described) -> Media:
    """Return a file of our own as far as it is known before it is read."""
    if links is None:
        raise ConfigurationError("Files need links to be sent: give the channel links=, for example MediaLinks(...).")
    content_type = more.get("content_type") or type_of_name(extension(name)) or "application/octet-stream"
    return Media("", content_type, more.get("caption", ""), clean_name(name))


__all__ = ["AsyncOmnichannel", "Compile", "Draft", "Health", "Omnichannel", "Report"]
