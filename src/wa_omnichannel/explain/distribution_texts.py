"""The sentences about overflow and assignment, in English and Spanish. Data only, see :mod:`.texts`."""

from __future__ import annotations

from collections.abc import Mapping

DISTRIBUTION: Mapping[str, Mapping[str, str]] = {
    # Overflow
    "overflow_checked_once": {
        "en": "Overflow is checked once, when a route rule sends the conversation to a queue.",
        "es": "El desbordamiento se comprueba una sola vez, cuando una regla de ruta envía la conversación a una cola.",
    },
    "overflow_ignored_in_fallback": {
        "en": "In the fallback queue overflow is ignored.",
        "es": "En la cola de reserva no se aplica el desbordamiento.",
    },
    "overflow_not_set": {
        "en": "No overflow applies: the conversation waits.",
        "es": "No se aplica ningún desbordamiento: la conversación espera.",
    },
    "overflow_outside_hours": {
        "en": "At {now} the queue is closed (opens: {opens_at}): {action}.",
        "es": "A las {now} la cola está cerrada (abre: {opens_at}): {action}.",
    },
    "overflow_over_limit": {
        "en": "The queue has {items} open items, its limit is {limit}: {action}.",
        "es": "La cola tiene {items} elementos abiertos y su límite es {limit}: {action}.",
    },
    "overflow_wait_within_limit": {
        "en": "It has waited {waited}; up to {limit} is allowed.",
        "es": "Lleva esperando {waited}; se permite hasta {limit}.",
    },
    "overflow_waited_too_long": {
        "en": "It has waited {waited}, longer than {limit}: {action}.",
        "es": "Lleva esperando {waited}, más de {limit}: {action}.",
    },
    "overflow_waits_for_bot": {
        "en": "A bot has the conversation; overflow is checked when it escalates.",
        "es": "Un bot atiende la conversación; el desbordamiento se comprueba cuando la escale.",
    },
    "overflow_within_limit": {
        "en": "The queue has {items} open items, its limit is {limit}.",
        "es": "La cola tiene {items} elementos abiertos y su límite es {limit}.",
    },
    # Assignment
    "assigned_by_custom_rule": {
        "en": "Rule {name!r} of ruleset {ruleset!r} found {agent} in queue {queue!r}.",
        "es": "La regla {name!r} del conjunto {ruleset!r} encontró a {agent} en la cola {queue!r}.",
    },
    "assigned_closest": {
        "en": "{agent} comes closest to the required skills in queue {queue!r}.",
        "es": "{agent} es quien más se acerca a las aptitudes requeridas en la cola {queue!r}.",
    },
    "assigned_highest_capacity": {
        "en": "{agent} has the most free capacity ({free}) in queue {queue!r}.",
        "es": "{agent} tiene la mayor capacidad libre ({free}) en la cola {queue!r}.",
    },
    "assigned_in_turn": {
        "en": "It is the turn of {agent} in queue {queue!r}.",
        "es": "Es el turno de {agent} en la cola {queue!r}.",
    },
    "assigned_least_active": {
        "en": "{agent} has been free for longest in queue {queue!r}.",
        "es": "{agent} lleva más tiempo sin actividad en la cola {queue!r}.",
    },
    "assigned_preferred": {
        "en": "{agent} is preferred agent number {place} of the customer; capacity and skills do not count.",
        "es": "{agent} es el agente preferido número {place} del cliente; no cuentan la capacidad ni las aptitudes.",
    },
    "assigned_to_previous": {
        "en": "{agent} had it and gets it back, whatever their capacity ({free} free) and presence ({presence}).",
        "es": "{agent} la tenía y la recupera, sea cual sea su capacidad ({free} libre) y su presencia ({presence}).",
    },
    "assigned_to_previous_able": {
        "en": "{agent} had the conversation before and can take it back.",
        "es": "{agent} ya tenía la conversación y puede recuperarla.",
    },
    "assigned_by_supervisor": {
        "en": "A supervisor gave it to {agent}; presence and capacity ({free} free) do not count.",
        "es": "Un supervisor la asignó a {agent}; no cuentan la presencia ni la capacidad ({free} libre).",
    },
    "picked": {
        "en": "{agent} picked it ({free} units free before).",
        "es": "{agent} la tomó ({free} unidades libres antes).",
    },
    "picked_beyond_capacity": {
        "en": "{agent} picked it beyond their capacity ({free} free, {demand} needed).",
        "es": "{agent} la tomó por encima de su capacidad ({free} libre, {demand} necesaria).",
    },
    "pick_not_allowed": {
        "en": "Items of workstream {workstream!r} are pushed and cannot be picked.",
        "es": "Los elementos de la secuencia de trabajo {workstream!r} se asignan solos y no se pueden tomar.",
    },
    "skills_fixed": {
        "en": "Agents cannot change the skills of conversations of workstream {workstream!r}.",
        "es": "Los agentes no pueden cambiar las aptitudes de la secuencia de trabajo {workstream!r}.",
    },
    "not_in_queue": {
        "en": "{agent} is not a member of queue {queue!r}.",
        "es": "{agent} no es miembro de la cola {queue!r}.",
    },
    # One agent and one item
    "agent_blocked": {
        "en": "{agent}: the limit of {profiles} is reached and blocks all other work.",
        "es": "{agent}: se alcanzó el límite de {profiles}, que bloquea cualquier otro trabajo.",
    },
    "agent_blocked_ok": {
        "en": "{agent}: no profile blocks other work.",
        "es": "{agent}: ningún perfil bloquea otro trabajo.",
    },
    "agent_custom": {
        "en": "{agent}: no rule of ruleset {ruleset!r} finds them.",
        "es": "{agent}: ninguna regla del conjunto {ruleset!r} incluye a esta persona.",
    },
    "agent_custom_ok": {
        "en": "{agent}: rule {name!r} of ruleset {ruleset!r} finds them.",
        "es": "{agent}: la regla {name!r} del conjunto {ruleset!r} incluye a esta persona.",
    },
    "agent_declined_too_often": {
        "en": "{agent}: declined it {times} times; after {limit} it is not offered again.",
        "es": "{agent}: lo rechazó {times} veces; después de {limit} no se le ofrece más.",
    },
    "agent_declined_too_often_ok": {
        "en": "{agent}: declined it {times} times of at most {limit}.",
        "es": "{agent}: lo rechazó {times} veces de un máximo de {limit}.",
    },
    "agent_no_capacity": {
        "en": "{agent}: {free} units free, {demand} needed.",
        "es": "{agent}: {free} unidades libres, {demand} necesarias.",
    },
    "agent_no_capacity_ok": {
        "en": "{agent}: {free} units free, {demand} needed.",
        "es": "{agent}: {free} unidades libres, {demand} necesarias.",
    },
    "agent_no_profile_room": {
        "en": "{agent}: no room in {profiles}.",
        "es": "{agent}: sin espacio en {profiles}.",
    },
    "agent_no_profile_room_ok": {
        "en": "{agent}: room in every profile of the item.",
        "es": "{agent}: hay espacio en todos los perfiles del elemento.",
    },
    "agent_not_a_member": {
        "en": "{agent}: not a member of queue {queue!r}.",
        "es": "{agent}: no es miembro de la cola {queue!r}.",
    },
    "agent_not_a_member_ok": {
        "en": "{agent}: member of queue {queue!r}.",
        "es": "{agent}: miembro de la cola {queue!r}.",
    },
    "agent_not_preferred": {
        "en": "{agent}: the item waits for {preferred} and nobody else.",
        "es": "{agent}: el elemento espera a {preferred} y a nadie más.",
    },
    "agent_pick_only": {
        "en": "{agent}: workstream {workstream!r} is picked from; nothing is assigned by itself.",
        "es": "{agent}: de la secuencia de trabajo {workstream!r} se toma a mano; nada se asigna solo.",
    },
    "agent_pick_only_ok": {
        "en": "{agent}: workstream {workstream!r} assigns by itself.",
        "es": "{agent}: la secuencia de trabajo {workstream!r} asigna sola.",
    },
    "agent_presence": {
        "en": "{agent}: is {presence}; work goes to {allowed}.",
        "es": "{agent}: está en {presence}; el trabajo va a {allowed}.",
    },
    "agent_presence_ok": {
        "en": "{agent}: is {presence}; work goes to {allowed}.",
        "es": "{agent}: está en {presence}; el trabajo va a {allowed}.",
    },
    "agent_skills": {
        "en": "{agent}: lacks {missing}.",
        "es": "{agent}: le falta {missing}.",
    },
    "agent_skills_ok": {
        "en": "{agent}: has the required skills.",
        "es": "{agent}: tiene las aptitudes requeridas.",
    },
    "agent_too_many_declined": {
        "en": "{agent}: {agents} agents declined it; after {limit} only a supervisor or a pick helps.",
        "es": "{agent}: {agents} agentes lo rechazaron; después de {limit} solo ayuda un supervisor o tomarlo a mano.",
    },
    "agent_too_many_declined_ok": {
        "en": "{agent}: {agents} agents declined it, of at most {limit}.",
        "es": "{agent}: {agents} agentes lo rechazaron, de un máximo de {limit}.",
    },
    # Why nobody gets it
    "nobody_there": {
        "en": "Queue {queue!r} has no member at all.",
        "es": "La cola {queue!r} no tiene ningún miembro.",
    },
    "nobody_has_skill": {
        "en": "No member of queue {queue!r} has the skill {skill!r} rated {rating} or better.",
        "es": "Ningún miembro de la cola {queue!r} tiene la aptitud {skill!r} con nivel {rating} o superior.",
    },
    "nobody_has_skills": {
        "en": "No member of queue {queue!r} has all of: {skills}.",
        "es": "Ningún miembro de la cola {queue!r} tiene todo esto: {skills}.",
    },
    "nobody_has_profile": {
        "en": "No member of queue {queue!r} has the capacity profile {profile!r}.",
        "es": "Ningún miembro de la cola {queue!r} tiene el perfil de capacidad {profile!r}.",
    },
    "nobody_has_units": {
        "en": "No member of queue {queue!r} has {demand} units in all.",
        "es": "Ningún miembro de la cola {queue!r} tiene {demand} unidades en total.",
    },
    "nobody_now": {
        "en": "None of the {members} members of queue {queue!r} can take it now.",
        "es": "Ninguno de los {members} miembros de la cola {queue!r} puede tomarla ahora.",
    },
    "nobody_pick_only": {
        "en": "Its workstream is picked from; nothing is assigned by itself ({agents}).",
        "es": "En su secuencia de trabajo se toma a mano; nada se asigna solo ({agents}).",
    },
    "nobody_too_many_declined": {
        "en": "Too many agents declined it; only a supervisor or a pick helps ({agents}).",
        "es": "Demasiados agentes la rechazaron; solo ayuda un supervisor o tomarla a mano ({agents}).",
    },
    "nobody_declined_too_often": {
        "en": "Declined it too often: {agents}.",
        "es": "La rechazaron demasiadas veces: {agents}.",
    },
    "nobody_presence": {
        "en": "In a presence in which no work is given: {agents}.",
        "es": "En una presencia en la que no se asigna trabajo: {agents}.",
    },
    "nobody_skills": {
        "en": "Without the required skills: {agents}.",
        "es": "Sin las aptitudes requeridas: {agents}.",
    },
    "nobody_blocked": {
        "en": "Blocked by a capacity profile that is used up: {agents}.",
        "es": "Bloqueados por un perfil de capacidad agotado: {agents}.",
    },
    "nobody_no_profile_room": {
        "en": "Without room in a capacity profile it needs: {agents}.",
        "es": "Sin espacio en un perfil de capacidad que necesita: {agents}.",
    },
    "nobody_no_capacity": {
        "en": "Without enough free units: {agents}.",
        "es": "Sin unidades libres suficientes: {agents}.",
    },
    "nobody_not_preferred": {
        "en": "Not among the preferred agents that it waits for: {agents}.",
        "es": "Fuera de los agentes preferidos a los que espera: {agents}.",
    },
    "nobody_custom": {
        "en": "Not found by any rule of the queue: {agents}.",
        "es": "Sin ninguna regla de la cola que los incluya: {agents}.",
    },
    "already_accepted": {
        "en": "{agent} accepted it already; what is accepted cannot be declined.",
        "es": "{agent} ya la aceptó; lo aceptado no se puede rechazar.",
    },
    "transfer_instead": {"en": "Transfer it to a queue.", "es": "Transfiérala a una cola."},
    "end_instead": {"en": "End the conversation.", "es": "Finalice la conversación."},
    "ask_supervisor": {"en": "Ask a supervisor to assign it.", "es": "Pida a un supervisor que la asigne."},
    "allow_picking": {
        "en": "Allow agents to pick from workstream {workstream!r}.",
        "es": "Permita a los agentes tomar de la secuencia de trabajo {workstream!r}.",
    },
    "join_queue": {
        "en": "Make {agent} a member of queue {queue!r}.",
        "es": "Haga a {agent} miembro de la cola {queue!r}.",
    },
    "somebody_can": {
        "en": "{agent} can take it; {ahead} items are served before it.",
        "es": "{agent} puede tomarla; antes se atienden {ahead} elementos.",
    },
}
"""Every code with its texts; ``{name}`` stands for a value of the check or remedy."""
