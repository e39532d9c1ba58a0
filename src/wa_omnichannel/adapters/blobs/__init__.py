"""Where the content of files is kept: a local folder, an object store, or memory for tests."""

from __future__ import annotations

from wa_omnichannel.adapters.blobs.folder import AsyncFolderBlobs, FolderBlobs
from wa_omnichannel.adapters.blobs.memory import AsyncMemoryBlobs, MemoryBlobs
from wa_omnichannel.adapters.blobs.objects import AsyncObjectBlobs, ObjectBlobs

__all__ = [
    "AsyncFolderBlobs",
    "AsyncMemoryBlobs",
    "AsyncObjectBlobs",
    "FolderBlobs",
    "MemoryBlobs",
    "ObjectBlobs",
]
