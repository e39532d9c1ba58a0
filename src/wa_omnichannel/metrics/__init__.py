"""Figures from the event log: pure functions with the documented definitions.

Every figure is a function of events alone, so it can be computed again at any time, for any stretch of time
and by anybody. Where the documentation contradicts itself, each reading has a name of its own. What cannot be
divided is None (blank), never 0. Source: Microsoft Learn, "Calculations of metrics" and the pages of the
analytics reports; the definitions stand in each function.

>>> from datetime import UTC, datetime, timedelta
>>> from wa_omnichannel.metrics import stories, waiting
>>> began = datetime(2026, 1, 1, tzinfo=UTC)
>>> log = [
...     Entry("c1", "conversation_opened", began),
...     Entry("c1", "routed", began, {"queue": "all"}),
...     Entry("c1", "picked", began + timedelta(seconds=40), {"agent": "ana"}),
... ]
>>> waiting.average_speed_to_answer(stories.tell(log))
datetime.timedelta(seconds=40)
"""

from __future__ import annotations

from wa_omnichannel.metrics.log import Entry, Logged
from wa_omnichannel.metrics.report import Thresholds, report
from wa_omnichannel.metrics.stories import Segment, Session, Story, tell

__all__ = ["Entry", "Logged", "Segment", "Session", "Story", "Thresholds", "report", "tell"]
