"""Settings files: what is right becomes rules, what is wrong is named with its place and its fix, all at once."""

import json
import re
from pathlib import Path

import attrs
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.errors import ConfigurationError, NotFound
from wa_omnichannel.explain import LANGUAGES
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings import (
    Reading,
    Settings,
    SettingsError,
    copied,
    diff,
    load,
    read_text,
    schema,
    tables,
    to_data,
    write_text,
)
from wa_omnichannel.settings.faults import SEVERITIES, line_of
from wa_omnichannel.settings.sections import sections
from wa_omnichannel.settings.shapes import entries, fields_of
from wa_omnichannel.testing import strategies as wa

GOOD = """\
account: {sid: AC00000000000000000000000000000000, token: env:TWILIO_AUTH_TOKEN, public_url: https://example.com/wa}
numbers:
  - number: +14155550100
    name: Tienda
    workstream: main
    language: es
    attachments: {enabled: true, customers: true}
workstreams:
  - name: main
    fallback_queue: all
    zone: Europe/Madrid
    variables: [{name: OrderId}]
    rulesets:
      - name: topic
        rules:
          - name: bills
            when: {attribute: first_message, contains: factura}
            sets: {subject: billing}
    routes:
      - {name: bills, queue: billing, when: {attribute: subject, equals: billing}}
queues:
  - {name: all, hours: office}
  - {name: billing, service_level: 5m}
hours:
  - name: office
    zone: Europe/Madrid
    blocks: [{days: [monday, friday], start: 9:30, end: 17:00}]
    holidays: [{reason: Navidad, first: 2026-12-25}]
templates:
  - name: pedido_listo
    default_language: es
    variables: {1: {sample: Ana}}
    translations: {es: {body: "Hola {{1}}, su pedido ya está listo para recoger."}}
agents:
  - {id: ana, name: Ana, queues: [all, billing], capacity: 2, profiles: {chat: 3}}
capacity_profiles:
  - {name: chat, limit: 5}
safety_margin: 5m
"""

AUTOMATED = "life: {messages: {channel: [{trigger: greeting, texts: {es: %s}}]}}\n"
TIMEOUT = (
    "life: {workstreams: {main: {timeouts: [{name: ask, silence: customer, after: 1h, action: tell_customer,"
    " texts: {es: %s}}]}}}\n"
)
SURVEY = "    survey: {message: %s}\n"
TOO_LONG_MESSAGE, TOO_LONG_TIMEOUT, TOO_LONG_SURVEY = (
    AUTOMATED % ("x" * 2001),
    TIMEOUT % ("x" * 2001),
    SURVEY % ("x" * 201),
)


def places(reading: Reading) -> list[tuple[str, str, int | None]]:
    return [(found.code, found.field, found.line) for found in reading.findings]


def settings_of(text: str) -> Settings:
    reading = read_text(text)
    assert reading.settings is not None, places(reading)
    return reading.settings


def wrong(old: str, new: str) -> list[tuple[str, str, int | None]]:
    """Return what is wrong with the good file after one replacement."""
    assert old in GOOD
    reading = read_text(GOOD.replace(old, new, 1))
    assert reading.settings is None
    return places(reading)


def test_a_good_file_becomes_rules() -> None:
    """CH-3, CH-4: an account and its numbers; CH-8: each with its language; CH-10: switches for files."""
    settings = settings_of(GOOD)
    number = settings.rules.numbers[0]
    assert (number.number, number.language, number.attachments.customers) == ("+14155550100", "es", True)
    assert (number.attachments.enabled, number.attachments.agents) == (True, False)
    assert settings.rules.workstream(number).routes[0].queue == "billing"
    assert settings.rules.queues[0].hours is not None
    assert settings.provider().sid == "AC" + "0" * 32
    (ana,) = settings.people()
    assert (ana.capacity, ana.profiles["chat"].limit, ana.profiles["chat"].custom) == (2, 3, True)


def test_rules_may_ask_what_the_directory_knows() -> None:
    """CH-42: attributes of customers are declared with their kind."""
    asked = GOOD.replace("attribute: subject,", "attribute: customer.tier,")
    assert settings_of(asked + "directory: {csv: customers.csv, attributes: {tier: text}}\n").directory is not None


