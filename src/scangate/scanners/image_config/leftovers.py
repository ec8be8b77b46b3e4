"""What should not have come along: caches of package managers, repositories, histories, dumps, credentials."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Confidence, Finding, Severity
from scangate.rootfs.reading import Extract
from scangate.scanners.image_config import paths, traces
from scangate.scanners.image_config.files import EXTRACTOR as SECRETS
from scangate.scanners.image_config.rule import Check, Facts, Image, Rule, finding

EXTRACTOR: Final = "image_config.traces"
CACHE: Final = Rule(
    id="image-package-cache",
    title="The cache of a package manager is in the image",
    severity=Severity.LOW,
    why="it makes the image larger, and the next build may install old packages from it",
    fix="Clean package caches in the RUN step that fills them, or mount them with RUN --mount=type=cache",
    cwe="CWE-1104",
)


def _rule(name: str, severity: Severity, title: str, why: str, fix: str, cwe: str = "CWE-538") -> Rule:
    return Rule(id=f"image-{name}", title=title, severity=severity, why=why, fix=fix, cwe=cwe)


RULES: Final = {
    "git repository": _rule(
        "repository",
        Severity.MEDIUM,
        "A whole repository with its history is in the image",
        "it holds every file there ever was, secrets that were removed included",
        "Add .git to .dockerignore",
        "CWE-527",
    ),
    "shell history": _rule(
        "shell-history",
        Severity.LOW,
        "The history of a shell is in the image",
        "people type passwords where they do not belong",
        "Remove shell histories from the image",
        "CWE-532",
    ),
    "core dump": _rule(
        "core-dump",
        Severity.MEDIUM,
        "A core dump is in the image",
        "it is the memory of a program, with all the secrets it had",
        "Remove core dumps from the image",
        "CWE-528",
    ),
    "swap file": _rule(
        "swap-file",
        Severity.LOW,
        "An editor's swap file is in the image",
        "it holds a file that somebody was editing",
        "Remove editors' swap files from the image, and add *.sw? to .dockerignore",
        "CWE-530",
    ),
    "environment file": _rule(
        "environment-file",
        Severity.LOW,
        "An environment file is in the image",
        "such files are for secrets, though none was recognised in this one",
        "Add .env to .dockerignore, and give the variables to the container when it runs",
    ),
    "cloud credentials": _rule(
        "credentials-file",
        Severity.HIGH,
        "A file of cloud credentials is in the image",
        "its name says that it opens an account, and everybody who can pull the image can take it",
        "Remove credentials files from the image, and replace what they hold",
        "CWE-522",
    ),
    "state of Terraform": _rule(
        "terraform-state",
        Severity.HIGH,
        "A Terraform state is in the image",
        "it holds every secret of the resources in plain text",
        "Keep Terraform states out of the image, and replace the secrets in them",
        "CWE-538",
    ),
    "key store": _rule(
        "key-store",
        Severity.MEDIUM,
        "A key store is in the image",
        "it is for private keys, and its password can be guessed by everybody who can pull the image",
        "Keep key stores out of the image, and mount them when it runs",
        "CWE-321",
    ),
    "authorized keys": _rule(
        "authorized-keys",
        Severity.MEDIUM,
        "Keys that may log in are in the image",
        "whoever holds one of them can enter every container that an SSH server runs in",
        "Remove authorized_keys from the image",
        "CWE-798",
    ),
}
_SAME: Final = {"other repository": "git repository", "cluster credentials": "cloud credentials"}


def caches(image: Image) -> Iterator[Finding]:
    found: dict[str, list[tuple[Extract, int, bool]]] = defaultdict(list)
    for extract, size, kind, hidden in _traces(image):
        if traces.is_cache(kind):
            found[kind].append((extract, size, hidden))
    for kind, seen in sorted(found.items()):
        total = sum(size for _extract, size, _hidden in seen)
        deleted = sum(hidden for _extract, _size, hidden in seen)
        message = f"{len(seen)} files of the {kind}, {total:,} bytes, are in the image, /{seen[0][0].path} for one."
        if deleted:
            message += f" {deleted} of them were deleted by a later step, and are still in the layers below."
        facts: Facts = (("files", str(len(seen))), ("bytes", str(total)), ("deleted later", str(deleted)))
        facts += image.layer_facts(seen[0][0].layer)
        yield finding(CACHE, image, kind, message, place=f"/{seen[0][0].path}", facts=facts)


def leftovers(image: Image) -> Iterator[Finding]:
    told = {each.path for each in image.files.extracts(SECRETS)} | {
        each.path for each in image.files.hidden_extracts(SECRETS)
    }
    seen: set[tuple[str, str]] = set()
    for extract, size, kind, hidden in _traces(image):
        rule = RULES.get(_SAME.get(kind, kind))
        # A secret that was found in it says more than that the file is there.
        if not rule or (extract.path, kind) in seen or (extract.path in told and rule.id in _ABOUT_SECRETS):
            continue
        seen.add((extract.path, kind))
        message = f"/{extract.path} ({size:,} bytes) is in the image."
        if hidden:
            still = f"still readable in layer {extract.layer + 1}"
            message = f"/{extract.path} ({size:,} bytes) was deleted or replaced later, and is {still}."
        example = paths.is_example(extract.path)
        yield finding(
            rule,
            image,
            extract.path,
            message,
            severity=Severity.LOW if example else None,
            why="it lies among tests or examples" if example else "",
            confidence=Confidence.POTENTIAL if example else Confidence.FIRM,
            place=f"/{extract.path}",
            facts=(("bytes", str(size)), *image.layer_facts(extract.layer)),
        )


_ABOUT_SECRETS: Final = frozenset({"image-environment-file", "image-credentials-file", "image-terraform-state"})


def _traces(image: Image) -> Iterator[tuple[Extract, int, str, bool]]:
    """Yield what is there, then what a layer above hides: (extract, bytes, kind, hidden)."""
    for hidden, extracts in ((False, image.files.extracts(EXTRACTOR)), (True, image.files.hidden_extracts(EXTRACTOR))):
        for extract in extracts:
            size, _space, kind = extract.data.decode("latin-1").partition(" ")
            if kind and size.isdecimal():
                yield extract, int(size[:20]), kind, hidden


CHECKS: Final = (
    Check(name="package caches", look=caches),
    Check(name="files that should not have come along", look=leftovers),
)
