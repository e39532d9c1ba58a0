"""Try a built wheel in an empty environment without extras.

Usage: check_wheel.py WHEEL

The wheel must hold py.typed and every SQL migration, import, run the README's first Python example, and name
the missing extra wherever an optional package is needed.
"""

import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ["wa_omnichannel", "wa_omnichannel.session"]
ADAPTERS = "from wa_omnichannel.adapters"
# What needs an extra, and the extra that its message must name. Complete this table with every new extra.
MISSING = [
    (["python", "-I", "-c", "import wa_omnichannel.emulator"], "emulator"),
    (["wa-omnichannel", "demo"], "emulator"),
    (["python", "-I", "-c", "import wa_omnichannel.testing.strategies"], "testing"),
    (["python", "-I", "-c", f"{ADAPTERS}.patterns import pattern; pattern('a+')"], "rules"),
    (["python", "-I", "-c", "from wa_omnichannel.template_files import read_text; read_text('a: 1')"], "yaml"),
    (["python", "-I", "-c", f"{ADAPTERS}.holiday_calendar import PublicHolidays; PublicHolidays('ES')"], "calendar"),
    (["python", "-I", "-c", f"{ADAPTERS}.classifiers import LearnedClassifier as L; L(['ab', 'cd'])"], "ml"),
    (["python", "-I", "-c", "import wa_omnichannel.adapters.postgres"], "postgres"),
    (["python", "-I", "-c", "from wa_omnichannel.integrations.server import serving; serving(0).__enter__()"], "asgi"),
]


def contents_problems(wheel: Path) -> list[str]:
    """Return the files of the source tree that the wheel lacks."""
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "wa_omnichannel").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with zipfile.ZipFile(wheel) as archive:
        lacking = wanted - set(archive.namelist())
    return [f"not in the wheel: {name}" for name in sorted(lacking)]


def install(wheel: Path, folder: Path) -> Path:
    """Create an environment with the wheel's core dependencies only and return its folder of programs."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    pip: list[str | Path] = [
        programs / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    subprocess.run([*pip, "-c", ROOT / "constraints.txt", wheel], check=True)
    return programs


def run(programs: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the new environment away from the source tree."""
    command: list[str | Path] = [programs / name, *arguments]
    return subprocess.run(command, cwd=programs, capture_output=True, text=True, timeout=120, check=False)


def readme_example() -> str:
    """Return the first Python block of the README."""
    block = re.search(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    return block[1] if block else "raise SystemExit('README.md has no Python example')"


def behaviour_problems(programs: Path) -> list[str]:
    """Return what does not work without extras."""
    needed = [["python", "-I", "-c", f"import {module}"] for module in MODULES]
    needed += [["python", "-I", "-c", readme_example()], ["wa-omnichannel", "--help"]]
    problems = []
    for command in needed:
        done = run(programs, *command)
        if done.returncode:
            problems.append(f"failed: {command}\n{done.stderr}")
    for command, extra in MISSING:
        done = run(programs, *command)
        last = (done.stderr.strip() or "nothing").splitlines()[-1]
        if not done.returncode or f"wa-omnichannel[{extra}]" not in last:
            problems.append(f"{command} should name the extra {extra!r}; it said: {last}")
    return problems


def main() -> int:
    """Check one wheel and print what is wrong."""
    wheel = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        problems = contents_problems(wheel) + behaviour_problems(install(wheel, Path(folder)))
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{wheel.name}: {len(problems)} problems, {len(MODULES) + len(MISSING) + 2} probes")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
