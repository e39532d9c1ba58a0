"""Secrets of the store: created, changed, read and encrypted again, each by who may do so (CH-20, CH-21)."""

from __future__ import annotations

from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row, until_agreed
from wa_omnichannel._flows.steps import Flow, commit, load
from wa_omnichannel.errors import NotFound, Refused
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.ports import Changes, Put, secret_key
from wa_omnichannel.secret import Actor, Capability, Sealed, Sealer, Secret, check


def _permit(actor: Actor, capability: Capability, name: str) -> None:
    refused = check(actor, capability, name)
    if refused is not None:
        raise refused


def _sealed(name: str) -> Flow[Sealed]:
    key = secret_key(name)
    found = row((yield from load(key)), key, Sealed)
    if found is None:
        raise NotFound("secret", name)
    return found


def read(sealer: Sealer, actor: Actor, name: str) -> Flow[Secret]:
    """Return a secret.

    Raises:
        Refused: The actor may not read secrets.
        NotFound: There is none of this name.
    """
    _permit(actor, Capability.READ, name)
    return sealer.open(name, (yield from _sealed(name)))


def create(sealer: Sealer, actor: Actor, name: str, secret: Secret) -> Flow[None]:
    """Keep a new secret.

    Raises:
        Refused: The actor may not create secrets, or there is one of this name.
    """
    _permit(actor, Capability.CREATE, name)
    key = secret_key(name)
    if key in (yield from load(key)):
        facts = {"secret": name}
        trace = (Check("CH-21", False, "secret_exists", facts),)
        raise Refused("secret_exists", facts, trace, (Remedy("update_secret"),))
    sealed = Sealed(sealer.current, sealer.seal(name, secret), actor.id)
    yield from commit(Changes((Put(key, sealed, 0),)))


def update(sealer: Sealer, actor: Actor, name: str, secret: Secret) -> Flow[None]:
    """Change a secret; who may do so need not be able to read it.

    Raises:
        Refused: The actor may not change secrets.
        NotFound: There is none of this name.
    """
    _permit(actor, Capability.UPDATE, name)
    yield from _sealed(name)
    sealed = Sealed(sealer.current, sealer.seal(name, secret), actor.id)
    yield from commit(Changes((Put(secret_key(name), sealed),)))


def reseal(sealer: Sealer, actor: Actor, name: str) -> Flow[bool]:
    """Encrypt a secret with the current key; tells whether it had another one. Nobody gets to see it.

    Raises:
        Refused: The actor may not change secrets.
        NotFound: There is none of this name.
    """
    _permit(actor, Capability.UPDATE, name)
    return (yield from until_agreed(lambda: _resealed(sealer, name)))


def _resealed(sealer: Sealer, name: str) -> Flow[bool]:
    key = secret_key(name)
    rows = yield from load(key)
    known = yield from _sealed(name)
    if known.key == sealer.current:
        return False
    sealed = Sealed(sealer.current, sealer.seal(name, sealer.open(name, known)), known.by)
    yield from commit(Changes((Put(key, sealed, version(rows, key)),)))
    return True
