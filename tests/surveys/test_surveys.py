"""The rules of surveys: settings, messages, answers."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.errors import InvalidValue, LinkExpired, NotFound, Refused
from wa_omnichannel.explain.texts import SENTENCES
from wa_omnichannel.integrations.links import SURVEYS, MediaLinks, PersonalLinks
from wa_omnichannel.ports import SharedFile
from wa_omnichannel.surveys import (
    LONGEST_COMMENT,
    MESSAGES,
    RANGES,
    Answers,
    BotOnly,
    Invitation,
    Mode,
    Scale,
    Survey,
    SurveySettings,
    check_answers,
    message,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AFTER = Survey("after", (Scale.CSAT, Scale.NPS, Scale.CES))
SHORT = Survey("short", (Scale.CSAT,), comment=False)


def test_sur_1_a_number_has_no_survey_by_default() -> None:
    assert SurveySettings().wanted(bot_only=False) is None
    assert SurveySettings(AFTER).wanted(bot_only=False) is AFTER


def test_sur_2_whatsapp_has_the_link_mode_only() -> None:
    assert SurveySettings(AFTER).mode is Mode.LINK
    with pytest.raises(InvalidValue, match="SUR-2"):
        SurveySettings(AFTER, mode=Mode.INSERT)


def test_sur_3_the_message_has_at_most_200_characters_and_the_link_is_appended() -> None:
    longest = SurveySettings(AFTER, "x" * 200)
    assert message(longest, "es", "https://l") == "x" * 200 + " https://l"
    assert message(SurveySettings(AFTER), "es_MX", "https://l") == f"{MESSAGES['es']} https://l"
    assert message(SurveySettings(AFTER), "de", "https://l") == f"{MESSAGES['en']} https://l"
    assert all(len(text) <= 200 for text in MESSAGES.values())
    with pytest.raises(InvalidValue, match="SUR-3"):
        SurveySettings(AFTER, "x" * 201)


def test_sur_5_a_conversation_that_only_a_bot_had_gets_the_same_survey_another_or_none() -> None:
    for kind, expected in ((BotOnly.SAME, AFTER), (BotOnly.OTHER, SHORT), (BotOnly.NONE, None)):
        chosen = SurveySettings(AFTER, bot_only=kind, bot_survey=SHORT)
        assert chosen.wanted(bot_only=True) is expected
        assert chosen.wanted(bot_only=False) is AFTER


def test_sur_6_only_a_published_survey_can_be_chosen_and_it_asks_something() -> None:
    with pytest.raises(InvalidValue, match="published"):
        SurveySettings(attrs.evolve(AFTER, published=False))
    with pytest.raises(InvalidValue, match="at least one"):
        Survey("empty", (), comment=False)
    assert (RANGES[Scale.CSAT], RANGES[Scale.NPS], RANGES[Scale.CES]) == (range(1, 6), range(11), range(1, 8))


@given(
    st.dictionaries(st.sampled_from(("csat", "nps", "ces", "x")), st.integers(-2, 12).map(str) | st.text(max_size=3)),
    st.text(max_size=30),
)
def test_answers_are_kept_exactly_when_each_fits_its_question(scores: dict[str, str], comment: str) -> None:
    given_scores = {name: text for name, text in scores.items() if text}
    fits = all(name != "x" and text in [str(n) for n in RANGES[Scale(name)]] for name, text in given_scores.items())
    found = check_answers(AFTER, scores, comment)
    if fits and (given_scores or comment.strip()):
        assert found == Answers({name: int(text) for name, text in given_scores.items()}, comment.strip())
    else:
        assert isinstance(found, Refused)
        assert found.reason in SENTENCES
        assert found.trace[-1].code == found.reason


def test_sur_8_the_rating_is_a_number() -> None:
    answers = check_answers(AFTER, {"csat": "4", "nps": "0"})
    assert isinstance(answers, Answers)
    assert (answers.csat, answers.nps) == (4, 0)
    assert (Answers({}).csat, Answers({}).nps) == (None, None)


def test_a_comment_has_a_limit_and_one_that_nobody_asked_for_is_not_kept() -> None:
    too_long = check_answers(AFTER, {}, "x" * (LONGEST_COMMENT + 1))
    assert isinstance(too_long, Refused)
    assert too_long.reason == "survey_comment_too_long"
    assert check_answers(SHORT, {"csat": "1"}, "hey") == Answers({"csat": 1})
    nothing = check_answers(SHORT, {}, "hey")
    assert isinstance(nothing, Refused)


# --- links -------------------------------------------------------------------------------------------------

BASE, SECRET, OTHER = "https://shop.example/wa", b"sixteen or more bytes", b"another secret for tests"
INVITED = Invitation("c1", "after", "+14155550100", "es", NOW + timedelta(days=7))


def links(*secrets: bytes) -> PersonalLinks:
    return PersonalLinks(BASE, secrets or (SECRET,))


def path_of(link: str) -> str:
    return link.removeprefix(BASE)


def test_sur_10_a_link_says_what_it_is_for_and_expires_at_its_instant() -> None:
    path = path_of(links().url(INVITED))
    assert path.startswith(SURVEYS)
    assert links().read(path, NOW) == INVITED
    assert links().read(path, INVITED.expires_at - timedelta(seconds=1)) == INVITED
    with pytest.raises(LinkExpired):
        links().read(path, INVITED.expires_at)


def test_sur_9_a_link_holds_nothing_about_the_customer() -> None:
    assert {field.name for field in attrs.fields(Invitation)} == {
        "conversation",
        "survey",
        "number",
        "language",
        "expires_at",
    }


@given(st.data())
def test_a_forged_link_is_none(data: st.DataObject) -> None:
    path = path_of(links().url(INVITED))
    place = data.draw(st.integers(len(SURVEYS), len(path) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019-_/=%"))
    forged = path[:place] + letter + path[place + 1 :]
    if forged != path and forged.split("/")[2] != path.split("/")[2]:
        with pytest.raises(NotFound):
            links().read(forged, NOW)


def test_a_link_of_somebody_else_or_for_something_else_is_none() -> None:
    foreign = path_of(links(OTHER).url(INVITED))
    file = MediaLinks(BASE, [SECRET]).url(SharedFile("b1", "text/plain", "a.txt", 1), NOW)
    disguised = path_of(file).replace("/files/", SURVEYS)
    for wrong in (foreign, disguised, SURVEYS, "/", "/files/x"):
        with pytest.raises(NotFound):
            links().read(wrong, NOW)


def test_a_new_secret_signs_and_the_old_one_is_still_accepted() -> None:
    old = path_of(links(SECRET).url(INVITED))
    assert links(OTHER, SECRET).read(old, NOW) == INVITED
    assert links(OTHER, SECRET).url(INVITED) == links(OTHER).url(INVITED)
    with pytest.raises(InvalidValue, match="secrets"):
        links(b"short")
