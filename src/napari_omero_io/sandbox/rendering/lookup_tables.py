"""Tables of 256 colours, by the name of their file.

The sandbox brings a few of its own, computed here; others are read from a folder.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = ".lut"
_RAW_BYTES = 768
_ICOL_BYTES = 32


class LookupTables:
    """The tables of one server.

    Parameters
    ----------
    folder
        Where more files may lie; None for none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def get(self, name: str) -> np.ndarray | None:
        """Return a table, (256, 3) of uint8; None where the name is not known."""
        return self._tables.get(name.lower())

    def names(self) -> list[str]:
        """Return the names of all tables."""
        return sorted(self._tables)

    @cached_property
    def _tables(self) -> dict[str, np.ndarray]:
        """Read once, as OMERO.server does: what comes later is seen after a restart."""
        tables = _computed()
        files = sorted(self._folder.rglob(f"*{_SUFFIX}")) if self._folder else []
        for file in files:
            table = parse_table(file.read_bytes())
            if table is not None:
                tables[file.name.lower()] = table
        return tables


def parse_table(content: bytes) -> np.ndarray | None:
    """Read a table: 768 bytes, the same behind NIH's header, or text of 256 rows.

    Returns
    -------
    (256, 3) of uint8, or None when the content is nothing of these.
    """
    if content.startswith(b"ICOL"):
        content = content[_ICOL_BYTES:]
    if len(content) == _RAW_BYTES:
        return np.frombuffer(content, np.uint8).reshape(3, 256).T.copy()
    try:
        rows = [line.split() for line in content.decode("ascii").splitlines()]
        numbers = [[int(word) for word in row] for row in rows if row]
    except ValueError:
        return None
    if len(numbers) != 256 or {len(row) for row in numbers} - {3, 4}:
        return None
    table = np.array([row[-3:] for row in numbers])
    if table.min() < 0 or table.max() > 255:
        return None
    return table.astype(np.uint8)


def _computed() -> dict[str, np.ndarray]:
    ramp = np.linspace(0.0, 1.0, 256)
    zero, one = np.zeros(256), np.ones(256)
    bands = {
        "grays.lut": (ramp, ramp, ramp),
        "red.lut": (ramp, zero, zero),
        "green.lut": (zero, ramp, zero),
        "blue.lut": (zero, zero, ramp),
        "cyan.lut": (zero, ramp, ramp),
        "magenta.lut": (ramp, zero, ramp),
        "yellow.lut": (ramp, ramp, zero),
        "cool.lut": (ramp, one - ramp, one),
        # black, red, yellow, white: each third of the way adds one component
        "hot.lut": tuple(np.clip(3 * ramp - k, 0, 1) for k in range(3)),
        "spectrum.lut": _hues(ramp),
    }
    return {
        name: np.stack([np.round(255 * band) for band in parts], 1).astype(np.uint8)
        for name, parts in bands.items()
    }


def _hues(ramp: np.ndarray) -> tuple[np.ndarray, ...]:
    """Go once round the circle of hues at full strength."""
    return tuple(
        np.clip(np.abs((6 * ramp + offset) % 6 - 3) - 1, 0, 1) for offset in (0, 4, 2)
    )
