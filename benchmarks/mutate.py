"""How well do the tests test? Change the code a little, run its tests, count who notices.

Usage: python benchmarks/mutate.py [--workers N] [--every N] TARGET...

A target is a name of the table below. Each mutant changes one place of one module: a comparison, a condition, a
number, a text, a result. The tests of that target run on it in a process of their own, in the profile ``ci`` (the
same examples each time), and stop at the first failure. What survives is printed with its place: a missing test,
or a change that nobody can notice. ``--every 5`` tries each fifth mutant only.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.machinery
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "wa_omnichannel"
SECONDS = 120
"""A mutant that runs longer, runs for ever: it is noticed."""

Tests = tuple[str, ...]
Mutant = tuple[Path, str, ast.Module]
TARGETS: dict[str, Tests] = {
    "session.py": ("tests/properties/test_session.py",),
    "templates": ("tests/templates", "tests/properties/test_sending.py"),
    "attachments": ("tests/attachments",),
    "consent": ("tests/consent",),
    "sending": (
        "tests/sending/test_formatting.py",
        "tests/sending/test_splitting.py",
        "tests/sending/test_secondary.py",
        "tests/sending/test_deciding.py",
        "tests/properties/test_sending.py",
        "tests/templates/test_sending_templates.py",
        "tests/consent/test_decisions.py",
        "tests/attachments/test_rules.py",
        "tests/sending/test_outside_window.py",
    ),
}
PRELOADED = ("pytest", "hypothesis.strategies", "hypothesis.stateful", "anyio", "pydantic", "twilio.rest", "starlette")

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """Make the changes of one node."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARISONS:
            yield ast.Compare(node.left, [_COMPARISONS[type(operator)]()], node.comparators)
        case ast.BoolOp(op=operator):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp(op=operator) if type(operator) in _OPERATORS:
            yield ast.BinOp(node.left, _OPERATORS[type(operator)](), node.right)
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)
        case ast.If() | ast.While():
            yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str() as value):
            yield ast.Constant(value + "~")
        case ast.Continue():
            yield ast.Break()
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()


def _silent(node: ast.AST) -> Iterator[ast.AST]:
    """Return the parts of *node* that do not run: texts for readers, annotations, imports for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            yield child
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield child
        if isinstance(child, ast.Assign) and ast.unparse(child.targets[0]) == "__all__":
            yield child
    for field in ("annotation", "returns", "decorator_list"):
        part = getattr(node, field, None)
        yield from part if isinstance(part, list) else [part] if part is not None else []


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Return where a node hangs: its parent, the field, and the position in a list."""
    silent = list(_silent(tree))
    for name, value in ast.iter_fields(tree):
        for position, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and child not in silent:
                if not isinstance(tree, ast.JoinedStr | ast.FormattedValue):
                    yield tree, name, position
                yield from places(child)


def mutants(path: Path) -> Iterator[tuple[str, ast.Module]]:
    """Make each mutant of a module, and say where it is and what was done."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for parent, name, position in list(places(tree)):
        node = getattr(parent, name) if position is None else getattr(parent, name)[position]
        for other in changed(node):
            _hang(parent, name, position, ast.fix_missing_locations(ast.copy_location(other, node)))
            line = f"{path.relative_to(ROOT)}:{node.lineno}: {_first(node)}  ->  {_first(other)}"
            yield line, copy.deepcopy(tree)
            _hang(parent, name, position, node)


def _hang(parent: ast.AST, name: str, position: int | None, node: ast.AST) -> None:
    if position is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[position] = node


def _first(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0][:70]


def survivors(made: Iterable[Mutant], tests: Tests, workers: int) -> Iterator[str]:
    """Run the tests on each mutant in a fork of this process, which has everything but the package loaded."""
    running: dict[int, str] = {}
    for path, line, tree in made:
        if len(running) == workers:
            yield from _ended(running)
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os._exit(_run(path, tree, tests))
        running[child] = line
    while running:
        yield from _ended(running)


def _ended(running: dict[int, str]) -> Iterator[str]:
    child, status = os.wait()
    line = running.pop(child)
    if status == 0:
        yield line


def _run(path: Path, tree: ast.Module, tests: Tests) -> int:
    import pytest

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    signal.alarm(SECONDS)
    loads = importlib.machinery.SourceFileLoader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> object:
        return compile(tree, str(path), "exec") if Path(self.path) == path else loads(self, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
    return int(
        pytest.main(
            [
                "-x",
                "-q",
                "--assert=plain",
                "-p",
                "no:cacheprovider",
                "-W",
                "ignore::pytest.PytestAssertRewriteWarning",
                *tests,
            ]
        )
    )


def modules(target: str) -> list[Path]:
    """Return the modules of a target."""
    found = [path for path in PACKAGE.glob(target) if path.suffix in ("", ".py")]
    return sorted(module for path in found for module in (path.rglob("*.py") if path.is_dir() else [path]))


def main() -> int:
    """Count who notices, per target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("target", nargs="*", default=list(TARGETS), help=", ".join(TARGETS))
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a module's path")
    asked = parser.parse_args()
    os.environ["CI"] = "true"
    sys.path.insert(0, str(ROOT / "src"))
    os.chdir(ROOT)
    for name in PRELOADED:
        importlib.import_module(name)
    for target in asked.target:
        _score(target, asked.workers, asked.every, asked.only)
    return 0


def _score(target: str, workers: int, every: int, only: str) -> None:
    began, tests = time.monotonic(), TARGETS[target]
    paths = [path for path in modules(target) if only in str(path)]
    as_they_are = [(path, "as it is", ast.parse(path.read_text(encoding="utf-8"))) for path in paths[:1]]
    if not list(survivors(as_they_are, tests, 1)):
        sys.exit(f"{target}: its tests fail without any change")
    made = [(path, line, tree) for path in paths for line, tree in mutants(path)][::every]
    alive = 0
    for line in survivors(made, tests, workers):
        alive += 1
        print("survives", line, flush=True)
    killed = len(made) - alive
    share = killed / max(1, len(made))
    print(f"{target}: {killed} of {len(made)} noticed, {share:.1%}, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
