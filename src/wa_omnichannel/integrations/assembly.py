"""A channel put together as its settings say: the account's transport, files, links, bots, settings that are followed.

::

    with open_store("sqlite:///wa.sqlite") as store:
        with connected(store, load("wa.yaml"), environment=os.environ) as channel:
            app = WebhookApp(channel)
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Callable, Generator, Mapping
from functools import partial
from pathlib import Path

from wa_omnichannel.adapters.blobs import FolderBlobs
from wa_omnichannel.adapters.directories import CsvDirectory, HttpDirectory, SqlDirectory, connect
from wa_omnichannel.adapters.http_bot import HttpBot
from wa_omnichannel.adapters.sealing import KeyRing
from wa_omnichannel.adapters.telemetry import Telemetry
from wa_omnichannel.adapters.twilio import TwilioMedia, TwilioTransport
from wa_omnichannel.bots import AsyncBot, Bot, MenuBot
from wa_omnichannel.errors import ConfigurationError, Refused
from wa_omnichannel.integrations.links import MediaLinks, PersonalLinks
from wa_omnichannel.machine import KeyedHashes, SystemClock
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import Clock, Directory, Store
from wa_omnichannel.rules import Rules
from wa_omnichannel.secret import Actor, Capability, Secret
from wa_omnichannel.settings import Account, Settings, apply, compiler, in_force, settings_of
from wa_omnichannel.vault import Vault

FILES = Path("files")
"""Folder of the files that customers and agents send."""

_NO_BOTS: Mapping[str, Bot | AsyncBot] = {}
_PURPOSE = b"wa_omnichannel links of an account 1"


@contextlib.contextmanager
def connected(
    store: Store,
    settings: Settings | None = None,
    *,
    environment: Mapping[str, str],
    files: Path = FILES,
    stored: Callable[[str], Secret] | None = None,
    clock: Clock | None = None,
    bots: Mapping[str, Bot | AsyncBot] = _NO_BOTS,
) -> Generator[Omnichannel]:
    """Put a channel together and close it at the end.

    The bots, the account, the directory and the keys are those of the start; rules are followed as they change.

    Args:
        store: Where everything is kept, the settings included.
        settings: What to put into force first; by default those in force are used as they are.
        environment: The variables that secrets may be in.
        files: Folder of the files that are sent.
        stored: Fetches secrets that are kept in the store; by default :func:`reader_of` does.
        clock: Domain time; the machine's clock by default.
        bots: Bots of the application, beside those of the settings.

    Raises:
        ConfigurationError: There are no settings, no account in them, a bot that nobody gives, or a secret is missing.
    """
    wanted = settings or _in_force(store)
    stored = stored or reader_of(store, environment)
    clock = clock or SystemClock()
    account = wanted.provider()
    token = account.token.resolve(environment, stored)
    secrets = [_link_secret(each) for each in (token, *_others(account, environment, stored))]
    known = {**_bots(wanted, environment, stored, clock), **bots}
    _check_bots(wanted.rules, known)
    key = wanted.pseudonyms
    with transport_of(account, environment, stored) as transport:
        channel = Omnichannel(
            wanted.rules,
            store=store,
            transport=transport,
            clock=clock,
            blobs=FolderBlobs(files),
            media=TwilioMedia(account_sid=account.sid, auth_token=token, base_url=account.base_url),
            links=MediaLinks(account.public_url, secrets),
            observer=Telemetry() if wanted.telemetry else None,
            templates=transport,
            follow=compiler(),
            directory=_directory(wanted, environment, stored),
            survey_links=PersonalLinks(account.public_url, secrets),
            bots=known,
            pseudonyms=KeyedHashes(key.resolve(environment, stored).reveal()) if key is not None else None,
        )
        if settings is not None:
            _put_into_force(channel, settings)
        yield channel


def transport_of(
    account: Account, environment: Mapping[str, str], stored: Callable[[str], Secret] | None = None
) -> TwilioTransport:
    """Return what speaks with the provider for an account.

    Raises:
        ConfigurationError: A secret is not there.
        InvalidValue: Something in the account is wrong.
    """
    key = None
    if account.api_key is not None and account.api_secret is not None:
        key = (account.api_key, account.api_secret.resolve(environment, stored))
    return TwilioTransport(
        account_sid=account.sid,
        auth_token=account.token.resolve(environment, stored),
        public_url=account.public_url,
        base_url=account.base_url,
        api_key=key,
        other_auth_tokens=_others(account, environment, stored),
        messaging_service_sid=account.messaging_service,
    )


def _others(account: Account, environment: Mapping[str, str], stored: Callable[[str], Secret] | None) -> list[Secret]:
    """Return the account's other tokens, whose signatures count while tokens are exchanged."""
    return [token.resolve(environment, stored) for token in account.other_tokens]


