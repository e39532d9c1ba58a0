"""What a file really is, from its bytes: never from its name or from what somebody says it is.

A :class:`Probe` is fed the chunks of a file while they stream by. It keeps the beginning and the end, which is
where all types that WhatsApp carries can be told from: a signature at the start, the table of contents of a
zip archive at the end (Word, Excel and PowerPoint files are zip archives). A file that is two things at once,
for example a picture that is also an archive, is a polyglot; :attr:`Sniffed.also` names the second.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator

import attrs

from wa_omnichannel.attachments.media_types import DOCX, PPTX, XLSX

HEAD = 64 * 1024
"""Bytes kept of the beginning."""

TAIL = 256 * 1024
"""Bytes kept of the end; holds the table of contents of archives with some thousand entries."""

ZIP = "application/zip"
HTML = "text/html"
PDF = "application/pdf"


@attrs.frozen
class Sniffed:
    """What the bytes of a file say."""

    types: tuple[str, ...] = ()
    """Content types the file can pass as, the most likely first; empty if it is not recognised."""
    also: tuple[str, ...] = ()
    """What else it is at the same time: a polyglot."""
    animated: bool = False
    """Whether a sticker moves."""


@attrs.define
class Probe:
    """Collects what is needed to tell the type of a file while it streams by."""

    size: int = 0
    """Bytes seen so far."""
    _head: bytes = b""
    _tail: bytes = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next *chunk*."""
        self.size += len(chunk)
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
        self._tail = (self._tail + chunk)[-TAIL:]

    def sniffed(self) -> Sniffed:
        """Return what the bytes seen so far say."""
        return sniff(self._head, self._tail)


def sniff(head: bytes, tail: bytes | None = None) -> Sniffed:
    r"""Return what a file is, from its first and last bytes.

    Args:
        head: The beginning, at best :data:`HEAD` bytes.
        tail: The end, at best :data:`TAIL` bytes; *head* is the whole file if it is left out.

    >>> sniff(b"%PDF-1.7\n").types
    ('application/pdf',)
    >>> sniff(b"MZ\x90\x00").types
    ('application/vnd.microsoft.portable-executable',)
    """
    tail = head if tail is None else tail
    types = next((found for recognise in _RECOGNISERS if (found := recognise(head, tail))), ())
    also = tuple(
        name for name, hidden in _HIDDEN if name not in types and hidden(head, tail) and not _fits(name, types)
    )
    return Sniffed(types, also if types else (), _animated(head))


def _fits(hidden: str, types: tuple[str, ...]) -> bool:
    """Tell whether *hidden* is a regular part of files of these types, so that nothing is hidden."""
    return not _REGULAR.get(hidden, frozenset()).isdisjoint(types)


# --- signatures at the start ----------------------------------------------------------------------------------

_SIGNATURES: tuple[tuple[int, bytes, tuple[str, ...]], ...] = (
    (0, b"\xff\xd8\xff", ("image/jpeg",)),
    (0, b"\x89PNG\r\n\x1a\n", ("image/png",)),
    (0, b"GIF87a", ("image/gif",)),
    (0, b"GIF89a", ("image/gif",)),
    (8, b"WEBP", ("image/webp",)),
    (8, b"WAVE", ("audio/wav",)),
    (8, b"AVI ", ("video/x-msvideo",)),
    (0, b"#!AMR", ("audio/amr",)),
    (0, b"ID3", ("audio/mpeg", "audio/aac")),
    (0, b"\x1aE\xdf\xa3", ("video/x-matroska",)),
    (0, b"fLaC", ("audio/flac",)),
    (0, b"BM", ("image/bmp",)),
    (0, b"II*\x00", ("image/tiff",)),
    (0, b"MM\x00*", ("image/tiff",)),
    (0, b"MZ", ("application/vnd.microsoft.portable-executable",)),
    (0, b"\x7fELF", ("application/x-executable",)),
    (0, b"\xca\xfe\xba\xbe", ("application/java-vm",)),
    (0, b"\xcf\xfa\xed\xfe", ("application/x-mach-binary",)),
    (0, b"Rar!\x1a\x07", ("application/vnd.rar",)),
    (0, b"7z\xbc\xaf\x27\x1c", ("application/x-7z-compressed",)),
    (0, b"\x1f\x8b", ("application/gzip",)),
    (0, b"L\x00\x00\x00\x01\x14\x02\x00", ("application/x-ms-shortcut",)),
    (0, b"{\\rtf", ("text/rtf",)),
    (0, b"#!", ("text/x-script",)),
)


