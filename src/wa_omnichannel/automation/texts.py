"""The shipped texts of automated messages (AM-7). Data only: a trigger, and a text per language.

Every language is complete; a language that is not is left out. Dynamics does not publish its texts, so these are ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from wa_omnichannel.automation.triggers import Trigger

LANGUAGES = ("en", "es", "pt")
"""The languages of the catalogue; the first one stands in for all others (AM-5)."""

CATALOGUE: Mapping[Trigger, Mapping[str, str]] = {
    Trigger.GREETING: {
        "en": "Thank you for your message. Somebody will answer you here shortly.",
        "es": "Gracias por su mensaje. En breve le responderemos por aquí.",
        "pt": "Obrigado pela sua mensagem. Responderemos por aqui em breve.",
    },
    Trigger.OUT_OF_HOURS: {
        "en": "Thank you for your message. We are closed at the moment and will answer when we are back.",
        "es": "Gracias por su mensaje. Ahora mismo estamos fuera de horario; le responderemos cuando abramos.",
        "pt": "Obrigado pela sua mensagem. Estamos fora do horário de atendimento; responderemos quando reabrirmos.",
    },
    Trigger.HOLIDAY: {
        "en": "Thank you for your message. Today is a holiday for us; we will answer when we are back.",
        "es": "Gracias por su mensaje. Hoy es festivo para nosotros; le responderemos a la vuelta.",
        "pt": "Obrigado pela sua mensagem. Hoje é feriado para nós; responderemos quando voltarmos.",
    },
    Trigger.AGENT_ASSIGNED: {
        "en": "Your conversation was given to {AgentName}.",
        "es": "Su conversación se ha asignado a {AgentName}.",
        "pt": "A sua conversa foi atribuída a {AgentName}.",
    },
    Trigger.AGENT_NOT_ASSIGNED: {
        "en": "We are sorry: nobody can take your conversation at the moment. Please try again later.",
        "es": "Lo sentimos: ahora mismo nadie puede atender su conversación. Inténtelo de nuevo más tarde.",
        "pt": "Lamentamos: neste momento ninguém pode atender a sua conversa. Tente novamente mais tarde.",
    },
    Trigger.AGENT_JOINED: {
        "en": "{AgentName} is now talking with you.",
        "es": "{AgentName} le atiende ahora.",
        "pt": "{AgentName} está agora a falar consigo.",
    },
    Trigger.AGENT_DISCONNECTED: {
        "en": "The connection to {AgentName} was lost. Somebody else will go on with your conversation.",
        "es": "Se ha perdido la conexión con {AgentName}. Otra persona continuará su conversación.",
        "pt": "A ligação com {AgentName} foi perdida. Outra pessoa continuará a sua conversa.",
    },
    Trigger.AGENT_ENDED: {
        "en": "{AgentName} has ended the conversation. Write again whenever you need us.",
        "es": "{AgentName} ha finalizado la conversación. Escríbanos de nuevo cuando nos necesite.",
        "pt": "{AgentName} terminou a conversa. Escreva-nos de novo quando precisar.",
    },
    Trigger.SESSION_ENDED: {
        "en": "This conversation is closed. A new message starts a new one.",
        "es": "Esta conversación está cerrada. Un mensaje nuevo inicia otra.",
        "pt": "Esta conversa está encerrada. Uma nova mensagem inicia outra.",
    },
    Trigger.TRANSFER_ACCEPTED: {
        "en": "{AgentName} has taken over your conversation.",
        "es": "{AgentName} se hace cargo de su conversación.",
        "pt": "{AgentName} assumiu a sua conversa.",
    },
    Trigger.OVERFLOW_ENDED: {
        "en": "We are sorry: too many people are waiting, so we cannot help you now. Please write again later.",
        "es": "Lo sentimos: hay demasiada gente esperando y no podemos atenderle ahora. Escríbanos más tarde.",
        "pt": "Lamentamos: há demasiadas pessoas à espera e não o podemos atender agora. Escreva-nos mais tarde.",
    },
    Trigger.UNSUPPORTED_MESSAGE: {
        "en": "We cannot read this kind of message. Please send us a text.",
        "es": "No podemos leer este tipo de mensaje. Por favor, envíenos un texto.",
        "pt": "Não conseguimos ler este tipo de mensagem. Por favor, envie-nos um texto.",
    },
    Trigger.OUTSIDE_WINDOW: {
        "en": "This conversation has exceeded the 24-hour limit to answer the customer; only a template can be sent.",
        "es": "Esta conversación ha superado el límite de 24 horas para responder; solo se puede enviar una plantilla.",
        "pt": "Esta conversa excedeu o limite de 24 horas para responder; só se pode enviar um modelo.",
    },
    Trigger.MESSAGE_FAILED: {
        "en": "Your last message did not reach the customer.",
        "es": "Su último mensaje no ha llegado al cliente.",
        "pt": "A sua última mensagem não chegou ao cliente.",
    },
}
"""The texts by trigger and language."""
