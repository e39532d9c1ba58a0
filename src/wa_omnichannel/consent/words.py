"""The words with which customers stop messages and start them again, per language: data, and how they are read.

Only a whole message counts: "stop" stops, "I can't stop laughing" does not. The lists leave out words that are
ordinary answers in a service conversation (cancel, end, yes); settings may add them. All languages are
listened to at once, because the language of a customer is often unknown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Words: TypeAlias = Mapping[str, Sequence[str]]
"""Words or short sentences per language tag."""

LONGEST = 60
"""A longer message is no opt-out word; it is not even looked at, in characters."""

STOP: Words = {
    "ca": ("baixa", "donar-me de baixa", "aturar"),
    "de": ("stopp", "abmelden", "abbestellen", "keine nachrichten mehr"),
    "en": ("stop", "stop all", "stopall", "unsubscribe", "opt out", "optout", "revoke", "stop messages"),
    "es": (
        "baja",
        "alto",
        "darme de baja",
        "dar de baja",
        "dame de baja",
        "darse de baja",
        "detener",
        "cancelar suscripción",
        "cancelar la suscripción",
        "no más mensajes",
        "no quiero más mensajes",
        "no me escriban más",
    ),
    "fr": ("arrêt", "arrêter", "désabonner", "se désabonner", "désinscription", "plus de messages"),
    "it": ("disiscrivimi", "cancellami", "annulla iscrizione", "basta messaggi"),
    "nl": ("afmelden", "uitschrijven", "stop berichten"),
    "pt": ("sair", "parar", "descadastrar", "cancelar inscrição", "não quero mais mensagens", "pare"),
}
"""Words that stop everything."""

START: Words = {
    "ca": ("alta", "donar-me d'alta"),
    "de": ("anmelden", "start nachrichten"),
    "en": ("start", "unstop", "subscribe", "opt in", "optin"),
    "es": ("alta", "darme de alta", "reanudar", "suscribirme"),
    "fr": ("s'abonner", "reprendre"),
    "it": ("iscrivimi", "riprendi"),
    "nl": ("aanmelden", "inschrijven"),
    "pt": ("voltar", "retomar", "inscrever"),
}
"""Words that allow everything again, for somebody who had stopped it."""

STOP_MARKETING: Words = {
    "en": ("stop promotions", "stop marketing", "stop ads", "no promotions", "no more promotions"),
    "es": ("detener promociones", "no más promociones", "no quiero promociones", "baja promociones", "sin publicidad"),
    "fr": ("arrêter les promotions", "stop promotions", "plus de publicité"),
    "pt": ("parar promoções", "interromper promoções", "sem promoções"),
}
"""Words that stop marketing only, such as the button that WhatsApp puts below marketing templates."""

START_MARKETING: Words = {
    "en": ("resume promotions", "start promotions"),
    "es": ("reanudar promociones", "quiero promociones"),
    "fr": ("reprendre les promotions",),
    "pt": ("retomar promoções", "quero promoções"),
}
"""Words that allow marketing again, for somebody who had stopped it."""


def normalised(text: str) -> str:
    """Return *text* as words are compared: no case, accents, punctuation or emoji; single spaces.

    >>> normalised("  ¡No MÁS mensajes!! 🛑")
    'no mas mensajes'
    """
    return " ".join(text.translate(_PLAIN).split())


class _Plain(dict[int, str]):
    """What each character is compared as; worked out when it is first seen."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFKD", chr(code).casefold())
        plain = "".join(char if char.isalnum() else " " for char in parts if not unicodedata.combining(char))
        if len(self) < _KEPT:
            self[code] = plain
        return plain


_KEPT = 2000
"""Characters that are remembered; enough for many alphabets, and a bound for those who send others."""
_PLAIN = _Plain()
