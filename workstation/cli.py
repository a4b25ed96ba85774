"""The command line without a display: margin, stress, rules, record, doctor.

Exit codes (public contract): 0 done, 1 the answer is "no", 2 bad input, 3 the environment lacks something, 4 a bug.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from workstation import __version__
from workstation.assessment import assess
from workstation.desk.portfolio_file import LARGEST_FILE, read_portfolio
from workstation.desk.positions_csv import read_positions
from workstation.desk.shock import read_shock
from workstation.desk.state import DeskState
from workstation.domain.instrument import parse_symbol
from workstation.domain.problem import BadInput, Problem
from workstation.domain.scenario import JointMove
from workstation.reports.documents import as_text, margin_document, stress_document
from workstation.reports.numbers import short
from workstation.reports.tables import columns, margin_table, stress_table
from workstation.risk.report import PositionReport, RiskReport
from workstation.runtime import crash_text
from workstation.storage.files import make_folder, state_folder, write_new
from workstation.venues import BY_ID, VENUES
from workstation.venues.in_force import answering_rules
from workstation.venues.rule_changes import changes, describe
from workstation.venues.rule_data import available_dates, load

DONE, ANSWER_IS_NO, BAD_INPUT, ENVIRONMENT, BUG = 0, 1, 2, 3, 4
COMMANDS = ("margin", "stress", "rules", "record", "doctor")


class Late(NamedTuple):
    """A command whose code is only loaded when it is asked for: adds its options to a parser, and runs."""

    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str], record: Late | None = None) -> int:
    """Runs one command and returns its exit code; results on stdout, faults on stderr. `record` is that command."""
    _use_utf8()
    options = _parser(record).parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()  # a full disk must be noticed here and not at exit
        return code
    except BadInput as fault:
        for problem in fault.problems:
            print(problem, file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # the reader went away (`| head`): nothing is wrong, and nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        # what could not be read is bad input already: this is the result that could not be written
        print(f"The result could not be written: {error.strerror or error}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ENVIRONMENT
    except Exception as error:  # noqa: BLE001  (the last boundary: every other error is a bug of ours)
        print(f"This is a bug. {_crash_report(error)}", file=sys.stderr)
        return BUG


def _use_utf8() -> None:
    """Results carry — and ·, and file names any letter; a console that is not UTF-8 (Windows) must not stop them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def _parser(record: Late | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workstation", description="Where would you be liquidated? Without a command: the window."
    )
    parser.add_argument("--version", action="version", version=f"workstation {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    margin = commands.add_parser("margin", help="liquidation prices, margins, distances of a portfolio file")
    margin.add_argument("file", metavar="FILE", help="portfolio file, or positions as .csv; - reads standard input")
    margin.add_argument("--json", action="store_true", help="one JSON document on stdout")
    margin.set_defaults(run=_margin)

    stress = commands.add_parser("stress", help="a portfolio under a joint move, and how much of it it stands")
    stress.add_argument("file", metavar="FILE", help="portfolio file, or positions as .csv; - reads standard input")
    stress.add_argument("--scenario", required=True, metavar="S", help='relative moves: "BTC=-0.10,ETH=-0.13,*=-0.15"')
    stress.add_argument("--json", action="store_true", help="one JSON document on stdout")
    stress.add_argument("--fail-on-liquidation", action="store_true", help="exit 1 when anything would be liquidated")
    stress.set_defaults(run=_stress)

    rules = commands.add_parser("rules", help="dated venue rules, and what changed between two dates")
    rules.add_argument("file", metavar="FILE", nargs="?", help="with --diff: what the change does to this portfolio")
    rules.add_argument("--venue", choices=sorted(BY_ID), help="only this venue")
    rules.add_argument("--on", type=_day, metavar="DATE", help="rules in force on this day (default: today)")
    rules.add_argument("--diff", nargs=2, type=_day, metavar=("FROM", "TO"), help="what changed between two dates")
    rules.set_defaults(run=_rules)

    recording = commands.add_parser("record", help="the practice market written down as a recording")
    if record is not None:
        record.add_options(recording)
        recording.set_defaults(run=record.run)

    doctor = commands.add_parser("doctor", help="what this machine has and lacks")
    doctor.set_defaults(run=_doctor)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it like 2026-09-29") from error


def read_file(name: str) -> DeskState:
    """A portfolio file by name, or positions as CSV (`.csv`). Raises BadInput where it cannot be read or has faults."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadInput((Problem(name, f"cannot be read: {error.strerror or error}; check the name"),)) from error
    return read_positions(data, DeskState()) if name.lower().endswith(".csv") else read_portfolio(data)


def _margin(options: argparse.Namespace) -> int:
    state = read_file(options.file)
    report = assess(state)
    print(as_text(margin_document(report, state.as_of)) if options.json else margin_table(report))
    return DONE


def _stress(options: argparse.Namespace) -> int:
    state, shock = read_file(options.file), read_shock(options.scenario)
    _warn_of_strangers(shock, state)
    report = assess(state, [shock])
    stress = report.stress[0]
    print(as_text(stress_document(stress)) if options.json else stress_table(stress))
    return ANSWER_IS_NO if options.fail_on_liquidation and stress.survives is not True else DONE


def _warn_of_strangers(shock: JointMove, state: DeskState) -> None:
    """A misspelt asset would move nothing, and nobody would notice."""
    held = {asset for account in state.accounts for asset in account.balances or {}} | set(state.collateral_prices)
    for account in state.accounts:
        parts = [parse_symbol(position.symbol) for position in account.positions]
        held |= {name for part in parts if part for name in (part.base, part.settle)}
    for asset in shock.moves:
        if asset not in held:
            print(f"scenario: {asset} moves nothing in this portfolio", file=sys.stderr)


def _rules(options: argparse.Namespace) -> int:
    venues = [BY_ID[options.venue]] if options.venue else list(VENUES)
    if options.diff:
        before, after = options.diff
        for spec in venues:
            found = changes(spec.id, before, after, spec.rules)
            print(f"{spec.name}: {len(found)} changes from {before} to {after}")
            for row in describe(found):
                print(f"  {row}")
        if options.file:
            _print_effect(read_file(options.file), before, after)
        return DONE
    if options.file:
        raise BadInput((Problem(options.file, "a portfolio is used with --diff FROM TO only; add it"),))
    on = options.on or datetime.now(UTC).date()
    rows: list[tuple[str, ...]] = []
    for spec in venues:
        data = load(spec.id, on)
        read = ", ".join(str(day) for day in available_dates(spec.id) if day <= on) or "—"
        answering = dict.fromkeys(f"{rule.id} ({rule.evidence})" for rule in answering_rules(spec.id, on))
        rows.append((spec.id, str(len(data.instruments)), read, "; ".join(answering)))
    print(columns(("venue", "symbols", "data read on", f"rules in force on {on}"), rows, left=4))
    return DONE


def _print_effect(state: DeskState, before: date, after: date) -> None:
    """The same positions at the same marks under the rules of both days."""
    old, new = assess(state, on=before), assess(state, on=after)
    rows: list[tuple[str, ...]] = []
    for was, now in zip(_positions(old), _positions(new), strict=True):
        account, old_position = was
        new_position = now[1]
        rows.append(
            (
                account,
                old_position.symbol,
                old_position.side,
                short(old_position.liquidation.price),
                short(new_position.liquidation.price),
                short(old_position.maintenance_margin),
                short(new_position.maintenance_margin),
            )
        )
    titles = ("account", "symbol", "side", f"liquidation {before}", str(after), f"maintenance {before}", str(after))
    print(columns(titles, rows, left=3))
    for _, position in _positions(new):
        if position.liquidation.status == "insufficient":
            print(f"  {position.symbol}: {position.liquidation.because}")


def _positions(report: RiskReport) -> list[tuple[str, PositionReport]]:
    return [(account.name, position) for account in report.accounts for position in account.positions]


def _doctor(options: argparse.Namespace) -> int:
    del options
    lines = [
        ("workstation", __version__),
        ("python", platform.python_version()),
        ("system", platform.platform()),
        *((name, _version(name)) for name in ("PySide6-Essentials", "PySide6-QtAds", "numpy", "msgspec", "pandas")),
        ("display", _display()),
    ]
    for spec in VENUES:
        dates = ", ".join(str(day) for day in available_dates(spec.id))
        lines.append((f"rules {spec.id}", dates or "formulas only, no tiers with a source"))
    print(columns(("what", "found"), lines, left=2))
    return DONE if all(found != "missing" for _, found in lines) else ENVIRONMENT


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _display() -> str:
    if sys.platform != "linux":
        return "the system's own"
    return os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "none (the window needs one, or xvfb-run)"


def _crash_report(error: Exception) -> str:
    """Writes the traceback, without values: no figure of the trader leaves the screen by accident."""
    folder = state_folder()
    path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.txt"
    about = f"workstation {__version__}, Python {platform.python_version()}, {platform.platform()}"
    report = f"{about}\n{crash_text.describe(error)}"
    try:
        make_folder(folder)
        write_new(path, report.encode())
    except OSError as refused:
        return f"No report could be written to {path} ({refused.strerror}); it says:\n{report}"
    return f"A report was written to {path}"
