"""Constructed in the form of Erlang/OTP 25's own files."""

import pytest
from catalogued import catalogued

from scangate.core.model import Gap
from scangate.inventory.beam import Beam


def app(name, version):
    fields = f'{{description, "x"}},\n  {{vsn, "{version}"}},\n  {{licenses,["MIT"]}}'
    return f"%% a comment\n{{application, {name},\n [{fields}]}}.\n"


@pytest.fixture
def read(tmp_path):
    return lambda files: [
        each if isinstance(each, Gap) else (each.ecosystem, each.purl) for each in catalogued(tmp_path, files, Beam())
    ]


def test_applications_of_a_release_are_packages_of_hex_but_not_otps_own(read):
    found = read(
        {
            f"app/lib/{name}-{version}/ebin/{name}.app": app(name, version)
            for name, version in (
                ("cowboy", "2.9.0"),
                ("kernel", "8.5.3"),
                ("ssl", "10.8.7"),
                ("elixir", "1.14.0"),
                ("logger", "1.14.0"),
            )
        }
    )
    assert found == [
        ("Hex", "pkg:hex/cowboy@2.9.0"),
        ("", "pkg:generic/elixir@1.14.0"),
        ("", "pkg:generic/erlang-kernel@8.5.3"),
    ]


def test_an_installed_otp_is_one_package(read):
    home = "usr/local/lib/erlang"
    files = {
        f"{home}/releases/25/OTP_VERSION": "25.2.3\n",
        f"{home}/lib/kernel-8.5.3/ebin/kernel.app": app("kernel", "8.5.3"),
        f"{home}/lib/ssl-10.8.7/ebin/ssl.app": app("ssl", "10.8.7"),
    }
    assert read(files) == [("", "pkg:generic/erlang@25.2.3")]


def test_a_build_has_folders_without_versions(read):
    assert read({"app/_build/prod/lib/plug/ebin/plug.app": app("plug", "1.14.0")}) == [("Hex", "pkg:hex/plug@1.14.0")]


@pytest.mark.parametrize("text", ["", "{application, x}.", '{vsn, "1"}', app("x", "")])
def test_a_broken_application_is_a_gap(read, text):
    (gap,) = read({"app/lib/x-1/ebin/x.app": text})
    assert gap.what == "app/lib/x-1/ebin/x.app"


def test_other_files_are_not_asked_for():
    assert not any(map(Beam().wants, ("Applications/x.app", "ebin/x.app", "x/ebin/y.app", "x/OTP_VERSION")))
