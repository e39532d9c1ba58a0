"""What a channel does, told as short stories over the façade and the reference store."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.support.shop import ANA, CONTENT_SID, FILES, NOW, NUMBER, OTHER_NUMBER, shop
from tests.support.stage import Photos

from wa_omnichannel.adapters.blobs import MemoryBlobs
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import AttachmentRules
from wa_omnichannel.conversation import Conversation, Message, Status
from wa_omnichannel.errors import InvalidValue, NeedsTemplate, NotFound, Refused, RequestConflict
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import (
    Content,
    DeliveryStatus,
    Inbound,
    Media,
    NotSent,
    StatusReport,
    TemplateMessage,
    Text,
    Unsupported,
)
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.routing import Queue, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.sending import Allowed
from wa_omnichannel.session import WINDOW, closes_at
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.testing.files import SAMPLES
from wa_omnichannel.workforce import Agent, Presence

HOUR = timedelta(hours=1)
HOLA = Text("Hola")
READY = TemplateMessage("order_ready", {"1": "Ana"})
PHOTO = Media("https://provider.example/photo", "image/jpeg", "Mire esto")


class Shop(Omnichannel):
    """A channel with everything within reach."""

    def __init__(self, rules: Rules | None = None, photos: Photos | None = None) -> None:
        self.clock = FixedClock(NOW)
        self.provider = RecordingTransport(self.clock)
        self.blobs = MemoryBlobs()
        super().__init__(
            rules or shop(),
            store=MemoryStore(),
            transport=self.provider,
            clock=self.clock,
            blobs=self.blobs,
            media=photos or Photos(),
            ids=CountingIds(),
        )
        self.put_agent(Agent("ana", "Ana", frozenset({"all", "billing"}), Presence.AVAILABLE, 2))

    def hears(self, sid: str, content: Content = HOLA, number: Address = NUMBER, at: datetime | None = None) -> int:
        return self.receive(self.provider.webhook(Inbound(sid, number, (ANA,), content), at)).status

    def latest(self) -> Conversation:
        return self.conversations()[0].conversation

    def kinds(self) -> list[str]:
        return [happening.event.kind for happening in self.events(limit=1000)]

    def facts(self, kind: str) -> list[dict[str, object]]:
        return [dict(happening.event.facts) for happening in self.events(limit=1000) if happening.event.kind == kind]

    def used(self) -> int:
        return self.agents()[0].used


@pytest.fixture
def desk() -> Shop:
    """A customer wrote an hour ago, and ana has the conversation."""
    desk = Shop()
    desk.hears("IN1")
    desk.tick()
    desk.accept(desk.latest().id, "ana")
    desk.clock.advance(HOUR)
    return desk


def test_ses_2_a_call_opens_the_window_of_a_customer_who_never_wrote() -> None:
    desk = Shop()
    thread = desk.record_call(NUMBER, ANA, NOW)
    assert closes_at(thread.window) == NOW + WINDOW
    assert isinstance(desk.can_send(NUMBER, ANA, HOLA), Allowed)
    assert desk.conversations() == ()
    assert desk.kinds().count("call_received") == 1


def test_a_call_during_a_conversation_extends_its_window(desk: Shop) -> None:
    desk.record_call(NUMBER, ANA)
    assert closes_at(desk.thread(desk.latest().id).window) == NOW + HOUR + WINDOW


def test_a_call_to_a_number_that_is_not_ours_is_refused() -> None:
    desk = Shop()
    with pytest.raises(Refused) as refused:
        desk.record_call("+14155550177", ANA)
    assert refused.value.reason == "number_unknown"
    with pytest.raises(InvalidValue, match=r"^at:"):
        desk.record_call(NUMBER, ANA, datetime(2026, 5, 1, 12))  # noqa: DTZ001 - a naive instant is the point


# --- the window --------------------------------------------------------------------------------------------


def test_a_refusal_explains_itself_in_english(desk: Shop) -> None:
    desk.clock.advance(24 * HOUR)
    with pytest.raises(NeedsTemplate) as refused:
        desk.reply(desk.latest().id, Text("¿Sigue ahí?"), agent="ana")
    assert str(refused.value) == (
        "The 24-hour window closed at 2026-05-02 12:00 UTC.\n"
        "- Send the approved template order_ready in es (variables: 1).\n"
        "- Wait for the customer: any message from them opens the window for 24 hours."
    ).replace("template order_ready", "template 'order_ready'")
    assert refused.value.rules == ("WA-TEXT", "SES-4")


def test_a_refusal_explains_itself_in_spanish(desk: Shop) -> None:
    desk.clock.advance(24 * HOUR)
    verdict = desk.can_send(NUMBER, ANA, Text("¿Sigue ahí?"))
    assert isinstance(verdict, NeedsTemplate)
    assert verdict.explain("es") == (
        "La ventana de 24 horas se cerró a las 2026-05-02 12:00 UTC.\n"
        "- Envíe la plantilla aprobada 'order_ready' en es (variables: 1).\n"
        "- Espere al cliente: cualquier mensaje suyo abre la ventana durante 24 horas."
    )


def test_the_refusal_stands_on_the_timeline_and_nothing_was_sent(desk: Shop) -> None:
    desk.clock.advance(24 * HOUR)
    with pytest.raises(Refused):
        desk.reply(desk.latest().id, Text("¿Sigue ahí?"), agent="ana")
    assert desk.facts("send_refused") == [{"reason": "window_closed", "text": "¿Sigue ahí?", "by": "ana"}]
    assert desk.provider.handed == []


def test_ses_4_a_template_passes_and_leaves_the_window_closed(desk: Shop) -> None:
    desk.clock.advance(24 * HOUR)
    sent = desk.reply(desk.latest().id, READY, agent="ana")
    assert sent.status is DeliveryStatus.QUEUED
    assert isinstance(sent.content, TemplateMessage)
    assert (sent.content.language, sent.content.content_sid) == ("es", CONTENT_SID)
    assert not desk.can_send(NUMBER, ANA, Text("Hola")).trace[-1].met
    desk.hears("IN2")
    assert isinstance(desk.can_send(NUMBER, ANA, Text("Hola")), Allowed)


def test_ses_7_the_window_counts_from_the_edge_not_from_processing(desk: Shop) -> None:
    """A webhook that waited in a queue for five hours, and its replay, give the same end."""
    at = desk.clock.now()
    desk.clock.advance(5 * HOUR)
    desk.hears("IN2", at=at)
    desk.hears("IN2", at=desk.clock.now())
    assert closes_at(desk.thread(desk.latest().id).window) == at + WINDOW


def test_ses_9_peers_case_3_the_window_survives_the_conversation_and_is_not_shared_between_numbers(desk: Shop) -> None:
    desk.close(desk.latest().id)
    assert isinstance(desk.can_send(NUMBER, ANA, Text("Hola")), Allowed)
    verdict = desk.can_send(OTHER_NUMBER, ANA, Text("Hola"))
    assert isinstance(verdict, Refused)
    assert verdict.reason == "window_never_opened"


def test_ses_8_peers_case_7_a_margin_says_so() -> None:
    desk = Shop(shop(margin=2 * HOUR))
    desk.hears("IN1")
    desk.clock.advance(23 * HOUR)
    verdict = desk.can_send(NUMBER, ANA, Text("Hola"))
    assert isinstance(verdict, NeedsTemplate)
    assert verdict.explain().startswith(
        "The 24-hour window is about to close: the safety margin of 2 h 0 min began at 2026-05-02 10:00 UTC."
    )


@pytest.mark.parametrize("content", [Unsupported("unknown"), Media("https://x.example/f", "application/zip"), Text("")])
def test_any_kind_of_customer_message_opens_the_window(content: Content) -> None:
    """Peers' case 14: also what has no text, and what we do not know."""
    desk = Shop()
    desk.hears("IN1", content)
    assert isinstance(desk.can_send(NUMBER, ANA, Text("Hola")), Allowed)


