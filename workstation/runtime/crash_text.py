"""The words of a crash report: tracebacks and messages without what may be the trader's."""

import re
import traceback
from pathlib import Path
from typing import cast

_MOST_LINKS = 10  # of a chain or a group of errors
_FRAME = re.compile(r'\s+File "[^"]*", line \d+(, in \S+)?\s*')
_LOG_START = re.compile(r"\S+Z [A-Z]+ .*? [\w.]+: ")


def describe(error: BaseException) -> str:
    """The traceback with everything that led to it, without values: no locals, no figures, no quoted words."""
    return "".join(_parts(error, set()))


def _parts(error: BaseException, seen: set[int]) -> list[str]:
    if id(error) in seen or len(seen) >= _MOST_LINKS:
        return []
    seen.add(id(error))
    parts: list[str] = []
    if error.__cause__ is not None:
        parts += [*_parts(error.__cause__, seen), "\nThat was the cause of this:\n\n"]
    elif error.__context__ is not None and not error.__suppress_context__:
        parts += [*_parts(error.__context__, seen), "\nWhile that was handled, this came:\n\n"]
    if error.__traceback__ is not None:
        stack = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=False)
        parts += ["Traceback (most recent call last):\n", *stack.format()]
    try:
        message = without_figures(str(error))
    except Exception as second:  # noqa: BLE001  (whatever a broken __str__ raises, the report is made)
        message = f"its text could not be made ({type(second).__name__})"
    parts.append(f"{type(error).__qualname__}: {message}\n" if message else f"{type(error).__qualname__}\n")
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        for number, inner in enumerate(group.exceptions, 1):
            parts += [f"\nIn that group, number {number}:\n\n", *_parts(inner, seen)]
    return parts


def place_of(error: BaseException) -> str:
    """The line that raised it; the report has the rest."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown line"
    return f"{'/'.join(Path(trace.tb_frame.f_code.co_filename).parts[-2:])}:{trace.tb_lineno}"


def without_figures(text: str) -> str:
    """A message without what may be the trader's: numbers, contracts, quoted words.

    >>> without_figures("no price of BTC/USDT:USDT: could not convert '12 500.5' after 3 tries")
    "no price of …: could not convert '…' after # tries"
    """
    text = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”", "'…'", text)
    text = re.sub(r"[\w-]+/[A-Z0-9]+(:[A-Z0-9]+)?(-\d+)*(-[CP])?\b(?!/)", "…", text)
    return re.sub(r"\d[\d.,_ \u202f]*\d|\d", "#", text)


def clean_traceback(text: str) -> str:
    """A traceback that came as a text: places and the program's own lines stay, messages lose their figures."""
    lines: list[str] = []
    code = False  # the line below a place is the program's own
    for line in text.splitlines():
        is_place = _FRAME.fullmatch(line) is not None
        lines.append(line if is_place or (code and line.startswith("    ")) else without_figures(line))
        code = is_place
    return "\n".join(lines)


def clean_log_entry(entry: str) -> str:
    """A line of the log, or several with a traceback: when, how bad and where stay as they are."""
    start = _LOG_START.match(entry)
    head = start[0] if start else ""
    return head + clean_traceback(entry[len(head) :])
