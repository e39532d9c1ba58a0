"""Small real files, built in code: each is what its name says, readable by the programs of its kind."""

import io
import struct
import zipfile
import zlib

import pytest

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


def zipped(entries: dict[str, bytes], comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def office(part: str, content_type: str, **more: bytes) -> bytes:
    types = f'<?xml version="1.0"?><Types><Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    return zipped({"[Content_Types].xml": types.encode(), "_rels/.rels": b"<Relationships/>", part: b"<x/>", **more})


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def iso_media(major: bytes, *compatible: bytes) -> bytes:
    box = b"ftyp" + major + b"\0\0\2\0" + b"".join(compatible)
    return struct.pack(">I", len(box) + 4) + box + struct.pack(">I", 8) + b"mdat"


def webp(*, animated: bool) -> bytes:
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes([2 if animated else 0, 0, 0, 0]) + b"\xff\1\0\xff\1\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def ogg(codec: bytes) -> bytes:
    return b"OggS\0\2" + b"\0" * 20 + bytes([1, len(codec)]) + codec + b"\1\1\x38\1\x80\xbb\0\0\0\0\0"


def ole(stream: str) -> bytes:
    name = stream.encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "Root Entry".encode("utf-16-le") + b"\0" * 44 + name


JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana P\xc3\xa9rez\r\nTEL:+34600000001\r\nEND:VCARD\r\n"
OFFICE = "application/vnd.openxmlformats-officedocument."

GOLDEN: dict[str, tuple[str, bytes]] = {
    "photo.jpg": ("image/jpeg", JPEG),
    "shot.png": ("image/png", png()),
    "moving.gif": ("image/gif", b"GIF89a\1\0\1\0\0\0\0;"),
    "sticker.webp": ("image/webp", webp(animated=False)),
    "voice.ogg": ("audio/ogg", ogg(b"OpusHead")),
    "voice.amr": ("audio/amr", b"#!AMR\n\x3c\0"),
    "song.mp3": ("audio/mpeg", b"ID3\3\0\0\0\0\0\0\xff\xfb\x90\0"),
    "untagged.mp3": ("audio/mpeg", b"\xff\xfb\x90\x64\0\0"),
    "sound.aac": ("audio/aac", b"\xff\xf1\x50\x80\2\x1f\xfc"),
    "sound.m4a": ("audio/mp4", iso_media(b"M4A ", b"M4A ", b"mp42", b"isom")),
    "sound.3gp": ("audio/3gpp", iso_media(b"3gp4", b"isom", b"3gp4")),
    "film.mp4": ("video/mp4", iso_media(b"isom", b"isom", b"iso2", b"avc1", b"mp41")),
    "film.3gp": ("video/3gpp", iso_media(b"3gp5", b"3gp5")),
    "invoice.pdf": ("application/pdf", PDF),
    "old.doc": ("application/msword", ole("WordDocument")),
    "old.xls": ("application/vnd.ms-excel", ole("Workbook")),
    "old.ppt": ("application/vnd.ms-powerpoint", ole("PowerPoint Document")),
    "letter.docx": (OFFICE + "wordprocessingml.document", office("word/document.xml", WORD)),
    "table.xlsx": (OFFICE + "spreadsheetml.sheet", office("xl/workbook.xml", SHEET)),
    "slides.pptx": (OFFICE + "presentationml.presentation", office("ppt/presentation.xml", SLIDES)),
    "notes.txt": ("text/plain", "Mañana a las 10\n".encode()),
    "ana.vcf": ("text/vcard", VCARD),
}

DANGEROUS: dict[str, tuple[str, bytes]] = {
    "run.exe": ("application/vnd.microsoft.portable-executable", b"MZ\x90\0\3\0\0\0"),
    "run.elf": ("application/x-executable", b"\x7fELF\2\1\1\0"),
    "run.sh": ("text/x-script", b"#!/bin/sh\nrm -rf ~\n"),
    "page.html": ("text/html", b"\xef\xbb\xbf <!DOCTYPE HTML><script>alert(1)</script>"),
    "picture.svg": ("image/svg+xml", b"<?xml version='1.0'?><svg onload='alert(1)'/>"),
    "macros.docm": (
        "application/vnd.ms-word.document.macroenabled.12",
        office("word/document.xml", WORD, **{"word/vbaProject.bin": b"\xcc"}),
    ),
    "template.docm": (
        "application/vnd.ms-word.document.macroenabled.12",
        office("word/document.xml", WORD_MACROS),
    ),
    "tool.jar": ("application/java-archive", zipped({"META-INF/MANIFEST.MF": b"", "A.class": b"\xca\xfe\xba\xbe"})),
    "any.zip": ("application/zip", zipped({"a.txt": b"a"})),
}


@pytest.fixture(scope="session")
def golden() -> dict[str, tuple[str, bytes]]:
    """Return a real small file of every type that WhatsApp carries, with its type."""
    return GOLDEN


@pytest.fixture(scope="session")
def dangerous() -> dict[str, tuple[str, bytes]]:
    """Return files that no customer or agent should get, with what they are."""
    return DANGEROUS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give ``kind, data`` of every golden or dangerous file to the tests that ask for one."""
    for argument, files in (("golden_file", GOLDEN), ("dangerous_file", DANGEROUS)):
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, list(files.values()), ids=list(files))
