import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.errors import ScanError
from scangate.rootfs import ImageAddress, open_rootfs, parse_address
from scangate.rootfs.reference import parse_reference

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
    ("text", "registry", "repository", "version"),
    [
        ("web", "docker.io", "library/web", "latest"),
        ("debian:12", "docker.io", "library/debian", "12"),
        ("shop/web", "docker.io", "shop/web", "latest"),
        ("docker.io/debian", "docker.io", "library/debian", "latest"),
        ("index.docker.io/shop/web:1", "docker.io", "shop/web", "1"),
        ("docker:dind", "docker.io", "library/docker", "dind"),
        ("registry.example.com/shop/web:1.4.2", "registry.example.com", "shop/web", "1.4.2"),
        ("registry.example.com:5000/web", "registry.example.com:5000", "web", "latest"),
        ("localhost/web", "localhost", "web", "latest"),
        ("localhost:5000/shop/web:1", "localhost:5000", "shop/web", "1"),
        ("127.0.0.1:5000/web:1", "127.0.0.1:5000", "web", "1"),
        ("[::1]:5000/web:1", "[::1]:5000", "web", "1"),
        (f"debian@{DIGEST}", "docker.io", "library/debian", DIGEST),
        (f"debian:12@{DIGEST}", "docker.io", "library/debian", DIGEST),
        ("ghcr.io/a/b_c/d__e/f--g.h:X_1", "ghcr.io", "a/b_c/d__e/f--g.h", "X_1"),
    ],
)
def test_all_else_is_an_image_in_a_registry(text, registry, repository, version):
    assert parse_address(text) == ImageAddress(scheme="registry", path=text)
    reference = parse_reference(text)
    assert (reference.registry, reference.repository, reference.version) == (registry, repository, version)


@pytest.mark.parametrize("scheme", ["docker-daemon", "containers-storage"])
@pytest.mark.parametrize("name", ["web", "localhost/shop/web:1", f"web@{DIGEST}", DIGEST, "a" * 64])
def test_what_an_engine_holds_goes_by_any_name(scheme, name):
    assert parse_address(f"{scheme}:{name}") == ImageAddress(scheme=scheme, path=name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected REGISTRY/NAME:TAG"),
        ("./web.tar", "expected REGISTRY/NAME:TAG"),
        ("/web", "is not the name of an image"),
        ("web.tar", "looks like a file"),
        ("build/web.tar.gz", "looks like a file"),
        ("Web", "capital letters"),
        ("registry.example.com/Shop/web", "capital letters"),
        ("web:", "no valid tag"),
        ("web:a b", "no valid tag"),
        ("web@sha256:12", "no digest"),
        ("a/" * 300 + "a", "longer than"),
        ("docker://web:1", "write the name of the image alone"),
        ("https://registry.example.com/web", "write the name of the image alone"),
        ("docker-daemon:", "names no file or folder, and no image"),
        ("docker-daemon:A b", "capital letters"),
        ("containers-storage:-x", "is not the name of an image"),
        ("sbom:web.json", "write `sbom: FILE`"),
        ("oci:dir", "oci-layout:DIR"),
        ("oci_layout:dir", "did you mean oci-layout:dir"),
        ("dockerarchive:web.tar", "did you mean docker-archive:web.tar"),
        ("docker-deamon:web", "did you mean docker-daemon:web"),
        ("container-storage:web", "did you mean containers-storage:web"),
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
        address = parse_address(text)
        assert address.path
        assert parse_address(str(address)) == address


@pytest.mark.parametrize("scheme", ["oci-layout", "oci-archive", "docker-archive", "rootfs"])
def test_a_relative_path_is_taken_from_the_root_and_a_missing_one_is_said(scheme, tmp_path):
    with pytest.raises(ScanError, match="there") as caught:
        open_rootfs(f"{scheme}:not/here", tmp_path)
    assert "not/here" in str(caught.value)
    assert caught.value.advice
