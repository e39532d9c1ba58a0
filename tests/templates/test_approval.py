"""The approval life cycle: the table is total, unknown words are never approval, old answers change nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.errors import InvalidValue, Refused
from wa_omnichannel.templates import (
    ALERTS,
    KINDS,
    TRANSITIONS,
    Approval,
    ApprovalEvent,
    Standing,
    Translation,
    advance,
    observe,
    override,
)

SID = "HX" + "0" * 32
AT = datetime(2026, 1, 1, tzinfo=UTC)
PROVIDER_WORDS = ("unsubmitted", "received", "pending", "approved", "rejected", "paused", "disabled")
META_EVENTS = (
    *("APPROVED", "PENDING", "REJECTED", "IN_APPEAL", "PAUSED", "DISABLED", "FLAGGED", "REINSTATED"),
    *("LIMIT_EXCEEDED", "LOCKED", "ARCHIVED", "UNARCHIVED", "DELETED", "PENDING_DELETION"),
)

instants = st.timedeltas(timedelta(0), timedelta(days=365)).map(AT.__add__)
words = st.sampled_from(PROVIDER_WORDS) | st.text(max_size=12)


@pytest.mark.parametrize("state", Approval)
@pytest.mark.parametrize("event", ApprovalEvent)
def test_every_pair_of_state_and_event_is_in_the_table_or_refused(state: Approval, event: ApprovalEvent) -> None:
    after = advance(Standing(state), event, AT)
    if (state, event) in TRANSITIONS:
        assert isinstance(after, Standing)
        assert (after.state, after.word, after.read_at) == (TRANSITIONS[state, event], event.value, AT)
    else:
        assert isinstance(after, Refused)
        assert after.explain("es") != after.explain("en")


def test_only_these_steps_lead_to_approval() -> None:
    steps = {(state.value, event.value) for (state, event), after in TRANSITIONS.items() if after is Approval.APPROVED}
    assert steps == {
        *((state, "approved") for state in ("unsubmitted", "received", "pending", "in_appeal", "unknown", "approved")),
        *((state, "unpaused") for state in ("paused", "approved", "unknown")),
        *((state, "reinstated") for state in ("paused", "disabled", "in_appeal", "approved", "unknown")),
        ("approved", "flagged"),
    }


def test_deleted_is_absorbing() -> None:
    assert {after for (state, _), after in TRANSITIONS.items() if state is Approval.DELETED} == {Approval.DELETED}


@pytest.mark.parametrize(("code", "state"), [(63040, "rejected"), (63041, "paused"), (63042, "disabled")])
def test_an_alert_takes_the_approval_away(code: int, state: str) -> None:
    after = advance(Standing(Approval.APPROVED), ALERTS[code], AT)
    assert isinstance(after, Standing)
    assert after.state.value == state


@pytest.mark.parametrize("word", META_EVENTS)
def test_every_event_of_the_platform_moves_an_approved_template(word: str) -> None:
    event = ApprovalEvent.parse(word)
    after = advance(Standing(Approval.APPROVED), event, AT)
    still = {"APPROVED", "FLAGGED", "REINSTATED"}
    if isinstance(after, Standing):
        assert (after.state is Approval.APPROVED) == (word in still)
    else:
        assert word in {"PENDING", "IN_APPEAL", "UNARCHIVED"}


@given(st.text(max_size=20))
def test_tpl_2_peers_case_11_an_unknown_word_is_never_approval(word: str) -> None:
    state = Approval.parse(word)
    known = word.strip().lower()
    assert (state is Approval.APPROVED) == (known == "approved")
    if known not in {item.value for item in Approval} | {"pending_deletion"}:
        read = observe(Standing(), word, AT)
        assert (read.state, read.word) == (Approval.UNKNOWN, word)
        assert not Translation("es", "Hola", read, SID).sendable


@pytest.mark.parametrize("state", Approval)
@pytest.mark.parametrize("sid", [SID, None])
@pytest.mark.parametrize("kind", [*KINDS, "twilio/new"])
def test_tpl_2_tpl_5_tpl_7_sendable_is_approved_linked_and_of_an_approvable_kind(
    state: Approval, sid: str | None, kind: str
) -> None:
    never = {"twilio/location", "twilio/list-picker", "twilio/schedule", "twilio/new"}
    expected = state is Approval.APPROVED and sid is not None and kind not in never
    assert Translation("es", "Hola", state, sid, kind=kind).sendable == expected


@given(st.lists(st.tuples(words, instants), max_size=8), st.randoms(use_true_random=False))
def test_the_newest_answer_stands_in_whatever_order_answers_come(
    answers: list[tuple[str, datetime]], chance: object
) -> None:
    unique = list({at: (word, at) for word, at in answers}.values())
    shuffled = sorted(unique, key=lambda _: chance.random())  # type: ignore[attr-defined]
    known = Standing()
    for word, at in [*shuffled, *shuffled]:
        known = observe(known, word, at)
    if unique:
        word, at = max(unique, key=lambda answer: answer[1])
        assert (known.word, known.read_at, known.state) == (word, at, Approval.parse(word))


@given(st.sampled_from(ApprovalEvent), instants, instants)
def test_an_event_older_than_the_last_answer_changes_nothing(
    event: ApprovalEvent, one: datetime, other: datetime
) -> None:
    early, late = sorted((one, other))
    known = observe(Standing(), "pending", late)
    if early < late and (known.state, event) in TRANSITIONS:
        assert advance(known, event, early) is known


def test_an_override_is_on_record_until_the_provider_is_asked() -> None:
    declared = override(Approval.APPROVED, "ana", AT, "seen in the console")
    assert (declared.source, declared.age(AT), Translation("es", "Hola", declared, SID).sendable) == (
        "override",
        None,
        True,
    )
    asked = observe(declared, "rejected", AT, "INVALID_FORMAT")
    assert (asked.source, asked.override, asked.reason) == ("provider", None, "INVALID_FORMAT")


@pytest.mark.parametrize(("by", "why"), [("", "x"), ("ana", " ")])
def test_an_override_without_a_name_or_a_reason_is_refused(by: str, why: str) -> None:
    with pytest.raises(InvalidValue, match="who made it and why"):
        override(Approval.APPROVED, by, AT, why)


def test_naive_instants_are_refused() -> None:
    naive = AT.replace(tzinfo=None)
    with pytest.raises(InvalidValue, match="time zone"):
        observe(Standing(), "approved", naive)
    with pytest.raises(InvalidValue, match="time zone"):
        override(Approval.APPROVED, "ana", naive, "why")


def test_the_age_is_since_the_answer_and_never_negative() -> None:
    known = observe(Standing(), "approved", AT)
    assert known.age(AT + timedelta(hours=3)) == timedelta(hours=3)
    assert known.age(AT - timedelta(hours=3)) == timedelta(0)
    assert Standing(Approval.APPROVED).source == "code"
