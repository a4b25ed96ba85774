"""The real program with `--self-check`; says what was loaded at its first paint and at its end."""

import json
import sys
from collections.abc import Callable

from workstation import app
from workstation.ui.first_paint import FirstPaint
from workstation.ui.main_window import MainWindow

at_first_paint: list[str] = []


class Looking(app.Workstation):
    """Looks right after the first paint, before the program itself goes on."""

    def _after_first_paint(self, window: MainWindow, settled: Callable[[], object]) -> None:
        super()._after_first_paint(window, settled)
        # the filter that was installed last is asked first
        FirstPaint(window, lambda: at_first_paint.extend(sys.modules))


def main() -> int:
    """What the program itself would return."""
    app.Workstation = Looking
    code = app.main(["--self-check"])
    print(json.dumps({"first paint": at_first_paint, "end": list(sys.modules)}))  # noqa: T201
    return code


if __name__ == "__main__":
    raise SystemExit(main())
