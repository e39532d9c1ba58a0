"""Tells a story in 80 columns, and checks every claim it makes."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from typing import TextIO, TypeVar

from wa_omnichannel.errors import WaOmnichannelError

T = TypeVar("T")

WIDTH = 80
PATIENCE = 3.0
"""Seconds to wait for something that must happen by itself."""

_COLOURS = {"scene": "1;36", "who": "1", "met": "32", "wrong": "1;31", "why": "33"}


class StoryDiffers(WaOmnichannelError):
    """Something did not happen as the story claims."""

    code = "story_differs"


class Narrator:
    """Writes to a stream; with colours only if it is a terminal."""

    def __init__(self, stream: TextIO) -> None:
        """Write to *stream*."""
        self._stream = stream
        self._colour = stream.isatty()
        self._scene = 0
        self.claims = 0
        """How many claims were checked."""

    def _write(self, text: str, indent: str = "", follow: str | None = None, style: str = "") -> None:
        follow = " " * len(indent) if follow is None else follow
        for paragraph in text.splitlines() or [""]:
            for line in textwrap.wrap(paragraph, WIDTH, initial_indent=indent, subsequent_indent=follow) or [""]:
                self._stream.write(f"{self._painted(line, style)}\n")
        self._stream.flush()

    def _painted(self, line: str, style: str) -> str:
        code = _COLOURS.get(style)
        return f"\x1b[{code}m{line}\x1b[0m" if self._colour and code else line

    def title(self, text: str) -> None:
        """Write the heading of the story."""
        self._write(text, style="scene")
        self._write("=" * len(text), style="scene")

    def scene(self, text: str) -> None:
        """Begin the next scene."""
        self._scene += 1
        self._write("")
        self._write(f"{self._scene}. {text}", style="scene")

    def says(self, who: str, text: str) -> None:
        """Write what somebody said; the text is read back from a record."""
        self._write(text, f"   {who}: ", style="who")

    def explains(self, text: str) -> None:
        """Write an explanation as the library gave it."""
        self._write(text, "     | ", "     | ", style="why")

    def tells(self, text: str) -> None:
        """Write a fact."""
        self._write(text, "   ")

    def claim(self, text: str, actual: T, expected: T) -> None:
        """Write a claim with a tick if it is true.

        Raises:
            StoryDiffers: It is not; the line says what was found instead.
        """
        self.claims += 1
        if actual == expected:
            self._write(text, "   ✓ ", style="met")
            return
        self._write(f"{text}: expected {expected!r}, found {actual!r}", "   ✗ ", style="wrong")
        raise StoryDiffers(text)

    def await_claim(self, text: str, look: Callable[[], T], expected: T) -> None:
        """Wait for something that must happen by itself, then claim it."""
        end = time.monotonic() + PATIENCE
        while (actual := look()) != expected and time.monotonic() < end:
            time.sleep(0.01)
        self.claim(text, actual, expected)
