"""Which templates can be offered instead, and with which variables still to be given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wa_omnichannel import templates
from wa_omnichannel.explain import Remedy
from wa_omnichannel.sources import Sources
from wa_omnichannel.templates import Template, Translation, recognise


def offers(found: Iterable[Template], language: str, known: Sources) -> Iterator[Remedy]:
    """Yield a remedy for each template that can be sent to somebody who speaks *language*."""
    chosen = ((template, template.choose(language)) for template in found)
    return (offer(template, translation, known) for template, translation in chosen if translation.sendable)


def same_words(found: Iterable[Template], text: str) -> Iterator[Remedy]:
    """Offer the templates whose approved text *text* is, as it was typed before content SIDs (TPL-7)."""
    for same in recognise(text, found):
        facts = {"template": same.template, "language": same.language, "values": same.values}
        yield Remedy("use_same_template", True, facts)


def offer(template: Template, translation: Translation, known: Sources) -> Remedy:
    """Offer one translation, with the variables that the caller still has to give."""
    wanted, fits = translation.variables, len(translation.body) <= templates.MAX_FILLED
    filled = templates.fill(translation, {}, known)
    if filled:
        wanted = tuple(name for name in wanted if name not in filled)
        fits = not templates.check_variables(translation, {**filled, **dict.fromkeys(wanted, "x")})
    facts = {"template": template.name, "language": translation.language, "variables": wanted}
    return Remedy("use_template", fits, facts)
