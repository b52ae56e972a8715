# SPDX-License-Identifier: GPL-2.0-or-later
"""./demo shows what it promises to the end, and leaves nothing behind; a lab that it keeps is there to look
around in until it is taken down.

    lan1 ---- spoke1 ---- internet ---- spoke2 ---- lan2      its own lab, beside that of the test
                             |
                            hub
"""

from __future__ import annotations

import re
import subprocess

from lib.lab import Lab
from lib.report import Report
from lib.wgrd import TOP, build_dir

FOLDER = build_dir() / "demo"


def demo(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(TOP / "demo"), *options], text=True, timeout=180, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def to_the_end(t: Report) -> None:
    t.step("All of it")
    done = demo("--no-build")
    t.check("it ends well", done.returncode == 0, done.stdout)
    t.equal("every step is shown", re.findall(r"^(\d+)/8  ", done.stdout, re.M), [str(n) for n in range(1, 9)])
    t.check("the folder of its lab is gone", not FOLDER.exists())


def kept(t: Report) -> None:
    t.step("A lab that is kept")
    done = demo("--no-build", "--keep")
    t.check("it ends well", done.returncode == 0, done.stdout)
    commands = re.findall(r"^  (nsenter .*[ ']show .*)$", done.stdout, re.M)
    t.equal("it says how to look around", len(commands), 3)
    for command in commands:
        seen = subprocess.run(command, shell=True, text=True, capture_output=True, timeout=60, check=False)
        t.contains(command.split(" -- ")[1], seen.stdout + seen.stderr, "192.168.2.0/24")
    again = demo("--no-build")
    t.contains("a second one is refused", again.stdout, "a lab is up already")


def taken_down(t: Report) -> None:
    t.step("It is taken down")
    done = demo("--stop")
    t.contains("every node ends", done.stdout, "the lab is down, 6 nodes ended")
    t.check("the folder of its lab is gone", not FOLDER.exists())
    t.contains("there is nothing more to take down", demo("--stop").stdout, "no lab is up")


def run(lab: Lab, t: Report) -> None:
    try:
        to_the_end(t)
        kept(t)
        taken_down(t)
    finally:
        demo("--stop")
