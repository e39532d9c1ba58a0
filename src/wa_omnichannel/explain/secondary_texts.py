"""The sentences of the secondary rules of sending: size, formatting, countries, the messaging tier, rates, prices."""

from __future__ import annotations

from collections.abc import Mapping

SECONDARY: Mapping[str, Mapping[str, str]] = {
    "formatting_translated": {
        "en": "The formatting was translated into WhatsApp's.",
        "es": "El formato se ha traducido al de WhatsApp.",
    },
    "sandbox_unknown": {
        "en": "Whether the customer joined the sandbox is not known; the provider will say.",
        "es": "No se sabe si el cliente se unió al sandbox; el proveedor lo dirá.",
    },
    "sandbox_member": {
        "en": "The customer takes part in the sandbox until {until}.",
        "es": "El cliente participa en el sandbox hasta {until}.",
    },
    "sandbox_over": {
        "en": "The customer's part in the sandbox ended at {until}.",
        "es": "La participación del cliente en el sandbox terminó en {until}.",
    },
    "sandbox_left": {
        "en": "The customer did not take part in the sandbox at {ended_at}.",
        "es": "El cliente no participaba en el sandbox en {ended_at}.",
    },
    "sandbox_template": {
        "en": "The template {template!r} is one of the sandbox's own.",
        "es": "La plantilla {template!r} es una de las propias del sandbox.",
    },
    "sandbox_template_foreign": {
        "en": "The sandbox sends its own templates only, and {template!r} in {language} is none of them.",
        "es": "El sandbox solo envía sus propias plantillas, y {template!r} en {language} no es una de ellas.",
    },
    "join_sandbox": {
        "en": "Ask the customer to send join {code} to {number}.",
        "es": "Pida al cliente que envíe join {code} a {number}.",
    },
    "payload_fits": {
        "en": "The message has {size} of at most {limit} bytes.",
        "es": "El mensaje tiene {size} bytes de un máximo de {limit}.",
    },
    "payload_too_large": {
        "en": "The message has {size} bytes with all its values; at most {limit} are carried.",
        "es": "El mensaje tiene {size} bytes con todos sus valores; se admiten {limit} como máximo.",
    },
    "authentication_has_phone": {
        "en": "The customer has a phone number, to which codes can be sent.",
        "es": "El cliente tiene un número de teléfono al que se pueden enviar códigos.",
    },
    "authentication_needs_phone": {
        "en": "Codes are sent to phone numbers only, and none is known of this customer.",
        "es": "Los códigos solo se envían a números de teléfono, y de este cliente no se conoce ninguno.",
    },
    "country_open": {
        "en": "The rule {country_rule} does not concern this customer.",
        "es": "La regla {country_rule} no afecta a este cliente.",
    },
    "country_forbidden": {
        "en": "Businesses may not write to the customer's country on WhatsApp.",
        "es": "Las empresas no pueden escribir por WhatsApp al país del cliente.",
    },
    "us_marketing_not_delivered": {
        "en": "WhatsApp does not deliver marketing to numbers of the United States.",
        "es": "WhatsApp no entrega publicidad a números de Estados Unidos.",
    },
    "tier_free": {
        "en": "{recipients} of {limit} customers were written to first in the last {period}.",
        "es": "En las últimas {period} se ha escrito primero a {recipients} de {limit} clientes.",
    },
    "tier_counted_already": {
        "en": "The customer is already one of those written to first in the last {period}.",
        "es": "El cliente ya es uno de aquellos a quienes se escribió primero en las últimas {period}.",
    },
    "tier_nearly_used_up": {
        "en": "The messaging tier is nearly used up: {recipients} of {limit} customers in the last {period}.",
        "es": "El límite de mensajería está casi agotado: {recipients} de {limit} clientes en las últimas {period}.",
    },
    "tier_not_counted": {
        "en": "Nobody counted the customers written to first; the messaging tier allows {limit}.",
        "es": "Nadie ha contado a los clientes a quienes se escribió primero; el límite de mensajería es {limit}.",
    },
    "tier_used_up": {
        "en": "The messaging tier is used up: {recipients} of {limit} customers in the last {period}.",
        "es": "El límite de mensajería está agotado: {recipients} de {limit} clientes en las últimas {period}.",
    },
    "rate_free": {"en": "The rate allows a message at once.", "es": "El ritmo permite un mensaje de inmediato."},
    "rate_waits": {
        "en": "The rate allows the next message at {free_at}; it waits until then.",
        "es": "El ritmo permite el siguiente mensaje a las {free_at}; esperará hasta entonces.",
    },
    "cost_by_card": {
        "en": "It costs about {amount} {currency} ({charge}).",
        "es": "Cuesta aproximadamente {amount} {currency} ({charge}).",
    },
    "cost_free_entry": {
        "en": "It costs nothing: the customer came through an advertisement.",
        "es": "No cuesta nada: el cliente llegó por un anuncio.",
    },
    "cost_free_in_window": {
        "en": "It costs nothing while the 24-hour window is open.",
        "es": "No cuesta nada mientras la ventana de 24 horas está abierta.",
    },
    "cost_free_reply": {
        "en": "It is one of the month's free service messages.",
        "es": "Es uno de los mensajes de servicio gratuitos del mes.",
    },
    "cost_unknown": {"en": "The rate card has no price for it.", "es": "La tarifa no tiene precio para este mensaje."},
    "ask_for_phone": {
        "en": "Ask the customer for their phone number, or send the code another way.",
        "es": "Pida al cliente su número de teléfono o envíe el código por otra vía.",
    },
    "send_less": {
        "en": "Shorten it to {limit} bytes, or send it in several messages.",
        "es": "Redúzcalo a {limit} bytes o envíelo en varios mensajes.",
    },
    "use_other_channel": {
        "en": "Reach the customer another way.",
        "es": "Contacte con el cliente por otra vía.",
    },
    "use_utility_template": {
        "en": "Send a utility template, or reach the customer another way.",
        "es": "Envíe una plantilla de utilidad o contacte con el cliente por otra vía.",
    },
    "wait_for_tier": {
        "en": "Wait until fewer than {limit} customers were written to first within {period}, or raise the tier.",
        "es": "Espere a que haya menos de {limit} clientes a quienes se escribió primero en {period}, o suba de nivel.",
    },
}
"""Every code with its texts."""
