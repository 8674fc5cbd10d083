from __future__ import annotations

import numpy as np
import pytest

from napari_omero_io.arrays.memory import TileCache, TileKey


def key(n, image="a"):
    return TileKey(image, 0, 0, 0, 0, 0, n)


def tile(size=10):
    return np.zeros(size, np.uint8)


def test_the_least_recently_used_go_first():
    cache = TileCache(limit=30)
    for n in range(3):
        cache.put(key(n), tile())
    cache.get(key(0))
    cache.put(key(3), tile())
    assert [n for n in range(4) if key(n) in cache] == [0, 2, 3]
    assert cache.size == 30


def test_replacing_counts_once():
    cache = TileCache(limit=30)
    cache.put(key(0), tile(10))
    cache.put(key(0), tile(20))
    assert (cache.size, len(cache)) == (20, 1)


def test_a_tile_above_the_limit_is_kept_until_the_next():
    cache = TileCache(limit=5)
    cache.put(key(0), tile())
    assert key(0) in cache
    cache.put(key(1), tile())
    assert key(0) not in cache
    assert key(1) in cache


def test_tiles_cannot_be_changed():
    cache = TileCache()
    cache.put(key(0), tile())
    with pytest.raises(ValueError, match="read-only"):
        cache.get(key(0))[0] = 1


def test_forgetting_an_image():
    cache = TileCache()
    cache.put(key(0), tile())
    cache.put(key(0, "b"), tile())
    cache.forget("a")
    assert (key(0) in cache, key(0, "b") in cache, cache.size) == (False, True, 10)
