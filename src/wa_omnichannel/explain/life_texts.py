"""The sentences about the life of a conversation, in English and Spanish. Data only, see :mod:`.texts`."""

from __future__ import annotations

from collections.abc import Mapping

LIFE: Mapping[str, Mapping[str, str]] = {
    # Automated messages
    "automated_message_anyway": {
        "en": "The message for {trigger} is switched off; on overflow the shipped text is sent all the same.",
        "es": "El mensaje de {trigger} está desactivado; en caso de desbordamiento se envía igualmente el texto de "
        "fábrica.",
    },
    "automated_message_found": {
        "en": "The message for {trigger} comes from the layer {layer}, in {language}.",
        "es": "El mensaje de {trigger} procede del nivel {layer}, en {language}.",
    },
    "automated_message_off": {
        "en": "The message for {trigger} is switched off (layer {layer}).",
        "es": "El mensaje de {trigger} está desactivado (nivel {layer}).",
    },
    "no_loop": {
        "en": "The customer does not answer like a machine ({volleys} quick answers in a row; {limit} would be).",
        "es": "El cliente no responde como una máquina ({volleys} respuestas rápidas seguidas; con {limit} sí).",
    },
    "talking_with_a_machine": {
        "en": "The other side answered {volleys} times in a row within seconds, as a machine does.",
        "es": "La otra parte ha respondido {volleys} veces seguidas en segundos, como lo hace una máquina.",
    },
}
