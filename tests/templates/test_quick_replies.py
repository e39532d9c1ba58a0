"""Quick replies: one language each, slugs, visibility, search, and whose they are."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.quick_replies import Desk, QuickReply, check_owner, fill, parse_tag, search, visible
from wa_omnichannel.sources import NOTHING_KNOWN, Person, Sources

KNOWN = Sources(
    Person("Ana Ruiz", "Ana", "Ruiz", "Anita"),
    Person("Lucía Gil", "Lucía", "Gil", "Lu"),
    {"OrderID": "4711"},
)
SLUGS = {
    "{FullName{Customer}}": "Ana Ruiz",
    "{FirstName{Customer}}": "Ana",
    "{LastName{Customer}}": "Ruiz",
    "{FullName{Agent}}": "Lucía Gil",
    "{FirstName{Agent}}": "Lucía",
    "{LastName{Agent}}": "Gil",
    "{Nickname{Agent}}": "Lu",
    "{OCContext.OrderID}": "4711",
}


def reply(**more: object) -> QuickReply:
    fields = {"id": "1", "title": "Saludo", "locale": "es", "message": "Hola"} | more
    return QuickReply(**fields)  # type: ignore[arg-type]


def desk(**more: object) -> Desk:
    fields = {"agent": "ana", "language": "en", "workstream": "ventas", "channel_language": "es_MX"} | more
    return Desk(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["title", "message"])
def test_qr_1_a_reply_has_a_title_a_locale_and_a_message(field: str) -> None:
    with pytest.raises(InvalidValue, match=field):
        reply(**{field: "  "})
    with pytest.raises(InvalidValue, match="locale"):
        reply(locale="español")
    assert reply(locale="es-mx").locale == "es_MX"


def test_the_desk_names_its_own_fields() -> None:
    with pytest.raises(InvalidValue) as caught:
        desk(language="español")
    assert caught.value.field == "language"


def test_qr_1_nothing_is_translated_every_language_is_a_reply_of_its_own() -> None:
    both = [reply(), reply(id="2", locale="en", message="Hello")]
    assert [found.message for found in visible(both, desk(channel_language="en"))] == ["Hello"]


@pytest.mark.parametrize("slug", SLUGS)
def test_qr_2_every_slug_is_filled_in(slug: str) -> None:
    filled = fill(reply(message=f"a {slug} b {slug}"), KNOWN)
    assert (filled.text, filled.missing) == (f"a {SLUGS[slug]} b {SLUGS[slug]}", ())


@pytest.mark.parametrize("slug", SLUGS)
def test_qr_2_a_slug_without_a_value_stays_visible_and_is_named(slug: str) -> None:
    filled = fill(reply(message=f"a {slug}"), NOTHING_KNOWN)
    assert (filled.text, filled.missing) == (f"a {slug}", (slug,))


@pytest.mark.parametrize("text", ["{Nickname{Customer}}", "{ShoeSize{Agent}}", "{OCContext.Other}"])
def test_qr_2_what_nobody_knows_is_missing(text: str) -> None:
    assert fill(reply(message=text), KNOWN).missing == (text,)


@pytest.mark.parametrize("text", ["{$Name$}", "{{1}}", "{AgentName}", "{ReconnectUrl{ReconnectID}}", "${slug}"])
def test_qr_2_other_families_of_slugs_are_left_alone(text: str) -> None:
    assert fill(reply(message=text), KNOWN).text == text
    assert reply(message=text).slugs == ()


@given(st.text(max_size=10).filter(str.strip))
def test_qr_2_a_value_is_never_filled_in_again(name: str) -> None:
    known = Sources(Person(first_name=name), context={"x": "{FirstName{Customer}}"})
    assert fill(reply(message="{OCContext.x} {FirstName{Customer}}"), known).text == f"{{FirstName{{Customer}}}} {name}"


def test_qr_3_a_reply_without_workstreams_is_for_everybody() -> None:
    replies = [reply(), reply(id="2", workstreams=["ventas"]), reply(id="3", workstreams=["soporte", "otro"])]
    assert [found.id for found in visible(replies, desk())] == ["1", "2"]
    assert [found.id for found in visible(replies, desk(workstream="soporte"))] == ["1", "3"]


LOCALES = ("es", "es_MX", "en", "en_US", "fr")


@given(st.sampled_from(LOCALES), st.sampled_from(LOCALES), st.sampled_from(("ventas", "soporte")))
def test_qr_4_visible_is_the_language_of_the_number_or_the_agent_in_the_workstream(
    channel: str, own: str, workstream: str
) -> None:
    made = itertools.product(LOCALES, [(), ("ventas",), ("soporte",)])
    replies = [reply(id=str(n), locale=locale, workstreams=at) for n, (locale, at) in enumerate(made)]
    found = visible(replies, desk(language=own, channel_language=channel, workstream=workstream))
    assert {*(item.id for item in found)} == {
        item.id
        for item in replies
        if item.locale in {channel, own, channel[:2], own[:2]}
        and (not item.workstreams or workstream in item.workstreams)
    }


SHELF = [
    reply(id="1", title="Plazo", message="Llega en dos días", tags=["#envío", "pedido"]),
    reply(id="2", title="Coste", message="El envío es gratis", tags=["pedido"]),
    reply(id="3", title="Hora", message="De 9 a 18", tags=["tienda"]),
]
SEARCHES = {
    "/q": ["1", "2", "3"],
    "/q envío": ["1", "2"],
    "/q #envío": ["1"],
    "/q pedido gratis": ["2"],
    "/q PEDIDO #Envío dos": ["1"],
    "/q pedido tienda": [],
    "  /q hora": ["3"],
}


@pytest.mark.parametrize("typed", SEARCHES)
def test_qr_5_words_and_tags_narrow(typed: str) -> None:
    found = search(SHELF, typed)
    assert found is not None
    assert [item.id for item in found.replies] == SEARCHES[typed]


def test_qr_5_a_lone_sign_lists_the_tags() -> None:
    found = search(SHELF, "/q #")
    assert found is not None
    assert (found.tags, found.replies) == (("envío", "pedido", "tienda"), ())


@pytest.mark.parametrize("typed", ["", "hola", "/quote", "q envío", "a /q envío"])
def test_qr_5_anything_else_is_a_message(typed: str) -> None:
    assert search(SHELF, typed) is None


@given(st.lists(st.sampled_from(["envío", "#pedido", "gratis", "x"]), max_size=3), st.sampled_from(["dos", "#tienda"]))
def test_qr_5_one_more_word_never_finds_more(words: list[str], more: str) -> None:
    few, fewer = (search(SHELF, " ".join(["/q", *typed])) for typed in (words, [*words, more]))
    assert few is not None
    assert fewer is not None
    assert {*(item.id for item in fewer.replies)} <= {*(item.id for item in few.replies)}


@pytest.mark.parametrize("tag", ["", "#", "a#b", "##a", "a b", "a\tb"])
def test_qr_6_a_tag_is_one_word_with_the_sign_in_front_only(tag: str) -> None:
    with pytest.raises(InvalidValue, match="tags"):
        parse_tag(tag)


def test_qr_6_a_personal_reply_is_seen_edited_and_deleted_by_its_owner_alone() -> None:
    mine, shared = reply(owner="ana", workstreams=["soporte"]), reply(id="2")
    assert visible([mine, shared], desk()) == (shared, mine)
    assert visible([mine, shared], desk(agent="ben")) == (shared,)
    assert visible([mine, shared], desk(personal=False)) == (shared,)
    assert check_owner(mine, "ana") is None
    refused = check_owner(mine, "ben")
    assert refused is not None
    assert refused.explain("es") == "La respuesta rápida 'Saludo' es de ana, no de ben."
    assert check_owner(shared, "ana") is not None


def test_qr_6_a_personal_reply_is_not_localised() -> None:
    assert visible([reply(owner="ana", locale="fr")], desk()) == ()
