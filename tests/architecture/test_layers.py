"""The import contracts in pyproject.toml cover what is there (`lint-imports` checks them)."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "wa_omnichannel"
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}
LAYERS = [re.findall(r"\w+", layer) for layer in CONTRACTS["layers"]["layers"]]


def test_every_module_from_flows_down_is_in_the_core_contract() -> None:
    first = LAYERS.index(["_flows"])
    core = {module for layer in LAYERS[first:] for module in layer}
    present = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    listed = {name.removeprefix("wa_omnichannel.") for name in CONTRACTS["pure-core"]["source_modules"]}
    assert core & present == listed


def test_the_emulator_does_not_even_import_the_package_root() -> None:
    """A lazy root would lead to the whole package, and import-linter lets a child import its parent."""
    offenders = [
        f"{path.name}:{node.lineno}"
        for path in (PACKAGE / "emulator").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and "wa_omnichannel" in {alias.name for alias in node.names})
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "wa_omnichannel"
            and {alias.name for alias in node.names} != {"emulator"}
        )
    ]
    assert not offenders
