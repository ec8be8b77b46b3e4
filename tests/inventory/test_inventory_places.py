import pytest

from scangate.inventory.places import folder_of, is_material


@pytest.mark.parametrize(
    ("path", "material"),
    [
        ("srv/app/package-lock.json", False),
        ("usr/src/app/requirements.txt", False),
        ("requirements.txt", False),
        ("app/deploy/gems/Gemfile.lock", False),
        ("home/app/mix.lock", False),
        ("app/node_modules/x/package-lock.json", True),
        ("node_modules/x/package-lock.json", True),
        ("usr/local/lib/python3.11/site-packages/x/requirements.txt", True),
        ("usr/lib/python3/dist-packages/x/poetry.lock", True),
        ("usr/local/bundle/gems/x-1.0.0/Gemfile.lock", True),
        ("usr/local/bundle/bundler/gems/x-0a1b2c3d4e5f/Gemfile.lock", True),
        ("srv/app/vendor/x/y/composer.lock", True),
        ("usr/share/doc/x/requirements.txt", True),
        ("usr/local/rustup/toolchains/stable/lib/rustlib/src/rust/library/Cargo.lock", True),
        ("usr/local/cargo/registry/src/index-1/x-1.0.0/Cargo.lock", True),
        ("root/.cache/pip/requirements.txt", True),
        ("app/deps/phoenix/mix.lock", True),
        ("go/pkg/mod/example.com/x@v1/package-lock.json", True),
        ("opt/miniconda3/pkgs/x-1/info/requirements.txt", True),
    ],
)
def test_lock_files_of_installed_packages_are_their_material(path, material):
    assert is_material(path) is material


def test_the_folder_of_a_file_ends_with_a_slash():
    assert [folder_of(each) for each in ("a", "a/b", "a/b/c")] == ["", "a/", "a/b/"]
