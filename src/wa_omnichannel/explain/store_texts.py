"""The sentences about what is wrong with a store, in English and Spanish. Data only, see :mod:`.texts`."""

from __future__ import annotations

from collections.abc import Mapping

STORE: Mapping[str, Mapping[str, str]] = {
    "store_alias_of_nobody": {
        "en": "An address of the pool {pool} leads to the contact {contact}, who is not there.",
        "es": "Una dirección del grupo {pool} lleva al contacto {contact}, que no existe.",
    },
    "store_capacity_wrong": {
        "en": "{agent} has {used} units in use; the live conversations use {expected}.",
        "es": "{agent} tiene {used} unidades en uso; las conversaciones activas usan {expected}.",
    },
    "store_events_missing": {
        "en": "A thread of {contact} has {there} events, the last is number {last}; it should have {expected}.",
        "es": "Un hilo de {contact} tiene {there} eventos, el último es el número {last}; debería tener {expected}.",
    },
    "store_halted_for_ever": {
        "en": "A number may send nothing before {until}; no halt is that long.",
        "es": "Un número no puede enviar nada antes de {until}; ninguna pausa es tan larga.",
    },
    "store_lane_held": {
        "en": "A lane of the kind {kind} is held until {until}; no lease is that long.",
        "es": "Una vía del tipo {kind} está ocupada hasta {until}; ninguna reserva es tan larga.",
    },
    "store_list_differs": {
        "en": "Lists show the conversation {conversation} otherwise than its thread has it.",
        "es": "Las listas muestran la conversación {conversation} de otro modo que su hilo.",
    },
    "store_live_twice": {
        "en": "The conversation {conversation} is live in {threads} threads.",
        "es": "La conversación {conversation} está activa en {threads} hilos.",
    },
    "store_merged_but_live": {
        "en": "{contact} was merged into somebody else, but still has the live conversation {conversation}.",
        "es": "{contact} se unió a otro contacto, pero aún tiene activa la conversación {conversation}.",
    },
    "store_merged_into_nobody": {
        "en": "{contact} was merged into {into}, who is not there.",
        "es": "{contact} se unió a {into}, que no existe.",
    },
    "store_never_assigned": {
        "en": "The conversation {conversation} is open, but does not wait in any queue.",
        "es": "La conversación {conversation} está abierta, pero no espera en ninguna cola.",
    },
    "store_never_sent": {
        "en": "The message {message} is {status}, but nothing on the agenda will send it.",
        "es": "El mensaje {message} está en {status}, pero nada en la agenda lo enviará.",
    },
    "store_sends_nothing": {
        "en": "The agenda sends the message {message}, which is not there.",
        "es": "La agenda envía el mensaje {message}, que no existe.",
    },
    "store_thread_of_nobody": {
        "en": "A thread belongs to the contact {contact}, who is not there.",
        "es": "Un hilo pertenece al contacto {contact}, que no existe.",
    },
    "store_timer_of_nothing": {
        "en": "A timer runs for the conversation {conversation}, which is not live.",
        "es": "Hay un temporizador para la conversación {conversation}, que no está activa.",
    },
    "store_waits_for_nothing": {
        "en": "The conversation {conversation} waits in a queue, but is not open.",
        "es": "La conversación {conversation} espera en una cola, pero no está abierta.",
    },
    "store_window_from_the_future": {
        "en": "{contact} wrote at {at}, which is in the future.",
        "es": "{contact} escribió en {at}, que está en el futuro.",
    },
}
"""Templates by code, then by language."""
