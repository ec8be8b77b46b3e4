"""`scangate explain`."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scangate.core.model import Gap, Kind, Package, Target
from scangate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from scangate.scanners import Context

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is asked about. `layer` names the layer that brought a package, with its number and build step."""

    label: str
    packages: tuple[Package, ...]
    gaps: int = 0
    layer: Callable[[Package], str] = lambda _package: ""


@click.command("explain")
@click.argument("vulnerability", metavar="CVE")
@click.option("--image", metavar="ADDRESS", help="An image: oci-archive:FILE, registry/name:tag, rootfs:DIR ...")
@click.option("--target", metavar="ID", help="A target of the config, an image or an SBOM.")
@click.option(
    "--package", metavar="PURL", help="One package: pkg:pypi/django@4.1, pkg:deb/debian/zlib1g@1:1.2?distro=debian-12."
)
@click.option("--platform", metavar="OS/ARCH", default="", help="Which variant of an image, as linux/arm64.")
@click.option("-c", "--config", "config_file", metavar="FILE", help="The config; scangate.yml here by default.")
def command(
    *,
    vulnerability: str,
    image: str | None,
    target: str | None,
    package: str | None,
    platform: str,
    config_file: str | None,
) -> int:
    """Say why a vulnerability is found in an image, or why it is not.

    CVE is any id that an advisory carries: CVE-2024-1234, GHSA-..., DSA-..., GO-... Needs advisories that were synced.
    """
    from scangate.advisories import Store
    from scangate.advisories.explanation import explain, spelling
    from scangate.cli import explained
    from scangate.home import home

    if sum(each is not None for each in (image, target, package)) != 1:
        raise UsageError("say what to look at", advice="give one of --image ADDRESS, --target ID and --package PURL")
    # Opened first: without advisories there is no need to read an image.
    with Store.open(home()) as store:
        if package is not None:
            subject = _package(package)
        elif image is not None:
            subject = _read(Target(id="image", kind=Kind.IMAGE, addresses=(image,), platform=platform), Path.cwd())
        else:
            subject = _configured(target or "", config_file)
        explained.show(explain(spelling(vulnerability), subject.packages, store), subject)
    return ExitCode.PASS


def _configured(name: str, config_file: str | None) -> Subject:
    from scangate import config, plugins

    settings = config.load(config.Flags(config=config_file), plugins.scanners(), cwd=Path.cwd(), environ=os.environ)
    known = {each.id: each for each in settings.targets if each.kind in {Kind.IMAGE, Kind.SBOM}}
    if name not in known:
        listed = ", ".join(sorted(known)) or "none"
        raise UsageError(f"the config has no image or SBOM called {name}", advice=f"these it has: {listed}")
    return _read(known[name], settings.root)


def _package(text: str) -> Subject:
    from scangate.inventory.ecosystems import DISTRIBUTIONS, ecosystem, name_of, parse_purl, version_of
    from scangate.inventory.os_release import Release

    try:
        purl = parse_purl(text)
    except ValueError as error:
        raise UsageError(f"{text}: {error}", advice="write it as pkg:pypi/django@4.1") from None
    found = ecosystem(purl, Release())
    if not found or not purl.version:
        missing = "no version" if found else "of no ecosystem that has advisories"
        advice = "a package of a distribution says its release: pkg:deb/debian/zlib1g@1:1.2.13?distro=debian-12"
        raise UsageError(f"{text}: it has {missing}" if found else f"{text}: it is {missing}", advice=advice)
    # The qualifier `upstream` names the source package, by which most distributions' advisories are written.
    source, _at, source_version = purl.qualifiers.get("upstream", "").partition("@")
    is_built = purl.type in DISTRIBUTIONS
    package = Package(
        name=name_of(purl),
        version=version_of(purl),
        ecosystem=found,
        purl=text,
        source=source or (purl.name if is_built else ""),
        source_version=source_version or (version_of(purl) if is_built else ""),
    )
    return Subject(label=text, packages=(package,))


def _read(target: Target, root: Path) -> Subject:
    """Read what is installed in an image, or what an SBOM says is."""
    from scangate.inventory import catalogue
    from scangate.scanners.images import opened
    from scangate.scanners.packages.origin import origin

    context = _context(root)
    if target.kind is Kind.SBOM:
        from scangate.inventory.sbom import read_sbom

        return _subject(target, read_sbom(root / target.address, context.check).items, lambda _package: "")
    with opened(target, context) as (rootfs, files):
        return _subject(target, catalogue(files), origin(rootfs).layer)


def _subject(target: Target, items: tuple[Package | Gap, ...], layer: Callable[[Package], str]) -> Subject:
    packages = tuple(each for each in items if isinstance(each, Package))
    return Subject(label=target.address, packages=packages, gaps=len(items) - len(packages), layer=layer)


def _context(root: Path) -> "Context":
    from time import monotonic

    from scangate.home import home
    from scangate.scanners import Context

    return Context(root=root, home=home(), deadline=monotonic() + HOUR)