# --- once, and only once -----------------------------------------------------------------------------------


def test_a_repeated_request_id_gives_the_first_result(desk: Shop) -> None:
    conversation = desk.latest().id
    first = desk.reply(conversation, Text("one"), agent="ana", request_id="r1")
    again = desk.reply(conversation, Text("one"), agent="ana", request_id="r1")
    assert (again.id, again.content) == (first.id, Text("one"))
    assert len(desk.provider.handed) == 1


def test_a_request_id_with_other_content_is_a_typed_error(desk: Shop) -> None:
    conversation = desk.latest().id
    desk.reply(conversation, Text("one"), agent="ana", request_id="r1")
    for other in (Text("two"), Text("one ")):
        with pytest.raises(RequestConflict, match="request_id"):
            desk.reply(conversation, other, agent="ana", request_id="r1")
    with pytest.raises(RequestConflict):
        desk.reply(conversation, Text("one"), request_id="r1")
    assert len(desk.provider.handed) == 1


def test_a_repeated_request_id_gives_the_first_result_of_a_send_accept_end_and_close(desk: Shop) -> None:
    conversation = desk.latest().id
    sent = [desk.send(NUMBER, ANA, READY, request_id="send").id for _ in range(2)]
    ended = [desk.end(conversation, agent="ana", request_id="end") for _ in range(2)]
    closed = [desk.close(conversation, agent="ana", request_id="close") for _ in range(2)]
    for results in (sent, ended, closed):
        assert results[0] == results[1]
    assert desk.used() == 0
    assert desk.kinds().count("conversation_closed") == 1


