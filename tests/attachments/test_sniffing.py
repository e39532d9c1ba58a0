"""What a file is, told from its bytes alone."""

import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.attachments import MEDIA_TYPES, Probe, Sniffed, sniff
from wa_omnichannel.attachments.sniffing import HEAD, TAIL

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


@given(size=st.integers(1, 4096), data=st.data())
def test_chunks_do_not_matter(size: int, data: st.DataObject, golden: Golden, dangerous: Golden) -> None:
    _, content = data.draw(st.sampled_from([*golden.values(), *dangerous.values()]))
    assert probe(content, size) == sniff(content)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_sniffing_never_raises(head: bytes, tail: bytes) -> None:
    assert isinstance(sniff(head, tail), Sniffed)


@given(data=st.data())
def test_damaged_files_never_raise(data: st.DataObject, golden: Golden, dangerous: Golden) -> None:
    _, content = data.draw(st.sampled_from([*golden.values(), *dangerous.values()]))
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
    import io
    import zipfile

    noise = random.Random(1).randbytes(HEAD + TAIL)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("media/picture.bin", noise)
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b"<x/>")
        archive.writestr("word/media/picture.bin", noise)
    assert probe(buffer.getvalue(), 65536).types == sniff(golden["letter.docx"][1]).types


def test_a_zip_bomb_in_the_list_of_parts_costs_nothing(golden: Golden) -> None:
    import io
    import zipfile

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