def test_the_callback_addresses_are_generated() -> None:
    """CH-6: what is pasted at the provider follows from the public address."""
    account = settings_of(GOOD).provider()
    assert (account.inbound_url, account.status_url) == (
        "https://example.com/wa/inbound",
        "https://example.com/wa/status",
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("number: +14155550100", "number: '14155550100'", ("file_value", "numbers.0.number", 3)),
        ("language: es\n    att", "language: '?'\n    att", ("file_value", "numbers.0.language", 6)),
        ("    workstream: main\n", "    workstream: mian\n", ("setting_dangling", "numbers.0.workstream", 5)),
        ("fallback_queue: all", "fallback_queue: al", ("unknown_queue", "workstreams.0.fallback_queue", 10)),
        ("queue: billing, when", "queue: bill, when", ("unknown_queue", "workstreams.0.routes.0", 20)),
        ("attribute: subject,", "attribute: subjet,", ("unknown_attribute", "workstreams.0.routes.0", 20)),
        ("contains: factura", "containz: factura", ("file_value", "workstreams.0.rulesets.0.rules.0.when", 17)),
        ("hours: office", "hours: ofice", ("file_value", "queues.0.hours", 22)),
        ("service_level: 5m", "service_level: 5 min", ("file_value", "queues.1.service_level", 23)),
        ("customers: true}", "customer: true}", ("setting_unknown", "numbers.0.attachments.customer", 7)),
        ("safety_margin", "safty_margin", ("setting_unknown", "safty_margin", 38)),
        ("attribute: subject,", "attribute: customer.tier,", ("unknown_attribute", "workstreams.0.routes.0", 20)),
        ("safety_margin:", "directory: {}\nsafety_margin:", ("file_value", "directory.url", 38)),
        ("    name: Tienda\n", "", ("file_field_missing", "numbers.0.name", 3)),
        ("capacity: 2", "capacity: two", ("file_value", "agents.0.capacity", 35)),
        ("queues: [all, billing]", "queues: [all, bills]", ("setting_dangling", "agents.0.queues", 35)),
        ("profiles: {chat: 3}", "profiles: {chats: 3}", ("setting_dangling", "agents.0.profiles.chats", 35)),
        ("token: env:TWILIO_AUTH_TOKEN", "token: 0123secret", ("secret_in_file", "account.token", 1)),
        ("sid: AC0", "sid: ac0", ("file_value", "account.sid", 1)),
        ("zone: Europe/Madrid\n    var", "zone: Madrid\n    var", ("file_value", "workstreams.0.zone", 11)),
        ("start: 9:30", "start: 25:00", ("file_value", "hours.0.blocks.0.start", 27)),
        ("- {name: billing,", "- {name: all,", ("file_duplicate", "queues.1.name", 23)),
        ("safety_margin:", f"{TOO_LONG_MESSAGE}safety_margin:", ("file_value", "life.messages.channel.0.texts.es", 38)),
        (
            "safety_margin:",
            f"{TOO_LONG_TIMEOUT}safety_margin:",
            ("file_value", "life.workstreams.main.timeouts.0.texts", 38),
        ),
        ("    language: es\n", f"    language: es\n{TOO_LONG_SURVEY}", ("file_value", "numbers.0.survey.message", 7)),
    ],
)
def test_what_is_wrong_is_named_with_field_and_line(old: str, new: str, expected: tuple[str, str, int]) -> None:
    """CH-5 and others: one thing is wrong, and its place is said."""
    assert expected in wrong(old, new)


def test_texts_of_just_the_longest_length_are_taken() -> None:
    """AM-3: 2,000 characters; SUR-3: 200."""
    assert settings_of(GOOD + AUTOMATED % ("x" * 2000)).rules.life.messages is not None
    assert settings_of(GOOD + TIMEOUT % ("x" * 2000)).rules.life.workstreams
    surveyed = settings_of(GOOD.replace("    language: es\n", f"    language: es\n{SURVEY % ('x' * 200)}", 1))
    assert len(surveyed.rules.numbers[0].survey.message) == 200


def test_ch_33_a_copy_of_a_workstream_has_all_its_rules() -> None:
    """Its rules and what the life of conversations has for it; numbers stay where they are."""
    settings = settings_of(GOOD + TIMEOUT % "¿Sigue ahí?")
    rules = copied(settings, "main", "sales").rules
    original, made = rules.workstreams
    assert attrs.evolve(made, name="main") == original
    assert rules.life.of("sales") == rules.life.of("main") != rules.life.of("other")
    assert rules.numbers == settings.rules.numbers
    assert [known.name for known in copied(settings, "main").rules.workstreams] == ["main", "Copy of main"]
    with pytest.raises(NotFound):
        copied(settings, "mian")
    with pytest.raises(ConfigurationError):
        copied(settings, "main", "main")


def test_a_number_belongs_to_one_workstream() -> None:
    """CH-7: a number that is already on another workstream is refused, and the other one is named."""
    taken = "numbers:\n  - {number: +14155550100, name: Other, workstream: other}\n"
    reading = read_text(
        GOOD.replace("numbers:\n", taken, 1).replace(
            "queues:\n", "  - {name: other, fallback_queue: all}\nqueues:\n", 1
        )
    )
    (found,) = reading.findings
    assert (found.code, found.field, found.facts["workstream"]) == ("number_taken", "numbers.1.number", "other")


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wa.yaml"
    path.write_text(
        GOOD.replace("number: +1", "number: 1", 1).replace("fallback_queue: all", "fallback_queue: a", 1) + "x: 1\n"
    )
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert [found.code for found in caught.value.findings] == ["setting_unknown", "file_not_text", "unknown_queue"]
    assert str(path) + ":3:13: error" in str(caught.value)
    assert isinstance(caught.value, ConfigurationError)


