"""The documents hang together: links lead somewhere, pages are in the navigation, translations have twins."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "changelog.d").glob("*.md"), *DOCS.rglob("*.md")])

FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.M | re.S)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
HEADING = re.compile(r"^#+\s+(.+?)\s*#*$", re.M)
ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:", re.I)
NAVIGATED = re.compile(r"([\w./-]+\.md)\s*$", re.M)


def prose(page: Path) -> str:
    """Return the text without code, where brackets are not links."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the heading anchors, written as GitHub and Python-Markdown both write plain headings."""
    titles = HEADING.findall(prose(page))
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title.lower())).strip("-") for title in titles}


def broken(page: Path) -> list[str]:
    """Return the links of *page* that lead to no file or to no heading."""
    wrong = []
    for link in LINK.findall(CODE.sub("", prose(page))):
        if ELSEWHERE.match(link):
            continue
        target, _, anchor = link.partition("#")
        aim = (page.parent / target).resolve() if target else page
        leaves_docs = page.is_relative_to(DOCS) and not aim.is_relative_to(DOCS)
        missing_anchor = anchor and aim.suffix == ".md" and aim.exists() and anchor not in anchors(aim)
        if not aim.exists() or leaves_docs or missing_anchor:
            wrong.append(f"{page.relative_to(ROOT)}: {link}")
    return wrong


def test_every_link_leads_somewhere() -> None:
    assert not [wrong for page in PAGES for wrong in broken(page)]


def test_navigation_and_pages_agree() -> None:
    listed = {DOCS / name for name in NAVIGATED.findall((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))}
    assert listed == set(DOCS.rglob("*.md"))


def test_every_spanish_page_has_its_english_twin() -> None:
    spanish = DOCS / "es"
    assert not [page for page in spanish.rglob("*.md") if not (DOCS / page.relative_to(spanish)).exists()]
