"""What is wrong with a settings file: findings that name the place, the field and the fix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar

import attrs
from pydantic import ValidationError

from wa_omnichannel.errors import ConfigurationError
from wa_omnichannel.explain import Facts
from wa_omnichannel.routing import ROUTES, Problem
from wa_omnichannel.routing import Severity as Weight
from wa_omnichannel.settings.plain import is_mapping, items, mapping
from wa_omnichannel.settings.secret_names import HIDDEN
from wa_omnichannel.settings.shapes import known_fields
from wa_omnichannel.template_files.documents import Document
from wa_omnichannel.template_files.places import FieldPath, Mark
from wa_omnichannel.template_lint import Finding, Severity, Spot

SEVERITIES: Mapping[str, Severity] = {
    "setting_unknown": Severity.ERROR,
    "setting_dangling": Severity.ERROR,
    "number_taken": Severity.ERROR,
    "secret_in_file": Severity.ERROR,
    "settings_shape": Severity.ERROR,
    "unknown_attribute": Severity.ERROR,
    "type_mismatch": Severity.ERROR,
    "dead_rule": Severity.WARNING,
    "shadowed_rule": Severity.WARNING,
    "redundant_route": Severity.WARNING,
    "rule_twice": Severity.WARNING,
    "ruleset_twice": Severity.WARNING,
    "over_limit": Severity.ERROR,
    "units_and_profile": Severity.WARNING,
    "column_without_effect": Severity.HINT,
    "unknown_queue": Severity.ERROR,
    "queue_of_other_kind": Severity.ERROR,
}
"""Every code of its own that the check of a settings file has; those of templates come on top."""

_CODES = {
    "missing": "file_field_missing",
    "extra_forbidden": "setting_unknown",
    "enum": "file_choice",
    "string_type": "file_not_text",
}
_ADVICE = {"bool_parsing": "Write true or false", "bool_type": "Write true or false"}
_WEIGHTS = {Weight.ERROR: Severity.ERROR, Weight.WARNING: Severity.WARNING, Weight.NOTE: Severity.HINT}
_STEPS = re.compile(r"[^.\[\]]+")


@attrs.frozen(eq=False)
class SettingsError(ConfigurationError):
    """A settings file that cannot be used; says everything that is wrong at once."""

    findings: tuple[Finding, ...] = ()
    """What is wrong, in the order of the file."""
    file: str = ""
    """Name of the file."""

    code: ClassVar[str] = "settings"

    def __str__(self) -> str:
        return "\n".join([self.problem, *(line_of(self.file, each) for each in self.findings)])


def line_of(file: str, found: Finding, language: str = "en") -> str:
    """Return one finding as one line: file, place, severity, code, field, sentence and fix."""
    place = f"{file}:{found.line}:{found.column}" if found.line is not None else file
    where = f" [{found.field}]" if found.field else ""
    said = f"{found.sentence(language)} {found.fix(language)}"
    return f"{place}: {found.severity.value} {found.code}{where}: {said}"


def fault(document: Document, path: FieldPath, code: str, facts: Facts) -> Finding:
    """Return the finding *code* at *path* of a file."""
    mark = document.place(path)
    severity = SEVERITIES.get(code, Severity.ERROR)
    place = (None, None) if mark is None else (mark.line, mark.column)
    return Finding(code, severity, "", ".".join(map(str, path)), None, facts, *place)


def spot_fault(spot: Spot, mark: Mark | None) -> Finding:
    """Return what is wrong with the form of a file as a finding."""
    place = (None, None) if mark is None else (mark.line, mark.column)
    return Finding(spot.code, Severity.ERROR, "", spot.field, None, spot.facts, *place)


def faults_of(
    document: Document, path: FieldPath, kind: Any, data: object, error: ValidationError
) -> Iterator[Finding]:
    """Yield what pydantic found in the *data* at *path*, which shall be of type *kind*."""
    seen: set[tuple[str, FieldPath]] = set()
    for problem in error.errors(include_url=False, include_input=False):
        context: Mapping[str, Any] = problem.get("ctx", {})
        steps = (*_real(data, problem["loc"]), *_further(str(context.get("field", ""))))
        code = "secret_in_file" if context.get("problem") == repr(HIDDEN) else _CODES.get(problem["type"], "file_value")
        if (code, steps) not in seen:
            seen.add((code, steps))
            name = str(steps[-1]) if steps else ""
            facts = {
                "field": name,
                "problem": context.get("problem", problem["msg"]),
                "advice": context.get("advice", _ADVICE.get(problem["type"], "Write such a value")),
                **closest(name, known_fields(kind, steps[:-1])),
            }
            yield fault(document, (*path, *steps), code, facts)


def closest(name: str, known: Iterable[str]) -> Facts:
    """Return the *known* names, and the one that is most like *name*."""
    names = tuple(known)
    close = get_close_matches(name, names, 1)
    return {"known": names, "meant": close[0] if close else "-"}


def _real(data: object, loc: Sequence[str | int]) -> FieldPath:
    """Return the steps of *loc* that lead through *data*; pydantic adds steps for the branches of a choice."""
    steps: list[str | int] = []
    for at, step in enumerate(loc):
        below = _below(data, step)
        if below is not _NOTHING:
            data = below
            steps.append(step)
        elif at == len(loc) - 1 and is_mapping(data) and isinstance(step, str) and not _BRANCH.search(step):
            steps.append(step)
    return tuple(steps)


_NOTHING = object()
_BRANCH = re.compile(r"[\[\](),-]")
"""Signs in the steps that pydantic adds; no field has them."""


def _below(data: object, step: str | int) -> object:
    if isinstance(step, int):
        return items(data)[step] if step < len(items(data)) else _NOTHING
    return mapping(data).get(step, _NOTHING)


def _further(field: str) -> FieldPath:
    """Return the steps that the field of a refusal adds: ``when.any[0]``."""
    return tuple(int(step) if step.isdigit() else step for step in _STEPS.findall(field))


def problem_of(document: Document, path: FieldPath, problem: Problem, workstream: Mapping[str, Any]) -> Finding:
    """Return what routing says about a workstream, which stands at *path*, with the place of the rule."""
    steps = _rule_at(problem, workstream)
    found = fault(document, (*path, *steps), problem.code, problem.facts)
    return attrs.evolve(found, severity=_WEIGHTS[problem.severity], place=problem.place)


def _rule_at(problem: Problem, workstream: Mapping[str, Any]) -> FieldPath:
    if problem.ruleset == ROUTES:
        return (ROUTES, problem.position - 1) if problem.position else (ROUTES,)
    if not problem.ruleset:
        return ("fallback_queue",) if "queue" in problem.code else ()
    names = [each.get("name") for each in workstream.get("rulesets", ())]
    place: FieldPath = ("rulesets", names.index(problem.ruleset))
    return (*place, "rules", problem.position - 1) if problem.position else place
