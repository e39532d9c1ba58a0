"""What the decision to send says about templates: reasons, the age of the approval, remedies that work."""

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from wa_omnichannel import sending
from wa_omnichannel.errors import NeedsTemplate, Refused
from wa_omnichannel.messages import Content, TemplateMessage, Text
from wa_omnichannel.sending import Allowed, SendPolicy, Situation
from wa_omnichannel.session import Window
from wa_omnichannel.sources import Person, Source, Sources
from wa_omnichannel.templates import (
    MAX_FILLED,
    Approval,
    Standing,
    Template,
    Translation,
    Variable,
    observe,
    override,
)

AT = datetime(2026, 1, 2, 12, tzinfo=UTC)
SID, OTHER = "HX" + "0" * 32, "HX" + "1" * 32
READ = observe(Standing(), "approved", AT - timedelta(hours=3))
DECLARED = (Variable("1", Source.CUSTOMER, "first_name"), Variable("2", Source.CONTEXT, "OrderID"))
TEXT = "Hola {{1}}, su pedido {{2}} ya está listo."
ES = Translation("es", TEXT, READ, SID, declared=DECLARED)
EN = Translation("en", "Hello {{1}}, your order {{2}} is ready.", READ, OTHER)
OPEN, CLOSED = Window(AT - timedelta(hours=1)), Window(AT - timedelta(hours=25))
ANA = Sources(Person(first_name="Ana"), context={"OrderID": "4711"})
VALUES = {"1": "Ana", "2": "4711"}


def decide(content: Content, *translations: Translation, **more: Any) -> sending.Verdict:
    made = translations or (ES, EN)
    policy = SendPolicy("es", {"listo": Template("listo", made, made[0].language)})
    return sending.decide(policy, attrs.evolve(Situation(CLOSED), **more), content, AT)


def refused(content: Content, *translations: Translation, **more: Any) -> Refused:
    verdict = decide(content, *translations, **more)
    assert isinstance(verdict, Refused)
    return verdict


def allowed(content: Content, *translations: Translation, **more: Any) -> Allowed:
    verdict = decide(content, *translations, **more)
    assert isinstance(verdict, Allowed)
    return verdict


@pytest.mark.parametrize(
    ("language", "code", "sent"),
    [("es", "exact", "es"), ("es_MX", "parent", "es"), ("fr", "default", "es"), ("en_GB", "parent", "en")],
)
def test_tpl_10_the_trace_says_which_language_is_sent_and_why(language: str, code: str, sent: str) -> None:
    verdict = allowed(TemplateMessage("listo", VALUES), language=language)
    first = verdict.trace[0]
    assert (first.rule, first.code) == ("TPL-10", f"template_language_{code}")
    assert (first.facts["wanted"], first.facts["language"]) == (language, sent)
    assert isinstance(verdict.content, TemplateMessage)
    assert verdict.content.language == sent
    assert first.sentence("en") != first.sentence("es")


def test_the_age_of_the_approval_stands_in_the_verdict() -> None:
    check = next(item for item in allowed(TemplateMessage("listo", VALUES)).trace if item.rule == "TPL-4")
    assert check.facts["age"] == timedelta(hours=3)
    assert check.sentence() == "The template 'listo' is approved in es; WhatsApp was asked 3 h 0 min ago."


def test_an_override_is_named_in_the_verdict() -> None:
    declared = override(Approval.APPROVED, "ana", AT, "seen in the console")
    verdict = allowed(TemplateMessage("listo", VALUES), attrs.evolve(ES, approval=declared))
    check = next(item for item in verdict.trace if item.rule == "TPL-4")
    assert check.code == "template_approved_by_override"
    assert "seen in the console" in check.sentence("es")


@pytest.mark.parametrize("word", ["pending", "in_orbit", "paused"])
def test_tpl_2_tpl_4_the_providers_word_is_the_reason_and_another_language_the_remedy(word: str) -> None:
    held = attrs.evolve(ES, approval=observe(Standing(), word, AT))
    verdict = refused(TemplateMessage("listo", VALUES), held, EN)
    assert verdict.reason == "template_not_approved"
    assert verdict.facts["approval"] == word
    assert [remedy.code for remedy in verdict.remedies] == ["use_template", "await_approval"]
    assert verdict.remedies[0].facts["language"] == "en"


def test_tpl_5_an_unlinked_template_is_refused_with_linking_as_the_remedy() -> None:
    verdict = refused(TemplateMessage("listo", VALUES), attrs.evolve(ES, content_sid=None))
    assert (verdict.reason, verdict.trace[-1].rule) == ("template_unlinked", "TPL-5")
    assert [remedy.code for remedy in verdict.remedies] == ["link_template"]


def test_tpl_1_outside_the_window_only_a_pre_approved_template_is_sent() -> None:
    assert refused(Text("Hola")).reason == "window_closed"
    unsubmitted = attrs.evolve(ES, approval=Approval.UNSUBMITTED)
    assert refused(TemplateMessage("listo", VALUES), unsubmitted).reason == "template_not_approved"
    assert allowed(TemplateMessage("listo", VALUES)).deadline is None


