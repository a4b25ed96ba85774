"""Whether each import contract in pyproject.toml bites: what it forbids is planted in a copy of the package."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
NAMES: dict[str, str] = {contract["id"]: contract["name"] for contract in CONTRACTS}
LAYERS: list[str] = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "floors")
PACKAGES = {"ui", "runtime", "feeds", "storage", "reports", "venues", "desk", "risk", "market", "domain"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its contracts, with an empty module for every layer that is not there yet."""
    package = tmp_path / "workstation"
    shutil.copytree(ROOT / "workstation", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for layer in LAYERS:
        for name in layer.replace("(", "").replace(")", "").split(" | "):
            plant(tmp_path, f"{name}/__init__.py" if name in PACKAGES else f"{name}.py", "")
    return tmp_path


def plant(copy: Path, module: str, line: str) -> None:
    """Add a line to a module of the copy, which is made if it is not there, with the packages around it."""
    file = copy / "workstation" / module
    file.parent.mkdir(parents=True, exist_ok=True)
    for folder in file.parents:
        if folder == copy:
            break
        (folder / "__init__.py").touch()
    with file.open("a", encoding="utf-8") as text:
        text.write(f"\n{line}\n")


def broken_contracts(copy: Path) -> set[str]:
    """Run the linter as CI does, on the copy, and give the ids of the contracts that it calls broken."""
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False)
    # Long names are wrapped to the terminal's width; put the words of one line side by side again.
    flat = " ".join(done.stdout.split())
    verdicts = {key: f"{name} BROKEN" in flat for key, name in NAMES.items()}
    judged = all(f"{name} BROKEN" in flat or f"{name} KEPT" in flat for name in NAMES.values())
    assert judged, f"the linter did not judge every contract:\n{done.stdout}{done.stderr}"
    broken = {key for key, verdict in verdicts.items() if verdict}
    assert (done.returncode != 0) == bool(broken)
    return broken


def test_the_package_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == set()


def test_what_has_its_one_place_is_allowed_there(copy: Path) -> None:
    plant(copy, "app.py", "import PySide6.QtWidgets\nimport workstation.cli\nimport workstation.ui\nimport asyncio")
    plant(copy, "notebook.py", "import pandas\nimport workstation.risk")
    plant(copy, "ui/__init__.py", "import PySide6.QtCore")
    plant(copy, "ui/panes/planted.py", "import PySide6.QtCore\nimport shiboken6\nimport workstation.ui.panes.base")
    plant(copy, "ui/panes/base.py", "import threading")
    plant(copy, "ui/charts/planted.py", "import pyqtgraph")
    plant(copy, "ui/charts/__init__.py", "import pyqtgraph")
    plant(copy, "ui/docking.py", "import PySide6QtAds")
    plant(copy, "feeds/ccxt_client.py", "import ccxt.pro\nimport asyncio\nimport socket")
    plant(copy, "feeds/planted.py", "import duckdb")
    plant(copy, "storage/planted.py", "import duckdb")
    plant(copy, "runtime/planted.py", "import threading\nimport multiprocessing")
    plant(copy, "storage/credentials.py", "import keyring\nimport subprocess")
    plant(copy, "venues/spec.py", "import workstation.risk")
    plant(copy, "venues/rule_data.py", "import workstation.packaged")
    plant(copy, "venues/planted.py", "import workstation.venues.spec\nimport workstation.venues.rule_data")
    assert broken_contracts(copy) == set()


PLANTS = [
    # Contract, module, the import that it may not have.
    ("floors", "domain/planted.py", "import workstation.risk"),
    ("floors", "packaged.py", "import workstation.domain"),
    ("floors", "risk/planted.py", "from workstation import venues"),
    ("floors", "desk/planted.py", "import workstation.venues"),
    ("floors", "runtime/planted.py", "import workstation.feeds"),
    ("floors", "ui/planted.py", "import workstation.cli"),
    ("floors", "cli.py", "import workstation.notebook"),
    ("floors", "risk/planted.py", "def late():\n    import workstation.desk"),
    ("floors", "a_new_floor.py", ""),
    ("no-cycles", "risk/planted.py", "import workstation.risk.planted_too"),
    ("qt", "risk/planted.py", "from PySide6.QtCore import QObject"),
    ("qt", "cli.py", "import PySide6"),
    ("qt", "reports/planted.py", "import shiboken6"),
    ("charts", "ui/planted.py", "import pyqtgraph"),
    ("charts", "app.py", "import pyqtgraph"),
    ("docks", "ui/planted.py", "import PySide6QtAds"),
    ("ccxt", "feeds/planted.py", "import ccxt.async_support"),
    ("duckdb", "market/planted.py", "import duckdb"),
    ("duckdb", "ui/planted.py", "import duckdb"),
    ("keyring", "storage/planted.py", "import keyring"),
    ("pandas", "reports/planted.py", "import pandas"),
    ("pandas", "cli.py", "import pandas"),
    ("waiting", "domain/planted.py", "import asyncio"),
    ("waiting", "market/planted.py", "import threading"),
    ("waiting", "risk/planted.py", "from concurrent.futures import ThreadPoolExecutor"),
    ("waiting", "venues/planted.py", "import socket"),
    ("waiting", "desk/planted.py", "import subprocess"),
    ("waiting", "packaged.py", "import multiprocessing"),
    ("venues", "venues/planted.py", "import workstation.venues.planted_too"),
    ("venues", "venues/spec.py", "import workstation.venues.planted"),
    ("panes", "ui/panes/planted.py", "import workstation.ui.panes.planted_too"),
    ("scenarios", "risk/scenarios/planted.py", "import workstation.risk.scenarios.planted_too"),
]


@pytest.mark.parametrize(("contract", "module", "line"), PLANTS)
def test_a_planted_import_is_caught(copy: Path, contract: str, module: str, line: str) -> None:
    # What some of the plants point at; "planted_too" points back, for the contract that forbids circles.
    for folder in ("venues", "ui/panes", "risk/scenarios"):
        plant(copy, f"{folder}/planted.py", "")
        plant(copy, f"{folder}/planted_too.py", "")
    plant(copy, "risk/planted_too.py", "import workstation.risk.planted")
    plant(copy, module, line)
    assert contract in broken_contracts(copy)


def test_every_contract_has_a_plant() -> None:
    assert {contract for contract, _, _ in PLANTS} == set(NAMES)
