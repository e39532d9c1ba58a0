"""The sentences of explanations, in English and Spanish. Data only: a code, and a text per language."""

from __future__ import annotations

from collections.abc import Mapping

from wa_omnichannel.explain.distribution_texts import DISTRIBUTION
from wa_omnichannel.explain.life_texts import LIFE
from wa_omnichannel.explain.lint_texts import LINT_SENTENCES
from wa_omnichannel.explain.provider_texts import PROVIDER
from wa_omnichannel.explain.routing_texts import ROUTING
from wa_omnichannel.explain.secondary_texts import SECONDARY
from wa_omnichannel.explain.settings_texts import SETTINGS
from wa_omnichannel.explain.store_texts import STORE

SENTENCES: Mapping[str, Mapping[str, str]] = {
    **ROUTING,
    **DISTRIBUTION,
    **PROVIDER,
    **SECONDARY,
    **LIFE,
    **STORE,
    # The 24-hour window
    "window_open": {
        "en": "The 24-hour window is open until {closes_at} ({remaining} left).",
        "es": "La ventana de 24 horas está abierta hasta {closes_at} (quedan {remaining}).",
    },
    "window_closed": {
        "en": "The 24-hour window closed at {closed_at}.",
        "es": "La ventana de 24 horas se cerró a las {closed_at}.",
    },
    "window_in_margin": {
        "en": "The 24-hour window is about to close: the safety margin of {margin} began at {closed_at}.",
        "es": "La ventana de 24 horas está a punto de cerrarse: el margen de seguridad de {margin} empezó a las "
        "{closed_at}.",
    },
    "window_never_opened": {
        "en": "The customer has not written to this number yet, so there is no 24-hour window.",
        "es": "El cliente todavía no ha escrito a este número, así que no hay ventana de 24 horas.",
    },
    "window_refuted": {
        "en": "WhatsApp said at {refuted_at} that the 24-hour window is closed.",
        "es": "WhatsApp indicó a las {refuted_at} que la ventana de 24 horas está cerrada.",
    },
    "window_exceeded": {
        "en": "This conversation has exceeded the 24 hour limit to respond to the customer.",
        "es": "Esta conversación ha superado el límite de 24 horas para responder al cliente.",
    },
    "fallback_went_out": {
        "en": "The template that stands in went out at {at}, and the customer has not written since.",
        "es": "La plantilla sustituta se envió a las {at} y el cliente no ha escrito desde entonces.",
    },
    # Content
    "content_arrives_only": {
        "en": "A {content} can only be received, not sent.",
        "es": "{content} solo se puede recibir, no enviar.",
    },
    "text_fits": {
        "en": "The text has {length} of at most {limit} characters.",
        "es": "El texto tiene {length} caracteres de un máximo de {limit}.",
    },
    "text_too_long": {
        "en": "The text has {length} characters; at most {limit} fit in one message.",
        "es": "El texto tiene {length} caracteres; en un mensaje caben {limit}.",
    },
    "text_split": {
        "en": "The text has {length} characters and goes out in {parts} messages of at most {limit}.",
        "es": "El texto tiene {length} caracteres y se envía en {parts} mensajes de {limit} como máximo.",
    },
    "text_empty": {"en": "The text is empty.", "es": "El texto está vacío."},
    "location_on_earth": {
        "en": "The place is at {latitude}, {longitude}.",
        "es": "El lugar está en {latitude}, {longitude}.",
    },
    "location_off_earth": {
        "en": "There is no place at {latitude}, {longitude}.",
        "es": "No existe un lugar en {latitude}, {longitude}.",
    },
    # Attachments
    "attachments_on": {
        "en": "The number lets {party} send attachments.",
        "es": "El número permite archivos adjuntos de {party}.",
    },
    "attachments_off": {
        "en": "The number does not let {party} send attachments.",
        "es": "El número no permite archivos adjuntos de {party}.",
    },
    "extension_free": {
        "en": "The extension {extension!r} is not blocked.",
        "es": "La extensión {extension!r} no está bloqueada.",
    },
    "extension_blocked": {
        "en": "Files with the extension {extension!r} are blocked.",
        "es": "Los archivos con la extensión {extension!r} están bloqueados.",
    },
    "media_kind_known": {"en": "WhatsApp carries {content_type}.", "es": "WhatsApp admite {content_type}."},
    "media_kind_unknown": {"en": "WhatsApp does not carry {content_type}.", "es": "WhatsApp no admite {content_type}."},
    "caption_fits": {
        "en": "The text may go with {content_type}.",
        "es": "El texto puede acompañar a {content_type}.",
    },
    "caption_dropped": {
        "en": "Text cannot go with {content_type}; only images have captions.",
        "es": "Un archivo {content_type} no admite texto; solo las imágenes llevan leyenda.",
    },
    "file_kind_allowed": {
        "en": "The number lets {party} send files of the kind {kind}.",
        "es": "El número admite archivos de tipo {kind} de {party}.",
    },
    "file_kind_not_allowed": {
        "en": "The number does not let {party} send this file: kind {kind}, extension {extension!r}.",
        "es": "El número no admite este archivo de {party}: tipo {kind}, extensión {extension!r}.",
    },
    "media_size_fits": {
        "en": "The file has {size} of at most {limit} bytes (limit: {source}).",
        "es": "El archivo tiene {size} bytes de un máximo de {limit} (límite: {source}).",
    },
    "media_size_open": {
        "en": "The size of the file is not known yet; at most {limit} bytes are accepted (limit: {source}).",
        "es": "Todavía no se conoce el tamaño del archivo; se admiten {limit} bytes como máximo (límite: {source}).",
    },
    "media_too_large": {
        "en": "The file has {size} bytes; at most {limit} are allowed (limit: {source}).",
        "es": "El archivo tiene {size} bytes; se admiten {limit} como máximo (límite: {source}).",
    },
    "media_empty": {"en": "The file is empty.", "es": "El archivo está vacío."},
    "media_type_true": {
        "en": "The file is what it says it is: {content_type}.",
        "es": "El archivo es lo que dice ser: {content_type}.",
    },
    "media_type_lies": {
        "en": "The file says it is {content_type}, but its bytes are {found}.",
        "es": "El archivo dice ser {content_type}, pero su contenido es {found}.",
    },
    "media_type_unproven": {
        "en": "The file says it is {content_type}, but its bytes are of no type that is known.",
        "es": "El archivo dice ser {content_type}, pero su contenido no es de ningún tipo conocido.",
    },
    "media_polyglot": {
        "en": "The file is two things at once: {found} and {also}.",
        "es": "El archivo es dos cosas a la vez: {found} y {also}.",
    },
    "media_clean": {"en": "The scanner found nothing.", "es": "El análisis no encontró nada."},
    "media_infected": {
        "en": "The scanner found {signature} in the file.",
        "es": "El análisis encontró {signature} en el archivo.",
    },
    "media_not_scanned": {
        "en": "The file could not be scanned ({reason}); it is withheld and tried again.",
        "es": "No se pudo analizar el archivo ({reason}); se retiene y se intentará de nuevo.",
    },
    # Consent
    "consent_given": {
        "en": "The customer agreed at {at} ({scope}, {source}).",
        "es": "El cliente dio su consentimiento el {at} ({scope}, {source}).",
    },
    "consent_not_needed": {
        "en": "No opt-in is needed for this message.",
        "es": "Este mensaje no necesita consentimiento previo.",
    },
    "consent_missing": {
        "en": "The customer has not agreed to be written to.",
        "es": "El cliente no ha dado su consentimiento para recibir mensajes.",
    },
    "not_opted_in": {
        "en": "The customer did not agree to be written to (configuration {configuration}).",
        "es": "El cliente no aceptó que se le escriba (configuración {configuration}).",
    },
    "frequency_cap": {
        "en": "The customer was written to first {count} times in {days} day(s); at most {limit} are allowed.",
        "es": "Ya se escribió al cliente {count} veces en {days} día(s); se permiten {limit} como máximo.",
    },
    "opted_out": {
        "en": "The customer stopped all messages at {at} ({source}).",
        "es": "El cliente pidió no recibir más mensajes el {at} ({source}).",
    },
    "opted_out_of_marketing": {
        "en": "The customer stopped marketing messages at {at} ({source}); others may still be sent.",
        "es": "El cliente pidió no recibir publicidad el {at} ({source}); otros mensajes sí se pueden enviar.",
    },
    "number_blocked": {
        "en": "The customer blocked {number} (seen at {at}, {source}).",
        "es": "El cliente bloqueó {number} (detectado el {at}, {source}).",
    },
    # Templates
    "template_unknown": {
        "en": "There is no template {template!r}; known are: {known}.",
        "es": "No existe la plantilla {template!r}; se conocen: {known}.",
    },
    "template_exists": {
        "en": "There is a template {template!r} already.",
        "es": "Ya existe una plantilla {template!r}.",
    },
    "template_language_exact": {
        "en": "The template {template!r} exists in the wanted language {language}.",
        "es": "La plantilla {template!r} existe en el idioma pedido, {language}.",
    },
    "template_language_parent": {
        "en": "The template {template!r} does not exist in {wanted}, so it is sent in {language}.",
        "es": "La plantilla {template!r} no existe en {wanted}, así que se envía en {language}.",
    },
    "template_language_default": {
        "en": "The template {template!r} does not exist in {wanted}, so it is sent in its default language {language}.",
        "es": "La plantilla {template!r} no existe en {wanted}, así que se envía en su idioma predeterminado, "
        "{language}.",
    },
    "template_language_unasked": {
        "en": "No language is known, so the template {template!r} is sent in its default language {language}.",
        "es": "No se conoce el idioma, así que la plantilla {template!r} se envía en el predeterminado, {language}.",
    },
    "template_kind_approvable": {
        "en": "The template {template!r} is of the kind {kind}, which may start a conversation.",
        "es": "La plantilla {template!r} es del tipo {kind}, que puede iniciar una conversación.",
    },
    "template_kind_session_only": {
        "en": "The template {template!r} is of the kind {kind}, which needs no approval but an open window.",
        "es": "La plantilla {template!r} es del tipo {kind}, que no necesita aprobación pero sí una ventana abierta.",
    },
    "template_kind_unsendable": {
        "en": "The template {template!r} is of the kind {kind}, which cannot be sent on WhatsApp.",
        "es": "La plantilla {template!r} es del tipo {kind}, que no se puede enviar por WhatsApp.",
    },
    "template_approved": {
        "en": "The template {template!r} is approved in {language}; WhatsApp was asked {age} ago.",
        "es": "La plantilla {template!r} está aprobada en {language}; se consultó a WhatsApp hace {age}.",
    },
    "template_approved_by_override": {
        "en": "{by} declared the template {template!r} approved in {language} at {at}: {why}.",
        "es": "{by} declaró aprobada la plantilla {template!r} en {language} el {at}: {why}.",
    },
    "template_approved_by_code": {
        "en": "The program says that the template {template!r} is approved in {language}; WhatsApp was not asked.",
        "es": "El programa indica que la plantilla {template!r} está aprobada en {language}; no se consultó a "
        "WhatsApp.",
    },
    "template_not_approved": {
        "en": "The template {template!r} is not approved in {language}: its state is {approval}.",
        "es": "La plantilla {template!r} no está aprobada en {language}: su estado es {approval}.",
    },
    "template_linked": {
        "en": "The template {template!r} in {language} has its content SID.",
        "es": "La plantilla {template!r} en {language} tiene su content SID.",
    },
    "template_unlinked": {
        "en": "The template {template!r} in {language} has no content SID.",
        "es": "La plantilla {template!r} en {language} no tiene content SID.",
    },
    "template_variables_complete": {
        "en": "Every variable of the template {template!r} has a value.",
        "es": "Todas las variables de la plantilla {template!r} tienen valor.",
    },
    "template_variables_wrong": {
        "en": "The variables of the template {template!r} are not right: missing {missing}; unknown {extra}; "
        "unusable {bad}; too long {too_long}.",
        "es": "Las variables de la plantilla {template!r} no son correctas: faltan {missing}; sobran {extra}; "
        "no válidas {bad}; demasiado largo {too_long}.",
    },
    # Quick replies
    "quick_reply_not_yours": {
        "en": "The quick reply {title!r} belongs to {owner}, not to {agent}.",
        "es": "La respuesta rápida {title!r} es de {owner}, no de {agent}.",
    },
    # Conversations and agents
    "conversation_live": {
        "en": "The conversation {conversation} is going on.",
        "es": "La conversación {conversation} está en curso.",
    },
    "conversation_closed": {"en": "The conversation is closed.", "es": "La conversación está cerrada."},
    "not_your_conversation": {
        "en": "The conversation belongs to {holder}, not to {agent}.",
        "es": "La conversación es de {holder}, no de {agent}.",
    },
    "not_possible_now": {
        "en": "The step {step} is not possible: the conversation is {status}.",
        "es": "El paso {step} no es posible: el estado de la conversación es {status}.",
    },
    "number_unknown": {
        "en": "The number {number} is not configured.",
        "es": "El número {number} no está configurado.",
    },
    "message_unknown": {"en": "There is no such message.", "es": "No existe ese mensaje."},
    "message_known": {
        "en": "What became of the message is known already.",
        "es": "Ya se sabe qué pasó con el mensaje.",
    },
    "nothing_to_dispatch": {"en": "There is nothing to send.", "es": "No hay nada que enviar."},
    # Templates and what the provider holds
    "template_link_found": {
        "en": "The template {template!r} in {language} is the content {sid}.",
        "es": "La plantilla {template!r} en {language} es el contenido {sid}.",
    },
    "template_link_none": {
        "en": "The provider holds no content with the text of the template {template!r} in {language}.",
        "es": "El proveedor no tiene ningún contenido con el texto de la plantilla {template!r} en {language}.",
    },
    "template_link_several": {
        "en": "The provider holds {found} contents with the text of the template {template!r} in {language}.",
        "es": "El proveedor tiene {found} contenidos con el texto de la plantilla {template!r} en {language}.",
    },
    "template_link_other_language": {
        "en": "The provider holds the text of the template {template!r} in {languages}, not in {language}.",
        "es": "El proveedor tiene el texto de la plantilla {template!r} en {languages}, no en {language}.",
    },
    "template_link_other_variables": {
        "en": "The provider's content with the text of the template {template!r} in {language} has other variables.",
        "es": "El contenido del proveedor con el texto de la plantilla {template!r} en {language} tiene otras "
        "variables.",
    },
    "template_link_gone": {
        "en": "The provider does not hold the content {sid} of the template {template!r} in {language}.",
        "es": "El proveedor no tiene el contenido {sid} de la plantilla {template!r} en {language}.",
    },
    "template_link_changed": {
        "en": "The content of the template {template!r} in {language} changed from {before} to {after}.",
        "es": "El contenido de la plantilla {template!r} en {language} cambió de {before} a {after}.",
    },
    "template_approval_changed": {
        "en": "The approval of the template {template!r} in {language} changed from {before} to {after}.",
        "es": "La aprobación de la plantilla {template!r} en {language} cambió de {before} a {after}.",
    },
    "template_category_changed": {
        "en": "WhatsApp moved the template {template!r} from the category {before} to {after}.",
        "es": "WhatsApp pasó la plantilla {template!r} de la categoría {before} a {after}.",
    },
    "approval_step_impossible": {
        "en": "A template that is {state} cannot become {event}; read its state from the provider.",
        "es": "Una plantilla en estado {state} no puede pasar a {event}; lea su estado en el proveedor.",
    },
    # Remedies
    "use_template": {
        "en": "Send the approved template {template!r} in {language} (variables: {variables}).",
        "es": "Envíe la plantilla aprobada {template!r} en {language} (variables: {variables}).",
    },
    "customer_writes": {
        "en": "Wait for the customer: any message from them opens the window for 24 hours.",
        "es": "Espere al cliente: cualquier mensaje suyo abre la ventana durante 24 horas.",
    },
    "send_fallback": {
        "en": "Send it nevertheless: the settings let the template {template!r} go out instead.",
        "es": "Envíelo de todos modos: la configuración hace que se envíe en su lugar la plantilla {template!r}.",
    },
    "use_same_template": {
        "en": "The text is that of the approved template {template!r} in {language}: send the template instead.",
        "es": "El texto es el de la plantilla aprobada {template!r} en {language}: envíe la plantilla.",
    },
    "use_other_kind": {
        "en": "Make it anew with a content type that WhatsApp carries, such as twilio/text.",
        "es": "Rehágala con un tipo de contenido que WhatsApp admita, como twilio/text.",
    },
    "approve_template": {
        "en": "Have a template approved: none can be sent today.",
        "es": "Consiga la aprobación de una plantilla: hoy no hay ninguna que se pueda enviar.",
    },
    "add_template": {
        "en": "Add the template to the settings, or use one that is there.",
        "es": "Añada la plantilla a la configuración o use una existente.",
    },
    "choose_other_name": {
        "en": "Choose another name than {template!r}.",
        "es": "Elija otro nombre que no sea {template!r}.",
    },
    "await_approval": {
        "en": "Wait until WhatsApp approves the template {template!r} in {language}.",
        "es": "Espere a que WhatsApp apruebe la plantilla {template!r} en {language}.",
    },
    "link_template": {
        "en": "Enter the content SID (HX…) of the template {template!r} in {language}.",
        "es": "Indique el content SID (HX…) de la plantilla {template!r} en {language}.",
    },
    "fill_variables": {
        "en": "Give these variables: missing {missing}; remove {extra}; write anew {bad}.",
        "es": "Complete las variables: faltan {missing}; quite {extra}; escriba de nuevo {bad}.",
    },
    "shorten_variables": {
        "en": "Shorten the values: the text has {length} characters; {limit} fit.",
        "es": "Acorte los valores: el texto tiene {length} caracteres; caben {limit}.",
    },
    "switch_attachments_on": {
        "en": "Switch on attachments for {party} in the settings of the number.",
        "es": "Active los archivos adjuntos de {party} en la configuración del número.",
    },
    "send_as_pdf": {
        "en": "Send it as a PDF or in another format that WhatsApp carries.",
        "es": "Envíelo como PDF o en otro formato que WhatsApp admita.",
    },
    "send_caption_apart": {"en": "Send the text as a message of its own.", "es": "Envíe el texto en otro mensaje."},
    "send_smaller_file": {
        "en": "Send a file of at most {limit} bytes.",
        "es": "Envíe un archivo de {limit} bytes como máximo.",
    },
    "send_true_type": {
        "en": "Send the file under its true type, or another file.",
        "es": "Envíe el archivo con su tipo verdadero, u otro archivo.",
    },
    "send_clean_file": {"en": "Send another file.", "es": "Envíe otro archivo."},
    "scan_again": {
        "en": "Try again when the scanner answers.",
        "es": "Inténtelo de nuevo cuando el análisis esté disponible.",
    },
    "customer_starts_again": {
        "en": "Wait until the customer writes START or agrees again elsewhere.",
        "es": "Espere a que el cliente escriba ALTA o dé su consentimiento de nuevo por otra vía.",
    },
    "customer_wants_marketing": {
        "en": "Send a utility template, or wait until the customer asks for marketing again.",
        "es": "Envíe una plantilla de utilidad, o espere a que el cliente vuelva a pedir publicidad.",
    },
    "customer_unblocks": {
        "en": "Wait until the customer writes to this number again.",
        "es": "Espere a que el cliente vuelva a escribir a este número.",
    },
    "record_opt_in": {
        "en": "Record the customer's opt-in with its source, or wait until the customer writes.",
        "es": "Registre el consentimiento del cliente con su origen, o espere a que el cliente escriba.",
    },
    "split_text": {
        "en": "Split the text into messages of at most {limit} characters.",
        "es": "Divida el texto en mensajes de {limit} caracteres como máximo.",
    },
    **LINT_SENTENCES,
    **SETTINGS,
}
"""Every code with its texts; ``{name}`` stands for a value of the check or remedy."""
