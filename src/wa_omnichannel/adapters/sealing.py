"""Encrypting secrets with AES-256-GCM (extra ``crypto``): each bound to its name, with a key that has a name, too.

Keys are exchanged by putting the new one first; :meth:`~wa_omnichannel.vault.Vault.reseal` encrypts what is there
with it, after which the old one can be dropped.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from wa_omnichannel.errors import ConfigurationError, InvalidValue, MissingExtra
from wa_omnichannel.secret import Sealed, Secret

_NONCE = 12
_KEY = 32


def _ciphers() -> Any:
    try:
        return import_module("cryptography.hazmat.primitives.ciphers.aead")
    except ImportError as error:
        raise MissingExtra.of("cryptography", "crypto") from error


class KeyRing:
    """Keys by name; the first one encrypts, all of them open.

    >>> ring = KeyRing({"2026": KeyRing.new_key()})
    >>> ring.open("twilio", Sealed("2026", ring.seal("twilio", Secret("t0ken")), "ana")) == Secret("t0ken")
    True
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Use these keys of 32 bytes.

        Raises:
            MissingExtra: The package cryptography is not installed.
            InvalidValue: There is no key, or one has another length.
        """
        if not keys or any(len(key) != _KEY for key in keys.values()):
            raise InvalidValue("keys", ", ".join(keys) or "none", f"Give at least one key of {_KEY} random bytes.")
        made = _ciphers().AESGCM
        self._ciphers: Mapping[str, Any] = {name: made(key) for name, key in keys.items()}
        self.current = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Return the keys in *text*: ``name:base64`` with commas between them, the current one first.

        Raises:
            InvalidValue: It is written in another way; what was written is not shown.
        """
        try:
            pairs = [pair.strip().split(":", 1) for pair in text.split(",")]
            return cls({name: base64.b64decode(key, validate=True) for name, key in pairs})
        except ValueError:
            raise InvalidValue("keys", "***", "Write NAME:BASE64,NAME:BASE64; the first one encrypts.") from None

    @staticmethod
    def new_key() -> bytes:
        """Return a new key."""
        return os.urandom(_KEY)

    def seal(self, name: str, secret: Secret) -> str:
        """Return *secret* encrypted with the current key, bound to its *name*."""
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self.current].encrypt(nonce, secret.reveal().encode(), name.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, name: str, sealed: Sealed) -> Secret:
        """Return the secret again.

        Raises:
            ConfigurationError: The key is not there, or it is not what was sealed under this name.
        """
        cipher = self._ciphers.get(sealed.key)
        if cipher is None:
            raise ConfigurationError(f"The secret {name!r} needs the key {sealed.key!r}, which is not on the ring.")
        data = base64.b64decode(sealed.text)
        invalid = import_module("cryptography.exceptions").InvalidTag
        try:
            return Secret(cipher.decrypt(data[:_NONCE], data[_NONCE:], name.encode()).decode())
        except invalid:
            raise ConfigurationError(f"The secret {name!r} was not sealed by this key under this name.") from None
