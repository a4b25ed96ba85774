"""Finds what is packed with the program: rule data, samples, fonts, themes."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def resources() -> Traversable:
    """The folder `resources`: inside the package where it was installed, beside it in a source checkout."""
    packed = files("workstation") / "resources"
    return packed if packed.is_dir() else Path(__file__).resolve().parent.parent / "resources"
