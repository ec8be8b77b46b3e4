"""Every scheme against the program that defines it, where that is installed: 20,000 pairs each, and real versions.

Debian's packages of them: libmaven3-core-java, rpm, ruby, php-composer-semver, r-base-core, elixir, golang-go, npm,
pacman-package-manager. Alpine's is in none: see test_versions.py.
"""

import ctypes
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from version_samples import KEYS, NOTHING, PAIRS, draw, is_version, pairs, sign, upstream

pytestmark = pytest.mark.real

Pairs = list[tuple[str, str]]
Answers = Callable[[Pairs, Path], list[int]]
THREE_PARTS = re.compile(r"v?(?:0|[1-9]\d{0,9})(?:\.(?:0|[1-9]\d{0,9})){2}(?:-[a-z]+)?")
MAVEN_JARS = (
    "/usr/share/maven-repo/org/apache/maven/maven-artifact/3.x/maven-artifact-3.x.jar",
    "/usr/share/java/maven-artifact-3.x.jar",
)
MAVEN_NEEDS = "/usr/share/java/commons-lang3.jar"
SEMVER_OF_NPM = ("/usr/lib/node_modules/npm/node_modules/semver", "/usr/share/nodejs/semver")
COMPOSER = "/usr/share/php/Composer/Semver/autoload.php"


def asked(argv: list[str], given: Pairs, **more: str) -> list[int]:
    """One line for each pair, with a tab; the answer is a line for each, of which the sign counts."""
    lines = "".join(f"{one}\t{other}\n" for one, other in given)
    done = subprocess.run(argv, input=lines, capture_output=True, text=True, check=False, timeout=250, **more)
    assert done.returncode == 0, done.stderr[-2000:]
    return [(int(line) > 0) - (int(line) < 0) for line in done.stdout.split()]


def needed(program: str) -> str:
    if not (found := shutil.which(program)):
        pytest.skip(f"{program} is not installed here")
    return found


def one_of(*paths: str) -> str:
    for path in paths:
        if Path(path).exists():
            return path
    pytest.skip(f"not installed here: {paths[0]}")


def by_dpkg(given: Pairs, folder: Path) -> list[int]:
    """Dpkg's own Perl module; one process for each pair would take minutes."""
    script = 'use Dpkg::Version; while (<>) { chomp; my ($x, $y) = split /\\t/; print version_compare($x, $y), "\\n" }'
    needed("dpkg-architecture")
    return asked([needed("perl"), "-e", script], given)


def by_rpm(given: Pairs, folder: Path) -> list[int]:
    file = folder / "pairs"
    file.write_text("".join(f"{one}\t{other}\n" for one, other in given))
    script = f'for l in io.lines("{file}") do local x, y = l:match("(.*)\\t(.*)"); print(rpm.vercmp(x, y) .. " ") end'
    done = subprocess.run(
        [needed("rpm"), "--eval", f"%{{lua:{script}}}"], capture_output=True, text=True, check=True, timeout=250
    )
    return [int(line) for line in done.stdout.split()]


def by_maven(given: Pairs, folder: Path) -> list[int]:
    needed("javac")
    path = f"{one_of(*MAVEN_JARS)}:{one_of(MAVEN_NEEDS)}"
    (folder / "Order.java").write_text(
        """
        import java.io.*;
        import org.apache.maven.artifact.versioning.ComparableVersion;
        public class Order {
            public static void main(String[] none) throws Exception {
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
                StringBuilder out = new StringBuilder();
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    String[] both = line.split("\\t");
                    out.append(new ComparableVersion(both[0]).compareTo(new ComparableVersion(both[1]))).append("\\n");
                }
                System.out.print(out);
            }
        }
        """
    )
    subprocess.run(["javac", "-cp", path, "-d", str(folder), str(folder / "Order.java")], check=True, timeout=120)
    return asked([needed("java"), "-cp", f"{path}:{folder}", "Order"], given)


def by_ruby(given: Pairs, folder: Path) -> list[int]:
    script = 'STDIN.each_line { |l| x, y = l.chomp.split("\\t"); puts(Gem::Version.new(x) <=> Gem::Version.new(y)) }'
    return asked([needed("ruby"), "-e", script], given)


def by_npm(given: Pairs, folder: Path) -> list[int]:
    script = (
        f"const s = require('{one_of(*SEMVER_OF_NPM)}'); const given = require('fs').readFileSync(0, 'utf8').trim();"
        "console.log(given.split('\\n').map(l => s.compare(...l.split('\\t'), true)).join('\\n'))"
    )
    return asked([needed("node"), "-e", script], given)


def by_composer(given: Pairs, folder: Path) -> list[int]:
    script = (
        f"require '{one_of(COMPOSER)}'; $p = new Composer\\Semver\\VersionParser();"
        'while (($l = fgets(STDIN)) !== false) { [$x, $y] = explode("\\t", rtrim($l, "\\n"));'
        'echo version_compare($p->normalize($x), $p->normalize($y)), "\\n"; }'
    )
    return asked([needed("php"), "-r", script], given)


def by_r(given: Pairs, folder: Path) -> list[int]:
    script = (
        'd <- read.delim(file("stdin"), header = FALSE, colClasses = "character", quote = "");'
        'for (i in seq_len(nrow(d))) cat(compareVersion(d[i, 1], d[i, 2]), "\\n", sep = "")'
    )
    return asked([needed("Rscript"), "-e", script], given)


