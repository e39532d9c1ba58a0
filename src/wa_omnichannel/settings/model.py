"""What a settings file says beside the rules of the channel: account, agents, customers, bots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import attrs

from wa_omnichannel.addresses import parse_sid
from wa_omnichannel.bots import Menu, MenuBot
from wa_omnichannel.capacity import Allowances, CapacityProfile, override
from wa_omnichannel.conditions import Kind
from wa_omnichannel.errors import ConfigurationError, InvalidValue
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings.secret_names import SecretName
from wa_omnichannel.skills import Ratings
from wa_omnichannel.workforce import Agent, AgentValue

_NO_RATINGS: Ratings = {}
_NO_TEXTS: Mapping[str, str] = {}
_NO_KINDS: Mapping[str, Kind] = {}
_NO_LIMITS: Mapping[str, int | None] = {}
_NO_ATTRIBUTES: Mapping[str, AgentValue] = {}


def _account_sid(text: str) -> str:
    return parse_sid(text, "AC", "sid")


def _check_pair(account: Account, _: object, value: SecretName | None) -> None:
    if (value is None) is not (account.api_key is None):
        raise InvalidValue("api_secret", "***", "An API key has a SID (api_key) and a secret (api_secret); give both.")


@attrs.frozen
class Account:
    """The account at the provider (CH-3, CH-4). The SID is no secret; the token is (CH-20)."""

    sid: str = attrs.field(converter=_account_sid)
    """``AC`` and 32 hexadecimal digits."""
    token: SecretName
    """Where the auth token is kept."""
    public_url: str
    """Address at which the provider reaches the webhooks; the callback addresses follow from it (CH-6)."""
    name: str = ""
    api_key: str | None = None
    """SID (``SK``) of an API key that is used in place of the token to call the provider."""
    api_secret: SecretName | None = attrs.field(default=None, validator=_check_pair)
    other_tokens: tuple[SecretName, ...] = ()
    """Tokens whose signatures count too, while tokens are exchanged."""
    messaging_service: str | None = None
    """Messaging Service (``MG``) to send with."""
    base_url: str | None = None
    """Address of the provider's API, for a region or a local Twilio."""

    @property
    def inbound_url(self) -> str:
        """The address to paste at the provider for incoming messages (CH-6)."""
        return self.public_url.rstrip("/") + "/inbound"

    @property
    def status_url(self) -> str:
        """The address for status callbacks (CH-6)."""
        return self.public_url.rstrip("/") + "/status"


@attrs.frozen
class SqlSource:
    """Customers in a database. Each statement has one parameter and returns the columns of a CSV file."""

    database: SecretName
    """Where the address of the database is kept: ``sqlite:///path`` or ``postgresql://…``; it is only read."""
    by_phone: str
    """For example ``SELECT id, first_name FROM customer WHERE mobile = ?``; with PostgreSQL it is ``%s``."""
    by_id: str
    """The same by the customer's id."""


def _check_one(directory: CustomerDirectory, _: object, value: SqlSource | None) -> None:
    if sum(place is not None for place in (directory.csv, directory.url, value)) != 1:
        raise InvalidValue("url", str(directory.url), "Name one place: csv, url or sql.")


@attrs.frozen
class CustomerDirectory:
    """Where the business's customers are looked up (CH-42)."""

    csv: str | None = None
    """Path of a CSV file with the columns ``id`` and ``phone``."""
    url: str | None = None
    """Address of an HTTP service."""
    sql: SqlSource | None = attrs.field(default=None, validator=_check_one)
    """A database with statements of one's own."""
    token: SecretName | None = None
    """Bearer token of the service."""
    attributes: Mapping[str, Kind] = _NO_KINDS
    """What rules may ask as ``customer.<name>``, and its kind."""


_NO_MENUS: tuple[Menu, ...] = ()


