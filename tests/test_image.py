"""The image, built from the Dockerfile and run, without a Docker engine: buildah builds, podman runs.

Takes minutes and some GB of disk, so only with SCANGATE_TEST_IMAGE=1. mmdebstrap makes the base, so no registry of
images is needed; apt and pip reach their sources in the way this machine does.
"""

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "examples"))
import build_image
import services

REPOSITORY = Path(__file__).parent.parent
TOOLS = ("buildah", "podman", "runc", "mmdebstrap")
MISSING = [name for name in TOOLS if not shutil.which(name)]
SOURCES = ("/etc/ssl/certs", "/etc/pip.conf")
"""How this machine reaches its package indexes: lent to the build, never part of the image."""
RUNNER = 1001
"""The user of GitHub's runner, who owns the workspace."""
BUDGET = 400 * 2**20
"""Bytes the image may add to its base: checkov takes 290 MB of them."""

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(3600),
    pytest.mark.xdist_group("image"),
    pytest.mark.skipif(os.environ.get("SCANGATE_TEST_IMAGE") != "1", reason="SCANGATE_TEST_IMAGE=1 is not set"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make a base and to give files away"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Containers:
    """A store of images of our own, and the programs that use it."""

    folder: Path

    def call(self, *argv: str) -> str:
        """Run a program that must succeed, and answer what it said."""
        done = self.attempt(*argv)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def attempt(self, *argv: str) -> subprocess.CompletedProcess[str]:
        environ = os.environ | {"CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf")}
        return subprocess.run(argv, env=environ, text=True, capture_output=True, check=False, cwd=REPOSITORY)

    def build(self, tag: str, context: Path, *words: str) -> None:
        """Build an image. The flags let it work inside a container or a small virtual machine too."""
        policy = str(self.folder / "policy.json")
        host = ("--isolation", "chroot", "--network", "host")
        self.call(
            "buildah", "--signature-policy", policy, "bud", "--pull-never", *host, "-t", tag, *words, str(context)
        )

    def run(self, image: str, *words: str, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Run a container once."""
        engine = ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "run", "--rm", "--pull", "never")
        limits = ("--network", "host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096")
        return self.attempt(*engine, *limits, *flags, image, *words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The two images of the Dockerfile, and how many bytes the first adds to its base."""

    scangate: Callable[..., subprocess.CompletedProcess[str]]
    action: Callable[..., subprocess.CompletedProcess[str]]
    added: int


class TestScangateImage:
    def test_starts_as_nobody_in_particular(self, built: Built) -> None:
        assert built.scangate("--version").stdout.startswith("scangate ")
        shown = built.scangate("-c", "id -u; id -g; pwd", flags=("--entrypoint", "sh")).stdout
        assert shown.split() == ["10001", "10001", "/workspace"]

    def test_has_every_program_and_lacks_only_data(self, built: Built) -> None:
        done = built.scangate("doctor")
        assert done.returncode == 3, done.stderr
        lines = done.stdout.splitlines()[2:-1]
        assert [line.split("  ")[0] for line in lines if " ok: " not in line] == [
            "scanner grype",
            "scanner trivy",
            "advisory data",
            "KEV data",
            "EPSS data",
        ]

    def test_keeps_nothing_that_was_needed_to_build_it(self, built: Built) -> None:
        script = """
            find / -xdev -type f -perm /6000 2>/dev/null
            find /var/lib/apt/lists /var/cache/apt /root /build /tmp -type f ! -name lock 2>/dev/null
            find /usr/local/lib/scangate -maxdepth 4 -name 'pip*' -o -maxdepth 4 -name 'hatchling*'
            command -v gcc make git curl
            true
        """
        assert built.scangate("-c", script, flags=("--entrypoint", "sh")).stdout == ""

    def test_stays_small(self, built: Built) -> None:
        assert built.added < BUDGET, f"{built.added / 2**20:.0f} MiB"

    def test_the_variables_of_a_job_do_not_reach_its_python(self, built: Built, tmp_path: Path) -> None:
        (tmp_path / "click.py").write_text("raise SystemExit('hijacked')")
        flags = ("--volume", f"{tmp_path}:/workspace:ro", "--env", "PYTHONPATH=/workspace", "--env", "PYTHONHOME=/x")
        assert built.scangate("--version", flags=flags).stdout.startswith("scangate ")

    def test_runs_the_scans_of_the_demo(self, built: Built, tmp_path: Path) -> None:
        """The same two configs, policy and services as `make demo`: FAIL, then PASS for the mended twin."""
        for parent in (tmp_path, *tmp_path.parents[:2]):
            parent.chmod(0o755)
        place = tmp_path / "shop"
        shutil.copytree(REPOSITORY / "examples", place / "examples", ignore=shutil.ignore_patterns(".build"))
        (place / "home").mkdir()
        (place / "home").chmod(0o777)
        flags = ("--volume", f"{place}:/workspace", "--env", "SCANGATE_HOME=/workspace/home")
        synced = built.scangate("advisories", "sync", "--from", "examples/storefront/advisories", flags=flags)
        assert synced.returncode == 0, synced.stderr
        for name, running, expected in (
            ("storefront", services.WEAK, 1),
            ("storefront-fixed", services.FIXED, 0),
        ):
            example = place / "examples" / name
            build_image.build(example / "image.toml", example / ".build" / "web")
            with services.running(running):
                done = built.scangate("scan", "-c", f"examples/{name}/scangate.yml", flags=flags)
            assert done.returncode == expected, done.stdout + done.stderr
            assert re.search(r"all \d+ scans ran", done.stdout)

    @pytest.mark.parametrize(
        "user",
        [(), ("--user", "4711:4711"), ("--user", "0:0")],
        ids=["its own user", "any user", "root"],
    )
    def test_covers_all_three_surfaces_without_any_right(
        self, built: Built, shop: Path, service: int, user: tuple[str, ...]
    ) -> None:
        locked = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", "--tmpfs", "/tmp")
        flags = (*user, *locked, "--volume", f"{shop}:/workspace")
        done = built.scangate(
            "scan",
            "infra=path:deploy",
            "web=image:oci-layout:.build/web",
            f"edge=hosts:127.0.0.1:{service}",
            "--output=result=out/result.json",
            flags=flags,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        result = json.loads((shop / "out" / "result.json").read_bytes())
        ended = {run["target"]: run["status"] for run in result["runs"] if run["target"] and run["asked"]}
        assert ended == {"infra": "ok", "web": "ok", "edge": "ok"}
        assert {each["port"] for run in result["runs"] for each in run["services"]} == {service}


class TestActionImage:
    def test_the_step_of_a_runner_leaves_files_of_the_runner(self, built: Built, shop: Path, tmp_path: Path) -> None:
        commands, home = tmp_path / "file_commands", tmp_path / "home"
        for folder in (commands, home):
            folder.mkdir()
        for name in ("output", "summary"):
            (commands / name).touch(mode=0o644)
        for top in (shop, commands, home):
            top.chmod(0o755)
            for file in (top, *top.rglob("*")):
                os.chown(file, RUNNER, RUNNER)
        given = set(shop.iterdir())
        variables = {
            "HOME": "/github/home",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
            "INPUT_TARGETS": "infra=path:deploy\nweb=image:oci-layout:.build/web",
            "INPUT_ADVISORIES": "advisories",
            "INPUT_EXIT-ZERO": "false",
            "INPUT_SARIF": "$(touch pwned).sarif",
        }
        done = built.action(
            "action",
            flags=(
                *("--volume", f"{shop}:/github/workspace", "--workdir", "/github/workspace"),
                *("--volume", f"{commands}:/github/file_commands", "--volume", f"{home}:/github/home"),
                *(word for name, value in variables.items() for word in ("--env", f"{name}={value}")),
            ),
        )
        assert done.returncode == 1, done.stdout + done.stderr
        told = (commands / "output").read_text()
        assert "\nFAIL\n" in told
        assert "scangate: FAIL" in (commands / "summary").read_text()
        written = {file.name: file.stat().st_uid for file in shop.iterdir() if file not in given}
        assert written == {"scangate.result.json": RUNNER, "$(touch pwned).sarif": RUNNER}


@pytest.fixture(scope="module")
def containers() -> Iterator[Containers]:
    """A place for images, removed with its mounts."""
    folder = Path(tempfile.mkdtemp(prefix="scangate-image-", dir="/var/tmp"))
    graph, state = folder / "graph", folder / "state"
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{graph}"\nrunroot = "{state}"\n', encoding="utf-8"
    )
    (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}', encoding="utf-8")
    store = Containers(folder=folder)
    try:
        yield store
    finally:
        store.attempt("buildah", "rm", "--all")
        store.attempt("buildah", "rmi", "--all", "--force")
        for mount in (graph / "overlay", state / "overlay"):
            store.attempt("umount", "--lazy", str(mount))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def built(containers: Containers) -> Built:
    """Make a base of Debian, then build both images from the repository as it is."""
    base = containers.folder / "base"
    base.mkdir()
    python = "--include=python3,python3-venv,python3-pip,ca-certificates"
    containers.call("mmdebstrap", "--quiet", "--variant=minbase", python, "bookworm", str(base / "rootfs.tar"))
    (base / "Dockerfile").write_text('FROM scratch\nADD rootfs.tar /\nCMD ["sh"]\n')
    containers.build("localhost/base", base)
    shutil.rmtree(base)
    lent = [word for path in SOURCES if Path(path).exists() for word in ("--volume", f"{path}:{path}:ro")]
    for tag, words in (("localhost/scangate", ["--target", "scangate"]), ("localhost/action", [])):
        containers.build(tag, REPOSITORY, "--layers", "--build-arg", "BASE=localhost/base", *lent, *words)
    sizes = [
        int(containers.call("podman", "image", "inspect", "--format", "{{.Size}}", tag))
        for tag in ("localhost/scangate", "localhost/base")
    ]
    return Built(
        scangate=functools.partial(containers.run, "localhost/scangate"),
        action=functools.partial(containers.run, "localhost/action"),
        added=sizes[0] - sizes[1],
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The storefront with its image, in a workspace anybody may write to."""
    place = tmp_path / "shop"
    example = REPOSITORY / "examples" / "storefront"
    shutil.copytree(example, place, ignore=shutil.ignore_patterns(".build"))
    script = str(REPOSITORY / "examples" / "build_image.py")
    subprocess.run(["python3", script, str(place / "image.toml"), str(place / ".build" / "web")], check=True)
    place.chmod(0o777)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    tmp_path.chmod(0o755)
    return place


@pytest.fixture
def service() -> Iterator[int]:
    """The port of a web server on loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()
