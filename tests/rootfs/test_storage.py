"""Images in the storage of podman and buildah, made by hand and by buildah itself."""

import os
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import made_images as made
import pytest
from storages import Storage

from scangate.errors import ScanError
from scangate.rootfs import open_rootfs
from scangate.rootfs.storage import layers

EVERYTHING = made.wanting(lambda _path: True)
NAME = "registry.example.com/shop/web:1"
ADDRESS = f"containers-storage:{NAME}"


@pytest.fixture
def storage(tmp_path, monkeypatch):
    return made_storage(tmp_path, monkeypatch)


@pytest.fixture
def vfs(tmp_path, monkeypatch):
    return made_storage(tmp_path, monkeypatch, "vfs")


def made_storage(tmp_path, monkeypatch, driver="overlay"):
    storage = Storage(tmp_path / "storage", driver)
    monkeypatch.delenv("STORAGE_DRIVER", raising=False)
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(storage.conf))
    return storage


def files(address, tmp_path, **more):
    with open_rootfs(address, tmp_path, **more) as rootfs:
        found = rootfs.files(EVERYTHING)
        return {file.path: (file.read().decode(), file.layer.index) for file in found}, found.gaps


def read(tmp_path, address=ADDRESS):
    found, gaps = files(address, tmp_path)
    assert not gaps
    return found


def refused(tmp_path, address=ADDRESS, **more):
    with pytest.raises(ScanError) as caught:
        files(address, tmp_path, **more)
    return f"{caught.value} ({caught.value.advice})"


def test_layers_lie_on_top_of_each_other(storage, tmp_path):
    storage.image(NAME, {"a": "1", "b": "1"}, {"b": "2", "c/d": "2"})
    assert read(tmp_path) == {"a": ("1", 0), "b": ("2", 1), "c/d": ("2", 1)}
    with open_rootfs(ADDRESS, tmp_path) as rootfs:
        assert [layer.created_by for layer in rootfs.layers] == ["step 0", "step 1"]
        assert rootfs.layers[0].digest == made.digest(f"{NAME} 0".encode())
        assert rootfs.config.digest == f"sha256:{storage.images[0]['id']}"


@pytest.mark.parametrize(
    "reference",
    [
        "registry.example.com/shop/web:1",
        "web:1",
        "shop/web:1",
        "ID",
        "sha256:ID",
        "SHORT",
        "registry.example.com/shop/web@DIGEST",
    ],
)
def test_an_image_has_many_names(reference, storage, tmp_path):
    storage.image("localhost/other:1", {"other": "1"})
    image = storage.image(NAME, {"a": "1"})
    digest = storage.images[1]["digest"]
    reference = reference.replace("ID", image).replace("SHORT", image[:12]).replace("DIGEST", digest)
    assert read(tmp_path, f"containers-storage:{reference}") == {"a": ("1", 0)}


def test_a_whole_name_comes_before_the_end_of_another(storage, tmp_path):
    storage.image("registry.example.com/library/debian:12", {"theirs": "1"})
    storage.image("localhost/debian:12", {"own": "1"})
    storage.image("docker.io/library/debian:12", {"hub": "1"})
    assert set(read(tmp_path, "containers-storage:debian:12")) == {"hub"}
    assert set(read(tmp_path, "containers-storage:localhost/debian:12")) == {"own"}


def test_an_image_that_is_not_there_is_said_with_those_that_are(storage, tmp_path):
    storage.image(NAME, {"a": "1"})
    said = refused(tmp_path, "containers-storage:other:1")
    assert NAME in said
    assert str(storage.root) in said


def test_no_storage_is_said_with_what_to_do(storage, tmp_path):
    assert "CONTAINERS_STORAGE_CONF" in refused(tmp_path)


def test_names_in_the_way_of_a_tar_take_away_what_is_below(storage, tmp_path):
    storage.image(
        NAME, {"a": "1", "d/x": "1", "e/x": "1"}, {".wh.a": "", "d/.wh..wh..opq": "", "d/y": "2", "e/.wh.x": ""}
    )
    assert read(tmp_path) == {"d/y": ("2", 1)}


def test_opaque_folders_take_away_what_is_below(storage, tmp_path):
    storage.image(NAME, {"d/x": "1"}, {"d/y": "2"})
    folder = storage.folder(storage.layers[1]["id"]) / "d"
    try:
        os.setxattr(folder, "user.overlay.opaque", b"y")
    except OSError:
        pytest.skip("the filesystem of the temporary folder has no user attributes")
    assert read(tmp_path) == {"d/y": ("2", 1)}