def test_a_request_id_of_another_kind_of_call_is_a_typed_error(desk: Shop) -> None:
    desk.reply(desk.latest().id, Text("one"), agent="ana", request_id="r1")
    with pytest.raises(InvalidValue, match="request_id"):
        desk.end(desk.latest().id, request_id="r1")
    assert desk.latest().status is Status.ACTIVE


def test_a_refused_request_may_be_repeated_when_it_has_become_possible(desk: Shop) -> None:
    desk.clock.advance(24 * HOUR)
    with pytest.raises(Refused):
        desk.reply(desk.latest().id, Text("one"), request_id="r1")
    desk.hears("IN2")
    assert desk.reply(desk.latest().id, Text("one"), request_id="r1").status is DeliveryStatus.QUEUED


# --- files -------------------------------------------------------------------------------------------------


def test_a_file_that_is_allowed_is_fetched_and_can_be_read(desk: Shop) -> None:
    desk.hears("IN2", PHOTO)
    desk.tick()
    message = desk.messages(desk.latest().id)[-1]
    content_type, data = SAMPLES["photo.jpg"]
    assert b"".join(desk.file(message.id)) == data
    assert desk.facts("attachment_fetched") == [
        {"message": message.id, "content_type": content_type, "size": len(data)}
    ]


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (AttachmentRules(), "attachments_off"),
        (AttachmentRules(enabled=True, agents=True), "attachments_off"),
        (AttachmentRules(enabled=True, customers=True, max_bytes=2), "media_too_large"),
    ],
)
def test_att_12_a_file_that_is_not_allowed_is_withheld_and_its_text_kept(rules: AttachmentRules, reason: str) -> None:
    desk = Shop(shop(files=rules))
    desk.hears("IN1", PHOTO)
    desk.tick()
    (message,) = desk.messages(desk.latest().id)
    assert isinstance(message.content, Media)
    assert message.content.caption == "Mire esto"
    assert [facts["reason"] for facts in desk.facts("attachment_withheld")] == [reason]
    with pytest.raises(NotFound, match="file"):
        desk.file(message.id)


def test_att_12_nothing_is_downloaded_that_permission_already_refuses() -> None:
    desk = Shop(shop(files=AttachmentRules(enabled=True)))
    desk.hears("IN1", PHOTO)
    desk.tick()
    assert desk.blobs.content == {}


def test_a_file_that_is_not_what_was_announced_is_withheld() -> None:
    desk = Shop(photos=Photos("application/x-msdownload"))
    desk.hears("IN1", PHOTO)
    desk.tick()
    assert [facts["reason"] for facts in desk.facts("attachment_withheld")] == ["media_kind_unknown"]


# --- the end of a conversation -----------------------------------------------------------------------------


def test_wrap_up_keeps_the_capacity_until_it_is_closed(desk: Shop) -> None:
    ended = desk.end(desk.latest().id, agent="ana")
    assert (ended.status, desk.used()) == (Status.WRAP_UP, 1)
    closed = desk.close(ended.id, agent="ana")
    assert (closed.status, desk.used()) == (Status.CLOSED, 0)


def test_wrap_up_is_closed_by_the_system_after_a_day(desk: Shop) -> None:
    desk.end(desk.latest().id, agent="ana")
    desk.clock.advance(24 * HOUR - timedelta(seconds=1))
    desk.tick()
    assert desk.latest().status is Status.WRAP_UP
    desk.clock.advance(timedelta(seconds=1, microseconds=1))
    desk.tick()
    assert (desk.latest().status, desk.used()) == (Status.CLOSED, 0)
    assert desk.facts("conversation_closed") == [{"conversation": desk.latest().id, "by": "time_limit"}]


def test_a_customer_who_writes_during_wrap_up_begins_a_new_conversation(desk: Shop) -> None:
    """The old one is closed, its capacity is free, and its timer does nothing to the new one."""
    old = desk.end(desk.latest().id, agent="ana").id
    desk.hears("IN2", Text("Otra cosa"))
    assert desk.used() == 0
    desk.tick()
    statuses = {listing.conversation.id: listing.conversation.status for listing in desk.conversations()}
    new = next(each for each in statuses if each != old)
    assert statuses == {old: Status.CLOSED, new: Status.ACTIVE}
    assert desk.facts("conversation_closed") == [{"conversation": old, "by": "new_message"}]
    desk.accept(new, "ana")
    desk.clock.advance(48 * HOUR)
    desk.tick()
    assert desk.thread(new).live is not None
    assert desk.used() == 1


