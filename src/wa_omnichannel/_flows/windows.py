"""The timer of a window fired."""

from __future__ import annotations

from wa_omnichannel._flows.changes import changes_of
from wa_omnichannel._flows.loading import load_thread
from wa_omnichannel._flows.steps import Flow, commit, now
from wa_omnichannel.conversation import WindowDue, decide
from wa_omnichannel.ports import Changes, Drop, Entry, Stored, entry_key
from wa_omnichannel.rules import Rules


def work_on_window(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Tell what the timer of a window has to tell; one that was set anew meanwhile stays."""
    entry = stored.value
    at = yield from now()
    loaded = yield from load_thread(entry.number, entry.contact)
    decision = decide(rules, loaded.state, WindowDue(), at)
    done = Changes(drops=(Drop(entry_key(entry.id), stored.version),))
    yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, more=done))
    return True
