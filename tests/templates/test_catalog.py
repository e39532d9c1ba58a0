"""Templates in life: added, found at the provider, approved, paused, refreshed, drifted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop
from tests.support.stage import Stage

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.errors import ConfigurationError, Refused
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import NotSent, Rejected, TemplateMessage
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending import Allowed
from wa_omnichannel.templates import (
    Approval,
    ApprovalEvent,
    Category,
    Standing,
    Template,
    Translation,
    observe,
    override,
)
from wa_omnichannel.templates.catalog import EMPTY, Catalog, add, current, read, report
from wa_omnichannel.templates.linking import define
from wa_omnichannel.templates.wire import Holdings, Json, Unread, read_contents
from wa_omnichannel.testing import strategies as wa
from wa_omnichannel.testing.fakes import HeldTemplates, RecordingTransport

HOUR = timedelta(hours=1)
TEXT = "Hola {{1}}, su pedido está listo."
HELLO = define("hello", "es", TEXT)


def held(n: int = 1, status: str = "approved", body: str = TEXT, language: str = "es", **more: object) -> Json:
    """Return one entry of the provider's list."""
    asked = {"name": "hello", "category": "UTILITY", "status": status, **more}
    types = {"twilio/text": {"body": body}}
    return {
        "sid": f"HX{n:032x}",
        "friendly_name": "x",
        "language": language,
        "types": types,
        "approval_requests": asked,
    }


def settings(*templates: Template) -> Rules:
    known = shop()
    return Rules(known.numbers, known.workstreams, known.queues, templates)


class Shop:
    """A channel with a provider that holds templates."""

    def __init__(self, *templates: Template, store: MemoryStore | SqliteStore | None = None) -> None:
        self.clock = FixedClock(NOW)
        self.provider = RecordingTransport(self.clock)
        self.source = HeldTemplates()
        self.store = store or MemoryStore()
        self.desk = Omnichannel(
            settings(*templates),
            store=self.store,
            transport=self.provider,
            clock=self.clock,
            templates=self.source,
        )

    def ask(self, name: str = "hello") -> Allowed | Refused:
        return self.desk.can_send(NUMBER, ANA, TemplateMessage(name, {"1": "Ana"}))

    def kinds(self) -> list[str]:
        return [happening.event.kind for happening in self.desk.events(limit=1000)]


def reason(verdict: Allowed | Refused) -> str:
    return verdict.reason if isinstance(verdict, Refused) else "allowed"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryStore | SqliteStore]:
    """Both kinds of stores."""
    if request.param == "memory":
        yield MemoryStore()
    else:
        with SqliteStore(tmp_path / "wa.sqlite") as opened:
            yield opened


def test_tpl_3_tpl_5_an_added_template_is_found_at_the_provider_and_sent(store: MemoryStore | SqliteStore) -> None:
    made = Shop(store=store)
    made.source.items = [held()]
    added = made.desk.add_template("hello", "es", TEXT)
    assert added.links[0].check.code == "template_link_found"
    message = made.desk.send(NUMBER, ANA, TemplateMessage("hello", {"1": "Ana"}))
    assert isinstance(message.content, TemplateMessage)
    assert message.content.content_sid == f"HX{1:032x}"
    assert made.kinds()[:3] == ["template_added", "template_link_changed", "template_approval_changed"]


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ((), "template_link_none"),
        ((held(1), held(2)), "template_link_several"),
        ((held(language="en"),), "template_link_other_language"),
    ],
)
def test_tpl_5_none_or_several_hits_leave_it_unlinked_and_unsendable(items: tuple[Json, ...], code: str) -> None:
    made = Shop()
    made.source.items = [*items]
    added = made.desk.add_template("hello", "es", TEXT)
    assert added.links[0].check.code == code
    verdict = made.ask()
    assert isinstance(verdict, Refused)
    assert {remedy.code for remedy in verdict.remedies} <= {"await_approval", "link_template"}


