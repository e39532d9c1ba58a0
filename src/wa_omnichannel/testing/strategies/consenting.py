"""Strategies for consent: statements, blocks, whole records, and what somebody wants to send."""

from __future__ import annotations

from hypothesis import strategies as st

from wa_omnichannel.consent import UNKNOWN, Block, Consent, ConsentRules, Purpose, Scope, Statement, learn, record
from wa_omnichannel.testing.strategies.instants import instants

_NUMBERS = ("+14155550100", "+14155550101")


def statements() -> st.SearchStrategy[Statement]:
    """Make opt-ins and opt-outs of both scopes."""
    sources = st.sampled_from(("web form", "word: stop", "provider: 63050"))
    return st.builds(Statement, st.sampled_from(Scope), st.booleans(), instants(), sources)


def blocks() -> st.SearchStrategy[Block]:
    """Make blocks of two business numbers."""
    return st.builds(Block, st.sampled_from(_NUMBERS), instants(), st.sampled_from((63014, 63033)))


@st.composite
def consents(draw: st.DrawFn) -> Consent:
    """Make records as they come about: from statements and errors of the provider."""
    consent = UNKNOWN
    for statement in draw(st.lists(statements(), max_size=4)):
        consent = record(consent, statement)
    for block in draw(st.lists(blocks(), max_size=2)):
        consent = learn(consent, block.code, block.number, block.at)
    return consent


def consent_rules() -> st.SearchStrategy[ConsentRules]:
    """Make settings with and without a required opt-in."""
    return st.builds(ConsentRules, st.booleans())


def purposes() -> st.SearchStrategy[Purpose]:
    """Make everything that consent can be asked about."""
    flags = st.booleans()
    return st.builds(Purpose, st.sampled_from(_NUMBERS), flags, flags, flags, st.none() | instants())
