"""Surveys in a whole channel: who is asked, when, how often, and what becomes of the answers."""

from datetime import timedelta

import attrs
import pytest
from tests.support.desk import PUBLIC, Desk
from tests.support.shop import ANA, NUMBER, shop

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.automation import Fallback, LifeRules, Limits
from wa_omnichannel.consent import Scope, Statement
from wa_omnichannel.errors import LinkExpired, NotFound, Refused
from wa_omnichannel.messages import TemplateMessage, Text
from wa_omnichannel.rules import Rules
from wa_omnichannel.surveys import Answers, Survey, SurveySettings
from wa_omnichannel.workforce import Presence

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AFTER = Survey("after")


def asking(settings: SurveySettings = SurveySettings(AFTER), **life: Limits) -> Rules:  # noqa: B008 - frozen
    rules = shop()
    numbers = [attrs.evolve(number, survey=settings) if number.number == NUMBER else number for number in rules.numbers]
    return attrs.evolve(rules, numbers=numbers, life=LifeRules(**life))  # type: ignore[arg-type]


def served(rules: Rules | None = None) -> Desk:
    desk = Desk(rules or asking())
    desk.hears("IN1")
    desk.accept(desk.latest().id, "ana")
    return desk


def closes(desk: Desk) -> Desk:
    desk.close(desk.latest().id, agent="ana")
    desk.tick()
    return desk


def link(desk: Desk) -> str:
    """Return the path of the link that the customer was sent last."""
    content = desk.provider.arrived[-1].outgoing.content
    text = content.body if isinstance(content, Text) else content.variables["1"]  # type: ignore[union-attr]
    return text.rpartition(" ")[2].removeprefix(PUBLIC)


def test_sur_4_a_survey_is_sent_once_after_the_agent_closed() -> None:
    desk = served()
    desk.end(desk.latest().id, agent="ana")
    desk.tick()
    assert desk.said() == []
    closes(desk)
    desk.waits(DAY)
    (said,) = desk.said()
    assert said.startswith("Gracias por hablar con nosotros. ¿Qué tal lo hemos hecho? https://")
    assert desk.survey(link(desk)).survey == AFTER


def test_sur_4_a_survey_is_sent_after_the_system_closed() -> None:
    desk = served(asking(limits=Limits(active=2 * HOUR)))
    desk.waits(3 * HOUR)
    assert len(desk.said()) == 1


def test_sur_4_a_conversation_that_nobody_ever_had_is_not_asked_about() -> None:
    desk = Desk(asking(limits=Limits(open=HOUR)))
    desk.set_presence("ana", Presence.OFFLINE)
    desk.hears("IN1")
    desk.waits(2 * HOUR)
    assert desk.latest().status.value == "closed"
    assert desk.said() == []


def test_sur_1_a_number_without_a_survey_sends_none() -> None:
    assert closes(served(asking(SurveySettings()))).said() == []


def test_sur_8_the_answers_are_kept_and_on_the_timeline() -> None:
    desk = closes(served())
    conversation = desk.latest().id
    assert desk.survey_answers(conversation) is None
    kept = desk.answer_survey(link(desk), {"csat": "5", "nps": "9"}, "Muy amables")
    assert kept == desk.survey_answers(conversation) == Answers({"csat": 5, "nps": 9}, "Muy amables")
    (fact,) = desk.facts("survey_answered")
    assert (fact["csat"], fact["nps"], fact["comment"]) == (5, 9, "Muy amables")
    assert desk.timeline(conversation)[-1].event.kind == "survey_answered"


def test_sur_10_a_link_takes_answers_once() -> None:
    desk = closes(served())
    path = link(desk)
    desk.answer_survey(path, {"csat": "5"})
    assert desk.survey(path).answered
    with pytest.raises(Refused) as refused:
        desk.answer_survey(path, {"csat": "1"})
    assert refused.value.reason == "survey_answered"
    assert desk.survey_answers(desk.latest().id) == Answers({"csat": 5})
    assert len(desk.facts("survey_answered")) == 1


def test_sur_10_a_link_that_expired_takes_none() -> None:
    desk = closes(served(asking(SurveySettings(AFTER, expires_after=DAY))))
    path = link(desk)
    desk.clock.advance(DAY)
    with pytest.raises(LinkExpired):
        desk.answer_survey(path, {"csat": "5"})
    with pytest.raises(LinkExpired):
        desk.survey(path)
    assert desk.facts("survey_answered") == []


def test_answers_that_do_not_fit_change_nothing_and_may_be_given_again() -> None:
    desk = closes(served())
    with pytest.raises(Refused) as refused:
        desk.answer_survey(link(desk), {"csat": "6"})
    assert refused.value.reason == "survey_score_out_of_range"
    assert desk.survey_answers(desk.latest().id) is None
    desk.answer_survey(link(desk), {"csat": "4"})


def test_a_link_of_a_number_or_survey_that_is_gone_takes_none() -> None:
    desk = closes(served())
    path = link(desk)
    desk.rules = asking(SurveySettings(Survey("another")))
    with pytest.raises(Refused) as refused:
        desk.survey(path)
    assert refused.value.reason == "survey_gone"
    desk.rules = attrs.evolve(desk.rules, numbers=[number for number in desk.rules.numbers if number.number != NUMBER])
    with pytest.raises(NotFound):
        desk.survey(path)


def test_sur_11_outside_the_window_the_template_is_sent_or_the_reason_recorded() -> None:
    desk = served()
    desk.clock.advance(25 * HOUR)
    closes(desk)
    assert desk.said() == []
    assert [fact["reason"] for fact in desk.facts("automated_message_withheld")] == ["window_closed"]
    fallback = Fallback("order_ready", {"1": "Su opinión: {$SurveyLink$}"})
    desk = served(asking(SurveySettings(AFTER, fallback=fallback)))
    desk.clock.advance(25 * HOUR)
    closes(desk)
    assert isinstance(desk.provider.arrived[-1].outgoing.content, TemplateMessage)
    assert desk.survey(link(desk)).survey == AFTER


def test_a_customer_who_opted_out_is_not_asked() -> None:
    desk = served()
    desk.record_consent(ANA, Statement(Scope.EVERYTHING, False, desk.clock.now(), "form"))
    closes(desk)
    assert desk.said() == []
    assert len(desk.facts("automated_message_withheld")) == 1


def test_a_channel_that_makes_no_links_says_so() -> None:
    desk = served()
    desk._outside.survey_links = None
    closes(desk)
    assert [fact["reason"] for fact in desk.facts("survey_withheld")] == ["surveys_have_no_links"]
    with pytest.raises(NotFound):
        desk.survey("/survey/x")


def test_each_conversation_is_asked_about_also_one_that_a_new_one_followed() -> None:
    desk = served()
    desk.end(desk.latest().id, agent="ana")
    desk.hears("IN2")
    desk.tick()
    assert len(desk.said()) == 1


def test_answers_survive_in_a_database(tmp_path) -> None:
    with SqliteStore(tmp_path / "desk.db") as store:
        desk = Desk(asking(), store=store)
        desk.hears("IN1")
        desk.accept(desk.latest().id, "ana")
        closes(desk)
        desk.answer_survey(link(desk), {"csat": "3"}, "Año")
        assert desk.survey_answers(desk.latest().id) == Answers({"csat": 3}, "Año")
    with SqliteStore(tmp_path / "desk.db") as store:
        again = Desk(asking(), store=store)
        assert again.survey_answers(again.latest().id) == Answers({"csat": 3}, "Año")
    with pytest.raises(NotFound):
        Desk(asking()).survey_answers("nobody")