def test_closed_is_final_and_a_later_message_begins_another(desk: Shop) -> None:
    """§9.1: agents cannot reopen a conversation."""
    old = desk.close(desk.latest().id).id
    for ask in (lambda: desk.accept(old, "ana"), lambda: desk.end(old), lambda: desk.close(old)):
        with pytest.raises(Refused):
            ask()
    with pytest.raises(Refused) as refused:
        desk.reply(old, Text("Hola"))
    assert refused.value.reason == "conversation_closed"
    desk.hears("IN2")
    assert len(desk.conversations()) == 2
    with pytest.raises(Refused):
        desk.reply(old, Text("Hola"))


def test_closing_is_on_record_with_its_own_time(desk: Shop) -> None:
    old = desk.close(desk.latest().id)
    desk.clock.advance(HOUR)
    desk.hears("IN2")
    kept = {listing.conversation.id: listing.conversation for listing in desk.conversations()}
    assert kept[old.id] == old


# --- who may do what ---------------------------------------------------------------------------------------


def test_only_the_holder_answers_ends_and_closes(desk: Shop) -> None:
    conversation = desk.latest().id
    desk.put_agent(Agent("ben", "Ben"))
    asks = (
        lambda: desk.reply(conversation, Text("Hola"), agent="ben"),
        lambda: desk.accept(conversation, "ben"),
        lambda: desk.end(conversation, agent="ben"),
        lambda: desk.close(conversation, agent="ben"),
    )
    for ask in asks:
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.explain() == "The conversation belongs to ana, not to ben."


def test_an_agent_cannot_accept_what_is_in_their_own_wrap_up(desk: Shop) -> None:
    desk.end(desk.latest().id, agent="ana")
    with pytest.raises(Refused) as refused:
        desk.accept(desk.latest().id, "ana")
    assert refused.value.explain() == "The step picked is not possible: the conversation is wrap_up."


def test_cap_6_a_pick_may_exceed_the_capacity_and_automation_does_not() -> None:
    desk = Shop()
    desk.put_agent(Agent("ana", "Ana", frozenset({"all"}), Presence.AVAILABLE, 0))
    desk.hears("IN1")
    desk.tick()
    assert desk.latest().status is Status.OPEN
    desk.accept(desk.latest().id, "ana")
    assert desk.agents()[0].free == -1


@pytest.mark.parametrize("presence", [Presence.AWAY, Presence.OFFLINE, Presence.DO_NOT_DISTURB])
def test_ws_13_work_goes_only_to_agents_who_are_there(presence: Presence) -> None:
    desk = Shop()
    desk.set_presence("ana", presence)
    desk.hears("IN1")
    desk.tick()
    assert desk.latest().status is Status.OPEN
    desk.set_presence("ana", Presence.AVAILABLE)
    desk.tick()
    assert desk.latest().status is Status.ACTIVE


def test_ch_40_the_number_stands_in_where_the_customer_has_no_name(desk: Shop) -> None:
    assert [listing.name for listing in desk.conversations()] == [ANA]
    desk.end(desk.latest().id)
    desk.hears("IN2")
    assert [listing.name for listing in desk.conversations()] == [ANA, ANA]


def test_a_number_that_left_the_settings_leaves_no_message_waiting_for_ever(desk: Shop) -> None:
    desk.provider.plan(NotSent("busy"))
    sent = desk.reply(desk.latest().id, Text("Hola"))
    number = Number(OTHER_NUMBER, "Outlet", "main")
    desk.rules = Rules([number], [Workstream("main", "all")], [Queue("all")])
    desk.clock.advance(HOUR)
    desk.tick()
    message = desk.message(sent.id)
    assert (message.status, message.error) == (DeliveryStatus.REFUSED, "number_unknown")
    assert desk.facts("send_refused")[0]["reason"] == "number_unknown"


# --- what we do not know -----------------------------------------------------------------------------------


def test_a_message_for_a_number_that_is_not_configured_is_set_aside_once() -> None:
    desk = Shop()
    inbound = Inbound("IN1", Address("+447700900123"), (ANA,), Text("Hola"))
    statuses = [desk.receive(desk.provider.webhook(inbound)).status for _ in range(2)]
    assert statuses == [200, 200]
    assert desk.conversations() == ()
    (facts,) = desk.facts("message_set_aside")
    assert (facts["reason"], facts["sid"]) == ("number_unknown", "IN1")


