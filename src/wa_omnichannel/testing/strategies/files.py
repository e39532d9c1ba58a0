"""Strategies for what is known about files: their bytes, what a scanner says, what may pass."""

from __future__ import annotations

from hypothesis import strategies as st

from wa_omnichannel.attachments import MEDIA_TYPES, Clean, Direction, Infected, ScanResult, Sniffed, Unavailable
from wa_omnichannel.messages import MediaKind
from wa_omnichannel.testing.files import DANGEROUS, SAMPLES

_EXTENSIONS = ("jpg", "pdf", "exe", "mp4", "docx")


def directions() -> st.SearchStrategy[Direction]:
    """Make limits of one direction, among them none at all."""
    extensions = st.none() | st.frozensets(st.sampled_from(_EXTENSIONS))
    return st.builds(Direction, st.none() | st.frozensets(st.sampled_from(MediaKind)), extensions)


def file_contents(*, harmless: bool = False) -> st.SearchStrategy[tuple[str, bytes]]:
    """Make small real files with their content type.

    Args:
        harmless: Leave out those that nobody should get.
    """
    return st.sampled_from((*SAMPLES.values(), *(() if harmless else DANGEROUS.values())))


def scan_results() -> st.SearchStrategy[ScanResult]:
    """Make everything a scanner can say."""
    return st.sampled_from((Clean(), Infected("Eicar-Test-Signature"), Unavailable("TimeoutError")))


def sniffs() -> st.SearchStrategy[Sniffed]:
    """Make what bytes can say: one type, several, none, and two things at once."""
    types = st.lists(st.sampled_from((*MEDIA_TYPES, "application/zip", "text/html")), max_size=2, unique=True)
    return st.builds(Sniffed, types.map(tuple), st.sampled_from(((), ("application/zip",))), st.booleans())
