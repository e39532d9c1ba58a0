"""The sentences about settings files, their versions, secrets and quarantine, in English and Spanish."""

from __future__ import annotations

from collections.abc import Mapping

SETTINGS: Mapping[str, Mapping[str, str]] = {
    # What is wrong with a file, and below fix_ what to do
    "setting_unknown": {
        "en": "There is no setting {field!r} here.",
        "es": "Aquí no existe el ajuste {field!r}.",
    },
    "fix_setting_unknown": {
        "en": "Perhaps {meant} was meant; known here are: {known}.",
        "es": "Quizá se quiso decir {meant}; aquí existen: {known}.",
    },
    "setting_dangling": {
        "en": "There is no {kind} {name!r}.",
        "es": "No existe {kind} {name!r}.",
    },
    "fix_setting_dangling": {
        "en": "Define it, or use a known one (closest: {meant}): {known}.",
        "es": "Defínalo o use uno conocido (el más parecido: {meant}): {known}.",
    },
    "number_taken": {
        "en": "The number {number} is already on the workstream {workstream!r}.",
        "es": "El número {number} ya está en la secuencia de trabajo {workstream!r}.",
    },
    "fix_number_taken": {
        "en": "A number belongs to one workstream; remove one of the two entries.",
        "es": "Un número pertenece a una sola secuencia de trabajo; quite una de las dos entradas.",
    },
    "secret_in_file": {
        "en": "The field {field!r} holds something that is no place of a secret.",
        "es": "El campo {field!r} contiene algo que no es el lugar de un secreto.",
    },
    "fix_secret_in_file": {
        "en": "Write where the secret is kept: env:NAME, file:/path or stored:NAME. If it was the secret, renew it.",
        "es": "Escriba dónde se guarda: env:NOMBRE, file:/ruta o stored:NOMBRE. Si era el secreto, renuévelo.",
    },
    "settings_shape": {
        "en": "The file holds no settings.",
        "es": "El archivo no contiene ajustes.",
    },
    "fix_settings_shape": {
        "en": "Begin it with keys such as numbers, workstreams and queues.",
        "es": "Empiécelo con claves como numbers, workstreams y queues.",
    },
    "fix_unknown_attribute": {
        "en": "Correct the name, or add a context variable.",
        "es": "Corrija el nombre o añada una variable de contexto.",
    },
    "fix_type_mismatch": {
        "en": "Compare it with a value of its own kind.",
        "es": "Compárelo con un valor de su mismo tipo.",
    },
    "fix_shadowed_rule": {
        "en": "Move it above the other rule, or remove it.",
        "es": "Póngala antes de la otra regla o quítela.",
    },
    "fix_redundant_route": {"en": "Remove it.", "es": "Quítela."},
    "fix_dead_rule": {"en": "Correct its condition, or remove it.", "es": "Corrija su condición o quítela."},
    "fix_rule_twice": {"en": "Give each rule its own name.", "es": "Dé a cada regla su propio nombre."},
    "fix_ruleset_twice": {"en": "Give each its own name.", "es": "Dé a cada uno su propio nombre."},
    "fix_over_limit": {
        "en": "Remove some, or raise the limit.",
        "es": "Quite algunos o suba el límite.",
    },
    "fix_units_and_profile": {
        "en": "Set demand to 0, or remove the profile.",
        "es": "Ponga demand a 0 o quite el perfil.",
    },
    "fix_column_without_effect": {"en": "Remove it if nobody needs it.", "es": "Quítela si nadie la necesita."},
    "fix_unknown_queue": {
        "en": "Define the queue, or correct its name.",
        "es": "Defina la cola o corrija su nombre.",
    },
    "fix_queue_of_other_kind": {
        "en": "Use a queue of the workstream's type.",
        "es": "Use una cola del tipo de la secuencia de trabajo.",
    },
    # Changes
    "setting_changed": {
        "en": "{what}: {setting} was {old}, is {new}.",
        "es": "{what}: {setting} era {old}, es {new}.",
    },
    "number_off": {
        "en": "The number {number} is switched off.",
        "es": "El número {number} está desactivado.",
    },
    "number_unassigned": {
        "en": "The number {number} belongs to no workstream yet.",
        "es": "El número {number} todavía no pertenece a ninguna secuencia de trabajo.",
    },
    "customer_matched": {
        "en": "The customer is linked with the record {customer!r}, by {by}.",
        "es": "El cliente está vinculado con el registro {customer!r}, por {by}.",
    },
    "customer_not_found": {
        "en": "No active record has this address.",
        "es": "Ningún registro activo tiene esta dirección.",
    },
    "customer_ambiguous": {
        "en": "Several active records have this address; an agent can choose one.",
        "es": "Varios registros activos tienen esta dirección; un agente puede elegir uno.",
    },
    "directory_unavailable": {
        "en": "The directory of customers did not answer; it is asked again.",
        "es": "El directorio de clientes no respondió; se le preguntará de nuevo.",
    },
    "provider_answers": {
        "en": "The account {sid} and its token are right.",
        "es": "La cuenta {sid} y su token son correctos.",
    },
    "provider_refuses": {
        "en": "The provider does not take this account and token ({code}): {problem} Copy both from its console again.",
        "es": "El proveedor no acepta la cuenta y su token ({code}): {problem} Cópielos de nuevo de su consola.",
    },
    "sandbox_by_hand": {
        "en": "Paste {url} in the sandbox under WHEN A MESSAGE COMES IN, and join it with: join {code}.",
        "es": "Pegue {url} en el sandbox, en WHEN A MESSAGE COMES IN, y únase con: join {code}.",
    },
    "webhook_differs": {
        "en": "At {place} {setting} is {before} instead of {after}; run wa-omnichannel twilio setup --number {number}.",
        "es": "En {place} {setting} es {before} en vez de {after}; use wa-omnichannel twilio setup --number {number}.",
    },
    "template_at_provider": {
        "en": "The template {template!r} in {language} is approved and can be sent.",
        "es": "La plantilla {template!r} en {language} está aprobada y se puede enviar.",
    },
    "template_not_at_provider": {
        "en": "The template {template!r} in {language} is not approved at the provider with this text; submit it.",
        "es": "La plantilla {template!r} en {language} no está aprobada en el proveedor con este texto; preséntela.",
    },
    "secret_not_permitted": {
        "en": "{actor} may not {capability} the secret {secret!r}.",
        "es": "{actor} no tiene el permiso {capability} para el secreto {secret!r}.",
    },
    "grant_capability": {
        "en": "Ask an administrator for the capability {capability} on secrets.",
        "es": "Pida a un administrador el permiso {capability} sobre los secretos.",
    },
    "secret_exists": {
        "en": "There is a secret {secret!r} already.",
        "es": "Ya existe un secreto {secret!r}.",
    },
    "update_secret": {
        "en": "Change it instead of creating it.",
        "es": "Cámbielo en lugar de crearlo.",
    },
    "settings_overtaken": {
        "en": "Somebody else has changed the settings since edition {edition}.",
        "es": "Otra persona ha cambiado los ajustes desde la edición {edition}.",
    },
    "compare_settings_again": {
        "en": "Look at what changed, then apply the file again.",
        "es": "Mire qué ha cambiado y vuelva a aplicar el archivo.",
    },
    "queue_in_use": {
        "en": "The queue {queue!r} cannot go: conversations are in it.",
        "es": "La cola {queue!r} no se puede quitar: hay conversaciones en ella.",
    },
    "empty_queue_first": {
        "en": "Close its conversations or move them to another queue first.",
        "es": "Cierre antes sus conversaciones o páselas a otra cola.",
    },
    "setting_added": {"en": "{what} is new.", "es": "{what} es nuevo."},
    "setting_removed": {"en": "{what} is gone.", "es": "{what} ya no está."},
}
"""Every code of this room with its texts."""
