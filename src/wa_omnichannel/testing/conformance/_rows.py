"""Rows, versions, and what goes together in one commit."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import attrs

from wa_omnichannel.conversation import Contact, Message, Thread
from wa_omnichannel.errors import AlreadyDone, ConcurrentUpdate
from wa_omnichannel.messages import TemplateMessage
from wa_omnichannel.ports import (
    Answered,
    Changes,
    Drop,
    EventsAfter,
    Key,
    Put,
    contact_key,
    done_key,
    message_key,
    thread_key,
)
from wa_omnichannel.testing.conformance._samples import NUMBER, SAMPLES, conversation, event, message
from wa_omnichannel.testing.conformance._steps import (
    Steps,
    Unmet,
    attempt,
    commit,
    expect,
    load,
    pause,
    refused,
    select,
    together,
)

ONE = contact_key("c1")
TWO = contact_key("c2")


def put(key: Key, name: str = "", expected: int | None = None) -> Put:
    """Return what writes a contact."""
    return Put(key, Contact(key[1], name=name), expected)


def name_of(key: Key) -> Steps[str | None]:
    """Return the name in a contact's row, None if it is not there."""
    rows = yield from load(key)
    return str(getattr(rows[key].value, "name", "")) if key in rows else None


def version_of(key: Key) -> Steps[int]:
    """Return the version of a row, 0 if it is not there."""
    rows = yield from load(key)
    return rows[key].version if key in rows else 0


def absent_rows_are_left_out() -> Steps[None]:
    """Rows that are not there are left out of what load returns."""
    expect("load of an empty store", dict((yield from load(ONE, TWO))), {})
    yield from commit(Changes((put(ONE),)))
    expect("the keys found", set((yield from load(ONE, TWO))), {ONE})
    expect("load of no keys", dict((yield from load())), {})


def every_kind_of_row_comes_back() -> Steps[None]:
    """A row of any kind comes back equal to what was put, and an instant means the same in any zone."""
    yield from commit(Changes(SAMPLES))
    rows = yield from load(*(sample.key for sample in SAMPLES))
    for sample in SAMPLES:
        expect(f"the row {sample.key}", getattr(rows.get(sample.key), "value", None), sample.value)


def many_rows_at_once() -> Steps[None]:
    """Any number of rows can be written in one commit and loaded at once."""
    keys = [contact_key(f"c{n}") for n in range(1200)]
    yield from commit(Changes(tuple(put(key) for key in keys)))
    expect("the number of rows", len((yield from load(*keys))), len(keys))


def version_zero_means_absent() -> Steps[None]:
    """A put that expects version 0 writes only if the row is not there."""
    yield from commit(Changes((put(ONE, "first", 0),)))
    yield from refused(Changes((put(ONE, "second", 0),)), ConcurrentUpdate)
    expect("the row", (yield from name_of(ONE)), "first")


def stale_versions_are_refused() -> Steps[None]:
    """A put that expects a version writes only if the row has that version."""
    yield from commit(Changes((put(ONE, "first"),)))
    version = yield from version_of(ONE)
    yield from commit(Changes((put(ONE, "second", version),)))
    yield from refused(Changes((put(ONE, "third", version),)), ConcurrentUpdate)
    expect("the row", (yield from name_of(ONE)), "second")
    yield from refused(Changes((put(TWO, "new", version),)), ConcurrentUpdate)
    expect("a row that was not there", (yield from name_of(TWO)), None)


def no_version_writes_in_any_case() -> Steps[None]:
    """A put without a version writes a row that is there, and one that is not; the version changes."""
    yield from commit(Changes((put(ONE, "first"),)))
    before = yield from version_of(ONE)
    yield from commit(Changes((put(ONE, "second"),)))
    expect("the row", (yield from name_of(ONE)), "second")
    expect("whether the version is the same", (yield from version_of(ONE)) == before, False)


