"""The linter: each code with the smallest template that has it, its place, its sentence and its fix."""

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.template_lint import SEVERITIES, Account, Finding, Severity, lint, lint_account, lint_all
from wa_omnichannel.template_lint.texts import emojis
from wa_omnichannel.templates import KINDS, Button, ButtonKind, Category, Template, Translation, Variable

GOOD = Translation(
    "es",
    "Hola {{1}}, su pedido {{2}} ya está listo para recoger.",
    declared=(Variable("1", sample="Ana"), Variable("2", sample="A-100")),
)
CARD = attrs.evolve(GOOD, kind="whatsapp/card", header="Pedido", footer="Tienda")
REPLY, URL, PHONE = ButtonKind.QUICK_REPLY, ButtonKind.URL, ButtonKind.PHONE_NUMBER
LIST = Translation(
    "es", "Elija", kind="twilio/list-picker", fields={"button": "Ver", "items": [{"item": "A", "id": "a"}]}
)


def template(translation: Translation = GOOD, name: str = "pedido_listo", **more: Any) -> Template:
    return attrs.evolve(Template(name, (translation,), translation.language), **more)


def body(text: str, *samples: str) -> Translation:
    declared = tuple(Variable(str(number), sample=sample) for number, sample in enumerate(samples, 1))
    return attrs.evolve(GOOD, body=text, declared=declared)


def card(**more: Any) -> Translation:
    return attrs.evolve(CARD, **more)


def buttons(*made: Button) -> Translation:
    return card(buttons=made)


def many(count: int, join: str = " y dos palabras ") -> Translation:
    return body("uno " + join.join(f"{{{{{n}}}}}" for n in range(1, count + 1)) + " fin", *["x"] * count)


def items(*made: dict[str, str]) -> Translation:
    return attrs.evolve(LIST, fields={**LIST.fields, "items": list(made)})


