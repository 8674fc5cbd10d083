"""omero.api.IRenderingSettings: settings of many images at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero.model

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage, SandboxError
from napari_omero_io.sandbox.rendering import stored
from napari_omero_io.sandbox.rendering.subject import (
    Subject,
    default_settings,
    find_subject,
    original_settings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.rendering.settings import RenderingSettings
    from napari_omero_io.sandbox.sessions import SessionState

#: Queries for the pixels of the images in a container, by the container's class.
_PIXELS_IN = {
    "Pixels": "select p.id from Pixels p where p.id in (:ids)",
    "Image": "select p.id from Pixels p where p.image.id in (:ids)",
    "Dataset": (
        "select p.id from DatasetImageLink l join l.child i join i.pixels p"
        " where l.parent.id in (:ids)"
    ),
    "Project": (
        "select p.id from ProjectDatasetLink k join k.child d join d.imageLinks l"
        " join l.child i join i.pixels p where k.parent.id in (:ids)"
    ),
    "Plate": (
        "select p.id from WellSample s join s.well w join s.image i join i.pixels p"
        " where w.plate.id in (:ids)"
    ),
    "Screen": (
        "select p.id from ScreenPlateLink k join k.child q join q.wells w"
        " join w.wellSamples s join s.image i join i.pixels p"
        " where k.parent.id in (:ids)"
    ),
}


class RenderingSettingsService:
    """Default, original and copied settings."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core

    def getRenderingSettings(self, call: Call, pixels_id: int) -> Any:
        """Return the caller's settings of pixels; None when there are none."""
        with self._core.database.read() as connection:
            user_id = call.caller.user_id
            found = stored.find_definitions(connection, call, pixels_id, user_id)
        return found[0] if found else None

    def createNewRenderingDef(self, call: Call, pixels: Any) -> Any:
        """Return default settings, which are not stored."""
        settings = default_settings(call, self._subject(call, _id_of(pixels)))
        definition = omero.model.RenderingDefI()
        stored.fill_definition(definition, settings)
        return definition

    def sanityCheckPixels(self, call: Call, source: Any, target: Any) -> bool:
        """Tell whether settings of one image can be given to another."""
        one = self._subject(call, _id_of(source))
        other = self._subject(call, _id_of(target))
        return _fit(one, other)

    def resetDefaults(self, call: Call, definition: Any, pixels: Any) -> None:
        """Store default settings in place of given ones."""
        settings = default_settings(call, self._subject(call, _id_of(pixels)))
        if definition.id is not None:
            settings = replace(
                settings, id=definition.id.val, owner_id=call.caller.user_id
            )
        with self._core.database.write() as connection:
            stored.save_settings(connection, call, settings)

    def resetDefaultsNoSave(self, call: Call, definition: Any, pixels: Any) -> Any:
        """Return given settings with default values, which are not stored."""
        if definition is None:
            raise ApiUsage("There are no settings to reset.")
        settings = default_settings(call, self._subject(call, _id_of(pixels)))
        if definition.sizeOfWaveRendering() > len(settings.channels):
            raise ApiUsage("The settings are of more channels than the image has.")
        stored.fill_definition(definition, settings)
        return definition

    def resetDefaultsForPixels(self, call: Call, pixels_id: int) -> None:
        """Give default settings to pixels."""
        self._reset(call, "Pixels", [pixels_id], default_settings)

    def resetDefaultsInImage(self, call: Call, image_id: int) -> None:
        """Give default settings to an image."""
        self._reset(call, "Image", [image_id], default_settings)

    def resetDefaultsInDataset(self, call: Call, dataset_id: int) -> list[int]:
        """Give default settings to the images of a dataset."""
        return self._reset(call, "Dataset", [dataset_id], default_settings)

    def resetDefaultsInSet(
        self, call: Call, class_name: str, ids: Sequence[int]
    ) -> list[int]:
        """Give default settings to many images; return those that were changed."""
        return self._reset(call, class_name, ids, default_settings)

    def resetDefaultsByOwnerInSet(
        self, call: Call, class_name: str, ids: Sequence[int]
    ) -> list[int]:
        """Give images the settings of their owners."""
        return self._for_each(call, class_name, ids, self._take_from_owner)

    def setOriginalSettingsForPixels(self, call: Call, pixels_id: int) -> None:
        """Give settings by the metadata alone to pixels."""
        self._reset(call, "Pixels", [pixels_id], original_settings)

    def setOriginalSettingsInImage(self, call: Call, image_id: int) -> None:
        """Give settings by the metadata alone to an image."""
        self._reset(call, "Image", [image_id], original_settings)

    def setOriginalSettingsInDataset(self, call: Call, dataset_id: int) -> list[int]:
        """Give settings by the metadata alone to the images of a dataset."""
        return self._reset(call, "Dataset", [dataset_id], original_settings)

    def setOriginalSettingsInSet(
        self, call: Call, class_name: str, ids: Sequence[int]
    ) -> list[int]:
        """Give settings by the metadata alone to many images."""
        return self._reset(call, class_name, ids, original_settings)

    def resetMinMaxInSet(
        self, call: Call, class_name: str, ids: Sequence[int]
    ) -> list[int]:
        """Give windows by the metadata alone to many images."""

        def keep_all_but_windows(call: Call, subject: Subject) -> RenderingSettings:
            fresh = original_settings(call, subject)
            own = self.getRenderingSettings(call, subject.facts.id)
            if own is None:
                return fresh
            settings = stored.read_settings(own)
            for index, channel in enumerate(fresh.channels):
                settings = settings.with_channel(index, window=channel.window)
            return settings

        return self._reset(call, class_name, ids, keep_all_but_windows)

    def applySettingsToSet(
        self, call: Call, source_id: int, class_name: str, ids: Sequence[int]
    ) -> dict[bool, list[int]]:
        """Give the settings of one image to many.

        Returns
        -------
        Ids of images under True where it was done, under False where it does not fit.
        """
        source = self._subject(call, source_id)
        settings = self._settings_of(call, source)
        done: dict[bool, list[int]] = {True: [], False: []}

        def apply(call: Call, subject: Subject) -> None:
            if not _fit(source, subject):
                raise ApiUsage("The images differ in type or channels.")
            self._store(call, subject, settings)

        changed = self._for_each(call, class_name, ids, apply)
        images = set(self._images(call, self._pixels(call, class_name, ids)))
        done[True] = changed
        done[False] = sorted(images - set(changed))
        return done

    def applySettingsToPixels(self, call: Call, source_id: int, target_id: int) -> bool:
        """Give the settings of one image to another; tell whether they fit."""
        return bool(
            self.applySettingsToSet(call, source_id, "Pixels", [target_id])[True]
        )

    def applySettingsToImage(self, call: Call, source_id: int, image_id: int) -> bool:
        """Give the settings of one image to another; tell whether they fit."""
        return bool(self.applySettingsToSet(call, source_id, "Image", [image_id])[True])

    def applySettingsToImages(
        self, call: Call, source_id: int, ids: Sequence[int]
    ) -> dict[bool, list[int]]:
        """Give the settings of one image to others."""
        return self.applySettingsToSet(call, source_id, "Image", ids)

    def applySettingsToDataset(
        self, call: Call, source_id: int, dataset_id: int
    ) -> dict[bool, list[int]]:
        """Give the settings of one image to those of a dataset."""
        return self.applySettingsToSet(call, source_id, "Dataset", [dataset_id])

    def applySettingsToProject(
        self, call: Call, source_id: int, project_id: int
    ) -> dict[bool, list[int]]:
        """Give the settings of one image to those of a project."""
        return self.applySettingsToSet(call, source_id, "Project", [project_id])

    def _reset(
        self,
        call: Call,
        class_name: str,
        ids: Sequence[int],
        choose: Callable[[Call, Subject], RenderingSettings],
    ) -> list[int]:
        def reset(call: Call, subject: Subject) -> None:
            self._store(call, subject, choose(call, subject))

        return self._for_each(call, class_name, ids, reset)

    def _take_from_owner(self, call: Call, subject: Subject) -> None:
        with self._core.database.read() as connection:
            found = stored.find_definitions(
                connection, call, subject.facts.id, subject.owner_id
            )
        if not found:
            raise ApiUsage("The owner has no settings.")
        self._store(call, subject, stored.read_settings(found[0]))

    def _for_each(
        self,
        call: Call,
        class_name: str,
        ids: Sequence[int],
        act: Callable[[Call, Subject], None],
    ) -> list[int]:
        """Act on all pixels; return the images of those where nothing was refused."""
        done = []
        for pixels_id in self._pixels(call, class_name, ids):
            try:
                act(call, self._subject(call, pixels_id))
            except SandboxError:
                # One image that is not ready, or does not fit, leaves the others be.
                if len(ids) == 1 and class_name in ("Pixels", "Image"):
                    raise
                continue
            done.append(pixels_id)
        return self._images(call, done)

    def _store(self, call: Call, subject: Subject, settings: RenderingSettings) -> None:
        pixels_id, user_id = subject.facts.id, call.caller.user_id
        with self._core.database.write() as connection:
            own = stored.find_definitions(connection, call, pixels_id, user_id)
            stored.save_settings(
                connection,
                call,
                replace(
                    settings,
                    pixels_id=pixels_id,
                    id=own[0].id.val if own else None,
                    owner_id=user_id,
                ),
            )

    def _settings_of(self, call: Call, subject: Subject) -> RenderingSettings:
        pixels_id = subject.facts.id
        with self._core.database.read() as connection:
            found = stored.find_definitions_to_show(connection, call, [pixels_id])
        if pixels_id not in found:
            raise ApiUsage(f"Pixels:{pixels_id} has no settings.")
        return stored.read_settings(found[pixels_id])

    def _subject(self, call: Call, pixels_id: int) -> Subject:
        with self._core.database.read() as connection:
            found = find_subject(connection, call, pixels_id)
        if found is None:
            raise ApiUsage(f"Pixels object with id {pixels_id} not found.")
        return found

    def _pixels(self, call: Call, class_name: str, ids: Sequence[int]) -> list[int]:
        name = call.core.model.resolve(class_name).name
        if name not in _PIXELS_IN:
            raise ApiUsage(f"Settings are not given to the images of a {name}.")
        return self._select(call, _PIXELS_IN[name], ids)

    def _images(self, call: Call, pixels_ids: Iterable[int]) -> list[int]:
        text = "select p.image.id from Pixels p where p.id in (:ids)"
        return self._select(call, text, list(pixels_ids))

    def _select(self, call: Call, text: str, ids: Sequence[int]) -> list[int]:
        if not ids:
            return []
        with self._core.database.read() as connection:
            rows = hql.project(connection, call, text, {"ids": list(ids)})
        return sorted({int(row[0].val) for row in rows})


def _id_of(pixels: Any) -> int:
    if pixels is None or pixels.id is None:
        raise ApiUsage("Pixels without an id have no settings.")
    return int(pixels.id.val)


def _fit(one: Subject, other: Subject) -> bool:
    return one.facts.type == other.facts.type and one.facts.size_c == other.facts.size_c
