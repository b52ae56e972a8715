# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting, which is always asking again until a deadline and never a sleep that hopes.

When the deadline passes, Unmet says what was expected, what was seen last and where the logs are:
enough to start looking without running it again.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import Any, Callable, TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.1
# How many times longer than usual everything may take, on an emulated machine.
PATIENCE = float(os.environ.get("WGRD_PATIENCE", "1"))
SEEN_MAX = 3000

# Called while waiting with what is expected and the seconds since the beginning: ./demo shows it.
on_tick: Callable[[str, float], None] = lambda expected, elapsed: None


class LabError(Exception):
    """The lab itself could not do something: no such program, a daemon that died."""


class Unmet(LabError):
    """A condition did not come true in time."""

    def __init__(self, expected: str, seen: str, seconds: float, logs: str = "") -> None:
        super().__init__(expected)
        self.expected = expected
        self.seen = seen
        self.seconds = seconds
        self.logs = logs

    def __str__(self) -> str:
        text = f"expected within {self.seconds:g} s: {self.expected}\nlast seen: {self.seen}"
        return text + (f"\nlogs: {self.logs}" if self.logs else "")


def describe(value: Any) -> str:
    """A value as a person wants to read it in a failure."""
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=str)
    if not isinstance(value, (str, int, float, list, tuple, dict, type(None))):
        value = str(value)
    if isinstance(value, str):
        text = value.strip() or "(nothing)"
    else:
        text = json.dumps(value, indent=1, default=str)
        if len(text) < 100:
            text = json.dumps(value, default=str)
    if len(text) > SEEN_MAX:
        text = text[:SEEN_MAX] + " ..."
    return text


# What looking may raise while things are still coming up: counted as "not yet".
NOT_YET = (LabError, OSError, ValueError, KeyError, IndexError, TypeError, subprocess.SubprocessError)


def until(expected: str, look: Callable[[], T], good: Callable[[T], bool], seconds: float = 20,
          logs: str = "") -> T:
    """Calls look() until good() says yes to what it returned, and returns that."""
    begun = time.monotonic()
    seconds *= PATIENCE
    while True:
        try:
            value = look()
            if good(value):
                return value
            seen = describe(value)
        except NOT_YET as e:
            seen = f"{type(e).__name__}: {e}"
        elapsed = time.monotonic() - begun
        if elapsed >= seconds:
            raise Unmet(expected, seen, seconds, logs)
        on_tick(expected, elapsed)
        time.sleep(POLL_SECONDS)
