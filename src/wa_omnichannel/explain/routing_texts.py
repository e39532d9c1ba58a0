"""The sentences about classification, routes, queues and workstreams, in English and Spanish."""

from __future__ import annotations

from collections.abc import Mapping

ROUTING: Mapping[str, Mapping[str, str]] = {
    # Classification and routes
    "classified": {
        "en": "Ruleset {ruleset!r}: rule {name!r} matched and set {sets}.",
        "es": "Conjunto {ruleset!r}: se cumplió la regla {name!r}, que fija {sets}.",
    },
    "routed": {
        "en": "Route rule {name!r} matched: queue {queue!r}.",
        "es": "Se cumplió la regla de ruta {name!r}: cola {queue!r}.",
    },
    "routed_to_fallback": {
        "en": "No route rule matched: fallback queue {queue!r}.",
        "es": "No se cumplió ninguna regla de ruta: cola de reserva {queue!r}.",
    },
    "predicted": {
        "en": "Classifier {ruleset!r}: {name} is {value} (confidence {confidence}).",
        "es": "Clasificador {ruleset!r}: {name} es {value} (confianza {confidence}).",
    },
    "prediction_overruled": {
        "en": "Classifier {ruleset!r} took {name} for {value} (confidence {confidence}), but a rule had set it.",
        "es": "El clasificador {ruleset!r} tomó {name} por {value} (confianza {confidence}), pero una regla ya lo "
        "había fijado.",
    },
    "prediction_unsure": {
        "en": "Classifier {ruleset!r} took {name} for {value}, but its confidence of {confidence} is below {minimum}.",
        "es": "El clasificador {ruleset!r} tomó {name} por {value}, pero su confianza de {confidence} no llega a "
        "{minimum}.",
    },
    "classifier_failed": {
        "en": "Classifier {ruleset!r} failed: {reason}.",
        "es": "Falló el clasificador {ruleset!r}: {reason}.",
    },
    "routed_by_share": {
        "en": "Route rule {name!r} matched, and its allocation drew queue {queue!r} ({percent} %).",
        "es": "Se cumplió la regla de ruta {name!r} y su reparto eligió la cola {queue!r} ({percent} %).",
    },
    "routed_overflowing": {
        "en": "The queues of all matching rules overflow: rule {name!r}, queue {queue!r}, operational from {opens_at}.",
        "es": "Las colas de todas las reglas cumplidas están desbordadas: regla {name!r}, cola {queue!r}, operativa "
        "desde {opens_at}.",
    },
    "routed_after_failure": {
        "en": "The classification failed: fallback queue {queue!r}.",
        "es": "Falló la clasificación: cola de reserva {queue!r}.",
    },
    "rule_applied": {"en": "Applied.", "es": "Aplicada."},
    "rule_matched": {"en": "Matched.", "es": "Cumplida."},
    "rule_processed": {"en": "Did not match.", "es": "No cumplida."},
    "rule_not_processed": {"en": "Not reached.", "es": "No evaluada."},
    # Queues
    "empty_queue_closes": {
        "en": "Queue {queue!r} has no members: the conversation is closed.",
        "es": "La cola {queue!r} no tiene miembros: se cierra la conversación.",
    },
    "empty_queue_waits": {
        "en": "Queue {queue!r} has no members: the conversation waits until somebody joins.",
        "es": "La cola {queue!r} no tiene miembros: la conversación espera hasta que alguien se incorpore.",
    },
    "queue_closed": {
        "en": "Queue {queue!r} is closed now; it opens at {opens_at}.",
        "es": "La cola {queue!r} está cerrada ahora; abre a las {opens_at}.",
    },
    "queue_of_other_type": {
        "en": "Queue {queue!r} is for work of another type: {type}.",
        "es": "La cola {queue!r} es para trabajo de otro tipo: {type}.",
    },
    "choose_other_queue": {
        "en": "Choose a queue of the same type that is open now.",
        "es": "Elija una cola del mismo tipo que esté abierta ahora.",
    },
    # Workstreams and context variables
    "workstream_fixed": {
        "en": "The {field} of workstream {workstream!r} was chosen when it was made and cannot change.",
        "es": "El valor {field} de la secuencia de trabajo {workstream!r} se eligió al crearla y no se puede cambiar.",
    },
    "make_another_workstream": {
        "en": "Make another workstream with the other {field}.",
        "es": "Cree otra secuencia de trabajo con el otro valor de {field}.",
    },
    "variable_unknown": {
        "en": "There is no context variable {variable!r}; known are: {known}. Capitals matter.",
        "es": "No existe la variable de contexto {variable!r}; se conocen: {known}. Las mayúsculas importan.",
    },
    "variable_of_other_type": {
        "en": "The context variable {variable!r} holds a {type}.",
        "es": "La variable de contexto {variable!r} es de tipo {type}.",
    },
    "variable_too_long": {
        "en": "The value of {variable!r} has {length} characters; at most {limit} are kept.",
        "es": "El valor de {variable!r} tiene {length} caracteres; caben {limit} como máximo.",
    },
    "variable_in_use": {
        "en": "The context variable {variable!r} is used by: {rules}.",
        "es": "La variable de contexto {variable!r} se usa en: {rules}.",
    },
    "add_variable": {
        "en": "Add the context variable {variable!r} to the workstream.",
        "es": "Añada la variable de contexto {variable!r} a la secuencia de trabajo.",
    },
    "name_variable": {"en": "Name one of: {known}.", "es": "Indique una de estas: {known}."},
    "give_variable_of_type": {
        "en": "Give {variable!r} a value of type {type}.",
        "es": "Dé a {variable!r} un valor de tipo {type}.",
    },
    "shorten_variable": {
        "en": "Shorten the value of {variable!r} to {limit} characters.",
        "es": "Acorte el valor de {variable!r} a {limit} caracteres.",
    },
    "change_rules_first": {
        "en": "Change these rules first: {rules}.",
        "es": "Cambie antes estas reglas: {rules}.",
    },
    # Problems of rules
    "unknown_attribute": {
        "en": "Nothing has the attribute {attribute!r}; the closest name is {meant}.",
        "es": "Nada tiene el atributo {attribute!r}; el nombre más parecido es {meant}.",
    },
    "type_mismatch": {
        "en": "{attribute!r} is a {kind}, but {operator} with such a value needs: {wanted}.",
        "es": "{attribute!r} es de tipo {kind}, pero {operator} con ese valor necesita: {wanted}.",
    },
    "dead_rule": {
        "en": "The rule can never match: its conditions contradict each other.",
        "es": "La regla no se puede cumplir nunca: sus condiciones se contradicen.",
    },
    "shadowed_rule": {
        "en": "The rule is never reached: rule {by!r} matches first whenever it would.",
        "es": "La regla no se alcanza nunca: la regla {by!r} se cumple antes siempre que esta se cumpliría.",
    },
    "redundant_route": {
        "en": "The route adds nothing: rule {by!r} leads to the same queues whenever it would match.",
        "es": "La ruta no añade nada: la regla {by!r} lleva a las mismas colas siempre que esta se cumpliría.",
    },
    "rule_twice": {
        "en": "Several rules of the ruleset have this name.",
        "es": "Varias reglas del conjunto tienen este nombre.",
    },
    "ruleset_twice": {
        "en": "Several rulesets have this name.",
        "es": "Varios conjuntos de reglas tienen este nombre.",
    },
    "over_limit": {
        "en": "There are {count} {what}; at most {limit} are allowed ({by}).",
        "es": "Hay {count} {what}; se admiten {limit} como máximo ({by}).",
    },
    "units_and_profile": {
        "en": "Conversations consume {units} units and the profile {profile!r}; use one kind of capacity.",
        "es": "Las conversaciones consumen {units} unidades y el perfil {profile!r}; use un solo tipo de capacidad.",
    },
    "column_without_effect": {
        "en": "The column {column!r} is kept, but it has no effect: nothing explains what it does.",
        "es": "La columna {column!r} se conserva, pero no tiene efecto: nada explica qué hace.",
    },
    "setting_without_effect": {
        "en": "The setting {column!r} is kept, but nothing uses it yet.",
        "es": "El ajuste {column!r} se conserva, pero todavía nada lo usa.",
    },
    "unknown_queue": {
        "en": "There is no queue {queue!r}; the closest name is {meant}.",
        "es": "No existe la cola {queue!r}; el nombre más parecido es {meant}.",
    },
    "queue_of_other_kind": {
        "en": "Queue {queue!r} is of type {type}, the workstream of type {wanted}.",
        "es": "La cola {queue!r} es de tipo {type} y la secuencia de trabajo de tipo {wanted}.",
    },
}
"""Every code with its texts; ``{name}`` stands for a value of the check, problem or remedy."""
