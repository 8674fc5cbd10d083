from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from napari_omero_io import doctor

GLENCOE = "https://github.com/glencoesoftware"


@pytest.mark.parametrize(
    ("system", "machine", "python", "wheel"),
    [
        (
            "Linux",
            "x86_64",
            (3, 11),
            f"{GLENCOE}/zeroc-ice-py-linux-x86_64/releases/download/20240202/"
            "zeroc_ice-3.6.5-cp311-cp311-manylinux_2_28_x86_64.whl",
        ),
        (
            "Darwin",
            "arm64",
            (3, 12),
            f"{GLENCOE}/zeroc-ice-py-macos-universal2/releases/download/20240131/"
            "zeroc_ice-3.6.5-cp312-cp312-macosx_11_0_universal2.whl",
        ),
        (
            "Windows",
            "AMD64",
            (3, 12),
            f"{GLENCOE}/zeroc-ice-py-win-x86_64/releases/download/20240325/"
            "zeroc_ice-3.6.5-cp312-cp312-win_amd64.whl",
        ),
        ("Linux", "x86_64", (3, 13), None),
        ("Linux", "riscv64", (3, 11), None),
        ("FreeBSD", "amd64", (3, 11), None),
    ],
)
def test_knows_the_ready_wheels(
    system: str, machine: str, python: tuple[int, int], wheel: str | None
) -> None:
    assert doctor.find_ice_wheel(system, machine, python) == wheel


def test_there_is_no_wheel_for_musl() -> None:
    assert doctor.find_ice_wheel("Linux", "x86_64", (3, 11), libc="musl") is None


def pretend(
    monkeypatch: pytest.MonkeyPatch, machine: str, python: tuple[int, int]
) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setattr(sys, "version_info", (*python, 0, "final", 0))
    monkeypatch.setattr(sys, "prefix", "/somewhere")


@pytest.mark.parametrize(
    ("machine", "python", "part"),
    [
        ("x86_64", (3, 12), "-m pip install https://"),
        ("x86_64", (3, 13), "environment with Python 3.12"),
        ("riscv64", (3, 12), "scripts/install"),
    ],
)
def test_the_error_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    python: tuple[int, int],
    part: str,
) -> None:
    pretend(monkeypatch, machine, python)
    assert part in doctor.explain_ice()


def test_in_conda_the_line_is_condas(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend(monkeypatch, "x86_64", (3, 12))
    (tmp_path / "conda-meta").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert "conda install -c conda-forge zeroc-ice=3.6.5" in doctor.explain_ice()


def test_without_a_screen_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    display = {finding.name: finding for finding in doctor.examine()}["Display"]
    assert not display.is_fine
    assert "xvfb-run" in display.remedy


def test_the_report_names_every_finding_and_remedy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    findings = [
        doctor.Finding("Python", True, "3.12.1"),
        doctor.Finding("Ice", False, "not installed", "Type: something"),
    ]
    report = doctor.write_report(findings)
    assert re.search(r"ok +Python +3\.12\.1", report)
    assert re.search(r"MISSING +Ice +not installed\n +Type: something", report)
    assert doctor.main([]) in (0, 1)
    assert "napari" in capsys.readouterr().out


def test_runs_with_the_standard_library_alone() -> None:
    source = Path(doctor.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-S", "-m", "napari_omero_io.doctor"],
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "MISSING  Ice" in run.stdout
    assert run.stderr == ""


def test_a_wrong_ice_is_found() -> None:
    script = (
        "import sys, types\n"
        "fake = types.ModuleType('Ice'); fake.stringVersion = lambda: '3.7.10'\n"
        "sys.modules['Ice'] = fake\n"
        "from napari_omero_io.errors import MissingIce\n"
        "try:\n    import napari_omero_io.client.connect\n"
        "except MissingIce as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("Ice 3.7.10 is installed, but OMERO speaks 3.6.5.")


def test_a_missing_ice_is_one_of_our_errors() -> None:
    script = (
        "import sys\nsys.modules['Ice'] = None\n"
        "from napari_omero_io import connect\n"
        "from napari_omero_io.errors import MissingIce\n"
        "try:\n    connect('localhost', 'jo', 'secret')\n"
        "except MissingIce as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("OMERO speaks Ice 3.6.5, which is not installed.")
