"""Folders of files whose disk fails."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.shop import ANA, NOW, NUMBER, shop
from tests.support.stage import Photos

from wa_omnichannel import Media, Omnichannel, Text
from wa_omnichannel.adapters.blobs import AsyncFolderBlobs, FolderBlobs
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.errors import StoreUnavailable
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Inbound
from wa_omnichannel.testing.fakes import RecordingTransport


async def _one(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk


def test_a_disk_that_fails_is_a_typed_error_that_may_pass(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "files")
    shutil.rmtree(tmp_path / "files")
    with pytest.raises(StoreUnavailable) as caught:
        blobs.write("a", iter([b"x"]))
    assert caught.value.retryable
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "d").mkdir()
    with pytest.raises(StoreUnavailable):
        list(blobs.read("d"))
    with pytest.raises(StoreUnavailable):
        blobs.delete("d")


@pytest.mark.anyio
async def test_the_same_for_coroutines(tmp_path: Path) -> None:
    blobs = AsyncFolderBlobs(tmp_path / "files")
    shutil.rmtree(tmp_path / "files")
    with pytest.raises(StoreUnavailable):
        await blobs.write("a", _one(b"x"))


def test_a_file_that_cannot_be_kept_is_tried_again_and_stops_nobody_else(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    blobs = FolderBlobs(tmp_path / "files")
    desk = Omnichannel(shop(), store=MemoryStore(), transport=provider, clock=clock, blobs=blobs, media=Photos())
    desk.receive(provider.webhook(Inbound("IN1", NUMBER, (ANA,), Media("https://p.example/1", "image/jpeg"))))
    desk.receive(provider.webhook(Inbound("IN2", NUMBER, (ANA,), Text("Hola"))))
    shutil.rmtree(tmp_path / "files")
    report = desk.tick()
    assert "store_unavailable" in report.errors
    (tmp_path / "files").mkdir()
    desk.tick()
    photo, _ = desk.messages(desk.conversations()[0].conversation.id)
    assert b"".join(desk.file(photo.id))
