"""Secrets that open nothing, put together when the tests run: no file of ours holds a whole one."""

import base64
import json
import random
import string
import zlib

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def random_text(size: int, alphabet: str = BASE62, seed: int = 1) -> str:
    """The same text each time, with every letter used about as often as in a real token."""
    return "".join(random.Random(f"{size} {alphabet} {seed}").choices(alphabet, k=size))


def checked(prefix: str, seed: int = 1) -> str:
    """A token with the CRC-32 that GitHub and npm end theirs with."""
    body = random_text(30, seed=seed)
    value, digits = zlib.crc32(body.encode()), ""
    for _each in range(6):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return f"{prefix}_{body}{digits}"


def private_key(title: str = "RSA ", seed: int = 1) -> str:
    lines = "\n".join(random_text(64, BASE62 + "+/", seed + each) for each in range(8))
    return f"-----BEGIN {title}PRIVATE KEY-----\n{lines}\n-----END {title}PRIVATE KEY-----\n"


def open_ssh_key(cipher: bytes = b"none") -> str:
    head = b"openssh-key-v1\0" + len(cipher).to_bytes(4) + cipher
    body = base64.b64encode(head + random.Random(1).randbytes(300)).decode()
    lines = "\n".join(body[at : at + 70] for at in range(0, len(body), 70))
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----\n"


def jwt() -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890", "role": "admin", "iat": 1516239022})
    texts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts]
    return ".".join([*texts, random_text(43)])


HEX = "0123456789abcdef"
TOKENS = {
    "aws-access-key": "AKIA" + random_text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "github-token": checked("ghp"),
    "github-fine-grained": f"github_pat_{random_text(22)}_{random_text(59)}",
    "gitlab-token": f"glpat-{random_text(20)}",
    "gitlab-runner": f"glrt-{random_text(20)}",
    "npm-token": checked("npm", seed=2),
    "pypi-token": f"pypi-AgEIcHlwaS5vcmc{random_text(80)}",
    "rubygems-key": f"rubygems_{random_text(48, HEX)}",
    "docker-token": f"dckr_pat_{random_text(27)}",
    "slack-token": f"xoxb-{random_text(12, string.digits)}-{random_text(12, string.digits)}-{random_text(24)}",
    "stripe-key": f"sk_live_{random_text(24)}",
    "stripe-test-key": f"sk_test_{random_text(24)}",
    "google-api-key": f"AIza{random_text(35)}",
    "google-oauth-secret": f"GOCSPX-{random_text(28)}",
    "sendgrid-key": f"SG.{random_text(22)}.{random_text(43)}",
    "twilio-key": f"SK{random_text(32, HEX)}",
    "mailgun-key": f"key-{random_text(32, HEX)}",
    "anthropic-key": f"sk-ant-api03-{random_text(93)}AA",
    "openai-key": f"sk-proj-{random_text(64)}",
    "huggingface-token": f"hf_{random_text(34, string.ascii_letters)}",
    "digitalocean-token": f"dop_v1_{random_text(64, HEX)}",
    "vault-token": f"hvs.{random_text(95)}",
    "grafana-token": f"glsa_{random_text(32)}_{random_text(8, HEX)}",
    "shopify-token": f"shpat_{random_text(32, HEX)}",
    "databricks-token": f"dapi{random_text(32, HEX)}",
    "linear-key": f"lin_api_{random_text(40)}",
    "square-token": f"sq0atp-{random_text(22)}",
    "age-key": f"AGE-SECRET-KEY-1{random_text(58, string.ascii_uppercase + string.digits)}",
    "encoded-private-key": base64.b64encode(private_key().encode()).decode(),
    "jwt": jwt(),
}
"""One of every form; a test says so."""
SERVICE_ACCOUNT = json.dumps({"type": "service_account", "project_id": "p", "private_key": private_key("")}, indent=2)
AWS_SECRET = random_text(40, BASE62 + "+/", seed=3)
PASSWORD = random_text(14, BASE62 + "!$%&*", seed=4) + "x9"


def letters(text: str) -> set[str]:
    """Pieces of a secret that must not be seen anywhere."""
    return {line[:40] for line in text.replace("\\n", "\n").splitlines() if len(line) > 7 and "-----" not in line}