def test_devices_take_away_what_is_below(storage, tmp_path):
    storage.image(NAME, {"a": "1", "b": "1"}, {"c": "2"})
    try:
        os.mknod(storage.folder(storage.layers[1]["id"]) / "a", stat.S_IFCHR, os.makedev(0, 0))
    except PermissionError:
        pytest.skip("only root makes devices")
    assert read(tmp_path) == {"b": ("1", 0), "c": ("2", 1)}


@pytest.mark.parametrize(("attribute", "what"), [("user.overlay.metacopy", "d/y"), ("user.overlay.redirect", "d")])
def test_what_an_overlay_keeps_elsewhere_is_a_gap(attribute, what, storage, tmp_path):
    storage.image(NAME, {"d/x": "1"}, {"d/y": "2"})
    try:
        os.setxattr(storage.folder(storage.layers[1]["id"]) / what, attribute, b"/elsewhere")
    except OSError:
        pytest.skip("the filesystem of the temporary folder has no user attributes")
    _found, gaps = files(ADDRESS, tmp_path)
    assert [gap.what for gap in gaps] == [what]


def test_whoever_cannot_see_opaque_folders_of_root_is_told(storage, tmp_path, monkeypatch):
    storage.image(NAME, {"d/x": "1"})
    monkeypatch.setattr(layers, "_sees_all", lambda _folder: False)
    _found, gaps = files(ADDRESS, tmp_path)
    ((what, reason),) = [(gap.what, gap.reason) for gap in gaps]
    assert what == "."
    assert "CAP_SYS_ADMIN" in reason


def copied(storage, *, index, tree):
    """Make the copy of layer `index` as vfs does, from the one below: with the same times."""
    below, folder = (storage.folder(storage.layers[number]["id"]) for number in (index - 1, index))
    shutil.rmtree(folder)
    shutil.copytree(below, folder, symlinks=True)
    for path, content in tree.items():
        if content is None:
            (folder / path).unlink()
        else:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content)


def test_copies_of_vfs_give_what_each_layer_changed(vfs, tmp_path):
    vfs.image(NAME, {"a": "1", "b": "1", "d/x": "1", "l": "1"}, {})
    copied(vfs, index=1, tree={"a": None, "b": "2", "d/y": "2", "l": None})
    (vfs.folder(vfs.layers[1]["id"]) / "l").symlink_to("b")
    assert read(tmp_path) == {"b": ("2", 1), "d/x": ("1", 0), "d/y": ("2", 1)}
    with open_rootfs(ADDRESS, tmp_path) as rootfs:
        found = rootfs.files(EVERYTHING)
        assert found.get("l").read() == b"2"
        assert [layer.index for layer, _file in found.versions("d/x")] == [0, 1]


def test_a_file_of_a_copy_that_only_seems_untouched_is_read(vfs, tmp_path):
    vfs.image(NAME, {"a": "1"}, {})
    copied(vfs, index=1, tree={"a": "2"})
    below, here = (vfs.folder(layer["id"]) / "a" for layer in vfs.layers)
    os.utime(here, ns=(below.stat().st_atime_ns, below.stat().st_mtime_ns))
    assert read(tmp_path) == {"a": ("2", 1)}


def test_a_link_of_a_copy_leads_nowhere_on_this_machine(vfs, tmp_path):
    vfs.image(NAME, {"d/x": "1"}, {})
    copied(vfs, index=1, tree={"d/y": "2"})
    below = vfs.folder(vfs.layers[0]["id"])
    shutil.rmtree(below / "d")
    (below / "d").symlink_to(tmp_path)
    assert read(tmp_path) == {"d/x": ("1", 1), "d/y": ("2", 1)}


def test_another_platform_is_refused(storage, tmp_path):
    storage.image(NAME, {"a": "1"})
    assert "is for linux/amd64, and not for linux/arm64" in refused(tmp_path, platform="linux/arm64")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda storage: storage.layers.clear(), id="layer unknown"),
        pytest.param(lambda storage: storage.layers[0].update(parent=storage.layers[1]["id"]), id="layers in a ring"),
        pytest.param(lambda storage: storage.layers[1].update(parent=""), id="fewer layers"),
        pytest.param(lambda storage: storage.images[0].update(layer="../../etc"), id="layer is a path"),
        pytest.param(lambda storage: storage.images[0].update(id="../../etc"), id="id is a path"),
        pytest.param(lambda storage: storage.images[0].update(layer=None), id="no layer"),
        pytest.param(lambda storage: storage.images.append(5), id="no object"),
        pytest.param(lambda storage: storage.images.clear(), id="no images"),
    ],
)
def test_a_damaged_storage_is_an_error(change, storage, tmp_path):
    storage.image(NAME, {"a": "1"}, {"b": "2"})
    change(storage)
    storage.write()
    assert refused(tmp_path)