def versions_are_never_used_again() -> Steps[None]:
    """A row that comes back after it was dropped does not have a version it had before."""
    seen: set[int] = set()
    for _ in range(3):
        yield from commit(Changes((put(ONE),)))
        seen.add((yield from version_of(ONE)))
        yield from commit(Changes((put(ONE),)))
        seen.add((yield from version_of(ONE)))
        yield from commit(Changes(drops=(Drop(ONE),)))
    expect("the number of versions of six writes", len(seen), 6)
    expect("whether all are at least 1", min(seen) >= 1, True)
    yield from commit(Changes(once="x"))
    first = yield from version_of(done_key("x"))
    yield from commit(Changes(drops=(Drop(done_key("x")),)))
    yield from commit(Changes(once="x"))
    expect("whether a unique id has its first version again", (yield from version_of(done_key("x"))) == first, False)


def rows_relied_on_are_compared() -> Steps[None]:
    """A commit is refused if a row it relies on has another version, or has appeared or disappeared."""
    yield from commit(Changes((put(ONE),)))
    version = yield from version_of(ONE)
    yield from commit(Changes((put(TWO, "kept"),), relies_on=((ONE, version), (contact_key("c3"), 0))))
    for key, wrong in ((ONE, version + 1), (ONE, 0), (contact_key("c3"), 1)):
        yield from refused(Changes((put(TWO, "lost"),), relies_on=((key, wrong),)), ConcurrentUpdate)
    yield from commit(Changes(relies_on=((done_key("x"), 0),), once="x"))  # compared with what was there before
    expect("the row", (yield from name_of(TWO)), "kept")
    expect("the version of the row relied on", (yield from version_of(ONE)), version)


def drops_remove_rows() -> Steps[None]:
    """A drop removes the row; dropping one that is not there does nothing."""
    yield from commit(Changes((put(ONE), put(TWO))))
    yield from commit(Changes(drops=(Drop(ONE), Drop(contact_key("c3")))))
    expect("the keys left", set((yield from load(ONE, TWO))), {TWO})


def drops_with_a_stale_version_do_nothing() -> Steps[None]:
    """A drop with a version removes the row only if it has that version; otherwise it silently stays."""
    yield from commit(Changes((put(ONE, "first"),)))
    version = yield from version_of(ONE)
    yield from commit(Changes((put(ONE, "second"),)))
    yield from commit(Changes((put(TWO),), (Drop(ONE, version),)))
    expect("the keys", set((yield from load(ONE, TWO))), {ONE, TWO})
    yield from commit(Changes(drops=(Drop(ONE, (yield from version_of(ONE))),)))
    expect("the keys", set((yield from load(ONE, TWO))), {TWO})


def a_put_outweighs_a_drop() -> Steps[None]:
    """A row that one commit both drops and puts is there afterwards."""
    yield from commit(Changes((put(ONE, "first"),)))
    yield from commit(Changes((put(ONE, "second"), put(TWO, "new")), (Drop(ONE), Drop(TWO))))
    expect("the row that was there", (yield from name_of(ONE)), "second")
    expect("the row that was not", (yield from name_of(TWO)), "new")


def a_refused_commit_leaves_nothing() -> Steps[None]:
    """If one version is wrong, nothing of the commit is written: no row, no drop, no event, no unique id."""
    yield from commit(Changes((put(ONE, "first"), put(TWO, "first"))))
    stale = (yield from version_of(TWO)) + 1
    three = contact_key("c3")
    changes = Changes(
        (put(three), put(TWO, "lost", stale), put(contact_key("c4"))), (Drop(ONE),), (), (event(),), "x", "result"
    )
    yield from refused(changes, ConcurrentUpdate)
    expect("the rows", set((yield from load(ONE, TWO, three, contact_key("c4"), done_key("x")))), {ONE, TWO})
    expect("the events", (yield from select(EventsAfter())), ())
    yield from commit(attrs.evolve(changes, puts=(put(three),)))
    expect("the row, once the same id was committed", (yield from name_of(three)), "")


