"""An image with every weakness there is a rule for (facts.tsv lists them), and its hardened twin."""

import json
from typing import Any

from canaries import AWS_SECRET, PASSWORD, SERVICE_ACCOUNT, TOKENS, open_ssh_key, private_key, random_text
from made_images import Make, file, folder, tar

WORD = PASSWORD.replace("%", "p").replace("&", "a")
OS_RELEASE = file("etc/os-release", 'ID=debian\nVERSION_ID="12"\n')
PASSWD = file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:10001:10001::/:/sbin/nologin\n")
ELF = b"\x7fELF\x02\x01\x01" + bytes(9)
BASE_HISTORY = (
    {"created_by": "/bin/sh -c #(nop) ADD file:966d2a in / ", "created": "2026-01-01T00:00:00Z"},
    {"created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "created": "2026-01-01T00:00:00Z", "empty_layer": True},
)


def step(text: str, *, empty: bool = False, **more: Any) -> dict[str, Any]:
    when = {"created": "2026-10-01T00:00:00Z", "comment": "buildkit.dockerfile.v0"}
    return {"created_by": text, **when, **({"empty_layer": True} if empty else {}), **more}


def program(path: str, mode: int = 0o755) -> Make:
    return file(path, ELF + bytes(100), mode=mode)


def weak() -> tuple[tuple[bytes, ...], dict[str, Any]]:
    """Return the layers, and what the config holds besides them."""
    system = tar(
        OS_RELEASE,
        PASSWD,
        file(
            "etc/shadow",
            f"root:$6$salt${random_text(80)}:19000::::::\nguest::19000::::::\nbin:*:1::::::\nx:!:1::::::\n",
        ),
        program("usr/bin/su", 0o4755),
        program("usr/bin/chage", 0o2755),
        program("usr/bin/sudo", 0o755),
        program("usr/sbin/sshd"),
        file("var/lib/apt/lists/deb_dists_bookworm_InRelease", "x" * 100),
        folder("tmp", mode=0o1777),
        file("usr/share/doc/x/example.conf", f"key = {TOKENS['stripe-key']}\n"),
    )
    application = tar(
        file("app/deploy.yml", f"shop:\n  payment_key: {TOKENS['stripe-key']}\n"),
        file("app/account.json", SERVICE_ACCOUNT),
        file(
            "root/.aws/credentials",
            f"[x]\naws_access_key_id={TOKENS['aws-access-key']}\naws_secret_access_key={AWS_SECRET}\n",
        ),
        file("root/.netrc", f"machine a.corp login me password {PASSWORD}\n"),
        file("root/.docker/config.json", '{"auths":{"r.corp":{"auth":"' + random_text(24) + '"}}}'),
        file("app/.env", f"DB_PASSWORD={WORD}{random_text(12)}\n"),
        file("app/.env.local", "DEBUG=1\n"),
        file("app/gone.conf", f"token = {TOKENS['npm-token']}\n"),
        file("app/tests/fixture.yml", f"key: {TOKENS['sendgrid-key']}\n"),
        file("root/.ssh/id_rsa", open_ssh_key()),
        file("root/.ssh/authorized_keys", f"ssh-ed25519 AAAA{random_text(60)} me\n"),
        file("etc/pki/server.pem", private_key("ENCRYPTED ")),
        file("etc/ssl/private/ssl-cert-snakeoil.key", private_key("")),
        file("etc/ssh/ssh_host_rsa_key", private_key()),
        file("app/.git/HEAD", "ref: refs/heads/main\n"),
        file("root/.bash_history", "ls\n"),
        file("app/core.17", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x04\x00" + bytes(100)),
        file("app/.settings.py.swp", b"b0VIM 8.2" + bytes(100)),
        file("root/.kube/config", "clusters: []\n"),
        file("app/prod.tfstate", "{}"),
        file("app/shop.p12", bytes(100)),
        file("var/cache/apk/APKINDEX.1.tar.gz", bytes(10)),
        file("var/cache/dnf/main/packages/x.rpm", bytes(10)),
        file("root/.cache/pip/http/a/b", bytes(10)),
        file("root/.npm/_cacache/index-v5/a", bytes(10)),
    )
    modes = tar(
        program("usr/local/bin/backdoor", 0o4755),
        program("app/group-tool", 0o2755),
        folder("usr/local/bin", mode=0o777),
        program("usr/local/bin/tool", 0o777),
        file("etc/app.conf", "x=1\n", mode=0o666),
        folder("app/uploads", mode=0o777),
        file("app/.wh.gone.conf"),
    )
    history = [
        *BASE_HISTORY,
        step(f"ENV DB_PASSWORD={PASSWORD} SECRET_KEY=please-change-me", empty=True),
        step(f"ENV OLD_PASSWORD={PASSWORD}", empty=True),
        step(f"RUN |1 TOKEN={TOKENS['github-token']} /bin/sh -c curl -u me:{PASSWORD} https://a.corp # buildkit"),
        step(f"ADD https://me:{WORD}@files.corp/x.tgz?sig={random_text(30)} /app # buildkit"),
    ]
    config = {
        "User": "",
        "Env": [
            "PATH=/usr/local/bin:/usr/bin",
            f"DB_PASSWORD={PASSWORD}",
            f"PAYMENT={TOKENS['stripe-key']}",
            "SECRET_KEY=please-change-me",
            f"DATABASE_URL=postgres://shop:{WORD}@db/shop",
            "DB_PASSWORD_FILE=/run/secrets/db",
        ],
        "Entrypoint": ["/app/run"],
        "ExposedPorts": {"22/tcp": {}, "2375/tcp": {}, "5432/tcp": {}, "8080/tcp": {}},
        "Labels": {
            "com.corp.build": TOKENS["gitlab-token"],
            "io.containers.capabilities": "CAP_SYS_ADMIN,CAP_CHOWN",
            "run": "podman run --privileged --cap-add=NET_RAW IMAGE",
            "org.opencontainers.image.base.name": "docker.io/library/debian:latest",
        },
    }
    return (system, application, modes), {"config": config, "history": history}


def hardened() -> tuple[tuple[bytes, ...], dict[str, Any]]:
    """The same application as it should be."""
    system = tar(
        OS_RELEASE,
        PASSWD,
        file("etc/shadow", "root:*:19000::::::\napp:!:19000::::::\n"),
        program("usr/bin/su", 0o4755),
        folder("tmp", mode=0o1777),
        folder("var/tmp", mode=0o1777),
        file("var/lib/apt/lists/lock"),
        folder("var/lib/apt/lists/partial"),
        file("usr/lib/ssl/misc/key.pem", private_key()),
        file("usr/local/lib/python3.12/site-packages/x/settings.py", f"TOKEN = '{TOKENS['stripe-key']}'"),
    )
    application = tar(
        file("app/deploy.yml", "shop:\n  payment_key: ${PAYMENT_KEY}\n  password: changeme\n"),
        file("app/.env.example", "DB_PASSWORD=your-password\n"),
        file("app/settings.py", "PASSWORD = os.environ['DB_PASSWORD']\nSECRET_KEY = get_secret('secret_key')\n"),
        file("app/package-lock.json", json.dumps({"integrity": f"sha512-{random_text(86)}=="})),
        program("app/run"),
        folder("app/uploads", mode=0o755),
    )
    history = [
        *BASE_HISTORY,
        step("ENV DB_PASSWORD_FILE=/run/secrets/db", empty=True),
        step("RUN --mount=type=secret,id=npm_token /bin/sh -c npm ci # buildkit"),
        step('HEALTHCHECK &{["CMD" "/app/run" "--check"] "30s" "3s" "0s" "0s" \'\\x00\'}', empty=True),
        step("USER app", empty=True),
    ]
    config = {
        "User": "app",
        "Env": [
            "PATH=/usr/local/bin:/usr/bin",
            "DB_PASSWORD_FILE=/run/secrets/db",
            "GPG_KEY=7169605F62C751356D054A26A821E680",
        ],
        "Entrypoint": ["/app/run"],
        "ExposedPorts": {"8443/tcp": {}},
        "Healthcheck": {"Test": ["CMD", "/app/run", "--check"]},
        "Labels": {
            "org.opencontainers.image.base.name": "docker.io/library/debian:12",
            "org.opencontainers.image.base.digest": f"sha256:{'1' * 64}",
            "io.containers.capabilities": "CAP_NET_BIND_SERVICE",
        },
    }
    return (system, application), {"config": config, "history": history}


def secrets() -> set[str]:
    """Every secret of the weak image, or the piece of it that would be seen if it leaked."""
    whole = {each for each in TOKENS.values() if "\n" not in each}
    return {
        PASSWORD,
        WORD,
        AWS_SECRET[:20],
        random_text(64)[:20],
        random_text(24),
        random_text(80)[:20],
        random_text(30),
    } | {each[-16:] for each in whole}
