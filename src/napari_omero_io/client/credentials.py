"""Passwords in the system's keyring, or nowhere.

Where a machine has no keyring, which is usual for Linux without a desktop, a password
lasts as long as the program: it is never written to a file.
"""

from __future__ import annotations

import logging

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from napari_omero_io.errors import BadReference
from napari_omero_io.refs import ServerAddress

logger = logging.getLogger(__name__)

_SERVICE = "napari-omero-io"

#: Accounts that are open to everybody, with their own names as passwords.
_PUBLIC = frozenset({"guest", "public"})

#: Passwords of this run, by server and user.
_of_this_run: dict[tuple[str, str], str] = {}


def has_keyring() -> bool:
    """Whether this machine has a place for passwords."""
    backend = keyring.get_keyring()
    try:
        return float(backend.priority) > 0
    except (RuntimeError, AttributeError) as error:  # a backend that is not viable
        logger.debug("No keyring: %s", error)
        return False


def hold_password(server: str, user: str, password: str) -> None:
    """Keep a password until the program ends."""
    _of_this_run[_name(server), user] = password


def recall_password(server: str, user: str) -> str | None:
    """Give the password that was kept for an account, or None."""
    held = _of_this_run.get((_name(server), user))
    if held is not None:
        return held
    if user in _PUBLIC:
        return user
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
    _of_this_run.pop((_name(server), user), None)
    try:
        keyring.delete_password(_service(server), user)
    except PasswordDeleteError:
        logger.debug("No password was kept for %s at %s", user, server)
    except KeyringError as error:
        _tell(error)


def _service(server: str) -> str:
    return f"{_SERVICE} {_name(server)}"


def _name(server: str) -> str:
    """Give one name for all forms of an address."""
    try:
        return str(ServerAddress.parse(server))
    except BadReference:
        return server


def _tell(error: KeyringError) -> None:
    logger.info(
        "No keyring: passwords last for this session (%s)", type(error).__name__
    )