def test_a_secret_that_stands_in_a_file_is_not_repeated() -> None:
    """CH-20: the error does not show what it complains about."""
    reading = read_text(GOOD.replace("env:TWILIO_AUTH_TOKEN", "c4n4rytoken"))
    said = [line_of("wa.yaml", found, language) for found in reading.findings for language in LANGUAGES]
    assert "c4n4rytoken" not in "".join(said) + repr(reading.findings)


def test_an_unknown_key_comes_with_a_suggestion() -> None:
    (found,) = read_text(GOOD.replace("customers: true", "costumers: true")).findings
    assert found.facts["meant"] == "customers"
    assert "customers" in found.fix("es")


@pytest.mark.parametrize("code", SEVERITIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_fix(code: str, language: str) -> None:
    from wa_omnichannel.explain.texts import SENTENCES

    assert re.search(r"\.$", SENTENCES[f"fix_{code}"][language])


@pytest.mark.parametrize("text", ["", "[]", "7", "numbers: 3", "numbers: [3]", "{", "numbers: [{number: [1]}]"])
def test_a_file_of_another_shape_is_a_finding(text: str) -> None:
    reading = read_text(text)
    assert reading.settings is None
    assert reading.errors


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_what_is_written_is_read_back(suffix: str) -> None:
    settings = settings_of(GOOD)
    assert read_text(write_text(settings, suffix), suffix).settings == settings


def test_toml_is_read() -> None:
    text = """
    [[numbers]]
    number = "+14155550100"
    name = "Shop"
    workstream = "main"
    [[workstreams]]
    name = "main"
    fallback_queue = "all"
    [[queues]]
    name = "all"
    hours = {name = "h", zone = "UTC", blocks = [{start = 09:00:00, end = 17:00:00}]}
    """
    reading = read_text(text, ".toml")
    assert reading.settings is not None, places(reading)


def without_approval(rules: Rules) -> Rules:
    """Return the rules with templates as a file knows them: approval is read from the provider."""
    reading = read_text(json.dumps(to_data(Settings(rules))), ".json")
    assert reading.settings is not None, places(reading)
    return attrs.evolve(rules, templates=reading.settings.rules.templates)


@given(wa.setups())
def test_settings_rules_and_files_are_the_same(settings: Settings) -> None:
    """File to rules to file: nothing is lost and nothing is added."""
    data = to_data(settings)
    reading = read_text(json.dumps(data), ".json")
    assert reading.settings == settings
    assert reading.settings is not None
    assert to_data(reading.settings) == data
    assert not diff(settings, reading.settings)


SCHEMA = jsonschema.Draft202012Validator(schema())


@given(wa.setups())
def test_the_published_schema_fits_what_is_written(settings: Settings) -> None:
    SCHEMA.validate(to_data(settings))


@given(wa.setups(), st.sampled_from([".yaml"]))
def test_yaml_says_the_same(settings: Settings, suffix: str) -> None:
    assert read_text(write_text(settings, suffix), suffix).settings == settings


def test_every_field_of_the_rules_can_be_set() -> None:
    """Nothing that decisions read is forgotten: each field of each class of settings is in the schema."""
    definitions = schema()["$defs"]
    for kind, model in entries().items():
        wanted = {field.alias for field in attrs.fields(kind) if field.init}
        assert wanted - set(fields_of(kind)) <= {"version", "rules"}, kind
        assert set(model.model_fields) == set(fields_of(kind))
    assert {field.alias for field in attrs.fields(Rules) if field.init} - {"version"} <= set(sections())
    assert {"Workstream", "Queue", "Number", "Ruleset", "ModelRuleset", "RouteRule"} <= set(definitions)


def test_a_diff_speaks_of_things() -> None:
    old = settings_of(GOOD)
    new = settings_of(
        GOOD.replace("customers: true", "customers: false")
        .replace("service_level: 5m", "service_level: 10m")
        .replace("queues: [all, billing]", "queues: [all]")
        + "limits: {rules: 100}\n"
    )
    assert [change.sentence() for change in diff(old, new)] == [
        "Agent ana: queues was all, billing, is all.",
        "Number +14155550100: attachments / customers was on, is off.",
        "Queue billing: service_level was 5m, is 10m.",
        "Channel: limits / rules was not set, is 100.",
    ]
    assert next(change.sentence("es") for change in diff(new, old)) == "Agent ana: queues era all, es all, billing."


def test_the_reference_page_has_every_key_as_it_is_now() -> None:
    """Renew it with ``wa-omnichannel config reference``: it replaces everything from *The file* on."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "settings.md").read_text("utf-8")
    assert page[page.index("## The file") :] == tables()
    for name in sections():
        assert f"| `{name}` |" in page
