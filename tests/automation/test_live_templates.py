"""What the system says by itself uses the templates as they stand now, not as the settings were written."""

from datetime import timedelta

import attrs
import pytest
from tests.support.desk import Desk
from tests.support.shop import CONTENT_SID, NOW, shop

from wa_omnichannel.automation import (
    Action,
    Automation,
    CustomMessage,
    Fallback,
    LifeRules,
    Limits,
    Silence,
    TimeoutRule,
    Trigger,
    WorkstreamLife,
)
from wa_omnichannel.messages import Text
from wa_omnichannel.templates import Approval, Template, Translation, override

HOUR = timedelta(hours=1)
NEWS = Template("news", (Translation("es", "Tenemos novedades.", content_sid=CONTENT_SID),), "es")
FALLBACK = Fallback("news")
LATE = TimeoutRule("late", Silence.CUSTOMER, 25 * HOUR, Action.TELL_CUSTOMER, {"es": "Hola"}, fallback=FALLBACK)


def desk(life: LifeRules) -> Desk:
    """Return a channel whose template was approved after the settings were written, with a conversation."""
    made = Desk(attrs.evolve(shop(), templates=[NEWS], life=life))
    made.override_template("news", "es", override(Approval.APPROVED, "ana", NOW, "seen in the console"))
    made.hears("IN1")
    made.accept(made.latest().id, "ana")
    made.reply(made.latest().id, Text("¿En qué puedo ayudarle?"), agent="ana")
    return made


def test_a_timeout_rule() -> None:
    made = desk(LifeRules(limits=Limits(active=48 * HOUR), workstreams={"main": WorkstreamLife((LATE,))}))
    made.waits(26 * HOUR)
    assert made.facts("automated_message_withheld") == []
    assert made.said()[-1] == "news"


@pytest.mark.parametrize("trigger", [Trigger.AGENT_ENDED, Trigger.SESSION_ENDED])
def test_what_an_agent_does(trigger: Trigger) -> None:
    messages = Automation((CustomMessage(trigger, fallback=FALLBACK),))
    made = desk(LifeRules(messages=messages, limits=Limits(active=72 * HOUR)))
    made.clock.advance(26 * HOUR)
    conversation = made.latest().id
    made.end(conversation, agent="ana")
    made.close(conversation, agent="ana")
    made.tick()
    assert trigger.value not in [fact["occasion"] for fact in made.facts("automated_message_withheld")]
    assert "news" in made.said()
