"""What a user writes to test a session rule, with nothing but the published kit."""

import os

from hypothesis import given, settings
from session_rules import RULES

from wa_omnichannel.testing.models import SessionModel, SessionRule
from wa_omnichannel.testing.strategies import Story, stories

MAKE = RULES[os.environ.get("RULE", "Right")]


@settings(max_examples=1000, deadline=None, database=None, derandomize=True)
@given(stories())
def test_the_window_is_what_the_customer_made_it(story: Story) -> None:
    rule: SessionRule = MAKE()
    model = SessionModel()
    for event in story.events:
        rule.tell(event)
        model.tell(event)
    question = story.number, story.customer, story.now
    assert rule.is_open(*question) == model.is_open(*question)
