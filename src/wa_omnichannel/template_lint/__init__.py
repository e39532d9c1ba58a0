"""The template linter: what WhatsApp or the provider would reject, before anybody submits it.

Every finding has a stable code, a severity, a place and a fix, in English and Spanish. A finding is a value;
nothing is raised, so a bad template never hides the others.

>>> from wa_omnichannel.templates import Template, Translation
>>> [(f.code, f.field, f.offset) for f in lint(Template("hola", (Translation("es", "{{1}}, hola a todos"),), "es"))]
[('variable_at_start', 'translations.es.body', 0), ('sample_missing', 'translations.es.variables.1', None)]

Sources: Meta, "Template components", "Template review" and "Supported languages"; Twilio, "Content API",
"Using variables with content templates" and "WhatsApp template approvals".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import attrs

from wa_omnichannel.template_lint import shape, texts
from wa_omnichannel.template_lint.category import category_rules
from wa_omnichannel.template_lint.findings import SEVERITIES, Finding, Severity, Spot
from wa_omnichannel.template_lint.languages import UNVERIFIED, VERIFIED
from wa_omnichannel.templates import Template, Translation

__all__ = ["SEVERITIES", "Account", "Finding", "Severity", "Spot", "finding", "lint", "lint_account", "lint_all"]

MAX_NAME = 512
BLOCKED_FOR = timedelta(days=30)
"""How long the name of a deleted or rejected template cannot be used again."""
PER_HOUR = 100
"""Most templates that may be created in an hour."""
MAX_TEMPLATES = {False: 250, True: 6000}
"""Most templates of an account, translations counted one by one: before and after the business is verified."""

_NAME = re.compile(r"[a-z0-9_]+", re.ASCII)
_NO_NAMES: Mapping[str, datetime] = {}

_ALWAYS: tuple[Callable[[Translation], Iterator[Spot]], ...] = (
    shape.kind_rules,
    shape.button_rules,
    texts.placeholder_rules,
    texts.body_rules,
)
_FOR_APPROVAL: tuple[Callable[[Translation], Iterator[Spot]], ...] = (
    texts.line_rules,
    texts.position_rules,
    texts.sample_rules,
)


@attrs.frozen
class Account:
    """What is known about the account that the templates will be created in."""

    verified: bool = False
    """Whether the business is verified."""
    existing: int = 0
    """Templates it has already, translations counted one by one."""
    created_last_hour: int = 0
    gone: Mapping[str, datetime] = _NO_NAMES
    """Names of deleted and rejected templates, and when that happened."""


def lint(template: Template) -> tuple[Finding, ...]:
    """Return everything that is wrong or doubtful about *template*; nothing if it should be approved."""
    found = [finding(template.name, spot) for spot in _template_rules(template)]
    for translation in template.translations:
        where = f"translations.{translation.language}"
        found += [finding(template.name, spot, where) for spot in _translation_rules(template, translation)]
    return tuple(found)


def lint_all(templates: Iterable[Template]) -> tuple[Finding, ...]:
    """Return the findings of several templates, in their order."""
    return tuple(found for template in templates for found in lint(template))


def lint_account(templates: Iterable[Template], account: Account, now: datetime) -> tuple[Finding, ...]:
    """Return what stands in the way of creating *templates* in *account* at *now*, the templates aside.

    >>> from datetime import UTC
    >>> hello = Template("hola", (Translation("es", "Hola"),), "es")
    >>> [f.code for f in lint_account([hello], Account(existing=250), datetime(2026, 1, 1, tzinfo=UTC))]
    ['account_full']
    """
    wanted = tuple(templates)
    count = sum(len(template.translations) for template in wanted)
    spots: list[tuple[str, Spot]] = []
    for template in wanted:
        gone_at = account.gone.get(template.name)
        if gone_at is not None and now < gone_at + BLOCKED_FOR:
            facts = {"name": template.name, "until": gone_at + BLOCKED_FOR}
            spots.append((template.name, Spot("name_blocked", "name", None, facts)))
    for code, total, limit in (
        ("account_full", account.existing + count, MAX_TEMPLATES[account.verified]),
        ("account_hourly", account.created_last_hour + count, PER_HOUR),
    ):
        if total > limit:
            spots.append(("", Spot(code, "", None, {"found": total, "limit": limit})))
    return tuple(finding(name, spot) for name, spot in spots)


def finding(template: str, spot: Spot, where: str = "") -> Finding:
    """Return the finding that *spot* stands for, with its severity and its full path below *where*."""
    field = ".".join(part for part in (where, spot.field) if part)
    return Finding(spot.code, SEVERITIES[spot.code], template, field, spot.offset, spot.facts)


def _template_rules(template: Template) -> Iterator[Spot]:
    name = template.name
    if not _NAME.fullmatch(name):
        wrong = next((at for at, sign in enumerate(name) if not _NAME.fullmatch(sign)), 0)
        yield Spot("name_characters", "name", wrong, {"name": name})
    if len(name) > MAX_NAME:
        yield Spot("name_too_long", "name", MAX_NAME, {"length": len(name), "limit": MAX_NAME})
    first, *others = template.translations
    for other in others:
        if {*other.variables} != {*first.variables}:
            facts = {"language": other.language, "names": other.variables}
            facts |= {"first": first.language, "first_names": first.variables}
            yield Spot("variables_differ", f"translations.{other.language}", None, facts)


def _translation_rules(template: Template, translation: Translation) -> Iterator[Spot]:
    language = translation.language
    if language not in VERIFIED:
        code = "language_unverified" if language in UNVERIFIED else "language_unknown"
        yield Spot(code, "language", None, {"language": language})
    for rule in _ALWAYS:
        yield from rule(translation)
    if translation.approvable:
        for rule in _FOR_APPROVAL:
            yield from rule(translation)
        yield from category_rules(template, translation)
