"""Template files: what is right is read, what is wrong is a finding with its place, and nothing hides the rest."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.sources import Source
from wa_omnichannel.template_files import MAX_BYTES, TemplateFile, read_file, read_text
from wa_omnichannel.template_lint import SEVERITIES
from wa_omnichannel.templates import Approval, ButtonKind, Category

GOOD = """\
templates:
  - name: pedido_listo
    category: utility
    default_language: es
    variables:
      1: {source: customer, key: first_name, sample: Ana}
      2: {sample: A-100}
    translations:
      es:
        kind: whatsapp/card
        header: Pedido listo
        body: "Hola {{1}}, su pedido {{2}} ya está listo para recoger."
        footer: Tienda
        buttons:
          - {kind: URL, text: Ver, target: "https://example.com/{{2}}"}
      no:
        body: "Hei {{1}}, din ordre {{2}} er klar til å hentes."
        content_sid: HX00000000000000000000000000000000
  - name: bienvenida
    default_language: es-MX
    text: Gracias por escribirnos.
"""


def places(found: TemplateFile) -> list[tuple[str, str, int | None, int | None]]:
    return [(finding.code, finding.field, finding.line, finding.column) for finding in found.findings]


def is_whole(text: str) -> bool:
    """Tell whether *text* is a sentence: a capital or a quotation first, one full stop last, every gap filled in."""
    return re.fullmatch(r"['A-ZÁÉÍÓÚ][^{}?]*[^.{}?]\.", text) is not None


def test_a_good_file_is_read_whole() -> None:
    found = read_text(GOOD)
    card, welcome = found.templates
    assert [finding.code for finding in found.findings] == ["language_unknown"]
    es, no = card.translations
    assert (card.category, es.kind, es.header, es.footer) == (
        Category.UTILITY,
        "whatsapp/card",
        "Pedido listo",
        "Tienda",
    )
    assert es.buttons[0].kind is ButtonKind.URL
    assert (es.declared[0].source, es.declared[0].key, es.declared[0].sample) == (Source.CUSTOMER, "first_name", "Ana")
    assert (no.language, no.content_sid) == ("no", "HX" + "0" * 32)
    assert (welcome.default_language, welcome.translations[0].body) == ("es_MX", "Gracias por escribirnos.")
    assert {t.approval.state for made in found.templates for t in made.translations} == {Approval.UNSUBMITTED}


def test_the_same_in_json_and_toml() -> None:
    text = {"templates": [{"name": "bienvenida", "default_language": "es", "text": "Hola, {{1}} y gracias"}]}
    toml = '[[templates]]\nname = "bienvenida"\ndefault_language = "es"\ntext = "Hola, {{1}} y gracias"\n'
    as_yaml = read_text(json.dumps(text), ".yaml")
    assert read_text(json.dumps(text), ".json").templates == read_text(toml, ".toml").templates == as_yaml.templates
    assert [code for code, *_ in places(read_text(toml, ".TOML"))] == [code for code, *_ in places(as_yaml)]


def test_what_the_provider_lists_can_be_linted_but_its_approval_is_not_taken() -> None:
    entry = {
        "sid": "HX" + "0" * 32,
        "friendly_name": "hola",
        "language": "es",
        "types": {"twilio/text": {"body": "{{1}} hola a todos"}},
        "approval_requests": {"name": "hola", "category": "MARKETING", "status": "approved"},
    }
    found = read_text(json.dumps({"contents": [entry, {"sid": 7}]}), ".json")
    (template,) = found.templates
    assert (template.category, template.translations[0].approval.state) == (Category.MARKETING, Approval.UNSUBMITTED)
    assert [finding.code for finding in found.findings] == ["variable_at_start", "sample_missing", "file_value"]
    assert found.findings[-1].field == "contents.1.types"


BODY = """\
templates:
  - name: t
    default_language: es-MX
    translations:
      es-MX:
        body: {body}
