"""``wa-omnichannel demo``: one customer's story, played on real parts and checked line by line."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import attrs

from wa_omnichannel.cli.narrator import Narrator, StoryDiffers
from wa_omnichannel.cli.stage import NUMBER, Stage, demo_file, staged
from wa_omnichannel.conversation import Conversation, Message, Status
from wa_omnichannel.emulator import Customer, Delivery
from wa_omnichannel.errors import NeedsTemplate, Refused, WaOmnichannelError
from wa_omnichannel.messages import Content, DeliveryStatus, Media, TemplateMessage, Text
from wa_omnichannel.sending import Allowed
from wa_omnichannel.session import is_open

ANA = "+34600000001"


@attrs.define
class Play:
    """What the scenes share."""

    stage: Stage
    narrator: Narrator
    ana: Customer
    conversation: str = ""

    def said(self, delivery: Delivery) -> None:
        """Show what the customer's message came to: the answer, and the message in the store."""
        self.narrator.claim("the signed webhook was answered with 200", delivery.status_code, 200)
        message = next(m for m in self.messages() if m.sid == delivery.sid)
        content = message.content
        text = content.caption if isinstance(content, Media) else getattr(content, "body", "")
        self.narrator.says("Ana", str(text))

    def messages(self) -> tuple[Message, ...]:
        """Read the messages of Ana's latest conversation from the store."""
        listing = self.stage.desk.conversations(number=NUMBER)[0]
        self.conversation = listing.conversation.id
        return self.stage.desk.messages(self.conversation)

    def current(self) -> Conversation:
        """Read the conversation from the store."""
        return self.stage.desk.conversations(number=NUMBER)[0].conversation

    def status(self, message: Message) -> DeliveryStatus:
        """Read a message's status from the store."""
        return self.stage.desk.message(message.id).status

    def answers(self, content: Content) -> Message:
        """Let the agent answer, and show what arrived on the customer's phone."""
        sent = self.stage.desk.reply(self.conversation, content, agent="lucia")
        self.narrator.await_claim(
            "Twilio's callbacks say: delivered", lambda: self.status(sent), DeliveryStatus.DELIVERED
        )
        arrived = self.ana.received[-1]
        self.narrator.claim("it is the last message on Ana's phone", arrived.sid, self.stage.desk.message(sent.id).sid)
        if arrived.rendered_body:
            self.narrator.says("Lucía", arrived.rendered_body)
        return sent


def greeting(play: Play) -> None:
    """Ana writes; her message is classified, routed and assigned."""
    play.narrator.scene("A customer writes")
    play.said(play.ana.says("Hola, necesito una copia de mi factura, por favor."))
    play.narrator.await_claim("the conversation is active", lambda: play.current().status, Status.ACTIVE)
    for happening in play.stage.desk.timeline(play.conversation):
        for check in happening.event.trace:
            play.narrator.explains(f"[{check.rule}] {check.sentence('en')}")
    play.narrator.claim("it is in the billing queue", play.current().queue, "facturacion")


def answer(play: Play) -> None:
    """The agent accepts and answers; delivery and read come back."""
    play.narrator.scene("An agent answers")
    accepted = play.stage.desk.accept(play.conversation, "lucia")
    play.narrator.claim(
        "Lucía accepted the conversation", (accepted.agent, accepted.accepted_at is not None), ("lucia", True)
    )
    sent = play.answers(Text("Hola Ana, soy Lucía. ¿Me envía una foto del pedido?"))
    play.ana.reads(play.ana.received[-1].sid)
    play.narrator.await_claim("and then: read", lambda: play.status(sent), DeliveryStatus.READ)


def files(play: Play) -> None:
    """Ana sends a photo, the agent a PDF; a kind that is not allowed is refused."""
    play.narrator.scene("Files in both directions")
    photo = demo_file("photo.jpg")
    play.said(play.ana.sends_media(photo, "image/jpeg", "Aquí está."))
    latest = play.messages()[-1]
    play.narrator.await_claim(
        "the photo was fetched with credentials and kept, byte for byte", lambda: _content(play, latest), photo
    )
    pdf = demo_file("invoice.pdf")
    play.answers(play.stage.desk.attach(NUMBER, [pdf], "factura.pdf"))
    play.narrator.claim(
        "Twilio fetched the PDF from the application, byte for byte", play.ana.received[-1].media_bytes, pdf
    )
    posts = _posts(play)
    refused = _refusal(play, Media(f"{play.stage.public_url}/todo.zip", "application/zip", name="todo.zip"))
    play.narrator.claim("a ZIP file is refused", refused.reason, "media_kind_unknown")
    play.narrator.explains(refused.explain("en"))
    play.narrator.claim("and nothing was sent to Twilio", _posts(play), posts)


def _content(play: Play, message: Message) -> bytes:
    """Read a customer's file as an agent would; empty while it is not there yet."""
    content = play.stage.desk.message(message.id).content
    if not isinstance(content, Media) or content.blob is None:
        return b""
    return b"".join(play.stage.desk.file(message.id))