_LETTERS = (b"BM", b"MZ", b"ID3")
"""Signatures that a text could begin with as well; the binary formats have zero bytes right behind."""


def _signature(head: bytes, _: bytes) -> tuple[str, ...]:
    riff = head.startswith(b"RIFF")
    for offset, mark, types in _SIGNATURES:
        if head.startswith(mark, offset) and (riff or not offset) and (mark not in _LETTERS or b"\0" in head[:64]):
            return types
    return ()


def _animated(head: bytes) -> bool:
    """Tell whether a WebP picture moves: a flag of its extended header."""
    return head.startswith(b"WEBPVP8X", 8) and len(head) > 20 and bool(head[20] & 2)


def _mpeg(head: bytes, _: bytes) -> tuple[str, ...]:
    """MPEG audio frames begin with eleven bits set; the layer tells MP3 from AAC."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return ()
    layer, version = head[1] >> 1 & 3, head[1] >> 3 & 3
    if layer == 0:
        return ("audio/aac",) if head[1] & 0xF0 == 0xF0 else ()
    return ("audio/mpeg",) if version != 1 and head[2] >> 4 != 0xF else ()


def _ogg(head: bytes, _: bytes) -> tuple[str, ...]:
    """WhatsApp carries Ogg with Opus only; the codec's name stands in the first page."""
    if not head.startswith(b"OggS"):
        return ()
    return ("audio/ogg",) if b"OpusHead" in head[:512] else ("application/ogg",)


_LONGEST_BOX = 256
"""Bytes of the first box that are looked at; real ones have some dozens."""

_SOUND_BRANDS = frozenset({b"M4A ", b"M4B ", b"F4A "})


def _iso_media(head: bytes, _: bytes) -> tuple[str, ...]:
    """MP4, M4A and 3GP share a container; the brands in its first box tell which players understand it."""
    if head[4:8] != b"ftyp" or len(head) < 12:
        return ()
    box = head[: min(int.from_bytes(head[:4]), _LONGEST_BOX)]
    brands = (head[8:12], *(box[at : at + 4] for at in range(16, len(box), 4)))
    return tuple(dict.fromkeys(name for brand in brands for name in _brand(brand))) or ("application/mp4",)


def _brand(brand: bytes) -> tuple[str, ...]:
    if brand in _SOUND_BRANDS:
        return ("audio/mp4",)
    if brand[:2] == b"3g":
        return ("video/3gpp", "audio/3gpp")
    if brand in (b"heic", b"heix", b"mif1", b"avif"):
        return ("image/heic",)
    if brand == b"qt  ":
        return ("video/quicktime",)
    return ("video/mp4", "audio/mp4") if brand[:3] in (b"iso", b"mp4", b"avc", b"MSN", b"M4V", b"das") else ()


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_MACROS = "application/vnd.ms-office.macroenabled"
_OLE_STREAMS = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)


def _ole(head: bytes, tail: bytes) -> tuple[str, ...]:
    """Word, Excel and PowerPoint files of before 2007: the directory names the main stream."""
    if not head.startswith(_OLE):
        return ()
    if _named("_VBA_PROJECT", head, tail):
        return (_OLE_MACROS,)
    found = (kind for stream, kind in _OLE_STREAMS if _named(stream, head, tail))
    return tuple(found) or ("application/x-ole-storage",)


def _named(stream: str, head: bytes, tail: bytes) -> bool:
    """Tell whether the directory names a stream; in files of some megabytes it may stand where nobody looks."""
    name = stream.encode("utf-16-le")
    return name in head or name in tail


def _pdf(head: bytes, _: bytes) -> tuple[str, ...]:
    return (PDF,) if head.startswith(b"%PDF-") else ()


# --- archives -------------------------------------------------------------------------------------------------

