"""What is installed is what is in the checkout, and what the README says can be done."""

import ast
import importlib.metadata
import importlib.resources
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

import citewell
from citewell.app.cli import app
from citewell.ingest.run import ingest
from citewell.retrieval.settings import load_settings

ROOT = Path(__file__).parents[1]
PARTS = ("app", "ingest", "retrieval")
COMMAND = typer.main.get_command(app)

pytestmark = pytest.mark.skipif(
    not all((ROOT / part).is_dir() for part in PARTS), reason=f"{ROOT} is no checkout of Citewell"
)


def contents(folder: Path) -> dict[str, bytes]:
    """Return what each file below a folder holds, but for what Python has compiled."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def readme_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", readme(), re.MULTILINE | re.DOTALL)


def readme_commands() -> list[str]:
    """Return each ``citewell ...`` line of the README's blocks, and each one within a sentence."""
    lines = re.findall(r"^\$ (citewell .*)$", "\n".join(readme_blocks("console")), re.MULTILINE)
    return lines + re.findall(r"`(citewell [^`]*)`", readme())


@pytest.mark.parametrize("part", PARTS)
def test_every_file_of_the_checkout_is_installed(part: str) -> None:
    with importlib.resources.as_file(importlib.resources.files("citewell")) as package:
        assert contents(package / part) == contents(ROOT / part)


def test_the_package_says_that_it_is_typed() -> None:
    assert importlib.resources.files("citewell").joinpath("py.typed").is_file()


def test_there_is_one_version() -> None:
    shown = subprocess.run(
        [Path(sys.executable).parent / "citewell", "--version"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert shown.stdout == f"citewell {citewell.__version__}\n"
    assert importlib.metadata.version("citewell") == citewell.__version__


@pytest.mark.parametrize("part", PARTS)
def test_the_package_holds_a_relative_link_to_each_folder(part: str) -> None:
    assert (ROOT / "src" / "citewell" / part).readlink() == Path("../..") / part


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A folder with what ``setup.py`` looks at."""
    package = tmp_path / "src" / "citewell"
    package.mkdir(parents=True)
    for part in PARTS:
        (tmp_path / part).mkdir()
        (tmp_path / part / "__init__.py").touch()
        (package / part).symlink_to(Path("../..") / part)
    (tmp_path / "setup.py").write_bytes((ROOT / "setup.py").read_bytes())
    return tmp_path


def set_up(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "setup.py", "--name"], cwd=folder, capture_output=True, encoding="utf-8"
    )


def test_a_whole_checkout_can_be_built(skeleton: Path) -> None:
    assert set_up(skeleton).returncode == 0


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("damage", ["missing", "dead", "text"])
def test_a_checkout_without_its_links_is_not_built(skeleton: Path, part: str, damage: str) -> None:
    link = skeleton / "src" / "citewell" / part
    link.unlink()
    if damage == "dead":
        link.symlink_to("../../gone")
    if damage == "text":  # what Git writes where symbolic links are off
        link.write_text(f"../../{part}")

    stopped = set_up(skeleton)

    assert stopped.returncode == 1
    assert stopped.stderr == (
        f"src/citewell/{part} is not a link to {part}/. "
        "Clone with symbolic links on: git clone -c core.symlinks=true\n"
    )


def test_the_extras_that_messages_name_can_be_installed() -> None:
    named = {
        call.args[1].value
        for part in PARTS
        for path in (ROOT / part).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "MissingExtra"
        and isinstance(call.args[1], ast.Constant)
    }

    extras = importlib.metadata.metadata("citewell").get_all("Provides-Extra")
    assert "openai" in named
    assert named <= set(extras or ())


def test_the_readme_shows_each_command() -> None:
    assert isinstance(COMMAND, typer.core.TyperGroup)
    assert {line.split()[1] for line in readme_commands()} == {"--help", *COMMAND.commands}


@pytest.mark.parametrize("line", readme_commands())
def test_a_command_of_the_readme_is_understood(line: str) -> None:
    assert isinstance(COMMAND, typer.core.TyperGroup)
    _, name, *arguments = shlex.split(line)
    if name == "--help":
        return

    parsed = COMMAND.commands[name].make_context(name, arguments)

    given = [word.partition("=")[0] for word in arguments if word.startswith("-")]
    known = {word for option in COMMAND.commands[name].params for word in option.opts}
    assert set(given) <= known
    assert parsed.args == []


def test_what_the_readme_makes_and_links_to_is_there() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    made = re.findall(r"`make (\w+)`|^\$ make (\w+)$", readme(), re.MULTILINE)
    links = re.findall(r"\]\(([^)#:]+)\)", readme())

    assert {quoted or typed for quoted, typed in made} <= set(targets)
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.models
def test_the_program_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CITEWELL_HOME", str(tmp_path / "home"))
    handbook = tmp_path / "handbook.md"
    handbook.write_text("Parental leave is 14 weeks long.", "utf-8")
    ingest([handbook], load_settings({"collection": "handbook"}))
    (program,) = readme_blocks("python")

    exec(compile(program, "README.md", "exec"), {})

    assert capsys.readouterr().out == "handbook.md None Parental leave is 14 weeks long.\n"
