from datetime import date

import made_images as made
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_distributions import image, reading

from scangate.inventory.dpkg import Dpkg
from scangate.inventory.os_release import Release, ecosystem_of, parse, release


@pytest.mark.parametrize(
    ("text", "ecosystem"),
    [
        ('ID=debian\nVERSION_ID="12"', "Debian:12"),
        ("ID=debian\nVERSION_CODENAME=trixie", "Debian:13"),
        ('PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\nVERSION_CODENAME=forky', ""),
        ('ID=raspbian\nID_LIKE=debian\nVERSION_ID="12"', "Debian:12"),
        ('ID=ubuntu\nVERSION_ID="22.04"', "Ubuntu:22.04:LTS"),
        ('ID=ubuntu\nVERSION_ID="23.10"', "Ubuntu:23.10"),
        ("ID=alpine\nVERSION_ID=3.19.1", "Alpine:v3.19"),
        ('ID=alpine\nVERSION_ID=3.23.0\nPRETTY_NAME="Alpine Linux edge"', "Alpine:edge"),
        ("ID=alpine\nVERSION_ID=3.21.0_alpha20240807", "Alpine:edge"),
        ("ID=wolfi\nVERSION_ID=20230201", "Wolfi"),
        ("ID=chainguard\nVERSION_ID=20230214", "Chainguard"),
        ('ID="rhel"\nVERSION_ID="9.3"\nCPE_NAME="cpe:/o:redhat:enterprise_linux:9::baseos"', "Red Hat:9"),
        ('NAME="CentOS Linux"\nID="centos"\nVERSION_ID="7"', "Red Hat:7"),
        ('NAME="CentOS Linux"\nID="centos"\nVERSION_ID="8"', "Red Hat:8"),
        ('NAME="CentOS Stream"\nID="centos"\nVERSION_ID="8"', ""),
        ('NAME="CentOS Stream"\nID="centos"\nVERSION_ID="9"', ""),
        ('NAME="Other"\nID="centos"\nVERSION_ID="10"', ""),
        ('ID="rocky"\nVERSION_ID="9.3"', "Rocky Linux:9"),
        ('ID="almalinux"\nVERSION_ID="8.10"', "AlmaLinux:8"),
        ('ID="sles"\nVERSION_ID="15.5"', "SUSE:15.5"),
        ('ID="sles"\nVERSION_ID="15"', "SUSE:15"),
        ('ID="sles"\nVERSION_ID="16.0"', "SUSE:16.0"),
        ('ID="opensuse-leap"\nVERSION_ID="15.5"', "openSUSE:Leap 15.5"),
        ('ID="opensuse-tumbleweed"\nVERSION_ID="20240101"', "openSUSE:Tumbleweed"),
        ("ID=mageia\nVERSION_ID=9", "Mageia:9"),
        ('VERSION="22.03 LTS"\nID="openEuler"\nVERSION_ID="22.03"', "openEuler:22.03-LTS"),
        ('VERSION="22.03 (LTS-SP3)"\nID="openEuler"\nVERSION_ID="22.03"', "openEuler:22.03-LTS-SP3"),
        ('VERSION="23.09"\nID="openEuler"\nVERSION_ID="23.09"', "openEuler:23.09"),
        ("ID=fedora\nVERSION_ID=41", ""),
        ('ID="amzn"\nVERSION_ID="2023"', ""),
        ('ID="ol"\nVERSION_ID="9.3"', ""),
        ("ID=arch", ""),
        ('ID=kali\nID_LIKE=debian\nVERSION_ID="2024.1"', ""),
    ],
)
def test_the_ecosystem_is_what_osv_calls_the_release(text, ecosystem):
    assert parse(text).ecosystem == ecosystem


def test_a_release_may_say_itself_when_its_support_ends():
    assert parse('ID="rocky"\nVERSION_ID="8.10"\nSUPPORT_END="2029-05-31"').support_end == date(2029, 5, 31)
    assert parse("ID=rocky\nSUPPORT_END=whenever").support_end is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "CentOS release 6.10 (Final)\n",
            Release(name="centos", version="6.10", title="CentOS release 6.10", ecosystem="Red Hat:6"),
        ),
        (
            "Red Hat Enterprise Linux Server release 6.9 (Santiago)\n",
            Release(
                name="rhel",
                version="6.9",
                title="Red Hat Enterprise Linux Server release 6.9",
                ecosystem="Red Hat:6",
            ),
        ),
        ("Something else release 6\n", Release()),
    ],
)
def test_what_is_older_than_os_release_says_it_elsewhere(tmp_path, text, expected):
    with image(tmp_path, (made.file("etc/redhat-release", text),)) as rootfs:
        assert release(rootfs.files(reading(Dpkg()))) == expected


@given(st.text(max_size=40), st.text("0123456789._", max_size=12), st.text(max_size=40))
def test_any_words_have_an_ecosystem_or_none(name, version, words):
    assert isinstance(ecosystem_of(name, version, words), str)
    for known in ("debian", "ubuntu", "alpine", "centos", "sles", "openeuler", "rhel", "opensuse-leap"):
        assert isinstance(ecosystem_of(known, version, words), str)
