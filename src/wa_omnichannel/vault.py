"""The vault: secrets in the store, encrypted, behind separate rights to read, change and create (CH-20, CH-21).

::

    vault = Vault(store, KeyRing.parse(os.environ["WA_OMNICHANNEL_KEYS"]))
    vault.create(admin, "twilio", Secret(token))      # in the settings: token: stored:twilio
"""

from __future__ import annotations

from collections.abc import Callable

from wa_omnichannel._drive import adrive, drive
from wa_omnichannel._flows import secrets
from wa_omnichannel._flows.steps import Flow, Outside, T
from wa_omnichannel.machine import RandomIds, SystemClock
from wa_omnichannel.ports import AsyncStore, Store
from wa_omnichannel.secret import Actor, Sealer, Secret


class Vault:
    """Keeps secrets, for blocking code."""

    def __init__(self, store: Store, sealer: Sealer) -> None:
        """Keep secrets in *store*, encrypted by *sealer*."""
        self._outside = Outside(store, None, SystemClock(), SystemClock(), RandomIds(), None)
        self._sealer = sealer

    def _run(self, flow: Flow[T]) -> T:
        return drive(flow, self._outside)

    def create(self, actor: Actor, name: str, secret: Secret) -> None:
        """Keep a new secret.

        Raises:
            Refused: *actor* may not create secrets, or there is one of this name.
        """
        self._run(secrets.create(self._sealer, actor, name, secret))

    def update(self, actor: Actor, name: str, secret: Secret) -> None:
        """Change a secret; who may do so need not be able to read it.

        Raises:
            Refused: *actor* may not change secrets.
            NotFound: There is none of this name.
        """
        self._run(secrets.update(self._sealer, actor, name, secret))

    def read(self, actor: Actor, name: str) -> Secret:
        """Return a secret.

        Raises:
            Refused: *actor* may not read secrets.
            NotFound: There is none of this name.
        """
        return self._run(secrets.read(self._sealer, actor, name))

    def reseal(self, actor: Actor, name: str) -> bool:
        """Encrypt a secret with the current key; tells whether it had another one.

        Raises:
            Refused: *actor* may not change secrets.
            NotFound: There is none of this name.
        """
        return self._run(secrets.reseal(self._sealer, actor, name))

    def reader(self, actor: Actor) -> Callable[[str], Secret]:
        """Return what fetches secrets for settings that say ``stored:NAME``."""
        return lambda name: self.read(actor, name)


class AsyncVault:
    """Keeps secrets, for coroutines; see :class:`Vault`."""

    def __init__(self, store: AsyncStore, sealer: Sealer) -> None:
        """Keep secrets in *store*, encrypted by *sealer*."""
        self._outside = Outside(store, None, SystemClock(), SystemClock(), RandomIds(), None)
        self._sealer = sealer

    async def create(self, actor: Actor, name: str, secret: Secret) -> None:
        """Keep a new secret; see :meth:`Vault.create`."""
        await adrive(secrets.create(self._sealer, actor, name, secret), self._outside)

    async def update(self, actor: Actor, name: str, secret: Secret) -> None:
        """Change a secret; see :meth:`Vault.update`."""
        await adrive(secrets.update(self._sealer, actor, name, secret), self._outside)

    async def read(self, actor: Actor, name: str) -> Secret:
        """Return a secret; see :meth:`Vault.read`."""
        return await adrive(secrets.read(self._sealer, actor, name), self._outside)

    async def reseal(self, actor: Actor, name: str) -> bool:
        """Encrypt a secret with the current key; see :meth:`Vault.reseal`."""
        return await adrive(secrets.reseal(self._sealer, actor, name), self._outside)
