"""Engines: a real virtual environment with a package made here, and everything that can go wrong on the way."""

import base64
import fcntl
import hashlib
import json
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from scangate import engines
from scangate.engines import EngineState, build, state
from scangate.engines.state import Recipe
from scangate.errors import DeadlineError, ScangateError, ToolMissingError, UsageError
from scangate.process import Completed


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def install(tmp_path, told):
    def run(seconds: float = 250) -> engines.Engine:
        return engines.install("tiny", tmp_path / "home", tell=told.append, deadline=time.monotonic() + seconds)

    return run


@pytest.fixture
def index(tmp_path, monkeypatch):
    """An engine called tiny, and a folder that is the only package index."""
    wheels, pins = tmp_path / "wheels", tmp_path / "pins"
    wheels.mkdir()
    pins.mkdir()
    monkeypatch.setattr(state, "PINS", pins)
    recipe = Recipe(room=2**20, warm_up="import os, tiny; open(os.environ['TMPDIR'] + '/kept', 'w').write(tiny.WORD)")
    monkeypatch.setattr(state, "RECIPES", {"tiny": recipe})
    monkeypatch.setattr(build, "RECIPES", state.RECIPES)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("SCANGATE_ENGINES", raising=False)
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))

    def publish(version: str, *, hash_of: str = "") -> None:
        wheel = wheels / f"tiny-{version}-py3-none-any.whl"
        files = {
            "tiny.py": f"WORD = {version!r}\n",
            f"tiny-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
            f"tiny-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(
            f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},"
            f"{len(text)}\n"
            for name, text in files.items()
        )
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, text in (files | {f"tiny-{version}.dist-info/RECORD": record}).items():
                archive.writestr(name, text)
        digest = hash_of or hashlib.sha256(wheel.read_bytes()).hexdigest()
        (pins / "tiny.txt").write_text(f"# via x\ntiny=={version} \\\n    --hash=sha256:{digest}\n")

    return publish


def fails(monkeypatch, output: str) -> None:
    def run(argv, *, deadline, env):
        return Completed(
            argv=tuple(argv), returncode=1, stdout=b"", stderr=output.encode(), truncated=False, seconds=0.1
        )

    monkeypatch.setattr(build.process, "run", run)


def test_an_engine_is_installed_kept_and_replaced_when_its_pins_change(index, install, told, tmp_path):
    index("1.0")
    home = tmp_path / "home"
    assert engines.locate("tiny", home).state is EngineState.MISSING
    first = install()
    assert (first.state, first.version) == (EngineState.CURRENT, "1.0")
    assert first.python.exists()
    assert (first.warm / "kept").read_text() == "1.0"
    assert first == engines.locate("tiny", home)
    assert told[-1] == f"tiny 1.0 is installed in {first.path}"

    before = first.path.stat().st_mtime_ns
    assert install() == first
    assert told[-1] == f"tiny 1.0 is already installed in {first.path}"
    assert first.path.stat().st_mtime_ns == before

    index("1.1", hash_of="0" * 64)
    assert engines.locate("tiny", home).state is EngineState.OUTDATED
    with pytest.raises(ToolMissingError, match="a file that is not the one scangate was tested with") as caught:
        install()
    assert "do not trust" in caught.value.advice
    assert [path.name for path in first.path.parent.iterdir() if path.is_dir()] == [first.path.name]

    index("1.1")
    second = install()
    assert (second.state, second.version) == (EngineState.CURRENT, "1.1")
    assert second.digest != first.digest
    assert not first.path.exists()


def test_an_interrupted_install_is_no_install(index, install, monkeypatch, tmp_path):
    index("1.0")

    def run(argv, *, deadline, env):
        python = engines.locate("tiny", tmp_path / "home").python
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(build.process, "run", run)
    with pytest.raises(KeyboardInterrupt):
        install()
    engine = engines.locate("tiny", tmp_path / "home")
    assert engine.state is EngineState.MISSING
    assert not engine.path.exists()


