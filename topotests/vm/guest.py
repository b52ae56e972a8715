# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tests one after the other inside the VM, each as `topotests/run --one` would outside.

    guest.py NAME[@BACKEND]:SECONDS...

What a test prints is passed on as it comes. A line that begins with "vm:" is for the host: which test
begins, which has ended and how, and the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).resolve().parents[1] / "run"
LOGS = Path("/logs")


def run(test: str, seconds: int) -> str:
    """How it ended."""
    name, _, backend = test.partition("@")
    env = {**os.environ, "WGRD_STOCK": "kernel", "WGRD_BACKEND": backend or "user"}
    argv = [sys.executable, str(RUN), "--one", name, "--logs", str(LOGS / backend)]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=env) as child:
        try:
            return f"exit {child.wait(seconds)}"
        except subprocess.TimeoutExpired:
            child.terminate()
            child.wait()
            return f"no end within {seconds} s"


def main() -> None:
    print("vm: up", flush=True)
    for word in sys.argv[1:]:
        test, _, seconds = word.partition(":")
        print(f"vm: begin {test}", flush=True)
        end = run(test, int(seconds))
        print(f"vm: end {test}: {end}", flush=True)
    print("vm: done", flush=True)


if __name__ == "__main__":
    main()
