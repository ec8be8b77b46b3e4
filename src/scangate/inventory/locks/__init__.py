"""What lock files declare, one catalogue for each registry. A new format is a function of bytes, named below."""

from typing import Final

from scangate.inventory.locks.beam import mix_lock, rebar_lock
from scangate.inventory.locks.bun import bun_binary, bun_lock
from scangate.inventory.locks.conan import conan_lock
from scangate.inventory.locks.dart import pubspec_lock
from scangate.inventory.locks.dotnet import packages_lock
from scangate.inventory.locks.haskell import cabal_freeze, stack_lock
from scangate.inventory.locks.lockfile import Declared, Format, LockFiles, superseded
from scangate.inventory.locks.npm import package_lock
from scangate.inventory.locks.php import composer_lock
from scangate.inventory.locks.pnpm import pnpm_lock
from scangate.inventory.locks.pypi import is_pylock, pdm_lock, pipfile_lock, poetry_lock, pylock, uv_lock
from scangate.inventory.locks.r import renv_lock
from scangate.inventory.locks.requirements import is_requirements, requirements
from scangate.inventory.locks.ruby import gemfile_lock
from scangate.inventory.locks.rust import cargo_lock
from scangate.inventory.locks.swift import package_resolved
from scangate.inventory.locks.yarn import yarn_lock
from scangate.inventory.registries import (
    CONAN,
    CRAN,
    CRATES,
    HASKELL,
    HEX,
    NPM,
    NUGET,
    PACKAGIST,
    PUB,
    PYPI,
    RUBYGEMS,
    SWIFT,
    Registry,
)

__all__ = ["LOCKS", "Declared", "Format", "LockFiles", "superseded"]

_MODULES: Final = ("node_modules",)
_VENDOR: Final = ("vendor/composer",)


def _locks(name: str, registry: Registry, *formats: Format) -> LockFiles:
    return LockFiles(f"{name}-locks", registry, formats)


LOCKS: Final[tuple[LockFiles, ...]] = (
    _locks(
        "python",
        PYPI,
        Format(read=pipfile_lock, names=frozenset({"Pipfile.lock"})),
        Format(read=poetry_lock, names=frozenset({"poetry.lock"})),
        Format(read=pdm_lock, names=frozenset({"pdm.lock"})),
        Format(read=uv_lock, names=frozenset({"uv.lock"})),
        Format(read=pylock, endings=(".toml",), fits=is_pylock),
        Format(read=requirements, endings=(".txt",), fits=is_requirements),
    ),
    _locks(
        "node",
        NPM,
        Format(read=package_lock, names=frozenset({"package-lock.json", "npm-shrinkwrap.json"}), installs=_MODULES),
        Format(read=yarn_lock, names=frozenset({"yarn.lock"}), installs=_MODULES),
        Format(read=pnpm_lock, names=frozenset({"pnpm-lock.yaml"}), installs=_MODULES),
        Format(read=bun_lock, names=frozenset({"bun.lock"}), installs=_MODULES),
        Format(read=bun_binary, names=frozenset({"bun.lockb"}), installs=(*_MODULES, "bun.lock")),
    ),
    _locks("ruby", RUBYGEMS, Format(read=gemfile_lock, names=frozenset({"Gemfile.lock", "gems.locked"}))),
    _locks("php", PACKAGIST, Format(read=composer_lock, names=frozenset({"composer.lock"}), installs=_VENDOR)),
    _locks("dotnet", NUGET, Format(read=packages_lock, names=frozenset({"packages.lock.json"}))),
    _locks("rust", CRATES, Format(read=cargo_lock, names=frozenset({"Cargo.lock"}))),
    _locks(
        "beam",
        HEX,
        Format(read=mix_lock, names=frozenset({"mix.lock"})),
        Format(read=rebar_lock, names=frozenset({"rebar.lock"})),
    ),
    _locks("dart", PUB, Format(read=pubspec_lock, names=frozenset({"pubspec.lock"}))),
    _locks("swift", SWIFT, Format(read=package_resolved, names=frozenset({"Package.resolved"}))),
    _locks("conan", CONAN, Format(read=conan_lock, names=frozenset({"conan.lock"}))),
    _locks("r", CRAN, Format(read=renv_lock, names=frozenset({"renv.lock"}))),
    _locks(
        "haskell",
        HASKELL,
        Format(read=stack_lock, names=frozenset({"stack.yaml.lock"})),
        Format(read=cabal_freeze, names=frozenset({"cabal.project.freeze"})),
    ),
)
"""Catalogues, each to be asked by itself."""
