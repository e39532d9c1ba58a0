"""The style budgets, measured on the source with the standard library.

Code lines are lines that carry code: no blank, comment-only or docstring lines. A function's length runs from
``def`` to the last line of its body; nested functions count too, ``@overload`` stubs do not.
"""

import ast
import graphlib
import io
import statistics
import tokenize
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import attrs
import pytest

SOURCE = Path(__file__).parents[2] / "src"
PACKAGE = SOURCE / "wa_omnichannel"

MEDIAN_FUNCTION = 6
P95_FUNCTION = 25
LONGEST_FUNCTION = 45
LARGEST_MODULE = 450
PUBLIC_NAMES = 60

LAYOUT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@attrs.frozen(slots=False)
class Module:
    """One file of the package."""

    name: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def code_lines(self) -> set[int]:
        """Return the numbers of the lines that carry code."""
        tokens = tokenize.generate_tokens(io.StringIO(self.source).readline)
        spans = (range(token.start[0], token.end[0] + 1) for token in tokens if token.type not in LAYOUT)
        bare = (lines(node) for node in ast.walk(self.tree) if is_bare_string(node))
        return {line for span in spans for line in span} - {line for span in bare for line in span}

    @cached_property
    def definitions(self) -> list[tuple[str, Definition, bool, bool]]:
        """Return each function and class: its dotted name, node, whether it is public, whether in a class."""
        return list(walk(self.tree, self.name, public=True, in_class=False))

    @property
    def functions(self) -> Iterator[tuple[str, Function, bool]]:
        return (
            (name, node, in_class) for name, node, _, in_class in self.definitions if not isinstance(node, ast.ClassDef)
        )

    def length(self, node: Function) -> int:
        return sum(line in self.code_lines for line in lines(node))


def lines(node: ast.AST) -> range:
    assert isinstance(node, ast.stmt)
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def is_bare_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def decorators(node: Definition) -> set[str]:
    targets = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]
    return {getattr(target, "attr", getattr(target, "id", "")) for target in targets}


def walk(parent: ast.AST, prefix: str, *, public: bool, in_class: bool) -> Iterator[tuple[str, Definition, bool, bool]]:
    for node in ast.iter_child_nodes(parent):
        if not isinstance(node, Definition):
            yield from walk(node, prefix, public=public, in_class=in_class)
        elif "overload" not in decorators(node):
            name, shown = f"{prefix}.{node.name}", public and not node.name.startswith("_")
            yield name, node, shown, in_class
            inside = isinstance(node, ast.ClassDef)
            yield from walk(node, name, public=shown and inside, in_class=inside)


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = [Module(module_name(path), path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))]
LENGTHS = sorted((module.length(node), name) for module in MODULES for name, node, _ in module.functions)


def is_typed(node: Function, in_class: bool) -> bool:
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    if in_class and "staticmethod" not in decorators(node):
        positional = positional[1:]
    named = [*positional, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    returns = node.returns is not None or node.name == "__init__"
    return returns and all(arg.annotation is not None for arg in named)


def imported(module: Module, known: set[str]) -> set[str]:
    """Return the modules of the package that *module* imports anywhere, deferred imports included."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module.name} uses a relative import"
            full = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {full[name] if full[name] in known else str(node.module) for name in full}
    return (found & known) - {module.name}


def test_median_function_length() -> None:
    if LENGTHS:
        assert statistics.median_low([length for length, _ in LENGTHS]) <= MEDIAN_FUNCTION


def test_95th_percentile_of_function_lengths() -> None:
    if LENGTHS:
        rank = -(-95 * len(LENGTHS) // 100)  # nearest rank
        longest = "\n".join(f"{length:3} {name}" for length, name in LENGTHS[rank - 1 :])
        assert LENGTHS[rank - 1][0] <= P95_FUNCTION, longest


def test_longest_function() -> None:
    assert not [(name, length) for length, name in LENGTHS if length > LONGEST_FUNCTION]


def test_largest_module() -> None:
    assert not [(module.name, len(module.code_lines)) for module in MODULES if len(module.code_lines) > LARGEST_MODULE]


def test_every_public_name_has_a_docstring() -> None:
    excused = {"setter", "deleter", "override"}
    assert not [
        name
        for module in MODULES
        for name, node, public, _ in module.definitions
        if public and not decorators(node) & excused and ast.get_docstring(node) is None
    ]


def test_every_module_has_a_docstring() -> None:
    assert not [module.name for module in MODULES if ast.get_docstring(module.tree) is None]


def test_every_function_is_typed() -> None:
    assert not [name for module in MODULES for name, node, in_class in module.functions if not is_typed(node, in_class)]


def test_no_import_cycles_even_deferred() -> None:
    known = {module.name for module in MODULES}
    order = graphlib.TopologicalSorter({module.name: imported(module, known) for module in MODULES})
    try:
        order.prepare()
    except graphlib.CycleError as cycle:
        pytest.fail(" -> ".join(cycle.args[1]))


def test_the_package_names_at_most_sixty() -> None:
    import wa_omnichannel

    assert len(getattr(wa_omnichannel, "__all__", ())) <= PUBLIC_NAMES
