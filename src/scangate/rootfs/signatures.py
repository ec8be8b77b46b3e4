"""Whether a signature lies beside an image, in a layout or among what a registry lists as referring to it.

Only that one is there: it is not verified, for that needs to know whose signature counts.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from scangate.rootfs.documents import text

_TYPES: Final = frozenset(
    {
        "application/vnd.dev.cosign.artifact.sig.v1+json",
        "application/vnd.dev.cosign.simplesigning.v1+json",
        "application/vnd.cncf.notary.signature",
    }
)
_BUNDLE: Final = "application/vnd.dev.sigstore.bundle"
_REFERENCE: Final = "org.opencontainers.image.ref.name"
_KIND: Final = "kind"
_SIGNATURES: Final = "dev.cosignproject.cosign/sigs"


def is_signed(entries: Iterable[Mapping[str, Any]], digest: str) -> bool:
    """Look among the descriptors of an index, or of a registry's answer about referrers, for a signature.

    `digest` is that of the image's manifest, or of the index it was chosen from. Cosign names its signatures after it
    (`sha256-....sig`), newer signatures have a type of their own.
    """
    tag = f"{digest.replace(':', '-', 1)}.sig"
    for entry in entries:
        notes = entry.get("annotations")
        notes = notes if isinstance(notes, dict) else {}
        kind = text(entry, "artifactType")
        if kind in _TYPES or kind.startswith(_BUNDLE) or text(notes, _KIND) == _SIGNATURES:
            return True
        if text(notes, _REFERENCE).rpartition(":")[2] == tag:
            return True
    return False