ES, FILE = "translations.es.", "templates."
# code, template, field, offset
CASES: list[tuple[str, Template, str, int | None]] = [
    ("name_characters", template(name="pedido-listo"), "name", 6),
    ("name_characters", template(name="Pedido"), "name", 0),
    ("name_characters", template(name=""), "name", 0),
    ("name_characters", template(name="pedidó"), "name", 5),
    ("name_too_long", template(name="a" * 513), "name", 512),
    ("language_unknown", template(attrs.evolve(GOOD, language="tlh")), "translations.tlh.language", None),
    ("language_unverified", template(attrs.evolve(GOOD, language="es_CR")), "translations.es_CR.language", None),
    ("header_too_long", template(card(header="x" * 61)), ES + "header", 60),
    ("header_variables", template(card(header="{{1}} a {{2}}")), ES + "header", 8),
    ("header_newline", template(card(header="a\nb")), ES + "header", 1),
    ("header_emoji", template(card(header="Hola 👋")), ES + "header", 5),
    ("footer_too_long", template(card(footer="x" * 61)), ES + "footer", 60),
    ("footer_variable", template(card(footer="De {{1}}")), ES + "footer", 3),
    ("footer_newline", template(card(footer="a\nb")), ES + "footer", 1),
    ("footer_emoji", template(card(footer="❤️ Tienda")), ES + "footer", 0),
    ("body_too_long", template(body("x" * 1025)), ES + "body", 1024),
    ("body_filled_too_long", template(body("Para {{1}} " + "palabra " * 120, "x" * 100)), ES + "body", None),
    ("body_emojis", template(body("a " + "👋" * 11)), ES + "body", 12),
    ("variable_malformed", template(body("Hola {{ nombre completo }} a todos")), ES + "body", 5),
    ("variable_malformed", template(body("Hola {1} a todos")), ES + "body", 5),
    ("variable_malformed", template(body("Hola {{1} a todos")), ES + "body", 5),
    ("variable_malformed", template(body("Hola {{seventeen_letters}} a todos")), ES + "body", 5),
    ("variable_malformed", template(card(header="a {{}}")), ES + "header", 2),
    ("variable_at_start", template(body("{{1}} hola a todos", "Ana")), ES + "body", 0),
    ("variable_at_start", template(body("\n {{1}} hola a todos", "Ana")), ES + "body", 2),
    ("variable_at_end", template(body("Hola a todos {{1}}", "Ana")), ES + "body", 13),
    ("variable_near_edge", template(body("Hola a todos {{1}}.", "Ana")), ES + "body", 13),
    ("variable_near_edge", template(body("¡{{1}}, hola a todos!", "Ana")), ES + "body", 1),
    ("variables_adjacent", template(body("Hola a todos los {{1}}{{2}} del mundo", "x", "y")), ES + "body", 22),
    ("variables_adjacent", template(body("Hola a todos los {{1}}, {{2}} del mundo", "x", "y")), ES + "body", 24),
    ("variables_not_sequential", template(body("Hola {{2}} a todos", "", "x")), ES + "body", None),
    ("variables_not_sequential", template(body("Hola {{1}} a todos {{3}} los demás", "x", "", "y")), ES + "body", None),
    ("variables_not_sequential", template(body("Hola {{01}} a todos")), ES + "body", None),
    ("variables_mixed", template(body("Hola {{1}} a todos los {{name}} del mundo", "x")), ES + "body", None),
    ("variables_too_many", template(many(101, " o ")), ES + "body", None),
    ("words_too_few", template(body("Hola {{1}} adiós", "x")), ES + "body", None),
    ("sample_missing", template(body("Hola a {{1}} todos")), ES + "variables.1", None),
    ("sample_unusable", template(body("Hola a {{1}} todos", "a\nb")), ES + "variables.1", None),
    ("sample_unusable", template(body("Hola a {{1}} todos", " ")), ES + "variables.1", None),
    ("sample_too_long", template(body("Hola a {{1}} todos", "x" * 1601)), ES + "variables.1", 1600),
    ("sample_long", template(body("Hola a {{1}} todos", "x" * 250)), ES + "variables.1", 250),
    ("sample_unused", template(body("Hola a todos", "x")), ES + "variables.1", None),
    ("sample_personal", template(body("Hola a {{1}} todos", "Ana: ana@example.com")), ES + "variables.1", 5),
    ("sample_personal", template(body("Hola a {{1}} todos", "+34 600 000 001")), ES + "variables.1", 0),
    ("button_label_missing", template(buttons(Button(REPLY, " "))), ES + "buttons.0.text", None),
    ("button_label_too_long", template(buttons(Button(REPLY, "x" * 26))), ES + "buttons.0.text", 25),
    ("buttons_too_many", template(buttons(*[Button(REPLY, "x")] * 11)), ES + "buttons", None),
    ("buttons_need_approval", template(buttons(*[Button(REPLY, "x")] * 4)), ES + "buttons", None),
    (
        "button_not_in_kind",
        template(card(kind="twilio/quick-reply", header="", footer="", buttons=(Button(PHONE, "x", "+1"),))),
        ES + "buttons.0.kind",
        None,
    ),
    ("url_invalid", template(buttons(Button(URL, "Ver", "example.com"))), ES + "buttons.0.target", None),
    ("url_invalid", template(buttons(Button(URL, "Ver", ""))), ES + "buttons.0.target", None),
    ("url_invalid", template(card(media="https://example.com/a b")), ES + "media", None),
    (
        "url_too_long",
        template(buttons(Button(URL, "Ver", "https://a.es/" + "x" * 1988))),
        ES + "buttons.0.target",
        2000,
    ),
    ("url_variable", template(buttons(Button(URL, "Ver", "https://{{1}}.es/a"))), ES + "buttons.0.target", 8),
    ("url_variable", template(card(media="https://example.com{{1}}")), ES + "media", 19),
    ("phone_invalid", template(buttons(Button(PHONE, "Llamar", "seis"))), ES + "buttons.0.target", None),
    ("phone_too_long", template(buttons(Button(PHONE, "Llamar", "+" + "1" * 20))), ES + "buttons.0.target", 20),
    ("media_several", template(card(media="https://a.es/1", fields={"media": ["https://a.es/2"]})), ES + "media", None),
    ("kind_unknown", template(attrs.evolve(GOOD, kind="twilio/hologram")), ES + "kind", None),
    ("kind_not_on_whatsapp", template(attrs.evolve(GOOD, kind="twilio/schedule")), ES + "kind", None),
    ("kind_session_only", template(LIST), ES + "kind", None),
    ("field_missing", template(Translation("es", "Ver", kind="twilio/media")), ES + "media", None),
    ("field_missing", template(attrs.evolve(GOOD, kind="twilio/quick-reply")), ES + "buttons", None),
    ("field_missing", template(Translation("es", "Ver", kind="whatsapp/flows")), ES + "flow_id", None),
    ("field_missing", template(items({"item": "A"})), ES + "fields.items.0.id", None),
    ("field_not_in_kind", template(attrs.evolve(GOOD, header="Pedido")), ES + "header", None),
    ("field_not_in_kind", template(attrs.evolve(GOOD, buttons=(Button(REPLY, "Sí"),))), ES + "buttons", None),
    ("field_not_in_kind", template(Translation("es", "Aquí", kind="twilio/location")), ES + "body", None),
    ("field_unknown", template(attrs.evolve(GOOD, fields={"boddy": "x"})), ES + "fields.boddy", None),
    ("list_items", template(items()), ES + "fields.items", None),
    ("list_items", template(items(*[{"item": "A", "id": "a"}] * 11)), ES + "fields.items", None),
    ("list_item_too_long", template(items({"item": "x" * 25, "id": "a"})), ES + "fields.items.0.item", 24),
    ("list_item_too_long", template(items({"item": "A", "id": "x" * 201})), ES + "fields.items.0.id", 200),
    (
        "list_item_too_long",
        template(items({"item": "A", "id": "a", "description": "x" * 73})),
        ES + "fields.items.0.description",
        72,
    ),
    (
        "card_incomplete",
        template(Translation("es", "Vea", kind="twilio/carousel", fields={"cards": [{"body": "A"}, 7]})),
        ES + "fields.cards.1",
        None,
    ),
    ("card_incomplete", template(card(kind="twilio/card", header="", footer="")), ES + "body", None),
    ("card_incomplete", template(card(kind="twilio/card", header="", body="")), ES + "header", None),
    ("category_promotional", template(body("Hola a todos: 20 % off")), ES + "body", 14),
    ("category_promotional", template(card(footer="Aproveche ya")), ES + "footer", 0),
    ("category_code", template(body("Su código de verificación es {{1}} hasta hoy", "123")), ES + "body", 3),
    ("category_kind", template(category=Category.AUTHENTICATION), ES + "kind", None),
    ("category_kind", template(Translation("es", "", kind="whatsapp/authentication")), ES + "kind", None),
    (
        "variables_differ",
        Template("t", (GOOD, attrs.evolve(GOOD, language="en", body="Hello {{1}}, it is all ready.")), "es"),
        "translations.en",
        None,
    ),
]
LINTED = {code for code, *_ in CASES}
ELSEWHERE = {code for code in SEVERITIES if code.startswith(("file_", "account_"))} | {"name_blocked"}


