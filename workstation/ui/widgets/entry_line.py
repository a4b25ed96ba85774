"""The last row of the table of positions: one line to type a position into, with what was understood beside it.

`EntryLine(theme, echo, add)`: `echo(text)` says what a text means while one types, `add(text)` adds it and returns what
is wrong, "" where nothing is. Enter adds and clears; Up and Down bring back what was added before.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from workstation.desk.typed_position import Echo
from workstation.desk.typed_words import EXAMPLE
from workstation.ui.styled import set_styled
from workstation.ui.theme import Theme
from workstation.ui.widgets.undo_keys import UndoableLine

PLACEHOLDER = f"Type a position:  {EXAMPLE}"
_MOST_REMEMBERED = 50
_NARROW = 860


class EntryLine(QWidget):
    """`line` is typed into; `said` shows the echo (quiet), or the fault (red) with its word."""

    def __init__(
        self,
        theme: Theme,
        echo: Callable[[str], Echo],
        add: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._echo = echo
        self._add = add
        self._before: list[str] = []
        self._back = 0  # how far back in `_before` the line stands; 0: what is being typed
        self._draft = ""
        self.line = _Line(self._step_back, self._give_up)
        self.line.setPlaceholderText(PLACEHOLDER)
        self.line.setAccessibleName("Type a position")
        self.line.setClearButtonEnabled(False)
        self.said = QLabel()
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.said.setAccessibleName("What was understood")
        layout = QHBoxLayout(self)
        self._inside = layout
        layout.addWidget(self.line, 2)
        layout.addWidget(self.said, 3)
        self.setFocusProxy(self.line)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.line.textChanged.connect(self.refresh)
        self.line.returnPressed.connect(self._enter)
        theme.changed.connect(self.restyle)
        self.restyle()
        self.refresh()

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self._theme.px
        self._inside.setContentsMargins(px(8), px(4), px(8), px(4))
        self.line.setMinimumWidth(px(260))
        self.line.setMinimumHeight(self.line.sizeHint().height())  # a low pane squeezes its table, not the line
        self.said.setFont(self._theme.font(11))
        self._turn()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        """Where both do not fit beside each other, what was understood goes below, once there is something."""
        narrow = self.width() < self._theme.px(_NARROW)
        self._inside.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._inside.setSpacing(self._theme.px(4 if narrow else 10))
        self.said.setWordWrap(narrow)
        self.said.setVisible(not narrow or bool(self.said.text()))
        self.setMinimumHeight(max(self._inside.totalHeightForWidth(self.width()), self.line.minimumHeight()))

    def refresh(self) -> None:
        """Say anew what the text means; also after the desk or the market changed."""
        text = self.line.text()
        self._tell(self._echo(text) if text.strip() else Echo())

    def _tell(self, echo: Echo) -> None:
        wrong = bool(echo.fault)
        text = echo.fault or echo.text
        note = f"  ·  {echo.note}" if echo.note else ""
        hint = "" if wrong or not text else "  ↵"
        self.said.setText(text + hint + note)
        self.said.setToolTip(text + note)
        self._turn()
        self.line.setAccessibleDescription(text + note)
        set_styled(self.said, "tone", "red" if wrong else "fg2")
        set_styled(self.line, "wrong", wrong)

    def _enter(self) -> None:
        text = self.line.text().strip()
        if not text:
            return
        fault = self._add(text)
        if fault:
            self._tell(Echo(fault=fault))
            return
        self._before = [*(known for known in self._before if known != text), text][-_MOST_REMEMBERED:]
        self._back = 0
        self.line.setText("")  # unlike clear() leaves nothing to undo in the line: the next undo takes the position out

    def _step_back(self, by: int) -> None:
        """One line back or forth in what was added; forth of the newest stands what was being typed."""
        if self._back == 0:
            self._draft = self.line.text()
        back = min(max(self._back + by, 0), len(self._before))
        if back != self._back:
            self._back = back
            self.line.setText(self._before[-back] if back else self._draft)

    def _give_up(self) -> None:
        self._back = 0
        self.line.clear()


class _Line(UndoableLine):
    """Up, Down and Escape are the row's own; everything else is a line's."""

    def __init__(self, step_back: Callable[[int], None], give_up: Callable[[], None]) -> None:
        super().__init__()
        self._step_back = step_back
        self._give_up = give_up

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Up:
                self._step_back(1)
            case Qt.Key.Key_Down:
                self._step_back(-1)
            case Qt.Key.Key_Escape if self.text():
                self._give_up()
            case _:
                super().keyPressEvent(event)
                return
        event.accept()
