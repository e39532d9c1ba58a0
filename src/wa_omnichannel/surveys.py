"""The survey after a conversation: a link in a message, a page with a few questions, answers that are kept.

* **SUR-1** per number: a survey, a message; off by default. **SUR-2** on WhatsApp there is the link mode only.
* **SUR-3** the message has at most 200 characters; the personal link is appended.
* **SUR-4** it is sent after the conversation was closed: by the agent, or by the system after its time.
* **SUR-5** a conversation that only a bot had gets the same survey, another one, or none.
* **SUR-6** only a published survey can be chosen; question sets: CSAT 1 to 5, NPS 0 to 10, CES 1 to 7, a comment.
* **SUR-7** a survey has one language: that of the number. **SUR-8** the customer's rating is a number, ``csat``.
* **SUR-9** answers are not tied to a signed-in person; the link alone says which conversation they are about.
* **SUR-10** Dynamics leaves the life of a link to the survey tool; ours expires and works once.
* **SUR-11** the message is a send like any other: outside the window a template goes, or the timeline says why not.

Source: Microsoft Learn, "Configure a post-conversation survey", "Create a survey".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

import attrs

from wa_omnichannel.automation import Fallback, Named, texts_of
from wa_omnichannel.errors import InvalidValue, Refused
from wa_omnichannel.explain import Check

LONGEST_MESSAGE = 200
"""Most characters of the message before the link (SUR-3)."""

LONGEST_COMMENT = 2000
"""Most characters of a comment."""

MESSAGES: Mapping[str, str] = {
    "en": "Thank you for talking with us. How did we do?",
    "es": "Gracias por hablar con nosotros. ¿Qué tal lo hemos hecho?",
    "pt": "Obrigado por falar connosco. Como nos saímos?",
}
"""The shipped message by language."""


NOBODY = Named()
"""What is known about a conversation that is no longer at hand."""


class Scale(Enum):
    """A question that is answered with a number."""

    CSAT = "csat"
    """How satisfied the customer is, from 1 to 5."""
    NPS = "nps"
    """How likely they are to recommend us, from 0 to 10."""
    CES = "ces"
    """How easy it was, from 1 to 7."""


RANGES: Mapping[Scale, range] = {Scale.CSAT: range(1, 6), Scale.NPS: range(11), Scale.CES: range(1, 8)}
"""The numbers that each question can be answered with (SUR-6)."""


@attrs.frozen
class Survey:
    """A set of questions.

    Raises:
        InvalidValue: It asks nothing.
    """

    name: str
    scales: tuple[Scale, ...] = (Scale.CSAT, Scale.NPS)
    comment: bool = True
    """Whether it asks for a comment."""
    published: bool = True
    """Whether it can be chosen (SUR-6)."""

    def __attrs_post_init__(self) -> None:
        if not self.scales and not self.comment:
            raise InvalidValue("scales", self.name, "A survey has at least one question.")


class BotOnly(Enum):
    """What a conversation gets that only a bot had (SUR-5)."""

    SAME = "same"
    OTHER = "other"
    NONE = "none"


class Mode(Enum):
    """How the questions reach the customer (SUR-2)."""

    LINK = "link"
    """A message with a link to a page."""
    INSERT = "insert"
    """Inside the conversation: for live chat only, refused here."""


def _check_mode(_: object, attribute: attrs.Attribute[Mode], value: Mode) -> None:
    if value is not Mode.LINK:
        raise InvalidValue(attribute.name, value.value, "WhatsApp has the link mode only (SUR-2).")


def _check_message(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if len(value) > LONGEST_MESSAGE:
        raise InvalidValue(attribute.name, value[:40], f"Use at most {LONGEST_MESSAGE} characters (SUR-3).")


def _check_survey(_: object, attribute: attrs.Attribute[Survey | None], value: Survey | None) -> None:
    if value is not None and not value.published:
        raise InvalidValue(attribute.name, value.name, "Only a published survey can be chosen (SUR-6).")


def _check_life(_: object, attribute: attrs.Attribute[timedelta], value: timedelta) -> None:
    if value <= timedelta(0):
        raise InvalidValue(attribute.name, str(value), "Use a duration of more than zero.")


_NO_SURVEY: Survey | None = None


@attrs.frozen
class SurveySettings:
    """The survey of one number (SUR-1); without a survey it is off.

    Raises:
        InvalidValue: The survey is not published, the message is too long, or the mode is not for WhatsApp.
    """

    survey: Survey | None = attrs.field(default=_NO_SURVEY, validator=_check_survey)
    message: str = attrs.field(default="", validator=_check_message)
    """What is said before the link; empty: the shipped text in the number's language."""
    mode: Mode = attrs.field(default=Mode.LINK, validator=_check_mode)
    bot_only: BotOnly = BotOnly.NONE
    bot_survey: Survey | None = attrs.field(default=_NO_SURVEY, validator=_check_survey)
    """The survey of :attr:`BotOnly.OTHER`."""
    expires_after: timedelta = attrs.field(default=timedelta(days=7), validator=_check_life)
    """How long the link works (SUR-10)."""
    fallback: Fallback | None = None
    """The template that is sent after the 24-hour window; ``{$SurveyLink$}`` in a value is the link (SUR-11)."""

    def wanted(self, *, bot_only: bool) -> Survey | None:
        """Return the survey that a conversation gets, or None (SUR-5).

        >>> SurveySettings(Survey("after")).wanted(bot_only=True) is None
        True
        """
        if not bot_only:
            return self.survey
        return {BotOnly.SAME: self.survey, BotOnly.OTHER: self.bot_survey, BotOnly.NONE: None}[self.bot_only]


