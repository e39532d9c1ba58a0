"""Who may send what: the switches, kinds, extensions, sizes, and the truth about a file."""

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.attachments import (
    EXECUTABLE,
    MEDIA_TYPES,
    MEGABYTE,
    REMEDIES,
    AttachmentRules,
    Clean,
    Direction,
    Infected,
    Party,
    ScanResult,
    Sniffed,
    Unavailable,
    canonical,
    check,
    check_content,
    extension,
    fetch_limit,
    safe_name,
    sniff,
)
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.explain.texts import SENTENCES
from wa_omnichannel.messages import Media, MediaKind
from wa_omnichannel.testing import strategies

Golden = Mapping[str, tuple[str, bytes]]

OPEN = AttachmentRules(enabled=True, customers=True, agents=True, max_bytes=128 * MEGABYTE)
DYNAMICS = AttachmentRules.dynamics(customers=True, agents=True)

types = st.sampled_from(
    [*MEDIA_TYPES, "image/jpg", "application/zip", "application/octet-stream", "", "Text/Plain; x=y"]
)
names = st.one_of(
    st.text(max_size=12), st.builds("{}.{}".format, st.text(max_size=5), st.sampled_from([*EXECUTABLE, "pdf"]))
)
sizes = st.none() | st.integers(-1, 200 * MEGABYTE)
medias = st.builds(Media, st.just("https://example.com/files/1"), types, st.sampled_from(["", "Hola"]), names, sizes)
extensions = st.frozensets(st.sampled_from(["jpg", "pdf", "exe", "mp4", "docx"]))
directions = strategies.directions()
limits = st.integers(0, 128 * MEGABYTE)
rules = st.builds(
    AttachmentRules, st.booleans(), st.booleans(), st.booleans(), limits, extensions, limits, directions, directions
)
parties = st.sampled_from(Party)
kinds = st.sampled_from(sorted(MEDIA_TYPES))
scans = st.none() | strategies.scan_results()
sniffs = strategies.sniffs()


def code(rules: AttachmentRules, party: Party, media: Media) -> str:
    return check(rules, party, media)[-1].code


def media(name: str, content_type: str | None = None, size: int | None = None, caption: str = "") -> Media:
    known = {ext: kind for kind, row in MEDIA_TYPES.items() for ext in row.extensions}
    return Media("https://example.com/1", content_type or known[extension(name)], caption, name, size)


ORDER = (
    {"ATT-1"},
    {"ATT-4"},
    {"WA-KIND"},
    {"ATT-5", "ATT-6", "ATT-7", "ATT-13"},
    {"WA-CAPTION"},
    {"ATT-2", "ATT-3", "WA-EMPTY"},
    {"WA-TYPE"},
    {"ATT-9"},
)
PLACES = {rule: place for place, together in enumerate(ORDER) for rule in together}


@given(rules, parties, medias, sniffs, scans)
def test_checks_are_made_in_their_order_and_only_the_last_one_fails(
    rules: AttachmentRules, party: Party, media: Media, sniffed: Sniffed, scan: ScanResult | None
) -> None:
    """ATT-8: permission, blocked extension, kind, size, content, scan; the first that is not met decides."""
    for made in (check(rules, party, media), check_content(rules, party, media, sniffed, scan)):
        places = [PLACES[one.rule] for one in made]
        assert made
        assert places == sorted({*places})
        assert all(one.met for one in made[:-1])


Case = tuple[AttachmentRules, Party, Media, Sniffed, ScanResult | None]


@st.composite
def nearly_fitting(draw: st.DrawFn) -> Case:
    """Make a file that passes but for one thing, which may be anything."""
    kind, party = draw(st.sampled_from(sorted(MEDIA_TYPES))), draw(parties)
    fitting: dict[str, tuple[object, st.SearchStrategy[object]]] = {
        "switch": (True, st.booleans()),
        "largest": (128 * MEGABYTE, limits),
        "blocked": (EXECUTABLE, extensions),
        "channel": (128 * MEGABYTE, limits),
        "direction": (Direction(), directions),
        "caption": ("", st.just("Hola")),
        "name": ("", names),
        "size": (100 * 1024, sizes),
        "sniffed": (Sniffed((kind,)), sniffs | st.just(Sniffed((kind,), ("application/zip",)))),
        "scan": (Clean(), scans),
    }
    odd = draw(st.sampled_from(sorted(fitting)))
    made: dict[str, Any] = {part: draw(other) if part == odd else fits for part, (fits, other) in fitting.items()}
    switch, way = made["switch"], made["direction"]
    settings = AttachmentRules(True, switch, switch, made["largest"], made["blocked"], made["channel"], way, way)
    media = Media("", kind, made["caption"], made["name"], made["size"])
    return settings, party, media, made["sniffed"], made["scan"]


