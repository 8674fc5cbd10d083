"""Fill an empty sandbox with a dataset whose ids are given.

A dataset is one JSON object, class → list of objects; `dataset` reads it, `storing`
puts it into the database.
"""

from __future__ import annotations

from .dataset import Dataset, read_dataset
from .storing import store_dataset

__all__ = ["Dataset", "read_dataset", "store_dataset"]
