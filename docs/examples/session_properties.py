"""Compare a rule of your own with the 24-hour rule in plain words, over any story."""

from datetime import datetime, timedelta

from hypothesis import given, settings

from wa_omnichannel import session
from wa_omnichannel.addresses import Address
from wa_omnichannel.session import NEVER_OPENED, Window
from wa_omnichannel.testing.models import SessionModel, Told, What
from wa_omnichannel.testing.strategies import Story, stories


class FirstNumberOnly:
    """A rule that keeps its windows by address: it does not know that two addresses can be one person."""

    def __init__(self) -> None:
        self.windows: dict[tuple[Address, Address], Window] = {}

    def tell(self, event: Told) -> None:
        if event.what is What.CUSTOMER:
            key = event.number, event.addresses[0]
            self.windows[key] = session.receive(self.windows.get(key, NEVER_OPENED), event.at)

    def is_open(self, number: Address, customer: Address, now: datetime) -> bool:
        return session.is_open(self.windows.get((number, customer), NEVER_OPENED), now)


@settings(max_examples=1000, deadline=timedelta(seconds=2), database=None, derandomize=True)
@given(stories())
def test_the_rule_is_the_rule(story: Story) -> None:
    rule, model = FirstNumberOnly(), SessionModel()
    for event in story.events:
        rule.tell(event)
        model.tell(event)
    question = story.number, story.customer, story.now
    assert rule.is_open(*question) == model.is_open(*question)


if __name__ == "__main__":
    try:
        test_the_rule_is_the_rule()
    except AssertionError:
        print("found: the rule is wrong about somebody")
    else:
        raise SystemExit("the fault was not found")
