"""Package managers that run here install packages made here; what they list is what is found. Nothing is downloaded."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from catalogued import catalogued, named

from scangate.core.model import Confidence
from scangate.inventory.locks import LOCKS
from scangate.inventory.node import Node
from scangate.inventory.python import Python
from scangate.inventory.ruby import Ruby

pytestmark = pytest.mark.real


def run(*command, cwd):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    quiet = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_offline": "true"}
    home = {"HOME": str(cwd), "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=os.environ | quiet | home)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def folder(path: Path, **files) -> Path:
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name.replace("__", ".")).write_text(text if isinstance(text, str) else json.dumps(text))
    return path


def test_what_npm_installs_is_what_is_found(tmp_path):
    work = tmp_path / "work"
    below = folder(work / "below", package__json={"name": "@made/below", "version": "1.2.3", "license": "MIT"})
    run("npm", "pack", "--pack-destination", str(work), cwd=below)
    above = folder(work / "above", package__json={"name": "above", "version": "2.0.0"})
    run("npm", "pack", "--pack-destination", str(work), cwd=above)
    needed = {"above": "file:../above-2.0.0.tgz", "@made/below": "file:../made-below-1.2.3.tgz"}
    own = {"name": "own", "version": "0.1.0"}
    app = folder(work / "app", package__json={"dependencies": needed, "workspaces": ["own"]})
    folder(app / "own", package__json=own)
    run("npm", "install", "--ignore-scripts", cwd=app)

    image = tmp_path / "image"
    shutil.copytree(app, image / "srv/app", symlinks=True)
    found = catalogued(image, {}, Node(), *LOCKS)
    assert named(found) == [("@made/below", "1.2.3"), ("above", "2.0.0")]
    assert {each.confidence for each in found} == {Confidence.CONFIRMED}

    shutil.rmtree(image / "srv/app/node_modules")
    found = catalogued(image, {}, Node(), *LOCKS)
    assert named(found) == [("@made/below", "1.2.3"), ("above", "2.0.0")]
    assert {each.confidence for each in found} == {Confidence.FIRM}


def test_what_pip_installs_is_what_is_found(tmp_path):
    work = folder(tmp_path / "work")
    wheel = work / "Made_Here-1.0.post1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        home = "Made_Here-1.0.post1.dist-info"
        archive.writestr("made_here.py", "")
        archive.writestr(
            f"{home}/METADATA", "Metadata-Version: 2.1\nName: Made_Here\nVersion: 1.0.post1\nLicense: MIT\n"
        )
        archive.writestr(f"{home}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{home}/RECORD", f"made_here.py,,\n{home}/METADATA,,\n{home}/WHEEL,,\n{home}/RECORD,,\n")
    image = tmp_path / "image"
    site = "usr/local/lib/python3.11/site-packages"
    run(sys.executable, "-m", "pip", "install", "--target", str(image / site), str(wheel), cwd=work)
    (package,) = catalogued(image, {}, Python())
    assert (package.purl, package.licences) == ("pkg:pypi/made-here@1.0.post1", ("MIT",))

    (home,) = (image / site).glob("*.dist-info")
    (home / "METADATA").unlink()
    assert named(catalogued(image, {}, Python())) == [(f"{site}/{home.name}", "gap")]


def test_what_rubygems_installs_is_what_is_found(tmp_path):
    code = 'Gem::Specification.new do |s|\n  s.name = "made"\n  s.version = "1.0.0.rc1"\n  s.summary = "x"\n'
    code += '  s.authors = ["a"]\n  s.licenses = ["MIT", "Apache-2.0"]\n  s.homepage = "https://example.com"\nend\n'
    work = folder(tmp_path / "work", made__gemspec=code)
    run("gem", "build", "made.gemspec", cwd=work)
    home = tmp_path / "image/usr/local/bundle"
    run("gem", "install", "--local", "--no-document", "--install-dir", str(home), "made-1.0.0.rc1.gem", cwd=work)
    (package,) = catalogued(tmp_path / "image", {}, Ruby())
    assert (package.purl, package.licences) == ("pkg:gem/made@1.0.0.rc1", ("Apache-2.0", "MIT"))
