"""Real processes: they flood, hang, ignore signals, daemonise, and must neither block us nor survive."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scangate import process
from scangate.capture import capture
from scangate.errors import CancelledError, DeadlineError, Interrupted, ScanError, ToolMissingError

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="descendants are known by /proc only")

WAIT = "until [ -s pid ]; do sleep 0.01; done; "
NAMED = "import ctypes,os,time; ctypes.CDLL(None).prctl(15, b') Z 1 1 (', 0, 0, 0)\n"
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 256)
        pid = os.open("pid.new", os.O_WRONLY | os.O_CREAT)
        os.write(pid, str(os.getpid()).encode())
        os.close(pid)
        os.rename("pid.new", "pid")
        time.sleep(300)
    os._exit(0)
while not os.path.exists("pid"):
    time.sleep(0.01)
"""
SLEEP = "echo $$ > pid; exec sleep 300"
GRANDCHILDREN = {
    "in the background": ["sh", "-c", f"sh -c '{SLEEP}' & {WAIT}"],
    "nohup": ["sh", "-c", f"nohup sh -c '{SLEEP}' & {WAIT}"],
    "in a session of its own": ["sh", "-c", f"setsid sh -c '{SLEEP}' & {WAIT}"],
    "with all files closed": ["sh", "-c", f"sh -c '{SLEEP}' <&- >&- 2>&- & {WAIT}"],
    "without an environment": ["sh", "-c", f"env -i sh -c '{SLEEP}' & {WAIT}"],
    "ignoring SIGTERM": ["sh", "-c", f"""sh -c 'trap "" TERM HUP; {SLEEP}' & {WAIT}"""],
    "a daemon, forked twice": [sys.executable, "-c", DAEMON],
    "named like a zombie": [
        "sh",
        "-c",
        f"\"{sys.executable}\" -c \"{NAMED}open('pid', 'w').write(str(os.getpid())); time.sleep(300)\" & {WAIT}",
    ],
}


@pytest.fixture(autouse=True)
def _allowed():
    yield
    process.allow()


def soon(seconds: float = 30.0) -> float:
    return time.monotonic() + seconds


def sh(script: str, *, cwd: Path | None = None, deadline: float | None = None, **others) -> process.Completed:
    return process.run(["sh", "-c", script], cwd=cwd, deadline=deadline or soon(), **others)


