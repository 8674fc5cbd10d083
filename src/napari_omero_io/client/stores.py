"""Several pixel stores of one image, opened side by side.

A store serves one thread, and opening one takes two calls that wait for each other.
The same calls of several stores are under way at once, so that a distant server makes
all of them ready in the time of one.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .ice import Ice, omero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection

logger = logging.getLogger(__name__)


def open_stores(
    connection: Connection, pixels_id: int, group_id: int, count: int
) -> list[Any]:
    """Open pixel stores at full resolution, in two round trips however many.

    Fewer than `count` are given where the server does not open as many.

    Raises
    ------
    Ice.Exception, omero.ClientError
        None could be opened.
    """
    stores = connection.open_pixel_stores(count)
    context = connection.context(group_id)
    asked = [store.begin_setPixelsId(pixels_id, True, _ctx=context) for store in stores]
    ready, failure = [], None
    for store, each in zip(stores, asked, strict=True):
        try:
            store.end_setPixelsId(each)
        except (Ice.Exception, omero.ClientError) as error:
            failure = error
        else:
            ready.append(store)
    if not ready and failure is not None:
        close_stores(stores)
        raise failure
    close_stores([store for store in stores if store not in ready])
    return ready


def close_stores(stores: Sequence[Any]) -> None:
    """Give stores back to the server, all in one round trip.

    One that cannot be closed ends with its session.
    """
    asked = [(store, store.begin_close()) for store in stores]
    for store, each in asked:
        try:
            store.end_close(each)
        except (Ice.Exception, omero.ClientError) as error:
            logger.info("A pixel store was left open: %s", type(error).__name__)
