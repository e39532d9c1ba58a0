"""Values of variables: what is wrong with them, where they come from, and what the customer reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.sources import NOTHING_KNOWN, Person, Source, Sources
from wa_omnichannel.templates import (
    MAX_FILLED,
    MAX_VALUE,
    Button,
    ButtonKind,
    Translation,
    Variable,
    check_variables,
    fill,
    is_clean,
    preview,
    render,
)

names = st.sampled_from(("1", "2", "3", "name", "order_id"))
values = st.sampled_from(("Ana", "4711", " ", "", "a\nb", "a\tb", "a\rb", "a    b", "a     b", "x" * 600, "y" * 1700))


def body(wanted: list[str]) -> str:
    return "Hola " + " y ".join(f"{{{{{name}}}}}" for name in wanted) + " fin"


@given(st.lists(names, max_size=5), st.dictionaries(names, values))
def test_peers_case_10_faults_are_exactly_what_a_plain_reading_of_the_rules_finds(
    wanted: list[str], given_values: dict[str, str]
) -> None:
    translation = Translation("es", body(wanted))
    faults = check_variables(translation, given_values)
    assert {*faults.missing} == {*wanted} - {*given_values}
    assert {*faults.extra} == {*given_values} - {*wanted}
    used = {name: value for name, value in given_values.items() if name in wanted}
    blank = {name for name, value in used.items() if not value.strip()}
    assert {*faults.bad} == blank | {n for n, v in used.items() if any(bad in v for bad in ("\n", "\t", "\r", " " * 5))}
    assert {*faults.overlong} == {name for name, value in used.items() if len(value) > MAX_VALUE}
    length = len(render(translation, given_values))
    assert faults.too_long == (length if length > MAX_FILLED else None)
    assert bool(faults) == any((faults.missing, faults.extra, faults.bad, faults.overlong, faults.too_long))


@pytest.mark.parametrize("length", [MAX_FILLED - 5, MAX_FILLED - 4])
def test_the_filled_body_has_1024_characters_and_no_more(length: int) -> None:
    faults = check_variables(Translation("es", "Hola {{1}}"), {"1": "x" * length})
    assert faults.too_long == (None if length == MAX_FILLED - 5 else MAX_FILLED + 1)


def test_a_variable_used_twice_counts_twice() -> None:
    assert check_variables(Translation("es", "{{1}} y {{1}}"), {"1": "x" * 511}).too_long == 1025


@pytest.mark.parametrize("value", [7, None, True, ["a"], {"a": "b"}])
def test_peers_case_10_a_value_that_is_no_text_is_bad(value: object) -> None:
    assert check_variables(Translation("es", "Hola {{1}}"), {"1": value}).bad == ("1",)


def test_placeholders_are_found_in_every_part_in_order_once() -> None:
    translation = Translation(
        "es",
        "Hola {{ name }} {{2}} {{name}}",
        header="{{1}}",
        media="https://example.com/{{3}}",
        buttons=(Button(ButtonKind.URL, "Ver", "https://example.com/{{4}}"),),
        fields={"items": [{"item": "{{5}}"}], "cards": ({"body": "{{6}}"},), "n": 7},
    )
    assert translation.variables == ("1", "name", "2", "3", "4", "5", "6")


@pytest.mark.parametrize("text", ["{{1 2}}", "{{}}", "{1}", "{{seventeen_letters}}", "{{a-b}}", "{{1}", "{{año}}"])
def test_what_is_no_placeholder_is_none(text: str) -> None:
    assert Translation("es", text).variables == ()


DECLARED = (
    Variable("1", Source.CUSTOMER, "first_name"),
    Variable("2", Source.AGENT, "nickname"),
    Variable("3", Source.CONTEXT, "OrderID"),
    Variable("4", Source.CUSTOMER, "shoe_size"),
    Variable("5"),
    Variable("unused", Source.CUSTOMER, "full_name"),
)
EVERYTHING = Translation("es", "a {{1}} b {{2}} c {{3}} d {{4}} e {{5}} f", declared=DECLARED)
KNOWN = Sources(Person("Ana Ruiz", "Ana"), Person(nickname="Lu"), {"OrderID": "4711"})


def test_typed_sources_fill_what_they_know_and_nothing_else() -> None:
    assert fill(EVERYTHING, {}, KNOWN) == {"1": "Ana", "2": "Lu", "3": "4711"}


def test_what_the_caller_gives_wins() -> None:
    assert fill(EVERYTHING, {"1": "Eva", "5": "x"}, KNOWN) == {"1": "Eva", "2": "Lu", "3": "4711", "5": "x"}


def test_nothing_known_is_the_callers_mapping_itself() -> None:
    mine = {"1": "Eva"}
    assert fill(EVERYTHING, mine, NOTHING_KNOWN) is mine


@given(st.text(max_size=60))
def test_what_anybody_may_have_typed_never_makes_a_message_unsendable(name: str) -> None:
    filled = fill(EVERYTHING, {}, Sources(Person(first_name=name)))
    assert "1" not in filled or is_clean(filled["1"])


def test_a_preview_shows_every_part_with_samples_for_what_is_missing() -> None:
    translation = Translation(
        "es",
        "Hola {{1}}, su pedido {{2}} y {{3}}",
        header="Pedido {{2}}",
        footer="Tienda",
        media="https://example.com/{{2}}.jpg",
        buttons=(Button(ButtonKind.URL, "Ver", "https://example.com/{{2}}"), Button(ButtonKind.QUICK_REPLY, "No")),
        declared=(Variable("1", Source.CUSTOMER, "first_name", "Eva"), Variable("2", sample="A-1")),
    )
    assert preview(translation, {"2": "4711"}, KNOWN).text.splitlines() == [
        "[https://example.com/4711.jpg]",
        "Pedido 4711",
        "Hola Ana, su pedido 4711 y {{3}}",
        "Tienda",
        "[Ver] https://example.com/4711",
        "[No]",
    ]


def test_a_value_is_never_taken_for_a_placeholder() -> None:
    assert render(Translation("es", "Hola {{1}} {{2}}"), {"1": "{{2}}", "2": "x"}) == "Hola {{2}} x"