_CONTENTS = b"[Content_Types].xml"
_PARTS = ((b"word/", DOCX), (b"xl/", XLSX), (b"ppt/", PPTX))
_MACROS = {
    DOCX: "application/vnd.ms-word.document.macroenabled.12",
    XLSX: "application/vnd.ms-excel.sheet.macroenabled.12",
    PPTX: "application/vnd.ms-powerpoint.presentation.macroenabled.12",
}
_ZIPPED = frozenset({DOCX, XLSX, PPTX, *_MACROS.values(), "application/java-archive"})
_REGULAR = {ZIP: _ZIPPED, HTML: frozenset({"image/svg+xml"})}
_ENTRY = re.compile(rb"PK(?:\x03\x04.{22}|\x01\x02.{24})(..)", re.DOTALL)
_MOST_TYPES_XML = 256 * 1024


def _zip(head: bytes, tail: bytes) -> tuple[str, ...]:
    """Tell Office files from other archives, and those with macros from those without."""
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ()
    names = {*_entry_names(head), *_entry_names(tail)}
    if b"META-INF/MANIFEST.MF" in names:
        return ("application/java-archive", ZIP)
    kind = next((kind for part, kind in _PARTS if any(name.startswith(part) for name in names)), None)
    if kind is None or _CONTENTS not in names:
        return (ZIP,)
    macros = any(name.lower().endswith(b"vbaproject.bin") for name in names) or b"macroEnabled" in _content_types(head)
    return (_MACROS[kind],) if macros else (kind,)


def _entry_names(data: bytes) -> Iterator[bytes]:
    """Yield the names in the local headers and in the table of contents that *data* holds."""
    for match in _ENTRY.finditer(data):
        fixed = 30 if data.startswith(b"PK\x03\x04", match.start()) else 46
        length = int.from_bytes(match[1], "little")
        yield data[match.start() + fixed : match.start() + fixed + length]


def _content_types(head: bytes) -> bytes:
    """Return the list of parts of an Office file if it stands at the beginning, where all programs put it."""
    if head[30 : 30 + len(_CONTENTS)] != _CONTENTS:
        return b""
    start = 30 + len(_CONTENTS) + int.from_bytes(head[28:30], "little")
    if head[8:10] == b"\x00\x00":
        return head[start : start + _MOST_TYPES_XML]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(head[start:], _MOST_TYPES_XML)
    except zlib.error:
        return b""


# --- text -----------------------------------------------------------------------------------------------------

_MARKUP = re.compile(rb"<(?:!doctype html|html|head|body|script|iframe|svg|meta|object|embed)[\s>/]", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _text(head: bytes, tail: bytes) -> tuple[str, ...]:
    """Plain text, contact cards, and markup that a browser would run."""
    if not head or _CONTROL.search(head) or _CONTROL.search(tail):
        return ()
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:11].upper() == b"BEGIN:VCARD":
        return ("text/vcard", "text/x-vcard")
    if start[:5] == b"<?xml" or _MARKUP.match(start):
        return ("image/svg+xml",) if b"<svg" in start.lower() else (HTML,)
    return ("text/plain",)


# --- two things at once ---------------------------------------------------------------------------------------


def _hides_zip(_: bytes, tail: bytes) -> bool:
    """An archive is read from its end, so one can be put behind any other file."""
    _, mark, end = tail.rpartition(b"PK\x05\x06")
    return bool(mark) and len(end) == 18 + int.from_bytes(end[16:18], "little")


def _hides_pdf(head: bytes, _: bytes) -> bool:
    """Readers accept the mark of a PDF anywhere in the first 1,024 bytes."""
    return b"%PDF-" in head[:1024]


def _hides_markup(head: bytes, _: bytes) -> bool:
    """Browsers that guess the type look at the first 512 bytes."""
    return _MARKUP.search(head[:512]) is not None


_Recogniser = Callable[[bytes, bytes], tuple[str, ...]]
_RECOGNISERS: Iterable[_Recogniser] = (_signature, _pdf, _zip, _iso_media, _ogg, _ole, _mpeg, _text)
_HIDDEN: Iterable[tuple[str, Callable[[bytes, bytes], bool]]] = (
    (ZIP, _hides_zip),
    (PDF, _hides_pdf),
    (HTML, _hides_markup),
)
