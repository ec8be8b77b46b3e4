"""A headless Chromium, driven through its own debugging pipe: no driver, no library, no port for others to use."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 60
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Chromium:
    """One browser with one page. `noise` is what the console said and what was refused, `asked` what it loads."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM is not None
        self.noise: list[str] = []
        self.asked: list[str] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._events: deque[dict[str, Any]] = deque()
        self._number = 0
        self._said = threading.Condition()
        theirs_in, self._out = _pipe()
        self._in, theirs_out = _pipe()
        # Chromium reads commands from descriptor 3 and answers on 4.
        moved = (
            f"import os, sys; os.dup2({theirs_in}, 3); os.dup2({theirs_out}, 4); os.execv(sys.argv[1], sys.argv[1:])"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", moved, PROGRAM, *FLAGS, f"--user-data-dir={folder}"],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._session = ""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        os.close(self._in)
        os.close(self._out)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command of the DevTools protocol, and wait for its result."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        with self._said:
            assert self._said.wait_for(lambda: number in self._answers, PATIENCE), f"no answer to {method}"
            answer = self._answers.pop(number)
        assert "error" not in answer, answer["error"]
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, url: str, *, scripts: bool = True) -> None:
        """Load a page, and wait until it is there."""
        self.noise.clear()
        self.asked.clear()
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        # The same address with another hash would not be loaded again.
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)
        for _ in range(PATIENCE * 50):
            if self.run("document.readyState + location.protocol") == "completefile:":
                return
            time.sleep(0.02)
        raise AssertionError(f"{url} was not loaded")

    def run(self, code: str) -> Any:
        """Evaluate an expression in the page; a promise is waited for."""
        done = self.send("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def size(self, width: int, height: int = 900) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, *, kind: str = "", colours: str = "light") -> None:
        """What the page is shown on: `print` or a screen, light or dark."""
        scheme = {"name": "prefers-color-scheme", "value": colours}
        self.send("Emulation.setEmulatedMedia", media=kind, features=[scheme])

    def click(self, selector: str) -> None:
        """Press the mouse on the middle of an element, as a person would."""
        # What is scrolled into view for the first time is laid out then, and moves what stands below it.
        place = self.run(
            f"(async () => {{ const e = document.querySelector({json.dumps(selector)}); let at = '', before;"
            " do { before = at; e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
            " const r = e.getBoundingClientRect(); at = [r.x + r.width / 2, r.y + r.height / 2].join();"
            " } while (at !== before); return at.split(',').map(Number) })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def type(self, text: str) -> None:
        self.send("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        taken = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(taken["data"]))

    def paper(self) -> bytes:
        """Print the page as PDF."""
        return base64.b64decode(self.send("Page.printToPDF", printBackground=True)["data"])

    def _read(self) -> None:
        rest = b""
        while chunk := os.read(self._in, 1 << 20):
            *messages, rest = (rest + chunk).split(b"\0")
            for each in map(json.loads, messages):
                if "id" in each:
                    with self._said:
                        self._answers[each["id"]] = each
                        self._said.notify_all()
                else:
                    self._heard(each.get("method", ""), each.get("params", {}))

    def _heard(self, method: str, said: dict[str, Any]) -> None:
        if method == "Runtime.consoleAPICalled":
            self.noise.append(" ".join(str(each.get("value", each.get("description"))) for each in said["args"]))
        elif method == "Runtime.exceptionThrown":
            self.noise.append(said["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif method == "Log.entryAdded":
            self.noise.append(said["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.asked.append(said["request"]["url"])


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are not the descriptors 3 and 4, which the child needs free."""
    made = os.pipe()
    moved = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in made]
    for each in made:
        os.close(each)
    return moved[0], moved[1]
