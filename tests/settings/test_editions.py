"""The settings in force: put there by somebody, obeyed at once by everybody, never lost."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.support.shop import ANA, NOW, NUMBER

from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.cli import main
from wa_omnichannel.errors import ConfigurationError, NotFound, Refused
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings import Settings, aapply, apply, compiler, load, read_text, settings_of
from wa_omnichannel.settings.versions import drafted, in_force
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.workforce import Presence

FILE = """\
numbers:
  - {number: +14155550100, name: Shop, workstream: main, attachments: {enabled: true, customers: true}}
workstreams:
  - {name: main, fallback_queue: all}
queues:
  - {name: all}
agents:
  - {id: ana, name: Ana, queues: [all]}
"""


def settings_of_text(text: str = FILE) -> Settings:
    reading = read_text(text)
    assert reading.settings is not None, reading.findings
    return reading.settings


def following(store: Any, rules: Rules | None = None) -> Omnichannel:
    return Omnichannel(rules or Rules((), (), ()), store=store, transport=None, follow=compiler())


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_settings_are_put_into_force_one_edition_after_another(store: MemoryStore) -> None:
    channel = following(store)
    assert in_force(channel) is None
    apply(channel, settings_of_text(), "marta")
    changes = apply(channel, settings_of_text(FILE.replace("customers: true", "customers: false")), "luis")
    assert [change.sentence() for change in changes] == ["Number +14155550100: attachments / customers was on, is off."]
    edition = channel.edition()
    assert (edition.number, edition.by, edition.changes) == (2, "luis", changes)
    assert channel.edition(1).by == "marta"
    assert settings_of(channel.edition(1)) == settings_of_text()
    assert channel.rules.version == 2


def test_a_file_that_changes_nothing_makes_no_edition(store: MemoryStore) -> None:
    channel = following(store)
    apply(channel, settings_of_text(), "marta")
    assert apply(channel, settings_of_text(), "luis") == ()
    assert channel.edition().number == 1


def test_events_name_who_when_old_and_new(store: MemoryStore) -> None:
    """CH-14: changes count at once, and are recorded."""
    channel = following(store)
    apply(channel, settings_of_text(), "marta")
    apply(channel, settings_of_text(FILE.replace("customers: true", "customers: false")), "luis")
    event = [found.event for found in channel.events() if found.event.kind == "settings_changed"][-1]
    assert event.at == channel.edition().at
    assert {name: event.facts[name] for name in ("by", "what", "setting", "old", "new")} == {
        "by": "luis",
        "what": "Number +14155550100",
        "setting": "attachments / customers",
        "old": True,
        "new": False,
    }


def test_who_was_overtaken_is_told(store: MemoryStore) -> None:
    """The edition that a change was compared with guards it."""
    channel = following(store)
    apply(channel, settings_of_text(), "marta")
    stale = drafted(settings_of_text(FILE.replace("Shop", "A")), "luis", in_force(channel))
    apply(channel, settings_of_text(FILE.replace("Shop", "B")), "marta")
    with pytest.raises(Refused, match="since edition 1") as caught:
        channel.publish(settings_of_text().rules, stale)
    assert caught.value.reason == "settings_overtaken"
    assert channel.rules.numbers[0].name == "B"


@pytest.mark.parametrize(
    ("old", "new"),
    [("name: main,", "name: main, mode: pick,"), ("name: main,", "name: main, direction: outbound,")],
)
def test_what_a_workstream_was_made_as_stays(store: MemoryStore, old: str, new: str) -> None:
    """WS-1, WS-2, WS-3: type, channel, direction and push or pick are fixed after creation."""
    channel = following(store)
    apply(channel, settings_of_text(), "marta")
    with pytest.raises(Refused) as caught:
        apply(channel, settings_of_text(FILE.replace(old, new)), "marta")
    assert caught.value.reason == "workstream_fixed"
    assert channel.edition().number == 1


VARIABLE = FILE.replace(
    "fallback_queue: all}",
    "fallback_queue: all, variables: [{name: OrderId}], "
    "routes: [{name: orders, queue: all, when: {attribute: OrderId, is_set: true}}]}",
)


def test_a_context_variable_that_a_rule_uses_stays_and_the_rule_is_named(store: MemoryStore) -> None:
    """WA-CONTEXT: a file without it is not even read; settings made otherwise are refused."""
    channel = following(store)
    old = settings_of_text(VARIABLE)
    apply(channel, old, "marta")
    (finding,) = read_text(VARIABLE.replace("variables: [{name: OrderId}], ", "")).findings
    assert (finding.code, finding.facts["attribute"]) == ("unknown_attribute", "OrderId")
    assert "orders" in finding.sentence("en")
    bare = [attrs.evolve(each, variables=()) for each in old.rules.workstreams]
    with pytest.raises((Refused, ConfigurationError), match="orders"):
        apply(channel, attrs.evolve(old, rules=attrs.evolve(old.rules, workstreams=bare)), "marta")
    assert channel.edition().number == 1
    without_both = settings_of_text()
    assert apply(channel, without_both, "marta")


def test_a_queue_in_which_somebody_waits_stays(store: MemoryStore) -> None:
    channel = following(store)
    apply(channel, settings_of_text(FILE.replace("{name: all}", "{name: all}\n  - {name: spare}")), "marta")
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    desk = Omnichannel(channel.rules, store=store, transport=provider, clock=clock)
    desk.receive(provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Hola")), NOW))
    desk.transfer(desk.conversations()[0].conversation.id, "spare")
    with pytest.raises(Refused) as caught:
        apply(channel, settings_of_text(), "marta")
    assert caught.value.reason == "queue_in_use"
    desk.close(desk.conversations()[0].conversation.id)
    assert apply(channel, settings_of_text(), "marta")


def test_agents_of_the_file_keep_their_presence(store: MemoryStore) -> None:
    channel = following(store)
    apply(channel, settings_of_text(), "marta")
    channel.set_presence("ana", Presence.AVAILABLE)
    apply(channel, settings_of_text(FILE.replace("queues: [all]}", "queues: [all], capacity: 3}")), "marta")
    (ana,) = channel.agents()
    assert (ana.presence, ana.capacity) == (Presence.AVAILABLE, 3)


@pytest.mark.anyio
async def test_coroutines_follow_too() -> None:
    channel = AsyncOmnichannel(Rules((), (), ()), store=AsyncMemoryStore(), transport=None, follow=compiler())
    with pytest.raises(NotFound):
        await channel.edition()
    await aapply(channel, settings_of_text(), "marta")
    verdict = await channel.can_send("+14155550100", "+34600000001", Text("Hi"))
    assert verdict.reason == "window_never_opened"  # type: ignore[union-attr]
    assert channel.rules.version == 1


def test_settings_that_cannot_be_compiled_do_not_replace_good_ones(store: MemoryStore) -> None:
    channel = following(store)
    apply(channel, settings_of_text(), "marta")
    draft = drafted(settings_of_text(FILE.replace("Shop", "New")), "a newer release", in_force(channel))
    newer = attrs.evolve(draft, document=draft.document.replace('"name":"New"', '"name":"New","hologram":true'))
    channel.publish(settings_of_text().rules, newer)
    channel.agents()
    assert channel.rules.numbers[0].name == "Shop"


CHILD = """
import sys
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.messages import Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings import compiler
with SqliteStore(sys.argv[1]) as store:
    channel = Omnichannel(Rules((), (), ()), store=store, transport=None, follow=compiler())
    for _ in sys.stdin:
        channel.can_send("+14155550100", "+34600000001", Text("Hi"))
        print(channel.rules.number("+14155550100").attachments.customers, channel.rules.version, flush=True)