def allows(case: Case) -> bool:
    """Permission ∧ ¬blocked ∧ channel-allowed ∧ size ≤ min(org, channel) ∧ clean, worked out independently."""
    rules, party, media, sniffed, scan = case
    known = MEDIA_TYPES.get(canonical(media.content_type))
    allowed = rules.inbound if party is Party.CUSTOMERS else rules.outbound
    ends = {extension(media.name)} - {""} or (set(known.extensions[:1]) if known else set())
    permission = rules.enabled and (rules.customers if party is Party.CUSTOMERS else rules.agents)
    sticker = (
        100 * 1024 if media.kind is MediaKind.STICKER and not sniffed.animated else known.max_bytes if known else 0
    )
    return bool(
        permission
        and extension(media.name) not in rules.blocked_extensions
        and known is not None
        and (party is Party.CUSTOMERS or (known.outbound and (known.caption or not media.caption)))
        and (allowed.kinds is None or media.kind in allowed.kinds)
        and (
            allowed.extensions is None
            or (ends <= allowed.extensions and not allowed.extensions.isdisjoint(known.extensions))
        )
        and (
            media.size is None
            or 0 < media.size <= min(rules.max_bytes, rules.channel_max_bytes, known.max_bytes, sticker)
        )
        and canonical(media.content_type) in sniffed.types
        and not sniffed.also
        and (scan is None or scan == Clean())
    )


@given(st.tuples(rules, parties, medias, sniffs, scans))
def test_peers_case_13_allowed_exactly_if_every_rule_is_met(case: Case) -> None:
    """ATT-8."""
    assert check_content(*case)[-1].met is allows(case)


@given(nearly_fitting())
def test_one_thing_alone_decides_where_all_others_fit(case: Case) -> None:
    """ATT-8."""
    assert check_content(*case)[-1].met is allows(case)


@given(rules, parties, medias, sniffs, scans)
def test_every_sentence_and_remedy_exists_in_both_languages(
    rules: AttachmentRules, party: Party, media: Media, sniffed: Sniffed, scan: ScanResult | None
) -> None:
    for one in check_content(rules, party, media, sniffed, scan):
        assert all("?" not in one.sentence(language) for language in LANGUAGES if "?" not in str(one.facts))
        assert set(SENTENCES[one.code]) == set(LANGUAGES)
        assert one.met or set(SENTENCES[REMEDIES[one.code]]) == set(LANGUAGES)


@given(parties, medias, st.booleans(), st.booleans(), st.booleans())
def test_two_switches_under_a_master_switch(
    party: Party, media: Media, enabled: bool, customers: bool, agents: bool
) -> None:
    """ATT-1."""
    rules = AttachmentRules(enabled, customers, agents)
    on = enabled and (customers if party is Party.CUSTOMERS else agents)
    assert check(rules, party, media)[0].met is on


@pytest.mark.parametrize("party", Party)
def test_everything_is_off_by_default(party: Party) -> None:
    """ATT-1."""
    assert code(AttachmentRules(), party, media("a.jpg")) == "attachments_off"


def test_the_default_limit_is_5_megabytes() -> None:
    """ATT-2."""
    rules = AttachmentRules(True, True, True)
    assert code(rules, Party.AGENTS, media("a.pdf", size=5 * 1024 * 1024)) == "media_size_fits"
    refused = check(rules, Party.AGENTS, media("a.pdf", size=5 * 1024 * 1024 + 1))[-1]
    assert (refused.rule, refused.code, refused.facts["source"]) == ("ATT-2", "media_too_large", "max_bytes")


@given(org=st.integers(1, 128 * MEGABYTE), channel=st.integers(1, 128 * MEGABYTE), kind=st.sampled_from([*MEDIA_TYPES]))
def test_the_tightest_limit_decides_and_is_named(org: int, channel: int, kind: str) -> None:
    """ATT-3."""
    rules = attrs.evolve(OPEN, max_bytes=org, channel_max_bytes=channel)
    limits = {"max_bytes": org, "channel_max_bytes": channel, "WhatsApp": MEDIA_TYPES[kind].max_bytes}
    refused = check(rules, Party.CUSTOMERS, Media("", kind, size=min(limits.values()) + 1))[-1]
    assert (refused.met, refused.facts["limit"]) == (False, min(limits.values()))
    assert limits[str(refused.facts["source"])] == min(limits.values())
    assert check(rules, Party.CUSTOMERS, Media("", kind, size=min(limits.values())))[-1].met
    assert fetch_limit(rules, kind) == min(limits.values())


