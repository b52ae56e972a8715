# SPDX-License-Identifier: GPL-2.0-or-later
"""How ./demo speaks: numbered steps, what has been reached, and real commands with their output.

On a terminal it shows what is waited for and since when, and uses colour unless NO_COLOR is set
(no-color.org); into a file or a pipe goes plain text.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Sequence, TypeVar

from lib import wait
from lib.node import Node
from lib.wait import LabError

T = TypeVar("T")

SPINNER = "|/-\\"
BOLD, DIM, GREEN, RED, CYAN = "1", "2", "32", "31", "36"
OUTPUT_LINES = 24


class Stage:
    def __init__(self, steps: int, logs: Path) -> None:
        self.steps = steps
        self.logs = logs
        self.step_number = 0
        self.begun = time.monotonic()
        self.terminal = sys.stdout.isatty()
        self.colour = self.terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self._shown = 0  # columns of the line that is not finished yet
        wait.on_tick = self.progress

    # ---- plain output ----

    def _paint(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def say(self, text: str = "") -> None:
        self.clear()
        print(text, flush=True)

    def step(self, title: str, why: str = "") -> None:
        self.step_number += 1
        self.say()
        self.say(self._paint(BOLD, f"{self.step_number}/{self.steps}  {title}"))
        for line in why.splitlines():
            self.say(f"     {line}")

    def done(self, text: str, seconds: float | None = None) -> None:
        took = "" if seconds is None else self._paint(DIM, f"  {seconds:.1f} s")
        self.say(f"  {self._paint(GREEN, 'ok')} {text}{took}")

    def failed(self, error: BaseException) -> None:
        self.say(f"  {self._paint(RED, 'FAILED')} {error.expected if isinstance(error, wait.Unmet) else ''}")
        for line in str(error).splitlines():
            self.say(f"     {line}")
        self.say(f"     logs and the state of each node: {self.logs}/*/")

    def elapsed(self) -> float:
        return time.monotonic() - self.begun

    # ---- waiting ----

    def progress(self, expected: str, elapsed: float) -> None:
        if not self.terminal:
            return
        width = shutil.get_terminal_size().columns - 1
        text = f"  {SPINNER[int(elapsed * 8) % len(SPINNER)]}  {expected}  {elapsed:.0f} s"[:width]
        print("\r" + text.ljust(self._shown), end="", flush=True)
        self._shown = len(text)

    def clear(self) -> None:
        if self._shown:
            print("\r" + " " * self._shown + "\r", end="")
            self._shown = 0

    def wait(self, what: str, look: Callable[[], T], good: Callable[[T], bool] = bool,
             seconds: float = 30) -> T:
        begun = time.monotonic()
        value = wait.until(what, look, good, seconds, str(self.logs))
        self.done(what, time.monotonic() - begun)
        return value

    def check(self, what: str, ok: bool, seen: object) -> None:
        if not ok:
            raise wait.Unmet(what, wait.describe(seen), 0, str(self.logs))
        self.done(what)

    def work(self, what: str, argv: Sequence[str], log: Path, folder: Path) -> None:
        """Runs a command of the host to its end, its output to @log."""
        begun = time.monotonic()
        with open(log, "ab") as out:
            out.write(f"--- {shlex.join(argv)}\n".encode())
            out.flush()
            child = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            while child.poll() is None:
                self.progress(what, time.monotonic() - begun)
                time.sleep(wait.POLL_SECONDS)
        if child.returncode:
            tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
            raise LabError(f"{shlex.join(argv)} ended with {child.returncode}; the end of {log}:\n"
                           + "\n".join(tail))
        self.done(what, time.monotonic() - begun)

    # ---- proof ----

    def show(self, node: Node, command: str, argv: Sequence[str],
             keep: Callable[[str], bool] = lambda line: True) -> None:
        """Runs @argv on @node and shows @command as it would be typed, with what it printed."""
        self.say(f"     {self._paint(CYAN, f'{node.name}# {command}')}")
        lines = [line.rstrip() for line in node.run(*argv, check=False).splitlines()]
        lines = [line for line in lines if line and keep(line)]
        for line in lines[:OUTPUT_LINES]:
            self.say(f"       {line}")
        if len(lines) > OUTPUT_LINES:
            self.say(f"       ... {len(lines) - OUTPUT_LINES} more lines")
