# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test found, one line for each assertion, in TAP (testanything.org).

An assertion that fails prints what was expected and what was seen and the test goes on; a wait
that fails ends the test, because what follows builds on it.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, TypeVar

from lib.wait import Unmet, describe, until

T = TypeVar("T")


class Report:
    def __init__(self, logs: str) -> None:
        self.logs = logs
        self.passed = 0
        self.failed = 0

    def _line(self, ok: bool, what: str) -> None:
        self.passed += ok
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.passed + self.failed} - {what}", flush=True)

    def note(self, text: str) -> None:
        for line in text.splitlines() or [""]:
            print(f"#   {line}", flush=True)

    def step(self, title: str) -> None:
        """What the next assertions are about."""
        print(f"-- {title}", flush=True)

    def check(self, what: str, ok: Any, seen: Any = None) -> bool:
        self._line(bool(ok), what)
        if not ok:
            self.note(f"seen: {describe(seen if seen is not None else ok)}\nlogs: {self.logs}")
        return bool(ok)

    def equal(self, what: str, seen: Any, expected: Any) -> bool:
        ok = seen == expected
        self._line(ok, what)
        if not ok:
            self.note(f"expected: {describe(expected)}\nseen: {describe(seen)}\nlogs: {self.logs}")
        return ok

    def contains(self, what: str, text: str, *parts: str) -> bool:
        missing = [p for p in parts if p not in text]
        self._line(not missing, what)
        if missing:
            self.note(f"expected: {describe(missing)}\nseen: {describe(text)}\nlogs: {self.logs}")
        return not missing

    def wait(self, what: str, look: Callable[[], T], good: Callable[[T], bool] = bool,
             seconds: float = 20) -> T:
        """Polls until it is so. When it does not come to be, the test ends here."""
        begun = time.monotonic()
        value = until(what, look, good, seconds, self.logs)
        self._line(True, f"{what} ({time.monotonic() - begun:.1f} s)")
        return value

    def error(self, error: BaseException) -> None:
        """The test could not go on."""
        what = error.expected if isinstance(error, Unmet) else f"{type(error).__name__}: {error}"
        self._line(False, what.splitlines()[0])
        self.note(str(error) if isinstance(error, Unmet) else f"{error}\nlogs: {self.logs}")

    def end(self) -> int:
        print(f"1..{self.passed + self.failed}")
        sys.stdout.flush()
        return 1 if self.failed or not self.passed else 0
