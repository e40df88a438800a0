"""Rules of the repository that no linter knows."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
LOCKS = (ROOT / "requirements" / "run.txt", ROOT / "requirements" / "dev.txt")

# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")


def repository_files(root: Path) -> list[Path]:
    """Return what is tracked, and what would be if it were added."""
    names = listed_by_git(root) if (root / ".git").exists() else None
    found = walked(root) if names is None else [root / name for name in names]
    return [path for path in found if path.is_file()]


def listed_by_git(root: Path) -> list[str] | None:
    """Return the names that git lists, or nothing where it is missing or refuses."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)  # noqa: S603 - fixed command
    except (OSError, subprocess.CalledProcessError):
        return None
    return [name for name in listed.stdout.split("\0") if name]


def walked(root: Path) -> Iterator[Path]:
    """Find what no line of .gitignore names; each of its lines is the name of a file or folder."""
    lines = (root / ".gitignore").read_text("utf-8").splitlines()
    ignored = [".git", *(line.rstrip("/") for line in lines if line and not line.startswith("#"))]

    def kept(names: Iterable[str]) -> list[str]:
        return [name for name in names if not any(fnmatchcase(name, line) for line in ignored)]

    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = [name for name in kept(folders) if not (here / name / "pyvenv.cfg").exists()]
        yield from (here / name for name in kept(files))


def pins(lock: Path) -> dict[str, Requirement]:
    """Return the requirements of a lock by name and marker."""
    found = re.findall(r"^([a-z][^\\\n]+?)\s*\\?$", lock.read_text("utf-8"), re.MULTILINE)
    requirements = [Requirement(line) for line in found]
    return {f"{pin.name} ; {pin.marker}": pin for pin in requirements}


@pytest.mark.parametrize("git", ["no checkout", "missing", "refuses", "at hand"])
def test_the_files_of_the_repository_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, git: str
) -> None:
    """An archive of the repository, or a machine without git, is checked as a checkout is."""
    kept = {".gitignore", ".env.example", ".ci/run", "src/a.py"}
    left = {".env", ".venv/a.py", ".ci/.venv/a.py", "src/__pycache__/a.pyc", ".mypy_cache/a"}
    for name in kept | left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    (tmp_path / ".gitignore").write_text((ROOT / ".gitignore").read_text("utf-8"), "utf-8")
    match git:
        case "missing":
            (tmp_path / ".git").mkdir()
            monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
        case "refuses":
            (tmp_path / ".git").write_text("this is no checkout", "utf-8")
        case "at hand":
            if shutil.which("git") is None:
                pytest.skip("git is not installed")
            subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)  # noqa: S607 - fixed command
    assert {str(path.relative_to(tmp_path)) for path in repository_files(tmp_path)} == kept


def test_an_environment_of_another_name_is_no_part_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("", "utf-8")
    for name in ("env/pyvenv.cfg", "env/lib/a.py", "a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    assert {path.name for path in repository_files(tmp_path)} == {".gitignore", "a.py"}


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the choice of whoever installs them."""
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in repository_files(ROOT)
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
