"""A channel over the reference store, with a clock to move and a provider that records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.shop import ANA, NOW, NUMBER

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Conversation
from wa_omnichannel.integrations.links import PersonalLinks
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import Content, Inbound, TemplateMessage, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import Store
from wa_omnichannel.rules import Rules
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.workforce import Agent, Presence

PUBLIC = "https://shop.example/wa"


class Desk(Omnichannel):
    """A channel with everything within reach, and what came of it."""

    def __init__(self, rules: Rules, at: datetime = NOW, store: Store | None = None) -> None:
        self.clock = FixedClock(at)
        self.provider = RecordingTransport(self.clock)
        self.memory = MemoryStore()
        super().__init__(
            rules,
            store=store or self.memory,
            transport=self.provider,
            clock=self.clock,
            ids=CountingIds(),
            survey_links=PersonalLinks(PUBLIC, [b"a secret of the tests"]),
        )
        self.put_agent(Agent("ana", "Ana Ruiz", frozenset({"all", "billing"}), Presence.AVAILABLE, 20))

    def hears(self, sid: str, content: Content | None = None, number: Address = NUMBER, sender: Address = ANA) -> None:
        inbound = Inbound(sid, number, (sender,), content or Text("Hola"))
        assert self.receive(self.provider.webhook(inbound, self.clock.now())).status < 300
        self.tick()

    def latest(self) -> Conversation:
        return self.conversations()[0].conversation

    def said(self) -> list[str]:
        """What reached the customer, in order."""
        contents = [handed.outgoing.content for handed in self.provider.arrived]
        return [c.body if isinstance(c, Text) else c.name for c in contents if isinstance(c, Text | TemplateMessage)]

    def facts(self, kind: str) -> list[dict[str, Any]]:
        return [dict(found.event.facts) for found in self.events(limit=1000) if found.event.kind == kind]

    def waits(self, by: timedelta) -> None:
        """Let time pass, then do what is due."""
        self.clock.advance(by)
        self.tick()
