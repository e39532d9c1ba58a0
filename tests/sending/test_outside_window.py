"""What happens outside the window: WhatsApp's 63016, and the template that goes out instead, once."""

from collections.abc import Sequence
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, CONTENT_SID, NOW, NUMBER, shop
from tests.support.stage import FAULTS, Stage

from wa_omnichannel import session
from wa_omnichannel._flows import sending
from wa_omnichannel._flows.sending import Order
from wa_omnichannel._flows.steps import Commit, Send
from wa_omnichannel.consent import Scope, Statement
from wa_omnichannel.conversation import Message
from wa_omnichannel.errors import ConfigurationError, NeedsTemplate
from wa_omnichannel.messages import Accepted, DeliveryStatus, Inbound, NotSent, Rejected, TemplateMessage, Text
from wa_omnichannel.rules import Rules
from wa_omnichannel.sources import Source
from wa_omnichannel.templates import Approval, Category, Template, Translation, Variable

WAITING = Template(
    "waiting",
    (
        Translation(
            "es",
            "Hola {{1}}, tenemos una respuesta para usted.",
            Approval.APPROVED,
            CONTENT_SID,
            declared=(Variable("1", Source.CUSTOMER, "first_name", "Ana"),),
        ),
    ),
    "es",
)
LIST = Template("list", (Translation("es", "Elija", content_sid=CONTENT_SID, kind="twilio/list-picker"),), "es")
DAY = timedelta(days=1)


def rules(*, category: Category = Category.UTILITY, by: str = "number") -> Rules:
    """Return the shop's settings, with a template that goes out instead."""
    known = shop()
    workstream = known.workstreams[0]
    if by == "workstream":
        workstream = attrs.evolve(workstream, fallback_template="waiting")
    return Rules(
        [attrs.evolve(number, fallback="waiting" if by == "number" else None) for number in known.numbers],
        [workstream],
        known.queues,
        [attrs.evolve(WAITING, category=category), LIST],
    )


