"""Signatures that lie beside an image, in the forms that cosign and notation give them. The entries are constructed."""

import pytest

from scangate.rootfs.signatures import is_signed

DIGEST = f"sha256:{'1' * 64}"
TAG = f"sha256-{'1' * 64}.sig"
NAME = "org.opencontainers.image.ref.name"


@pytest.mark.parametrize(
    "entry",
    [
        {"annotations": {NAME: TAG}},
        {"annotations": {NAME: f"r.corp/app:{TAG}"}},
        {"annotations": {"kind": "dev.cosignproject.cosign/sigs"}},
        {"artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json"},
        {"artifactType": "application/vnd.cncf.notary.signature"},
    ],
)
def test_a_signature_is_seen(entry):
    assert is_signed([{"annotations": {NAME: "latest"}}, entry], DIGEST)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"annotations": {NAME: "latest"}},
        {"annotations": {NAME: TAG.replace("1", "2")}},
        {"annotations": {NAME: TAG.replace(".sig", ".att")}},
        {"annotations": ["x"], "artifactType": 7},
        {"artifactType": "application/vnd.in-toto+json"},
    ],
)
def test_anything_else_is_no_signature_of_this_image(entry):
    assert not is_signed([entry], DIGEST)
