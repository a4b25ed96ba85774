"""Design tokens, dark and light, and their way to Qt: palette, style sheet, fonts. Nothing else names a colour."""

from dataclasses import asdict, dataclass
from itertools import product
from typing import Literal

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from workstation.packaged import resources
from workstation.ui.style_sheet import STYLE_SHEET

Tone = Literal["fg", "fg2", "fg3", "accent", "up", "down", "amber", "orange", "red"]
TEXT_SIZES = (100, 125, 150)
_MOST_WIDTHS = 20_000
_FIRST_FONT = "_q_styleSheetWidgetFont"


@dataclass(frozen=True)
class Tokens:
    """One look. Grounds, lines, texts (`fg3` is for what is disabled), the accent, directions, severities."""

    name: str
    bg0: str  # the canvas
    bg1: str  # a panel
    bg2: str  # raised, or the row under the mouse
    bg3: str  # a control
    line: str
    line2: str
    fg: str
    fg2: str
    fg3: str
    accent: str  # as text and line
    accent_fill: str  # under accent_fg
    accent_fg: str
    sel: str
    up: str
    down: str
    amber: str
    orange: str
    red: str
    red_fill: str  # under red_fg: what-if
    red_fg: str
    red_bg: str
    amber_bg: str
    hatch: str  # over what is not real


DARK = Tokens(
    name="dark",
    bg0="#0B0E13",
    bg1="#12161D",
    bg2="#1A2029",
    bg3="#232B36",
    line="#262E3A",
    line2="#3D4A5C",
    fg="#DCE3EC",
    fg2="#9CAABC",
    fg3="#6B7889",
    accent="#6AA1FF",
    accent_fill="#2F6FE0",
    accent_fg="#FFFFFF",
    sel="#1E3357",
    up="#2EBD85",
    down="#FF6B7A",
    amber="#F0B90B",
    orange="#FF8A3D",
    red="#FF6B7A",
    red_fill="#C42B40",
    red_fg="#FFFFFF",
    red_bg="#351A22",
    amber_bg="#3C3314",
    hatch="#5A2430",
)
LIGHT = Tokens(
    name="light",
    bg0="#F3F5F8",
    bg1="#FFFFFF",
    bg2="#F7F9FB",
    bg3="#E9EEF4",
    line="#D9E0E8",
    line2="#AEBAC7",
    fg="#16202C",
    fg2="#4E5C6C",
    fg3="#8894A2",
    accent="#1A5FCC",
    accent_fill="#1F6AE0",
    accent_fg="#FFFFFF",
    sel="#D6E5FF",
    up="#08704A",
    down="#BC2338",
    amber="#7A5300",
    orange="#A84300",
    red="#BC2338",
    red_fill="#C42B40",
    red_fg="#FFFFFF",
    red_bg="#FBE3E6",
    amber_bg="#FFF3D1",
    hatch="#F2C3CA",
)

# Every text that stands on a ground somewhere in the window: at least 4.5 : 1 (fg3, for what is disabled, is exempt).
PAIRS: tuple[tuple[str, str], ...] = (
    *product(("fg", "fg2"), ("bg0", "bg1", "bg2", "bg3", "sel", "red_bg", "amber_bg")),
    *product(("accent", "up", "down", "amber", "orange", "red"), ("bg0", "bg1", "bg2", "sel")),
    *product(("up", "down", "amber", "orange", "red"), ("red_bg",)),
    ("amber", "amber_bg"),
    ("accent_fg", "accent_fill"),
    ("red_fg", "red_fill"),
)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours, from 1 to 21.

    >>> contrast("#000000", "#FFFFFF")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class Theme(QObject):
    """The look in use and the text size. Widgets that paint themselves ask it while painting.

    `changed` comes after either changed: what was measured needs measuring again.
    """

    changed = Signal()

    def __init__(self, tokens: Tokens = DARK, text_size: int = 100, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.text_size = text_size
        # painting asks for these some thousand times a second
        self._colours: dict[str, QColor] = {}
        self._fonts: dict[tuple[float, QFont.Weight], QFont] = {}
        self._widths: dict[str, int] = {}

    def px(self, size: float) -> int:
        """A length at the text size in use."""
        return round(size * self.text_size / 100)

    def colour(self, token: str) -> QColor:
        """A token's colour, for painting."""
        colour = self._colours.get(token)
        if colour is None:
            colour = self._colours[token] = QColor(str(getattr(self.tokens, token)))
        return colour

    def font(self, size: float = 12, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Inter with figures of one width, so that columns of numbers stand straight."""
        font = self._fonts.get((size, weight))
        if font is None:
            font = self._fonts[size, weight] = QFont("Inter")
            font.setPixelSize(self.px(size))
            font.setWeight(weight)
            font.setFeature(QFont.Tag("tnum"), 1)
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def text_width(self, text: str) -> int:
        """How wide a text is in the plain font."""
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) >= _MOST_WIDTHS:
                self._widths.clear()
            width = self._widths[text] = QFontMetrics(self.font()).horizontalAdvance(text)
        return width

    def apply(self, tokens: Tokens | None = None, text_size: int | None = None) -> None:
        """Put a look on the whole application: Fusion, our own palette (platforms may ignore a colour scheme)."""
        self.tokens = tokens or self.tokens
        self.text_size = text_size or self.text_size
        for kept in (self._colours, self._fonts, self._widths):
            kept.clear()
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("a look needs a running QApplication")
        _load_fonts()
        app.setStyle("Fusion")
        app.setPalette(_palette(self.tokens))
        app.setFont(self.font())
        app.setStyleSheet(_style_sheet(self))
        self.changed.emit()
        _forget_first_fonts()


def _load_fonts() -> None:
    if "Inter" in QFontDatabase.families():
        return
    for file in sorted((resources() / "fonts").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith((".otf", ".ttf")):
            QFontDatabase.addApplicationFontFromData(QByteArray(file.read_bytes()))


def _forget_first_fonts() -> None:
    """Under a style sheet Qt notes the font that a widget was first polished with, and gives it back whenever the
    widget is polished anew: when its dock moves, the text would have its old size.
    """
    for widget in QApplication.allWidgets():
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and widget.property(_FIRST_FONT) is not None:
            widget.setProperty(_FIRST_FONT, None)


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for target, colour in {
        role.Window: tokens.bg0,
        role.WindowText: tokens.fg,
        role.Base: tokens.bg1,
        role.AlternateBase: tokens.bg2,
        role.ToolTipBase: tokens.bg3,
        role.ToolTipText: tokens.fg,
        role.PlaceholderText: tokens.fg2,
        role.Text: tokens.fg,
        role.Button: tokens.bg2,
        role.ButtonText: tokens.fg,
        role.BrightText: tokens.red,
        role.Highlight: tokens.sel,
        role.HighlightedText: tokens.fg,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.bg3,
        role.Midlight: tokens.bg2,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
        role.Shadow: tokens.bg0,
        role.Accent: tokens.accent,
    }.items():
        palette.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(tokens.fg3))
    return palette


def _style_sheet(theme: Theme) -> str:
    """The sheet with this look's colours and with its lengths (`{px4}`: 4 pixels at 100 %)."""
    lengths = {f"px{n}": f"{theme.px(n)}px" for n in range(1, 33)}
    # a radius above half the size makes Qt draw a square
    handle = (theme.px(4) + 2 * theme.px(5)) // 2 * 2
    round_handle = {"handle": f"{handle}px", "handle_radius": f"{handle // 2}px"}
    return STYLE_SHEET.format(**asdict(theme.tokens), **lengths, **round_handle)