@pytest.mark.parametrize(
    "name",
    ["a.exe", "A.EXE", "foto.jpg.exe", "a.exe ", "a.exe.", "a\u202egpj.exe", "x/..\\a.exe", "a.\uff45\uff58\uff45"],
)
def test_a_blocked_extension_is_blocked_however_it_is_written(name: str) -> None:
    """ATT-4."""
    refused = check(OPEN, Party.CUSTOMERS, media(name, "application/pdf"))[-1]
    assert (refused.rule, refused.code) == ("ATT-4", "extension_blocked")


def test_a_blocked_extension_is_found_in_the_address_too() -> None:
    """ATT-4."""
    assert code(OPEN, Party.AGENTS, Media("https://example.com/a.exe?x=1", "application/pdf")) == "extension_blocked"
    assert code(OPEN, Party.AGENTS, Media("https://example.com", "application/pdf")) == "media_size_open"


def test_blocked_extensions_are_data() -> None:
    """ATT-4."""
    rules = attrs.evolve(OPEN, blocked_extensions=frozenset({".PDF"}))
    assert code(rules, Party.AGENTS, media("a.pdf")) == "extension_blocked"
    assert code(rules, Party.AGENTS, media("a.exe", "image/png")) != "extension_blocked"


OUTBOUND = ["jpg", "jpeg", "png", "mp3", "oga", "ogg", "amr", "mp4", "pdf"]


@pytest.mark.parametrize("ending", OUTBOUND)
def test_dynamics_lets_agents_send(ending: str) -> None:
    """ATT-5."""
    assert code(DYNAMICS, Party.AGENTS, media(f"a.{ending}")) == "media_size_open"


@pytest.mark.parametrize("kind", sorted(MEDIA_TYPES))
def test_dynamics_lets_agents_send_nothing_else(kind: str) -> None:
    """ATT-5."""
    listed = set(MEDIA_TYPES[kind].extensions) & set(OUTBOUND) and MEDIA_TYPES[kind].outbound
    assert check(DYNAMICS, Party.AGENTS, Media("", kind))[-1].met is bool(listed)
    assert code(DYNAMICS, Party.AGENTS, Media("", "image/png", name="a.aac")) == "file_kind_not_allowed"


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.mp3", "a.3gp", "a.mp4", "a.gif", "a.pdf"])
def test_dynamics_lets_customers_send(name: str) -> None:
    """ATT-6."""
    assert code(DYNAMICS, Party.CUSTOMERS, media(name)) == "media_size_open"


def test_gif_only_arrives() -> None:
    """ATT-6."""
    for rules in (OPEN, DYNAMICS):
        assert check(rules, Party.CUSTOMERS, media("a.gif"))[-1].met
        assert not check(rules, Party.AGENTS, media("a.gif"))[-1].met


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.txt", "a.doc"])
def test_dynamics_withholds_documents_of_customers(name: str) -> None:
    """ATT-7."""
    refused = check(DYNAMICS, Party.CUSTOMERS, media(name))[-1]
    assert (refused.rule, refused.code) == ("ATT-7", "file_kind_not_allowed")
    assert REMEDIES[refused.code] == "send_as_pdf"
    assert check(OPEN, Party.CUSTOMERS, media(name))[-1].met


@pytest.mark.parametrize("party", Party)
def test_dynamics_knows_no_stickers(party: Party) -> None:
    """ATT-13."""
    refused = check(DYNAMICS, party, media("a.webp"))[-1]
    assert (refused.rule, refused.met) == ("ATT-13", False)
    assert check(OPEN, party, media("a.webp"))[-1].met


@given(parties, directions, kinds, st.sampled_from(["", "jpg", "pdf", "mp4", "docx", "oga"]))
def test_a_direction_lets_its_kinds_and_extensions_through(
    party: Party, direction: Direction, kind: str, ending: str
) -> None:
    """Both the type and the name must be on the list; without a name the type's best extension stands for it."""
    rules = attrs.evolve(OPEN, inbound=direction, outbound=direction, blocked_extensions=frozenset())
    sent = Media("", kind, name=f"a.{ending}" if ending else "")
    usual = MEDIA_TYPES[kind].extensions
    listed = direction.extensions
    fits = listed is None or (bool(listed & set(usual)) and (ending or usual[0]) in listed)
    passes = fits and (direction.kinds is None or sent.kind in direction.kinds)
    last = check(rules, party, sent)[-1]
    assert last.met is (passes and (party is Party.CUSTOMERS or MEDIA_TYPES[kind].outbound))
    if last.code == "file_kind_not_allowed":
        assert (last.facts["extension"], last.facts["kind"]) == (ending or usual[0], sent.kind.value)


