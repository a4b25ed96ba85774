"""The status bar: every venue's feed, the kind of data, lost records, frames per second, memory, the clocks."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QWidget

from workstation.market.view import MarketView
from workstation.runtime.messages import Frame
from workstation.ui import data_state, formats
from workstation.ui.data_state import VenueState
from workstation.ui.memory import resident_mib
from workstation.ui.theme import Theme

_MEMORY_EVERY_S = 2.0


class VenueLight(QWidget):
    """A dot, the venue and a word: a filled dot is live, a ring is late, a cross is down."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state: VenueState | None = None
        self.text = ""
        theme.changed.connect(self.updateGeometry)

    def show_state(self, state: VenueState) -> None:
        """Show one venue's state; nothing is painted where nothing changed."""
        # in steps that are worth reading: a number that dances every quarter of a second is not
        age = "" if state.age_ms is None else " " + data_state.span(_stepped(state.age_ms) / 1000)
        text = f"{state.venue} {state.word}{age}"
        if (text, state.tone) == (self.text, self._state.tone if self._state else ""):
            return
        before = self.sizeHint()
        self._state, self.text = state, text
        if self.sizeHint() != before:
            self.updateGeometry()
        self.setToolTip(state.because)
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font(11))
        return QSize(metrics.horizontalAdvance(self.text) + self._theme.px(24), metrics.height() + self._theme.px(4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._state is None:
            return
        painter, px = QPainter(self), self._theme.px
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour(self._state.tone))
        dot = QRectF(px(5), (self.height() - px(7)) / 2, px(7), px(7))
        if self._state.tone == "up":
            painter.setBrush(self._theme.colour("up"))
            painter.drawEllipse(dot)
        elif self._state.tone == "amber":
            painter.drawEllipse(dot)
        else:
            painter.drawLine(dot.topLeft(), dot.bottomRight())
            painter.drawLine(dot.bottomLeft(), dot.topRight())
        painter.setFont(self._theme.font(11))
        room = self.rect().adjusted(px(17), 0, 0, 0)
        painter.drawText(room, (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value, self.text)


class Status:
    """Fills a window's status bar. `refresh` is called four times a second; `now` is the time in seconds."""

    def __init__(self, bar: QStatusBar, theme: Theme, now: Callable[[], float] = time.time) -> None:
        self._theme = theme
        self._now = now
        self._memory_at = 0.0
        self._lights_box = QWidget()
        self._lights_row = QHBoxLayout(self._lights_box)
        self._lights_row.setContentsMargins(0, 0, 0, 0)
        self._lights_row.setSpacing(6)
        self.lights: list[VenueLight] = []
        self.data, self.lost, self.rules = QLabel(), QLabel(), QLabel()
        self.rate, self.memory, self.market_clock, self.clock = QLabel(), QLabel(), QLabel(), QLabel()
        self.lost.setProperty("tone", "red")
        self._bar = bar
        bar.setSizeGripEnabled(False)
        bar.addWidget(self._lights_box)
        bar.addWidget(self.data)
        bar.addWidget(self.lost)
        for label in (self.rules, self.rate, self.memory, self.market_clock, self.clock):
            bar.addPermanentWidget(label)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts anew; clocks and counts keep the width of their widest text."""
        small = self._theme.font(11)
        for label in (self.data, self.lost, self.rules, self.rate, self.memory, self.market_clock, self.clock):
            label.setFont(small)
        self.lost.setFont(self._theme.font(11, QFont.Weight.DemiBold))

    def refresh(self, frame: Frame | None, ticks_per_s: float | None) -> None:
        """Show what is known now."""
        market = frame.market if frame is not None else MarketView()
        states = data_state.venues(market)
        while len(self.lights) < len(states):
            self.lights.append(VenueLight(self._theme))
            self._lights_row.addWidget(self.lights[-1])
        for light, state in zip(self.lights, states, strict=False):
            light.show_state(state)
            light.show()
        for light in self.lights[len(states) :]:
            light.hide()
        self._say(self.data, data_words(frame))
        lost, refused = market.feed.lost, market.feed.refused
        counts = [
            f"{count:,} records {word}".replace(",", formats.GROUP)
            for count, word in ((lost, "lost"), (refused, "refused"))
            if count
        ]
        self._say(self.lost, " · ".join(counts))
        self.lost.setVisible(bool(counts))
        self._say(self.rules, f"Venue rules of {frame.risk.as_of}" if frame is not None and frame.risk.as_of else "")
        self._say(self.rate, f"{formats.UNKNOWN if ticks_per_s is None else f'{ticks_per_s:.0f}'} fps")
        now = self._now()
        if now - self._memory_at >= _MEMORY_EVERY_S:
            self._memory_at = now
            self._show_memory(market.feed.pid)
        replayed = market.playback is not None and market.source is not None and market.source.kind != "live"
        at = market.playback.at_ms if market.playback is not None else None
        self._say(self.market_clock, f"Market {data_state.moment(at)} UTC" if replayed and at is not None else "")
        self._say(self.clock, datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"))
        self._fit()

    def _fit(self) -> None:
        """Nothing is cut: where there is no room the least needed words go, and the feed's own words stay."""
        words = (self.rules, self.memory, self.rate, self.data, self.clock, self.market_clock)
        wanted = {label: label.sizeHint().width() + self._theme.px(8) for label in words if label.text()}
        fixed = [light.sizeHint().width() + 6 for light in self.lights if not light.isHidden()]
        if self.lost.text():
            fixed.append(self.lost.sizeHint().width())
        spare = self._bar.width() - sum(fixed) - sum(wanted.values())
        for label in words:
            goes = spare < 0 and label in wanted
            label.setVisible(label in wanted and not goes)
            spare += wanted[label] if goes else 0

    def _show_memory(self, feed: int | None) -> None:
        """The window and, where one runs, the feed; the tooltip has them apart."""
        parts = [("window", resident_mib(os.getpid()))] + ([] if feed is None else [("feed", resident_mib(feed))])
        known = [size for _, size in parts if size is not None]
        whole = len(known) == len(parts)
        self._say(self.memory, f"Memory {sum(known):.0f} MB" if whole else f"Memory {formats.UNKNOWN}")
        missing = "not told by this system"
        self.memory.setToolTip(
            ", ".join(f"{name}: {missing if size is None else f'{size:.0f} MB'}" for name, size in parts)
        )

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        # setText lays the bar out anew even where the text is the same
        if label.text() != text:
            label.setText(text)


def data_words(frame: Frame | None) -> str:
    """What kind of data the numbers stand on, in a few words."""
    if frame is None:
        return "Waiting for the first numbers"
    market = frame.market
    if market.source is None:
        if market.feed.up:
            return "No market: choose one in the Market menu"
        if market.feed.because != "not started":
            return f"Feed down: {market.feed.because}"
        return "Prices from the file" if frame.desk.marks else "No prices in the file"
    words = {"live": "Live prices", "recorded": "Recorded prices", "historical": "Historical prices"}
    said = words.get(market.source.kind, "Simulated prices")
    if not market.feed.up:
        return f"{said}, feed down: {market.feed.because}"
    return said


def _stepped(age_ms: float) -> float:
    """Two significant digits."""
    step = 10.0 ** max(0, len(str(int(age_ms))) - 2)
    return round(age_ms / step) * step
