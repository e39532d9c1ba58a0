"""CPU time per decision with 50 templates, and of the linter.

The floor of the decisions is one frozen attrs object with 12 fields. "read" means that somebody looks at the
trace and at the remedies. Run: python benchmarks/bench_templates.py
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
from lab import Case, measure, report

from wa_omnichannel import sending
from wa_omnichannel.messages import Content, TemplateMessage, Text
from wa_omnichannel.sending import SendPolicy, Situation
from wa_omnichannel.session import Window
from wa_omnichannel.template_lint import lint_all
from wa_omnichannel.templates import Standing, Template, Translation, Variable, observe

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
LANGUAGES = ("es", "en")
Floor = attrs.make_class("Floor", [f"field{n}" for n in range(12)], frozen=True, slots=True)
READ = observe(Standing(), "approved", NOW - timedelta(hours=3))
SAMPLES = (Variable("1", sample="Ana"), Variable("2", sample="A-100"))


def template(n: int) -> Template:
    return Template(
        f"template_{n}",
        tuple(
            Translation(
                language,
                f"Hola {{{{1}}}}, su pedido {{{{2}}}} número {n} ya está listo para recoger.",
                READ,
                f"HX{n:032x}",
                declared=SAMPLES,
            )
            for language in LANGUAGES
        ),
        "es",
    )


POLICY = SendPolicy("es", {f"template_{n}": template(n) for n in range(50)})
OPEN = Situation(Window(NOW - timedelta(hours=1)), "es_MX")
CLOSED = Situation(Window(NOW - timedelta(hours=30)), "es_MX")
MESSAGE = TemplateMessage("template_7", {"1": "Ana", "2": "4711"})
INCOMPLETE = TemplateMessage("template_7", {"1": "Ana"})


def ask(situation: Situation, content: Content, read: Callable[[sending.Verdict], object] | None = None) -> Case:
    def run(n: int) -> None:
        for _ in range(n):
            verdict = sending.decide(POLICY, situation, content, NOW)
            if read is not None:
                read(verdict)

    return run


def floor(n: int) -> None:
    for _ in range(n):
        Floor(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)


def read_all(verdict: sending.Verdict) -> object:
    return [*verdict.trace, *getattr(verdict, "remedies", ())]


def main() -> None:
    text = Text("¿Se lo enviamos hoy?")
    cases = {
        "floor: a frozen object with 12 fields": floor,
        "allowed: text, window open": ask(OPEN, text),
        "allowed: text, read": ask(OPEN, text, read_all),
        "allowed: template": ask(CLOSED, MESSAGE),
        "allowed: template, read": ask(CLOSED, MESSAGE, read_all),
        "refused: text, window closed": ask(CLOSED, text),
        "refused: text, read with 51 remedies": ask(CLOSED, text, read_all),
        "refused: a variable is missing": ask(CLOSED, INCOMPLETE),
        "refused: a variable is missing, read": ask(CLOSED, INCOMPLETE, read_all),
    }
    report("sending.decide with 50 templates", measure(cases, 2000), "floor: a frozen object with 12 fields")
    thousand = [template(n) for n in range(1000)]
    seconds = measure({"lint": lambda n: [lint_all(thousand) for _ in range(n)]}, 1, rounds=5)["lint"]
    print(f"linter: {seconds:.2f} s CPU for 1,000 templates in 2 languages")


if __name__ == "__main__":
    main()