def test_every_code_has_a_case() -> None:
    assert SEVERITIES.keys() == LINTED | ELSEWHERE


@pytest.mark.parametrize(("code", "bad", "field", "offset"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_peers_case_9_each_fault_is_found_at_its_place(
    code: str, bad: Template, field: str, offset: int | None
) -> None:
    found = [finding for finding in lint(bad) if finding.code == code]
    assert (field, offset) in [(finding.field, finding.offset) for finding in found]
    for finding in found:
        assert (finding.severity, finding.template, finding.line) == (SEVERITIES[code], bad.name, None)
        said = {finding.sentence(language) for language in LANGUAGES}
        fixes = {finding.fix(language) for language in LANGUAGES}
        assert len(said) == len(fixes) == len(LANGUAGES)
        assert not any("?" in text for text in said | fixes), "a fact is missing in a sentence"


ACCEPTED = {
    "plain": template(),
    "longest name": template(name="a" * 512),
    "named variables": template(
        attrs.evolve(
            GOOD,
            body="Hola {{name}}, su pedido {{order_id}} ya está listo.",
            declared=(Variable("name", sample="Ana"), Variable("order_id", sample="A-1")),
        )
    ),
    "longest header, footer": template(card(header="x" * 60, footer="x" * 60)),
    "one variable in the header": template(card(header="Pedido {{2}}")),
    "longest body": template(body("x" * 1024)),
    "ten emojis": template(body("a " + "👋🏽" * 10)),
    "fewest words": template(body("Hola {{1}} adiós ya", "x")),
    "no spaces between words": template(attrs.evolve(body("你好{{1}}再见", "x"), language="zh_CN")),
    "longest label": template(buttons(Button(REPLY, "x" * 25))),
    "variable after the slash": template(buttons(Button(URL, "Ver", "https://example.com/{{1}}"))),
    "longest phone": template(buttons(Button(PHONE, "Llamar", "+" + "1" * 19))),
    "advised sample": template(body("Hola a {{1}} todos", "x" * 249)),
    "authentication": template(
        Translation("es", "", kind="whatsapp/authentication", buttons=(Button(ButtonKind.COPY_CODE, "Copiar"),)),
        category=Category.AUTHENTICATION,
    ),
    "marketing": template(body("Hola a todos: 20 % off"), category=Category.MARKETING),
    "carousel": template(
        Translation(
            "es", "Vea", kind="twilio/carousel", fields={"cards": [{"media": "m", "body": "b", "actions": [{}]}]}
        )
    ),
    "card with a title and a picture": template(
        Translation("es", "", kind="twilio/card", header="Pedido", media="https://example.com/a.jpg")
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_rules_allow_up_to_their_limits_is_not_complained_about(name: str) -> None:
    assert lint(ACCEPTED[name]) == ()


def test_what_cannot_be_approved_is_not_measured_by_the_rules_of_approval() -> None:
    assert {finding.severity for finding in lint(template(LIST))} == {Severity.HINT}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a 1 # *", 0),
        ("1️⃣#️⃣", 2),
        ("🇪🇸🇲🇽", 2),
        ("👨‍👩‍👧", 1),
        ("👋🏽", 1),
        ("❤️☎️✂", 3),
        ("→ ©", 1),
        ("ñ¿¡€«»", 0),
    ],
)
def test_a_sequence_that_shows_as_one_picture_is_one_emoji(text: str, count: int) -> None:
    assert len(emojis(text)) == count


scraps = st.text(st.sampled_from("a1 {}\n👋ñ.x_-"), max_size=30)


@given(
    st.builds(
        Translation,
        st.sampled_from(("es", "en_US", "xx")),
        scraps,
        kind=st.sampled_from([*KINDS, "odd"]),
        header=scraps,
        footer=scraps,
        media=scraps,
        buttons=st.lists(st.builds(Button, st.sampled_from(ButtonKind), scraps, scraps), max_size=3).map(tuple),
        declared=st.lists(st.builds(Variable, scraps, sample=scraps), max_size=2).map(tuple),
        fields=st.dictionaries(
            st.sampled_from(("items", "cards", "media", "x")), st.none() | scraps | st.lists(st.integers() | scraps)
        ),
    ),
    scraps,
    st.sampled_from(Category),
)
def test_the_linter_answers_for_every_template(translation: Translation, name: str, category: Category) -> None:
    for finding in lint(Template(name, (translation,), translation.language, category)):
        text = {"header": translation.header, "body": translation.body, "footer": translation.footer, "name": name}
        place = text.get(finding.field.rpartition(".")[2])
        assert finding.offset is None or place is None or 0 <= finding.offset <= len(place)
        assert finding.sentence("es")
        assert finding.fix("en")


def test_a_bad_template_does_not_hide_the_others() -> None:
    bad = template(body("{{1}}"), name="BAD")
    assert lint_all([bad, template(), bad]) == lint(bad) + lint(bad)


AT = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("existing", "verified", "full"), [(249, False, 0), (250, False, 1), (250, True, 0), (6000, True, 1)]
)
def test_an_account_takes_so_many_templates(existing: int, verified: bool, full: int) -> None:
    found = lint_account([template()], Account(verified, existing), AT)
    assert [finding.code for finding in found] == ["account_full"] * full


def test_languages_are_counted_one_by_one() -> None:
    two = Template("t", (GOOD, attrs.evolve(GOOD, language="en")), "es")
    assert [finding.code for finding in lint_account([two], Account(created_last_hour=98), AT)] == []
    found = lint_account([two], Account(created_last_hour=99), AT)
    assert [(finding.code, finding.facts["found"]) for finding in found] == [("account_hourly", 101)]


@pytest.mark.parametrize(("days", "blocked"), [(29, True), (30, False)])
def test_the_name_of_a_deleted_template_is_blocked_for_30_days(days: int, blocked: bool) -> None:
    account = Account(gone={"pedido_listo": AT - timedelta(days=days)})
    found: tuple[Finding, ...] = lint_account([template()], account, AT)
    assert [finding.code for finding in found] == ["name_blocked"] * blocked
