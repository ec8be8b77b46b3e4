"""Constructed in the form of Bitnami's images."""

import json

import pytest
from catalogued import catalogued

from scangate.core.model import Confidence, Gap
from scangate.inventory.bitnami import Bitnami
from scangate.inventory.cms import Cms

SPDX = {
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {
            "name": "redis",
            "versionInfo": "7.2.4",
            "licenseConcluded": "BSD-3-Clause",
            "externalRefs": [
                {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:*:redis:redis:7.2.4:*:*:*:*:*:*:*"},
                {
                    "referenceType": "purl",
                    "referenceLocator": "pkg:bitnami/redis@7.2.4-1?arch=amd64&distro=debian-12",
                },
            ],
        },
        {"name": "jemalloc", "externalRefs": [{"referenceLocator": "pkg:generic/jemalloc@5"}]},
        "odd",
    ],
}
LIST = {
    "redis": {"arch": "amd64", "distro": "debian-12", "type": "NAMI", "version": "7.2.4-1"},
    "wait-for-port": {"arch": "amd64", "distro": "debian-12", "type": "NAMI", "version": "1.0.7-5"},
}


def test_components_of_bitnami_have_versions_without_the_revision_of_their_build(tmp_path):
    files = {
        "opt/bitnami/redis/.spdx-redis.spdx": json.dumps(SPDX),
        "opt/bitnami/.bitnami_components.json": json.dumps(LIST),
    }
    found = catalogued(tmp_path, files, Bitnami())
    assert [(each.purl, each.licences, each.paths) for each in found] == [
        (
            "pkg:bitnami/redis@7.2.4?arch=amd64&distro=debian-12",
            ("BSD-3-Clause",),
            ("opt/bitnami/redis/.spdx-redis.spdx",),
        ),
        ("pkg:bitnami/wait-for-port@1.0.7?arch=amd64&distro=debian-12", (), ("opt/bitnami/.bitnami_components.json",)),
    ]
    assert {(each.ecosystem, each.confidence) for each in found} == {("Bitnami", Confidence.CONFIRMED)}


@pytest.mark.parametrize("text", ["", "[", "{}", '{"packages": []}'])
def test_a_broken_component_is_a_gap(tmp_path, text):
    (gap,) = catalogued(tmp_path, {"opt/bitnami/redis/.spdx-redis.spdx": text}, Bitnami())
    assert isinstance(gap, Gap)


def test_content_management_systems_are_found_by_their_own_file(tmp_path):
    files = {
        "var/www/html/wp-includes/version.php": "<?php\n/** @global string $wp_version */\n$wp_version = '6.4.2';\n",
        "srv/core/lib/Drupal.php": "<?php\nclass Drupal {\n  const VERSION = '10.1.6';\n",
        "old/wp-includes/version.php": "<?php\n",
    }
    *found, gap = catalogued(tmp_path, files, Cms())
    assert [(each.ecosystem, each.purl, each.confidence) for each in found] == [
        ("Bitnami", "pkg:generic/drupal@10.1.6", Confidence.FIRM),
        ("Bitnami", "pkg:generic/wordpress@6.4.2", Confidence.FIRM),
    ]
    assert gap.what == "old/wp-includes/version.php"