def a_repeated_id_gets_the_first_result() -> Steps[None]:
    """A unique id is committed once; the second time AlreadyDone carries the first result and nothing is written."""
    first = message("m1")
    yield from commit(Changes((put(ONE, "first", 0),), events=(event(1),), once="x", result=first))
    again = Changes((put(ONE, "second"), put(TWO)), (Drop(ONE),), (), (event(2),), "x", "other")
    error = yield from refused(again, AlreadyDone)
    expect("the result", error.result, first)
    expect("the id", error.once, "x")
    expect("the row", (yield from name_of(ONE)), "first")
    expect("the other row", (yield from name_of(TWO)), None)
    expect("the number of events", len((yield from select(EventsAfter()))), 1)
    yield from commit(Changes(once="y"))


def a_request_keeps_what_was_asked() -> Steps[None]:
    """The result of a request comes back with the print of what was asked, so that a reused id is recognised."""
    first = Answered("print", message("m1"))
    yield from commit(Changes(once="request:r1", result=first))
    error = yield from refused(Changes(once="request:r1", result=Answered("other", None)), AlreadyDone)
    expect("the result", error.result, first)
    rows = yield from load(done_key("request:r1"))
    expect("the row", rows[done_key("request:r1")].value, first)


def a_repeated_id_comes_before_versions() -> Steps[None]:
    """A repeated commit gets AlreadyDone, although its versions are stale by then."""
    changes = Changes((put(ONE, "first", 0),), relies_on=((TWO, 0),), once="x", result=None)
    yield from commit(changes)
    yield from commit(Changes((put(TWO),)))
    expect("the result", (yield from refused(changes, AlreadyDone)).result, None)


def results_can_be_loaded() -> Steps[None]:
    """The result of a unique id can be loaded as a row."""
    yield from commit(Changes(once="x", result=conversation()))
    rows = yield from load(done_key("x"), done_key("y"))
    expect("the rows", {key: stored.value for key, stored in rows.items()}, {done_key("x"): conversation()})


def snapshots_cannot_be_changed() -> Steps[None]:
    """Neither what was put nor what was loaded is a way to change what the store has."""
    variables = {"1": "Ana"}
    key = message_key("m1")
    yield from commit(Changes((Put(key, message("m1", TemplateMessage("hello", variables))),)))
    variables["1"] = "changed"
    expect("the row after its value was changed", (yield from _variables(key)), {"1": "Ana"})
    _spoil((yield from _variables(key)))
    expect("the row after what was loaded was changed", (yield from _variables(key)), {"1": "Ana"})


def _variables(key: Key) -> Steps[Mapping[str, str]]:
    found = (yield from load(key))[key].value
    if not isinstance(found, Message) or not isinstance(found.content, TemplateMessage):
        raise Unmet(f"expected a message made from a template, found {found!r}")
    return found.content.variables


def _spoil(mapping: Any) -> None:
    """Change a mapping if it can be changed."""
    with suppress(TypeError):
        mapping["1"] = "changed"


def one_of_many_wins() -> Steps[None]:
    """Of commits that expect the same version at the same time exactly one succeeds; the others are refused."""
    yield from commit(Changes((put(ONE, "start"), put(TWO, "start"))))
    for _ in range(5):
        version = yield from version_of(ONE)
        courses = [attempt(Changes((put(TWO, f"by {n}"), put(ONE, f"by {n}", version)))) for n in range(8)]
        outcomes = yield from together(courses)
        winners = [f"by {n}" for n, error in enumerate(outcomes) if error is None]
        expect("the number of winners", len(winners), 1)
        losers = {type(error) for error in outcomes if error is not None}
        expect("what the others got", losers, {ConcurrentUpdate})
        expect("the rows", [(yield from name_of(ONE)), (yield from name_of(TWO))], winners * 2)