def stage(settings: Rules | None = None, name: str = "Ana María") -> Stage:
    """Return a channel on which Ana wrote at :data:`NOW`."""
    made = Stage(settings or rules())
    made.desk.receive(made.provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Hola"), name), NOW))
    return made


def told(made: Stage) -> list[str]:
    """What the timeline says about templates that went out instead."""
    return [kind for kind in made.kinds() if kind.startswith("fallback")]


def sent(made: Stage) -> list[str]:
    """The texts and templates that reached the customer."""
    return [content.name if isinstance(content, TemplateMessage) else str(content) for content in made.arrived()]


@pytest.mark.parametrize("by", ["number", "workstream"])
def test_ses_4_the_template_of_the_settings_goes_out_instead_of_a_late_text(by: str) -> None:
    made = stage(rules(by=by))
    made.clock.advance(DAY)
    message = made.desk.reply(made.conversation.id, Text("¿Sigue ahí?"))
    assert isinstance(message.content, TemplateMessage)
    assert message.content.variables == {"1": "Ana"}
    assert (sent(made), told(made)) == (["waiting"], ["fallback_used"])
    used = next(h.event for h in made.desk.events(limit=100) if h.event.kind == "fallback_used")
    assert (used.facts["reason"], used.facts["text"]) == ("window_closed", "¿Sigue ahí?")
    assert {"SES-4", "TPL-4"} <= {check.rule for check in used.trace}


def test_peers_case_5_a_text_whose_window_closed_while_it_waited_is_replaced_at_dispatch() -> None:
    made = stage()
    made.provider.plan(NotSent("busy"))
    message = made.desk.reply(made.conversation.id, Text("Enseguida"))
    assert message.status is DeliveryStatus.PENDING
    made.pass_time(DAY)
    made.works()
    assert (sent(made), told(made)) == (["waiting"], ["fallback_used"])
    assert made.message(message.id).status is DeliveryStatus.QUEUED


def test_whoever_asks_before_is_told_what_would_go_out() -> None:
    made = stage()
    made.clock.advance(DAY)
    verdict = made.desk.can_send(NUMBER, ANA, Text("¿Sigue ahí?"))
    assert isinstance(verdict, NeedsTemplate)
    assert [remedy.code for remedy in verdict.remedies] == ["send_fallback", "use_template", "customer_writes"]
    assert "'waiting'" in verdict.remedies[0].sentence("es")


@pytest.mark.parametrize("reason", ["went out", "stopped", "value unknown", "not approved"])
def test_a_template_that_would_not_go_out_is_not_promised(reason: str) -> None:
    settings = rules(category=Category.MARKETING)
    if reason == "not approved":
        paused = attrs.evolve(WAITING.translations[0], approval=Approval.PAUSED)
        settings = attrs.evolve(settings, templates=[attrs.evolve(WAITING, translations=(paused,))])
    made = stage(settings, "" if reason == "value unknown" else "Ana")
    made.clock.advance(DAY)
    if reason == "went out":
        made.desk.reply(made.conversation.id, Text("uno"))
    if reason == "stopped":
        made.desk.record_consent(ANA, Statement(Scope.MARKETING, False, NOW, "web form"))
    verdict = made.desk.can_send(NUMBER, ANA, Text("¿Sigue ahí?"))
    assert isinstance(verdict, NeedsTemplate)
    assert "send_fallback" not in [remedy.code for remedy in verdict.remedies]


@pytest.mark.parametrize("by", ["number", "workstream"])
def test_settings_that_name_no_template_are_refused_when_they_are_made(by: str) -> None:
    known = rules(by=by)
    who = f"Number {NUMBER}" if by == "number" else "Workstream 'main'"
    with pytest.raises(ConfigurationError, match="refers to the template 'waiting'; known are: list") as refused:
        Rules(known.numbers, known.workstreams, known.queues, [LIST])
    assert who in str(refused.value).replace("\\", "")


def test_nothing_goes_out_instead_when_the_settings_name_nothing() -> None:
    made = stage(shop())
    made.clock.advance(DAY)
    with pytest.raises(NeedsTemplate):
        made.desk.reply(made.conversation.id, Text("¿Sigue ahí?"))
    assert (sent(made), told(made)) == ([], [])


@pytest.mark.parametrize("scope", Scope)
def test_nobody_who_said_stop_gets_the_template(scope: Scope) -> None:
    made = stage(rules(category=Category.MARKETING))
    made.desk.record_consent(ANA, Statement(scope, False, NOW, "web form"))
    made.clock.advance(DAY)
    with pytest.raises(Exception, match=r"stop|24-hour"):
        made.desk.reply(made.conversation.id, Text("¿Sigue ahí?"))
    assert sent(made) == []
    assert told(made) == (["fallback_refused"] if scope is Scope.MARKETING else [])


def test_a_template_with_a_value_nobody_knows_does_not_go_out() -> None:
    made = stage(name="")
    made.clock.advance(DAY)
    with pytest.raises(NeedsTemplate):
        made.desk.reply(made.conversation.id, Text("¿Sigue ahí?"))
    assert (sent(made), told(made)) == ([], ["fallback_refused"])


# 63016


def refused_by_answer(made: Stage) -> Message:
    """Send a text that WhatsApp refuses as outside the window, at once."""
    made.provider.plan(Rejected(63016, ""))
    return made.desk.reply(made.conversation.id, Text("Hola"))


def refused_by_callback(made: Stage, words: str = "") -> Message:
    """Send a text that WhatsApp refuses as outside the window, in a callback."""
    message = made.desk.reply(made.conversation.id, Text("Hola"))
    made.play(made.reports(str(message.sid), "undelivered", message.id, 63016))
    made.works()
    return made.message(message.id)


@pytest.mark.parametrize("refuse", [refused_by_answer, refused_by_callback])
def test_peers_case_6_a_63016_is_remedied_once(refuse: object) -> None:
    """In the answer or in a callback, with no text: the window is corrected and the template goes out, once."""
    made = stage()
    made.clock.advance(timedelta(hours=1))
    message = refuse(made)  # type: ignore[operator]
    instead = made.message(str(message.replaced_by))
    assert instead.instead_of == message.id
    for word in ("failed", "undelivered", "undelivered"):
        made.play(made.reports(f"SM{1:032x}", word, message.id, 63016))
    made.settle()
    assert sent(made)[-1:] == ["waiting"]
    assert sent(made).count("waiting") == 1
    assert made.kinds().count("window_refuted") == 1
    assert told(made) == ["fallback_used"]
    assert session.closes_at(made.desk.thread(made.conversation.id).window) is None


def test_peers_case_6_a_63016_on_session_only_content_corrects_the_window() -> None:
    made = stage(shop_with_list())
    made.clock.advance(timedelta(hours=1))
    made.provider.plan(Rejected(63016, ""))
    made.desk.reply(made.conversation.id, TemplateMessage("list"))
    assert session.closes_at(made.desk.thread(made.conversation.id).window) is None
    needed = next(h.event for h in made.desk.events(limit=100) if h.event.kind == "template_needed")
    assert needed.trace[-1].code == "window_refuted"
    assert needed.facts["remedies"]


def shop_with_list() -> Rules:
    known = shop()
    return Rules(known.numbers, known.workstreams, known.queues, [LIST])


def test_peers_case_6_a_customer_who_wrote_after_the_dispatch_needs_no_template() -> None:
    made = stage()
    made.clock.advance(timedelta(hours=1))
    message = made.desk.reply(made.conversation.id, Text("Hola"))
    made.clock.advance(timedelta(minutes=1))
    made.desk.receive(
        made.provider.webhook(Inbound("IN2", NUMBER, (ANA,), Text("¿Hola?")), NOW + timedelta(hours=1, minutes=1))
    )
    made.play(made.reports(str(message.sid), "undelivered", message.id, 63016))
    made.settle()
    assert "waiting" not in sent(made)
    assert session.closes_at(made.desk.thread(made.conversation.id).window) == NOW + timedelta(hours=25, minutes=1)


def test_the_template_that_goes_out_instead_has_no_template_that_goes_out_instead() -> None:
    made = stage()
    made.clock.advance(timedelta(hours=1))
    made.provider.plan(Rejected(63016, ""))
    made.provider.plan(Rejected(63016, ""))
    made.desk.reply(made.conversation.id, Text("Hola"))
    made.settle()
    assert len(made.provider.handed) == 2
    assert told(made) == ["fallback_used"]


@pytest.mark.parametrize("between", [None, 30008])
def test_peers_case_6_a_63016_that_is_told_again_after_another_failure_is_remedied_once(between: int | None) -> None:
    """What is known about the failure stays, whatever a later callback leaves out or adds."""
    made = stage(shop())
    message = made.desk.reply(made.conversation.id, Text("Hola"))
    for word, code in (("undelivered", 63016), ("failed", between), ("failed", 63016)):
        made.play(made.reports(str(message.sid), word, message.id, code))
    assert made.message(message.id).error_code == 63016
    assert made.kinds().count("template_needed") == 1


@given(
    st.lists(st.sampled_from(("answer", "undelivered", "failed", "writes", "tick")), min_size=1, max_size=6),
    st.sampled_from((Accepted("SM" + "9" * 32, DeliveryStatus.QUEUED), Rejected(63016, "too late"))),
)
def test_the_template_goes_out_at_most_once_whatever_arrives(
    happenings: Sequence[str], answered: Accepted | Rejected
) -> None:
    made = stage()
    made.clock.advance(timedelta(hours=1))
    made.provider.plan(answered)
    message = made.desk.reply(made.conversation.id, Text("Hola"))
    for n, happened in enumerate(happenings):
        made.clock.advance(timedelta(seconds=1))
        if happened == "writes":
            made.play(made.hears(f"IN{n + 2}"))
        elif happened == "tick":
            made.works()
        else:
            word = "failed" if happened == "answer" else happened
            made.play(made.reports("SM" + "9" * 32, word, message.id, 63016))
    made.settle()
    assert sent(made).count("waiting") <= 1


@pytest.mark.parametrize("fault", ["crash before", "crash after", "conflict", "answer of the commit lost"])
@pytest.mark.parametrize("place", range(12))
def test_the_template_goes_out_once_whatever_breaks(fault: str, place: int) -> None:
    """A fault at each step of the flow that replaces a late text, and a caller who repeats its request."""
    made = stage()
    made.clock.advance(DAY)
    conversation = made.conversation.id
    kinds, break_it = FAULTS[fault]
    made.steps.clear()
    made.planted = (place, break_it) if kinds is not Commit else None
    if kinds is Commit:
        made.waiting = (Commit, break_it)
    made.insist(lambda: sending.reply(made.rules, conversation, Order(Text("¿Sigue ahí?")), "r1"))
    made.planted = made.waiting = None
    made.settle()
    assert sent(made) == ["waiting"]
    assert len([step for step in made.steps if isinstance(step, Send)]) <= 2


def test_ses_5_an_agent_who_answers_too_late_is_told_so() -> None:
    """The words and the event of the product; an application that answers too late gets the refusal alone."""
    made = stage(shop())
    made.play(made.hires())
    made.works()
    made.clock.advance(DAY)
    for agent in ("ana", None):
        with pytest.raises(NeedsTemplate, match="closed at"):
            made.desk.reply(made.conversation.id, Text("¿Sigue ahí?"), agent=agent)
    (shown,) = (h.event for h in made.desk.events(limit=100) if h.event.kind == "message_outside_window")
    assert shown.facts["shown"] == "This conversation has exceeded the 24 hour limit to respond to the customer."
    assert shown.trace[-1].rule == "SES-5"


def test_several_late_messages_bring_one_template_and_the_customer_reopens_that() -> None:
    made = stage()
    made.clock.advance(DAY)
    made.desk.reply(made.conversation.id, Text("uno"))
    with pytest.raises(NeedsTemplate):
        made.desk.reply(made.conversation.id, Text("dos"))
    assert (sent(made), told(made)) == (["waiting"], ["fallback_used", "fallback_refused"])
    made.play(made.hears("IN2"))
    made.clock.advance(timedelta(seconds=1))
    made.desk.receive(made.provider.webhook(Inbound("IN3", NUMBER, (ANA,), Text("Hola")), made.clock.now()))
    made.clock.advance(DAY)
    made.desk.reply(made.conversation.id, Text("tres"))
    assert sent(made) == ["waiting", "waiting"]


def test_the_parts_of_a_long_text_bring_one_template() -> None:
    settings = rules()
    numbers = [attrs.evolve(number, split=list) for number in settings.numbers]
    made = stage(Rules(numbers, settings.workstreams, settings.queues, settings.templates))
    made.provider.plan(NotSent("busy"))
    made.desk.reply(made.conversation.id, Text("palabra " * 500))
    made.clock.advance(DAY)
    made.store_clock.advance(DAY)
    made.settle()
    assert sent(made) == ["waiting"]
