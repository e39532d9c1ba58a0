"""Surveys: sending the personal link, showing the questions, keeping the answers once."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from wa_omnichannel._flows.catalogs import live
from wa_omnichannel._flows.changes import changes_of
from wa_omnichannel._flows.loading import find_conversation, load_thread, row, until_agreed
from wa_omnichannel._flows.steps import Flow, Invite, ReadInvitation, commit, load, now
from wa_omnichannel.conversation import SurveyAnswered, SurveyDue, decide
from wa_omnichannel.conversation.inquiring import wanted
from wa_omnichannel.errors import AlreadyDone, NotFound, Refused
from wa_omnichannel.explain import Check
from wa_omnichannel.ports import Changes, Drop, Entry, conversation_key, done_key, entry_key, message_key
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.surveys import Answers, Invitation, Questionnaire, Survey, check_answers


def invite(rules: Rules, entry: Entry) -> Flow[bool]:
    """Send the survey of a closed conversation, and finish the entry in the same commit."""

    def attempt() -> Flow[bool]:
        at = yield from now()
        listing = yield from find_conversation(entry.subject)
        loaded = yield from load_thread(listing.number, listing.contact)
        done = Changes(drops=(Drop(entry_key(entry.id)),))
        number = rules.number(listing.number)
        survey = wanted(rules, loaded.state, listing.conversation)
        asked = message_key(f"{entry.subject}.survey") in (yield from load(message_key(f"{entry.subject}.survey")))
        if number is None or survey is None or asked:  # one that was opened again is asked about once
            yield from commit(done)
            return True
        expires = at + number.survey.expires_after
        link: str | None = yield Invite(Invitation(entry.subject, survey.name, number.number, number.language, expires))
        event = SurveyDue(entry.subject, survey.name, expires, link)
        voice = yield from live(rules)
        decision = decide(voice, loaded.state, event, at)
        yield from commit(changes_of(voice, loaded.rows, loaded.state, decision, at, more=done))
        return True

    return (yield from until_agreed(attempt))


def _once(conversation: str) -> str:
    return f"survey:{conversation}"


def questionnaire(rules: Rules, path: str) -> Flow[Questionnaire]:
    """Return what the page behind a link shows.

    Raises:
        NotFound: It is no link of ours; :class:`~wa_omnichannel.errors.LinkExpired` if it is too old.
        Refused: The number has no such survey any more.
    """
    invitation, survey = yield from _invited(rules, path)
    key = done_key(_once(invitation.conversation))
    return Questionnaire(survey, invitation.language, key in (yield from load(key)))


def _invited(rules: Rules, path: str) -> Flow[tuple[Invitation, Survey]]:
    invitation: Invitation = yield ReadInvitation(path)
    number = next((known for known in rules.numbers if known.number == invitation.number), None)
    if number is None:
        raise NotFound("survey", "behind this link")
    survey = _named(number, invitation.survey)
    if survey is None:
        check = Check("SUR-6", False, "survey_gone", {"survey": invitation.survey})
        raise Refused(check.code, check.facts, (check,))
    return invitation, survey


def _named(number: Number, name: str) -> Survey | None:
    known = (number.survey.survey, number.survey.bot_survey)
    return next((survey for survey in known if survey is not None and survey.name == name), None)


def answer(rules: Rules, path: str, scores: Mapping[str, str], comment: str) -> Flow[Answers]:
    """Keep what the customer answered; the first answers stay (SUR-10).

    Raises:
        NotFound: It is no link of ours; :class:`~wa_omnichannel.errors.LinkExpired` if it is too old.
        Refused: The answers do not fit the questions, or it was answered before.
    """
    invitation, survey = yield from _invited(rules, path)
    answers = check_answers(survey, scores, comment)
    if isinstance(answers, Refused):
        raise answers
    try:
        return (yield from until_agreed(lambda: _keep(rules, invitation, answers)))
    except AlreadyDone:
        check = Check("SUR-10", False, "survey_answered")
        raise Refused(check.code, check.facts, (check,)) from None


def _keep(rules: Rules, invitation: Invitation, answers: Answers) -> Flow[Answers]:
    at = yield from now()
    listing = yield from find_conversation(invitation.conversation)
    loaded = yield from load_thread(listing.number, listing.contact)
    event = SurveyAnswered(invitation.conversation, invitation.survey, answers)
    decision = decide(rules, loaded.state, event, at)
    changes = changes_of(rules, loaded.rows, loaded.state, decision, at)
    yield from commit(attrs.evolve(changes, once=_once(invitation.conversation), result=answers))
    return answers


def answers_of(conversation: str) -> Flow[Answers | None]:
    """Return what the customer answered about a conversation, or None.

    Raises:
        NotFound: There is no such conversation.
    """
    key = done_key(_once(conversation))
    rows = yield from load(key, conversation_key(conversation))
    if conversation_key(conversation) not in rows:
        raise NotFound("conversation", conversation)
    return row(rows, key, Answers)