def test_half_an_environment_does_not_look_installed(index, tmp_path):
    index("1.0")
    home = tmp_path / "home"
    engine = engines.locate("tiny", home)
    engine.python.parent.mkdir(parents=True)
    engine.python.touch()
    assert engines.locate("tiny", home).state is EngineState.MISSING
    whole = json.dumps(state.marker("tiny", engine.path, engine.digest))
    marker = engine.path / state.MARKER
    for text, expected in (
        ("", EngineState.MISSING),
        ("{", EngineState.MISSING),
        ('{"pins": "x"}', EngineState.OUTDATED),
        (whole.replace(engine.digest, "0" * 64), EngineState.OUTDATED),
        (whole, EngineState.CURRENT),
    ):
        marker.write_text(text)
        assert engines.locate("tiny", home).state is expected, text
    engine.python.rename(engine.python.with_name("python3.99"))
    engine.python.symlink_to("python3.99")
    assert engines.locate("tiny", home).state is EngineState.OUTDATED
    engine.python.with_name("python3.99").unlink()
    assert engines.locate("tiny", home).state is EngineState.MISSING


FAILURES = {
    "/usr/bin/python3: No module named venv": ("cannot make virtual environments", "python3-venv"),
    "The virtual environment was not created successfully because ensurepip is not available.": (
        "cannot make virtual environments",
        "python3-venv",
    ),
    "OSError: [Errno 28] No space left on device": ("the disk is full", "SCANGATE_HOME"),
    "NewConnectionError: Failed to establish a new connection\nERROR: No matching distribution found for x": (
        "could not be reached",
        "proxy",
    ),
    "ProxyError('Cannot connect to proxy.')": ("could not be reached", "proxy"),
    "ERROR: No matching distribution found for x==1": ("no wheel for this Python", "pip.conf"),
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": ("not the one", "do not trust"),
    "something\nquite else": ("something / quite else", "network"),
}


@pytest.mark.parametrize("output", FAILURES)
def test_a_failed_install_says_why_and_what_to_do(index, install, monkeypatch, output):
    index("1.0")
    reason, advice = FAILURES[output]
    fails(monkeypatch, output)
    with pytest.raises(ToolMissingError) as caught:
        install()
    assert caught.value.message.startswith("tiny 1.0 could not be installed: ")
    assert reason in caught.value.message
    assert advice in caught.value.advice


def test_too_small_a_disk_is_said_before_anything_is_made(index, install, monkeypatch, tmp_path):
    index("1.0")
    monkeypatch.setattr(build.shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(9, 8, 2**19))
    with pytest.raises(ToolMissingError, match=r"needs 1 MiB in .*, and 0 MiB are free"):
        install()
    assert not engines.locate("tiny", tmp_path / "home").path.exists()


def test_a_home_that_is_no_folder_is_said(index, install, tmp_path):
    index("1.0")
    (tmp_path / "home").write_text("a file")
    assert engines.locate("tiny", tmp_path / "home").state is EngineState.MISSING
    with pytest.raises(ToolMissingError, match="could not be installed") as caught:
        install()
    assert "SCANGATE_HOME" in caught.value.advice


def test_two_installs_wait_for_each_other_until_the_deadline(index, install, tmp_path):
    index("1.0")
    folder = tmp_path / "home" / "engines" / "tiny"
    folder.mkdir(parents=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DeadlineError, match="another install"):
            install(seconds=0.3)


def test_an_image_may_bring_its_engines(index, tmp_path, monkeypatch):
    index("1.0")
    monkeypatch.setenv("SCANGATE_ENGINES", str(tmp_path / "brought"))
    assert engines.locate("tiny", tmp_path / "home").path.parent == tmp_path / "brought" / "tiny"


def test_an_unknown_engine_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="there is no engine 'chekov'") as caught:
        engines.locate("chekov", tmp_path)
    assert caught.value.advice == "engines: checkov, ssh-audit"
    with pytest.raises(UsageError):
        engines.install("../checkov", tmp_path, tell=print, deadline=time.monotonic() + 1)


def test_pins_that_do_not_name_the_engine_are_refused(index, tmp_path):
    index("1.0")
    (state.PINS / "tiny.txt").write_text("other==1.0\n")
    with pytest.raises(ScangateError, match="does not pin tiny"):
        engines.locate("tiny", tmp_path)


def test_every_engine_has_pins_with_hashes():
    assert engines.names() == ("checkov", "ssh-audit")
    for name in engines.names():
        text = (state.PINS / f"{name}.txt").read_text()
        pinned = [line for line in text.splitlines() if "==" in line and not line.startswith(("#", " "))]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), "a pin without a hash"
        assert (Path(engines.__file__).parent.parent / "requirements").samefile(state.PINS)
