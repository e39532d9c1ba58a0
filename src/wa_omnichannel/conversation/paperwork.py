"""What agents keep about a conversation: notes, disposition codes, skills (ACT-4, ACT-5, ACT-6, SKL-9).

Notes and codes are entries of the timeline and never messages, so they cannot leave. Source: Microsoft Learn,
"Take notes", "Create and manage disposition codes".
"""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel import consent
from wa_omnichannel.consent import Scope, Statement
from wa_omnichannel.conversation.events import (
    Assign,
    Decision,
    DispositionsGiven,
    Effect,
    NoteAdded,
    Record,
    SkillsChanged,
    refusal,
)
from wa_omnichannel.conversation.model import Conversation, State, Status
from wa_omnichannel.conversation.queueing import not_yours
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.rules import Rules

LONGEST_NOTE = 10_000
"""Most characters of a note."""


def note_added(_: Rules, state: State, event: NoteAdded, __: datetime) -> Decision:
    """Put a note on the timeline; it is for agents and supervisors only (ACT-6)."""
    length = len(event.text.strip())
    if state.thread.live is None:
        return refusal(state, "conversation_closed")
    if not 1 <= length <= LONGEST_NOTE:
        check = Check("ACT-4", False, "note_of_wrong_length", {"length": length, "limit": LONGEST_NOTE})
        return refusal(state, check.code, check.facts, (check,))
    return Decision(state, (Record("note_added", {"by": event.by, "text": event.text.strip()}),))


def skills_changed(rules: Rules, state: State, event: SkillsChanged, _: datetime) -> Decision:
    """Change the skills that the conversation needs; agents only where the workstream lets them (SKL-9)."""
    live = state.thread.live
    if live is None:
        return refusal(state, "conversation_closed")
    if event.agent not in (None, live.agent):
        return not_yours(state, live, event.agent)
    if event.agent is not None and not rules.assignment.works(live.workstream).skill_control:
        check = Check("SKL-9", False, "skills_fixed", {"workstream": live.workstream})
        return refusal(state, check.code, check.facts, (check,), (Remedy("ask_supervisor", sufficient=True),))
    needs = live.needs.without(event.remove).adding(event.add)
    facts = {"by": event.agent or "application", "before": live.needs.ratings, "after": needs.ratings}
    again = (Assign(live.queue),) if live.status is Status.OPEN else ()
    thread = attrs.evolve(state.thread, conversation=attrs.evolve(live, needs=needs))
    return Decision(attrs.evolve(state, thread=thread), (Record("skills_changed", facts), *again))


def dispositions_given(rules: Rules, state: State, event: DispositionsGiven, now: datetime) -> Decision:
    """Keep the codes of a conversation, instead of earlier ones; some of them are an opt-out (ACT-5)."""
    live = state.thread.live
    if live is None:
        return refusal(state, "conversation_closed")
    if event.agent not in (None, live.agent):
        return not_yours(state, live, event.agent)
    codes = tuple(dict.fromkeys(event.codes))
    check = _check(rules, live, codes)
    if not check.met:
        return refusal(state, check.code, check.facts, (check,))
    thread = attrs.evolve(state.thread, conversation=attrs.evolve(live, dispositions=codes))
    effects: list[Effect] = [
        Record("disposition_given", {"codes": codes, "by": event.agent or "application"}, (check,))
    ]
    contact = state.contact
    if not rules.life.dispositions_of(live.workstream).stops.isdisjoint(codes):
        said = Statement(Scope.EVERYTHING, False, now, "disposition")
        contact = attrs.evolve(contact, consent=consent.record(contact.consent, said))
        effects.append(Record("opted_out", {"scope": said.scope.value, "source": said.source}))
    return Decision(attrs.evolve(state, thread=thread, contact=contact), tuple(effects), trace=(check,))


def _check(rules: Rules, live: Conversation, codes: tuple[str, ...]) -> Check:
    known = rules.life.dispositions_of(live.workstream)
    unknown = tuple(code for code in codes if code not in known.codes)
    if unknown:
        return Check("ACT-5", False, "disposition_unknown", {"codes": unknown})
    facts = {"count": len(codes), "limit": known.most}
    return Check("ACT-5", len(codes) <= known.most, _LIMIT[len(codes) <= known.most], facts)


_LIMIT = {True: "dispositions_fit", False: "too_many_dispositions"}


def lacking(rules: Rules, live: Conversation, agent: str | None) -> Check | None:
    """Return why an agent may not close the conversation yet: a code is required and there is none (ACT-5)."""
    if agent is None or live.dispositions or not rules.life.dispositions_of(live.workstream).required:
        return None
    return Check("ACT-5", False, "disposition_required", {"agent": agent})


GIVE_ONE = Remedy("give_a_disposition", True)
"""What can be done about it."""
