"""The forms of tokens that can be told by themselves. One entry per form: add yours to FORMS.

Every token holds, within its first four bytes or from its start, a run of at least 20 letters, digits, `_` or `-`:
that is what search.py looks for first, because a pattern for all forms would take ten times as long. What has no such
run (private keys, passwords in addresses) is found in marks.py by other means.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Severity

_BASE62: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def crc32(token: bytes) -> bool:
    """GitHub's and npm's: the last six characters are the CRC-32, in base 62, of what stands before them.

    https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    body, check = token.partition(b"_")[2][:-6], token[-6:]
    value = 0
    for digit in check:
        value = value * 62 + _BASE62.find(digit)
    return zlib.crc32(body) == value


def is_jwt(token: bytes) -> bool:
    """A header that decodes to an object with an algorithm, signed."""
    head = token.partition(b".")[0]
    try:
        text = base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4))
    except binascii.Error:
        return False
    return text.startswith(b"{") and b'"alg"' in text and b'"none"' not in text.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of token. `kind` is part of a finding's identity, and stays. `title` says what it is, with an article.

    `starts` are its first bytes, at least two. `verify` is true for a token whose own check holds: one that fails is
    none. `severity`: CRITICAL where it opens an account with power over code, data or money elsewhere.
    """

    kind: str
    title: str
    starts: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    severity: Severity = Severity.HIGH
    verify: Callable[[bytes], bool] | None = None


def _form(
    kind: str,
    title: str,
    starts: str,
    rest: str,
    severity: Severity = Severity.HIGH,
    verify: Callable[[bytes], bool] | None = None,
) -> Form:
    begins = tuple(starts.encode().split())
    either = b"|".join(map(re.escape, begins))
    pattern = re.compile(b"(?:" + either + b")" + rest.encode() + rb"(?![A-Za-z0-9_-])")
    return Form(kind=kind, title=title, starts=begins, pattern=pattern, severity=severity, verify=verify)


_CRITICAL: Final = Severity.CRITICAL
FORMS: Final = (
    _form("aws-access-key", "an AWS access key id", "AKIA", "[A-Z2-7]{16}"),
    _form("github-token", "a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", "[0-9A-Za-z]{36}", _CRITICAL, crc32),
    _form("github-fine-grained", "a GitHub token", "github_pat_", "[0-9A-Za-z]{22}_[0-9A-Za-z]{59}", _CRITICAL),
    _form(
        "gitlab-token", "a GitLab access token", "glpat-", r"[\w-]{20,300}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?", _CRITICAL
    ),
    _form(
        "gitlab-runner", "a GitLab runner, deploy, job or trigger token", "glrt- gldt- glptt- glcbt-", r"[\w-]{20,300}"
    ),
    _form("npm-token", "an npm access token", "npm_", "[0-9A-Za-z]{36}", _CRITICAL, crc32),
    _form(
        "pypi-token",
        "a PyPI upload token",
        "pypi-AgEIcHlwaS5vcmc pypi-AgENdGVzdC5weXBpLm9yZw",
        r"[\w-]{50,1000}",
        _CRITICAL,
    ),
    _form("rubygems-key", "a RubyGems key", "rubygems_", "[0-9a-f]{48}", _CRITICAL),
    _form("docker-token", "a Docker Hub access token", "dckr_pat_ dckr_oat_", r"[\w-]{27,40}", _CRITICAL),
    _form(
        "slack-token", "a Slack token", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe-", r"[0-9A-Za-z]{8,}-[0-9A-Za-z-]{10,250}"
    ),
    _form("stripe-key", "a Stripe live key", "sk_live_ rk_live_", "[0-9A-Za-z]{20,250}", _CRITICAL),
    _form("stripe-test-key", "a Stripe test key", "sk_test_ rk_test_", "[0-9A-Za-z]{20,250}", Severity.LOW),
    _form("google-api-key", "a Google API key", "AIza", r"[\w-]{35}"),
    _form("google-oauth-secret", "a Google OAuth client secret", "GOCSPX-", r"[\w-]{28}"),
    _form("sendgrid-key", "a SendGrid key", "SG.", r"[\w-]{22}\.[\w-]{43}"),
    _form("twilio-key", "a Twilio API key", "SK", "[0-9a-f]{32}", Severity.MEDIUM),
    _form("mailgun-key", "a Mailgun key", "key-", "[0-9a-f]{32}"),
    _form("anthropic-key", "an Anthropic key", "sk-ant-", r"(?:api|admin)\d\d-[\w-]{80,120}"),
    _form(
        "openai-key",
        "an OpenAI key",
        "sk-",
        r"(?:(?:proj|svcacct|admin)-[\w-]{40,200}|[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20})",
    ),
    _form("huggingface-token", "a Hugging Face token", "hf_", "[A-Za-z]{34}"),
    _form("digitalocean-token", "a DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", "[0-9a-f]{64}", _CRITICAL),
    _form("vault-token", "a Vault token", "hvs. hvb.", r"[\w-]{90,300}", _CRITICAL),
    _form("grafana-token", "a Grafana service account token", "glsa_", "[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}"),
    _form("shopify-token", "a Shopify token", "shpat_ shpca_ shppa_ shpss_", "[0-9a-fA-F]{32}"),
    _form("databricks-token", "a Databricks token", "dapi", "[0-9a-f]{32}"),
    _form("linear-key", "a Linear key", "lin_api_", "[0-9A-Za-z]{40}"),
    _form("square-token", "a Square token", "sq0atp- sq0csp-", r"[\w-]{22,43}"),
    _form("age-key", "an age secret key", "AGE-SECRET-KEY-1", "[0-9A-Z]{58}"),
    _form(
        "encoded-private-key",
        "a private key in base64",
        "LS0tLS1CRUdJTiBSU0EgUFJJVkFUR LS0tLS1CRUdJTiBQUklWQVRFIEtFW LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFW"
        " LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEU",
        "[A-Za-z0-9+/=]{40,20000}",
    ),
    _form(
        "jwt",
        "a signed JSON Web Token",
        "ey",
        r"[\w-]{10,2000}\.ey[\w-]{10,4000}\.[\w-]{20,2000}",
        Severity.MEDIUM,
        is_jwt,
    ),
)
"""What is told by its form alone."""
