"""Passwords in the system's keyring, or nowhere.

Where a machine has no keyring, which is usual for Linux without a desktop, a password
lasts as long as the session: it is never written to a file.
"""

from __future__ import annotations

import logging

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

logger = logging.getLogger(__name__)

_SERVICE = "napari-omero-io"


def recall_password(server: str, user: str) -> str | None:
    """Give the password that was kept for an account, or None."""
    try:
        kept: str | None = keyring.get_password(_service(server), user)
    except KeyringError as error:
        _tell(error)
        return None
    return kept


def keep_password(server: str, user: str, password: str) -> bool:
    """Keep a password; False where this machine has no place for it."""
    try:
        keyring.set_password(_service(server), user, password)
    except KeyringError as error:
        _tell(error)
        return False
    return True


def forget_password(server: str, user: str) -> None:
    """Remove the password of an account, if one was kept."""
    try:
        keyring.delete_password(_service(server), user)
    except PasswordDeleteError:
        logger.debug("No password was kept for %s at %s", user, server)
    except KeyringError as error:
        _tell(error)


def _service(server: str) -> str:
    return f"{_SERVICE} {server}"


def _tell(error: KeyringError) -> None:
    logger.info(
        "No keyring: passwords last for this session (%s)", type(error).__name__
    )
