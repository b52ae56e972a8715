# SPDX-License-Identifier: GPL-2.0-or-later
"""Unit tests that need a kernel with WireGuard, and skip where there is none."""

from __future__ import annotations

import re

from lib.lab import Lab
from lib.report import Report
from lib.wgrd import build_dir

PROGRAMS = ["tests/wgrd/kernel/test_kwg"]


def run(lab: Lab, t: Report) -> None:
    node = lab.node("node")
    for program in PROGRAMS:
        text = node.run(str(build_dir() / program), check=False, seconds=90)
        passed = re.findall(r"\[ +OK \] (\w+)", text)
        for name in passed:
            t.check(f"{program}: {name.replace('_', ' ')}", True)
        t.check(f"{program} has passed, all {len(passed)} of it", passed and "FAILED" not in text
                and f"Running {len(passed)} test" in text, text)
