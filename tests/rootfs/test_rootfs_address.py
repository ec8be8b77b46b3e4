import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.errors import ScanError
from scangate.rootfs import ImageAddress, open_rootfs, parse_address

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "scheme", "path", "reference"),
    [
        ("oci-layout:build/image", "oci-layout", "build/image", ""),
        ("oci-layout:build/image:1.4.2", "oci-layout", "build/image", "1.4.2"),
        (f"oci-layout:build/image@{DIGEST}", "oci-layout", "build/image", f"@{DIGEST}"),
        (f"oci-archive:image.tar:@{DIGEST}", "oci-archive", "image.tar", f"@{DIGEST}"),
        ("oci-archive:/tmp/i@home.tar", "oci-archive", "/tmp/i@home.tar", ""),
        ("docker-archive:app.tar", "docker-archive", "app.tar", ""),
        ("docker-archive:app.tar:shop/web:1.4", "docker-archive", "app.tar", "shop/web:1.4"),
        ("rootfs:/", "rootfs", "/", ""),
        ("rootfs:a:b", "rootfs", "a:b", ""),
    ],
)
def test_every_form_of_address_is_understood(text, scheme, path, reference):
    assert parse_address(text) == ImageAddress(scheme=scheme, path=path, reference=reference)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected oci-layout:DIR"),
        ("debian", "expected oci-layout:DIR"),
        ("registry.example.com/shop/web:1.4", "skopeo copy"),
        ("docker-daemon:web:1", "docker save"),
        ("sbom:web.json", "cannot be read directly"),
        ("oci:dir", "oci-layout:DIR"),
        ("rootfs:", "names no file or folder"),
        ("oci-archive:", "names no file or folder"),
        ("oci-archive:x.tar:", "ends where a tag"),
        ("rootfs:a\0b", "names no file or folder"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_was_expected(text, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        parse_address(text)
    with pytest.raises(ScanError, match=said):
        open_rootfs(text, tmp_path)


@given(st.text())
def test_any_text_is_an_address_or_a_value_error(text):
    with contextlib.suppress(ValueError):
        assert parse_address(text).path


@pytest.mark.parametrize("scheme", ["oci-layout", "oci-archive", "docker-archive", "rootfs"])
def test_a_relative_path_is_taken_from_the_root_and_a_missing_one_is_said(scheme, tmp_path):
    with pytest.raises(ScanError, match="there") as caught:
        open_rootfs(f"{scheme}:not/here", tmp_path)
    assert "not/here" in str(caught.value)
    assert caught.value.advice
