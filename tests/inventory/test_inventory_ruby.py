import pytest
from catalogued import RECORDED, catalogued, named

from scangate.core.model import Confidence, Gap
from scangate.inventory.ruby import Ruby

HOME = "usr/local/bundle/specifications"


@pytest.fixture
def read(tmp_path):
    return lambda files: catalogued(tmp_path, files, Ruby())


def test_gems_that_rubygems_installed_have_their_platform_and_licences(read):
    files = {f"{HOME}/{each.name}": each.read_bytes() for each in (RECORDED / "gem").iterdir()}
    assert [(each.purl, each.ecosystem, each.licences) for each in read(files)] == [
        ("pkg:gem/shoplib@1.2.3.pre1", "RubyGems", ("MIT", "Ruby")),
        ("pkg:gem/shopnative@2.0.0?platform=x86_64-linux", "RubyGems", ("MIT", "Ruby")),
    ]


@pytest.mark.parametrize(
    ("path", "installed"),
    [
        (f"{HOME}/x-1.gemspec", True),
        (f"{HOME}/default/x-1.gemspec", True),
        ("usr/local/bundle/gems/x-1/x.gemspec", False),
        ("usr/local/bundle/bundler/gems/x-0a1b2c3d4e5f/x.gemspec", True),
        ("srv/app/app.gemspec", False),
    ],
)
def test_only_specifications_of_installed_gems_count(path, installed):
    assert Ruby().wants(path) is installed


@pytest.mark.parametrize(
    "code",
    [
        '# stub: x 1.0 ruby lib\n\nGem::Specification.new do |s|\n  s.name = "x".freeze\n  s.version = "1.0"\n',
        'Gem::Specification.new do |s|\n  s.name = %q{x}\n  s.version = Gem::Version.new("1.0")\n',
        "Gem::Specification.new do |spec|\r\n  spec.name    = 'x'\r\n  spec.version = '1.0'\r\n",
        "# stub: x 1.0 ruby lib\n",
    ],
)
def test_specifications_have_had_many_forms(read, code):
    assert named(read({f"{HOME}/x-1.0.gemspec": code})) == [("x", "1.0")]


def test_a_gem_from_a_repository_has_its_version_or_its_commit(read):
    home = "usr/local/bundle/bundler/gems"
    found = read(
        {
            f"{home}/x-0a1b2c3d4e5f/x.gemspec": 'Gem::Specification.new do |s|\ns.name = "x"\ns.version = "2.0"\n',
            f"{home}/y-0a1b2c3d4e5f/y.gemspec": 'Gem::Specification.new do |s|\ns.name = "y"\ns.version = VERSION\n',
        }
    )
    assert [(each.ecosystem, each.purl, each.confidence) for each in found] == [
        ("RubyGems", "pkg:gem/x@2.0", Confidence.CONFIRMED),
        ("", "pkg:gem/y@0a1b2c3d4e5f", Confidence.FIRM),
    ]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("code", ["", "\n" * 200_000, " " * 200_000, "a" * 200_000, "s.name = " * 20_000, "\xff"])
def test_a_broken_specification_is_a_gap(read, code):
    (gap,) = read({f"{HOME}/x-1.0.gemspec": code})
    assert isinstance(gap, Gap)
