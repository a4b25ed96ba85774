"""Many rectangles or lines in one call, straight from numpy memory: no Python object for each of them."""

from typing import cast

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter
from shiboken6 import Shiboken

from workstation.market.view import Floats

# Qt's QRectF is x, y, width, height and QLineF is x1, y1, x2, y2: four doubles each, one behind the other.


def draw_rects(painter: QPainter, rects: Floats) -> None:
    """Rectangles as rows (N, 4) of x, y, width, height."""
    rects = np.ascontiguousarray(rects, np.float64)
    if len(rects):
        painter.drawRects(cast(QRectF, Shiboken.wrapInstance(rects.ctypes.data, QRectF)), len(rects))


def draw_polyline(painter: QPainter, xs: Floats, ys: Floats) -> None:
    """A line through points (N,)."""
    if len(xs) < 2:
        return
    lines = np.empty((len(xs) - 1, 4))
    lines[:, 0], lines[:, 1], lines[:, 2], lines[:, 3] = xs[:-1], ys[:-1], xs[1:], ys[1:]
    painter.drawLines(cast(QLineF, Shiboken.wrapInstance(lines.ctypes.data, QLineF)), len(lines))
