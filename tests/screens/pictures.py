"""Pictures on disk: written with a palette, so that the repository stays small, and compared with a tolerance."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

GOLDEN = Path(__file__).parent / "golden"
PER_CHANNEL = 12  # a pixel that differs by more than so much in one channel is another one
SHARE = 0.002  # of such pixels that a picture may have
TILE = 40  # pixels, of a side
TILE_SHARE = 0.01  # of such pixels in any one tile: a digit that is another one has more
_COLOURS = 256

Pixels = npt.NDArray[np.uint8]


def pixels(image: QImage) -> Pixels:
    """Red, green and blue (height, width, 3)."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()


class Difference(NamedTuple):
    """The share of pixels that are others: in the whole picture, and in the tile that has most of them."""

    whole: float
    worst: float

    @property
    def is_none(self) -> bool:
        """They are the same picture."""
        return self.whole <= SHARE and self.worst <= TILE_SHARE

    @property
    def in_words(self) -> str:
        """For people."""
        return f"{self.whole:.3%} of it differ, {self.worst:.1%} of the worst tile"


def compare(one: QImage, other: QImage) -> Difference:
    """How far two pictures are apart; wholly where their sizes differ."""
    if one.size() != other.size():
        return Difference(1.0, 1.0)
    apart = np.abs(pixels(one).astype(np.int16) - pixels(other).astype(np.int16)).max(axis=2) > PER_CHANNEL
    height, width = -(-apart.shape[0] // TILE) * TILE, -(-apart.shape[1] // TILE) * TILE
    padded = np.zeros((height, width))
    padded[: apart.shape[0], : apart.shape[1]] = apart
    tiles = padded.reshape(height // TILE, TILE, width // TILE, TILE).mean(axis=(1, 3))
    return Difference(float(apart.mean()), float(tiles.max()))


def with_palette(image: QImage) -> QImage:
    """The image in its 256 most needed colours: those that many pixels have stay as they are."""
    shown = pixels(image)
    packed = shown.reshape(-1, 3).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    known, place, counts = np.unique(packed, return_inverse=True, return_counts=True)
    every = np.stack([known >> 16, known >> 8 & 255, known & 255], axis=1).astype(np.int32)
    chosen = _palette(every, counts)
    # the nearest of the palette for each colour
    apart = np.abs(every[:, None, :] - every[chosen][None, :, :]).max(axis=2)
    nearest = apart.argmin(axis=1).astype(np.uint8)
    width, height = image.width(), image.height()
    indices = np.ascontiguousarray(nearest[place].reshape(height, width))
    made = QImage(indices.data, width, height, width, QImage.Format.Format_Indexed8)
    made.setColorTable([0xFF000000 | int(known[number]) for number in chosen])
    return made.copy()


def _palette(every: npt.NDArray[np.int32], counts: npt.NDArray[np.intp]) -> list[int]:
    """Which colours (N, 3) to keep: the commonest, then again and again the one that is missed most."""
    order = np.argsort(-counts, kind="stable")
    chosen = [int(order[0])]
    apart = np.abs(every - every[order[0]]).max(axis=1)
    while len(chosen) < min(_COLOURS, len(every)):
        missed = counts * np.where(apart > 0, apart, 0).astype(np.int64) ** 3
        worst = int(missed.argmax())
        if not missed[worst]:
            break
        chosen.append(worst)
        apart = np.minimum(apart, np.abs(every - every[worst]).max(axis=1))
    return chosen


def save(image: QImage, path: Path) -> None:
    """Write a picture; what was there is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(path), quality=0):  # what is quality elsewhere is size for a PNG: 0 is the smallest
        raise OSError(f"{path} could not be written")


def load(path: Path) -> QImage | None:
    """A picture from the disk; None where there is none that can be read."""
    image = QImage(str(path))
    return None if image.isNull() else image
