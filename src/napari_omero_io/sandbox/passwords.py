"""Passwords: stored as salted hashes, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy import delete, insert, select

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .schema.tables import Tables

# About 30 ms of one core and 16 MB for each attempt.
_COST = 2**14
_BLOCK_SIZE = 8
_PARALLEL = 1
_SALT_BYTES = 16
_HASH_BYTES = 32


def hash_password(password: str) -> str:
    """Hash a password for keeping: ``scrypt$cost$block$parallel$salt$hash``."""
    salt = os.urandom(_SALT_BYTES)
    digest = _derive(password, salt, _COST, _BLOCK_SIZE, _PARALLEL)
    numbers = f"{_COST}${_BLOCK_SIZE}${_PARALLEL}"
    return f"scrypt${numbers}${_encode(salt)}${_encode(digest)}"


def is_right(password: str, stored: str) -> bool:
    """Tell whether a password is the one that was hashed."""
    _, cost, block, parallel, salt, digest = stored.split("$")
    found = _derive(
        password, base64.b64decode(salt), int(cost), int(block), int(parallel)
    )
    return hmac.compare_digest(found, base64.b64decode(digest))


def read_hash(connection: Connection, tables: Tables, user_id: int) -> str | None:
    """Return the stored hash of a user's password.

    An empty text is an account without password; None is one that cannot log in.
    """
    passwords = tables.password
    found = connection.execute(
        select(passwords.c.hash).where(passwords.c.experimenter_id == user_id)
    ).scalar()
    return None if found is None else str(found)


def store_password(
    connection: Connection, tables: Tables, user_id: int, password: str
) -> None:
    """Keep a user's password; an empty one makes an account without password."""
    passwords = tables.password
    connection.execute(delete(passwords).where(passwords.c.experimenter_id == user_id))
    hashed = hash_password(password) if password else ""
    connection.execute(insert(passwords).values(experimenter_id=user_id, hash=hashed))


def _derive(
    password: str, salt: bytes, cost: int, block_size: int, parallel: int
) -> bytes:
    kdf = Scrypt(salt=salt, length=_HASH_BYTES, n=cost, r=block_size, p=parallel)
    # Hashed first: scrypt's inner HMAC fills short keys up with zero bytes, so that
    # a password and the same with a NUL behind it would be one.
    return kdf.derive(hashlib.sha256(password.encode()).digest())


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
