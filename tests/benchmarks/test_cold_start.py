"""How long a sandbox with example images takes until clients may connect.

Run with ``pytest -m benchmark -s tests/benchmarks``.  Figures are printed; what is
asserted is only that it started.
"""

from __future__ import annotations

import time

import pytest

from napari_omero_io import Sandbox

ROUNDS = 3


@pytest.mark.benchmark
def test_cold_start_of_a_seeded_folder(tmp_path) -> None:
    began = time.perf_counter()
    with Sandbox(tmp_path, seed="demo"):
        seeded = time.perf_counter() - began
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    waits = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        with Sandbox(tmp_path, seed="demo") as sandbox:
            waits.append(time.perf_counter() - began)
            assert sandbox.port > 0
    times = ", ".join(f"{wait:.2f}" for wait in waits)
    print(
        f"\nfirst start with seeding: {seeded:.1f} s, {size / 1e6:.0f} MB; "
        f"later starts until ready: {times} s"
    )
