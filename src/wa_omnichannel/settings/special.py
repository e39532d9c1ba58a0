"""The types that stand in a file in a form of their own: conditions, durations, hours, calendars, secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any, TypeAlias, Union
from zoneinfo import ZoneInfo

import attrs
from pydantic import AfterValidator, Discriminator, PlainValidator, Tag, ValidationInfo, WithJsonSchema

from wa_omnichannel._distribution.custom import FromItem, Operand
from wa_omnichannel.adapters.graphemes import clusters
from wa_omnichannel.adapters.holiday_calendar import PublicHolidays
from wa_omnichannel.adapters.patterns import pattern, spans
from wa_omnichannel.automation import Automation, CustomMessage
from wa_omnichannel.conditions import Condition, Value, read, read_value, to_form, value_form
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.hours import WEEKDAYS, Block, Calendar, OperatingHours, zone_named
from wa_omnichannel.masking import Spans
from wa_omnichannel.overflow import OpeningHours
from wa_omnichannel.routing import Classifier, ModelRuleset, Ruleset
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.sending.splitting import Clusters
from wa_omnichannel.settings.durations import parse_duration, write_duration
from wa_omnichannel.settings.plain import items, mapping
from wa_omnichannel.settings.secret_names import SecretName
from wa_omnichannel.settings.shapes import FIELDS, LEFT_OUT, SPECIAL, Shape, checked, refusal, shape_of
from wa_omnichannel.skills import Skill, SkillBook

Schema: TypeAlias = dict[str, Any]


@attrs.frozen
class Surroundings:
    """What the parts of a file may refer to."""

    hours: Mapping[str, OperatingHours] = attrs.field(factory=dict[str, OperatingHours])
    classifiers: Mapping[str, Classifier] = attrs.field(factory=dict[str, Classifier])
    """What the application gives beside the file, by name."""


NO_SURROUNDINGS = Surroundings()


def _surroundings(info: ValidationInfo) -> Surroundings:
    return info.context if isinstance(info.context, Surroundings) else NO_SURROUNDINGS


def _plain(make: Callable[[Any], Any], write: Callable[[Any], Any], schema: Schema) -> Shape:
    return Shape(Annotated[Any, PlainValidator(checked(make)), WithJsonSchema(schema)], write)


_TEXT: Schema = {"type": "string"}
_DURATION: Schema = {**_TEXT, "examples": ["90s", "5m", "1h30m", "2d"]}
_SECRET: Schema = {**_TEXT, "pattern": "^(env|file|stored):.+", "examples": ["env:TWILIO_AUTH_TOKEN"]}
_VALUE: Schema = {"description": "A text, number, true, false, a list of them, or {date: …}, {time: …}, {instant: …}."}
_CONDITION: Schema = {
    "type": "object",
    "description": "One attribute with one operator, or all, any or not with further conditions.",
    "examples": [{"attribute": "first_message", "contains": "factura"}],
}


def _condition(form: Any) -> Condition:
    return read(form, _pattern, "")


def _pattern(source: str, *, ignore_case: bool = True) -> Any:
    return pattern(source, ignore_case=ignore_case)


_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


def _time(form: Any) -> time:
    """Read a time of day; 24:00 is midnight."""
    if isinstance(form, time):
        return form
    found = _CLOCK.fullmatch("00:00" if form == "24:00" else str(form))
    if found is None:
        raise InvalidValue("", str(form)[:40], "Write a time such as 09:30.")
    hour, minute, second = (int(part or 0) for part in found.groups())
    return time(hour, minute, second)


def _write_time(value: time) -> str:
    return value.isoformat("auto" if value.second or value.microsecond else "minutes")


def _date(form: Any) -> date:
    try:
        return form if isinstance(form, date) else date.fromisoformat(str(form))
    except ValueError:
        raise InvalidValue("", str(form)[:40], "Write a date such as 2026-01-31.") from None


def _operand(form: Any) -> Operand:
    if set(mapping(form)) == {"from_item"}:
        return FromItem(str(form["from_item"]))
    return read_value(form, "")


def _write_operand(value: Operand) -> object:
    return {"from_item": value.attribute} if isinstance(value, FromItem) else value_form(value)


def _zone_name(zone: ZoneInfo) -> str:
    return zone.key


def _known_hours(form: Any, info: ValidationInfo) -> OperatingHours:
    """Return the hours of a name."""
    known = _surroundings(info).hours
    if form not in known:
        advice = f"Define them under hours; known are: {', '.join(known) or 'none'}."
        raise refusal(InvalidValue("", str(form)[:40], advice))
    return known[form]


def _classifier(form: Any, info: ValidationInfo) -> Classifier:
    known = _surroundings(info).classifiers
    if form not in known:
        advice = f"The application gives classifiers by name; known are: {', '.join(known) or 'none'}."
        raise refusal(InvalidValue("", str(form)[:40], advice))
    return known[form]


def _calendar(entry: Mapping[str, str]) -> Calendar:
    if not entry.get("country") or not set(entry) <= {"country", "region", "language"}:
        raise InvalidValue("", str(dict(entry))[:80], "Give country, and perhaps region and language.")
    return PublicHolidays(**entry)


def _write_calendar(value: Calendar) -> dict[str, str]:
    if not isinstance(value, PublicHolidays):
        raise InvalidValue("calendars", type(value).__name__, "A file holds calendars of the package holidays only.")
    parts = {"country": value.country, "region": value.region, "language": value.language}
    return {name: part for name, part in parts.items() if part}


def _split(form: Any) -> Clusters | None:
    """Read whether long texts are taken apart; where is told by the marks of Unicode."""
    if not isinstance(form, bool):
        raise InvalidValue("", str(form)[:40], "Write true or false.")
    return clusters if form else None


def _spans(form: Any) -> Spans:
    """Read what is masked: a regular expression in RE2's syntax."""
    if not isinstance(form, str):
        raise InvalidValue("", str(form)[:40], "Write a regular expression as text.")
    return spans(form)


