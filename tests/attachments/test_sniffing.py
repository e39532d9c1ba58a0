"""What a file is, told from its bytes alone."""

import io
import random
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.attachments import MEDIA_TYPES, Probe, Sniffed, sniff
from wa_omnichannel.attachments.sniffing import HEAD, TAIL
from wa_omnichannel.testing.strategies import file_contents

Golden = Mapping[str, tuple[str, bytes]]


def probe(data: bytes, size: int = 7) -> Sniffed:
    found = Probe()
    for at in range(0, len(data), size):
        found.feed(data[at : at + size])
    return found.sniffed()


def test_there_is_a_golden_file_for_every_type(golden: Golden) -> None:
    assert {kind for kind, _ in golden.values()} == set(MEDIA_TYPES)


def test_every_golden_file_is_recognised(golden_file: tuple[str, bytes]) -> None:
    kind, data = golden_file
    found = sniff(data)
    assert kind in found.types
    assert not found.also


def test_every_dangerous_file_is_recognised_and_is_nothing_else(dangerous_file: tuple[str, bytes]) -> None:
    kind, data = dangerous_file
    assert kind in sniff(data).types
    assert not set(sniff(data).types) & set(MEDIA_TYPES)


@given(st.integers(1, 4096), file_contents())
def test_chunks_do_not_matter(size: int, file: tuple[str, bytes]) -> None:
    _, content = file
    assert probe(content, size) == sniff(content)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_sniffing_never_raises(head: bytes, tail: bytes) -> None:
    assert isinstance(sniff(head, tail), Sniffed)


@given(file_contents(), st.data())
def test_damaged_files_never_raise(file: tuple[str, bytes], data: st.DataObject) -> None:
    _, content = file
    cut = content[: data.draw(st.integers(0, len(content)))]
    at = data.draw(st.integers(0, max(len(cut) - 1, 0)))
    assert isinstance(sniff(cut[:at] + data.draw(st.binary(max_size=4)) + cut[at + 2 :]), Sniffed)


def test_an_empty_file_is_nothing() -> None:
    assert sniff(b"") == Sniffed()


@pytest.mark.parametrize("front", ["photo.jpg", "shot.png", "invoice.pdf", "film.mp4"])
def test_an_archive_behind_another_file_is_a_polyglot(front: str, golden: Golden, dangerous: Golden) -> None:
    kind, data = golden[front]
    found = probe(data + dangerous["tool.jar"][1])
    assert kind in found.types
    assert found.also == ("application/zip",)


def test_a_pdf_or_markup_inside_a_picture_is_a_polyglot(golden: Golden) -> None:
    picture = golden["photo.jpg"][1]
    assert sniff(picture + golden["invoice.pdf"][1]).also == ("application/pdf",)
    assert sniff(picture + b"<script>alert(1)</script>").also == ("text/html",)


def test_letters_that_look_like_a_signature_are_text() -> None:
    for text in (b"BMW, color azul", b"MZ es una abreviatura", b"ID3 de prueba"):
        assert sniff(text).types == ("text/plain",)


def test_a_large_office_file_is_told_from_its_ends(golden: Golden) -> None:
    """The parts that name the type may stand behind megabytes of pictures."""
    noise = random.Random(1).randbytes(HEAD + TAIL)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("media/picture.bin", noise)
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b"<x/>")
        archive.writestr("word/media/picture.bin", noise)
    assert probe(buffer.getvalue(), 65536).types == sniff(golden["letter.docx"][1]).types


def test_a_zip_bomb_in_the_list_of_parts_costs_nothing(golden: Golden) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"\0" * 50_000_000)
        archive.writestr("word/document.xml", b"<x/>")
    assert probe(buffer.getvalue(), 65536).types == sniff(golden["letter.docx"][1]).types


def test_only_opus_is_ogg_for_whatsapp() -> None:
    assert sniff(b"OggS\0\2" + b"\0" * 22 + b"\1vorbis").types == ("application/ogg",)


def test_a_sticker_that_moves_is_told_from_one_that_does_not(golden: Golden) -> None:
    still = golden["sticker.webp"][1]
    moving = still[:20] + b"\2" + still[21:]
    assert (sniff(still).animated, sniff(moving).animated) == (False, True)
    assert not sniff(still[:20] + b"\xfd" + still[21:]).animated
    assert (sniff(moving[:21]).animated, sniff(moving[:20]).animated) == (True, False)


FOREIGN = {
    b"GIF87a\1\0": "image/gif",
    b"RIFF\0\0\0\0WAVEfmt ": "audio/wav",
    b"RIFF\0\0\0\0AVI LIST": "video/x-msvideo",
    b"\x1aE\xdf\xa3\1\0": "video/x-matroska",
    b"fLaC\0\0": "audio/flac",
    b"BM" + b"\0" * 62: "image/bmp",
    b"II*\0\1": "image/tiff",
    b"MM\0*\1": "image/tiff",
    b"MZ" + b"\x90" * 61 + b"\0": "application/vnd.microsoft.portable-executable",
    b"\xca\xfe\xba\xbe\0": "application/java-vm",
    b"\xcf\xfa\xed\xfe\0": "application/x-mach-binary",
    b"Rar!\x1a\7\1\0": "application/vnd.rar",
    b"7z\xbc\xaf\x27\x1c\0": "application/x-7z-compressed",
    b"\x1f\x8b\x08\0": "application/gzip",
    b"L\0\0\0\1\x14\2\0\0": "application/x-ms-shortcut",
    b"{\\rtf1 x}": "text/rtf",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0": "application/x-ole-storage",
    b"OggS\0\2" + b"\0" * 600 + b"OpusHead": "application/ogg",
    b"\0\0\0\x14ftypheic\0\0\0\0mif1": "image/heic",
    b"\0\0\0\x14ftypqt  \0\0\0\0qt  ": "video/quicktime",
    b"\0\0\0\x10ftypzzzz\0\0\0\0mp42": "application/mp4",
    b"PK\5\6" + b"\0" * 18: "application/zip",
}


