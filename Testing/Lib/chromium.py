"""A real browser for tests: headless Chromium, driven through its DevTools protocol over a pipe; nothing is downloaded or installed.

The protocol: https://chromedevtools.github.io/devtools-protocol/ (``--remote-debugging-pipe``: JSON messages that end in a zero byte).
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-device-scale-factor=1"),
)
_CODES = {
    "ArrowUp": 38,
    "ArrowDown": 40,
    "ArrowLeft": 37,
    "ArrowRight": 39,
    "PageUp": 33,
    "PageDown": 34,
    "Home": 36,
    "End": 35,
    "Escape": 27,
    "Enter": 13,
    "Tab": 9,
}
_TIME_LIMIT_S = 30.0


def find_chromium() -> str | None:
    """Find a Chromium that is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


needs_chromium = pytest.mark.skipif(os.name == "nt" or find_chromium() is None, reason="no Chromium was found on this machine")


class Chromium:
    """A browser with an empty profile of its own."""

    def __init__(self, profile: Path) -> None:
        to_browser, self._writing = os.pipe()
        self._reading, from_browser = os.pipe()
        command = [find_chromium(), *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]

        def hand_over() -> None:  # the browser reads at 3 and writes at 4
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        nothing = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, stdin=nothing, stdout=nothing, stderr=nothing, preexec_fn=hand_over, pass_fds=(3, 4), start_new_session=True
        )
        os.close(to_browser)
        os.close(from_browser)
        self._numbers, self._buffer, self._answers = 0, b"", {}
        self._pages: dict[str, Page] = {}
        self.sessions: dict[str, str] = {}

    def post(self, method: str, session: str | None = None, **parameters: Any) -> int:
        """Give a command and do not wait; its number."""
        self._numbers += 1
        message = {"id": self._numbers, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        return self._numbers

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        number = self.post(method, session, **parameters)
        end = time.monotonic() + _TIME_LIMIT_S
        while number not in self._answers:
            self.listen(end)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def listen(self, end: float) -> None:
        """Take in what the browser says; at least one message, or the time is over."""
        while b"\0" not in self._buffer:
            if not select.select([self._reading], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self._reading, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._buffer += part
        *messages, self._buffer = self._buffer.split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                page = self._pages.get(self.sessions.get(message.get("sessionId", ""), message.get("sessionId", "")))
                if page is not None:
                    page.take(message)

    def context(self, downloads: Path | None = None) -> str:
        """Make a context with a storage of its own, as a new profile has it; where downloads go, if any."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        if downloads is not None:
            self.send("Browser.setDownloadBehavior", behavior="allow", browserContextId=context, downloadPath=str(downloads))
        return context

    def page(self, context: str | None = None, size: tuple[int, int] = (1200, 800), scripts: bool = True) -> Page:
        """Open an empty page."""
        options = {"browserContextId": context} if context else {}
        target = self.send("Target.createTarget", url="about:blank", **options)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session)
        self._pages[session] = page
        page.begin(size, scripts)
        return page

    def close(self) -> None:
        """End the browser."""
        try:
            self.send("Browser.close")
            self._process.wait(10)
        except (RuntimeError, OSError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._reading)
        os.close(self._writing)


class Page:
    """One page: what it says and asks for, and a user's hands on it."""

    def __init__(self, browser: Chromium, target: str, session: str) -> None:
        self.browser, self.target, self.session = browser, target, session
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.frames: dict[str, str] = {}

    def begin(self, size: tuple[int, int], scripts: bool) -> None:
        """Listen to the page."""
        for domain in ("Runtime", "Network", "Log", "Page"):
            self.command(f"{domain}.enable")
        self.command("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
        self.command("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
        if not scripts:
            self.command("Emulation.setScriptExecutionDisabled", value=True)

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give the page a command of the protocol."""
        return self.browser.send(method, self.session, **parameters)

    def take(self, message: dict[str, Any]) -> None:
        """Note what the browser tells of the page and its frames."""
        method, told = message["method"], message["params"]
        if method == "Runtime.exceptionThrown":
            self.problems.append(told["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.problems.append(str([value.get("value") for value in told["args"]]))
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.problems.append(told["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Target.attachedToTarget":  # a frame in a process of its own
            session = told["sessionId"]
            self.browser.sessions[session] = self.session
            self.frames[told["targetInfo"]["targetId"]] = session
        elif method == "Target.detachedFromTarget":
            self.frames = {target: session for target, session in self.frames.items() if session != told["sessionId"]}

    def open(self, url: str, ready: str = "document.documentElement.dataset.ready") -> Page:
        """Go to an address and wait until it is ready."""
        self.command("Page.navigate", url=url)
        self.wait(f"{ready} && document.readyState === 'complete'")
        return self

    def reload(self) -> None:
        """Load the page again."""
        self.run("document.documentElement.removeAttribute('data-ready')")
        self.command("Page.reload")
        self.wait("document.documentElement.dataset.ready")

    def run(self, expression: str, frame: str = "") -> Any:
        """Work out a JavaScript expression in the page, or in the frame whose address holds a text."""
        session = self._session_of(frame) if frame else self.session
        options = {"returnByValue": True, "awaitPromise": True}
        answer = self.browser.send("Runtime.evaluate", session, expression=expression, **options)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", str(answer)))
        return answer["result"].get("value")

    def _session_of(self, frame: str) -> str:
        for session in reversed(self.frames.values()):
            answer = self.browser.send("Runtime.evaluate", session, expression="decodeURIComponent(location.href)", returnByValue=True)
            if frame in answer["result"].get("value", ""):
                return session
        raise RuntimeError(f"there is no frame {frame}")

    def wait(self, expression: str, frame: str = "", limit_s: float = 20.0) -> Any:
        """Wait until an expression is true."""
        return wait_until(lambda: self._tried(expression, frame), expression, limit_s)

    def _tried(self, expression: str, frame: str) -> Any:
        try:
            return self.run(expression, frame)
        except RuntimeError:  # the page is just changing
            return None

    def key(self, key: str) -> None:
        """Press a key."""
        text = key if len(key) == 1 else "\r" if key == "Enter" else ""
        code = _CODES.get(key) or ord(key.upper())
        options = {"key": key, "windowsVirtualKeyCode": code}
        self.command("Input.dispatchKeyEvent", type="keyDown", **options, **({"text": text} if text else {}))
        # Not waited for: a frame that the key took away never answers.
        self.browser.post("Input.dispatchKeyEvent", self.session, type="keyUp", **options)

    def type(self, text: str) -> None:
        """Press one key after the other."""
        for letter in text:
            self.key(letter)

    def centre(self, selector: str) -> tuple[float, float]:
        """Give the middle of an element."""
        box = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        return tuple(self.run(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({box})"))

    def mouse(self, kind: str, x: float, y: float, **options: Any) -> None:
        """Move, press, release or turn the wheel of a mouse."""
        self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, **options)

    def click(self, selector: str, at: tuple[float, float] | None = None) -> None:
        """Click on the middle of an element, or at a place of the page."""
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'nearest'}})")
        x, y = at or self.centre(selector)
        self.mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1, buttons=1)

    def wheel(self, selector: str, turns: int) -> None:
        """Turn the wheel over an element; positive turns towards the user."""
        x, y = self.centre(selector)
        for _ in range(abs(turns)):
            self.mouse("mouseWheel", x, y, deltaX=0, deltaY=100 if turns > 0 else -100)

    def fill(self, selector: str, text: str) -> None:
        """Write into a field, letter by letter, and leave it."""
        self.click(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.command("Input.insertText", text=text)
        self.run("document.activeElement.blur()")

    def choose_file(self, selector: str, path: Path) -> None:
        """Give a file to an input of files."""
        found = self.command("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.command("DOM.setFileInputFiles", files=[str(path)], objectId=found["result"]["objectId"])

    def picture(self, path: Path) -> None:
        """Save what is seen as PNG."""
        path.write_bytes(base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        """Close the page."""
        self.browser.send("Target.closeTarget", targetId=self.target)


def wait_until(condition: Callable[[], Any], what: str, limit_s: float = 20.0) -> Any:
    """Wait until a condition gives something true, and give that."""
    end = time.monotonic() + limit_s
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"it never came true: {what}")
        time.sleep(0.02)
    return found