def test_a_template_is_added_where_the_provider_cannot_be_asked() -> None:
    made = Shop()
    made.source.unreachable = True
    assert made.desk.add_template("hello", "es", TEXT).links[0].check.code == "template_link_none"
    assert reason(made.ask()) == "template_not_approved"
    made.source.unreachable, made.source.items = False, [held()]
    made.desk.sync_templates()
    assert reason(made.ask()) == "allowed"


def test_tpl_3_a_name_is_used_once() -> None:
    made = Shop(HELLO)
    with pytest.raises(Refused, match="already"):
        made.desk.add_template("hello", "es", "Otra")


def test_tpl_8_the_state_is_read_again_and_its_age_stands_in_the_verdict() -> None:
    """What Dynamics never notices: an approval that was taken back. Each verdict says how old the reading is."""
    made = Shop(HELLO)
    assert reason(made.ask()) == "template_not_approved"
    made.source.items = [held()]
    made.desk.sync_templates()
    made.clock.advance(HOUR / 2)
    verdict = made.ask()
    assert next(check for check in verdict.trace if check.rule == "TPL-4").facts["age"] == HOUR / 2
    made.source.items = [held(status="rejected", rejection_reason="SCAM")]
    made.clock.advance(HOUR / 2)
    made.desk.tick()
    assert reason(made.ask()) == "template_not_approved"
    assert made.kinds().count("template_approval_changed") == 2
    assert made.desk.tick().next_due == NOW + 2 * HOUR


def test_a_list_that_cannot_be_read_is_read_again_soon() -> None:
    made = Shop(HELLO)
    made.source.items = [held()]
    made.desk.sync_templates()
    made.source.unreachable = True
    made.clock.advance(HOUR)
    assert made.desk.tick().postponed == 1
    assert reason(made.ask()) == "allowed"
    made.source.unreachable = False
    made.source.items = []
    made.clock.advance(timedelta(minutes=1))
    made.desk.tick()
    assert reason(made.ask()) == "template_not_approved"


def test_without_a_source_syncing_says_what_to_do() -> None:
    made = Shop(HELLO)
    bare = Omnichannel(settings(HELLO), store=made.store, transport=made.provider, clock=made.clock)
    with pytest.raises(ConfigurationError, match="templates="):
        bare.sync_templates()


@pytest.mark.parametrize(
    ("code", "state"), [(63040, Approval.REJECTED), (63041, Approval.PAUSED), (63042, Approval.DISABLED)]
)
def test_tpl_8_an_error_of_a_send_tells_of_the_template(code: int, state: Approval) -> None:
    """At once for every worker; then the list is read again, whose word counts."""
    made = Shop(HELLO)
    made.source.items = [held()]
    made.desk.sync_templates()
    made.provider.plan(Rejected(code, ""))
    made.desk.send(NUMBER, ANA, TemplateMessage("hello", {"1": "Ana"}))
    made.source.unreachable = True
    made.desk.tick()
    (template,) = made.desk.templates()
    assert template.translations[0].approval.state is state
    changed = [h.event for h in made.desk.events(limit=100) if h.event.kind == "template_approval_changed"]
    assert changed[-1].facts["after"] == state.value
    made.source.unreachable = False
    made.clock.advance(timedelta(minutes=1))
    made.desk.tick()
    assert reason(made.ask()) == "allowed"


def test_63013_has_the_list_read_again_and_says_nothing_about_the_state() -> None:
    made = Shop(HELLO)
    made.source.items = [held()]
    made.desk.sync_templates()
    made.provider.plan(Rejected(63013, ""))
    made.desk.send(NUMBER, ANA, TemplateMessage("hello", {"1": "Ana"}))
    made.source.items = [held(status="paused")]
    made.desk.tick()
    assert made.desk.templates()[0].translations[0].approval.state is Approval.PAUSED