def _check_bot(bot: BotSettings, _: object, value: tuple[Menu, ...]) -> None:
    if bool(value) is (bot.url is not None):
        raise InvalidValue("menus", str(len(value)), "Give a bot menus, or the address of a service: one of them.")
    if (bot.url is None) is not (bot.secret is None):
        raise InvalidValue("secret", "***", "A bot behind an address has a secret that signs what it is asked.")
    if value:
        MenuBot(value, bot.not_understood, bot.patience)


@attrs.frozen
class BotSettings:
    """A bot that workstreams name (BOT-1): of menus and keywords, or behind an HTTP address."""

    name: str
    url: str | None = None
    """Address to which turns are posted."""
    secret: SecretName | None = None
    """Signs what is posted there; 16 bytes or more."""
    limit: timedelta = timedelta(seconds=10)
    """How long one network step may take."""
    not_understood: Mapping[str, str] = _NO_TEXTS
    """What a bot of menus says to an answer that fits no choice, by language."""
    patience: int = 2
    """After so many of them in a row it escalates."""
    menus: tuple[Menu, ...] = attrs.field(default=_NO_MENUS, validator=_check_bot)
    """What a bot of menus shows; it begins with the first."""


@attrs.frozen
class AgentProfile:
    """What the file says about an agent; presence and the work they have are not settings."""

    id: str
    name: str
    queues: frozenset[str] = frozenset()
    capacity: int = 1
    """Units the agent has (CAP-1)."""
    skills: Ratings = _NO_RATINGS
    """Rating by skill (SKL-1)."""
    profiles: Mapping[str, int | None] = _NO_LIMITS
    """Capacity profiles, with a limit of their own or none for the profile's (CAP-5)."""
    attributes: Mapping[str, AgentValue] = _NO_ATTRIBUTES
    """Facts for custom assignment rules."""
    bot: bool = False
    """Whether it is a machine, whose capacity is never reduced (CAP-9)."""

    def agent(self, profiles: Mapping[str, CapacityProfile], known: Agent | None = None) -> Agent:
        """Return the agent as ``put_agent`` takes it; presence and work are as they are *known*.

        Args:
            profiles: The capacity profiles by name.
            known: The agent as the store has it; a new one is offline.
        """
        has: Allowances = known.profiles if known is not None else {}
        for name, limit in self.profiles.items():
            has = override(has, profiles[name], limit)
        return attrs.evolve(
            known or Agent(self.id, self.name),
            name=self.name,
            queues=self.queues,
            capacity=self.capacity,
            skills=self.skills,
            profiles={name: has[name] for name in self.profiles},
            attributes=self.attributes,
            bot=self.bot,
        )


@attrs.frozen
class Settings:
    """The whole set-up of a channel."""

    rules: Rules
    """What decisions read."""
    account: Account | None = None
    directory: CustomerDirectory | None = None
    agents: tuple[AgentProfile, ...] = ()
    capacity_profiles: tuple[CapacityProfile, ...] = ()
    bots: tuple[BotSettings, ...] = ()
    """The bots that workstreams name."""
    pseudonyms: SecretName | None = None
    """Key under which it is remembered, without their address, what erased people had stopped; keep it for good."""
    telemetry: bool = False
    """Whether servers and workers give traces and metrics to OpenTelemetry (extra ``otel``)."""

    def people(self, known: Iterable[Agent] = ()) -> tuple[Agent, ...]:
        """Return the agents, ready for ``put_agent``.

        Args:
            known: The agents that the store has.
        """
        profiles = {profile.name: profile for profile in self.capacity_profiles}
        there = {agent.id: agent for agent in known}
        return tuple(agent.agent(profiles, there.get(agent.id)) for agent in self.agents)

    def provider(self) -> Account:
        """Return the account.

        Raises:
            ConfigurationError: The file has none.
        """
        if self.account is None:
            raise ConfigurationError("The settings have no account; add the section account with sid and token.")
        return self.account
