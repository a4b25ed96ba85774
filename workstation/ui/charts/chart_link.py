"""ChartLink: the stretch of time that linked charts share, and the moment that the mouse points at."""

from weakref import WeakSet

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

_BARS = 150  # of the timeframe, in view at first
_MARGIN = 0.06  # of the view, right of the newest bar
_FEWEST_BARS = 8
_LONGEST_MS = 40 * 366 * 86_400_000.0


class ChartLink(QObject):
    """What time is seen. While `following` the newest bar stays where it is on the screen, until it is panned away.

    `moved`: another stretch of time, or another width of the axes. `pointed`: the mouse is at another moment.
    `rearranged`: a chart was moved, shown or hidden, so that another one may be the lowest.
    """

    moved = Signal()
    pointed = Signal()
    rearranged = Signal()

    def __init__(self) -> None:
        super().__init__()  # without a parent: it lives as long as any chart that shares it
        self.interval_ms = 60_000
        self.newest_ms: int | None = None
        self.from_ms = 0.0
        self.to_ms = float(_BARS * self.interval_ms)
        self.following = True
        self.pointer_ms: float | None = None
        self.axis_px = 0
        self.views: WeakSet[QWidget] = WeakSet()  # the charts that share it
        self._needs: dict[int, int] = {}

    @property
    def span_ms(self) -> float:
        """How long a stretch is seen."""
        return self.to_ms - self.from_ms

    def advance(self, newest_ms: int, interval_ms: int) -> None:
        """The market has come so far; or the timeframe is another one: as many bars as before are then seen."""
        before = self.newest_ms
        if before == newest_ms and interval_ms == self.interval_ms:
            return
        ratio, self.interval_ms, self.newest_ms = interval_ms / self.interval_ms, interval_ms, newest_ms
        if before is None or (not self.following and newest_ms <= self.from_ms):
            self.reset()
            return
        margin = self.to_ms - before if self.following else 0.0
        if ratio != 1:
            end = newest_ms + margin * ratio if self.following else self.to_ms
            self._see(end - self.span_ms * ratio, end)
        elif self.following:
            self._see(newest_ms + margin - self.span_ms, newest_ms + margin)

    def reset(self) -> None:
        """The newest bars, as many as at first."""
        span = float(_BARS * self.interval_ms)
        self._show_newest(span)

    def lock(self) -> None:
        """Go to the newest bar and stay with it; the zoom stays."""
        self._show_newest(self.span_ms)

    def _show_newest(self, span: float) -> None:
        newest = float(self.newest_ms or 0)
        self.following = True
        self._see(newest + _MARGIN * span - span, newest + _MARGIN * span)

    def zoom(self, factor: float, at_ms: float) -> None:
        """See `factor` times as much, that moment staying where it is."""
        span = min(max(self.span_ms * factor, _FEWEST_BARS * self.interval_ms), _LONGEST_MS)
        factor = span / self.span_ms
        start = at_ms - (at_ms - self.from_ms) * factor
        self._see(start, start + span)
        self._follow_what_is_seen()

    def pan(self, by_ms: float) -> None:
        """Look at another stretch, as long as this one."""
        self._see(self.from_ms + by_ms, self.to_ms + by_ms)
        self._follow_what_is_seen()

    def _follow_what_is_seen(self) -> None:
        self.following = self.newest_ms is not None and self.from_ms < self.newest_ms <= self.to_ms

    def _see(self, from_ms: float, to_ms: float) -> None:
        if (from_ms, to_ms) != (self.from_ms, self.to_ms):
            self.from_ms, self.to_ms = from_ms, to_ms
            self.moved.emit()

    def point(self, at_ms: float | None) -> None:
        """The mouse is at a moment; None where it is nowhere."""
        if at_ms != self.pointer_ms:
            self.pointer_ms = at_ms
            self.pointed.emit()

    def need(self, who: int, axis_px: int) -> None:
        """One chart's axis needs that width; all get the widest, so that their moments stand below each other."""
        self._needs[who] = axis_px
        self._widen()

    def needed(self, who: int) -> int:
        """What that chart asked for."""
        return self._needs.get(who, 0)

    def leave(self, who: int) -> None:
        """A chart goes."""
        self._needs.pop(who, None)
        self._widen()

    def _widen(self) -> None:
        widest = max(self._needs.values(), default=0)
        if widest != self.axis_px:
            self.axis_px = widest
            self.moved.emit()
