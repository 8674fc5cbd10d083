"""omero.api.ThumbnailStore: small pictures of images, alone and in sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import (
    ApiUsage,
    Concurrent,
    Internal,
    NotAllowed,
    ResourceFault,
    SandboxError,
)
from napari_omero_io.sandbox.rendering import stored
from napari_omero_io.sandbox.rendering.subject import (
    Subject,
    default_settings,
    find_subject,
)
from napari_omero_io.sandbox.rendering.thumbnails import (
    DEFAULT_SIDE,
    draw_placeholder,
    draw_thumbnail,
    fit_longest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.rendering.settings import RenderingSettings
    from napari_omero_io.sandbox.sessions import SessionState


class ThumbnailStore:
    """Thumbnails; JPEG always."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core
        self._subject: Subject | None = None
        self._settings: RenderingSettings | None = None
        self._in_progress = False

    # Which image.

    def setPixelsId(self, call: Call, pixels_id: int) -> bool:
        """Choose an image; tell whether it has settings."""
        with self._core.database.read() as connection:
            subject = find_subject(connection, call, pixels_id)
            if subject is None:
                raise ResourceFault(
                    f"Error retrieving Pixels id:{pixels_id}. "
                    "It does not exist, or you may not see it."
                )
            found = stored.find_definitions_to_show(connection, call, [pixels_id])
        self._subject = subject
        self._in_progress = False
        definition = found.get(pixels_id)
        self._settings = stored.read_settings(definition) if definition else None
        return definition is not None

    def setRenderingDefId(self, call: Call, definition_id: int) -> None:
        """Choose settings by their id."""
        self._chosen()
        with self._core.database.read() as connection:
            found = stored.load_definition(connection, call, definition_id)
        if found is None:
            raise ApiUsage(f"RenderingDef object with id {definition_id} not found.")
        self._settings = stored.read_settings(found)

    def getRenderingDefId(self, call: Call) -> int:
        """Return the id of the settings."""
        if self._settings is None or self._settings.id is None:
            raise ApiUsage("No rendering def")
        return self._settings.id

    def resetDefaults(self, call: Call) -> None:
        """Give default settings to an image that has none."""
        subject = self._chosen()
        if self._settings is not None:
            raise ApiUsage("The image has settings already.")
        try:
            self._settings = self._store_defaults(call, subject)
        except Concurrent:
            self._in_progress = True

    def isInProgress(self, call: Call) -> bool:
        """Tell whether the pixels were not ready."""
        self._chosen()
        return self._in_progress

    def thumbnailExists(self, call: Call, width: Any, height: Any) -> bool:
        """Tell whether a thumbnail can be had without making settings first."""
        self._chosen()
        return self._settings is not None

    def createThumbnail(self, call: Call, width: Any, height: Any) -> None:
        """Draw a thumbnail ahead of its use."""
        self.getThumbnail(call, width, height)

    def createThumbnails(self, call: Call) -> None:
        """Draw the thumbnail of the usual size ahead of its use."""
        self.getThumbnail(call, None, None)

    def createThumbnailsByLongestSideSet(
        self, call: Call, longest: Any, pixels_ids: Sequence[int]
    ) -> None:
        """Draw thumbnails ahead of their use."""
        self.getThumbnailByLongestSideSet(call, longest, pixels_ids)

    # One thumbnail.

    def getThumbnail(self, call: Call, width: Any, height: Any) -> bytes:
        """Return a thumbnail of exactly this size."""
        size = (_side(width, "sizeX"), _side(height, "sizeY"))
        return self._draw(call, lambda _: size)

    def getThumbnailWithoutDefault(self, call: Call, width: Any, height: Any) -> bytes:
        """Return a thumbnail; nothing while the pixels are not ready."""
        thumbnail = self.getThumbnail(call, width, height)
        return b"" if self._in_progress else thumbnail

    def getThumbnailDirect(self, call: Call, width: Any, height: Any) -> bytes:
        """Return a thumbnail that is drawn now."""
        return self.getThumbnail(call, width, height)

    def getThumbnailByLongestSide(self, call: Call, longest: Any) -> bytes:
        """Return a thumbnail that keeps the proportions."""
        side = _side(longest, "size")
        return self._draw(call, lambda one: fit_longest(one.facts.size, side))

    def getThumbnailByLongestSideDirect(self, call: Call, longest: Any) -> bytes:
        """Return a thumbnail that keeps the proportions and is drawn now."""
        return self.getThumbnailByLongestSide(call, longest)

    def getThumbnailForSectionDirect(
        self, call: Call, z: int, t: int, width: Any, height: Any
    ) -> bytes:
        """Return a thumbnail of another plane."""
        size = (_side(width, "sizeX"), _side(height, "sizeY"))
        return self._draw(call, lambda _: size, (z, t))

    def getThumbnailForSectionByLongestSideDirect(
        self, call: Call, z: int, t: int, longest: Any
    ) -> bytes:
        """Return a thumbnail of another plane that keeps the proportions."""
        side = _side(longest, "size")
        return self._draw(call, lambda one: fit_longest(one.facts.size, side), (z, t))

    # Sets.

    def getThumbnailSet(
        self, call: Call, width: Any, height: Any, pixels_ids: Sequence[int]
    ) -> dict[int, bytes]:
        """Return thumbnails of exactly this size."""
        size = (_side(width, "sizeX"), _side(height, "sizeY"))
        return self._draw_set(call, pixels_ids, lambda _: size)

    def getThumbnailByLongestSideSet(
        self, call: Call, longest: Any, pixels_ids: Sequence[int]
    ) -> dict[int, bytes]:
        """Return thumbnails that keep the proportions."""
        side = _side(longest, "size")
        return self._draw_set(
            call, pixels_ids, lambda one: fit_longest(one.facts.size, side)
        )

    # What holds for all.

    def _chosen(self) -> Subject:
        if self._subject is None:
            raise ApiUsage("Thumbnail service not ready: Pixels not set.")
        return self._subject

    def _draw(
        self,
        call: Call,
        size_of: Callable[[Subject], tuple[int, int]],
        plane: tuple[int, int] | None = None,
    ) -> bytes:
        subject = self._chosen()
        size = size_of(subject)
        try:
            if self._settings is None:
                raise missing_settings(call, subject)
            thumbnail = draw_thumbnail(call, subject, self._settings, size, plane)
        except Concurrent:
            self._in_progress = True
            return draw_placeholder(size)
        self._in_progress = False
        return thumbnail

    def _draw_set(
        self,
        call: Call,
        pixels_ids: Sequence[int],
        size_of: Callable[[Subject], tuple[int, int]],
    ) -> dict[int, bytes]:
        """Draw what can be drawn; settings that are missing are made on the way."""
        with self._core.database.read() as connection:
            definitions = stored.find_definitions_to_show(connection, call, pixels_ids)
            subjects = {
                pixels_id: find_subject(connection, call, pixels_id)
                for pixels_id in pixels_ids
            }
        thumbnails: dict[int, bytes] = {}
        for pixels_id, subject in subjects.items():
            if subject is None:
                thumbnails[pixels_id] = b""
                continue
            size, definition = size_of(subject), definitions.get(pixels_id)
            try:
                thumbnails[pixels_id] = self._draw_one(call, subject, definition, size)
            except SandboxError:
                # One image that fails must not take the others with it.
                thumbnails[pixels_id] = b""
        return thumbnails

    def _draw_one(
        self, call: Call, subject: Subject, definition: Any, size: tuple[int, int]
    ) -> bytes:
        """Draw a thumbnail, or what stands for pixels that are not ready."""
        try:
            settings = (
                stored.read_settings(definition)
                if definition
                else self._defaults_for(call, subject)
            )
            return draw_thumbnail(call, subject, settings, size)
        except Concurrent:
            return draw_placeholder(size)

    def _defaults_for(self, call: Call, subject: Subject) -> RenderingSettings:
        try:
            return self._store_defaults(call, subject)
        except NotAllowed:
            return default_settings(call, subject)
        except ApiUsage:  # all groups at once: nothing can be made
            return default_settings(call, subject)

    def _store_defaults(self, call: Call, subject: Subject) -> RenderingSettings:
        settings = default_settings(call, subject)
        with self._core.database.write() as connection:
            saved = stored.save_settings(connection, call, settings)
        return stored.read_settings(saved)


def missing_settings(call: Call, subject: Subject) -> SandboxError:
    """Return why there is no thumbnail of an image without settings.

    Raises
    ------
    Concurrent
        The pixels were never written: there are no settings for that reason.
    """
    call.core.pixels.open(subject.facts).close()
    if subject.owner_id == call.caller.user_id:
        return Internal(
            "Fatal error retrieving rendering settings: none exist. "
            "Call resetDefaults() first."
        )
    return ResourceFault(
        f"The owner id:{subject.owner_id} has not viewed the Pixels set "
        f"id:{subject.facts.id}; there are no settings to draw a thumbnail by."
    )


def _side(value: Any, name: str) -> int:
    """Return a length that came as RInt, number or nothing."""
    if value is None:
        return DEFAULT_SIDE
    number = int(getattr(value, "val", value))
    if number < 0:
        raise ApiUsage(f"{name} is negative")
    return number
