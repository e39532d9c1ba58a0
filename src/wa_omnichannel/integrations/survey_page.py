"""The page behind a survey link: a plain form without scripts, in the language of the number.

Whatever is wrong with a link, the customer sees a plain page and nothing is changed. Opening the page changes
nothing either, so a preview of the link does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import parse_qsl

import attrs

from wa_omnichannel.addresses import language_chain
from wa_omnichannel.errors import LinkExpired, NotFound, Refused, WaOmnichannelError
from wa_omnichannel.surveys import LONGEST_COMMENT, RANGES, Questionnaire, Scale

METHODS = frozenset({"GET", "HEAD", "POST"})
"""Methods of the page."""

HEADERS = (
    ("cache-control", "private, no-store"),
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-robots-tag", "noindex"),
)
"""Headers of the page: it is private, runs nothing, and its address goes nowhere."""

TEXTS: Mapping[str, Mapping[str, str]] = {
    "title": {"en": "How did we do?", "es": "¿Qué tal lo hemos hecho?", "pt": "Como nos saímos?"},
    "csat": {
        "en": "How satisfied are you? (1 not at all, 5 very)",
        "es": "¿Qué tan satisfecho está? (1 nada, 5 mucho)",
        "pt": "Está satisfeito? (1 nada, 5 muito)",
    },
    "nps": {
        "en": "How likely are you to recommend us? (0 not at all, 10 very)",
        "es": "¿Nos recomendaría? (0 en absoluto, 10 seguro)",
        "pt": "Recomendar-nos-ia? (0 de modo algum, 10 com certeza)",
    },
    "ces": {
        "en": "How easy was it? (1 very hard, 7 very easy)",
        "es": "¿Fue fácil? (1 muy difícil, 7 muy fácil)",
        "pt": "Foi fácil? (1 muito difícil, 7 muito fácil)",
    },
    "comment": {
        "en": "Anything else you would like to tell us?",
        "es": "¿Algo más que quiera contarnos?",
        "pt": "Quer dizer-nos mais alguma coisa?",
    },
    "send": {"en": "Send", "es": "Enviar", "pt": "Enviar"},
    "thanks": {
        "en": "Thank you. Your answers were saved.",
        "es": "Gracias. Sus respuestas se han guardado.",
        "pt": "Obrigado. As suas respostas foram guardadas.",
    },
    "answered": {
        "en": "This survey has already been answered. Thank you.",
        "es": "Esta encuesta ya se respondió. Gracias.",
        "pt": "Este questionário já foi respondido. Obrigado.",
    },
    "again": {
        "en": "Please check your answers.",
        "es": "Por favor, revise sus respuestas.",
        "pt": "Por favor, verifique as suas respostas.",
    },
}
"""The words of the page by language; every language is complete."""

EXPIRED = "This link has expired. / Este enlace ha caducado. / Esta ligação expirou."
"""Shown for a link that is too old."""

NO_LINK = "There is no survey here. / Aquí no hay ninguna encuesta. / Não há aqui nenhum questionário."
"""Shown for a link that leads nowhere: forged, foreign, or of a survey that is gone."""

TROUBLE = "Please try again later. / Inténtelo más tarde. / Tente mais tarde."
"""Shown when the answers could not be saved."""


@attrs.frozen
class Page:
    """One answer of the page."""

    status: int
    html: str


def form(asked: Questionnaire, problem: bool = False) -> Page:
    """Return the page with the questions, or the thanks if they were answered."""
    if asked.answered:
        return said(409 if problem else 200, "answered", asked.language)
    word = _words(asked.language)
    parts = [f"<p role=alert><strong>{word('again')}</strong></p>" if problem else ""]
    parts += [_question(scale, word(scale.value)) for scale in asked.survey.scales]
    if asked.survey.comment:
        parts.append(
            f"<p><label for=comment>{word('comment')}</label><br>"
            f"<textarea id=comment name=comment rows=4 maxlength={LONGEST_COMMENT}></textarea></p>"
        )
    parts.append(f"<p><button type=submit>{word('send')}</button></p>")
    body = f"<form method=post>{''.join(parts)}</form>"
    return Page(400 if problem else 200, _html(_language(asked.language), word("title"), body))


def _question(scale: Scale, text: str) -> str:
    choices = "".join(
        f"<label><input type=radio name={scale.value} value={number}>{number}</label> " for number in RANGES[scale]
    )
    return f"<fieldset><legend>{text}</legend>{choices}</fieldset>"


def said(status: int, key: str, language: str) -> Page:
    """Return a page that says one thing."""
    word = _words(language)
    return Page(status, _html(_language(language), word("title"), f"<p>{word(key)}</p>"))


def refused(error: WaOmnichannelError) -> Page:
    """Return the plain page for a link that cannot be answered."""
    gone = isinstance(error, NotFound | Refused)
    status, text = (410, EXPIRED) if isinstance(error, LinkExpired) else (404, NO_LINK) if gone else (503, TROUBLE)
    return Page(status, _html("en", "Survey", f"<p>{text}</p>"))


def filled_in(body: bytes) -> tuple[Mapping[str, str], str]:
    """Return what was chosen by name of the question, and the comment, of a form as browsers send it."""
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), errors="replace"))
    comment = fields.pop("comment", "")
    return fields, comment.replace("\r\n", "\n")


def _language(language: str) -> str:
    return next((spoken for spoken in language_chain(language) if spoken in TEXTS["title"]), "en")


def _words(language: str) -> Callable[[str], str]:
    """Return what looks up the words of one language, ready for HTML."""
    spoken = _language(language)
    return lambda key: escape(TEXTS[key][spoken])


def _html(language: str, title: str, body: str) -> str:
    style = "body{font:1.1em sans-serif;max-width:36em;margin:2em auto;padding:0 1em}fieldset{margin:1em 0}"
    return (
        f"<!doctype html><html lang={language}><head><meta charset=utf-8><title>{title}</title>"
        f'<meta name=viewport content="width=device-width"><style>{style}</style></head>'
        f"<body><h1>{title}</h1>{body}</body></html>"
    )
