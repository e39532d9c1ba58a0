"""A log of eight conversations, small enough to compute every figure by hand.

Seconds from 12:00; the queue "all" unless said.

C1  0 asked · 20 offered to Ana · 30 accepted · 50 answered · 100 customer · 130 answered · 200 ended · 230 closed
C2  10 asked · 15 closed by a supervisor
C3  20 asked (billing) · 80 closed by overflow
C4  100 bot · 160 escalated (billing) · 170 offered to Bob · 175 declined · 180 offered to Ana · 200 missed ·
    210 offered to Bob · 220 accepted · 300 answered · 320 transferred to "all" · 330 offered to Ana ·
    340 accepted · 350 answered · 400 ended · 460 closed
C5  200 bot · 260 closed by the bot
C6  500 asked · 510 offered to Bob · 515 declined; nobody has it
C7  300 outbound · 305 picked by Ana · 400 closed
C8  400 asked · 530 picked by Bob · 540 consult, accepted 550, over 570 · 560 customer · 580 consult, rejected 581 ·
    582 consult, missed 590; Bob still has it
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wa_omnichannel.metrics import Entry, tell

BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


NOW = at(600)

LINES = """
0   c1 conversation_opened
0   c1 routed queue=all
0   c1 message_received
10  c2 conversation_opened
10  c2 routed queue=all
10  c2 message_received
15  c2 conversation_closed by=supervisor
20  c3 conversation_opened
20  c3 routed queue=billing
20  c1 assigned agent=ana
30  c1 accepted agent=ana
31  c1 message_accepted by=system
50  c1 message_accepted by=ana
80  c3 conversation_closed by=overflow
100 c4 conversation_opened
100 c4 bot_started
100 c4 message_received
100 c1 message_received
105 c4 message_accepted by=bot
130 c1 message_accepted by=ana
160 c4 bot_escalated
160 c4 routed queue=billing
170 c4 assigned agent=bob
175 c4 declined agent=bob
180 c4 assigned agent=ana
200 c4 offer_missed agent=ana
200 c1 conversation_ended by=ana
200 c5 conversation_opened
200 c5 bot_started
210 c4 assigned agent=bob
220 c4 accepted agent=bob
230 c1 conversation_closed by=ana
260 c5 conversation_closed by=bot
300 c4 message_accepted by=bob
300 c7 conversation_opened direction=outbound
300 c7 routed queue=all
305 c7 picked agent=ana
320 c4 transferred from=billing queue=all by=bob
330 c4 assigned agent=ana
340 c4 accepted agent=ana
350 c4 message_accepted by=ana
400 c4 conversation_ended by=ana
400 c7 conversation_closed by=ana
400 c8 conversation_opened
400 c8 routed queue=all
400 c8 message_received
460 c4 conversation_closed by=ana
500 c6 conversation_opened
500 c6 routed queue=all
510 c6 assigned agent=bob
515 c6 declined agent=bob
530 c8 picked agent=bob
540 c8 consult_requested agent=ana
550 c8 consult_accepted agent=ana
560 c8 message_received
570 c8 consult_ended agent=ana
580 c8 consult_requested agent=eva
581 c8 consult_rejected agent=eva
582 c8 consult_requested agent=eva
590 c8 consult_missed agent=eva
"""


def entry(line: str) -> Entry:
    seconds, conversation, kind, *facts = line.split()
    named = {name: value for name, _, value in (fact.partition("=") for fact in facts)}
    return Entry(conversation, kind, at(float(seconds)), named)


LOG = tuple(entry(line) for line in LINES.strip().splitlines())
STORIES = tell(LOG)
BY_ID = {story.id: story for story in STORIES}
