"""Timeframes: their names, the row of buttons that choose one, and digits typed for one."""

import re

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QLabel, QWidget

from workstation.ui.theme import Theme

MINUTE_MS = 60_000
_UNITS = {"m": MINUTE_MS, "h": 60 * MINUTE_MS, "d": 1440 * MINUTE_MS}
TIMEFRAMES = tuple(n * MINUTE_MS for n in (1, 5, 15, 60, 240, 1440))
_LONGEST_MS = 30 * 1440 * MINUTE_MS
_WAIT_MS = 700  # for a further digit


def interval_text(interval_ms: int) -> str:
    """A timeframe in the trade's short form.

    >>> interval_text(300_000), interval_text(14_400_000), interval_text(86_400_000), interval_text(15_000)
    ('5m', '4h', '1d', '15s')
    """
    for letter, unit in reversed(_UNITS.items()):
        if interval_ms >= unit and interval_ms % unit == 0:
            return f"{interval_ms // unit}{letter}"
    return f"{interval_ms // 1000}s"


def read_interval(text: str) -> int | None:
    """A timeframe as it is typed, digits alone being minutes; None where it is none.

    >>> read_interval("15"), read_interval("4h"), read_interval("0"), read_interval("h")
    (900000, 14400000, None, None)
    """
    match = re.fullmatch(r"([0-9]{1,5})([mhd]?)", text)
    interval = int(match[1]) * _UNITS[match[2] or "m"] if match else 0
    return interval if 0 < interval <= _LONGEST_MS else None


class TimeframeButton(QAbstractButton):
    """One timeframe; the chosen one stands on the accent's ground with a line around it."""

    def __init__(self, theme: Theme, interval_ms: int) -> None:
        super().__init__()
        self._theme = theme
        self.interval_ms = interval_ms
        self.setText(interval_text(interval_ms))
        self.setAccessibleName(f"Timeframe {self.text()}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        px, metrics = self._theme.px, QFontMetrics(self._theme.font(12, QFont.Weight.Medium))
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * px(8), metrics.height() + 2 * px(3))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, chosen = self._theme, QPainter(self), self.isChecked()
        if chosen or self.underMouse() or self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = "accent" if chosen or self.hasFocus() else "line"
            painter.setPen(theme.colour(edge))
            painter.setBrush(theme.colour("sel" if chosen else "bg2"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(4), theme.px(4))
        painter.setFont(theme.font(12, QFont.Weight.Medium))
        painter.setPen(theme.colour("fg" if chosen else "fg2" if self.isEnabled() else "fg3"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter.value, self.text())


class Timeframes(QWidget):
    """A row of buttons; `typed` takes digits one by one and chooses when no more come. `chosen` says which (ms)."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._shown = (0, 0)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_WAIT_MS)
        self._wait.timeout.connect(self.take)
        self.said = QLabel()
        self.said.setProperty("tone", "accent")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons = tuple(TimeframeButton(theme, interval) for interval in TIMEFRAMES)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.said)
        for button in self.buttons:
            self._group.addButton(button)
            layout.addWidget(button)
            button.clicked.connect(self._clicked)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.said.setFont(self._theme.font(12))
        for button in self.buttons:
            button.updateGeometry()
            button.update()

    def show_chosen(self, interval_ms: int, least_ms: int) -> None:
        """Which timeframe is seen, and the shortest that there are candles for (0: not known)."""
        if (interval_ms, least_ms) == self._shown:
            return
        self._shown = (interval_ms, least_ms)
        self._group.setExclusive(False)
        for button in self.buttons:
            button.setChecked(button.interval_ms == interval_ms)
            possible = button.interval_ms >= least_ms
            button.setEnabled(possible)
            why = "" if possible else f": the market has no candles shorter than {interval_text(least_ms)}"
            button.setToolTip(f"{interval_text(button.interval_ms)} candles{why}")
        self._group.setExclusive(True)

    def _clicked(self) -> None:
        button = self._group.checkedButton()
        self._shown = (0, 0)  # the button has checked itself before anybody agreed
        if isinstance(button, TimeframeButton):
            self.chosen.emit(button.interval_ms)

    def typed(self, text: str) -> bool:
        """A digit, or a unit after digits; whether it was taken."""
        if not (text.isascii() and text.isdigit()) and not (self._text and text in _UNITS):
            return False
        self._text += text
        self.said.setText(f"timeframe {self._text}")
        self._wait.start()
        if text in _UNITS:
            self.take()
        return True

    def take(self) -> None:
        """What was typed is all."""
        interval = read_interval(self._text)
        self.forget()
        if interval is not None:
            self.chosen.emit(interval)

    def forget(self) -> None:
        """Nothing was typed."""
        self._wait.stop()
        self._text = ""
        self.said.clear()
