"""Whether dev.py sets up what it says, repairs what was cut off, and tells plainly what it cannot do."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dev

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def no_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the set-up: it would see to the very environment that these tests run in."""
    monkeypatch.setattr(dev, "set_up", lambda *_: None)


# --- what it runs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["account.json"],
        ["resources/samples/sample-account.json"],
        ["--offline"],
        ["--replay", "folder"],
        ["./margin"],
    ],
)
def test_a_file_or_an_option_opens_the_window(arguments: list[str]) -> None:
    assert dev.opens_window(arguments)


@pytest.mark.parametrize(
    "arguments", [["margin", "account.json"], ["doctor"], ["--help"], ["--version"], ["margin", "-h"]]
)
def test_a_command_or_help_needs_no_display(arguments: list[str]) -> None:
    assert not dev.opens_window(arguments)


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
@pytest.mark.skipif(sys.platform == "darwin", reason="not on macOS")
def test_run_without_a_display_says_so_in_one_line_and_names_the_two_ways_on(
    no_set_up: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev.subprocess, "call", lambda *_, **__: pytest.fail("something was run"))
    with pytest.raises(SystemExit) as stopped:
        dev.run([])
    assert stopped.value.code == dev.LACKING
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "xvfb-run -a python3 dev.py run" in said.err
    assert "python3 dev.py run margin resources/samples/sample-account.json" in said.err


def test_run_hands_its_words_on_to_the_program(no_set_up: None, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(dev.os, "name", "nt")  # Where the program is a child; elsewhere it takes this process's place.
    monkeypatch.setattr(dev.subprocess, "call", lambda words: called.append(words[1:]) or 0)
    monkeypatch.setenv("DISPLAY", ":1")
    assert (dev.run([]), dev.run(["margin", "a.json"])) == (0, 0)
    assert called == [["-m", "workstation"], ["-m", "workstation", "margin", "a.json"]]


def test_an_unknown_command_shows_the_commands() -> None:
    done = subprocess.run([sys.executable, ROOT / "dev.py", "fly"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert all(f"dev.py {name}" in done.stderr for name in dev.COMMANDS)


def test_ci_runs_the_readme_command_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert commands == ['cd "$(dirname "${BASH_SOURCE[0]}")/.." && exec python3 dev.py test']


def test_a_check_that_fails_or_is_missing_fails_the_run_and_the_others_still_run(
    no_set_up: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = ["python", "-c", ""], ["python", "-c", "raise SystemExit(1)"]

    def run(*checks: tuple[str, list[str]]) -> tuple[int, str]:
        monkeypatch.setattr(dev, "checks", lambda: list(checks))
        return dev.test([]), capsys.readouterr().out

    assert run(("one", good), ("two", good))[0] == 0
    code, text = run(("one", bad), ("two", good))
    assert (code, "1 checks passed, 1 failed, 0 skipped" in text) == (1, True)
    code, text = run(("one", ["no-such-tool"]), ("two", good))
    assert (code, "1 checks passed, 0 failed, 1 skipped" in text) == (1, True)
    assert "SKIPPED: no-such-tool is not in .venv" in text


# --- the virtual environment ------------------------------------------------------------------------------------------


@pytest.fixture
def venv(tmp_path: Path) -> dev.Venv:
    """A virtual environment to be, with an empty lock, from which one module can be imported."""
    (tmp_path / "the.lock").write_text("", encoding="utf-8")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "planted.py").write_text("print('imported')\n", encoding="utf-8")
    return dev.Venv(tmp_path / "made", tmp_path / "the.lock", import_from=[tmp_path / "tree"])


def test_a_venv_is_ready_only_when_it_was_finished_for_this_lock_and_place(venv: dev.Venv, tmp_path: Path) -> None:
    assert not venv.ready()
    # What a call leaves that was killed half way: a folder, a broken interpreter, no stamp.
    (venv.folder / dev.BIN).mkdir(parents=True)
    venv.python.write_text("", encoding="utf-8")
    assert not venv.ready()
    venv.build()
    assert venv.ready()
    done = subprocess.run([venv.python, "-m", "planted"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "imported\n"

    venv.lock.write_text("# changed\n", encoding="utf-8")
    assert not venv.ready()
    venv.lock.write_text("", encoding="utf-8")
    assert venv.ready()
    moved = dev.Venv(venv.folder.rename(tmp_path / "moved"), venv.lock, venv.import_from)
    assert not moved.ready()


def test_a_venv_that_could_not_be_filled_is_not_ready(venv: dev.Venv) -> None:
    # Without a hash the package is refused before any index is asked.
    venv.lock.write_text("numpy==2.4.6\n", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        venv.build()
    assert stopped.value.code == dev.LACKING
    assert not venv.ready()


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_a_second_set_up_waits_for_the_first_and_for_what_outlives_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    code = "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import dev; dev.ROOT = pathlib.Path(sys.argv[2])"
    code += "\nwith dev.one_at_a_time(): print('mine', flush=True)"
    with dev.one_at_a_time() as keep_open:
        # Stands for the pip of a call that was killed.
        orphan = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=keep_open
        )
    waiting = subprocess.Popen([sys.executable, "-c", code, ROOT, tmp_path], stdout=subprocess.PIPE, text=True)
    assert waiting.stdout is not None
    assert waiting.stdout.readline().startswith("Another dev.py")
    assert waiting.poll() is None
    orphan.communicate(b"\n")
    assert waiting.communicate()[0] == "mine\n"


# --- what the machine lacks -------------------------------------------------------------------------------------------


def test_a_python_without_wheels_is_told_which_would_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(dev.sys, "argv", ["dev.py", "run"])
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    with pytest.raises(SystemExit) as stopped:
        dev.require_python()
    assert stopped.value.code == dev.LACKING
    said = capsys.readouterr().err
    assert said.startswith("Python 3.11, 3.12 or 3.13 is needed; this is ")
    assert said.endswith("Use:  python3.12 dev.py run\n")


def test_without_rights_the_exact_command_is_printed_and_nothing_is_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "apt_prefix", lambda: None)
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev.subprocess, "call", lambda *_, **__: pytest.fail("something was run"))
    with pytest.raises(SystemExit) as stopped:
        dev.install_system({"libEGL.so.1": "libegl1", "Xvfb": "xvfb"})
    assert stopped.value.code == dev.LACKING
    command = "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 xvfb"
    assert capsys.readouterr().err.splitlines()[-1].strip() == command


def test_where_there_is_no_apt_the_missing_libraries_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    dev.install_system({"libEGL.so.1": "libegl1"})
    assert "libEGL.so.1" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        dev.install_system({"ensurepip": "python3.11-venv"})


# --- the lock ---------------------------------------------------------------------------------------------------------


def test_the_lock_pins_every_package_by_hash_and_names_no_place() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in lines:
        assert re.fullmatch(r"[a-z0-9.-]+==[^\s;]+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
    assert "://" not in text
    assert str(ROOT) not in text


def test_the_lock_holds_what_pyproject_asks_for_and_only_the_small_qt() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[^A-Za-z0-9-]", line)[0].lower() for line in asked}
    assert names <= locked
    assert not locked & {"pyside6", "pyside6-addons"}
