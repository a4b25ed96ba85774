"""Edits and saves a portfolio as fast as it can until it is killed: run by test_kill.py.

Arguments: the portfolio file, the folder of sessions, a file that tells the test what was done when, the number of the
first edit, and after how many edits the file is saved each time. A record of what was done is (the edit's number, its
moment as monotonic nanoseconds); it is written after the edit was posted, and what is written outlives the kill. The
number of an edit is the quantity of the first position.
"""

import itertools
import struct
import sys
import threading
import time
from pathlib import Path

from tests.kit.frames import desk, position
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.storage.autosave import Autosave, unfinished
from workstation.storage.files import write_atomically

RECORD = struct.Struct("<qq")
EDITS_PER_SECOND = 200


def numbered(number: int) -> DeskState:
    """A desk of some size, so that a write takes a while and can be cut."""
    rest = [position(f"C{i}/USDT:USDT", quantity=str(i), entry="4000") for i in range(1, 400)]
    return desk(position(quantity=str(number)), *rest)


def number_of(state: DeskState) -> int:
    """Which edit made this desk; and that it is whole."""
    number = int(state.accounts[0].positions[0].quantity or 0)
    assert state == numbered(number)
    return number


def main() -> None:
    portfolio, sessions, log = (Path(word) for word in sys.argv[1:4])
    first, save_every = int(sys.argv[4]), int(sys.argv[5])
    pause, said = threading.Event(), list[str]()
    autosave = Autosave(sessions, said.append)
    session = unfinished(sessions, said.append)
    if session is not None:
        autosave.take_over(session)
    with log.open("ab", buffering=0) as file:
        for number in itertools.count(first):
            state = numbered(number)
            autosave.post(state, portfolio, is_saved=False)
            file.write(RECORD.pack(number, time.monotonic_ns()))
            if number % save_every == 0:
                write_atomically(portfolio, write_portfolio(state))
                autosave.post(state, portfolio, is_saved=True)
            assert not said, said
            if save_every > 1:  # else it does nothing but write, so that a kill most often comes amid a write
                pause.wait(1 / EDITS_PER_SECOND)


if __name__ == "__main__":
    main()
