"""Languages: one approval and one content SID each, and which one somebody gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.templates import Approval, Category, Fit, Template, Translation

TAGS = ("es", "es_MX", "en", "en_US", "pt_BR", "zh_Hant_HK", "zh_Hant", "zh")
SID = "HX" + "0" * 32


@given(st.lists(st.sampled_from(TAGS), min_size=1, unique=True), st.data(), st.none() | st.sampled_from(TAGS))
def test_tpl_10_the_nearest_language_then_the_default_with_the_reason(
    tags: list[str], data: st.DataObject, wanted: str | None
) -> None:
    default = data.draw(st.sampled_from(tags))
    template = Template("t", tuple(Translation(tag, f"in {tag}") for tag in tags), default)
    chosen, fit = template.choice(wanted)
    parents = [tag for tag in tags if wanted and (wanted == tag or wanted.startswith(f"{tag}_"))]
    nearest = max(parents, key=len, default=default)
    assert chosen.language == nearest
    if wanted is None:
        assert fit is Fit.UNASKED
    elif wanted in tags:
        assert fit is Fit.EXACT
    else:
        assert fit is (Fit.PARENT if parents else Fit.DEFAULT)


def test_tpl_4_each_language_is_approved_on_its_own() -> None:
    es = Translation("es", "Hola", Approval.APPROVED, SID)
    en = Translation("en", "Hello", Approval.PENDING, SID)
    template = Template("hello", (es, en), "es")
    assert template.choose("es").sendable
    assert not template.choose("en").sendable


def test_a_second_translation_in_a_language_is_refused_however_its_tag_is_written() -> None:
    with pytest.raises(InvalidValue, match="one translation per language"):
        Template("t", (Translation("es-MX", "a"), Translation("es_mx", "b")), "es_MX")


def test_the_default_language_has_to_be_there() -> None:
    with pytest.raises(InvalidValue, match="no translation in it"):
        Template("t", (Translation("es", "a"),), "en")


def test_a_content_sid_has_its_form() -> None:
    with pytest.raises(InvalidValue, match="starts with HX"):
        Translation("es", "a", content_sid="SM" + "0" * 32)


def test_tpl_1_a_template_is_transactional_unless_it_says_otherwise() -> None:
    assert Template("t", (Translation("es", "a"),), "es").category is Category.UTILITY


def test_templates_are_values() -> None:
    made = [Template("t", (Translation("es", "a", fields={"x": [1]}),), "es") for _ in range(2)]
    assert made[0] == made[1]
    assert len({*made}) == 1
