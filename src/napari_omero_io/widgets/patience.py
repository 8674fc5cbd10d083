"""What a server is still preparing is tried again by itself, when the server says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_omero_io.errors import PixelsUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

#: Seconds between two tries.  What a server says is an estimate: a tenth of a second
#: for a small image, an hour for a slide.
_SHORTEST, _LONGEST = 1.0, 60.0


class Patience(QObject):
    """Knows what a server is still preparing, and when to ask for it again.

    A thing is known from its first failure until it is forgotten, whoever asks for it
    meanwhile.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sentences: dict[Hashable, str] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._sentences

    def __len__(self) -> int:
        return len(self._sentences)

    def wait(self, name: Hashable, error: Exception, again: Callable[[], None]) -> bool:
        """Try something again later, if its error says that this may help.

        Parameters
        ----------
        again
            Called in the window's thread, unless the thing is forgotten before.

        Returns
        -------
        bool
            Whether it will be called.
        """
        if not isinstance(error, PixelsUnavailable) or not error.retry_after:
            self.forget(name)
            return False
        self._sentences[name] = str(error)
        pause = min(max(error.retry_after, _SHORTEST), _LONGEST)

        def try_again() -> None:
            if name in self._sentences:
                again()

        QTimer.singleShot(int(1000 * pause), try_again)
        return True

    def forget(self, name: Hashable) -> None:
        """Stop waiting for something, which is there or is not wanted any more."""
        self._sentences.pop(name, None)

    def clear(self) -> None:
        """Stop waiting for anything."""
        self._sentences.clear()

    def describe(self) -> str:
        """Say what is waited for, '' for nothing."""
        if len(self._sentences) > 1:
            return (
                f"The server is still preparing the pixels of {len(self._sentences)} "
                "images. They will open by themselves."
            )
        return "".join(
            f"{text} It will open by itself." for text in self._sentences.values()
        )
