"""Templates and the provider's list: links, refreshes, changes, drift."""

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.templates import (
    Approval,
    Button,
    ButtonKind,
    Category,
    Standing,
    Template,
    Translation,
    Variable,
    observe,
    override,
)
from wa_omnichannel.templates.linking import define, drift, link, refresh
from wa_omnichannel.templates.wire import Held

AT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = AT + timedelta(hours=6)
TEXT = "Hola {{1}}, su pedido {{2}} ya está listo."


def sid(n: int) -> str:
    return f"HX{n:032x}"


def held(n: int, text: str = TEXT, language: str = "es", word: str = "approved", **more: Any) -> Held:
    translation = Translation(language, text, observe(Standing(), word, AT), sid(n))
    return attrs.evolve(Held("listo", sid(n), translation, Category.UTILITY), **more)


LISTO = define("listo", "es", TEXT)


def test_tpl_3_name_default_language_and_pasted_text_become_a_template_that_is_found() -> None:
    pasted = define("pedido", "es", f"  {TEXT.replace('{{1}}', '{{ 1 }}')}  \r\n")
    refreshed = refresh(pasted, [held(1), held(2, "Otra cosa")], AT)
    (translation,) = refreshed.template.translations
    assert (pasted.name, pasted.default_language, translation.content_sid) == ("pedido", "es", sid(1))
    assert refreshed.links[0].check.met
    assert translation.sendable
    assert translation.approval.age(LATER) == timedelta(hours=6)


MISSES = {
    "template_link_none": [held(1, "Otra cosa")],
    "template_link_several": [held(1), held(2)],
    "template_link_other_language": [held(1, language="en"), held(2, language="pt_BR")],
    "template_link_other_variables": [
        attrs.evolve(held(1), translation=attrs.evolve(held(1).translation, header="Pedido {{3}}"))
    ],
}


@pytest.mark.parametrize("code", MISSES)
def test_tpl_5_none_or_several_hits_leave_it_unlinked_and_unsendable(code: str) -> None:
    found = link(LISTO, LISTO.translations[0], MISSES[code])
    assert (found.check.rule, found.check.met, found.check.code, found.held) == ("TPL-5", False, code, None)
    near = () if code == "template_link_none" else tuple(item.content_sid for item in MISSES[code])
    assert found.candidates == near
    assert len({found.check.sentence(language) for language in LANGUAGES}) == len(LANGUAGES)
    refreshed = refresh(LISTO, MISSES[code], AT)
    assert refreshed.template == LISTO
    assert not refreshed.template.translations[0].sendable


def test_tpl_5_a_content_sid_that_was_entered_decides_alone() -> None:
    pinned = attrs.evolve(LISTO, translations=(attrs.evolve(LISTO.translations[0], content_sid=sid(2)),))
    refreshed = refresh(pinned, [held(1), held(2, "Otra cosa", "en")], AT)
    assert refreshed.template.translations[0].content_sid == sid(2)
    assert refreshed.template.translations[0].sendable


def test_tpl_6_each_language_needs_a_content_of_its_own() -> None:
    """The same words in two languages: a content serves the language it is in, and no other."""
    both = Template("listo", (Translation("es", TEXT), Translation("pt_BR", TEXT)), "es")
    alone = refresh(both, [held(1)], AT).template
    assert [translation.content_sid for translation in alone.translations] == [sid(1), None]
    paired = refresh(both, [held(1), held(2, language="pt_BR")], AT).template
    assert [translation.content_sid for translation in paired.translations] == [sid(1), sid(2)]


def test_a_content_that_is_gone_from_the_list_is_deleted() -> None:
    linked = refresh(LISTO, [held(1)], AT).template
    gone = refresh(linked, [held(2)], LATER)
    assert gone.template.translations[0].approval.state is Approval.DELETED
    assert gone.links[0].check.code == "template_link_gone"
    assert [change.code for change in gone.changes] == ["template_approval_changed"]