@pytest.mark.parametrize(("data", "kind"), FOREIGN.items(), ids=FOREIGN.values())
def test_types_that_whatsapp_does_not_carry_have_their_names_too(data: bytes, kind: str) -> None:
    assert sniff(data).types == (kind,)
    assert not sniff(b"\0" + data).types


@pytest.mark.parametrize(
    ("frame", "kinds"),
    [
        (b"\xff\xfb\x90\x64", ("audio/mpeg",)),
        (b"\xff\xf3\x90\x64", ("audio/mpeg",)),
        (b"\xff\xe3\x90\x64", ("audio/mpeg",)),
        (b"\xff\xfd\x90\x64", ("audio/mpeg",)),
        (b"\xff\xeb\x90\x64", ()),
        (b"\xff\xfb\xf0\x64", ()),
        (b"\xff\xf1\x50\x80", ("audio/aac",)),
        (b"\xff\xf9\x50\x80", ("audio/aac",)),
        (b"\xff\xe1\x50\x80", ()),
        (b"\xff\x1b\x90\x64", ()),
        (b"\xfe\xfb\x90\x64", ()),
        (b"\xff\xfb", ()),
    ],
)
def test_sound_frames_are_told_by_version_layer_and_rate(frame: bytes, kinds: tuple[str, ...]) -> None:
    assert sniff(frame + b"\0").types == kinds


def test_every_brand_of_the_first_box_counts_and_nothing_behind_it() -> None:
    both = b"\0\0\0\x18ftypzzzz\0\0\0\0isom3gp4"
    assert sniff(both).types == ("video/mp4", "audio/mp4", "video/3gpp", "audio/3gpp")
    assert sniff(b"\0\0\0\x14" + both[4:]).types == ("video/mp4", "audio/mp4")
    assert sniff(b"\0\0\0\x08" + both[4:]).types == ("application/mp4",)
    assert sniff(b"\xff\xff\xff\xff" + both[4:20] + b"zzzz" * 60 + b"3gp4").types == ("video/mp4", "audio/mp4")
    assert sniff(both[:11]).types == ()


def test_polyglots_are_looked_for_exactly_where_programs_look() -> None:
    jpeg = b"\xff\xd8\xff"
    for mark, reach in ((b"%PDF-", 1024), (b"<svg ", 512)):
        assert sniff(jpeg + b"\1" * (reach - 3 - len(mark)) + mark).also
        assert not sniff(jpeg + b"\1" * (reach - 2 - len(mark)) + mark + b"\1" * 600).also


@pytest.mark.parametrize("comment", [b"", b"a comment of the archive"])
def test_a_hidden_archive_is_found_by_its_last_record(comment: bytes) -> None:
    record = b"PK\5\6" + b"\0" * 16 + len(comment).to_bytes(2, "little") + comment
    jpeg = b"\xff\xd8\xff" + b"\1" * 40
    assert sniff(jpeg + record).also == ("application/zip",)
    assert sniff(jpeg + record + b"\1").also == ()
    assert sniff(jpeg + record[:-1]).also == ()


def test_macros_are_found_in_a_list_of_parts_that_is_not_compressed() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types>" + b" " * 70 + b"macroEnabled</Types>")
        archive.writestr("xl/workbook.xml", b"<x/>")
    assert sniff(buffer.getvalue()).types == ("application/vnd.ms-excel.sheet.macroenabled.12",)


def test_office_names_without_a_list_of_parts_are_only_an_archive() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", b"<x/>")
    assert sniff(buffer.getvalue()).types == ("application/zip",)


def test_a_probe_keeps_both_ends_and_counts_all() -> None:
    found = Probe()
    for chunk in (b"\xff\xd8\xff", b"\1" * (HEAD + TAIL), b"PK\5\6" + b"\0" * 18):
        found.feed(chunk)
    assert found.size == 3 + HEAD + TAIL + 22
    assert found.sniffed() == Sniffed(("image/jpeg",), ("application/zip",))
    assert (len(found._head), len(found._tail)) == (HEAD, TAIL)


def test_what_stands_at_the_end_of_an_old_office_file_counts() -> None:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100
    assert sniff(start, "Workbook".encode("utf-16-le")).types == ("application/vnd.ms-excel",)
    assert sniff(start + "Workbook".encode("utf-16-le"), b"").types == ("application/vnd.ms-excel",)
    assert sniff(b"\1" + "Workbook".encode("utf-16-le")).types == ()
