"""Consent inside the decisions: what may be sent, what a message says, what the provider finds out."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel import consent, sending, session
from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import AttachmentRules
from wa_omnichannel.consent import Consent, ConsentRules, Scope, Statement
from wa_omnichannel.conversation import (
    Contact,
    Received,
    Record,
    SendFinished,
    SendRequested,
    State,
    StatusReported,
    Thread,
    decide,
)
from wa_omnichannel.conversation.merging import united
from wa_omnichannel.errors import NeedsTemplate, Refused
from wa_omnichannel.messages import (
    ButtonReply,
    Content,
    Inbound,
    Location,
    Media,
    Rejected,
    StatusReport,
    TemplateMessage,
    Text,
)
from wa_omnichannel.routing import Queue, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.sending import Allowed, SendPolicy, Situation
from wa_omnichannel.templates import Approval, Category, Template, Translation
from wa_omnichannel.testing import strategies

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = T0 + timedelta(minutes=1)
NUMBER = Address("+14155550100")
CUSTOMER = Address("+34600000001")
SID = "HX" + "0" * 32


def template(name: str, category: Category) -> Template:
    return Template(name, (Translation("es", "Hola", Approval.APPROVED, SID),), "es", category)


TEMPLATES = (template("pedido", Category.UTILITY), template("oferta", Category.MARKETING))
RULES = Rules(
    (Number(NUMBER, "Tienda", "main", "es", AttachmentRules(True, True, True)),),
    (Workstream("main", "all"),),
    (Queue("all"),),
    TEMPLATES,
)
UTILITY, MARKETING = TemplateMessage("pedido"), TemplateMessage("oferta")
OPEN = session.receive(session.NEVER_OPENED, T0)
STOPPED = consent.record(consent.UNKNOWN, Statement(Scope.EVERYTHING, False, T0, "word: stop"))

contents: st.SearchStrategy[Content] = st.sampled_from(
    [Text("Hola"), Location(40.4, -3.7), Media("https://example.com/a.jpg", "image/jpeg"), UTILITY, MARKETING]
)


def policy(*, required: bool = False) -> SendPolicy:
    known = RULES.send_policy(NUMBER)
    assert known is not None
    return attrs.evolve(known, consent=ConsentRules(required=required))


@given(contents, st.booleans(), st.booleans())
def test_nothing_is_allowed_to_somebody_who_opted_out(content: Content, is_open: bool, required: bool) -> None:
    window = OPEN if is_open else session.NEVER_OPENED
    verdict = sending.decide(policy(required=required), Situation(window, consent=STOPPED), content, LATER)
    assert isinstance(verdict, Refused)
    assert verdict.reason == "opted_out"
    assert verdict.rules == ("WA-OPTOUT",)
    assert [remedy.code for remedy in verdict.remedies] == ["customer_starts_again"]


@given(contents, st.booleans())
def test_without_a_record_and_without_the_setting_nothing_changes(content: Content, is_open: bool) -> None:
    window = OPEN if is_open else session.NEVER_OPENED
    verdict = sending.decide(policy(), Situation(window), content, LATER)
    assert not any(check.rule.startswith("WA-OPT") for check in verdict.trace)


@pytest.mark.parametrize(
    ("content", "is_open", "reason"),
    [
        (Text("Hola"), True, None),
        (UTILITY, True, None),
        (MARKETING, True, "consent_missing"),
        (UTILITY, False, "consent_missing"),
        (MARKETING, False, "consent_missing"),
        (Text("Hola"), False, "window_never_opened"),
    ],
)
def test_an_opt_in_is_needed_where_nobody_asked(content: Content, is_open: bool, reason: str | None) -> None:
    window = OPEN if is_open else session.NEVER_OPENED
    verdict = sending.decide(policy(required=True), Situation(window), content, LATER)
    assert (verdict.reason if isinstance(verdict, Refused) else None) == reason
    agreed = consent.record(consent.UNKNOWN, Statement(Scope.EVERYTHING, True, T0, "web form"))
    again = sending.decide(policy(required=True), Situation(window, consent=agreed), content, LATER)
    assert isinstance(again, NeedsTemplate if reason == "window_never_opened" else Allowed)
    assert again.trace[0].code == "consent_given"


@given(strategies.consents(), contents, strategies.windows(), strategies.instants(), st.booleans())
def test_a_template_that_is_offered_is_allowed(
    known: Consent, content: Content, window: session.Window, now: datetime, required: bool
) -> None:
    """A remedy that says it is sufficient is, whatever the customer said."""
    asked, about = policy(required=required), Situation(window, consent=known)
    verdict = sending.decide(asked, about, content, now)
    if isinstance(verdict, Refused):
        offered = [remedy for remedy in verdict.remedies if remedy.code == "use_template" and remedy.sufficient]
        for remedy in offered:
            again = sending.decide(asked, about, TemplateMessage(str(remedy.facts["template"])), now)
            assert isinstance(again, Allowed)


def test_templates_without_consent_are_not_offered() -> None:
    verdict = sending.decide(policy(required=True), Situation(), Text("Otra cosa"), T0)
    assert isinstance(verdict, NeedsTemplate)
    assert [remedy.code for remedy in verdict.remedies] == ["record_opt_in", "customer_writes"]
    known = consent.learn(consent.UNKNOWN, 63050, NUMBER, T0)
    verdict = sending.decide(policy(), Situation(consent=known), Text("Otra cosa"), T0)
    assert isinstance(verdict, NeedsTemplate)
    assert [remedy.code for remedy in verdict.remedies] == [
        "use_template",
        "customer_wants_marketing",
        "customer_writes",
    ]
    assert verdict.remedies[0].facts["template"] == "pedido"


def test_the_workstream_can_require_an_opt_in() -> None:
    strict = Rules(RULES.numbers, (Workstream("main", "all", consent_required=True),), RULES.queues, TEMPLATES)
    known = strict.send_policy(NUMBER)
    assert known is not None
    assert known.consent.required
    assert not policy().consent.required


def thread(window: session.Window = session.NEVER_OPENED) -> State:
    return State(Contact("c1", (CUSTOMER,)), Thread(NUMBER, "c1", CUSTOMER, window))


def says(state: State, content: Content, at: datetime) -> tuple[State, list[str]]:
    inbound = Inbound("SM1", NUMBER, (CUSTOMER,), content)
    decision = decide(RULES, state, Received(inbound, at, "m1", "v1"), at)
    return decision.state, [effect.kind for effect in decision.effects if isinstance(effect, Record)]


def asks(state: State, content: Content, at: datetime) -> str:
    decision = decide(RULES, state, SendRequested("m2", content), at)
    return decision.refusal.reason if decision.refusal else "accepted"


def test_a_stop_word_counts_before_anything_else_looks_at_the_message() -> None:
    state, kinds = says(thread(), Text("¡BAJA!"), T0)
    assert kinds[0] == "opted_out"
    assert "message_received" in kinds
    assert session.is_open(state.thread.window, T0)
    assert [asks(state, content, LATER) for content in (Text("Otra cosa"), UTILITY, MARKETING)] == ["opted_out"] * 3
    state, kinds = says(state, Text("Alta"), LATER)
    assert kinds[0] == "opted_in"
    assert asks(state, Text("Otra cosa"), LATER) == "accepted"


def test_a_button_can_stop_marketing() -> None:
    state, kinds = says(thread(), ButtonReply("Stop promotions", "stop"), T0)
    assert kinds[0] == "opted_out"
    assert [asks(state, content, LATER) for content in (UTILITY, MARKETING)] == ["accepted", "opted_out_of_marketing"]


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        (21610, ["opted_out", "opted_out"]),
        (63014, ["number_blocked", "number_blocked"]),
        (63033, ["number_blocked", "number_blocked"]),
        (63050, ["accepted", "opted_out_of_marketing"]),
        (63024, ["accepted", "accepted"]),
    ],
)
@pytest.mark.parametrize("by_callback", [False, True])
def test_what_the_provider_finds_out_is_kept(code: int, reasons: list[str], by_callback: bool) -> None:
    state = decide(RULES, thread(), SendRequested("m2", UTILITY), T0).state
    event = (
        StatusReported(StatusReport("SM2", "undelivered", error_code=code))
        if by_callback
        else SendFinished(Rejected(code, ""))
    )
    decision = decide(RULES, state, event, T0)
    assert [asks(decision.state, content, LATER) for content in (UTILITY, MARKETING)] == reasons
    again = decide(RULES, decision.state, event, LATER)
    assert again.state.contact.consent == decision.state.contact.consent


@pytest.mark.parametrize("stopped_first", [False, True])
def test_when_two_contacts_become_one_the_stricter_consent_counts(stopped_first: bool) -> None:
    agreed = consent.record(consent.UNKNOWN, Statement(Scope.EVERYTHING, True, LATER, "web form"))
    one, other = Contact("c1", consent=STOPPED), Contact("c2", consent=agreed)
    merged = united(one, other) if stopped_first else united(other, one)
    assert merged.consent == STOPPED


def test_a_block_is_over_when_the_customer_writes_again() -> None:
    state = decide(RULES, thread(), SendRequested("m2", UTILITY), T0).state
    state = decide(RULES, state, StatusReported(StatusReport("SM2", "failed", error_code=63014)), T0).state
    assert asks(state, UTILITY, LATER) == "number_blocked"
    state, _ = says(state, Text("Otra cosa"), LATER)
    assert asks(state, UTILITY, LATER) == "accepted"
