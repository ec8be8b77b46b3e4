"""Constructed in the form that the .NET host's documents describe."""

import json

import pytest
from catalogued import catalogued

from scangate.core.model import Confidence, Gap
from scangate.inventory.dotnet import DotNet
from scangate.inventory.registries import nuget_version

PATH = "app/shop.deps.json"
DOCUMENT = {
    "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-x64"},
    "targets": {
        ".NETCoreApp,Version=v8.0/linux-x64": {
            "shop/1.0.0": {"runtime": {"shop.dll": {}}},
            "Newtonsoft.Json/13.0.1": {"runtime": {"lib/net6.0/Newtonsoft.Json.dll": {}}},
            "System.Net.Http/4.3.0": {"dependencies": {"x": "1"}},
            "Empty/1.0.0": {"runtime": {"lib/net45/_._": {}}},
            "Native/2.0.0": {"runtimeTargets": {"runtimes/linux/native/x.so": {}}},
            "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": {"runtime": {"System.dll": {}}},
        }
    },
    "libraries": {
        "shop/1.0.0": {"type": "project"},
        "Newtonsoft.Json/13.0.1": {"type": "package"},
        "System.Net.Http/4.3.0": {"type": "package"},
        "Empty/1.0.0": {"type": "package"},
        "Native/2.0.0": {"type": "Package"},
        "Some.Reference/1.0.0.0": {"type": "reference"},
        "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": {"type": "runtimepack"},
    },
}


def test_packages_that_brought_files_are_confirmed_and_others_firm(tmp_path):
    found = catalogued(tmp_path, {PATH: json.dumps(DOCUMENT)}, DotNet())
    assert {each.ecosystem for each in found} == {"NuGet"}
    assert {each.purl: each.confidence for each in found} == {
        "pkg:nuget/Newtonsoft.Json@13.0.1": Confidence.CONFIRMED,
        "pkg:nuget/Native@2.0.0": Confidence.CONFIRMED,
        "pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1": Confidence.CONFIRMED,
        "pkg:nuget/System.Net.Http@4.3.0": Confidence.FIRM,
        "pkg:nuget/Empty@1.0.0": Confidence.FIRM,
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"libraries": {"x": {"type": "package"}}}'])
def test_what_cannot_be_read_is_a_gap(tmp_path, text):
    (gap,) = catalogued(tmp_path, {PATH: text}, DotNet())
    assert isinstance(gap, Gap)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("1", "1.0.0"),
        ("1.0", "1.0.0"),
        ("1.2.3.0", "1.2.3"),
        ("1.2.3.4", "1.2.3.4"),
        ("01.002.3", "1.2.3"),
        ("1.0.0-Beta.1+sha", "1.0.0-Beta.1"),
        ("x", "x"),
        ("1.2.3.4.5", "1.2.3.4.5"),
    ],
)
def test_versions_of_nuget_are_normalised(written, normal):
    assert nuget_version(written) == normal
