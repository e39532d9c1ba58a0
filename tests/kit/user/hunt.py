"""Run the user's test on wrong rules; print as JSON how many examples it took and how many events are reported.

Usage: python hunt.py RULE...
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import session_rules
import test_session_rule

TEST: Any = test_session_rule.test_the_window_is_what_the_customer_made_it
INNER: Callable[..., None] = TEST.hypothesis.inner_test


def hunt(name: str) -> dict[str, int]:
    """Return what came of one rule; nothing if no fault was noticed."""
    tried: list[bool] = []

    def watched(story: Any) -> None:
        tried.append(False)
        INNER(story=story)
        tried[-1] = True

    test_session_rule.MAKE = session_rules.RULES[name]
    TEST.hypothesis.inner_test = watched
    try:
        TEST()
    except AssertionError as error:
        report = "\n".join(error.__notes__)
        return {"examples": tried.index(False) + 1, "events": report.count("Told(")}
    return {}


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: hunt(name) for name in sys.argv[1:]}))
