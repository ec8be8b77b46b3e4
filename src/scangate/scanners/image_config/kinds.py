"""What each kind of secret is called, and how bad it is by itself."""

from typing import Final

from scangate.core.model import Severity
from scangate.scanners.image_config.secrets.forms import FORMS

_OTHERS: Final = {
    "private-key": ("a private key", Severity.HIGH),
    "pgp-private-key": ("a PGP private key", Severity.HIGH),
    "encrypted-private-key": ("an encrypted private key", Severity.MEDIUM),
    "gcp-service-account": ("the key of a Google Cloud service account", Severity.CRITICAL),
    "aws-secret-key": ("an AWS secret access key", Severity.CRITICAL),
    "azure-storage-key": ("the key of an Azure storage account", Severity.CRITICAL),
    "url-password": ("an address with a password", Severity.HIGH),
    "netrc": ("a password for a host", Severity.HIGH),
    "pgpass": ("a password for a database", Severity.HIGH),
    "docker-auth": ("a password for a registry of images", Severity.CRITICAL),
    "kubeconfig": ("a credential for a Kubernetes cluster", Severity.CRITICAL),
    "npmrc": ("a credential for a registry of packages", Severity.CRITICAL),
    "curlrc": ("a password for downloads", Severity.HIGH),
    "assigned": ("a secret, by its name,", Severity.HIGH),
    "option": ("a secret, given as an option,", Severity.HIGH),
}
KEYS: Final = frozenset({"private-key", "pgp-private-key", "encrypted-private-key", "encoded-private-key"})
_KINDS: Final = _OTHERS | {form.kind: (form.title, form.severity) for form in FORMS}


def title_of(kind: str) -> str:
    """Return what a kind is, with its article. What a cache says and nobody knows is just a secret."""
    return _KINDS[kind][0] if kind in _KINDS else "a secret"


def severity_of(kind: str) -> Severity | None:
    """Return how bad it is, where that is known."""
    return _KINDS[kind][1] if kind in _KINDS else None
