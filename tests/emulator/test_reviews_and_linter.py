"""The local Twilio's review against our linter: written apart, from the same pages, and compared here.

Each case is a template. Where one of the two rejects it and the other does not, the case is in ``DISAGREEMENTS``
with the reason; a new disagreement fails, and so does one that is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from wa_omnichannel.emulator import Template as Submitted
from wa_omnichannel.emulator.behaviour.reviews import RULES, problems_of
from wa_omnichannel.template_lint import Severity, lint
from wa_omnichannel.templates import Category, Template
from wa_omnichannel.templates.wire import read_type

BODY = "Hola, su pedido ya salió."


@attrs.frozen
class Case:
    name: str
    kind: str
    fields: Mapping[str, Any]
    category: str = "UTILITY"
    samples: Mapping[str, str] | None = None
    title: str = "aviso"

    @property
    def variables(self) -> Mapping[str, str]:
        """The samples of the case; by default one for each variable."""
        return (
            dict.fromkeys(re.findall(r"\{\{\s*(\w+)\s*\}\}", str(self.fields)), "Ana")
            if self.samples is None
            else self.samples
        )

    def rejected(self) -> tuple[str, ...]:
        """Return why the review would reject it."""
        types = {self.kind: self.fields}
        return problems_of(
            Submitted(name=self.title, language="es", types=types, variables=self.variables, category=self.category)
        )

    def errors(self) -> tuple[str, ...]:
        """Return the errors that the linter finds."""
        translation = read_type("es", self.kind, self.fields, self.variables)
        template = Template(self.title, (translation,), "es", Category[self.category])
        return tuple(found.code for found in lint(template) if found.severity is Severity.ERROR)


TEXTS = {
    "empty": "",
    "longest": "x" * 1024,
    "too long": "x" * 1025,
    "variable first": "{{1}} hola a todos los clientes",
    "variable first after a blank": " {{1}} hola a todos los clientes",
    "variable last": "hola a todos los clientes {{1}}",
    "variable before a full stop": "hola a todos los clientes {{1}}.",
    "variables side by side": "hola {{1}} {{2}} a todos los clientes nuestros hoy",
    "variables without a blank": "hola {{1}}{{2}} a todos los clientes nuestros hoy",
    "variables with a comma": "hola {{1}}, {{2}} a todos los clientes nuestros hoy",
    "second variable only": "hola {{2}} a todos los clientes de hoy",
    "gap": "hola {{1}} a {{3}} todos los clientes nuestros hoy",
    "same variable twice": "hola {{1}} y {{1}} a todos los clientes de hoy",
    "too few words": "hola {{1}} ya",
    "named variable": "hola {{nombre}} a todos los clientes de hoy",
    "blanks in a variable": "hola {{ 1 }} a todos los clientes",
    "broken variable": "hola {{1} a todos",
    "variable without a name": "hola {{}} a todos",
    "10 emojis": "Hola " + "😀" * 10 + " fin",
    "11 emojis": "Hola " + "😀" * 11 + " fin",
    "11 flags": "🇪🇸" * 11 + " fin",
    "11 hearts": "❤️" * 11 + " fin",
    "11 copyright signs": "©" * 11 + " fin",
}
LINES = {
    "plain": "Gracias",
    "61 characters": "x" * 61,
    "two lines": "a\nb",
    "emoji": "😀",
    "one variable": "hola {{1}}",
    "two variables": "{{1}} hola {{2}}",
}
BUTTONS: Mapping[str, list[dict[str, str]]] = {
    "none": [],
    "25 characters": [{"type": "QUICK_REPLY", "title": "x" * 25, "id": "1"}],
    "26 characters": [{"type": "QUICK_REPLY", "title": "x" * 26, "id": "1"}],
    "10 of them": [{"type": "QUICK_REPLY", "title": str(n), "id": "1"} for n in range(10)],
    "11 of them": [{"type": "QUICK_REPLY", "title": str(n), "id": "1"} for n in range(11)],
    "no label": [{"type": "QUICK_REPLY", "title": "", "id": "1"}],
}
URLS = {
    "plain": "https://a.example/",
    "longest": "https://a.example/" + "x" * 1982,
    "too long": "https://a.example/" + "x" * 1983,
    "variable at the end": "https://a.example/{{1}}",
    "variable in the query": "https://a.example/?x={{1}}",
    "variable in the domain": "https://{{1}}.example/",
    "variable after the domain": "https://a.example{{1}}",
    "variable alone": "{{1}}",
    "no scheme": "a.example",
    "nothing": "",
}
PHONES = {"plain": "+34600000001", "20 characters": "+" + "1" * 19, "21 characters": "+" + "1" * 20, "no number": "x"}
KINDS: Mapping[str, Mapping[str, Any]] = {
    "twilio/text": {"body": BODY},
    "twilio/media": {"body": BODY, "media": ["https://a.example/x.jpg"]},
    "twilio/list-picker": {"body": BODY, "button": "Ver", "items": [{"item": "a", "id": "1"}]},
    "twilio/location": {"latitude": 1, "longitude": 2},
    "twilio/card": {"title": BODY, "body": "", "actions": BUTTONS["25 characters"]},
    "twilio/carousel": {
        "body": BODY,
        "cards": [
            {"title": "a", "body": "b", "media": "https://a.example/x.jpg", "actions": BUTTONS["25 characters"]},
        ]
        * 2,
    },
    "whatsapp/authentication": {"actions": [{"type": "COPY_CODE", "copy_code_text": "Copiar"}]},
    "whatsapp/flows": {"body": BODY, "button_text": "Ok", "flow_id": "1"},
}
SAMPLES = {
    "missing": {},
    "empty": {"1": ""},
    "blank": {"1": " "},
    "line break": {"1": "a\nb"},
    "one too many": {"1": "a", "9": "b"},
}
NAMES = {"plain": "aviso_2", "capital": "Aviso", "hyphen": "a-b", "longest": "a" * 512, "too long": "a" * 513, "ñ": "ñ"}


def cases() -> Iterator[Case]:
    """Yield every case, each differing in one thing from a template that passes."""
    yield from (Case(f"body: {name}", "twilio/text", {"body": text}) for name, text in TEXTS.items())
    yield from _lines()
    for name, actions in BUTTONS.items():
        yield Case(f"buttons: {name}", "twilio/quick-reply", {"body": BODY, "actions": actions})
    yield from _targets("url", "URL", URLS)
    yield from _targets("phone", "PHONE_NUMBER", PHONES)
    for category in CATEGORIES:
        yield from (Case(f"kind: {kind} {category}", kind, fields, category) for kind, fields in KINDS.items())
    for name, samples in SAMPLES.items():
        yield Case(f"samples: {name}", "twilio/text", {"body": "hola {{1}} a todos los clientes"}, samples=samples)
    yield from (Case(f"name: {name}", "twilio/text", {"body": BODY}, title=title) for name, title in NAMES.items())


def _lines() -> Iterator[Case]:
    for name, text in LINES.items():
        for part in ("header_text", "footer"):
            fields = {"body": BODY, part: text, "actions": BUTTONS["25 characters"]}
            yield Case(f"{part}: {name}", "whatsapp/card", fields)


def _targets(field: str, kind: str, values: Mapping[str, str]) -> Iterator[Case]:
    for name, value in values.items():
        actions = [{"type": kind, "title": "Ver", field: value}]
        yield Case(f"{field}: {name}", "twilio/call-to-action", {"body": BODY, "actions": actions})


CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
MALFORMED = "Our linter finds it before it is submitted; the review would see a text with odd brackets."
SHAPE = "Our linter checks the shape too; the review only knows the hard rules of texts."
SESSION = "Our linter warns only, since content of this kind is sent without approval while the window is open."
CARD = "An empty body beside a title is none to our linter, and too short for the review."
DISAGREEMENTS = {
    "body: broken variable": MALFORMED,
    "body: variable without a name": MALFORMED,
    "body: 11 copyright signs": "The review counts every symbol as an emoji; our linter what is shown as one.",
    "buttons: none": SHAPE,
    "buttons: no label": SHAPE,
    "url: variable alone": SHAPE,
    "url: no scheme": SHAPE,
    "url: nothing": SHAPE,
    "phone: no number": SHAPE,
    "samples: line break": "Our linter knows that a variable may not hold one; the review does not look into samples.",
    **{f"kind: {kind} {c}": SESSION for kind in ("twilio/list-picker", "twilio/location") for c in CATEGORIES},
    **{f"kind: twilio/card {c}": CARD for c in ("UTILITY", "MARKETING")},
}


def test_every_disagreement_is_listed() -> None:
    found = {case.name for case in cases() if bool(case.rejected()) != bool(case.errors())}
    assert found == set(DISAGREEMENTS)


def test_every_rule_of_the_review_has_a_case_on_both_sides() -> None:
    broken = {problem for case in cases() for problem in case.rejected()}
    assert broken == {text for text, _ in RULES}
    assert sum(not case.rejected() and not case.errors() for case in cases()) > 20
