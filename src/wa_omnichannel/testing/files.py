"""Small real files of every type that WhatsApp carries, and of some that nobody should get.

They are built in code, so nothing binary is shipped, and the programs of their kind can read them. Use them to
show that your own scanner, blob store or media source passes files on as they are.

>>> content_type, data = SAMPLES["invoice.pdf"]
>>> content_type, data[:5]
('application/pdf', b'%PDF-')
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from wa_omnichannel.attachments.media_types import DOCX, PPTX, XLSX

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_WORD_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


def _zipped(entries: dict[str, bytes], comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _office(part: str, content_type: str, **more: bytes) -> bytes:
    types = f'<?xml version="1.0"?><Types><Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    return _zipped({"[Content_Types].xml": types.encode(), "_rels/.rels": b"<Relationships/>", part: b"<x/>", **more})


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _iso_media(major: bytes, *compatible: bytes) -> bytes:
    box = b"ftyp" + major + b"\0\0\2\0" + b"".join(compatible)
    return struct.pack(">I", len(box) + 4) + box + struct.pack(">I", 8) + b"mdat"


def _webp(*, animated: bool) -> bytes:
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes([2 if animated else 0, 0, 0, 0]) + b"\xff\1\0\xff\1\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _ogg(codec: bytes) -> bytes:
    return b"OggS\0\2" + b"\0" * 20 + bytes([1, len(codec)]) + codec + b"\1\1\x38\1\x80\xbb\0\0\0\0\0"


def _ole(stream: str) -> bytes:
    name = stream.encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "Root Entry".encode("utf-16-le") + b"\0" * 44 + name


_JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9"
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana P\xc3\xa9rez\r\nTEL:+34600000001\r\nEND:VCARD\r\n"

SAMPLES: Mapping[str, tuple[str, bytes]] = {
    "photo.jpg": ("image/jpeg", _JPEG),
    "shot.png": ("image/png", _png()),
    "moving.gif": ("image/gif", b"GIF89a\1\0\1\0\0\0\0;"),
    "sticker.webp": ("image/webp", _webp(animated=False)),
    "voice.ogg": ("audio/ogg", _ogg(b"OpusHead")),
    "voice.amr": ("audio/amr", b"#!AMR\n\x3c\0"),
    "song.mp3": ("audio/mpeg", b"ID3\3\0\0\0\0\0\0\xff\xfb\x90\0"),
    "untagged.mp3": ("audio/mpeg", b"\xff\xfb\x90\x64\0\0"),
    "sound.aac": ("audio/aac", b"\xff\xf1\x50\x80\2\x1f\xfc"),
    "sound.m4a": ("audio/mp4", _iso_media(b"M4A ", b"M4A ", b"mp42", b"isom")),
    "sound.3gp": ("audio/3gpp", _iso_media(b"3gp4", b"isom", b"3gp4")),
    "film.mp4": ("video/mp4", _iso_media(b"isom", b"isom", b"iso2", b"avc1", b"mp41")),
    "film.3gp": ("video/3gpp", _iso_media(b"3gp5", b"3gp5")),
    "invoice.pdf": ("application/pdf", _PDF),
    "old.doc": ("application/msword", _ole("WordDocument")),
    "old.xls": ("application/vnd.ms-excel", _ole("Workbook")),
    "old.ppt": ("application/vnd.ms-powerpoint", _ole("PowerPoint Document")),
    "letter.docx": (DOCX, _office("word/document.xml", _WORD)),
    "table.xlsx": (XLSX, _office("xl/workbook.xml", _SHEET)),
    "slides.pptx": (PPTX, _office("ppt/presentation.xml", _SLIDES)),
    "notes.txt": ("text/plain", "Mañana a las 10\n".encode()),
    "ana.vcf": ("text/vcard", _VCARD),
}
"""File names with the content type and the bytes of the file."""

DANGEROUS: Mapping[str, tuple[str, bytes]] = {
    "run.exe": ("application/vnd.microsoft.portable-executable", b"MZ\x90\0\3\0\0\0"),
    "run.elf": ("application/x-executable", b"\x7fELF\2\1\1\0"),
    "run.sh": ("text/x-script", b"#!/bin/sh\nrm -rf ~\n"),
    "page.html": ("text/html", b"\xef\xbb\xbf <!DOCTYPE HTML><script>alert(1)</script>"),
    "picture.svg": ("image/svg+xml", b"<?xml version='1.0'?><svg onload='alert(1)'/>"),
    "macros.docm": (
        "application/vnd.ms-word.document.macroenabled.12",
        _office("word/document.xml", _WORD, **{"word/vbaProject.bin": b"\xcc"}),
    ),
    "old-macros.doc": (
        "application/vnd.ms-office.macroenabled",
        _ole("WordDocument") + "_VBA_PROJECT".encode("utf-16-le"),
    ),
    "template.docm": (
        "application/vnd.ms-word.document.macroenabled.12",
        _office("word/document.xml", _WORD_MACROS),
    ),
    "tool.jar": ("application/java-archive", _zipped({"META-INF/MANIFEST.MF": b"", "A.class": b"\xca\xfe\xba\xbe"})),
    "any.zip": ("application/zip", _zipped({"a.txt": b"a"})),
}
"""Files that may not pass under any type that WhatsApp carries, with what they are."""
