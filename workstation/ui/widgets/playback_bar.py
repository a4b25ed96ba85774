"""The clock of a replayed or simulated market and its steering: pause, steps, speed, and a slider to go anywhere."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from workstation.domain.playback import Pause, Playback, Resume, Seek, SetSpeed, Source, Steering, Step
from workstation.ui import data_state, formats
from workstation.ui.icons import icon
from workstation.ui.theme import Theme
from workstation.ui.widgets.choice import Choice

SPEEDS = (1, 10, 60, 300, 600, 3600)
STEP_MS = 60_000  # where no chart says another


class PlaybackBar(QWidget):
    """Seen only where the market has a clock of its own. `step_ms` is one candle of the chart."""

    def __init__(self, theme: Theme, steer: Callable[[Steering], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._steer = steer
        self._source: Source | None = None
        self._playback: Playback | None = None
        self.step_ms = STEP_MS
        self.back = self._button("One step back  [", "step_back")
        self.run = self._button("Pause the market", "pause")
        self.on = self._button("One step on  ]", "step_on")
        self.speed = Choice(theme, "Market seconds in one of ours", tuple(_speed_text(speed) for speed in SPEEDS))
        self.time = QLabel()
        self.word = QLabel()  # why the clock stands still
        self.word.setProperty("pill", "amber")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Moment of the market")
        self.slider.setTracking(False)  # one order when the mouse lets go, not a hundred on the way
        self.slider.setSingleStep(60)
        self.slider.setPageStep(3600)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.back, self.run, self.on, self.speed):
            self._row.addWidget(widget)
        self._row.addSpacing(6)
        self._row.addWidget(self.slider, 1)
        self._row.addWidget(self.time)
        self._row.addWidget(self.word)
        self.back.clicked.connect(lambda: self.step(-1))
        self.run.clicked.connect(self.pause_or_resume)
        self.on.clicked.connect(lambda: self.step(1))
        self.speed.activated.connect(self._choose_speed)
        self.slider.valueChanged.connect(self._seek)
        self.slider.sliderMoved.connect(self._dragged)
        theme.changed.connect(self.restyle)
        self.restyle()
        self.hide()

    def _button(self, name: str, drawing: str) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name.partition("  ")[0])
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        button.setProperty("drawing", drawing)
        return button

    def restyle(self) -> None:
        """Take the theme's fonts, lengths and colours anew; the time keeps the width of any time."""
        px = self._theme.px
        self._row.setSpacing(px(2))
        for button in (self.back, self.run, self.on):
            button.setIcon(icon(str(button.property("drawing")), self._theme, "fg2"))
            button.setIconSize(QSize(px(14), px(14)))
        font = self._theme.font(12, QFont.Weight.Medium)
        self.time.setFont(font)
        self.time.setContentsMargins(px(6), 0, 0, 0)
        self.time.setFixedWidth(QFontMetrics(font).horizontalAdvance("2025-10-10 00:00:00 UTC") + px(10))
        self.word.setFont(self._theme.font(11))
        self.slider.setMinimumWidth(px(40))
        self.speed.setFixedWidth(QFontMetrics(self._theme.font()).horizontalAdvance("3 600×") + px(44))

    @property
    def can_steer(self) -> bool:
        """There is a clock that can be steered."""
        return self._playback is not None

    def show_playback(self, source: Source | None, playback: Playback | None) -> None:
        """Show where the clock stands."""
        if source is None or source.kind == "live" or playback is None:
            self.hide()
            self._source = self._playback = None
            return
        self.show()
        if playback is self._playback and source is self._source:
            return
        self._source, self._playback = source, playback
        running = not playback.paused and not playback.ended
        drawing, name = ("pause", "Pause the market") if running else ("play", "Let the market run")
        if self.run.property("drawing") != drawing:
            self.run.setProperty("drawing", drawing)
            self.run.setIcon(icon(drawing, self._theme, "fg2"))
            self.run.setAccessibleName(name)
            self.run.setToolTip(name)
        self.run.setEnabled(not playback.ended)
        self.on.setEnabled(not playback.ended)
        self.word.setText("ended" if playback.ended else "paused")
        self.word.setVisible(not running)
        self._show_speed(playback.speed)
        if not self.slider.isSliderDown():
            self._show_moment(source, playback)

    def _show_speed(self, speed: float) -> None:
        text = _speed_text(speed)
        if self.speed.currentText() != text:
            at = self.speed.findText(text)
            if at < 0:  # a speed from the command line
                self.speed.addItem(text)
                at = self.speed.count() - 1
            self.speed.setCurrentIndex(at)

    def _show_moment(self, source: Source, playback: Playback) -> None:
        # a market that goes on can be set back; where it will be, nobody knows
        end = playback.at_ms if source.to_ms is None else source.to_ms
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(1, (end - source.from_ms) // 1000))
        self.slider.setValue((playback.at_ms - source.from_ms) // 1000)
        self.slider.blockSignals(False)
        self._say_time(playback.at_ms)

    def _say_time(self, at_ms: float) -> None:
        text = f"{data_state.moment(at_ms)} UTC"
        if self.time.text() != text:
            self.time.setText(text)

    def _choose_speed(self, chosen: int) -> None:
        if chosen < len(SPEEDS):
            self._steer(SetSpeed(SPEEDS[chosen]))

    def _dragged(self, seconds: int) -> None:
        if self._source is not None:
            self._say_time(self._source.from_ms + seconds * 1000)

    def _seek(self, seconds: int) -> None:
        if self._source is not None:
            self._steer(Seek(self._source.from_ms + seconds * 1000))

    def pause_or_resume(self) -> None:
        """Stop the clock, or let it run."""
        if self._playback is not None:
            self._steer(Resume() if self._playback.paused else Pause())

    def step(self, count: int) -> None:
        """Move the clock by candles of the chart; it is stopped first, since only a stopped clock can be stepped."""
        if self._playback is None:
            return
        if not self._playback.paused:
            self._steer(Pause())
        self._steer(Step(count * self.step_ms))


def _speed_text(speed: float) -> str:
    return f"{speed:,g}".replace(",", formats.GROUP) + "×"
