"""What all blob stores share: the names of blobs and the size of chunks."""

from __future__ import annotations

from wa_omnichannel.errors import InvalidValue

CHUNK = 64 * 1024
"""Bytes read at a time."""


def checked(key: str) -> str:
    """Return *key* if it can name a blob.

    Raises:
        InvalidValue: It holds something that could lead elsewhere.
    """
    if not key or not key.replace("-", "").replace("_", "").isalnum():
        raise InvalidValue("key", key, "Use letters, digits, hyphens and underscores.")
    return key
