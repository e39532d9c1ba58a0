"""The rules that a template has to meet before it is sent, as checks.

* **TPL-7** its content type may start a conversation, or goes out in open windows only.
* **TPL-4** WhatsApp approved the language, on whose word that is known, and how old the word is.
* **TPL-5** the content SID is known.
* **WA-VARIABLES** every variable has a value that the provider takes, and nothing else has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import attrs

from wa_omnichannel.explain import Check, Facts
from wa_omnichannel.templates.translation import Translation
from wa_omnichannel.templates.variables import VariableFaults, check_variables


@attrs.frozen
class Settled:
    """The checks of one translation that depend on nothing but the settings; made once, for speed."""

    facts: Facts
    kind: Check
    approved: Check
    """Without the age of the provider's word, which comes with each decision."""
    linked: Check
    complete: Check
    """That nothing is wrong with the variables."""

    @classmethod
    def of(cls, name: str, translation: Translation) -> Settled:
        """Make the checks of one *translation* of the template *name*."""
        facts = {"template": name, "language": translation.language, "kind": translation.kind}
        linked = translation.content_sid is not None
        return cls(
            facts,
            _kind(translation, facts),
            _approved(translation, facts),
            Check("TPL-5", linked, "template_linked" if linked else "template_unlinked", facts),
            Check("WA-VARIABLES", True, "template_variables_complete", facts),
        )


def checks(settled: Settled, translation: Translation, values: Mapping[str, object], now: datetime) -> Iterator[Check]:
    """Yield the checks of *translation* with these *values* at *now*, in their order, met or not."""
    yield settled.kind
    if not translation.session_only:
        yield _dated(settled.approved, translation.approval.age(now))
    yield settled.linked
    faults = check_variables(translation, values)
    yield _faulty(faults, settled.facts) if faults else settled.complete


def _kind(translation: Translation, facts: Facts) -> Check:
    if translation.session_only:
        return Check("TPL-7", True, "template_kind_session_only", facts)
    met = translation.approvable
    return Check("TPL-7", met, "template_kind_approvable" if met else "template_kind_unsendable", facts)


def _approved(translation: Translation, facts: Facts) -> Check:
    known = translation.approval
    more = {**facts, "approval": known.word or known.state.value, "age": None, "source": known.source}
    if not translation.approved:
        return Check("TPL-4", False, "template_not_approved", more)
    if known.override is not None:
        more |= {"by": known.override.by, "at": known.override.at, "why": known.override.why}
    return Check("TPL-4", True, _APPROVED[known.source], more)


_APPROVED = {
    "provider": "template_approved",
    "override": "template_approved_by_override",
    "code": "template_approved_by_code",
}


def _dated(approved: Check, age: timedelta | None) -> Check:
    """Add to what is known about an approval how old that is."""
    if age is None:
        return approved
    return Check(approved.rule, approved.met, approved.code, {**approved.facts, "age": age})


def _faulty(faults: VariableFaults, facts: Facts) -> Check:
    more = {
        **facts,
        "missing": faults.missing,
        "extra": faults.extra,
        "bad": (*faults.bad, *faults.overlong),
        "too_long": faults.too_long or "-",
    }
    return Check("WA-VARIABLES", False, "template_variables_wrong", more)