def _posts(play: Play) -> int:
    return sum(request.method == "POST" for request in play.stage.twilio.requests)


def _refusal(play: Play, content: Content) -> Refused:
    """Try to send, and return the refusal."""
    try:
        play.stage.desk.reply(play.conversation, content, agent="lucia")
    except Refused as refused:
        return refused
    raise StoryDiffers("the message was not refused")


def silence(play: Play) -> None:
    """25 hours pass; free text is refused with the reason and the remedies."""
    play.narrator.scene("25 hours later")
    before = play.stage.clock.now()
    play.stage.pass_time(timedelta(hours=25))
    play.narrator.claim("the clocks moved by 25 hours", (play.stage.clock.now() - before) // timedelta(hours=1), 25)
    posts = _posts(play)
    refused = _refusal(play, Text("Su pedido ya está listo."))
    play.narrator.claim("free text is refused: only a template may be sent", isinstance(refused, NeedsTemplate), True)
    play.narrator.tells("Rules looked at: " + ", ".join(refused.rules))
    play.narrator.explains(refused.explain("en"))
    play.narrator.tells("The same in Spanish:")
    play.narrator.explains(refused.explain("es"))
    play.narrator.claim("and nothing was sent to Twilio", _posts(play), posts)


def template(play: Play) -> None:
    """The remedy that the refusal offered is taken."""
    play.narrator.scene("The remedy: an approved template")
    play.answers(TemplateMessage("pedido_listo", {"1": "Ana", "2": "4711"}))
    play.narrator.claim("the template did not open the window", _open(play), False)


def reopened(play: Play) -> None:
    """The customer answers, and the window is open again."""
    play.narrator.scene("The customer answers")
    play.said(play.ana.says("Sí, por favor. ¡Gracias!"))
    verdict = play.stage.desk.can_send(NUMBER, ANA, Text("Enviado."))
    play.narrator.claim("free text is allowed again", isinstance(verdict, Allowed), True)
    if isinstance(verdict, Allowed):
        play.narrator.explains(f"[{verdict.trace[-1].rule}] {verdict.trace[-1].sentence('en')}")
    play.answers(Text("Hoy mismo sale. ¡Que tenga buen día!"))


def _open(play: Play) -> bool:
    return is_open(play.stage.desk.thread(play.conversation).window, play.stage.clock.now())


def farewell(play: Play) -> None:
    """The conversation ends; everything is on record once."""
    play.narrator.scene("The conversation ends")
    ended = play.stage.desk.end(play.conversation, agent="lucia")
    play.narrator.claim("wrap-up has begun", ended.status, Status.WRAP_UP)
    closed = play.stage.desk.close(play.conversation, agent="lucia")
    play.narrator.claim("the conversation is closed", closed.status, Status.CLOSED)
    play.narrator.claim("Lucía has her whole capacity back", play.stage.desk.agents()[0].free, 2)
    sids = sorted(record.sid for record in play.stage.twilio.messages)
    kept = sorted(str(message.sid) for message in play.messages())
    play.narrator.claim(f"all {len(sids)} messages that Twilio saw are in the store, each once", kept, sids)


SCENES: tuple[Callable[[Play], None], ...] = (
    greeting,
    answer,
    files,
    silence,
    template,
    reopened,
    farewell,
)


def run(keep: str | None = None, stream: TextIO | None = None, prepare: Callable[[Stage], None] | None = None) -> int:
    """Play the story and return the exit status: 0 only if every claim was true.

    Args:
        keep: Folder in which the database and the files are left; a temporary one by default.
        stream: Where to write; standard output by default.
        prepare: Called before the first scene, for tests that plant faults.
    """
    narrator = Narrator(stream or sys.stdout)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with staged(folder) as stage:
            if prepare is not None:
                prepare(stage)
            try:
                _play(stage, narrator)
            except StoryDiffers:
                narrator.tells("The story differs from what it claims; see the line above.")
                return 1
            except (WaOmnichannelError, LookupError, TimeoutError) as error:
                narrator.tells(f"The story stopped: {type(error).__name__}: {error}")
                return 1
    seconds = time.monotonic() - started
    narrator.tells("")
    narrator.tells(f"{narrator.claims} claims checked in {seconds:.1f} s; none differs.")
    if keep:
        narrator.tells(f"The database is {folder / 'demo.sqlite'}; the files are beside it.")
    return 0


def _play(stage: Stage, narrator: Narrator) -> None:
    narrator.title("A WhatsApp customer, served end to end")
    narrator.tells(
        f"A local Twilio at {stage.twilio.base_url}, our application at {stage.public_url}, a SQLite file. "
        "Everything below is read back from the store or from the local Twilio's record."
    )
    play = Play(stage, narrator, stage.twilio.customer(ANA, name="Ana", number=NUMBER))
    for scene in SCENES:
        scene(play)