def test_an_alert_and_an_override_are_on_record_and_the_next_reading_replaces_them() -> None:
    made = Shop(HELLO)
    made.source.items = [held(status="pending")]
    made.desk.sync_templates()
    change = made.desk.override_template("hello", "es", override(Approval.APPROVED, "ana", NOW, "seen in the console"))
    assert change is not None
    assert change.after == "approved"
    assert reason(made.ask()) == "allowed"
    made.desk.report_template("hello", "es", ApprovalEvent.PAUSE, reason="feedback")
    assert reason(made.ask()) == "template_not_approved"
    with pytest.raises(Refused, match="cannot become"):
        made.desk.report_template("hello", "es", ApprovalEvent.SUBMIT)
    with pytest.raises(Refused, match="no template"):
        made.desk.report_template("gone", "es", ApprovalEvent.PAUSE)
    made.source.items = [held()]
    made.desk.sync_templates()
    assert made.desk.templates()[0].translations[0].approval.source == "provider"


def test_peers_case_12_a_category_change_surfaces_as_an_event() -> None:
    made = Shop(HELLO)
    made.source.items = [held()]
    made.desk.sync_templates()
    made.source.items = [held(category="MARKETING")]
    synced = made.desk.sync_templates()
    assert [change.code for change in synced.changes] == ["template_category_changed"]
    assert made.kinds()[-1] == "template_category_changed"
    assert made.desk.templates()[0].category is Category.MARKETING


def test_drift_is_shown_as_a_diff() -> None:
    pinned = Template("hello", (Translation("es", TEXT, content_sid=f"HX{1:032x}"),), "es")
    made = Shop(pinned)
    made.source.items = [held(body="Buenas {{1}}, su pedido está listo.")]
    drifts = made.desk.sync_templates().drift
    assert "+Buenas {{1}}, su pedido está listo." in drifts["hello"][0].diff


def test_an_entry_that_cannot_be_read_changes_nothing_about_its_template() -> None:
    made = Shop(HELLO)
    made.source.items = [held()]
    made.desk.sync_templates()
    made.source.items = [{"sid": f"HX{1:032x}"}, held(2, body="Otra")]
    synced = made.desk.sync_templates()
    assert [(entry.place, entry.content_sid) for entry in synced.unread] == [(1, f"HX{1:032x}")]
    assert reason(made.ask()) == "allowed"


def test_two_stores_behind_the_same_settings_do_not_mix() -> None:
    rules = settings(HELLO)
    one, other = Shop(HELLO), Shop(HELLO)
    one.desk = Omnichannel(rules, store=one.store, transport=one.provider, clock=one.clock, templates=one.source)
    other.desk = Omnichannel(
        rules, store=other.store, transport=other.provider, clock=other.clock, templates=other.source
    )
    one.source.items = [held()]
    one.desk.sync_templates()
    other.desk.sync_templates()
    assert (reason(one.ask()), reason(other.ask())) == ("allowed", "template_not_approved")


def test_the_template_that_was_paused_while_a_message_waited_is_refused_at_dispatch() -> None:
    made = Stage(settings(HELLO))
    desk = Omnichannel(
        made.rules, store=made.store, transport=made.provider, clock=made.clock, templates=HeldTemplates(held())
    )
    desk.sync_templates()
    made.provider.plan(NotSent("busy"))
    message = desk.send(NUMBER, ANA, TemplateMessage("hello", {"1": "Ana"}))
    desk.report_template("hello", "es", ApprovalEvent.PAUSE)
    made.pass_time()
    desk.tick()
    assert (desk.message(message.id).error, len(made.provider.handed)) == ("template_not_approved", 1)


# the pure functions


@given(st.lists(wa.templates(), max_size=3, unique_by=lambda made: made.name))
def test_an_empty_catalog_changes_nothing(templates: list[Template]) -> None:
    assert current(templates, EMPTY) == tuple(templates)


