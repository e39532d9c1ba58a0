"""Formatting that agents write (ATT-15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import NOW

from wa_omnichannel import sending
from wa_omnichannel.messages import Text
from wa_omnichannel.sending import Allowed, SendPolicy, Situation
from wa_omnichannel.sending.formatting import translate
from wa_omnichannel.session import Window

TEXTS = st.lists(st.sampled_from(("*", "**", "~", "~~", "_", "`", "```", "a", " ", "\n", "b c")), max_size=20).map(
    "".join
)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**Hola**", "*Hola*"),
        ("*Hola* _ya_ ~no~", "*Hola* _ya_ ~no~"),
        ("~~antes~~ ahora", "~antes~ ahora"),
        ("```**x**```", "```**x**```"),
        ("`**x**`", "`**x**`"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("***a***", "***a***"),
        (
            "# Título\n> cita\n- lista\n[texto](https://example.com)",
            "# Título\n> cita\n- lista\n[texto](https://example.com)",
        ),
        ("**a\nb**", "**a\nb**"),
    ],
)
def test_att_15_what_has_a_counterpart_is_translated_and_the_rest_kept(typed: str, shown: str) -> None:
    assert translate(typed) == shown


@given(TEXTS | st.text())
def test_att_15_translating_twice_is_translating_once(text: str) -> None:
    assert translate(translate(text)) == translate(text)


@given(TEXTS | st.text())
def test_att_15_only_marks_go(text: str) -> None:
    kept = translate(text)
    assert len(kept) <= len(text)
    assert kept.replace("*", "").replace("~", "") == text.replace("*", "").replace("~", "")


@pytest.mark.parametrize(("on", "body"), [(True, "*Hola*"), (False, "**Hola**")])
def test_att_15_is_a_setting_and_stands_in_the_trace(on: bool, body: str) -> None:
    verdict = sending.decide(SendPolicy(translate=on), Situation(Window(NOW)), Text("**Hola**"), NOW)
    assert isinstance(verdict, Allowed)
    assert verdict.content == Text(body)
    assert ("ATT-15" in {check.rule for check in verdict.trace}) is on
