"""Rules about the words of a translation: lengths, emojis, placeholders, samples.

Sources: Meta, "Template components" and error codes 2388293 and 2388299; Twilio, "Using variables with content
templates" and "Template approval best practices".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from wa_omnichannel.template_lint.findings import Spot
from wa_omnichannel.templates import MAX_FILLED, MAX_VALUE, PLACEHOLDER, Translation, is_clean, render

MAX_LINE = 60
"""Longest header and footer in characters."""
MAX_EMOJIS = 10
"""Most emojis in a body."""
MAX_VARIABLES = 100
"""Most variables (Twilio error 92002)."""
ADVISED_VALUE = 250
"""Length of a value in characters above which the provider advises against it."""

_PICTURE = (
    "[\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # flags
    "|[0-9#*]\ufe0f?\u20e3"  # keycaps
    f"|{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]?(?:\u200d{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]?)*"
)
_MALFORMED = re.compile(r"\{\{[^{}\n]*\}\}|\{\{|\}\}|(?<!\{)\{\s*\d+\s*\}(?!\})")
_WORD = re.compile("[^\\W_]+(?:['\u2019\\-_.][^\\W_]+)*")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_PERSONAL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.\w|\+?\d[\d ()-]{7,20}\d")


def emojis(text: str) -> list[int]:
    """Return where the emojis of *text* begin; a sequence that shows as one picture counts once.

    >>> emojis("Hola 👋🏽, tu pedido 📦")
    [5, 19]
    """
    return [found.start() for found in _EMOJI.finditer(text)]


def line_rules(translation: Translation) -> Iterator[Spot]:
    """Check the header and the footer."""
    for field in ("header", "footer"):
        text: str = getattr(translation, field)
        if len(text) > MAX_LINE:
            yield Spot(f"{field}_too_long", field, MAX_LINE, {"length": len(text), "limit": MAX_LINE})
        if "\n" in text:
            yield Spot(f"{field}_newline", field, text.index("\n"))
        yield from (Spot(f"{field}_emoji", field, at) for at in emojis(text)[:1])
    several = [found.start() for found in PLACEHOLDER.finditer(translation.header)][1:]
    yield from (Spot("header_variables", "header", at, {"found": len(several) + 1}) for at in several[:1])
    footer = PLACEHOLDER.search(translation.footer)
    if footer is not None:
        yield Spot("footer_variable", "footer", footer.start(), {"variable": footer[1]})


def body_rules(translation: Translation) -> Iterator[Spot]:
    """Check the length of the body and its emojis."""
    body = translation.body
    if len(body) > MAX_FILLED:
        yield Spot("body_too_long", "body", MAX_FILLED, {"length": len(body), "limit": MAX_FILLED})
    else:
        filled = len(render(translation, {item.name: item.sample for item in translation.declared if item.sample}))
        if filled > MAX_FILLED:
            yield Spot("body_filled_too_long", "body", None, {"length": filled, "limit": MAX_FILLED})
    found = emojis(body)
    if len(found) > MAX_EMOJIS:
        yield Spot("body_emojis", "body", found[MAX_EMOJIS], {"found": len(found), "limit": MAX_EMOJIS})


def placeholder_rules(translation: Translation) -> Iterator[Spot]:
    """Check that every placeholder is written as one, and that names or numbers are used throughout."""
    targets = {f"buttons.{index}.target": button.target for index, button in enumerate(translation.buttons)}
    texts = {field: getattr(translation, field) for field in ("header", "body", "footer", "media")} | targets
    for field, text in texts.items():
        blanked = PLACEHOLDER.sub(lambda found: " " * len(found[0]), text)
        for found in _MALFORMED.finditer(blanked):
            written = text[found.start() : found.start() + 40].split("\n")[0]
            yield Spot("variable_malformed", field, found.start(), {"written": written})
    names = translation.variables
    numbers = [name for name in names if name.isdigit()]
    if len(names) > MAX_VARIABLES:
        yield Spot("variables_too_many", "body", None, {"found": len(names), "limit": MAX_VARIABLES})
    if numbers and len(numbers) < len(names):
        yield Spot("variables_mixed", "body", None, {"names": names})
    elif {*numbers} != {str(number) for number in range(1, len(numbers) + 1)}:
        yield Spot("variables_not_sequential", "body", None, {"names": sorted(numbers, key=int)})


def position_rules(translation: Translation) -> Iterator[Spot]:
    """Check where the placeholders of the body stand, and that enough words stand around them."""
    body = translation.body
    places = list(PLACEHOLDER.finditer(body))
    if not places:
        return
    first, last = places[0], places[-1]
    yield from _edge("variable_at_start", body[: first.start()], first)
    yield from _edge("variable_at_end", body[last.end() :], last)
    for left, right in itertools.pairwise(places):
        if not _words(body[left.end() : right.start()]):
            yield Spot("variables_adjacent", "body", right.start(), {"left": left[1], "right": right[1]})
    needed = 2 * len(places) + 1
    words = _words(PLACEHOLDER.sub(" ", body))
    if words < needed:
        yield Spot("words_too_few", "body", None, {"found": words, "needed": needed, "variables": len(places)})


def _edge(code: str, outside: str, place: re.Match[str]) -> Iterator[Spot]:
    """Say that nothing, or nothing but punctuation, stands between a placeholder and an edge of the body."""
    if not outside.strip():
        yield Spot(code, "body", place.start(), {"variable": place[1]})
    elif not _words(outside):
        yield Spot("variable_near_edge", "body", place.start(), {"variable": place[1], "between": outside.strip()})


def _words(text: str) -> int:
    """Count words; in scripts without spaces every character counts as one."""
    unspaced = _UNSPACED.findall(text)
    return len(unspaced) + len(_WORD.findall(_UNSPACED.sub(" ", text)))


def sample_rules(translation: Translation) -> Iterator[Spot]:
    """Check the example values, without which no reviewer approves a template."""
    samples = {variable.name: variable.sample for variable in translation.declared}
    for name in translation.variables:
        if not samples.get(name):
            yield Spot("sample_missing", f"variables.{name}", None, {"variable": name})
    for name, sample in samples.items():
        field, facts = f"variables.{name}", {"variable": name, "length": len(sample)}
        if name not in translation.variables:
            yield Spot("sample_unused", field, None, facts)
        if sample and not is_clean(sample):
            yield Spot("sample_unusable", field, None, facts)
        if len(sample) > MAX_VALUE:
            yield Spot("sample_too_long", field, MAX_VALUE, {**facts, "limit": MAX_VALUE})
        elif len(sample) >= ADVISED_VALUE:
            yield Spot("sample_long", field, ADVISED_VALUE, {**facts, "limit": ADVISED_VALUE})
        found = _PERSONAL.search(sample)
        if found is not None:
            yield Spot("sample_personal", field, found.start(), facts)
