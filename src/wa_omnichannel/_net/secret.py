"""The secrets of an account; the type is the library's own."""

from __future__ import annotations

from wa_omnichannel.secret import Secret

__all__ = ["Secret"]