def _write_spans(found: Any) -> str:
    """Return the expression; one of an application's own functions has none."""
    source = getattr(found, "source", None)
    if source is None:
        raise InvalidValue("spans", str(found)[:40], "Only expressions of adapters.patterns.spans fit into a file.")
    return str(source) if found.ignore_case else f"(?-i){source}"


_CALENDAR: Schema = {
    "type": "object",
    "properties": dict.fromkeys(("country", "region", "language"), _TEXT),
    "required": ["country"],
    "additionalProperties": False,
    "description": "Public holidays of a country or region, by the codes of ISO 3166.",
}


_WEEKDAY: Schema = {"anyOf": [{"enum": list(WEEKDAYS)}, {"type": "integer", "minimum": 0, "maximum": 6}]}


def _days(form: Any) -> tuple[int, ...]:
    """Read days of the week by name, or as numbers from 0 for Monday."""
    return tuple(_day(day) for day in items(form) or (form,))


def _day(day: Any) -> int:
    if isinstance(day, int) and 0 <= day <= 6:
        return day
    try:
        return WEEKDAYS.index(str(day).lower())
    except ValueError:
        raise InvalidValue("", str(day)[:40], f"Use one of: {', '.join(WEEKDAYS)}.") from None


def _ruleset(form: Any) -> str:
    """Tell the two kinds of rulesets apart: one with a classifier is a model's."""
    return "[model]" if isinstance(form, Mapping) and "classifier" in form else "[rules]"


def _rulesets() -> Shape:
    shapes: Mapping[type[Any], Shape] = {kind: shape_of(kind) for kind in (Ruleset, ModelRuleset)}
    rules, model = (shape.annotation for shape in shapes.values())
    annotation = _choice(_ruleset, {"[rules]": rules, "[model]": model})
    return Shape(annotation, lambda value: shapes[type(value)].write(value))


def _skill_book() -> Shape:
    skills = shape_of(tuple[Skill, ...])
    listed: Any = skills.annotation
    made = Annotated[listed, AfterValidator(SkillBook)]
    return Shape(made, lambda book: skills.write(tuple(book.skills.values())))


def _choice(which: Callable[[Any], str], shapes: Mapping[str, Any]) -> Any:
    """Return what reads one of several forms; *which* tells its tag."""
    tagged = tuple(Annotated[annotation, Tag(tag)] for tag, annotation in shapes.items())
    return Annotated[Union[tagged], Discriminator(which)]  # noqa: UP007 - made at run time


def _named_hours() -> Shape:
    """Hours by the name they have in the section ``hours``, or written out."""
    named = Annotated[Any, PlainValidator(_known_hours), WithJsonSchema(_TEXT)]
    annotation = _choice(
        lambda form: "[name]" if isinstance(form, str) else "[hours]", {"[name]": named, "[hours]": HOURS.annotation}
    )
    return Shape(annotation, HOURS.write)


def _automated_messages() -> None:
    """Messages stand in a list; what they are about is in each of them."""
    layer = shape_of(tuple[CustomMessage, ...])
    FIELDS[Automation, "channel"] = Shape(layer.annotation, lambda found: layer.write(found.values()))
    numbers = shape_of(Mapping[str, tuple[CustomMessage, ...]])
    FIELDS[Automation, "numbers"] = Shape(
        numbers.annotation, lambda found: numbers.write({number: each.values() for number, each in found.items()})
    )


def _register() -> None:
    LEFT_OUT[Rules] = frozenset({"version"})
    SPECIAL[timedelta] = _plain(parse_duration, write_duration, _DURATION)
    SPECIAL[Condition] = _plain(_condition, to_form, _CONDITION)
    SPECIAL[Value] = _plain(lambda form: read_value(form, ""), value_form, _VALUE)
    SPECIAL[Operand] = _plain(_operand, _write_operand, _VALUE)
    SPECIAL[ZoneInfo] = _plain(zone_named, _zone_name, {**_TEXT, "examples": ["Europe/Madrid"]})
    SPECIAL[time] = _plain(_time, _write_time, {**_TEXT, "examples": ["09:30"]})
    SPECIAL[date] = _plain(_date, date.isoformat, {**_TEXT, "format": "date"})
    SPECIAL[SecretName] = _plain(SecretName.parse, str, _SECRET)
    SPECIAL[Calendar] = _plain(_calendar, _write_calendar, _CALENDAR)
    SPECIAL[Classifier] = Shape(Annotated[Any, PlainValidator(_classifier), WithJsonSchema(_TEXT)])
    days = {"type": "array", "items": _WEEKDAY}
    _automated_messages()
    FIELDS[Block, "days"] = _plain(_days, lambda found: [WEEKDAYS[day] for day in found], days)
    FIELDS[Number, "split"] = _plain(_split, lambda found: found is not None, {"type": "boolean"})
    SPECIAL[Spans] = _plain(_spans, _write_spans, _TEXT)
    SPECIAL[Ruleset | ModelRuleset] = _rulesets()
    SPECIAL[SkillBook] = _skill_book()


_register()
HOURS = shape_of(OperatingHours)
"""Hours as their own section holds them."""
SPECIAL[OperatingHours] = SPECIAL[OpeningHours] = _named_hours()
