"""The program's own icons, in the colours of napari's theme.

The drawings are SVG files in ``resources`` that say ``currentColor``; they are
coloured when they are loaded.  Nothing comes from the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from napari.settings import get_settings
from napari.utils.theme import get_theme
from qtpy.QtCore import QByteArray, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from qtpy.QtSvg import QSvgRenderer


@dataclass(frozen=True, slots=True)
class ThemeColors:
    """The colours of napari's theme that our widgets use, as ``#rrggbb``."""

    text: str
    icon: str
    background: str
    panel: str
    border: str
    highlight: str
    accent: str
    error: str
    warning: str

    @property
    def dim_text(self) -> str:
        """For what is read second: counts, hints."""
        return _mix(self.text, self.background, 0.62)

    @property
    def primary_button(self) -> str:
        """Style sheet of the button that does what a page is for."""
        return (
            f"QPushButton:enabled {{ background-color: {self.accent};"
            f" color: {self.text}; padding: 5px 12px; }}"
            f" QPushButton:enabled:hover {{ background-color: {self.highlight}; }}"
        )


_shown_theme = ""


def follow_theme(name: str) -> None:
    """Use the colours of this theme of napari's from now on."""
    global _shown_theme
    _shown_theme = name


def read_theme() -> ThemeColors:
    """Read the colours of the theme that napari shows now."""
    theme = get_theme(_shown_theme or get_settings().appearance.theme)
    return ThemeColors(
        text=_hex(theme.text),
        icon=_hex(theme.icon),
        background=_hex(theme.background),
        panel=_hex(theme.foreground),
        border=_hex(theme.primary),
        highlight=_hex(theme.highlight),
        accent=_hex(theme.current),
        error=_hex(theme.error),
        warning=_hex(theme.warning),
    )


def load_icon(name: str, size: int = 18, color: str | None = None) -> QIcon:
    """Load one of our drawings as an icon of the theme's colour.

    Parameters
    ----------
    name
        Name of a file in ``resources`` without its ending.
    size
        Width and height in device-independent pixels.
    color
        ``#rrggbb``; the theme's icon colour when None.
    """
    return QIcon(draw_icon(name, size, color or read_theme().icon))


def draw_icon(name: str, size: int, color: str) -> QPixmap:
    """Draw one of our icons in `color` on a transparent square."""
    text = files("napari_omero_io").joinpath("resources", f"{name}.svg").read_text()
    svg = text.replace("currentColor", color).encode()
    pixmap = make_square(size)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def make_square(size: int) -> QPixmap:
    """Make a transparent square, as fine as the screen (`size` is not in its dots)."""
    ratio = QGuiApplication.instance().devicePixelRatio()
    pixmap = QPixmap(QSize(size, size) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _hex(color: Any) -> str:
    # The theme's colours print as names ("white"), as #rgb or as rgb(…);
    # their RGB tuple is the form that does not vary.
    red, green, blue = color.as_rgb_tuple()[:3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _mix(first: str, second: str, share: float) -> str:
    one, two = QColor(first), QColor(second)

    def part(a: int, b: int) -> int:
        return round(a * share + b * (1 - share))

    mixed = QColor(
        part(one.red(), two.red()),
        part(one.green(), two.green()),
        part(one.blue(), two.blue()),
    )
    return str(mixed.name())