def test_tpl_7_the_text_of_a_template_is_not_sent_as_text_but_the_template_is_offered() -> None:
    verdict = refused(Text("Hola Ana, su pedido 4711 ya está listo."))
    assert isinstance(verdict, NeedsTemplate)
    remedy = verdict.remedies[0]
    assert (remedy.code, remedy.sufficient) == ("use_same_template", True)
    assert remedy.facts == {"template": "listo", "language": "es", "values": VALUES}
    allowed(TemplateMessage("listo", VALUES, "es"))


PICKER = Translation("es", "Elija {{1}}", content_sid=SID, kind="twilio/list-picker")


def test_tpl_7_a_kind_that_nobody_approves_is_sent_while_the_window_is_open() -> None:
    verdict = allowed(TemplateMessage("listo", {"1": "x"}), PICKER, window=OPEN)
    assert verdict.deadline == AT + timedelta(hours=23)
    assert [check.rule for check in verdict.trace] == ["TPL-10", "TPL-7", "TPL-5", "WA-VARIABLES", "SES-2"]


def test_tpl_7_a_kind_that_nobody_approves_cannot_start_a_conversation() -> None:
    verdict = refused(TemplateMessage("listo", {"1": "x"}), PICKER)
    assert isinstance(verdict, NeedsTemplate)
    assert verdict.reason == "window_closed"
    approved = attrs.evolve(PICKER, approval=READ)  # whatever anybody says
    assert isinstance(refused(TemplateMessage("listo", {"1": "x"}), approved), NeedsTemplate)


@pytest.mark.parametrize("kind", ["twilio/schedule", "twilio/hologram"])
@pytest.mark.parametrize("window", [OPEN, CLOSED])
def test_a_kind_that_whatsapp_does_not_carry_is_never_sent(kind: str, window: Window) -> None:
    verdict = refused(TemplateMessage("listo", VALUES), attrs.evolve(ES, kind=kind), window=window)
    assert verdict.reason == "template_kind_unsendable"
    assert [remedy.code for remedy in verdict.remedies] == ["use_other_kind"]


def test_what_is_known_fills_the_variables_and_the_message_carries_them() -> None:
    verdict = allowed(TemplateMessage("listo"), known=ANA)
    assert isinstance(verdict.content, TemplateMessage)
    assert verdict.content.variables == VALUES
    again = allowed(verdict.content)  # at dispatch, with nothing known any more
    assert again.content == verdict.content


def test_a_source_that_does_not_know_leaves_the_variable_missing() -> None:
    verdict = refused(TemplateMessage("listo"), known=Sources(Person(first_name="Ana")))
    assert (verdict.reason, verdict.facts["missing"]) == ("template_variables_wrong", ("2",))


@pytest.mark.parametrize(("known", "wanted"), [(ANA, ()), (Sources(Person(first_name="Ana")), ("2",))])
def test_a_remedy_asks_only_for_what_is_not_known(known: Sources, wanted: tuple[str, ...]) -> None:
    offer = next(remedy for remedy in refused(Text("?"), known=known).remedies if remedy.code == "use_template")
    assert (offer.facts["variables"], offer.sufficient) == (wanted, True)
    allowed(TemplateMessage("listo", dict.fromkeys(wanted, "x")), known=known)


def test_a_remedy_that_could_not_fit_is_not_called_sufficient() -> None:
    long = attrs.evolve(ES, body="x" * (MAX_FILLED - 8) + " {{1}}", declared=DECLARED[:1])
    offer = refused(Text("?"), long, known=Sources(Person(first_name="Maximiliano"))).remedies[0]
    assert (offer.code, offer.sufficient) == ("use_template", False)


def test_remedies_are_worked_out_when_they_are_read_and_once() -> None:
    verdict = refused(Text("?"))
    assert callable(verdict._remedies)
    assert verdict.remedies is verdict.remedies
    assert not callable(verdict._remedies)


def test_a_refusal_can_go_to_another_process_unread() -> None:
    verdict = refused(Text("?"))
    copied = pickle.loads(pickle.dumps(verdict))
    assert isinstance(copied, NeedsTemplate)
    assert copied.remedies == verdict.remedies
    assert (copied.reason, copied.trace, copied.deadline) == (verdict.reason, verdict.trace, verdict.deadline)


def test_offers_do_not_depend_on_what_was_asked_before() -> None:
    template = Template("listo", (ES, EN), "es")
    asked = SendPolicy("es", {"listo": template})
    for n in range(200):
        assert asked.offers(f"x{chr(97 + n % 26)}{chr(97 + n // 26)}") == SendPolicy("es", {"listo": template}).offers(
            "fr"
        )
    assert asked.offers("en")[0].facts["language"] == "en"
    assert asked == SendPolicy("es", {"listo": template})
