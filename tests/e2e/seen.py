"""What stands on the program's screen at one moment, as the end-to-end tests are told it; without Qt."""

from collections.abc import Callable

import msgspec


class Place(msgspec.Struct, frozen=True):
    """A rectangle of the screen, in its pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        """Where one would click."""
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def right(self) -> int:
        """The first pixel right of it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first pixel below it."""
        return self.y + self.height


class Figure(msgspec.Struct, frozen=True):
    """One number of the account header, with what stands beside it in a what-if."""

    value: str
    actual: str
    change: str
    place: Place


class Cell(msgspec.Struct, frozen=True):
    """One cell of the positions table; `place` is None where it is scrolled out of sight."""

    text: str
    place: Place | None
    ticked: bool | None


class Line(msgspec.Struct, frozen=True):
    """A line at a price of the chart; `y` is None where the price is out of the chart's view."""

    label: str
    text: str
    price: float
    colour: str
    what_if: bool
    faint: bool
    y: int | None


class Bar(msgspec.Struct, frozen=True):
    """A closed candle of the chart."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float


class Chart(msgspec.Struct, frozen=True):
    """The price chart. `plot` is without its axes; `bars` are the newest that are closed."""

    heading: str
    watermark: str
    state: str
    plot: Place
    from_ms: float
    to_ms: float
    low: float
    high: float
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]

    def x(self, at_ms: float) -> int:
        """Where on the screen a moment stands."""
        return self.plot.x + round((at_ms - self.from_ms) / (self.to_ms - self.from_ms) * self.plot.width)

    def y(self, price: float) -> int:
        """Where on the screen a price stands."""
        return self.plot.y + round((self.high - price) / (self.high - self.low) * self.plot.height)

    def labels(self) -> list[str]:
        """What stands on the lines, the last price (which has no label) left out."""
        return [line.label for line in self.lines if line.label]


class Seen(msgspec.Struct, frozen=True):
    """One moment of the program.

    `named`: what can be seen and used, by its words or its accessible name; `values`: what stands in lines, boxes and
    sliders, by name; `texts`: every label that is seen; `windows`: the titles of dialogs that are open. `answered`:
    what is on screen answers the newest edit. `focus`: what has the keyboard. `at_ms`: the market's clock.
    """

    title: str
    window: int
    is_active: bool
    focus: str
    windows: tuple[str, ...]
    named: dict[str, tuple[Place, ...]]
    values: dict[str, str]
    texts: tuple[str, ...]
    figures: dict[str, Figure]
    columns: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]
    chart: Chart | None
    undo: tuple[int, int]
    answered: bool
    what_if: bool
    feed_up: bool
    feed_pid: int | None
    restarts: int
    lost: int
    at_ms: int | None
    paused: bool

    def place(self, name: str) -> Place:
        """Where something is; the first of that name."""
        assert name in self.named, f"{name!r} is not on screen; there are {sorted(self.named)}"
        return self.named[name][0]

    def has_text(self, part: str) -> bool:
        """Whether a label that is seen says this."""
        return any(part in text for text in self.texts)

    def column(self, key: str) -> list[str]:
        """The texts of one column of the positions table."""
        return [row[key].text for row in self.rows]

    @property
    def distances(self) -> list[str]:
        """Per symbol, and joint."""
        return [self.figures[caption].value for caption in ("Per symbol", "Joint")]


Want = Callable[[Seen], object]
