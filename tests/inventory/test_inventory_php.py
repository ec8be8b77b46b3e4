import json

import pytest
from catalogued import RECORDED, catalogued, named

from scangate.core.model import Confidence, Gap
from scangate.inventory.php import Php

PATH = "srv/shop/vendor/composer/installed.json"


@pytest.fixture
def read(tmp_path):
    return lambda text: catalogued(tmp_path, {PATH: text}, Php())


def test_what_composer_installed_has_versions_without_the_v_of_a_tag(read):
    found = read((RECORDED / "composer/installed.json").read_bytes())
    assert [(each.purl, each.licences, each.confidence) for each in found] == [
        ("pkg:composer/shop/clock@2.0.0", ("MIT",), Confidence.CONFIRMED),
        ("pkg:composer/shop/dev@1.0.0", ("MIT",), Confidence.CONFIRMED),
        ("pkg:composer/shop/log@1.1.4", ("MIT",), Confidence.CONFIRMED),
    ]
    assert {each.ecosystem for each in found} == {"Packagist"}


def test_version_1_is_a_list(read):
    packages = [
        {"name": "A/B", "version": "V1.0.0"},
        {"name": "a/branch", "version": "dev-main"},
        {"name": "own/x", "version": "dev-main", "dist": {"type": "path"}},
    ]
    assert named(read(json.dumps(packages))) == [("a/b", "1.0.0"), ("a/branch", "dev-main")]


@pytest.mark.parametrize(
    "text", ["", "{", "{}", '{"packages": 1}', '[{"name": "a/b"}]', '[{"name": "a", "version": "1"}]']
)
def test_what_cannot_be_read_is_a_gap(read, text):
    (gap,) = read(text)
    assert isinstance(gap, Gap)
    assert gap.what.startswith(PATH)
