# SPDX-License-Identifier: GPL-2.0-or-later
"""The real vtysh of Debian on a node where `make install` has been run, and a person at it.

The node sees overlays of /usr, /etc/wgrd and dpkg's state, so what is installed, diverted and
removed there is there alone.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from dataclasses import dataclass

from lib.node import Node
from lib.wait import LabError
from lib.wgrd import build_dir

FRR_VTY = "/run/frr/wgrd.vty"
STOCK = "/usr/libexec/wgrd/vtysh"  # where the diverted one is

OVERLAYS = r"""
for dir in /usr /var/lib/dpkg; do
    name=$(echo $dir | tr / -)
    mkdir -p /run/overlay/up$name /run/overlay/work$name
    mount -t overlay overlay -o lowerdir=$dir,upperdir=/run/overlay/up$name,workdir=/run/overlay/work$name $dir
done
"""


def make(node: Node, *what: str) -> str:
    """`make WHAT` in our build directory, on the node. Nothing is built there."""
    return node.run("make", "-s", "-C", str(build_dir()), *what, seconds=120)


def install(node: Node) -> str:
    """`make install` on the node; what it says."""
    node.sh(OVERLAYS)
    return make(node, "install")


def vtysh(node: Node, *commands: str, options: tuple[str, ...] = (), check: bool = True) -> str:
    argv = ["vtysh", *options]
    for c in commands:
        argv += ["-c", c]
    return node.run(*argv, check=check)


@dataclass
class Answer:
    """What a vtysh that was run to its end said and returned."""

    status: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout + self.stderr


def run_vtysh(node: Node, *argv: str, env: tuple[str, ...] = (), program: str = "vtysh") -> Answer:
    done = subprocess.run(node.command(["env", *env, program, *argv]), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    return Answer(done.returncode, done.stdout, done.stderr)


class Terminal:
    """vtysh behind a pseudo-terminal: keys go in, and what the screen shows comes back."""

    SECONDS = 20
    KILL_LINE = "\x15"

    def __init__(self, node: Node, *options: str) -> None:
        self.prompt = re.escape(node.name) + r"(\([a-z0-9-]+\))?[#>] "
        self.node = ""  # where vtysh is, from the prompt: "(config-peer)", "" for exec
        argv = node.command(["env", "TERM=dumb", "INPUTRC=/dev/null", "HOME=/run", "vtysh", *options])
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(argv[0], argv)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 500, 200, 0, 0))
        self.seen = ""
        self._until_prompt()

    def _type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def _more(self, deadline: float) -> bool:
        if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            part = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            part = b""
        self.seen += part.decode(errors="replace").replace("\r", "").replace("\a", "")
        return bool(part)

    def _expect(self, pattern: str) -> re.Match[str]:
        """Waits until the screen ends with @pattern. What came before is in match.string."""
        deadline = time.monotonic() + self.SECONDS
        while not (match := re.search(f"(?:{pattern})$", self.seen)):
            if not self._more(deadline):
                raise LabError(f"vtysh: expected {pattern!r} on the screen, seen {self.seen[-2000:]!r}")
        self.seen = ""
        return match

    def _until_prompt(self, typed: str = "") -> str:
        # readline may draw a line again, prompt and all, but not on a new line
        match = self._expect("\n" + self.prompt + re.escape(typed))
        self.node = match.group(1) or ""
        return match.string[:match.start()]

    def line(self, text: str) -> str:
        """Types a line and returns the answer."""
        self._type(text + "\n")
        return self._until_prompt().partition("\n")[2]

    def help(self, text: str) -> dict[str, str]:
        """What `?` says after @text: word to help."""
        self._type(text + "?")
        answer = self._until_prompt(text)  # shown again, for more to be typed
        self._clear()
        words = (line.strip().partition("  ") for line in answer.partition("\n")[2].splitlines())
        return {word: what.strip() for word, _, what in words if word}

    def complete(self, text: str) -> str:
        """The line after @text and a Tab, when only one thing can come of it."""
        self._type(f"{text}\t~")
        found = self._expect("~").string[:-1]
        self._clear()
        return found

    def _clear(self) -> None:
        self._type(self.KILL_LINE + "\n")
        self._until_prompt()

    def close(self) -> None:
        os.close(self.fd)  # SIGHUP
        os.waitpid(self.pid, 0)
