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
    # Bots
    "bot_escalated": {
        "en": "The bot {bot} handed the conversation over to people.",
        "es": "El bot {bot} pasó la conversación a una persona.",
    },
    "bot_failed": {
        "en": "The bot {bot} failed ({details}); people go on.",
        "es": "El bot {bot} falló ({details}); continúa una persona.",
    },
    "bot_reply_invalid": {
        "en": "The bot gave an answer that it may not give: {problem}.",
        "es": "El bot dio una respuesta no permitida: {problem}.",
    },
    "bot_reply_valid": {"en": "The bot answered.", "es": "El bot respondió."},
    "bot_timed_out": {
        "en": "The bot {bot} did not answer in time; people go on.",
        "es": "El bot {bot} no respondió a tiempo; continúa una persona.",
    },
    "bot_unknown": {
        "en": "The channel has no bot {bot}; people go on.",
        "es": "El canal no tiene ningún bot {bot}; continúa una persona.",
    },
    # Paperwork
    "disposition_required": {
        "en": "{agent} must say how the conversation came out before closing it.",
        "es": "{agent} debe indicar el resultado de la conversación antes de cerrarla.",
    },
    "disposition_unknown": {
        "en": "The settings have no disposition code {codes}.",
        "es": "La configuración no tiene ningún código de resultado {codes}.",
    },
    "dispositions_fit": {
        "en": "The conversation gets {count} of at most {limit} disposition codes.",
        "es": "La conversación recibe {count} códigos de resultado de un máximo de {limit}.",
    },
    "give_a_disposition": {
        "en": "Give the conversation a disposition code, then close it.",
        "es": "Asigne un código de resultado a la conversación y ciérrela después.",
    },
    "note_of_wrong_length": {
        "en": "The note has {length} characters; use 1 to {limit}.",
        "es": "La nota tiene {length} caracteres; use de 1 a {limit}.",
    },
    "too_many_dispositions": {
        "en": "The conversation would get {count} disposition codes; at most {limit} are allowed.",
        "es": "La conversación recibiría {count} códigos de resultado; se permiten {limit} como máximo.",
    },
    # Offers
    "reject_switched_off": {
        "en": "The settings do not let {agent} reject work.",
        "es": "La configuración no permite que {agent} rechace trabajo.",
    },
    # Several people at one conversation
    "bulk_text_too_long": {
        "en": "The message has {length} characters; in bulk at most {limit} are allowed.",
        "es": "El mensaje tiene {length} caracteres; en bloque se admiten {limit} como máximo.",
    },
    "bulk_too_large": {
        "en": "{count} conversations are too many at once; at most {limit} are allowed.",
        "es": "{count} conversaciones son demasiadas a la vez; se admiten {limit} como máximo.",
    },
    "not_consulted": {
        "en": "{agent} takes no part in the conversation.",
        "es": "{agent} no participa en la conversación.",
    },
    "own_conversation": {
        "en": "{agent} holds this conversation; only those of others are monitored.",
        "es": "{agent} tiene esta conversación; solo se supervisan las de otros.",
    },
    "supervisors_may_not": {
        "en": "The settings do not let supervisors do this: {what}.",
        "es": "La configuración no permite esto a los supervisores: {what}.",
    },
    "target_listed": {
        "en": "{agent} can be chosen (presence {presence}).",
        "es": "Se puede elegir a {agent} (presencia {presence}).",
    },
    "target_not_a_colleague": {
        "en": "{agent} is a bot, or has the conversation already.",
        "es": "{agent} es un bot o ya tiene la conversación.",
    },
    "target_not_there": {
        "en": "{agent} cannot be chosen now: their presence is {presence}.",
        "es": "Ahora no se puede elegir a {agent}: su presencia es {presence}.",
    },
    "target_of_another_queue": {
        "en": "{agent} is no member of the queue {queue}.",
        "es": "{agent} no es miembro de la cola {queue}.",
    },
    "too_many_consultants": {
        "en": "{count} agents would be asked for advice; at most {limit} are allowed.",
        "es": "Se consultaría a {count} agentes; se permiten {limit} como máximo.",
    },
    "transfer_to_a_queue": {
        "en": "Transfer the conversation to a queue.",
        "es": "Transfiera la conversación a una cola.",
    },
    "transfers_to_agents_off": {
        "en": "The settings let agents transfer to queues only.",
        "es": "La configuración solo permite transferir a colas.",
    },
    # Surveys
    "survey_comment_too_long": {
        "en": "The comment has {length} characters; at most {limit} are kept.",
        "es": "El comentario tiene {length} caracteres; se admiten {limit} como máximo.",
    },
    "survey_answered": {
        "en": "This survey was answered before; the first answers stay.",
        "es": "Esta encuesta ya se respondió; se conservan las primeras respuestas.",
    },
    "survey_empty": {"en": "No question was answered.", "es": "No se respondió ninguna pregunta."},
    "survey_gone": {
        "en": "The number has no survey called {survey!r} any more.",
        "es": "El número ya no tiene ninguna encuesta llamada {survey!r}.",
    },
    "survey_question_unknown": {
        "en": "The survey does not ask {question!r}.",
        "es": "La encuesta no pregunta {question!r}.",
    },
    "survey_score_out_of_range": {
        "en": "{answer!r} does not answer {question}; choose a number from {first} to {last}.",
        "es": "{answer!r} no responde a {question}; elija un número de {first} a {last}.",
    },
    "surveys_have_no_links": {
        "en": "The channel makes no links to surveys; give it survey_links=SurveyLinks(...).",
        "es": "El canal no crea enlaces de encuestas; use survey_links=SurveyLinks(...).",
    },
}