def test_a_config_that_was_changed_is_refused(storage, tmp_path):
    image = storage.image(NAME, {"a": "1"})
    (file,) = (storage.root / "overlay-images" / image).glob("=*")
    file.write_bytes(file.read_bytes().replace(b"linux", b"other"))
    assert "not what its digest says" in refused(tmp_path)


def test_a_folder_that_is_gone_is_an_error(storage, tmp_path):
    storage.image(NAME, {"a": "1"})
    shutil.rmtree(storage.root / "overlay")
    assert "has no folder" in refused(tmp_path)


@pytest.mark.parametrize("text", ["[storage", "\xff", "storage = 1", "[storage]\ngraphroot = 5\n"])
def test_a_storage_conf_that_says_nothing_is_no_crash(text, storage, tmp_path):
    storage.image(NAME, {"a": "1"})
    storage.conf.write_bytes(text.encode("latin-1"))
    assert refused(tmp_path)


def test_a_storage_conf_that_is_not_there_is_said(storage, tmp_path, monkeypatch):
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", "/not/here.conf")
    assert "CONTAINERS_STORAGE_CONF names /not/here.conf" in refused(tmp_path)


def test_additional_stores_are_looked_into(storage, tmp_path, monkeypatch):
    storage.image(NAME, {"a": "1"})
    conf = tmp_path / "more.conf"
    conf.write_text(
        f'[storage]\ngraphroot = "{tmp_path}/own"\n[storage.options]\nadditionalimagestores = ["{storage.root}"]\n'
    )
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(conf))
    assert read(tmp_path) == {"a": ("1", 0)}


def test_a_users_own_storage_is_found_without_any_setting(storage, tmp_path, monkeypatch):
    storage.image(NAME, {"a": "1"})
    monkeypatch.delenv("CONTAINERS_STORAGE_CONF")
    monkeypatch.setattr("scangate.rootfs.storage.roots._SYSTEM", ())
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    (tmp_path / "share" / "containers").mkdir(parents=True)
    (tmp_path / "share" / "containers" / "storage").symlink_to(storage.root)
    assert read(tmp_path) == {"a": ("1", 0)}


@pytest.mark.real
@pytest.mark.parametrize("driver", ["vfs", "overlay"])
def test_an_image_of_buildah_is_what_it_pushes(driver, tmp_path, monkeypatch):
    if not shutil.which("buildah"):
        pytest.skip("buildah is not installed")
    made_storage(tmp_path, monkeypatch, driver)
    (tmp_path / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')

    def buildah(word, *words):
        policy = ["--signature-policy", str(tmp_path / "policy.json")] if word in {"from", "commit", "push"} else []
        command = ["buildah", word, *policy, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip(f"buildah cannot work here with {driver}: {done.stderr[-300:]}")
        return done.stdout.strip()

    container = buildah("from", "scratch")
    for step, image in enumerate(("base", "web")):
        folder = Path(buildah("mount", container))
        (folder / "a").write_text(str(step))
        (folder / "a").chmod(0o4755)
        if step:
            (folder / "gone").unlink()
            shutil.rmtree(folder / "e")
            (folder / "e").mkdir()
            (folder / "e" / "new").write_text("new")
            (folder / "link").symlink_to("e/new")
        else:
            (folder / "e").mkdir()
            for name in ("gone", "e/old", "stays"):
                (folder / name).write_text(name)
        buildah("umount", container)
        buildah("commit", container, f"localhost/shop/{image}:1")
        buildah("rm", container)
        container = buildah("from", "--pull-never", f"localhost/shop/{image}:1")
    buildah("rm", container)
    buildah("push", "localhost/shop/web:1", f"oci-archive:{tmp_path}/web.tar")
    found = []
    for address in ("containers-storage:shop/web:1", f"oci-archive:{tmp_path}/web.tar"):
        with open_rootfs(address, tmp_path) as rootfs:
            whole = rootfs.files(EVERYTHING)
            content = {file.path: (file.read(), file.layer) for file in whole}
            config = replace(rootfs.config, signed=None)
            found.append((content, rootfs.layers, config, whole.gaps, dict(whole.modes()), whole.real("link")))
    assert found[0] == found[1]
    assert set(found[0][0]) == {"a", "e/new", "stays"}
