"""One decision for everything that is to be sent: total, explained, exact, and its remedies work."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wa_omnichannel import sending, session
from wa_omnichannel.attachments import AttachmentRules
from wa_omnichannel.errors import InvalidValue, NeedsTemplate, Refused
from wa_omnichannel.explain import LANGUAGES, Remedy
from wa_omnichannel.messages import Content, Media, TemplateMessage, Text
from wa_omnichannel.sending import Allowed, SendPolicy, Situation
from wa_omnichannel.session import Window
from wa_omnichannel.templates import MAX_FILLED, Approval, Template, Translation
from wa_omnichannel.templates.kinds import KINDS
from wa_omnichannel.testing import strategies as wa

TICK = timedelta(microseconds=1)
PLAIN = st.builds(Text, st.text(min_size=1, max_size=20).filter(str.strip))
SECOND = timedelta(seconds=1)
SID = "HX" + "1" * 32
IN_SESSION = sorted(name for name, kind in KINDS.items() if kind.in_session and not kind.approvable)


@attrs.frozen
class Question:
    """The arguments of one decision."""

    policy: SendPolicy
    situation: Situation
    content: Content
    now: datetime

    def ask(self) -> sending.Verdict:
        return sending.decide(self.policy, self.situation, self.content, self.now)


@st.composite
def questions(draw: st.DrawFn, contents: st.SearchStrategy[Content] | None = None) -> Question:
    situation = draw(wa.situations())
    now = draw(wa.moments(situation.window))
    return Question(draw(wa.send_policies()), situation, draw(wa.contents() if contents is None else contents), now)


@st.composite
def open_questions(draw: st.DrawFn, contents: st.SearchStrategy[Content] | None = None) -> Question:
    """Make questions while the window is open."""
    question = draw(questions(contents))
    age = draw(st.timedeltas(timedelta(0), session.WINDOW - question.policy.margin - TICK))
    window = Window(question.now.astimezone(UTC) - age)
    return attrs.evolve(question, situation=attrs.evolve(question.situation, window=window))


@st.composite
def strict_questions(draw: st.DrawFn) -> Question:
    """Make questions under secondary rules, with everything that settings can switch on."""
    question = draw(questions() | open_questions())
    names = sorted(question.policy.templates)
    policy = attrs.evolve(
        question.policy,
        limits=draw(wa.send_limits()),
        split=draw(st.sampled_from((None, list))),
        translate=draw(st.booleans()),
        fallback=draw(st.sampled_from((None, "gone", *names))),
    )
    situation = attrs.evolve(
        question.situation,
        addresses=draw(st.lists(wa.addresses(), min_size=1, max_size=2).map(tuple)),
        counters=draw(wa.counters()),
    )
    long = st.builds(lambda times: Text("**palabra** " * times), st.integers(1, 400))
    content = draw(st.just(question.content) | long)
    return Question(policy, situation, content, question.now)


@st.composite
def in_session_questions(draw: st.DrawFn) -> Question:
    """Make questions about a template of a kind that nobody approves, which may even be named to go out instead."""
    question = draw(strict_questions())
    translation = Translation("es", "Elija", draw(st.sampled_from(Approval)), SID, draw(st.sampled_from(IN_SESSION)))
    known = {**question.policy.templates, "list": Template("list", (translation,), "es")}
    policy = attrs.evolve(
        question.policy, templates=known, fallback=draw(st.sampled_from((question.policy.fallback, "list")))
    )
    return attrs.evolve(question, policy=policy, content=TemplateMessage("list"))


def is_open(question: Question) -> bool:
    return session.is_open(question.situation.window, question.now, question.policy.margin)


@given(questions() | open_questions() | strict_questions())
def test_decide_always_answers_and_the_last_check_decided(question: Question) -> None:
    verdict = question.ask()
    assert all(check.met for check in verdict.trace[:-1])
    assert verdict.trace[-1].met == isinstance(verdict, Allowed) == (not isinstance(verdict, Refused))
    if isinstance(verdict, Refused):
        decided = verdict.trace[-1]
        assert (verdict.reason, verdict.facts, verdict.rules[-1]) == (decided.code, decided.facts, decided.rule)
        for language in LANGUAGES:
            assert verdict.explain(language).splitlines()[0] == decided.sentence(language)


@given(questions() | strict_questions() | in_session_questions())
def test_ses_4_nothing_free_form_is_allowed_outside_the_window(question: Question) -> None:
    """Also not in parts, translated, as a template that nobody approves, or as the one that goes out instead."""
    assume(not is_open(question))
    for verdict in (question.ask(), sending.fallback(question.policy, question.situation, question.now)):
        if isinstance(verdict, Allowed):
            assert isinstance(verdict.content, TemplateMessage)
            chosen = question.policy.templates[verdict.content.name].translation(str(verdict.content.language))
            assert chosen is not None
            assert chosen.sendable
            assert not chosen.session_only
            assert (verdict.rest, verdict.deadline) == ((), None)


@given(questions(wa.template_messages()))
def test_ses_4_a_template_does_not_care_about_the_window(question: Question) -> None:
    never = attrs.evolve(question, situation=attrs.evolve(question.situation, window=session.NEVER_OPENED))
    verdict, anyway = question.ask(), never.ask()
    assert type(verdict) is type(anyway)
    if isinstance(verdict, Allowed):
        assert verdict == anyway
        assert verdict.deadline is None


@given(open_questions(PLAIN))
def test_ses_1_a_reply_within_24_hours_needs_no_template(question: Question) -> None:
    assert isinstance(question.ask(), Allowed)


@given(open_questions())
def test_ses_3_a_session_message_may_carry_media(question: Question) -> None:
    photo = Media("https://example.com/a.jpg", "image/jpeg", "Look", size=1000)
    policy = attrs.evolve(question.policy, attachments=AttachmentRules(True, True, True))
    assert isinstance(attrs.evolve(question, content=photo, policy=policy).ask(), Allowed)


@given(open_questions(wa.texts() | wa.media()))
def test_ses_8_the_deadline_is_exact(question: Question) -> None:
    verdict = question.ask()
    assume(isinstance(verdict, Allowed))
    assert isinstance(verdict, Allowed)
    assert verdict.deadline is not None
    just_before = attrs.evolve(question, now=verdict.deadline - TICK).ask()
    assert isinstance(just_before, Allowed)
    assert just_before.deadline == verdict.deadline
    assert isinstance(attrs.evolve(question, now=verdict.deadline).ask(), NeedsTemplate)


@given(open_questions(PLAIN) | questions())
def test_the_provider_may_never_hold_a_message_beyond_its_deadline(question: Question) -> None:
    """Except that a second is the shortest time the provider knows."""
    verdict = question.ask()
    if isinstance(verdict, Allowed):
        left = verdict.deadline - question.now if verdict.deadline else sending.MAX_VALIDITY
        assert SECOND <= verdict.validity <= sending.MAX_VALIDITY
        assert verdict.validity <= max(left, SECOND)
        assert not verdict.validity % SECOND


def fill(names: object) -> dict[str, str]:
    assert isinstance(names, tuple)
    return {str(name): "x" for name in names}


def filled(question: Question, facts: Mapping[str, object]) -> Question:
    content = question.content
    assert isinstance(content, TemplateMessage)
    assert isinstance(facts["extra"], tuple)
    kept = {name: value for name, value in content.variables.items() if name not in facts["extra"]}
    variables = kept | fill(facts["missing"]) | fill(facts["bad"])
    return attrs.evolve(question, content=attrs.evolve(content, variables=variables))


def applied(question: Question, remedy: Remedy) -> Question:
    """Do what the remedy says."""
    facts = remedy.facts
    if remedy.code == "customer_writes":
        window = session.receive(question.situation.window, question.now)
        return attrs.evolve(question, situation=attrs.evolve(question.situation, window=window))
    if remedy.code == "use_template":
        instead = TemplateMessage(str(facts["template"]), fill(facts["variables"]), str(facts["language"]))
        return attrs.evolve(question, content=instead)
    if remedy.code == "use_same_template":
        values = facts["values"]
        assert isinstance(values, Mapping)
        return attrs.evolve(question, content=TemplateMessage(str(facts["template"]), values, str(facts["language"])))
    assert remedy.code == "fill_variables"
    return filled(question, facts)


@given(questions() | strict_questions() | in_session_questions())
def test_a_remedy_offered_as_sufficient_is_sufficient(question: Question) -> None:
    refuted = question.situation.window.refuted_at
    assume(refuted is None or refuted < question.now)
    verdict = question.ask()
    if isinstance(verdict, Refused):
        for remedy in verdict.remedies:
            if remedy.sufficient:
                assert isinstance(applied(question, remedy).ask(), Allowed), remedy


def test_values_that_make_a_template_too_long_are_to_be_shortened() -> None:
    """Filling in again what is there already would not help, so that is not offered as sufficient."""
    content_sid = "HX" + "0" * 32
    template = Template("t", (Translation("es", "Hola {{1}}", Approval.APPROVED, content_sid),), "es")
    message = TemplateMessage("t", {"1": "x" * MAX_FILLED})
    verdict = sending.decide(SendPolicy("es", {"t": template}), Situation(), message, datetime.now(UTC))
    assert isinstance(verdict, Refused)
    assert [(remedy.code, remedy.sufficient) for remedy in verdict.remedies] == [("shorten_variables", False)]
    assert verdict.remedies[0].sentence() == "Shorten the values: the text has 1029 characters; 1024 fit."
    also_unknown = attrs.evolve(message, variables={**message.variables, "2": "x"})
    verdict = sending.decide(SendPolicy("es", {"t": template}), Situation(), also_unknown, datetime.now(UTC))
    assert isinstance(verdict, Refused)
    assert [(remedy.code, remedy.sufficient) for remedy in verdict.remedies] == [
        ("fill_variables", False),
        ("shorten_variables", False),
    ]


@given(questions(wa.template_messages()))
def test_peers_case_11_only_an_approved_and_linked_template_is_sent(question: Question) -> None:
    verdict = question.ask()
    if isinstance(verdict, Allowed):
        assert isinstance(verdict.content, TemplateMessage)
        template = question.policy.templates[verdict.content.name]
        chosen = template.translation(str(verdict.content.language))
        assert chosen is not None
        assert chosen.approval.state is Approval.APPROVED
        assert verdict.content.content_sid == chosen.content_sid is not None
        assert set(verdict.content.variables) == set(chosen.variables)


@given(questions())
def test_a_closed_window_offers_exactly_the_templates_that_can_be_sent(question: Question) -> None:
    verdict = question.ask()
    if isinstance(verdict, NeedsTemplate):
        offered = {str(r.facts["template"]) for r in verdict.remedies if r.code == "use_template"}
        language = question.situation.language or question.policy.language
        sendable = {name for name, t in question.policy.templates.items() if t.choose(language).sendable}
        assert offered == sendable
        assert [r.code for r in verdict.remedies][-1] == "customer_writes"
        assert ("approve_template" in [r.code for r in verdict.remedies]) == (not sendable)


@given(questions())
def test_a_naive_now_is_a_typed_error(question: Question) -> None:
    with pytest.raises(InvalidValue, match="now"):
        attrs.evolve(question, now=question.now.replace(tzinfo=None)).ask()
