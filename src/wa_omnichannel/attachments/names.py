"""File names as people and programs send them, and names that are safe to show and to serve."""

from __future__ import annotations

import unicodedata

from wa_omnichannel.attachments.media_types import MEDIA_TYPES, canonical

SAFE_NAME = 20
"""Longest name in characters, extension included, that the provider accepts in ``Content-Disposition``."""

EXECUTABLE = frozenset(
    {
        "apk",
        "app",
        "bas",
        "bat",
        "chm",
        "class",
        "cmd",
        "com",
        "cpl",
        "csh",
        "dll",
        "docm",
        "dotm",
        "exe",
        "gadget",
        "hlp",
        "hta",
        "htm",
        "html",
        "inf",
        "ins",
        "iso",
        "jar",
        "js",
        "jse",
        "ksh",
        "lnk",
        "mad",
        "mde",
        "mht",
        "mhtml",
        "msc",
        "msh",
        "msi",
        "msp",
        "mst",
        "pif",
        "potm",
        "ppsm",
        "pptm",
        "prf",
        "prg",
        "ps1",
        "psm1",
        "py",
        "reg",
        "scf",
        "scr",
        "sct",
        "sh",
        "shb",
        "shs",
        "svg",
        "sys",
        "tmp",
        "url",
        "vb",
        "vbe",
        "vbs",
        "vsix",
        "ws",
        "wsc",
        "wsf",
        "wsh",
        "xhtml",
        "xlam",
        "xll",
        "xlsm",
        "xltm",
    }
)
"""Extensions of files that run something when they are opened; blocked unless the settings say otherwise (ATT-4)."""

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def clean_name(name: str) -> str:
    r"""Return *name* without folders, control and invisible characters, and dots or spaces at its ends.

    >>> clean_name("C:\\temp\\factura\u202efdp.exe ")
    'facturafdp.exe'
    """
    if not (name.isascii() and name.isprintable()):
        composed = unicodedata.normalize("NFKC", name)
        name = "".join(char for char in composed if unicodedata.category(char)[0] != "C")
    return name.replace("\\", "/").rpartition("/")[2].strip(". ")


def extension(name: str) -> str:
    """Return the extension of a file *name* in lower case without the dot, or an empty string.

    The name is cleaned first, so that what is left is the extension a system acts on.

    >>> extension("Factura.PDF"), extension("factura"), extension("foto.exe. "), extension(".htaccess")
    ('pdf', '', 'exe', '')
    """
    stem, dot, tail = clean_name(name).rpartition(".")
    return tail.strip().lower() if dot and stem else ""


def safe_name(name: str, content_type: str) -> str:
    """Return a name that any system can keep and the provider accepts: ASCII, short, with the type's extension.

    >>> safe_name("Presupuesto año 2026 (definitivo).PDF", "application/pdf")
    'Presupuesto_ano_.pdf'
    >>> safe_name("", "image/jpeg"), safe_name("run.exe", "application/pdf")
    ('file.jpg', 'run.pdf')
    """
    known = MEDIA_TYPES.get(canonical(content_type))
    own = extension(name)
    usual = known.extensions if known else ()
    ending = own if own in usual else (usual[0] if usual else "bin")
    cleaned = clean_name(name)
    stem = cleaned.rpartition(".")[0] if own else cleaned
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    short = "".join(char if char in _PLAIN else "_" for char in plain)[: SAFE_NAME - len(ending) - 1]
    return f"{short if short.strip('_') else 'file'}.{ending}"
