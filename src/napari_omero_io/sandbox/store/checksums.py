"""Digests of files by the names of OMERO's enumeration `ChecksumAlgorithm`."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import ApiUsage

from .murmur import murmur3_32, murmur3_128

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK = 1_048_576
#: What is computed, in the order in which OMERO.server prefers it.
ALGORITHMS = (
    "SHA1-160",
    "MD5-128",
    "Murmur3-128",
    "Murmur3-32",
    "CRC-32",
    "Adler-32",
    "File-Size-64",
)


def digest_file(path: Path, algorithm: str) -> str:
    """Return the digest of a file in hexadecimal.

    Raises
    ------
    ApiUsage
        There is no such algorithm.
    """
    if algorithm == "File-Size-64":
        return f"{path.stat().st_size:016x}"
    if algorithm in _CHECKSUMS:
        return f"{_fold(path, _CHECKSUMS[algorithm]):08x}"
    if algorithm in _HASHES:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, _HASHES[algorithm]).hexdigest()
    if algorithm in _MURMURS:
        with path.open("rb") as stream:
            blocks = iter(lambda: stream.read(_BLOCK), b"")
            return _MURMURS[algorithm](blocks).hex()
    raise ApiUsage(f"Unknown checksum algorithm: {algorithm}; use SHA1-160.")


_HASHES = {"SHA1-160": "sha1", "MD5-128": "md5"}
_MURMURS = {"Murmur3-32": murmur3_32, "Murmur3-128": murmur3_128}
_CHECKSUMS: dict[str, Callable[[bytes, int], int]] = {
    "Adler-32": zlib.adler32,
    "CRC-32": zlib.crc32,
}


def _fold(path: Path, update: Callable[[bytes, int], int]) -> int:
    value = update(b"", 1 if update is zlib.adler32 else 0)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            value = update(block, value)
    return value
