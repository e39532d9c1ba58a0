"""The identifiers Twilio uses: sids and WhatsApp addresses."""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from collections import Counter

CHANNEL = "whatsapp:"

_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


class Sids:
    """Makes sids: with a seed each prefix has the same ones in the same order, else chance ones. Any thread may ask."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def new(self, prefix: str) -> str:
        """Return a fresh sid: a two-letter prefix and 32 hexadecimal digits."""
        if self._seed is None:
            return new_sid(prefix)
        with self._lock:
            self._counts[prefix] += 1
            text = f"{self._seed}/{prefix}/{self._counts[prefix]}"
        return prefix + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def new_sid(prefix: str) -> str:
    """Return a chance sid, for what is made outside of an account."""
    return prefix + uuid.uuid4().hex


def is_phone(text: str) -> bool:
    """Tell whether ``text`` is an E.164 number with its plus sign."""
    return _PHONE.fullmatch(text) is not None


def is_user_id(text: str) -> bool:
    """Tell whether ``text`` is a business-scoped user id such as ``ES.123``."""
    return _USER_ID.fullmatch(text) is not None


def is_whatsapp_address(text: str) -> bool:
    """Tell whether ``text`` is ``whatsapp:`` followed by a phone number or a user id."""
    bare = text.removeprefix(CHANNEL)
    return text.startswith(CHANNEL) and (is_phone(bare) or is_user_id(bare))


def whatsapp(bare: str) -> str:
    """Return the channel address of a phone number or user id; one that already is passes unchanged."""
    return bare if bare.startswith(CHANNEL) else CHANNEL + bare
