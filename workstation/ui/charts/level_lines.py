"""Lines at prices that matter: the last price, entries, liquidations; each with a tag, at the edge where outside."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
from PySide6.QtCore import QLine, QRect, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from workstation.ui.charts.texts import Texts
from workstation.ui.charts.value_axis import apart
from workstation.ui.charts.view import View
from workstation.ui.theme import Theme, Tone

Stroke = Literal["solid", "dashed", "dotted"]
_PENS = {"solid": Qt.PenStyle.SolidLine, "dashed": Qt.PenStyle.DashLine, "dotted": Qt.PenStyle.DotLine}
_FAINT = 0.45
_MOST_EDGE_TAGS = 5
_PAD = 5


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """A price with a line. `text` is the price at its tick, `label` stands on the line (empty: none, and no tag at the
    edge either), `brief` and `distance` in the edge tag. `what_if`: it is not real; `faint`: something else counts now.
    """

    price: float
    text: str
    label: str = ""
    brief: str = ""
    distance: str = ""
    tone: Tone = "accent"
    stroke: Stroke = "dashed"
    what_if: bool = False
    faint: bool = False


class Tag(NamedTuple):
    """A text in a box."""

    rect: QRect
    text: str
    level: Level | None  # None: how many more there are


class Placed(NamedTuple):
    """Where everything stands: lines, labels on them, tags on the axis, tags at the edges."""

    lines: tuple[tuple[int, Level], ...]
    labels: tuple[Tag, ...]
    axis: tuple[Tag, ...]
    edges: tuple[Tag, ...]


class LevelLines:
    """Places and draws levels. Tags never cover each other: they are moved apart."""

    def __init__(self, theme: Theme, texts: Texts) -> None:
        self.levels: tuple[Level, ...] = ()
        self._theme = theme
        self._texts = texts
        self._placed: tuple[View, int, Placed] | None = None

    def show(self, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        """Take other levels; gives those that went or came."""
        if levels == self.levels:
            return ()
        changed = tuple(level for level in (*self.levels, *levels) if (level in self.levels) != (level in levels))
        self.levels, self._placed = levels, None
        return changed

    def forget(self) -> None:
        """Fonts or lengths are other ones."""
        self._placed = None

    def widest(self) -> int:
        """What the tags on the axis need."""
        return max((self._texts.width(level.text, bold=True) for level in self.levels), default=0)

    def placed(self, view: View, axis_px: int) -> Placed:
        """Where everything stands in a view with an axis of that width at its right."""
        if self._placed is None or self._placed[:2] != (view, axis_px):
            self._placed = (view, axis_px, self._place(view, axis_px))
        return self._placed[2]

    def _place(self, view: View, axis_px: int) -> Placed:
        inside = [level for level in self.levels if view.low <= level.price <= view.high]
        inside.sort(key=lambda level: -level.price)
        lines = tuple((round(view.y(level.price)), level) for level in inside)
        above = [level for level in self.levels if level.price > view.high and level.label]
        below = [level for level in self.levels if level.price < view.low and level.label]
        above.sort(key=lambda level: level.price)
        below.sort(key=lambda level: -level.price)
        named = [line for line in lines if line[1].label]
        height = self._texts.height(bold=True) + 2
        left = view.left + self._theme.px(8)
        upper = self._edge(above, "▲", view, left, height)
        lower = self._edge(below, "▼", view, left, -height)
        # labels keep clear of the tags at the edges: beside them where they would stand there
        top, bottom = view.top + len(upper) * height, view.bottom - len(lower) * height
        free = [line for line in named if top <= line[0] < bottom]
        beside = [line for line in named if not top <= line[0] < bottom]
        further = max((tag.rect.right() for tag in (*upper, *lower)), default=left) + self._theme.px(8)
        return Placed(
            lines,
            (*self._row(free, left, 0, top, bottom), *self._row(beside, further, 0, view.top, view.bottom)),
            self._row(lines, view.right, axis_px, view.top, view.bottom),
            (*upper, *lower),
        )

    def _row(self, lines: Sequence[tuple[int, Level]], left: int, width: int, top: int, bottom: int) -> tuple[Tag, ...]:
        """Tags beside their lines; of the text's own width where `width` is zero: those are labels."""
        height = self._texts.height(bold=True) + 2
        tops = apart([y - height / 2 for y, _ in lines], height, top, bottom)
        tags: list[Tag] = []
        for place, (_, level) in zip(tops, lines, strict=True):
            text = level.text if width else level.label
            wide = width or self._texts.width(text) + 2 * _PAD
            tags.append(Tag(QRect(left, int(place), wide, height), text, level))
        return tuple(tags)

    def _edge(self, levels: list[Level], arrow: str, view: View, left: int, height: int) -> tuple[Tag, ...]:
        """From the edge inwards (upwards where the height is negative): the furthest first, in the order of prices."""
        rows = max(1, min(_MOST_EDGE_TAGS, view.height // (3 * abs(height))))
        near = levels[:rows] if len(levels) <= rows else levels[: rows - 1]
        entries: list[tuple[str, Level | None]] = [(edge_text(level, arrow), level) for level in near]
        if len(near) < len(levels):
            entries.append((f"{arrow} {len(levels) - len(near)} more", None))
        tags: list[Tag] = []
        for i, (text, level) in enumerate(reversed(entries)):
            wide = self._texts.width(text, bold=True) + 2 * _PAD
            top = view.top + 2 + i * height if height > 0 else view.bottom - 1 + (i + 1) * height
            tags.append(Tag(QRect(left, top, wide, abs(height) - 1), text, level))
        return tuple(tags)

    # --- drawing ------------------------------------------------------------------------------------------------------

    def paint_lines(self, painter: QPainter, view: View, axis_px: int) -> None:
        """The lines and the labels on them; the painter is clipped to the plot."""
        placed = self.placed(view, axis_px)
        for y, level in placed.lines:
            painter.setOpacity(_FAINT if level.faint else 1)
            painter.setPen(QPen(self._theme.colour(level.tone), 1, _PENS[level.stroke]))
            painter.drawLine(QLine(view.left, y, view.right, y))
        for tag in placed.labels:
            if tag.level is not None:
                painter.setOpacity(1)
                painter.fillRect(tag.rect, self._theme.colour("bg1"))
                if tag.level.what_if:
                    painter.fillRect(tag.rect, QBrush(self._theme.colour("hatch"), Qt.BrushStyle.BDiagPattern))
                painter.setOpacity(0.7 if tag.level.faint else 1)
                self._texts.draw(painter, tag.rect.left() + _PAD, tag.rect.top() + 1, tag.text, tag.level.tone)
        painter.setOpacity(1)

    def paint_tags(self, painter: QPainter, view: View, axis_px: int, exposed: QRect) -> None:
        """The tags on the axis and at the edges that `exposed` touches."""
        placed = self.placed(view, axis_px)
        for tag in placed.axis:
            level = tag.level
            if level is None or not tag.rect.intersects(exposed):
                continue
            if level.faint or level.what_if:
                self._box(painter, tag, "bg1" if level.faint else "bg2", level.tone)
            else:
                painter.fillRect(tag.rect, self._theme.colour(level.tone))
                self._texts.draw(painter, tag.rect.left() + _PAD, tag.rect.top() + 1, tag.text, "bg1", bold=True)
        for tag in placed.edges:
            if tag.rect.intersects(exposed):
                self._box(painter, tag, "bg2", "fg2" if tag.level is None else tag.level.tone)

    def _box(self, painter: QPainter, tag: Tag, ground: str, token: str) -> None:
        what_if = tag.level is not None and tag.level.what_if
        painter.fillRect(tag.rect, self._theme.colour(ground))
        if what_if:
            painter.fillRect(tag.rect, QBrush(self._theme.colour("hatch"), Qt.BrushStyle.BDiagPattern))
        pen = QPen(self._theme.colour(token), 1, Qt.PenStyle.DashLine if what_if else Qt.PenStyle.SolidLine)
        painter.setOpacity(_FAINT if tag.level is not None and tag.level.faint else 1)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(tag.rect.adjusted(0, 0, -1, -1))
        painter.setOpacity(0.7 if tag.level is not None and tag.level.faint else 1)
        self._texts.draw(painter, tag.rect.left() + _PAD, tag.rect.top() + 1, tag.text, token, bold=True)
        painter.setOpacity(1)


def edge_text(level: Level, arrow: str) -> str:
    """What a tag at the edge says.

    >>> edge_text(Level(price=95469.8, text="95 469.8", label="Joint", brief="joint", distance="−4.53 %"), "▼")
    '▼ joint 95 469.8 −4.53 %'
    """
    return " ".join(part for part in (arrow, level.brief or level.label, level.text, level.distance) if part)
