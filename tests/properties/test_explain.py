"""Every reason has its sentence, in both languages, and says only what is known."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wa_omnichannel
from wa_omnichannel import sending
from wa_omnichannel.assignment import eligibility
from wa_omnichannel.conversation import Record, decide
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import LANGUAGES, Check, Facts, Remedy, sentence
from wa_omnichannel.explain.texts import SENTENCES
from wa_omnichannel.routing import Outcome
from wa_omnichannel.template_lint import SEVERITIES
from wa_omnichannel.testing import strategies as wa

PACKAGE = Path(wa_omnichannel.__file__).parent
PLACE_OF_THE_CODE = {"Check": 2, "Remedy": 0, "Refused": 0, "NeedsTemplate": 0, "refusal": 1}
FACTS_BESIDE_IT = {"Check": 3, "Remedy": 2, "Refused": 1, "NeedsTemplate": 1, "refusal": 2}


def fields(code: str, language: str) -> set[str]:
    """Return the facts that the sentence of *code* mentions."""
    found = string.Formatter().parse(SENTENCES[code][language])
    return {name for _, name, _, _ in found if name is not None}


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Yield every call of the library that names a code: where, what, and the name of what is called."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if {"emulator", "testing"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLACE_OF_THE_CODE:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node, node.func.id


def texts(node: ast.AST) -> set[str]:
    """Return the texts that an expression may come to: a constant, or either side of a choice."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=body, orelse=orelse):
            return texts(body) | texts(orelse)
        case ast.Tuple(elts=parts):
            return set().union(*map(texts, parts))
        case _:
            return set()


def argument(call: ast.Call, place: int, name: str) -> ast.AST | None:
    if len(call.args) > place and not any(isinstance(arg, ast.Starred) for arg in call.args[: place + 1]):
        return call.args[place]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


NAMED = [
    (where, code, argument(call, FACTS_BESIDE_IT[name], "facts"))
    for where, call, name in calls()
    for code in sorted(texts(argument(call, PLACE_OF_THE_CODE[name], "code") or ast.Constant(None)))
]


def test_the_scan_sees_the_codes() -> None:
    assert {"window_open", "text_empty", "use_template", "not_possible_now", "number_unknown"} <= {
        c for _, c, _ in NAMED
    }


@pytest.mark.parametrize(("where", "code"), sorted({(where, code) for where, code, _ in NAMED}))
def test_every_code_in_the_source_has_its_sentences(where: str, code: str) -> None:
    assert code in SENTENCES, where
    assert set(SENTENCES[code]) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("code", "facts"),
    [(code, facts) for _, code, facts in NAMED if isinstance(facts, ast.Dict) and None not in facts.keys],
)
def test_a_sentence_mentions_only_facts_that_are_given(code: str, facts: ast.Dict) -> None:
    given_facts = {key.value for key in facts.keys if isinstance(key, ast.Constant)}
    assert fields(code, "en") <= given_facts


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_say_the_same_things(code: str) -> None:
    assert fields(code, "en") == fields(code, "es")
    assert all(text.strip() == text and text.endswith(".") for text in SENTENCES[code].values())


MADE = {
    *(f"fix_{code}" for code in SEVERITIES),
    *(f"{line}_{fault}" for line in ("header", "footer") for fault in ("too_long", "newline", "emoji")),
    *(f"rule_{outcome.value}" for outcome in Outcome),
    *(f"agent_{rule.reason}{met}" for rule in eligibility._RULES for met in ("", "_ok")),
    *(f"nobody_{rule.reason}" for rule in eligibility._RULES if rule.reason != "not_a_member"),
    *("nobody_not_preferred", "nobody_custom"),
}
"""Codes that the source puts together."""


def test_no_sentence_is_dead() -> None:
    texts_apart = [path for path in PACKAGE.rglob("*.py") if not path.match("explain/*texts.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in texts_apart)
    assert SENTENCES.keys() >= MADE
    assert not [code for code in SENTENCES if code not in MADE and f'"{code}"' not in source]


def is_complete(said: Check | Remedy) -> bool:
    return said.code in SENTENCES and fields(said.code, "en") <= set(said.facts)


@given(st.data())
def test_what_a_conversation_explains_is_complete(data: st.DataObject) -> None:
    rules = data.draw(wa.rules())
    decision = decide(rules, data.draw(wa.states(rules)), data.draw(wa.events(rules)), data.draw(wa.instants()))
    said: list[Check | Remedy] = [*decision.trace]
    for effect in decision.effects:
        said += effect.trace if isinstance(effect, Record) else ()
    refusal = decision.refusal
    said += refusal.remedies if refusal is not None else ()
    assert all(map(is_complete, said))
    if refusal is not None:
        assert refusal.reason in SENTENCES
        assert fields(refusal.reason, "en") <= set(refusal.facts)


@given(wa.send_policies(), wa.situations(), wa.contents(), wa.instants())
def test_what_a_send_decision_explains_is_complete(policy, situation, content, now) -> None:
    verdict = sending.decide(policy, situation, content, now)
    said: list[Check | Remedy] = [*verdict.trace]
    said += verdict.remedies if isinstance(verdict, Refused) else ()
    assert all(map(is_complete, said))


@given(st.text(), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3), st.sampled_from((*LANGUAGES, "fr")))
def test_rendering_never_fails(code: str, facts: Facts, language: str) -> None:
    """Unknown codes, missing facts and unknown languages still give a text."""
    assert sentence(code, facts, language) or not code
    assert sentence("window_open", facts, language)
