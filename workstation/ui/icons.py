"""The program's own icons, drawn from what is packed with it, in the colours of the look in use."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from workstation.packaged import resources
from workstation.ui.theme import Theme

_SIZES = (16, 24, 32, 48, 64, 128, 256)
_SMALL = (16, 20, 24, 32, 48)


def app_icon() -> QIcon:
    """A falling line above the level that it must not reach."""
    return _drawn(_read("workstation"), _SIZES)


def icon(name: str, theme: Theme, token: str) -> QIcon:
    """One of the icons in `resources/icons`, in a token's colour; greyed where its button is disabled."""
    drawing = _read(name)
    made = _drawn(_coloured(drawing, theme, token), _SMALL)
    for size in _SMALL:
        made.addPixmap(_picture(_coloured(drawing, theme, "fg3"), size), QIcon.Mode.Disabled)
    return made


def _read(name: str) -> bytes:
    return (resources() / "icons" / f"{name}.svg").read_bytes()


def _coloured(drawing: bytes, theme: Theme, token: str) -> bytes:
    return drawing.replace(b"currentColor", theme.colour(token).name().encode())


def _drawn(drawing: bytes, sizes: tuple[int, ...]) -> QIcon:
    made = QIcon()
    for size in sizes:
        made.addPixmap(_picture(drawing, size))
    return made


def _picture(drawing: bytes, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    return pixmap
