"""Makes every picture: into build/pictures beside what differs from the golden ones, or as the new golden ones.

`python -m tests.screens [--update] [WORDS]`; see `python3 dev.py pictures`. The exit code is 1 where a picture differs.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from tests.screens.pictures import GOLDEN, Difference, compare, load, save, with_palette
from tests.screens.screens import SHOTS, staged

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "build" / "pictures"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures whose names hold one of the words, or all."""
    parser = argparse.ArgumentParser(prog="dev.py pictures", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only pictures with one of these in their names")
    parser.add_argument("--update", action="store_true", help="they are the golden ones from now on")
    options = parser.parse_args(arguments)
    words: list[str] = options.words
    update: bool = options.update
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    shots = [shot for shot in SHOTS if not words or any(word in shot.name for word in words)]
    started, differing, size = time.monotonic(), 0, 0
    for shot in shots:
        with staged(shot) as stage:
            picture = stage.picture()
        golden = load(GOLDEN / f"{shot.name}.png")
        apart = Difference(1.0, 1.0) if golden is None else compare(golden, picture)
        path = (GOLDEN if update else MADE) / f"{shot.name}.png"
        save(with_palette(picture) if update else picture, path)
        size += path.stat().st_size
        differing += not apart.is_none
        _say(f"{shot.name:<28} {apart.in_words if golden is not None else 'no golden one yet'}")
    if update and not words:
        for left in {path.stem for path in GOLDEN.glob("*.png")} - {shot.name for shot in SHOTS}:
            (GOLDEN / f"{left}.png").unlink()  # of a screen that is no more, or of a test that failed
    where = (GOLDEN if update else MADE).relative_to(ROOT)
    seconds = time.monotonic() - started
    _say(f"{len(shots)} pictures in {where}, {size / 1e6:.1f} MB, {seconds:.0f} s")
    _say(f"{differing} differ from what was golden" if differing else "none differs from its golden one")
    application.quit()
    return 1 if differing and not update else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
