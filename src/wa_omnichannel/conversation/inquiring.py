"""The survey after a conversation: who is asked, with what words, and what they answered (SUR-1 to SUR-11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from wa_omnichannel import surveys
from wa_omnichannel.conversation.events import Ask, Decision, Record, SurveyAnswered, SurveyDue
from wa_omnichannel.conversation.model import Conversation, State
from wa_omnichannel.conversation.speaking import Utterance, named, say
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import Text
from wa_omnichannel.rules import Rules
from wa_omnichannel.surveys import Survey

LINK = "SurveyLink"
"""The variable that stands for the personal link in the values of a template."""


def wanted(rules: Rules, state: State, conversation: Conversation) -> Survey | None:
    """Return the survey that a conversation gets: none if neither a person nor a bot ever had it (SUR-5)."""
    number = rules.number(state.thread.number)
    if number is None or not (conversation.served or conversation.bots):
        return None
    return number.survey.wanted(bot_only=not conversation.served)


def asked(rules: Rules, before: State, state: State, records: tuple[Record, ...]) -> Iterator[Ask]:
    """Yield the surveys to send, for conversations that were just closed by whomever (SUR-4)."""
    known = (state.thread.conversation, before.thread.conversation)
    for record in records:
        if record.kind != "conversation_closed" or record.facts.get("by") == "merged":
            continue
        name = str(record.facts.get("conversation"))
        conversation = next((each for each in known if each is not None and each.id == name), None)
        if conversation is not None and wanted(rules, state, conversation) is not None:
            yield Ask(conversation.id)


def survey_due(rules: Rules, state: State, event: SurveyDue, now: datetime) -> Decision:
    """Send the link like any other message: in the window, by the template, or not at all, with the reason (SUR-11)."""
    number = rules.number(state.thread.number)
    about = {"conversation": event.conversation, "survey": event.survey}
    if number is None or event.link is None:
        check = Check("SUR-3", False, "surveys_have_no_links", about)
        return Decision(state, (Record("survey_withheld", {**about, "reason": check.code}, (check,)),))
    conversation = state.thread.conversation
    values = named(state, conversation) if conversation and conversation.id == event.conversation else surveys.NOBODY
    wish = Utterance(
        f"{event.conversation}.survey",
        Text(surveys.message(number.survey, number.language, event.link)),
        "survey",
        attrs.evolve(values, variables={**values.variables, LINK: event.link}),
        fallback=number.survey.fallback,
    )
    due = Record("survey_due", {**about, "expires_at": event.expires_at})
    return Decision(state, (due, *say(rules, state, event.conversation, wish, now)))


def survey_answered(_: Rules, state: State, event: SurveyAnswered, __: datetime) -> Decision:
    """Put the answers on the timeline of the conversation they are about (SUR-8)."""
    answers = event.answers
    facts = {"conversation": event.conversation, "survey": event.survey, **answers.scores, "comment": answers.comment}
    return Decision(state, (Record("survey_answered", facts),))
