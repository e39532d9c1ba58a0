"""A free text that is an approved text is recognised, with its values (TPL-7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.templates import Approval, Template, Translation, check_variables, match, recognise, render

SID = "HX" + "0" * 32
literals = st.text("abc .,", min_size=1, max_size=6)
words = st.text("XYZ", min_size=1, max_size=6)


def approved(body: str, state: Approval = Approval.APPROVED) -> Template:
    return Template("t", (Translation("es", body, state, SID),), "es")


@given(st.lists(literals, min_size=1, max_size=4), st.data())
def test_tpl_7_a_text_made_from_a_template_gives_its_values_back(parts: list[str], data: st.DataObject) -> None:
    body = parts[0] + "".join(f"{{{{{number}}}}}{part}" for number, part in enumerate(parts[1:], 1))
    values = {str(number): data.draw(words) for number in range(1, len(parts))}
    translation = Translation("es", body)
    assert match(translation, render(translation, values)) == values


@given(st.text("ab {}1", max_size=20), st.text("ab 1", max_size=20))
def test_what_is_recognised_says_the_same(body: str, text: str) -> None:
    translation = Translation("es", body)
    found = match(translation, text)
    if found is not None:
        assert render(translation, found) == text
        assert not check_variables(translation, found)


@pytest.mark.parametrize(
    "text", ["Hola , listo.", "Hola Ana, listo", "hola Ana, listo.", "Hola Ana,\nlisto.", " Hola Ana, listo.", ""]
)
def test_anything_else_is_not(text: str) -> None:
    assert match(Translation("es", "Hola {{1}}, listo."), text) is None


def test_a_variable_used_twice_has_one_value() -> None:
    twice = Translation("es", "De {{1}} a {{1}}.")
    assert match(twice, "De A a A.") == {"1": "A"}
    assert match(twice, "De A a B.") is None


def test_a_text_without_variables_is_compared_whole() -> None:
    assert match(Translation("es", "Hola"), "Hola") == {}
    assert match(Translation("es", "Hola"), "Hola a todos") is None


@pytest.mark.parametrize("state", [state for state in Approval if state is not Approval.APPROVED])
def test_only_sendable_templates_are_recognised(state: Approval) -> None:
    assert [found.values for found in recognise("Hola Ana.", [approved("Hola {{1}}.")])] == [{"1": "Ana"}]
    assert list(recognise("Hola Ana.", [approved("Hola {{1}}.", state)])) == []


def test_a_long_text_against_many_variables_takes_no_time_to_speak_of() -> None:
    """A regular expression with as many gaps would try every way to split the text."""
    body = "a".join(f"{{{{{number}}}}}" for number in range(1, 40)) + "!"
    assert match(Translation("es", "a" + body), "a" * 1600) is None