KEYS = "WA_OMNICHANNEL_KEYS"
"""Environment variable with the keys of the vault: ``name:base64``, the current one first."""


def reader_of(store: Store, environment: Mapping[str, str]) -> Callable[[str], Secret] | None:
    """Return what fetches the secrets of the store, if the environment has the keys.

    Raises:
        InvalidValue: The keys cannot be read.
        MissingExtra: The extra ``crypto`` is not installed.
    """
    keys = environment.get(KEYS)
    if not keys:
        return None
    return Vault(store, KeyRing.parse(keys)).reader(Actor("server", frozenset({Capability.READ})))


def _directory(
    settings: Settings, environment: Mapping[str, str], stored: Callable[[str], Secret] | None
) -> Directory | None:
    named = settings.directory
    if named is None:
        return None
    if named.csv is not None:
        return CsvDirectory(Path(named.csv))
    if named.sql is not None:
        address = named.sql.database.resolve(environment, stored)
        return SqlDirectory(partial(connect, address.reveal()), named.sql.by_phone, named.sql.by_id)
    token = named.token.resolve(environment, stored) if named.token is not None else None
    return HttpDirectory(named.url or "", token)


def _bots(
    settings: Settings, environment: Mapping[str, str], stored: Callable[[str], Secret] | None, clock: Clock
) -> dict[str, Bot | AsyncBot]:
    """Return the bots of the settings by name."""
    made: dict[str, Bot | AsyncBot] = {}
    for bot in settings.bots:
        if bot.url is not None and bot.secret is not None:
            secret = bot.secret.resolve(environment, stored).reveal().encode()
            made[bot.name] = HttpBot(bot.url, secret, clock=clock, limit=bot.limit)
        else:
            made[bot.name] = MenuBot(bot.menus, bot.not_understood, bot.patience)
    return made


def _check_bots(rules: Rules, known: Mapping[str, Bot | AsyncBot]) -> None:
    for workstream in rules.workstreams:
        bot = rules.life.of(workstream.name).bot
        if bot and bot not in known:
            raise ConfigurationError(
                f"Workstream {workstream.name!r} names the bot {bot!r}, which is not there; add it to the section bots."
            )


def _in_force(store: Store) -> Settings:
    edition = in_force(Omnichannel(Rules((), (), ()), store=store, transport=None))
    if edition is None:
        raise ConfigurationError(
            "No settings are in force yet; put a file into force with: wa-omnichannel config apply"
        )
    return settings_of(edition)


def _put_into_force(channel: Omnichannel, settings: Settings) -> None:
    """Put the settings into force; another server that starts with the same file may be faster."""
    try:
        apply(channel, settings, "start of the server")
    except Refused as refused:
        if refused.reason != "settings_overtaken":
            raise
        apply(channel, settings, "start of the server")


def _link_secret(token: Secret) -> bytes:
    """Return the secret that signs links to files: made of the token, so that there is one secret less to keep."""
    return hmac.new(token.reveal().encode(), _PURPOSE, hashlib.sha256).digest()
