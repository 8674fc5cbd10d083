"""Numbers that SQLite does not keep as they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect


class Double(Float[float]):
    """Floating-point numbers with NaN among them, as the extremes of pixels may be.

    SQLite makes null of NaN, so it is kept as a text, which also sorts after all
    numbers, as NaN does in PostgreSQL.
    """

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what makes storable what is to be stored."""
        return _to_stored

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Return what makes a number again of what was stored."""
        return _from_stored


def _to_stored(value: Any) -> Any:
    is_nan = isinstance(value, float) and math.isnan(value)
    return "NaN" if is_nan else value


def _from_stored(value: Any) -> Any:
    return math.nan if value == "NaN" else value
