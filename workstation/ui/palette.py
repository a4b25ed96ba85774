"""The command palette: one line over the window that finds actions and symbols, and takes positions and risk verbs.

`Palette(window, theme, actions, echo, run, symbols=…, look_at=…)`: `actions()` are offered by name; `echo(text)` says
what a command would do and `run(text)` does it (returning what is wrong, "" where nothing is); `symbols()` gives
(venue, symbol) to jump to with `look_at`. `open()` shows it; Escape, or the keyboard going elsewhere, closes it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workstation.desk.typed_command import COMMANDS, is_command
from workstation.desk.typed_position import Echo
from workstation.ui.fitting import fit, fit_symbol
from workstation.ui.style_option import ENABLED, SELECTED, rect_of, state_of
from workstation.ui.styled import set_styled
from workstation.ui.theme import Theme

MOST_OFFERS = 60
_SHOWN = 9
_DETAIL = int(Qt.ItemDataRole.UserRole) + 1
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -_SHOWN, Qt.Key.Key_PageDown: _SHOWN}


@dataclass(frozen=True)
class Offer:
    """One line of the list. `do` returns what is wrong; the palette closes where that is "" and `closes` holds."""

    text: str
    detail: str
    do: Callable[[], str]
    enabled: bool = True
    closes: bool = True


class Palette(QFrame):
    """A child of the window, hidden until `open`. The line keeps the keyboard; Up and Down move in the list."""

    def __init__(
        self,
        window: QWidget,
        theme: Theme,
        actions: Callable[[], Iterable[QAction]],
        echo: Callable[[str], Echo],
        run: Callable[[str], str],
        *,
        symbols: Callable[[], Iterable[tuple[str, str]]] = tuple,
        look_at: Callable[[str, str], None] | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._actions = actions
        self._echo = echo
        self._run = run
        self._symbols = symbols
        self._look_at = look_at
        self._offers: list[Offer] = []
        self._came_from: QWidget | None = None
        self.setObjectName("palette")
        self.setProperty("card", True)
        self.setAccessibleName("Command palette")
        self.setAutoFillBackground(True)
        self.line = QLineEdit()
        self.line.setPlaceholderText("Search commands and symbols, or type a position")
        self.line.setAccessibleName("Command")
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What was understood")
        self.list = QListWidget()
        self.list.setAccessibleName("Matches")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Lines(theme, self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self._inside = QVBoxLayout(self)
        for widget in (self.line, self.said, self.list):
            self._inside.addWidget(widget)
        self.line.textChanged.connect(self.refresh)
        self.list.itemClicked.connect(self._clicked)
        self.line.installEventFilter(self)
        window.installEventFilter(self)
        theme.changed.connect(self.restyle)
        self.restyle()
        self.hide()

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self._theme.px
        self._inside.setContentsMargins(px(10), px(10), px(10), px(8))
        self._inside.setSpacing(px(6))
        self.line.setFont(self._theme.font(14))
        self.said.setFont(self._theme.font(12))
        if self.isVisible():
            self.refresh()

    def open(self, text: str = "") -> None:
        """Show it with this text, and give it the keyboard."""
        self._came_from = QApplication.focusWidget()
        self.line.setText(text)
        self.show()
        self.refresh()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def shut(self) -> None:
        """Hide it, and give the keyboard back."""
        if not self.isVisible():
            return
        before, self._came_from = self._came_from, None
        had_focus = self.line.hasFocus()
        self.hide()
        if had_focus and before is not None and before is not self.line:
            before.setFocus()

    def refresh(self) -> None:
        """Look again for what fits the text; also after the desk or the market changed."""
        text = self.line.text().strip()
        command = is_command(text)
        echo = self._echo(text) if command else Echo()
        # one word may still become an action's name: its fault would come too early
        early = bool(echo.fault) and len(text.split()) < 2
        self._tell(Echo() if early else echo)
        offers = self._matching(text) if not command or echo.fault else []
        if command and not echo.fault:
            offers.insert(0, Offer(echo.text, "Enter", self._run_typed))
        self._offers = offers[:MOST_OFFERS]
        self.list.clear()
        for offer in self._offers:
            item = QListWidgetItem(offer.text)
            item.setData(_DETAIL, offer.detail)
            item.setToolTip(offer.text)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{offer.text} {offer.detail}".strip())
            if not offer.enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self._choose(next((i for i, offer in enumerate(self._offers) if offer.enabled), -1))
        self.list.setVisible(bool(self._offers))
        self._place()

    def _matching(self, text: str) -> list[Offer]:
        found = [(fit(text, action.text()), self._of_action(action)) for action in self._actions() if _named(action)]
        if text and self._look_at is not None:
            found += [(fit_symbol(text, symbol), self._of_symbol(venue, symbol)) for venue, symbol in self._symbols()]
        ranked = [(score, offer) for score, offer in found if score is not None]
        if text:
            ranked.sort(key=lambda pair: (not pair[1].enabled, -pair[0]))
        examples = [self._of_example(example, says) for example, says in COMMANDS] if not text else []
        return examples + [offer for _, offer in ranked]

    def _of_action(self, action: QAction) -> Offer:
        def trigger() -> str:
            action.trigger()
            return ""

        shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        return Offer(action.text().replace("&", ""), shortcut, trigger, action.isEnabled())

    def _of_symbol(self, venue: str, symbol: str) -> Offer:
        def jump() -> str:
            if self._look_at is not None:
                self._look_at(venue, symbol)
            return ""

        return Offer(f"show {symbol}", venue, jump)

    def _of_example(self, example: str, says: str) -> Offer:
        def fill() -> str:
            self.line.setText(example)
            self.line.selectAll()
            return ""

        return Offer(example, says, fill, closes=False)

    def _run_typed(self) -> str:
        return self._run(self.line.text().strip())

    def _tell(self, echo: Echo) -> None:
        text = "  ·  ".join(filter(None, (echo.fault or echo.note,)))
        tone = "red" if echo.fault else "amber"
        self.said.setText(text)
        self.said.setVisible(bool(text))
        self.line.setAccessibleDescription(text or echo.text)
        set_styled(self.said, "tone", tone)
        set_styled(self.line, "wrong", bool(echo.fault))

    def _clicked(self, item: QListWidgetItem) -> None:
        self._do(self.list.row(item))

    def _do(self, number: int) -> None:
        if not 0 <= number < len(self._offers) or not self._offers[number].enabled:
            return
        offer = self._offers[number]
        if offer.closes and offer.do != self._run_typed:
            self.shut()  # an action may open a dialog: the palette must not stand over it, nor take the keyboard back
            offer.do()
            return
        fault = offer.do()
        if fault:
            self._tell(Echo(fault=fault))
            self._place()
        elif offer.closes:
            self.shut()

    def _choose(self, number: int) -> None:
        self.list.setCurrentRow(number)

    def _step(self, by: int) -> None:
        """To the next line that can be chosen; at the ends it stays."""
        able = [i for i, offer in enumerate(self._offers) if offer.enabled]
        if able:
            at = able.index(self.list.currentRow()) if self.list.currentRow() in able else 0
            self._choose(able[min(max(at + by, 0), len(able) - 1)])

    def _place(self) -> None:
        """Top and middle of the window; the list takes the lines that there is room for."""
        px, room = self._theme.px, self._window.height()
        width = min(px(680), self._window.width() - px(40))
        self.setFixedWidth(width)
        self.list.setFixedHeight(0)
        self._inside.activate()
        bare = max(self._inside.totalHeightForWidth(width), self._inside.totalSizeHint().height())
        top = min(px(72), max(0, (room - bare) // 4))
        lines = min(len(self._offers), _SHOWN, max(1, (room - top - bare - px(8)) // px(30)))
        self.list.setFixedHeight(px(30) * lines + 2 if self._offers else 0)
        self._inside.activate()
        self.setFixedHeight(bare + self.list.height())
        self.move((self._window.width() - width) // 2, top)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self.line and event.type() == QEvent.Type.FocusOut and QApplication.activeWindow() is not None:
            self._left()
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event.key())
        return super().eventFilter(watched, event)

    def _left(self) -> None:
        """The keyboard went elsewhere in the window: the palette is done. Another program's window does not shut it."""
        focus = QApplication.focusWidget()
        if focus is not None and focus is not self.line:
            self._came_from = None
            self.shut()

    def _key(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape:
            self.shut()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(self.list.currentRow())
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._step(1 if key == Qt.Key.Key_Tab else -1)
        else:
            step = next((by for known, by in _STEPS.items() if known == key), 0)
            if not step:
                return False
            self._step(step)
        return True


def _named(action: QAction) -> bool:
    return action.isVisible() and not action.isSeparator() and bool(action.text())


class _Lines(QStyledItemDelegate):
    """A text, and its shortcut or venue at the right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, self._theme.px(30))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._theme
        rect, state = rect_of(option), state_of(option)
        if state & SELECTED:
            painter.fillRect(rect, theme.colour("sel"))
        inner = rect.adjusted(theme.px(8), 0, -theme.px(8), 0)
        able = bool(state & ENABLED)
        detail = str(index.data(_DETAIL) or "")
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("fg2" if able else "fg3"))
        taken = QFontMetrics(theme.font(11)).horizontalAdvance(detail)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), detail)
        painter.setFont(theme.font())
        painter.setPen(theme.colour("fg" if able else "fg3"))
        room = inner.width() - taken - theme.px(12)
        text = QFontMetrics(theme.font()).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
