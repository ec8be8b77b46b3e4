"""The first config of a repository: whatever lies there, what is written is a valid config that names it."""

import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scangate.config import Config, Flags, load
from scangate.config.discovery import MAX_IMAGES, first_config


def written(root: Path) -> tuple[Config, tuple[str, ...]]:
    text, found = first_config(root)
    (root / "scangate.yml").write_text(text, encoding="utf-8")
    return load(Flags(), {}, cwd=root, environ={}), found


def addresses(config: Config) -> list[str]:
    return [f"{target.kind}:{target.address}" for target in config.targets]


def make(root: Path, *files: str, content: str = "") -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(content)


def archive(path: Path, *names: str) -> None:
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 3
            tar.addfile(member, io.BytesIO(b"abc"))


def test_an_empty_folder_gives_a_config_of_itself(tmp_path: Path) -> None:
    config, found = written(tmp_path)
    assert addresses(config) == ["path:."]
    assert found == ("no infrastructure code",)


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        (["main.tf"], "."),
        (["deploy/main.tf"], "deploy"),
        (["deploy/a/main.tf", "deploy/b/x.bicep"], "deploy"),
        (["Dockerfile", "deploy/main.tf"], "."),
        (["a/Dockerfile.prod", "a/app.Dockerfile", "a/x.tf.json"], "a"),
    ],
)
def test_code_is_found_and_named_by_the_folder_that_holds_it(tmp_path: Path, files: list[str], folder: str) -> None:
    make(tmp_path, *files)
    config, found = written(tmp_path)
    assert addresses(config) == [f"path:{folder}"]
    assert found == (f"{len(files)} files of infrastructure code",)


@pytest.mark.parametrize(
    "content", ["apiVersion: v1\n", "AWSTemplateFormatVersion: x", "services:\n", '{"Type": "AWS::S3::Bucket"}']
)
def test_yaml_and_json_are_code_when_they_say_so(tmp_path: Path, content: str) -> None:
    make(tmp_path, "k8s/x.yaml", content=content)
    make(tmp_path, "other/package.json", content="{}")
    assert addresses(written(tmp_path)[0]) == ["path:k8s"]


def test_what_others_wrote_is_not_looked_at(tmp_path: Path) -> None:
    make(tmp_path, "node_modules/x/main.tf", ".terraform/y.tf", "vendor/z.tf", ".git/a.tf")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.tf").symlink_to("/etc/passwd")
    assert written(tmp_path)[1] == ("no infrastructure code",)


def test_images_are_found(tmp_path: Path) -> None:
    make(tmp_path, "img/oci-layout", "img/blobs/x/main.tf")
    archive(tmp_path / "a.tar", "oci-layout", "index.json")
    archive(tmp_path / "b.tar", "0123/layer.tar", "manifest.json")
    archive(tmp_path / "c.tar", "readme.txt")
    (tmp_path / "d.tar").write_bytes(b"no archive")
    config, found = written(tmp_path)
    assert addresses(config) == ["image:oci-archive:a.tar", "image:docker-archive:b.tar", "image:oci-layout:img"]
    assert [target.id for target in config.targets] == ["image1", "image2", "image3"]
    assert "the image oci-layout:img" in found


def test_the_folder_itself_may_be_an_image(tmp_path: Path) -> None:
    make(tmp_path, "oci-layout")
    assert addresses(written(tmp_path)[0]) == ["image:oci-layout:."]


@pytest.mark.parametrize("name", ["a: b", "- x", "#x", '"q"', "it's", "ü 😀", "{x}", "*", "&a", "!t", "true", "\\n"])
def test_names_that_yaml_could_misread_arrive(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"{name}/main.tf")
    assert addresses(written(tmp_path)[0]) == [f"path:{name}"]


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "a\u202eb", os.fsdecode(b"\xff")])
def test_names_that_no_text_can_hold_are_left_out(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"{name}/main.tf", f"{name}/oci-layout", "deploy/main.tf")
    assert addresses(written(tmp_path)[0]) == ["path:deploy"]


@pytest.mark.parametrize("name", ["a:b", "x@sha256:1"])
def test_images_that_no_address_can_name_are_left_out(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"{name}/oci-layout")
    assert addresses(written(tmp_path)[0]) == ["path:."]


def test_a_repository_full_of_images_gives_a_config_that_can_be_read(tmp_path: Path) -> None:
    for number in range(MAX_IMAGES + 5):
        make(tmp_path, f"{number:04}/oci-layout")
    assert len(written(tmp_path)[0].targets) == MAX_IMAGES


NAMES = st.text(
    st.characters(codec=None, exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=8
).filter(lambda name: name not in {".", ".."} and len(name.encode()) < 200)


@settings(max_examples=60, deadline=None)
@given(
    folders=st.lists(NAMES, max_size=4),
    files=st.lists(st.sampled_from(["main.tf", "Dockerfile", "oci-layout", "x.tar", "k.yaml"]), max_size=4),
)
def test_any_tree_gives_a_valid_config(
    tmp_path_factory: pytest.TempPathFactory, folders: list[str], files: list[str]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    for folder in folders:
        make(root, *(f"{folder}/{file}" for file in files))
    assert written(root)[0].targets
