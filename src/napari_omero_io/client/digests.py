"""Checksums of files as OMERO.server names and writes them."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Digest(Protocol):
    """Bytes go in, and in the end a text comes out."""

    def update(self, block: bytes) -> None:
        """Take the next bytes."""

    def equals(self, digest: str) -> bool:
        """Whether the server's checksum is that of the bytes."""


class _Hash:
    """A checksum of Python's hashlib."""

    def __init__(self, name: str) -> None:
        self._hash = hashlib.new(name, usedforsecurity=False)

    def update(self, block: bytes) -> None:
        self._hash.update(block)

    def equals(self, digest: str) -> bool:
        return self._hash.hexdigest() == digest.lower()


class _Sum:
    """A sum of 32 bits.

    Java libraries write them from the highest byte on or from the lowest, so both
    forms are taken.
    """

    def __init__(self, update: Callable[[bytes, int], int], start: int) -> None:
        self._update = update
        self._value = start

    def update(self, block: bytes) -> None:
        self._value = self._update(block, self._value)

    def equals(self, digest: str) -> bool:
        forms = (self._value.to_bytes(4, order).hex() for order in ("big", "little"))
        return digest.lower().rjust(8, "0") in forms


class _Size:
    """The number of bytes."""

    def __init__(self) -> None:
        self._size = 0

    def update(self, block: bytes) -> None:
        self._size += len(block)

    def equals(self, digest: str) -> bool:
        forms = (self._size.to_bytes(8, order).hex() for order in ("big", "little"))
        return digest.lower().rjust(16, "0") in forms


_MAKERS: dict[str, Callable[[], Digest]] = {
    "SHA1-160": lambda: _Hash("sha1"),
    "MD5-128": lambda: _Hash("md5"),
    "CRC-32": lambda: _Sum(zlib.crc32, 0),
    "Adler-32": lambda: _Sum(zlib.adler32, 1),
    "File-Size-64": _Size,
}


def make_digest(hasher: str) -> Digest | None:
    """Begin a checksum; None for an algorithm that Python does not have.

    These are Murmur3-32 and Murmur3-128, which in Python itself would take a minute
    for what the network brings in a second.
    """
    maker = _MAKERS.get(hasher)
    return None if maker is None else maker()
