"""The suite finds every fault: each store here breaks one promise, and the check of that name says so."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import attrs
import pytest

from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.errors import AlreadyDone, ConcurrentUpdate, WaOmnichannelError
from wa_omnichannel.ports import (
    Agents,
    Answered,
    Changes,
    ClosedBefore,
    Contacts,
    Conversations,
    CountWaiting,
    Drop,
    DueEntries,
    EventsAfter,
    Key,
    KnownSids,
    MessageBySid,
    MessagesOf,
    NextDue,
    Put,
    Quarantined,
    Query,
    Reached,
    Rows,
    Store,
    Stored,
    Timeline,
    TouchedAfter,
    WaitingItems,
)
from wa_omnichannel.testing.conformance import CHECKS, ConformanceError, arun_check, check_store, run_check

T = TypeVar("T")
BY_NAME = {check.name: check for check in CHECKS}


class Honest:
    """A store that passes everything on; the broken ones override one thing."""

    def __init__(self) -> None:
        self.inner = MemoryStore()

    def load(self, keys: Sequence[Key]) -> Rows:
        return self.inner.load(keys)

    def commit(self, changes: Changes) -> None:
        self.inner.commit(changes)

    def select(self, query: Query[T]) -> T:
        return self.inner.select(query)


def unguarded(puts: tuple[Put, ...]) -> tuple[Put, ...]:
    return tuple(attrs.evolve(put, expected=None) for put in puts)


class InventsRows(Honest):
    def load(self, keys: Sequence[Key]) -> Rows:
        return {key: self.inner.load([key]).get(key, Stored(None, 0)) for key in keys}


class LosesAddresses(Honest):
    """Forgets part of a value, as a store with too few columns does."""

    def load(self, keys: Sequence[Key]) -> Rows:
        return {
            key: attrs.evolve(stored, value=self.poorer(stored.value)) for key, stored in super().load(keys).items()
        }

    def poorer(self, value: Any) -> Any:
        return attrs.evolve(value, addresses=()) if hasattr(value, "addresses") else value


class LoadsAHundredRows(Honest):
    def load(self, keys: Sequence[Key]) -> Rows:
        return super().load(keys[:100])


class LoadsRowByRow(Honest):
    """Loads from several moments: somebody commits in between, here always."""

    def load(self, keys: Sequence[Key]) -> Rows:
        rows: dict[Key, Stored[object]] = {}
        for key in keys:
            rows |= self.inner.load([key])
            for other in [each for each in keys if each != key and len(keys) == 2]:
                known = self.inner.load([other]).get(other)
                if known is not None and hasattr(known.value, "name"):
                    changed = attrs.evolve(known.value, name="changed meanwhile")  # type: ignore[misc]
                    self.inner.commit(Changes((Put(other, changed),)))
        return rows


class SkipsTheVersionCompare(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(attrs.evolve(changes, puts=unguarded(changes.puts)))


class ComparesOnlyNewRows(Honest):
    def commit(self, changes: Changes) -> None:
        puts = (put if put.expected == 0 else attrs.evolve(put, expected=None) for put in changes.puts)
        super().commit(attrs.evolve(changes, puts=tuple(puts)))


class RefusesUnguardedPuts(Honest):
    def commit(self, changes: Changes) -> None:
        puts = (attrs.evolve(put, expected=put.expected or 0) for put in changes.puts)
        super().commit(attrs.evolve(changes, puts=tuple(puts)))


class CountsVersionsFromOne(Honest):
    """The first version of a row is always 1, also when it comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.first: dict[Key, int] = {}

    def commit(self, changes: Changes) -> None:
        super().commit(changes)
        self.first |= {
            put.key: self.inner.load([put.key])[put.key].version - 1
            for put in changes.puts
            if put.key not in self.first
        }
        for drop in changes.drops:
            self.first.pop(drop.key, None)

    def load(self, keys: Sequence[Key]) -> Rows:
        return {
            key: attrs.evolve(stored, version=stored.version - self.first.get(key, 0))
            for key, stored in super().load(keys).items()
        }


