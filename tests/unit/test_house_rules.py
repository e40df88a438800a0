"""Rules of the repository that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = (ROOT / "requirements" / "run.txt", ROOT / "requirements" / "dev.txt")

# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")


def repository_files() -> list[Path]:
    """Return what is tracked, and what would be if it were added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - fixed command
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def pins(lock: Path) -> dict[str, Requirement]:
    """Return the requirements of a lock by name and marker."""
    found = re.findall(r"^([a-z][^\\\n]+?)\s*\\?$", lock.read_text("utf-8"), re.MULTILINE)
    requirements = [Requirement(line) for line in found]
    return {f"{pin.name} ; {pin.marker}": pin for pin in requirements}


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the choice of whoever installs them."""
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in repository_files()
        for host in FORBIDDEN
        if host.encode() in path.read_bytes()
    ]
    assert named == []


def test_each_file_says_first_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    blocks = re.split(r"\n(?=[a-z])", lock.read_text("utf-8"))[1:]
    assert len(blocks) == len(pins(lock)) > 0
    for block in blocks:
        assert re.match(r"[a-z0-9-]+==[^\s;]+", block), block
        assert re.search(r"^ +--hash=sha256:[0-9a-f]{64}", block, re.MULTILINE), block


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_nothing_but_requirements_hashes_and_reasons(lock: Path) -> None:
    allowed = re.compile(r"[a-z0-9-]+==.*|    --hash=sha256:.*|\s*#.*")
    other = [line for line in lock.read_text("utf-8").splitlines() if not allowed.fullmatch(line)]
    assert other == []


def test_the_tests_run_with_the_versions_that_the_bot_runs_with() -> None:
    run, dev = map(pins, LOCKS)
    assert {name: str(pin.specifier) for name, pin in run.items()}.items() <= {
        name: str(pin.specifier) for name, pin in dev.items()
    }.items()


def test_the_locks_fit_what_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {
        LOCKS[0]: project["dependencies"],
        LOCKS[1]: project["dependencies"] + project["optional-dependencies"]["dev"],
    }
    for lock, requirements in declared.items():
        locked = {pin.name: str(pin.specifier).removeprefix("==") for pin in pins(lock).values()}
        for requirement in map(Requirement, requirements):
            assert requirement.specifier.contains(locked[requirement.name]), requirement.name