def test_a_callback_about_nothing_we_know_is_set_aside() -> None:
    desk = Shop()
    assert desk.receive(desk.provider.webhook(StatusReport("SM404", "delivered"))).status == 200
    assert desk.facts("status_set_aside") == [{"sid": "SM404", "status": "delivered", "code": None}]


def test_peers_case_21_an_unknown_word_is_kept_and_does_no_harm(desk: Shop) -> None:
    sent = desk.reply(desk.latest().id, Text("Hola"))
    desk.receive(desk.provider.webhook(StatusReport(str(sent.sid), "in_orbit")))
    assert desk.message(sent.id).status is DeliveryStatus.QUEUED
    assert desk.facts("message_status_unknown") == [{"message": sent.id, "status": "in_orbit", "code": None}]


# --- bad input ---------------------------------------------------------------------------------------------


def test_a_naive_instant_is_a_typed_error_and_nothing_is_stored_by_halves(desk: Shop) -> None:
    before = desk.kinds()
    with pytest.raises(InvalidValue, match="received_at"):
        desk.hears("IN2", at=datetime(2026, 5, 1, 12))  # noqa: DTZ001 - that is the point
    desk.clock.set(datetime(2026, 5, 1, 12))  # noqa: DTZ001
    with pytest.raises(InvalidValue, match="now"):
        desk.reply(desk.latest().id, Text("Hola"))
    with pytest.raises(InvalidValue, match="now"):
        desk.can_send(NUMBER, ANA, Text("Hola"))
    assert desk.kinds() == before


def test_an_instant_in_another_zone_is_kept_in_utc(desk: Shop) -> None:
    at = desk.clock.now().astimezone(timezone(timedelta(hours=14)))
    desk.hears("IN2", at=at)
    assert desk.messages(desk.latest().id)[-1].at.tzinfo is UTC
    assert desk.latest().last_customer_at == at


@pytest.mark.parametrize("number", ["34600000001", "+0123456789", "600 000 001", "", "ES.1"])
def test_ch_5_a_business_number_without_its_plus_sign_is_a_typed_error(desk: Shop, number: str) -> None:
    for ask in (
        lambda: desk.send(number, ANA, READY),
        lambda: desk.can_send(number, ANA, READY),
        lambda: desk.conversations(number=number),
        lambda: Number(number, "Shop", "main"),
    ):
        with pytest.raises(InvalidValue, match="number"):
            ask()


def test_an_address_that_is_none_is_a_typed_error_that_names_the_field(desk: Shop) -> None:
    with pytest.raises(InvalidValue, match=r"^to: 'nobody' is not valid"):
        desk.send(NUMBER, "nobody", READY)


def test_a_number_of_somebody_else_is_refused(desk: Shop) -> None:
    verdict = desk.can_send("+447700900123", ANA, READY)
    assert isinstance(verdict, Refused)
    assert verdict.explain() == "The number +447700900123 is not configured."
    with pytest.raises(Refused, match="not configured"):
        desk.send("+447700900123", ANA, READY)


def test_what_is_not_there_is_a_typed_error(desk: Shop) -> None:
    conversation = desk.latest().id
    for ask in (
        lambda: desk.reply("gone", Text("Hola")),
        lambda: desk.accept("gone", "ana"),
        lambda: desk.accept(conversation, "nobody"),
        lambda: desk.set_presence("nobody", Presence.AWAY),
        lambda: desk.message("gone"),
        lambda: desk.timeline("gone"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_message_to_somebody_new_is_sent_and_found_again(desk: Shop) -> None:
    """OUT-5: a template opens no conversation; the customer's answer does, and is theirs."""
    sent: Message = desk.send(NUMBER, "whatsapp:+5215512345678", READY)
    assert (sent.conversation, sent.status) == (None, DeliveryStatus.QUEUED)
    answer = Inbound("IN2", NUMBER, (Address("+525512345678"),), Text("Gracias"))
    desk.receive(desk.provider.webhook(answer))
    thread = desk.thread(desk.latest().id)
    assert (thread.contact, thread.reply_to) == (sent.contact, "+525512345678")


def test_files_of_agents_are_checked_before_anything_leaves(desk: Shop) -> None:
    assert FILES.agents
    verdict = desk.can_send(NUMBER, ANA, Media("https://x.example/a.zip", "application/zip"))
    assert isinstance(verdict, Refused)
    assert verdict.rules == ("ATT-1", "ATT-4", "WA-KIND")