def test_the_permissions_are_nothing_without_the_master_switch() -> None:
    """ATT-1."""
    assert not any(AttachmentRules(customers=True, agents=True).permits(party) for party in Party)


def test_the_preset_is_off_by_default() -> None:
    assert AttachmentRules() != AttachmentRules.dynamics()
    assert not any(AttachmentRules.dynamics().permits(party) for party in Party)


@given(rules, medias)
def test_no_setting_lets_out_what_the_platform_does_not_carry(rules: AttachmentRules, media: Media) -> None:
    known = MEDIA_TYPES.get(canonical(media.content_type))
    if known is None or not known.outbound:
        assert not check(rules, Party.AGENTS, media)[-1].met


@pytest.mark.parametrize("kind", sorted(MEDIA_TYPES))
def test_text_goes_with_pictures_only(kind: str) -> None:
    made = check(OPEN, Party.AGENTS, Media("", kind, "Mire"))[-1]
    assert made.met is (kind in ("image/jpeg", "image/png"))
    assert check(OPEN, Party.CUSTOMERS, Media("", kind, "Mire"))[-1].met


def test_an_empty_file_is_refused() -> None:
    assert code(OPEN, Party.AGENTS, media("a.pdf", size=0)) == "media_empty"


def test_golden_files_pass_under_their_type_and_under_no_other(golden_file: tuple[str, bytes]) -> None:
    kind, data = golden_file
    for declared in MEDIA_TYPES:
        last = check_content(OPEN, Party.CUSTOMERS, Media("", declared, size=len(data)), sniff(data))[-1]
        assert last.met is (declared in sniff(data).types)
    assert (
        check_content(OPEN, Party.CUSTOMERS, Media("", kind, size=len(data)), sniff(data))[-1].code == "media_type_true"
    )


def test_dangerous_files_pass_under_no_type(dangerous_file: tuple[str, bytes]) -> None:
    _, data = dangerous_file
    for declared in MEDIA_TYPES:
        last = check_content(OPEN, Party.CUSTOMERS, Media("", declared, size=len(data)), sniff(data))[-1]
        assert last.code == "media_type_lies"


def test_a_polyglot_is_named_as_what_it_is(golden: Golden, dangerous: Golden) -> None:
    data = golden["photo.jpg"][1] + dangerous["tool.jar"][1]
    last = check_content(OPEN, Party.CUSTOMERS, Media("", "image/jpeg", size=len(data)), sniff(data))[-1]
    assert last.code == "media_polyglot"
    assert "application/zip" in last.sentence("en")


def test_bytes_of_no_known_type_are_not_taken_on_trust() -> None:
    last = check_content(OPEN, Party.CUSTOMERS, Media("", "image/jpeg", size=4), sniff(b"\x01\x02\x03\x04"))[-1]
    assert last.code == "media_type_unproven"


def test_a_still_sticker_has_a_smaller_limit(golden: Golden) -> None:
    sticker = Media("", "image/webp", size=100 * 1024 + 1)
    still = sniff(golden["sticker.webp"][1])
    assert not check_content(OPEN, Party.CUSTOMERS, sticker, still)[-1].met
    assert check_content(OPEN, Party.CUSTOMERS, sticker, attrs.evolve(still, animated=True))[-1].met


@pytest.mark.parametrize(
    ("scan", "code"),
    [(Clean(), "media_clean"), (Infected("Eicar"), "media_infected"), (Unavailable("gone"), "media_not_scanned")],
)
def test_only_a_clean_file_passes_the_scanner(scan: ScanResult, code: str, golden: Golden) -> None:
    """ATT-9."""
    kind, data = golden["photo.jpg"]
    last = check_content(OPEN, Party.CUSTOMERS, Media("", kind, size=len(data)), sniff(data), scan)[-1]
    assert (last.rule, last.code, last.met) == ("ATT-9", code, isinstance(scan, Clean))


@given(st.text(), types)
def test_safe_names_are_safe(name: str, kind: str) -> None:
    safe = safe_name(name, kind)
    stem, _, ending = safe.rpartition(".")
    assert len(safe) <= 20
    assert stem.isascii()
    assert stem
    assert not set(stem) - set("-_") - {c for c in stem if c.isalnum()}
    known = MEDIA_TYPES.get(canonical(kind))
    assert ending in (known.extensions if known else ("bin",))
    assert safe_name(safe, kind) == safe


def test_limits_cannot_be_negative() -> None:
    with pytest.raises(InvalidValue, match="max_bytes"):
        AttachmentRules(max_bytes=-1)