"""


def test_another_process_obeys_a_switch_with_its_next_decision(tmp_path: Path) -> None:
    """CH-14: two server processes on one database; what is switched in one counts in the other at once."""
    database, file = tmp_path / "wa.sqlite", tmp_path / "wa.yaml"
    file.write_text(FILE)
    assert main(["config", "apply", str(file), "--store", f"sqlite:///{database}", "--by", "marta"]) == 0
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None

        def decide() -> str:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write("\n")
            child.stdin.flush()
            return child.stdout.readline().strip()

        assert decide() == "True 1"
        with SqliteStore(database) as store:
            switched = settings_of_text(FILE.replace("customers: true", "customers: false"))
            apply(following(store), switched, "luis")
        assert decide() == "False 2"
        child.stdin.close()
        assert child.wait() == 0


def test_commands_check_compare_apply_and_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database, file, copy = tmp_path / "wa.sqlite", tmp_path / "wa.yaml", tmp_path / "copy.json"
    file.write_text(FILE)
    at = ["--store", f"sqlite:///{database}"]
    assert main(["config", "check", str(file)]) == 0
    assert main(["config", "apply", str(file), *at, "--by", "marta"]) == 0
    assert "Number +14155550100 is new." in capsys.readouterr().out
    assert main(["config", "diff", str(file), *at]) == 0
    assert main(["config", "export", str(copy), *at]) == 0
    assert load(copy) == settings_of_text()
    file.write_text(FILE.replace("Shop", "Tienda"))
    assert main(["config", "diff", str(file), *at, "--language", "es"]) == 1
    assert capsys.readouterr().out == "Number +14155550100: name era Shop, es Tienda.\n"
    assert main(["config", "diff", str(file), str(copy)]) == 1


def test_a_bad_file_never_replaces_a_good_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database, file = tmp_path / "wa.sqlite", tmp_path / "wa.yaml"
    at = ["--store", f"sqlite:///{database}"]
    file.write_text(FILE)
    main(["config", "apply", str(file), *at, "--by", "marta"])
    file.write_text(FILE.replace("fallback_queue: all", "fallback_queue: none"))
    capsys.readouterr()
    assert main(["config", "apply", str(file), *at]) == 2
    assert f"{file}:4:34: error unknown_queue" in capsys.readouterr().err
    assert main(["config", "check", str(file), "--format", "github"]) == 1
    with SqliteStore(database) as store:
        assert following(store).edition().number == 1


def test_the_schema_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    printed = capsys.readouterr().out
    assert main(["config", "schema", str(tmp_path / "schema.json")]) == 0
    assert (tmp_path / "schema.json").read_text("utf-8") == printed
