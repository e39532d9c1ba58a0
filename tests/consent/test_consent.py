"""Consent: words, statements, provider errors, merging, the check, and rows."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.addresses import Address
from wa_omnichannel.consent import (
    OPT_OUT_CODES,
    REMEDIES,
    UNKNOWN,
    Block,
    Consent,
    ConsentRules,
    Purpose,
    Scope,
    Statement,
    check,
    hear,
    learn,
    merge,
    record,
    words,
)
from wa_omnichannel.consent.rows import COLUMNS, all_rows, export_rows, import_rows
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.explain.texts import SENTENCES

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBERS = ("+14155550100", "+14155550101")
RULES = ConsentRules()
STRICT = ConsentRules(required=True)

instants = st.integers(0, 20).map(lambda minutes: T0 + timedelta(minutes=minutes))
statements = st.builds(
    Statement, st.sampled_from(Scope), st.booleans(), instants, st.sampled_from(["web form", "word: stop"])
)
blocks = st.builds(Block, st.sampled_from(NUMBERS), instants, st.sampled_from([63014, 63033]))


@st.composite
def consents(draw: st.DrawFn) -> Consent:
    consent = UNKNOWN
    for statement in draw(st.lists(statements, max_size=4)):
        consent = record(consent, statement)
    for block in draw(st.lists(blocks, max_size=3)):
        consent = learn(consent, block.code, block.number, block.at)
    return consent


purposes = st.builds(
    Purpose, st.sampled_from(NUMBERS), st.booleans(), st.booleans(), st.booleans(), st.none() | instants
)
spoken = st.sampled_from([word for table in words.STOP.values() for word in table])
dressing = st.sampled_from(["{}", " {} ", "¡{}!", "{}.", "«{}»", "{} 🛑", "\n{}\n", "*{}*"])


@given(spoken, dressing, st.sampled_from([str.lower, str.upper, str.title]))
def test_a_stop_word_is_heard_in_any_dress(word: str, dress: str, case: Callable[[str], str]) -> None:
    heard = hear(RULES, UNKNOWN, dress.format(case(word)), T0)
    assert heard is not None
    assert (heard.scope, heard.granted, heard.at) == (Scope.EVERYTHING, False, T0)


@given(spoken, st.text("abcdefghij", min_size=1, max_size=8))
def test_a_word_in_a_sentence_means_nothing(word: str, more: str) -> None:
    known = {
        words.normalised(w) for t in (words.STOP, words.STOP_MARKETING, words.START) for ws in t.values() for w in ws
    }
    if words.normalised(f"{more} {word}") not in known:
        assert hear(RULES, UNKNOWN, f"{more} {word}", T0) is None


@pytest.mark.parametrize(
    "text", ["", "🛑", "no", "sí", "yes", "cancel", "end", "quiero cancelar mi pedido", "stop " * 100]
)
def test_ordinary_answers_are_not_opt_outs(text: str) -> None:
    assert hear(RULES, UNKNOWN, text, T0) is None


@pytest.mark.parametrize(
    "text", ["BAJA", "Baja.", "sin publicidad", "STOP", "désabonner", "Desabonner", "SAIR", "stopp"]
)
def test_some_words_of_every_day(text: str) -> None:
    assert hear(RULES, UNKNOWN, text, T0) is not None


def test_start_only_lifts_a_stop() -> None:
    assert hear(RULES, UNKNOWN, "start", T0) is None
    stopped = record(UNKNOWN, Statement(Scope.EVERYTHING, False, T0, "word: stop"))
    again = hear(RULES, stopped, "ALTA", T0 + timedelta(minutes=1))
    assert again is not None
    assert not record(stopped, again).stopped(Scope.EVERYTHING)


def test_start_does_not_bring_marketing_back() -> None:
    """Who stopped marketing inside WhatsApp and then everything gets service messages again after START, no more."""
    consent = learn(UNKNOWN, 63050, NUMBERS[0], T0)
    consent = record(consent, Statement(Scope.EVERYTHING, False, T0, "word: stop"))
    again = hear(RULES, consent, "start", T0 + timedelta(minutes=1))
    assert again is not None
    consent = record(consent, again)
    assert check(RULES, consent, Purpose(template=True)).met
    assert check(RULES, consent, Purpose(template=True, marketing=True)).code == "opted_out_of_marketing"


def test_the_button_of_whatsapp_stops_marketing_only() -> None:
    heard = hear(RULES, UNKNOWN, "Stop promotions", T0)
    assert heard is not None
    assert heard.scope is Scope.MARKETING


def test_marketing_comes_back_when_the_customer_asks_for_it() -> None:
    stopped = learn(UNKNOWN, 63050, NUMBERS[0], T0)
    again = hear(RULES, stopped, "Resume promotions", T0 + timedelta(minutes=1))
    assert again is not None
    assert check(STRICT, record(stopped, again), Purpose(template=True, marketing=True)).met


def test_words_are_data_and_the_stricter_list_wins() -> None:
    rules = ConsentRules(stop={"en": ["cancel"]}, start={"en": ["Cancel"]})
    assert rules.meaning("CANCEL") == (Scope.EVERYTHING, False)
    assert rules.meaning("stop") is None


@given(st.lists(statements, max_size=6), st.randoms(use_true_random=False))
def test_the_order_and_number_of_statements_do_not_matter(said: list[Statement], chance: Random) -> None:
    shuffled = [*said, *said]
    chance.shuffle(shuffled)

    def all_of(several: list[Statement]) -> Consent:
        consent = UNKNOWN
        for statement in several:
            consent = record(consent, statement)
        return consent

    assert all_of(said) == all_of(shuffled)


@given(consents(), statements)
def test_stop_wins_a_tie(consent: Consent, statement: Statement) -> None:
    stop = attrs.evolve(statement, granted=False)
    both = record(record(consent, attrs.evolve(statement, granted=True)), stop)
    known = both.of(stop.scope)
    assert known is not None
    assert both.stopped(stop.scope) or known.at > stop.at


@pytest.mark.parametrize(
    ("code", "marketing", "service"),
    [
        (21610, False, False),
        (63014, False, False),
        (63033, False, False),
        (63050, False, True),
        (63016, True, True),
        (None, True, True),
    ],
)
def test_provider_errors_keep_their_different_meaning(code: int | None, marketing: bool, service: bool) -> None:
    consent = learn(UNKNOWN, code, NUMBERS[0], T0)
    assert check(RULES, consent, Purpose(NUMBERS[0], template=True, marketing=True)).met is marketing
    assert check(RULES, consent, Purpose(NUMBERS[0], template=True)).met is service


@pytest.mark.parametrize("code", [63014, 63033])
def test_a_block_is_about_one_number_and_over_when_the_customer_writes_there(code: int) -> None:
    consent = learn(UNKNOWN, code, NUMBERS[0], T0)
    later = T0 + timedelta(seconds=1)
    assert check(RULES, consent, Purpose(NUMBERS[1])).met
    assert check(RULES, consent, Purpose(NUMBERS[0], last_inbound_at=T0)).code == "number_blocked"
    assert check(RULES, consent, Purpose(NUMBERS[0], last_inbound_at=later)).met
    stopped = learn(UNKNOWN, 21610, NUMBERS[0], T0)
    assert not check(RULES, stopped, Purpose(NUMBERS[1], last_inbound_at=later)).met


@given(consents(), consents(), consents())
def test_merge_is_a_lattice_join(a: Consent, b: Consent, c: Consent) -> None:
    assert merge(a, b) == merge(b, a)
    assert merge(a, merge(b, c)) == merge(merge(a, b), c)
    assert merge(a, a) == a == merge(a, UNKNOWN)


@given(consents(), consents(), purposes)
def test_a_merged_person_is_written_to_only_if_neither_objects(a: Consent, b: Consent, purpose: Purpose) -> None:
    if check(RULES, merge(a, b), purpose).met:
        assert check(RULES, a, purpose).met
        assert check(RULES, b, purpose).met


@given(consents(), purposes, st.booleans())
def test_check_agrees_with_the_rules_worked_out_independently(
    consent: Consent, purpose: Purpose, required: bool
) -> None:
    last = {scope: consent.of(scope) for scope in Scope}
    said = {scope: known.granted for scope, known in last.items() if known}
    blocked = [
        b
        for b in consent.blocks
        if b.number == purpose.number and not (purpose.last_inbound_at and purpose.last_inbound_at > b.at)
    ]
    agreed = said.get(Scope.EVERYTHING) or (purpose.marketing and said.get(Scope.MARKETING))
    first = purpose.template and (purpose.marketing or not purpose.window_open)
    allows = (
        said.get(Scope.EVERYTHING) is not False
        and not (purpose.marketing and said.get(Scope.MARKETING) is False)
        and not blocked
        and (not required or not first or bool(agreed))
    )
    made = check(ConsentRules(required=required), consent, purpose)
    assert made.met is bool(allows)
    assert set(SENTENCES[made.code]) == set(LANGUAGES)
    assert all("?" not in made.sentence(language) for language in LANGUAGES)
    assert made.met or set(SENTENCES[REMEDIES[made.code]]) == set(LANGUAGES)


def test_an_opt_in_for_marketing_is_none_for_everything() -> None:
    marketing = record(UNKNOWN, Statement(Scope.MARKETING, True, T0, "web form"))
    assert check(STRICT, marketing, Purpose(template=True, marketing=True)).met
    assert check(STRICT, marketing, Purpose(template=True)).code == "consent_missing"
    assert check(STRICT, marketing, Purpose(template=True, window_open=True)).met


@given(
    st.dictionaries(st.sampled_from([Address("+34600000001"), Address("ES.1234"), Address("+12025550101")]), consents())
)
def test_rows_round_trip(people: dict[Address, Consent]) -> None:
    rows = list(all_rows(people))
    back = import_rows(rows)
    assert back.faults == ()
    assert back.consents == {address: consent for address, consent in people.items() if consent != UNKNOWN}
    assert import_rows([*reversed(rows), *rows]).consents == back.consents
    assert all(tuple(row) == COLUMNS for row in rows)


GOOD = {
    "address": "+34600000001",
    "scope": "everything",
    "state": "in",
    "at": "2026-01-31T09:00:00+01:00",
    "source": "web form",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "call me"),
        ("scope", "newsletters"),
        ("state", "maybe"),
        ("at", "yesterday"),
        ("at", "2026-01-31T09:00:00"),
        ("source", ""),
    ],
)
def test_a_bad_row_is_named_and_does_not_stop_the_others(field: str, value: str) -> None:
    done = import_rows([GOOD, {**GOOD, field: value}, {**GOOD, "address": "+34600000002"}])
    assert [(fault.line, fault.error.field) for fault in done.faults] == [(2, field)]
    assert len(done.consents) == 2


@pytest.mark.parametrize("source", ["web form", "provider: 21610", "provider: ²", "provider: 99999999999"])
def test_a_block_needs_a_code_that_means_one(source: str) -> None:
    row = {**GOOD, "scope": "block", "number": NUMBERS[0], "source": source}
    assert [fault.error.field for fault in import_rows([row]).faults] == ["source"]


def test_instants_need_a_time_zone() -> None:
    with pytest.raises(InvalidValue, match="time zone"):
        Statement(Scope.EVERYTHING, True, datetime(2026, 1, 1), "web form")  # noqa: DTZ001 - the point
    with pytest.raises(InvalidValue, match="time zone"):
        Block(NUMBERS[0], datetime(2026, 1, 1), 63014)  # noqa: DTZ001 - the point


def test_codes_with_a_meaning() -> None:
    assert set(OPT_OUT_CODES) == {21610, 63014, 63033, 63050, 131050}
    assert export_rows(Address("+34600000001"), learn(UNKNOWN, 63014, NUMBERS[0], T0))[0]["source"] == "provider: 63014"


@given(st.text())
def test_a_text_is_compared_without_case_accents_and_punctuation(text: str) -> None:
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    assert words.normalised(text) == " ".join("".join(kept).split())