@attrs.frozen
class Invitation:
    """What the personal link stands for; it travels inside the link, signed."""

    conversation: str
    survey: str
    """Name of the survey."""
    number: str
    language: str
    expires_at: datetime


@attrs.frozen
class Answers:
    """What the customer answered; a question that was left open is missing."""

    scores: Mapping[str, int]
    """By name of the question: ``csat``, ``nps``, ``ces``."""
    comment: str = ""

    @property
    def csat(self) -> int | None:
        """How satisfied they are, from 1 to 5 (SUR-8)."""
        return self.scores.get(Scale.CSAT.value)

    @property
    def nps(self) -> int | None:
        """How likely they are to recommend us, from 0 to 10."""
        return self.scores.get(Scale.NPS.value)


@attrs.frozen
class Questionnaire:
    """What the page behind a link shows."""

    survey: Survey
    language: str
    answered: bool
    """Whether somebody answered already; then nothing more is taken (SUR-10)."""


def message(settings: SurveySettings, language: str, link: str) -> str:
    """Return what the customer is sent: the message, and the personal link appended (SUR-3).

    >>> message(SurveySettings(Survey("after")), "es", "https://shop.example/survey/abc")
    'Gracias por hablar con nosotros. ¿Qué tal lo hemos hecho? https://shop.example/survey/abc'
    """
    return f"{settings.message or texts_of(MESSAGES, language)} {link}"


def check_answers(survey: Survey, scores: Mapping[str, str], comment: str = "") -> Answers | Refused:
    """Return what was filled in if it answers *survey*, otherwise why not.

    The refusal has the reason ``survey_question_unknown``, ``survey_score_out_of_range``, ``survey_comment_too_long``
    or ``survey_empty``.

    Args:
        survey: The questions.
        scores: What was chosen, by name of the question; empty texts are questions left open.
        comment: What was written.

    >>> check_answers(Survey("after"), {"csat": "5", "nps": ""}, " Gracias ")
    Answers(scores={'csat': 5}, comment='Gracias')
    >>> check_answers(Survey("after"), {"csat": "6"}).reason
    'survey_score_out_of_range'
    """
    given = {name: text for name, text in scores.items() if text}
    problem = next(filter(None, (_problem(survey, name, text) for name, text in given.items())), None)
    comment = comment.strip()
    if problem is None and len(comment) > LONGEST_COMMENT:
        facts = {"length": len(comment), "limit": LONGEST_COMMENT}
        problem = Check("SUR-6", False, "survey_comment_too_long", facts)
    if problem is None and not given and not (survey.comment and comment):
        problem = Check("SUR-6", False, "survey_empty")
    if problem is not None:
        return Refused(problem.code, problem.facts, (problem,))
    return Answers({name: int(text) for name, text in given.items()}, comment if survey.comment else "")


def _problem(survey: Survey, name: str, text: str) -> Check | None:
    scale = next((scale for scale in survey.scales if scale.value == name), None)
    if scale is None:
        return Check("SUR-6", False, "survey_question_unknown", {"question": name[:40]})
    allowed = RANGES[scale]
    if text in map(str, allowed):
        return None
    facts = {"question": name, "answer": text[:10], "first": allowed[0], "last": allowed[-1]}
    return Check("SUR-6", False, "survey_score_out_of_range", facts)