@pytest.mark.parametrize("word", ["paused", "rejected", "disabled", "pending", "in_orbit"])
def test_an_approval_that_was_taken_back_is_known_before_the_next_send(word: str) -> None:
    linked = refresh(LISTO, [held(1)], AT).template
    now = attrs.evolve(
        held(1), translation=attrs.evolve(held(1).translation, approval=observe(Standing(), word, LATER))
    )
    refreshed = refresh(linked, [now], LATER)
    assert not refreshed.template.translations[0].sendable
    (change,) = refreshed.changes
    assert (change.code, change.before, change.after) == (
        "template_approval_changed",
        "approved",
        Approval.parse(word).value,
    )


def test_an_answer_older_than_what_is_known_is_not_taken() -> None:
    newer = refresh(LISTO, [held(1)], AT).template
    (translation,) = newer.translations
    paused = attrs.evolve(translation, approval=observe(translation.approval, "paused", LATER))
    again = refresh(attrs.evolve(newer, translations=(paused,)), [held(1)], AT)
    assert again.template.translations[0].approval.state is Approval.PAUSED
    assert not again.changes


def test_the_provider_overrules_an_override() -> None:
    declared = attrs.evolve(
        LISTO.translations[0], approval=override(Approval.APPROVED, "ana", AT, "seen"), content_sid=sid(1)
    )
    refreshed = refresh(attrs.evolve(LISTO, translations=(declared,)), [held(1, word="rejected")], AT)
    assert not refreshed.template.translations[0].sendable


def test_peers_case_12_a_category_change_surfaces_as_a_change_and_the_strictest_one_counts() -> None:
    two = Template("listo", (Translation("es", TEXT), Translation("en", "Hello {{1}}, {{2}} it is.")), "es")
    items = [
        held(1, category=Category.UTILITY),
        held(2, "Hello {{1}}, {{2}} it is.", "en", category=Category.MARKETING),
    ]
    refreshed = refresh(two, items, AT)
    assert refreshed.template.category is Category.MARKETING
    change = refreshed.changes[-1]
    assert change.sentence() == "WhatsApp moved the template 'listo' from the category utility to marketing."
    assert change.sentence("es").startswith("WhatsApp pasó la plantilla")


@given(
    st.lists(st.sampled_from([held(1), held(2, "Otra"), held(3, language="en"), held(4, word="paused")]), max_size=4)
)
def test_a_refresh_is_idempotent(items: list[Held]) -> None:
    once = refresh(LISTO, items, AT)
    twice = refresh(once.template, items, AT)
    assert twice.template == once.template
    assert not twice.changes


def test_no_drift_between_equals_whatever_is_not_said_here() -> None:
    theirs = attrs.evolve(held(1), translation=attrs.evolve(held(1).translation, declared=(Variable("1", sample="A"),)))
    assert drift(LISTO, [theirs]) == ()


def test_drift_shows_each_field_line_by_line() -> None:
    yes, no = Button(ButtonKind.QUICK_REPLY, "Sí", "yes"), Button(ButtonKind.QUICK_REPLY, "No", "no")
    ours = Translation(
        "es",
        "Hola {{1}},\nsu pedido está listo.",
        kind="twilio/quick-reply",
        buttons=(yes, no),
        declared=(Variable("1", sample="Ana"),),
    )
    theirs = attrs.evolve(
        ours, body="Hola {{1}},\nsu paquete está listo.", buttons=(yes,), declared=(Variable("1", sample="Eva"),)
    )
    found = drift(Template("listo", (ours,), "es"), [Held("listo", sid(1), theirs, Category.MARKETING)])
    assert [(difference.field, difference.language) for difference in found] == [
        ("body", "es"),
        ("actions", "es"),
        ("sample 1", "es"),
        ("category", "es"),
    ]
    assert found[0].diff.splitlines()[2:] == [
        "@@ -1,2 +1,2 @@",
        " Hola {{1}},",
        "-su pedido está listo.",
        "+su paquete está listo.",
    ]
    assert "-id=no, title=No, type=QUICK_REPLY" in found[1].diff
    assert (found[3].ours, found[3].theirs) == ("utility", "marketing")


def test_drift_of_a_translation_that_the_provider_does_not_hold() -> None:
    (missing,) = drift(LISTO, [held(1, language="en")])
    assert (missing.field, missing.ours, missing.theirs) == ("translation", TEXT, "")