def nobody_loses_an_update() -> Steps[None]:
    """Threads or tasks that load, add one and commit until it succeeds have counted every addition."""
    key = thread_key(NUMBER, "c1")
    yield from commit(Changes((Put(key, Thread(NUMBER, "c1", NUMBER)),)))
    yield from together([_count(key, 5) for _ in range(6)])
    thread = (yield from load(key))[key].value
    expect("the number of additions", getattr(thread, "events", None), 30)


def _count(key: Key, times: int) -> Steps[None]:
    while times:
        stored = (yield from load(key))[key]
        if not isinstance(stored.value, Thread):
            raise Unmet(f"expected a thread, found {stored.value!r}")
        yield from pause()  # so that others have loaded the same version
        more = attrs.evolve(stored.value, events=stored.value.events + 1)
        error = yield from attempt(Changes((Put(key, more, stored.version),)))
        times -= error is None


def one_id_takes_effect_once() -> Steps[None]:
    """Of commits with the same unique id at the same time one takes effect; the others get its result."""
    courses = [attempt(Changes(events=(event(n),), once="x", result=str(n))) for n in range(8)]
    outcomes = yield from together(courses)
    winners = [str(n) for n, error in enumerate(outcomes) if error is None]
    expect("the number of winners", len(winners), 1)
    results = {getattr(error, "result", None) for error in outcomes if error is not None}
    expect("what the others got", results, set(winners))
    expect("the events", [found.event.n for found in (yield from select(EventsAfter()))], [int(winners[0])])


def neighbours_do_not_disturb() -> Steps[None]:
    """Commits at the same time that have nothing to do with each other all succeed, beside one that is refused."""
    yield from commit(Changes((put(ONE, "first"),)))
    courses = [attempt(Changes((put(contact_key(f"n{n}"), expected=0),), events=(event(n),))) for n in range(12)]
    outcomes = yield from together([attempt(Changes((put(ONE, "lost", 0),))), *courses])
    expect("the outcomes", [type(error) for error in outcomes], [ConcurrentUpdate] + [type(None)] * 12)
    rows = yield from load(*(contact_key(f"n{n}") for n in range(12)))
    expect("the number of rows", len(rows), 12)
    positions = [found.position for found in (yield from select(EventsAfter()))]
    expect("the number of different positions", len(set(positions)), 12)


def a_load_is_of_one_moment() -> Steps[None]:
    """Rows that are always written together are loaded from one moment, whatever is committed meanwhile."""
    yield from commit(Changes((put(ONE, "0"), put(TWO, "0"))))
    results = yield from together([_write_both(), _compare_both(), _compare_both()])
    torn = [pair for pairs in results for pair in pairs]
    expect("the number of pairs of rows from different moments", len(torn), 0)


def _write_both() -> Steps[list[tuple[object, object]]]:
    for n in range(1, 25):
        yield from commit(Changes((put(ONE, str(n)), put(TWO, str(n)))))
    return []


def _compare_both() -> Steps[list[tuple[object, object]]]:
    torn: list[tuple[object, object]] = []
    for _ in range(50):
        rows = yield from load(ONE, TWO)
        pair = tuple(getattr(rows[key].value, "name", None) for key in (ONE, TWO))
        torn += [(pair[0], pair[1])] if pair[0] != pair[1] else []
    return torn


CHECKS = (
    absent_rows_are_left_out,
    every_kind_of_row_comes_back,
    many_rows_at_once,
    version_zero_means_absent,
    stale_versions_are_refused,
    no_version_writes_in_any_case,
    versions_are_never_used_again,
    rows_relied_on_are_compared,
    drops_remove_rows,
    drops_with_a_stale_version_do_nothing,
    a_put_outweighs_a_drop,
    a_refused_commit_leaves_nothing,
    a_repeated_id_gets_the_first_result,
    a_request_keeps_what_was_asked,
    a_repeated_id_comes_before_versions,
    results_can_be_loaded,
    snapshots_cannot_be_changed,
    one_of_many_wins,
    nobody_loses_an_update,
    one_id_takes_effect_once,
    neighbours_do_not_disturb,
    a_load_is_of_one_moment,
)