class IgnoresRowsReliedOn(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(attrs.evolve(changes, relies_on=()))


class NeverDrops(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(attrs.evolve(changes, drops=()))


class DropsAnyVersion(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(attrs.evolve(changes, drops=tuple(Drop(drop.key) for drop in changes.drops)))


class DropsLast(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(attrs.evolve(changes, drops=()))
        super().commit(Changes(drops=changes.drops))


class TearsACommit(Honest):
    """Writes the rows one by one, so that a refusal comes too late."""

    def commit(self, changes: Changes) -> None:
        for put in changes.puts:
            super().commit(Changes((put,)))
        super().commit(attrs.evolve(changes, puts=()))


class WritesEventsFirst(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(Changes(events=changes.events))
        super().commit(attrs.evolve(changes, events=()))


class RecordsTheIdEarly(Honest):
    """Remembers the unique id before the effects are written: a failed webhook is never handled again."""

    def commit(self, changes: Changes) -> None:
        if changes.once is not None:
            super().commit(Changes(once=changes.once, result=changes.result))
        super().commit(attrs.evolve(changes, once=None))


class ForgetsIds(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(attrs.evolve(changes, once=None))


class ForgetsResults(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(attrs.evolve(changes, result=None))


class ComparesVersionsFirst(Honest):
    def commit(self, changes: Changes) -> None:
        super().commit(Changes(relies_on=changes.relies_on))
        super().commit(changes)


class KeepsBareResults(Honest):
    """Keeps what a request came to, but not what was asked."""

    def commit(self, changes: Changes) -> None:
        bare = changes.result.result if isinstance(changes.result, Answered) else changes.result
        super().commit(attrs.evolve(changes, result=bare))


class GivesTheSecondResult(Honest):
    def commit(self, changes: Changes) -> None:
        try:
            super().commit(changes)
        except AlreadyDone as done:
            raise AlreadyDone(done.once, changes.result) from None


class HandsOutItsOwnRows(Honest):
    """Keeps and returns the caller's objects."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[Key, object] = {}

    def commit(self, changes: Changes) -> None:
        super().commit(changes)
        self.given |= {put.key: put.value for put in changes.puts}

    def load(self, keys: Sequence[Key]) -> Rows:
        return {key: attrs.evolve(stored, value=self.given[key]) for key, stored in super().load(keys).items()}


class FailsTheWholeGroup(Honest):
    """After one refusal the next commit is refused, too, as in a group commit without savepoints."""

    failed = False

    def commit(self, changes: Changes) -> None:
        try:
            super().commit(changes)
        except ConcurrentUpdate:
            self.failed = True
            raise
        if self.failed and changes.events:
            raise ConcurrentUpdate("somebody else")


class Selective(Honest):
    """Answers one kind of query wrongly."""

    kind: type[Query[Any]] = Query

    def select(self, query: Query[T]) -> T:
        if isinstance(query, self.kind):
            return self.wrong(query)  # type: ignore[no-any-return]
        return super().select(query)

    def right(self, query: Any) -> Any:
        return super().select(query)

    def wrong(self, query: Any) -> Any:
        raise NotImplementedError


class IgnoresTheClock(Selective):
    kind = DueEntries

    def wrong(self, query: DueEntries) -> Any:
        return self.right(attrs.evolve(query, now=query.now.replace(year=2999)))


class LetsBulkThrough(Selective):
    """Looks at the due instants alone."""

    kind = DueEntries

    def wrong(self, query: DueEntries) -> Any:
        found = self.right(attrs.evolve(query, limit=1000))
        return tuple(sorted(found, key=lambda stored: stored.value.due))[: query.limit]


class StarvesBulk(Selective):
    """Bulk comes after everything else that is due, however long it waited."""

    kind = DueEntries

    def wrong(self, query: DueEntries) -> Any:
        return tuple(sorted(self.right(query), key=lambda stored: stored.value.bulk))


class InventsEntryVersions(Selective):
    kind = DueEntries

    def wrong(self, query: DueEntries) -> Any:
        return tuple(attrs.evolve(stored, version=stored.version + 1) for stored in self.right(query))


class ReturnsLaterEntriesOfALane(Honest):
    """Lets the entries behind the first one pass, as a query without the look at the lane does."""

    def commit(self, changes: Changes) -> None:
        puts = (
            attrs.evolve(put, value=attrs.evolve(put.value, lane=put.key[1])) if put.key[0] == "agenda" else put  # type: ignore[misc]
            for put in changes.puts
        )
        super().commit(attrs.evolve(changes, puts=tuple(puts)))


class RequeuesEntries(Honest):
    """An entry that is put again goes to the end of its lane."""

    def commit(self, changes: Changes) -> None:
        again = tuple(Drop(put.key) for put in changes.puts if put.key[0] == "agenda" and put.expected is None)
        super().commit(Changes(drops=again))
        super().commit(changes)


class IgnoresLeases(Selective):
    kind = DueEntries

    def wrong(self, query: DueEntries) -> Any:
        return self.right(attrs.evolve(query, lease_now=query.lease_now.replace(year=2999)))


class IgnoresTheLane(Selective):
    kind = DueEntries

    def wrong(self, query: DueEntries) -> Any:
        return self.right(attrs.evolve(query, lane=None))


class NeverDue(Selective):
    kind = NextDue

    def wrong(self, query: NextDue) -> Any:
        return None


class Reversed(Selective):
    def wrong(self, query: Any) -> Any:
        return tuple(reversed(self.right(query)))


class FollowsFromTheBeginning(Selective):
    kind = TouchedAfter

    def wrong(self, query: TouchedAfter) -> Any:
        return self.right(attrs.evolve(query, position=0))


class CountsEverything(Selective):
    kind = CountWaiting

    def wrong(self, query: CountWaiting) -> Any:
        return self.right(CountWaiting(dict.fromkeys(query.queues, 1000)))


class WaitingReversed(Reversed):
    kind = WaitingItems


class QuarantineReversed(Reversed):
    kind = Quarantined


class AgentsReversed(Reversed):
    kind = Agents


class MessagesReversed(Reversed):
    kind = MessagesOf


class ClosedReversed(Honest):
    def select(self, query: Query[T]) -> T:
        found: Any = self.inner.select(query)
        return found[::-1] if isinstance(query, ClosedBefore) else found  # type: ignore[no-any-return]


class ConversationsUnfiltered(Selective):
    kind = Conversations

    def wrong(self, query: Conversations) -> Any:
        return self.right(attrs.evolve(query, agent=None))


class KeepsOldListings(Honest):
    def commit(self, changes: Changes) -> None:
        puts = tuple(put for put in changes.puts if put.key[0] != "conversation" or not self.inner.load([put.key]))
        super().commit(attrs.evolve(changes, puts=puts))


class MessagesOfTheThreadOnly(Selective):
    kind = MessagesOf

    def wrong(self, query: MessagesOf) -> Any:
        return tuple(m for m in self.right(query) if (m.number, m.contact) == (query.number, query.contact))


class KnowsNoSids(Selective):
    kind = MessageBySid

    def wrong(self, query: MessageBySid) -> Any:
        return None


class KnowsAllSids(Selective):
    kind = KnownSids

    def wrong(self, query: KnownSids) -> Any:
        return frozenset(query.sids)


class CountsEveryPool(Selective):
    kind = Reached

    def wrong(self, query: Reached) -> Any:
        return self.right(query) + self.right(Reached("q", query.since))


class ContactsReversed(Reversed):
    kind = Contacts


class EventsReversed(Reversed):
    kind = EventsAfter


class TimelineOfEverybody(Selective):
    kind = Timeline

    def wrong(self, query: Timeline) -> Any:
        return self.right(EventsAfter(0, 1000))


class ShowsEventsLate(Selective):
    """Shows an event only after a later one, as positions that are given before the commit do."""

    kind = EventsAfter

    def wrong(self, query: EventsAfter) -> Any:
        found = self.right(query)
        return found if len(found) < 2 else found[1:]


FAULTS: tuple[tuple[type[Honest], str], ...] = (
    (InventsRows, "absent_rows_are_left_out"),
    (LosesAddresses, "every_kind_of_row_comes_back"),
    (LoadsAHundredRows, "many_rows_at_once"),
    (SkipsTheVersionCompare, "version_zero_means_absent"),
    (ComparesOnlyNewRows, "stale_versions_are_refused"),
    (RefusesUnguardedPuts, "no_version_writes_in_any_case"),
    (CountsVersionsFromOne, "versions_are_never_used_again"),
    (IgnoresRowsReliedOn, "rows_relied_on_are_compared"),
    (NeverDrops, "drops_remove_rows"),
    (DropsAnyVersion, "drops_with_a_stale_version_do_nothing"),
    (DropsLast, "a_put_outweighs_a_drop"),
    (TearsACommit, "a_refused_commit_leaves_nothing"),
    (WritesEventsFirst, "a_refused_commit_leaves_nothing"),
    (RecordsTheIdEarly, "a_refused_commit_leaves_nothing"),
    (GivesTheSecondResult, "a_repeated_id_gets_the_first_result"),
    (ForgetsIds, "a_repeated_id_gets_the_first_result"),
    (KeepsBareResults, "a_request_keeps_what_was_asked"),
    (ComparesVersionsFirst, "a_repeated_id_comes_before_versions"),
    (ForgetsResults, "results_can_be_loaded"),
    (HandsOutItsOwnRows, "snapshots_cannot_be_changed"),
    (SkipsTheVersionCompare, "one_of_many_wins"),
    (SkipsTheVersionCompare, "nobody_loses_an_update"),
    (ForgetsIds, "one_id_takes_effect_once"),
    (FailsTheWholeGroup, "neighbours_do_not_disturb"),
    (LoadsRowByRow, "a_load_is_of_one_moment"),
    (IgnoresTheClock, "entries_come_when_they_are_due"),
    (LetsBulkThrough, "people_go_before_bulk"),
    (StarvesBulk, "people_go_before_bulk"),
    (InventsEntryVersions, "entries_come_with_their_version"),
    (ReturnsLaterEntriesOfALane, "only_the_first_of_a_lane_is_due"),
    (RequeuesEntries, "entries_keep_their_place"),
    (IgnoresLeases, "leased_lanes_are_skipped"),
    (IgnoresTheLane, "one_lane_can_be_asked_for"),
    (NeverDue, "the_next_instant_is_known"),
    (SkipsTheVersionCompare, "one_worker_claims_a_lane"),
    (WaitingReversed, "the_longest_waiting_come_first"),
    (QuarantineReversed, "the_quarantine_comes_in_order"),
    (AgentsReversed, "agents_come_by_id"),
    (ConversationsUnfiltered, "conversations_can_be_filtered"),
    (ClosedReversed, "closed_conversations_come_by_age"),
    (KeepsOldListings, "lists_follow_changes"),
    (MessagesReversed, "messages_come_in_order"),
    (MessagesOfTheThreadOnly, "conversations_have_their_messages"),
    (KnowsNoSids, "messages_are_found_by_sid"),
    (KnowsAllSids, "messages_are_found_by_sid"),
    (CountsEveryPool, "customers_written_to_are_counted"),
    (ContactsReversed, "contacts_come_by_id"),
    (EventsReversed, "events_come_in_order"),
    (TimelineOfEverybody, "timelines_are_told_apart"),
    (FollowsFromTheBeginning, "changes_can_be_followed"),
    (CountsEverything, "the_waiting_are_counted"),
    (ShowsEventsLate, "readers_miss_no_event"),
)


@pytest.mark.parametrize(("broken", "name"), FAULTS, ids=[f"{broken.__name__}-{name}" for broken, name in FAULTS])
def test_a_broken_store_is_found_by_name(broken: type[Honest], name: str) -> None:
    with pytest.raises(ConformanceError) as caught:
        run_check(BY_NAME[name], lambda: nullcontext(broken()))
    assert caught.value.check == name
    assert BY_NAME[name].obligation in str(caught.value)
    assert isinstance(caught.value.__cause__, WaOmnichannelError)  # not a mistake in the broken store itself


def test_an_honest_store_passes() -> None:
    check_store(lambda: nullcontext(Honest()))


def test_every_check_has_a_store_that_fails_it() -> None:
    assert set(BY_NAME) == {name for _, name in FAULTS}


def test_an_error_of_the_store_names_the_check() -> None:
    @contextmanager
    def make() -> Iterator[Store]:
        yield Selective()

    with pytest.raises(ConformanceError, match="it raised NotImplementedError"):
        run_check(BY_NAME["agents_come_by_id"], make)


@pytest.mark.anyio
async def test_a_broken_asynchronous_store_is_found_by_name() -> None:
    class Broken(AsyncMemoryStore):
        async def commit(self, changes: Changes) -> None:
            await super().commit(attrs.evolve(changes, puts=unguarded(changes.puts)))

    with pytest.raises(ConformanceError) as caught:
        await arun_check(BY_NAME["nobody_loses_an_update"], lambda: nullcontext(Broken()))
    assert caught.value.check == "nobody_loses_an_update"