def by_elixir(given: Pairs, folder: Path) -> list[int]:
    script = (
        'for l <- IO.stream(:stdio, :line) do [x, y] = String.split(String.trim_trailing(l, "\\n"), "\\t");'
        "IO.puts(case Version.compare(x, y) do :lt -> -1; :gt -> 1; :eq -> 0 end) end"
    )
    return asked([needed("elixir"), "-e", script], given)


def by_go(given: Pairs, folder: Path) -> list[int]:
    """The package that the go command itself compares with, out of its own source."""
    needed("go")
    root = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    own = Path(one_of(f"{root}/src/cmd/vendor/golang.org/x/mod/semver/semver.go"))
    (folder / "semver").mkdir()
    shutil.copy(own, folder / "semver")
    (folder / "go.mod").write_text("module order\n")
    (folder / "main.go").write_text(
        """
        package main
        import ("bufio"; "fmt"; "order/semver"; "os"; "strings")
        func main() {
            in := bufio.NewScanner(os.Stdin)
            for in.Scan() { both := strings.SplitN(in.Text(), "\\t", 2); fmt.Println(semver.Compare(both[0], both[1])) }
        }
        """
    )
    subprocess.run(["go", "build", "-o", "order", "."], cwd=folder, check=True, timeout=250)
    return asked([str(folder / "order")], given)


NATIVE: dict[str, tuple[str, Answers]] = {
    "dpkg": ("dpkg", by_dpkg),
    "rpm": ("rpm", by_rpm),
    "maven": ("maven", by_maven),
    "rubygems": ("rubygems", by_ruby),
    "npm": ("semver", by_npm),
    "composer": ("packagist", by_composer),
    "r": ("cran", by_r),
    "elixir": ("semver", by_elixir),
    "go": ("golang", by_go),
}


WITHOUT = {
    # Maven's circles: `1.sp.1` before `1-rc` before `1` before `1.sp.1`, `r09` before `0-rc`
    # before `0` before `r09`. No key can have them; see maven.py.
    "maven": r"^r|\.[A-Za-z]+[.-]",
    "elixir": "^v",
}


@pytest.mark.parametrize("name", NATIVE)
def test_20000_pairs_are_ordered_as_the_scheme_itself_orders_them(name: str, tmp_path: Path) -> None:
    scheme, answers = NATIVE[name]
    chance = random.Random(7)
    given = list(pairs(draw(scheme, chance, 6_000, WITHOUT.get(name, NOTHING)), KEYS[scheme], chance))
    assert len(given) == PAIRS
    compare(scheme, given, answers(given, tmp_path))


@pytest.mark.parametrize("name", NATIVE)
def test_real_versions_are_ordered_as_the_scheme_itself_orders_them(name: str, tmp_path: Path) -> None:
    """Debian's packages are made of everybody's: what upstream calls them are real versions of every scheme."""
    scheme, answers = NATIVE[name]
    known = sorted(set(real_versions(name)))
    if len(known) < 200:
        pytest.skip(f"this machine knows only {len(known)} real versions of {scheme}")
    chance = random.Random(8)
    given = list(pairs(chance.sample(known, min(len(known), 8_000)), KEYS[scheme], chance))
    compare(scheme, given, answers(given, tmp_path))


def compare(scheme: str, given: Pairs, answered: Iterable[int]) -> None:
    found = zip(given, answered, strict=True)
    wrong = [(one, other, theirs) for (one, other), theirs in found if sign(KEYS[scheme], one, other) != theirs]
    assert not wrong, wrong[:20]


def real_versions(name: str) -> Iterator[str]:
    scheme, _answers = NATIVE[name]
    files = [Path("/var/lib/dpkg/status"), *sorted(Path("/var/lib/apt/lists").glob("*_Packages"))]
    lines = (line for file in files if file.is_file() for line in file.read_text(errors="replace").splitlines())
    for version in (line.partition(": ")[2].strip() for line in lines if line.startswith("Version: ")):
        made = version if scheme in {"dpkg", "rpm"} else upstream(version)
        made = f"v{made}" if scheme == "golang" else made
        # Elixir, Go and npm want three parts, and npm numbers of JavaScript. To Composer, what ends in `+` is none.
        if name in {"elixir", "go", "npm"} and not THREE_PARTS.fullmatch(made):
            continue
        if is_version(KEYS[scheme], made) and not made.endswith("+"):
            yield made


def test_arch_linux_orders_versions_as_vercmp_does() -> None:
    """Without a release vercmp ignores that of the other, so only versions with one are compared here."""
    found = sorted(Path("/usr/lib").glob("*-linux-gnu/libalpm.so.*"))
    if not found:
        pytest.skip("libalpm (pacman-package-manager) is not installed here")
    vercmp = ctypes.CDLL(str(found[0])).alpm_pkg_vercmp
    chance = random.Random(7)
    given = list(pairs(draw("pacman", chance), KEYS["pacman"], chance))
    answered = [vercmp(one.encode(), other.encode()) for one, other in given]
    compare("pacman", given, [(each > 0) - (each < 0) for each in answered])