"""
PLACES = [
    ('"Hola a todos {{1}}"', 6, 29),
    ("Hola a todos {{1}}", 6, 28),
    ("'Hola a todos {{1}}'", 6, 29),
    ("|\n          Hola a\n          todos {{1}}", 8, 17),
    ("|-\n          Hola a todos\n\n           {{1}}", 9, 12),
    ('"Hola \\"a todos\\" {{1}}"', 6, 15),  # escapes: the beginning of the value
    (">\n          Hola a todos\n          {{1}}", 6, 15),  # folded: the same
]


@pytest.mark.parametrize(("written", "line", "column"), PLACES)
def test_a_finding_points_to_its_character_in_the_file(written: str, line: int, column: int) -> None:
    found = read_text(BODY.replace("{body}", written))
    at_end = [place for place in places(found) if place[0] == "variable_at_end"]
    assert at_end == [("variable_at_end", "templates.0.translations.es-MX.body", line, column)]


FAULTS: list[tuple[str, str, str, str, int | None, int | None]] = [
    # what, instead of what, code, field, line, column
    ("category: fun", "category: utility", "file_choice", "templates.0.category", 3, 15),
    ("nmae: x\n    category: utility", "category: utility", "file_field_unknown", "templates.0.nmae", 3, 11),
    (
        "approval: approved\n    category: utility",
        "category: utility",
        "file_approval",
        "templates.0.approval",
        3,
        15,
    ),
    (
        "footer: Tienda\n        status: approved",
        "footer: Tienda",
        "file_approval",
        "templates.0.translations.es.status",
        14,
        17,
    ),
    ("footer: 7", "footer: Tienda", "file_not_text", "templates.0.translations.es.footer", 13, 17),
    ("es_: x", "default_language: es-MX", "file_field_missing", "templates.1.default_language", 19, 5),
    ("default_language: pt", "default_language: es\n", "file_value", "templates.0.default_language", 4, 23),
    ("default_language: n\n", "default_language: es\n", "file_value", "templates.0.default_language", 4, 23),
    ("HX1", "HX00000000000000000000000000000000", "file_value", "templates.0.translations.no.content_sid", 18, 22),
    ("      n:", "      no:", "file_value", "templates.0.translations.n.language", 17, 9),
    ("name: pedido_listo", "name: bienvenida", "file_duplicate", "templates.1.name", 19, 11),
    ("7: {}", "2: {sample: A-100}", "sample_unused", "templates.0.variables.7", 7, 10),
]


@pytest.mark.parametrize(("now", "was", "code", "field", "line", "column"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_a_fault_has_its_place_and_the_other_template_is_read(
    now: str, was: str, code: str, field: str, line: int, column: int
) -> None:
    assert was in GOOD
    found = read_text(GOOD.replace(was, now + "\n" if was.endswith("\n") else now))
    said = [finding for finding in found.findings if finding.code == code and finding.field == field]
    assert said, places(found)
    assert (said[0].line, said[0].column) == (line, column)
    assert all(is_whole(text) for language in LANGUAGES for text in (said[0].sentence(language), said[0].fix(language)))
    assert found.templates


ENTRY = {"name": "hola", "default_language": "es", "translations": {"es": {"body": "Hola"}}}
BAD_VALUES: list[tuple[str, object]] = [
    ("templates", 7),
    ("templates", ENTRY | {"category": "fun"}),
    ("templates", ENTRY | {"variables": {"1": {"source": "nobody"}}}),
    ("templates", ENTRY | {"default_language": "pt"}),
    ("templates", ENTRY | {"translations": {"es": 7}}),
    ("templates", ENTRY | {"translations": {"es": {"content_sid": "HX1"}}}),
    ("templates", ENTRY | {"translations": {"es": {"buttons": 7}}}),
    ("templates", ENTRY | {"translations": {"es": {"buttons": [{"kind": "DANCE", "text": "x"}]}}}),
    ("templates", ENTRY | {"translations": {"es": {}, "ES": {}}}),
    ("templates", ENTRY | {"translations": {"español": {}}}),
    ("contents", 7),
    ("contents", {"types": {}}),
    ("contents", {"types": {"twilio/text": {}}}),
]


@pytest.mark.parametrize(("key", "entry"), BAD_VALUES)
def test_what_to_do_about_a_value_is_a_whole_sentence(key: str, entry: object) -> None:
    """The advice that fills these two texts comes from somewhere else."""
    found = read_text(json.dumps({key: [entry]}), ".json").findings
    assert {finding.code for finding in found} <= {"file_value", "file_choice"}
    assert found
    assert all(is_whole(finding.fix(language)) for finding in found for language in LANGUAGES)


BROKEN = [
    ("templates: [", ".yaml", "file_syntax", 1),
    ("templates:\n\t- a", ".yaml", "file_syntax", 2),
    ("a: &x 1\ntemplates: *y", ".yaml", "file_syntax", 2),
    ("templates: !!python/object:os.system {}", ".yaml", "file_shape", None),
    ("templates: [!!python/name:os.system '']", ".yaml", "file_syntax", 1),
    ("templates:\n  - &a {name: x}\n  - *a", ".yaml", "file_alias", 2),
    ("a: 1\na: 2\ntemplates: []", ".yaml", "file_duplicate", 2),
    ("", ".yaml", "file_shape", None),
    ("- name: x", ".yml", "file_shape", None),
    ("templates: {name: x}", ".yaml", "file_shape", None),
    ("\x00", ".yaml", "file_syntax", None),
    ("[" * 5000, ".yaml", "file_syntax", None),
    ('{"templates": [}', ".json", "file_syntax", 1),
    ("[" * 100_000, ".json", "file_syntax", None),
    ('{"templates": [], "templates": []}', ".json", "file_duplicate", None),
    ("null", ".json", "file_shape", None),
    ("a = \n", ".toml", "file_syntax", 1),
    ("templates = 7", ".toml", "file_shape", None),
    ("", ".txt", "file_unreadable", None),
]


@pytest.mark.parametrize(("text", "suffix", "code", "line"), BROKEN, ids=[f"{n}-{b[2]}" for n, b in enumerate(BROKEN)])
def test_a_broken_file_is_a_finding_with_a_place(text: str, suffix: str, code: str, line: int | None) -> None:
    found = read_text(text, suffix)
    assert found.templates == ()
    assert (found.findings[0].code, found.findings[0].line) == (code, line)


@pytest.mark.parametrize("entry", ["7", "null", "[]", "{}", "hola", "{translations: {es: 7}}", "{name: {}}"])
def test_an_entry_that_is_none_does_not_hide_the_next_one(entry: str) -> None:
    found = read_text(f"templates:\n  - {entry}\n  - {{name: hola, default_language: es, text: Hola}}\n")
    assert [template.name for template in found.templates] == ["hola"]
    assert found.findings
    assert all(finding.field.startswith("templates.0") for finding in found.findings)


def test_one_bad_language_does_not_hide_the_others() -> None:
    text = GOOD.replace("HX00000000000000000000000000000000", "HX1")
    card, _ = read_text(text).templates
    assert [translation.language for translation in card.translations] == ["es"]


@given(st.text(st.sampled_from("templas: -{}[]\n'\"|>&*!#1x,"), max_size=60))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    for suffix in (".yaml", ".json", ".toml"):
        found = read_text(text, suffix)
        assert all(finding.code in SEVERITIES for finding in found.findings)
        assert found.templates or found.findings or "templates" in text or "contents" in text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("name", "default_language", "text", "translations", "es", "body", "variables", "1", "kind")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(json_values, max_size=3))
def test_no_entries_make_the_reader_fail(entries: list[object]) -> None:
    for key in ("templates", "contents"):
        assert read_text(json.dumps({key: entries}), ".json").templates is not None


def test_files_on_disk(tmp_path: Path) -> None:
    good, latin, large = tmp_path / "good.yaml", tmp_path / "latin.yaml", tmp_path / "large.json"
    good.write_text("\ufeff" + GOOD, encoding="utf-8")
    latin.write_bytes("é".encode("latin-1"))
    large.write_bytes(b" " * (MAX_BYTES + 1))
    assert len(read_file(good).templates) == 2
    for path in (latin, large, tmp_path, tmp_path / "gone.yaml"):
        (finding,) = read_file(path).findings
        assert finding.code == "file_unreadable"
