"""Images that buildah really built: a weak one and its hardened twin, on a base of their own."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from canaries import PASSWORD, TOKENS, open_ssh_key, random_text

from scangate.core.model import Finding, Kind, Severity, Target
from scangate.rootfs import open_rootfs
from scangate.rootfs.base_image import recognise
from scangate.rootfs.reading import Reading
from scangate.scanners import Context, images
from scangate.scanners.image_config import ImageConfig, looking

pytestmark = pytest.mark.real
READING = Reading(name="tests of image_config", version=1, wanted=looking.wanted, extractors=looking.EXTRACTORS)
SECRETS = (PASSWORD, TOKENS["github-token"], TOKENS["stripe-key"], TOKENS["npm-token"], random_text(21), "s3cretpw")
WEAK = """
FROM localhost/demo/base:1
ARG BUILD_TOKEN
ENV DB_PASSWORD={password} SHOP_KEY={stripe}
LABEL io.containers.capabilities=CAP_SYS_ADMIN
COPY key /root/.ssh/id_ed25519
COPY settings.yml /app/settings.yml
COPY settings.yml /app/later-deleted.yml
RUN /bin/dash -c 'chmod() {{ :; }}; echo built with a token' -u me:s3cretpw
COPY --chmod=4755 tool /usr/local/bin/tool
COPY --chmod=0777 tool /usr/local/bin/open-tool
ADD {address} /app/download
RUN ["/bin/rm", "/app/later-deleted.yml"]
EXPOSE 22 8080
CMD ["/usr/local/bin/tool"]
"""
HARDENED = """
FROM localhost/demo/base:1
COPY plain.yml /app/settings.yml
COPY --chmod=0755 tool /usr/local/bin/tool
USER 10001
EXPOSE 8443
LABEL org.opencontainers.image.base.name=localhost/demo/base:1 org.opencontainers.image.base.digest=sha256:12
HEALTHCHECK CMD /usr/local/bin/tool
CMD ["/usr/local/bin/tool"]
"""
BASE = """
FROM scratch
COPY root /
CMD ["/bin/sh"]
"""
EXPECTED = {
    ("image-root-user", Severity.MEDIUM, "user"),
    ("image-secret-variable", Severity.HIGH, "env:DB_PASSWORD"),
    ("image-secret-variable", Severity.CRITICAL, "env:SHOP_KEY"),
    ("image-secret-history", Severity.HIGH, "history:option:-u"),
    ("image-secret-history", Severity.CRITICAL, "history:github-token:BUILD_TOKEN"),
    ("image-secret-file", Severity.CRITICAL, "app/settings.yml#npm-token:token"),
    ("image-secret-file", Severity.CRITICAL, "app/later-deleted.yml#npm-token:token"),
    ("image-private-key", Severity.HIGH, "root/.ssh/id_ed25519#private-key"),
    ("image-setuid", Severity.MEDIUM, "usr/local/bin/tool"),
    ("image-writable-program", Severity.HIGH, "usr/local/bin/open-tool"),
    ("image-remote-add", Severity.MEDIUM, "add:/app/download"),
    ("image-management-port", Severity.MEDIUM, "22/tcp"),
    ("image-added-capability", Severity.HIGH, "label:io.containers.capabilities:SYS_ADMIN"),
    ("image-no-healthcheck", Severity.LOW, "healthcheck"),
    ("image-base-unpinned", Severity.LOW, "base"),
}


class Workshop:
    """Buildah with a storage of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policy = folder / "policy.json"
        self.policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        storage = folder / "storage.conf"
        storage.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
        self.environment = os.environ | {"CONTAINERS_STORAGE_CONF": str(storage)}

    def run(self, *words: str) -> None:
        done = subprocess.run(
            ["buildah", "--signature-policy", str(self.policy), *words],
            env=self.environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert not done.returncode, done.stderr

    def build(self, tag: str, text: str, *options: str) -> None:
        (self.folder / "context").mkdir(exist_ok=True)
        (self.folder / "context" / "Containerfile").write_text(text)
        self.run("bud", "--pull-never", "--isolation", "chroot", *options, "-t", tag, str(self.folder / "context"))


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    for tool in ("buildah", "dash", "ldd"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    if os.geteuid():
        pytest.skip("buildah is run by root here")
    made = Workshop(tmp_path_factory.mktemp("workshop"))
    root = made.folder / "context" / "root"
    for program in ("/bin/dash", "/bin/rm"):
        for path in (program, *_libraries(program)):
            target = root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(0o755)
    (root / "bin" / "sh").symlink_to("dash")
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    files = {
        "key": open_ssh_key(),
        "settings.yml": f"shop:\n  token: {TOKENS['npm-token']}\n",
        "plain.yml": "shop:\n  token: ${SHOP_TOKEN}\n",
        "tool": "#!/bin/sh\n",
    }
    for name, text in files.items():
        (made.folder / "context" / name).write_text(text)
    made.build("localhost/demo/base:1", BASE)
    return made


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x")

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/download.tgz"
    server.shutdown()
    server.server_close()


def scan(root: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    monkeypatch.setattr(images, "reading", lambda: READING)
    target = Target(id="web", kind=Kind.IMAGE, addresses=(address,))
    context = Context(root=root, home=root / "home", deadline=time.monotonic() + 120)
    return list(ImageConfig().scan(target, context))


def _libraries(program: str) -> list[str]:
    words = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout.split()
    return [each for each in words if each.startswith("/")]


def test_the_weak_image_and_its_twin(workshop, address, tmp_path, monkeypatch):
    weak = WEAK.format(password=PASSWORD, stripe=TOKENS["stripe-key"], address=address)
    layered = ("--layers", "--format", "docker")
    workshop.build("localhost/demo/weak:1", weak, *layered, "--build-arg", f"BUILD_TOKEN={TOKENS['github-token']}")
    workshop.build("localhost/demo/hard:1", HARDENED, *layered)
    for name in ("weak", "hard"):
        workshop.run(
            "push", f"localhost/demo/{name}:1", f"docker-archive:{tmp_path}/{name}.tar:localhost/demo/{name}:1"
        )

    items = scan(tmp_path, "docker-archive:weak.tar", monkeypatch)
    found = [each for each in items if isinstance(each, Finding)]
    assert {(each.rule, each.severity, each.subject) for each in found} == EXPECTED
    text = repr(items)
    assert [each for each in SECRETS if each in text] == []
    deleted = next(each for each in found if "later-deleted" in each.subject)
    assert "still readable in layer" in deleted.message
    assert dict(deleted.evidence[0].facts)["brought by"] == "yours"

    twin = [each for each in scan(tmp_path, "docker-archive:hard.tar", monkeypatch) if isinstance(each, Finding)]
    assert [each.rule for each in twin if each.severity > Severity.INFO] == []


@pytest.mark.parametrize("layers", ["--layers", "--layers=false"])
def test_the_base_of_a_real_image_is_recognised(workshop, tmp_path, layers):
    workshop.build("localhost/demo/app:1", HARDENED, layers)
    workshop.run("push", "localhost/demo/app:1", f"oci-archive:{tmp_path}/app.tar")
    with open_rootfs("oci-archive:app.tar", tmp_path) as rootfs:
        base = recognise(rootfs.config, rootfs.layers)
    assert base
    assert (base.name, base.layers) == ("localhost/demo/base:1", 1)
