"""The review of templates: a small table of hard rules, and the life of an approval.

The rules are written anew from Meta's and Twilio's pages (state of 2026), not shared with any linter, so that the two
can be compared. An approval goes ``unsubmitted``, ``received``, ``pending``, then ``approved`` or ``rejected``; low
quality pauses an approved template for three hours, then for six, then disables it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise

import attrs

from wa_omnichannel.emulator.behaviour.texts import Texts, texts_of
from wa_omnichannel.emulator.behaviour.webhooks import raise_alert
from wa_omnichannel.emulator.state.templates import (
    APPROVED,
    MAX_APPROVED_BODY,
    PLACEHOLDER,
    Template,
)
from wa_omnichannel.emulator.state.world import World

CATEGORIES = frozenset({"UTILITY", "MARKETING", "AUTHENTICATION"})
SESSION_ONLY = frozenset({"twilio/list-picker", "twilio/location", "twilio/schedule"})
PAUSES = (timedelta(hours=3), timedelta(hours=6))
BLOCKED_NAME = timedelta(days=30)

MAX_NAME = 512
MAX_LABEL = 60
MAX_BUTTON = 25
MAX_BUTTONS = 10
MAX_URL = 2000
MAX_PHONE = 20
MAX_EMOJI = 10

_NAME = re.compile(r"[a-z0-9_]+")
_WORD = re.compile(r"\w+")
_HOST_ONLY = re.compile(r"https?://[^/]*\{\{")
_PROMOTION = re.compile(r"\b(sale|discount|offer|promo\w*|oferta|descuento|rebajas?|cup[oó]n|coupon)\b", re.IGNORECASE)

Rule = Callable[[Template, Texts], bool]


def is_valid_name(name: str) -> bool:
    """Tell whether a name is 1 to 512 of ``a-z``, ``0-9`` and ``_``."""
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


def problems_of(template: Template) -> tuple[str, ...]:
    """Return why WhatsApp would reject a template, in the order of the table; empty if it would not.

    >>> problems_of(Template(name="hi", language="en", types={"twilio/text": {"body": "{{1}} hello"}}))
    ('a body begins or ends with a variable', 'a body has too few words for its variables', 'a sample value is missing')
    """
    texts = texts_of(template)
    return tuple(text for text, is_broken in RULES if is_broken(template, texts))


def submit(world: World, template: Template, name: str, category: str, *, allow_change: bool) -> Template:
    """Hand a template in for approval; the verdict follows soon if reviews are on."""
    submitted = attrs.evolve(
        template,
        name=name,
        category=category,
        status="received",
        allow_category_change=allow_change,
        updated_at=world.clock.now(),
    )
    world.put_template(submitted)
    if world.options.reviews:
        world.scheduler.submit(template.sid, world.options.delay, partial(_set_pending, world, template.sid))
        world.scheduler.submit(template.sid, world.options.delay * 2, partial(_decide, world, template.sid))
    return submitted


def review(world: World, template: Template) -> Template:
    """Approve or reject a template by the rules, now."""
    problems = problems_of(template)
    if problems:
        return set_status(world, template, "rejected", f"INVALID_FORMAT: {'; '.join(problems)}")
    deleted = world.deleted_at(template.name)
    if deleted is not None and world.clock.now() - deleted < BLOCKED_NAME:
        return set_status(world, template, "rejected", "INVALID_FORMAT: the name was deleted less than 30 days ago")
    if not _is_promotion(template):
        return set_status(world, template, APPROVED)
    if template.allow_category_change:
        return set_status(world, attrs.evolve(template, category="MARKETING"), APPROVED)
    return set_status(world, template, "rejected", "INCORRECT_CATEGORY")


def set_status(world: World, template: Template, status: str, reason: str = "") -> Template:
    """Give a template a status and put the alert that goes with it into the Debugger."""
    changed = attrs.evolve(template, status=status, rejection_reason=reason, updated_at=world.clock.now())
    world.put_template(changed)
    if status in _ALERTS:
        code, level = _ALERTS[status]
        raise_alert(world, code, level, template.sid)
    return changed


def lower_quality(world: World, template: Template) -> Template:
    """Pause a template: the first time for 3 h, the second for 6 h by the emulated clock; the third disables it."""
    if template.pauses >= len(PAUSES):
        return set_status(world, template, "disabled")
    until = world.clock.now() + PAUSES[template.pauses]
    paused = set_status(world, attrs.evolve(template, pauses=template.pauses + 1), "paused")
    world.scheduler.submit_at(until, template.sid, partial(_unpause, world, template.sid, paused.pauses))
    return paused


async def _set_pending(world: World, sid: str) -> None:
    template = world.template(sid)
    if template is not None and template.status == "received":
        set_status(world, template, "pending")


async def _decide(world: World, sid: str) -> None:
    template = world.template(sid)
    if template is not None and template.status == "pending":
        review(world, template)


async def _unpause(world: World, sid: str, pauses: int) -> None:
    template = world.template(sid)
    if template is not None and template.status == "paused" and template.pauses == pauses:
        set_status(world, template, APPROVED)


def _is_promotion(template: Template) -> bool:
    return template.category == "UTILITY" and any(_PROMOTION.search(body) for body in texts_of(template).bodies)


def _variables(text: str) -> list[str]:
    return [match[1] for match in PLACEHOLDER.finditer(text)]


def _emoji(text: str) -> int:
    return sum(unicodedata.category(each) == "So" for each in text)


def _is_session_only(template: Template, _: Texts) -> bool:
    return not SESSION_ONLY.isdisjoint(template.types)


def _is_misplaced_authentication(template: Template, _: Texts) -> bool:
    return ("whatsapp/authentication" in template.types) != (template.category == "AUTHENTICATION")


def _has_edge_variable(_: Template, texts: Texts) -> bool:
    return any(_is_at_edge(body.strip()) for body in texts.bodies)


def _is_at_edge(body: str) -> bool:
    spans = [match.span() for match in PLACEHOLDER.finditer(body)]
    return bool(spans) and (spans[0][0] == 0 or spans[-1][1] == len(body))


def _has_adjacent_variables(_: Template, texts: Texts) -> bool:
    return any(_are_adjacent(body) for body in texts.bodies)


def _are_adjacent(body: str) -> bool:
    matches = list(PLACEHOLDER.finditer(body))
    return any(not _WORD.search(body[one.end() : two.start()]) for one, two in pairwise(matches))


def _has_gaps(_: Template, texts: Texts) -> bool:
    numbers = {int(name) for body in texts.bodies for name in _variables(body) if name.isdecimal()}
    return bool(numbers) and numbers != set(range(1, len(numbers) + 1))


def _has_too_few_words(_: Template, texts: Texts) -> bool:
    return any(_is_too_short(body) for body in texts.bodies)


def _is_too_short(body: str) -> bool:
    variables = len(_variables(body))
    return variables > 0 and len(_WORD.findall(PLACEHOLDER.sub(" ", body))) < 2 * variables + 1


def _lacks_samples(template: Template, texts: Texts) -> bool:
    named = {name for body in (*texts.bodies, *texts.headers) for name in _variables(body)}
    return any(not template.variables.get(name, "").strip() for name in named)


def _has_bad_header(_: Template, texts: Texts) -> bool:
    return any(_is_bad_label(text) or len(_variables(text)) > 1 for text in texts.headers)


def _has_bad_footer(_: Template, texts: Texts) -> bool:
    return any(_is_bad_label(text) or bool(_variables(text)) for text in texts.footers)


def _is_bad_label(text: str) -> bool:
    return len(text) > MAX_LABEL or "\n" in text or _emoji(text) > 0


def _has_bad_button(_: Template, texts: Texts) -> bool:
    return len(texts.buttons) > MAX_BUTTONS or any(
        len(each.title) > MAX_BUTTON or len(each.url) > MAX_URL or len(each.phone) > MAX_PHONE for each in texts.buttons
    )


# Each line: what is wrong, and how to tell.
RULES: tuple[tuple[str, Rule], ...] = (
    ("the name is not 1 to 512 of a-z, 0-9 and _", lambda template, _: not is_valid_name(template.name)),
    ("the content type goes without approval only", _is_session_only),
    ("authentication content and category do not match", _is_misplaced_authentication),
    (
        "a body is empty or above 1024 characters",
        lambda _, texts: any(not body.strip() or len(body) > MAX_APPROVED_BODY for body in texts.bodies),
    ),
    ("a body begins or ends with a variable", _has_edge_variable),
    ("two variables touch each other", _has_adjacent_variables),
    ("the variables are not numbered 1, 2, 3 ...", _has_gaps),
    ("a body has too few words for its variables", _has_too_few_words),
    ("a sample value is missing", _lacks_samples),
    ("a body has more than 10 emojis", lambda _, texts: any(_emoji(body) > MAX_EMOJI for body in texts.bodies)),
    ("a header is above 60 characters, has emojis, line breaks or more than one variable", _has_bad_header),
    ("a footer is above 60 characters, has emojis, line breaks or a variable", _has_bad_footer),
    ("a button is too long, or there are more than 10", _has_bad_button),
    (
        "a variable stands in the domain of a URL",
        lambda _, texts: any(_HOST_ONLY.match(each.url) is not None for each in texts.buttons),
    ),
)

_ALERTS: dict[str, tuple[int, str]] = {
    APPROVED: (63046, "notice"),
    "rejected": (63040, "error"),
    "paused": (63041, "warning"),
    "disabled": (63042, "error"),
}