@given(st.lists(wa.templates(), max_size=2, unique_by=lambda made: made.name), st.data())
def test_syncing_twice_with_the_same_list_changes_nothing_more(templates: list[Template], data: st.DataObject) -> None:
    bodies = [each.body for template in templates for each in template.translations]
    items = data.draw(
        st.lists(st.builds(held, st.integers(1, 5), st.just("approved"), st.sampled_from(bodies or ["x"])))
    )
    holdings = read_contents(items, NOW)
    once = read(templates, EMPTY, holdings, "1")
    twice = read(templates, once.catalog, holdings, "1")
    assert twice.catalog == once.catalog
    assert twice.synced.changes == ()
    assert current(templates, once.catalog) == once.synced.templates


def test_what_was_said_of_another_text_does_not_count() -> None:
    synced = read([HELLO], EMPTY, read_contents([held()], NOW), "1")
    assert current([HELLO], synced.catalog)[0].translations[0].sendable
    reworded = define("hello", "es", "Hola {{1}}.")
    assert not current([reworded], synced.catalog)[0].translations[0].sendable
    pinned = Template("hello", (Translation("es", TEXT, content_sid=f"HX{2:032x}"),), "es")
    assert not current([pinned], synced.catalog)[0].translations[0].sendable


def test_the_settings_win_over_an_added_template_of_the_same_name() -> None:
    added = add([], EMPTY, HELLO, "1")
    assert isinstance(added, Catalog)
    other = define("hello", "en", "Hi")
    assert current([other], added) == (other,)


def test_an_old_event_and_an_old_list_change_nothing() -> None:
    synced = read([HELLO], EMPTY, read_contents([held()], NOW), "1")
    moved = report([HELLO], synced.catalog, ("hello", "es"), ApprovalEvent.PAUSE, NOW - HOUR, "2")
    assert not isinstance(moved, Refused)
    assert (moved.catalog, moved.change) == (synced.catalog, None)
    old = read([HELLO], synced.catalog, read_contents([held(status="pending")], NOW - HOUR), "3")
    assert old.synced.changes == ()
    assert old.catalog.read_at == NOW


def test_an_unread_entry_is_not_a_deleted_one() -> None:
    synced = read([HELLO], EMPTY, read_contents([held()], NOW), "1")
    unread = Unread(1, f"HX{1:032x}", read_contents([{}], NOW).unread[0].error)
    again = read([HELLO], synced.catalog, Holdings(NOW + HOUR, (), (unread,)), "2")
    assert again.synced.changes == ()
    gone = read([HELLO], synced.catalog, Holdings(NOW + HOUR), "2")
    assert [change.after for change in gone.synced.changes] == ["deleted"]


def test_a_word_of_the_program_is_not_kept_as_if_the_provider_had_said_it() -> None:
    by_code = Template("hello", (Translation("es", TEXT, Standing(Approval.APPROVED)),), "es")
    assert read([by_code], EMPTY, Holdings(NOW), "1").catalog.known == ()
    asked = observe(Standing(), "approved", NOW)
    told = Template("hello", (Translation("es", TEXT, asked, f"HX{1:032x}"),), "es")
    assert len(read([told], EMPTY, read_contents([held()], NOW), "1").catalog.known) == 1


def listed(at: int, *entries: Json) -> Holdings:
    """Return the provider's list as it was read some hours after :data:`NOW`."""
    return read_contents(entries, NOW + at * HOUR)


def test_a_list_that_was_read_earlier_and_arrives_later_changes_nothing() -> None:
    """Two workers read the list; the slower one has the older words, and an older category."""
    newer = read([HELLO], EMPTY, listed(2, held(category="MARKETING")), "2")
    late = read([HELLO], newer.catalog, listed(1, held(status="pending")), "1")
    assert late.catalog == newer.catalog
    assert late.synced.changes == ()
    assert late.synced.templates == newer.synced.templates
    assert late.synced.templates[0].category is Category.MARKETING
