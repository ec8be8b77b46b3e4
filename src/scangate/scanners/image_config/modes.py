"""Files that lend their owner's rights to whoever runs them, and what everybody may write."""

import stat
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Finding, Severity
from scangate.scanners.image_config.rule import Check, Image, Rule, finding

USUAL: Final = Rule(
    id="image-setuid-usual",
    title="The distribution's setuid programs are in the image",
    severity=Severity.INFO,
    why="every image of the distribution has them, and few containers need them",
    fix="Remove the setuid and setgid bits in the Dockerfile, or run with no-new-privileges",
    cwe="CWE-250",
    cis="4.8",
)
UNUSUAL: Final = Rule(
    id="image-setuid",
    title="A program runs with its owner's or group's rights",
    severity=Severity.MEDIUM,
    why="it is not one of the distribution's usual ones, and a flaw in it gives its owner's rights",
    fix="Remove the setuid and setgid bits in the Dockerfile: chmod a-s",
    cwe="CWE-250",
    cis="4.8",
)
PATH: Final = Rule(
    id="image-writable-program",
    title="Everybody may replace a program on the search path",
    severity=Severity.HIGH,
    why="any process in the container makes the next one, root's too, run what it likes",
    fix="Remove everybody's right to write to the folders on PATH and what is in them: chmod o-w",
    cwe="CWE-732",
)
FILE: Final = Rule(
    id="image-writable-file",
    title="Everybody may write to a file of the image",
    severity=Severity.MEDIUM,
    why="a process without rights can change what others read or run",
    fix="Remove everybody's right to write in the Dockerfile: chmod o-w",
    cwe="CWE-732",
)
FOLDER: Final = Rule(
    id="image-writable-folder",
    title="Everybody may write to a folder, and delete what others put there",
    severity=Severity.LOW,
    why="without the sticky bit, processes can replace each other's files",
    fix="Remove everybody's right to write, or set the sticky bit: chmod +t",
    cwe="CWE-732",
)
_DISTRIBUTIONS: Final = frozenset(
    {
        "at", "bbsuid", "bsd-write", "chage", "chfn", "chkpwd", "chsh", "crontab", "dbus-daemon-launch-helper",
        "dotlockfile", "exim4", "expiry", "fusermount", "fusermount3", "gpasswd", "locate", "lockfile", "mail-lock",
        "mail-touchlock", "mail-unlock", "mlocate", "mount", "mount.nfs", "newgidmap", "newgrp", "newuidmap", "ntfs-3g",
        "pam_timestamp_check", "passwd", "ping", "ping6", "pkexec", "plocate", "polkit-agent-helper-1", "postdrop",
        "postqueue", "pppd", "procmail", "screen", "sg", "ssh-agent", "ssh-keysign", "staprun", "su", "sudo",
        "sudoedit", "suexec", "traceroute6.iputils", "umount", "unix2_chkpwd", "unix_chkpwd", "userhelper",
        "usernetctl", "utempter", "wall", "write", "write.ul",
    }
)  # fmt: skip
"""Programs that distributions install setuid or setgid."""
_SYSTEM: Final = ("usr/", "bin/", "sbin/", "lib/", "lib64/")
_OPEN: Final = frozenset({"tmp", "var/tmp", "var/lock", "run/lock", "dev/shm", "dev/mqueue", "run", "var/run"})
_SEARCHED: Final = ("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin")
_MOST: Final = 100
"""Findings for single files; what is more is counted in one."""


def setuid(image: Image) -> Iterator[Finding]:
    layers = {each.path: each.layer for each in image.files.extracts("image_config.traces")}
    usual: list[str] = []
    for path, mode in sorted(image.files.modes().items()):
        if not mode & (stat.S_ISUID | stat.S_ISGID) or _is_folder(image, path):
            continue
        if path.rpartition("/")[2] in _DISTRIBUTIONS and path.startswith(_SYSTEM) and not path.startswith("usr/local/"):
            usual.append(path)
            continue
        bits = " and ".join(
            bit for bit, given in (("setuid", mode & stat.S_ISUID), ("setgid", mode & stat.S_ISGID)) if given
        )
        facts = (("mode", f"{mode:04o}"), *(image.layer_facts(layers[path]) if path in layers else ()))
        yield finding(UNUSUAL, image, path, f"/{path} is {bits} (mode {mode:04o}).", place=f"/{path}", facts=facts)
    if usual:
        message = f"{len(usual)} programs are setuid or setgid, as the distribution has them: {', '.join(usual[:10])}."
        yield finding(USUAL, image, "usual", message, facts=tuple(("path", f"/{path}") for path in usual[:_MOST]))


def writable(image: Image) -> Iterator[Finding]:
    layers = {each.path: each.layer for each in image.files.extracts("image_config.traces")}
    searched = _search_path(image)
    found = ((path, mode) for path, mode in sorted(image.files.modes().items()) if mode & stat.S_IWOTH)
    count = 0
    for path, mode in found:
        folder = _is_folder(image, path)
        if path.startswith(("proc/", "sys/", "dev/")) or path in _OPEN or (folder and mode & stat.S_ISVTX):
            continue
        rule = FOLDER if folder else FILE
        where = path if folder else path.rpartition("/")[0]
        if where in searched:
            rule = PATH
        count += 1
        if count <= _MOST or rule is PATH:
            what = "folder" if folder else "file"
            facts = (("mode", f"{mode:04o}"), *(image.layer_facts(layers[path]) if path in layers else ()))
            yield finding(
                rule,
                image,
                path,
                f"Everybody may write to the {what} /{path} (mode {mode:04o}).",
                place=f"/{path}",
                facts=facts,
            )
    if count > _MOST:
        message = f"Everybody may write to {count} files and folders: the first {_MOST} are findings of their own."
        yield finding(FILE, image, "more", message)


def _is_folder(image: Image, path: str) -> bool:
    return image.files.exists(f"{path}/.")


def _search_path(image: Image) -> frozenset[str]:
    variables = dict(image.config.env) if image.config else {}
    folders = variables["PATH"].split(":") if "PATH" in variables else _SEARCHED
    return frozenset(image.files.real(each) for each in folders if each.strip("/")) - {""}


CHECKS: Final = (
    Check(name="setuid and setgid files", look=setuid),
    Check(name="world-writable paths", look=writable),
)
