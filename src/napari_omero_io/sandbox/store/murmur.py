"""MurmurHash3, for clients that ask for it: slow, since it is written in Python.

The digest is the bytes of the hash, least significant first, as Java's Guava library
gives them, by which OMERO computes it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MASK32 = 0xFFFFFFFF
_MASK64 = 0xFFFFFFFFFFFFFFFF


def murmur3_32(blocks: Iterable[bytes], seed: int = 0) -> bytes:
    """Return the 32-bit hash of what consecutive blocks hold."""
    value, length = seed, 0
    for chunk in _regroup(blocks, 4):
        length += len(chunk)
        whole = len(chunk) // 4
        for (word,) in struct.iter_unpack("<I", chunk[: 4 * whole]):
            value = _rotate32(value ^ _scramble32(word), 13)
            value = (value * 5 + 0xE6546B64) & _MASK32
        tail = chunk[4 * whole :]
        if tail:
            value ^= _scramble32(int.from_bytes(tail, "little"))
    value ^= length & _MASK32
    value = (value ^ value >> 16) * 0x85EBCA6B & _MASK32
    value = (value ^ value >> 13) * 0xC2B2AE35 & _MASK32
    return struct.pack("<I", value ^ value >> 16)


def murmur3_128(blocks: Iterable[bytes], seed: int = 0) -> bytes:
    """Return the 128-bit hash, of the form for 64-bit machines."""
    low = high = seed
    length = 0
    for chunk in _regroup(blocks, 16):
        length += len(chunk)
        whole = len(chunk) // 16
        for first, second in struct.iter_unpack("<QQ", chunk[: 16 * whole]):
            low = _rotate64(low ^ _scramble_low(first), 27)
            low = ((low + high) * 5 + 0x52DCE729) & _MASK64
            high = _rotate64(high ^ _scramble_high(second), 31)
            high = ((high + low) * 5 + 0x38495AB5) & _MASK64
        tail = chunk[16 * whole :]
        if tail:
            low ^= _scramble_low(int.from_bytes(tail[:8], "little"))
            high ^= _scramble_high(int.from_bytes(tail[8:], "little"))
    low, high = low ^ length, high ^ length
    low = (low + high) & _MASK64
    high = (high + low) & _MASK64
    low, high = _finish64(low), _finish64(high)
    low = (low + high) & _MASK64
    return struct.pack("<QQ", low, (high + low) & _MASK64)


def _regroup(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Give the same bytes in pieces that are multiples of a size, but for the last."""
    rest = b""
    for block in blocks:
        together = rest + block
        cut = len(together) // size * size
        rest = together[cut:]
        if cut:
            yield together[:cut]
    if rest:
        yield rest


def _rotate32(value: int, by: int) -> int:
    return (value << by | value >> 32 - by) & _MASK32


def _rotate64(value: int, by: int) -> int:
    return (value << by | value >> 64 - by) & _MASK64


def _scramble32(word: int) -> int:
    return _rotate32(word * 0xCC9E2D51 & _MASK32, 15) * 0x1B873593 & _MASK32


_FIRST, _SECOND = 0x87C37B91114253D5, 0x4CF5AD432745937F


def _scramble_low(word: int) -> int:
    return _rotate64(word * _FIRST & _MASK64, 31) * _SECOND & _MASK64


def _scramble_high(word: int) -> int:
    return _rotate64(word * _SECOND & _MASK64, 33) * _FIRST & _MASK64


def _finish64(value: int) -> int:
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & _MASK64
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & _MASK64
    return value ^ value >> 33
