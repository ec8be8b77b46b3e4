"""The image scanner's readers: texts that may hold secrets, build steps, configs, base images, what a cache kept."""

import json

from harness import Target

from scangate.errors import ScanError
from scangate.rootfs.base_image import recognise
from scangate.rootfs.documents import read_config
from scangate.rootfs.image import Layer, Step
from scangate.scanners.image_config import paths, traces
from scangate.scanners.image_config.looking import Passwords, Traces
from scangate.scanners.image_config.secrets import pack, search, unpack
from scangate.scanners.image_config.secrets.commands import in_step, judge, shown

TEXTS = (
    b"DB_PASSWORD='Xk29dj!ePq01'\napi_key: 9aK2bQ8xLm3nR7tYw5zC\nurl=postgres://u:s3cretpw@db/x\n",
    b"-----BEGIN RSA PRIVATE KEY-----\n"
    + b"MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/yg" * 3
    + b"\n-----END RSA PRIVATE KEY-----",
    b'{"auths":{"r":{"auth":"dXNlcjpwYXNzd29yZA=="}},"type":"service_account"}\nmachine a login b password c3d4e5\n',
    b"A=AKIA2E3XK7Q5TB6MZP4C %s-aB3dE6gH9jK2mN5pQ8sT eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ\n"
    % b"glpat",
    b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 8\nAAAAB3NzaC1yc2EAAAADAQABAAABAQ\n",
)
STEPS = (
    b"RUN |2 TOKEN=s3cretpw9 A=b c /bin/sh -c curl -u me:hunter22 https://a:b1c2d3@c/ # buildkit",
    b'/bin/sh -c #(nop) ADD --checksum=sha256:1 https://u:p4ssw0rd@a/b in / \n ENV A="b c" PASSWORD=x1y2z3',
    b"RUN mysql -u root -ps3cr3t && sshpass -p x1y2z3 docker login -p pw12345 r && echo 'a:b1c2' | chpasswd",
    b"/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter22",
)
CONFIG = json.dumps(
    {
        "os": "linux",
        "architecture": "amd64",
        "created": "2026-01-01T00:00:00Z",
        "docker_version": "27",
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]},
        "history": [
            {"created_by": "ADD file:1 in /", "created": "2026-01-01T00:00:00Z", "comment": "FROM a:1"},
            {"created_by": 'CMD ["sh"]', "empty_layer": True, "author": "me"},
        ],
        "config": {
            "User": "0:0",
            "Env": ["PATH=/bin", "A"],
            "Entrypoint": ["a"],
            "Cmd": "b",
            "ExposedPorts": {"22/tcp": {}},
            "Volumes": {"/data": {}},
            "Labels": {"org.opencontainers.image.base.name": "debian:12"},
            "Healthcheck": {"Test": ["CMD", "a"]},
        },
    }
).encode()
HISTORY = (
    b"""2026-01-01T00:00:00Z\t# debian.sh --arch 'amd64' out/ 'bookworm'\tdebuerreotype\t
2026-01-01T00:00:00.123Z\tCMD sh\t\te
2026-03-01T00:00:00+02:00\tCOPY a b\tFROM debian:12\t
2026-03-01\tRUN c # buildkit\tFROM 0123456789ab\t
""",
    b"\tADD file:1 in /\t\t\n\tENTRYPOINT x\tbuildkit.dockerfile.v0\te\n\tRUN y\t\t\n",
)


class Held:
    """A region of memory, as `read_config` reads one."""

    what = "the config"

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)
        self.head = data[:4096]

    def read_all(self, _limit: int) -> bytes:
        return self.data

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        return self.data[offset : None if size is None else offset + size]


def _texts(data: bytes) -> None:
    for path in ("app/x.conf", "root/.docker/config.json", "root/.netrc", "root/.kube/config"):
        for quoted in (True, False):
            unpack(pack(search(data, path, quoted=quoted)))
    judge(data[:20].decode("latin-1"), data[20:].decode("utf-8", "surrogateescape"))


def _steps(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    in_step(text)
    shown(text)


def _config(data: bytes) -> None:
    config, layers = read_config(Held(data), 1)  # type: ignore[arg-type]
    recognise(config, layers)


def _base(data: bytes) -> None:
    fields = [(line.decode("latin-1") + "\t\t\t").split("\t") for line in data.split(b"\n")]
    steps = tuple(Step(created=a, created_by=b, comment=c, empty=bool(d)) for a, b, c, d, *_rest in fields)
    layers = [Layer(index=index, digest="") for index in range(sum(not step.empty for step in steps))]
    from scangate.rootfs.image import Config

    recognise(Config(history=steps), layers, system=0)


def _files(data: bytes) -> None:
    path = data[:100].decode("utf-8", "surrogateescape")
    paths.looked_into(path, len(data))
    paths.is_example(path)
    paths.is_prose(path)
    paths.is_program(path)
    for each in (path, f"a/{path}", "core", ".x.swp", "root/.ssh/authorized_keys", "etc/shadow"):
        if traces.may_be(each):
            Traces().extract(each, Held(data))  # type: ignore[arg-type]
    Passwords().extract("etc/shadow", Held(data))  # type: ignore[arg-type]
    unpack(data)


TARGETS = (
    Target("image_config texts", TEXTS, _texts),
    Target("image_config build steps", STEPS, _steps),
    Target("image config", (CONFIG,), _config, (ScanError,)),
    Target("image base", HISTORY, _base),
    Target(
        "image_config files",
        (
            b"app/.env\nroot:$6$abc$defghijkl:1::\nguest::1::\n",
            b"var/lib/apt/lists/x",
            b"root/.cache/pip/a",
            b"[" + pack(search(TEXTS[0]))[1:],
        ),
        _files,
    ),
)