def children_that_wait() -> list[int]:
    """Our zombies: ended, and not yet collected."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] == "Z" and int(fields[1]) == os.getpid():
                found.append(int(entry.name))
    return found


def test_a_program_ends_with_its_code_and_both_outputs() -> None:
    done = sh("echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr, done.truncated) == (3, b"out\n", b"err\n", False)
    assert done.argv[0] == "sh"
    assert 0 < done.seconds < 30


def test_the_complaint_is_the_end_of_standard_error_or_else_of_standard_output() -> None:
    assert sh("echo no; printf '1\\n2\\n3\\n4\\n' >&2").complaint == "2 / 3 / 4"
    assert sh("echo only").complaint == "only"
    assert sh("printf '\\377\\376' >&2").complaint == "\ufffd\ufffd"


def test_output_is_bytes_of_any_value() -> None:
    every = bytes(range(256)) * 40
    done = process.run([sys.executable, "-c", "import os; os.write(1, bytes(range(256)) * 40)"], deadline=soon())
    assert done.stdout == every


def test_an_end_by_signal_is_a_negative_code() -> None:
    assert sh("kill -9 $$").returncode == -9
    assert sh("kill -SEGV $$").returncode == -signal.SIGSEGV


def test_nothing_is_read_by_a_shell() -> None:
    words = ["$(id)", ";", "|", "`id`", "*", "~", "$HOME", "a b", "'", '"', "\n", "--"]
    assert process.run(["printf", "%s\\n", *words], deadline=soon()).stdout.decode() == "".join(f"{w}\n" for w in words)


def test_standard_input_is_dev_null() -> None:
    done = sh("cat; readlink /proc/self/fd/0")
    assert done.stdout == b"/dev/null\n"


def test_a_program_reads_what_it_is_given_however_much_that_is() -> None:
    given = os.urandom(300_000)
    assert process.run(["cat"], deadline=soon(), stdin=given).stdout == given


def test_the_environment_is_an_allow_list(monkeypatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "visible")
    monkeypatch.setenv("GITHUB_TOKEN", "visible")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    lines = process.run(["env"], deadline=soon(), env={"ASKED_FOR": "yes"}).stdout.decode().splitlines()
    seen = dict(line.split("=", 1) for line in lines)
    assert "visible" not in seen.values()
    assert seen["LC_ALL"] == "C.UTF-8"
    assert seen["ASKED_FOR"] == "yes"
    assert seen["PATH"] == os.environ["PATH"]
    known = {"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "LC_ALL", "ASKED_FOR"}
    assert set(seen) - known == {"SCANGATE_CHILD"}


def test_no_file_of_ours_is_handed_on(tmp_path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        listed = process.run(["ls", "-l", "/proc/self/fd"], deadline=soon()).stdout.decode()
    assert str(tmp_path) not in listed


def test_a_missing_program_says_so() -> None:
    with pytest.raises(ToolMissingError, match="no-such-program is not installed"):
        process.run(["no-such-program"], deadline=soon())
    assert process.which("no-such-program") is None
    assert process.which("sh")


def test_a_missing_folder_is_not_a_missing_program(tmp_path) -> None:
    with pytest.raises(ScanError, match="there is no such folder") as caught:
        sh("true", cwd=tmp_path / "gone")
    assert not isinstance(caught.value, ToolMissingError)


@pytest.mark.parametrize("argv", [["echo", "a\0b"], ["echo\0"], ["echo", "\ud800"]])
def test_arguments_that_no_program_can_get_are_refused(argv) -> None:
    with pytest.raises(ScanError, match="cannot be started"):
        process.run(argv, deadline=soon())


def test_a_file_that_is_no_program_says_so(tmp_path) -> None:
    (tmp_path / "text").write_text("hello")
    with pytest.raises(ScanError, match="cannot be started"):
        process.run([str(tmp_path / "text")], deadline=soon())
    (tmp_path / "text").chmod(0o755)
    with pytest.raises(ScanError, match="cannot be started"):
        process.run([str(tmp_path / "text")], deadline=soon())


def test_without_room_for_output_nothing_is_started(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(ScanError, match="no temporary file"):
        sh("touch ran", cwd=tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_flood_is_cut_and_said() -> None:
    done = sh("head -c 30000000 /dev/zero; head -c 30000000 /dev/zero >&2", max_output=2**16)
    assert (done.returncode, done.truncated) == (0, True)
    assert len(done.stdout) == 2**16
    assert len(done.stderr) == 2**12


def test_exactly_the_cap_is_not_a_flood() -> None:
    done = sh("head -c 4096 /dev/zero", max_output=4096)
    assert (len(done.stdout), done.truncated) == (4096, False)


def test_output_that_is_all_there_is_never_called_truncated_for_a_flood_of_errors() -> None:
    done = sh("echo all; head -c 100000 /dev/zero >&2", max_output=2**16)
    assert (done.stdout, done.truncated, len(done.stderr)) == (b"all\n", False, 2**12)


@pytest.mark.parametrize("script", ["yes >&2", "yes", "yes >&2 & yes", "yes > /proc/self/fd/1"])
def test_an_endless_flood_neither_blocks_nor_fills_the_disk(script) -> None:
    peak = 0

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.005):
            for entry in list(Path("/proc/self/fd").iterdir()):
                try:
                    if "(deleted)" in str(entry.readlink()):
                        peak = max(peak, entry.stat().st_blocks * 512)
                except OSError:
                    continue

    over = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    begun = time.monotonic()
    try:
        with pytest.raises(DeadlineError):
            sh(script, deadline=soon(1.5), max_output=2**20)
    finally:
        over.set()
        watcher.join()
    assert time.monotonic() - begun < 1.5 + 2
    assert 0 < peak < 2**30


def test_a_file_that_was_cut_does_not_become_a_growing_hole() -> None:
    with capture(100) as output:
        writer = os.dup(output.file.fileno())  # shares its offset, as a child does
        try:
            for _ in range(3):
                os.write(writer, b"x" * 1000)
                assert os.fstat(writer).st_size <= 1100
                assert output.trim()
        finally:
            os.close(writer)
        assert (output.content(), output.truncated) == (b"x" * 100, True)


@pytest.mark.parametrize("script", ["sleep 300", "trap '' TERM; sleep 300", "while :; do :; done", "kill -STOP $$"])
def test_a_deadline_is_kept(script) -> None:
    begun = time.monotonic()
    with pytest.raises(DeadlineError, match="sh did not finish") as caught:
        sh(script, deadline=begun + 0.5)
    assert 0.5 <= time.monotonic() - begun < 0.5 + 2
    assert "timeout" in caught.value.advice


@pytest.mark.parametrize("kind", GRANDCHILDREN)
def test_a_grandchild_neither_blocks_nor_survives(kind, tmp_path) -> None:
    begun = time.monotonic()
    done = process.run(GRANDCHILDREN[kind], cwd=tmp_path, deadline=soon())
    assert done.returncode == 0
    assert time.monotonic() - begun < 10
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


@pytest.mark.parametrize("kind", ["nohup", "ignoring SIGTERM", "a daemon, forked twice"])
def test_a_grandchild_does_not_survive_a_deadline(kind, tmp_path) -> None:
    *program, script = GRANDCHILDREN[kind]
    script += "sleep 300" if program[0] == "sh" else "time.sleep(300)"
    with pytest.raises(DeadlineError):
        process.run([*program, script], cwd=tmp_path, deadline=soon(3))
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_a_grandchild_without_our_environment_ends_with_its_parents(tmp_path) -> None:
    with pytest.raises(DeadlineError):
        sh(f"env -i setsid sh -c '{SLEEP}' & {WAIT} sleep 300", cwd=tmp_path, deadline=soon(2))
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_processes_of_others_are_left_alone(tmp_path) -> None:
    other = os.posix_spawn("/bin/sleep", ["sleep", "300"], {})
    try:
        sh("sleep 0.05 & true")
        assert Path(f"/proc/{other}").exists()
        os.kill(other, signal.SIGKILL)
        while other not in children_that_wait():
            time.sleep(0.01)
        sh("setsid true & true")
        assert os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]) == -9, "its status is not ours to take"
    finally:
        if Path(f"/proc/{other}").exists():
            os.kill(other, signal.SIGKILL)
            os.waitpid(other, 0)


def test_orphans_are_not_left_as_zombies() -> None:
    before = set(children_that_wait())
    for _ in range(5):
        sh("setsid true & (setsid sleep 0.01 &) ; setsid sleep 300 & exit 0")
    assert set(children_that_wait()) <= before


def test_twenty_at_a_time_each_get_their_own_answer() -> None:
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda number: sh(f"echo {number}; sleep 0.05; exit {number}"), range(1, 21)))
    assert [each.returncode for each in done] == list(range(1, 21))
    assert [each.stdout for each in done] == [b"%d\n" % number for number in range(1, 21)]


def test_no_thread_takes_the_exit_status_of_a_child_of_another() -> None:
    # Orphans keep every thread busy collecting, while children of the others end at any moment.
    with ThreadPoolExecutor(8) as pool:
        done = list(
            pool.map(lambda number: sh(f"(setsid true &); (setsid true &); exit {number % 250 + 1}"), range(160))
        )
    assert [each.returncode for each in done] == [number % 250 + 1 for number in range(160)]


def test_no_file_stays_open() -> None:
    sh("true")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(200):
        process.run(["true"], deadline=soon())
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_stop_ends_every_child_within_two_seconds(tmp_path) -> None:
    def child(number: int) -> str:
        try:
            sh(f"trap '' TERM; echo $$ > {number}.new; mv {number}.new {number}; sleep 300 & wait", cwd=tmp_path)
        except CancelledError as error:
            return error.message
        return "ended by itself"

    with ThreadPoolExecutor(5) as pool:
        futures = [pool.submit(child, number) for number in range(5)]
        while len(pids := [path.read_text().strip() for path in tmp_path.glob("[0-4]")]) < 5:
            time.sleep(0.01)
        begun = time.monotonic()
        process.stop()
        took = time.monotonic() - begun
        alive = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        process.allow()  # at once: nobody may mistake its own end for a natural one
        answers = [future.result(timeout=10) for future in futures]
    assert took < 2
    assert alive == []
    assert answers == ["interrupted before it was finished"] * 5


def test_who_was_stopped_never_takes_it_for_a_natural_end(monkeypatch) -> None:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(sh, "exec sleep 0.5")
        while not process._running:
            time.sleep(0.01)
        with monkeypatch.context() as patched:
            patched.setattr(process, "_end", lambda _children: None)  # it ends by itself, after all is allowed again
            process.stop()
            process.allow()
        assert isinstance(future.exception(timeout=10), CancelledError)


def test_after_stop_nothing_is_started_until_it_is_allowed_again(tmp_path) -> None:
    process.stop()
    assert process.stopping()
    with pytest.raises(CancelledError, match="before it was started"):
        sh("touch ran", cwd=tmp_path)
    assert not (tmp_path / "ran").exists()
    process.allow()
    assert not process.stopping()
    assert sh("echo again").stdout == b"again\n"


def test_stop_misses_no_child_that_is_being_started(tmp_path) -> None:
    def keep_starting() -> None:
        while True:
            sh("echo $$ >> pids; sleep 300", cwd=tmp_path)

    with ThreadPoolExecutor(6) as pool:
        futures = [pool.submit(keep_starting) for _ in range(6)]
        time.sleep(0.02)
        process.stop()
        alive = [pid for pid in _lines(tmp_path / "pids") if Path(f"/proc/{pid}").exists()]
        assert all(isinstance(future.exception(timeout=10), CancelledError) for future in futures)
    assert alive == []


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread")
def test_an_interrupt_ends_the_child_and_passes_through(tmp_path) -> None:
    def interrupt(_number, _frame):
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        with pytest.raises(Interrupted):
            sh(SLEEP, cwd=tmp_path)
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
