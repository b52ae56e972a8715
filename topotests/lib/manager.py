# SPDX-License-Identifier: GPL-2.0-or-later
"""manager.py SOCKET PROGRAM ARGUMENT...: what systemd does for a service, as far as wgrd notices.

It is told things on SOCKET (sd_notify(3)), holds the descriptors it is given by name (FDSTORE=1), hands
them to the next process, and starts the program anew when a signal has ended it. SIGTERM is passed on
and ends both; SIGHUP stops the program and starts it again.
"""

from __future__ import annotations

import array
import os
import signal
import socket
import sys

FIRST_FD = 3
MESSAGE_MAX = 4096


class Manager:
    def __init__(self, path: str, argv: list[str]) -> None:
        self.path = path
        self.argv = argv
        self.held: dict[str, int] = {}
        self.child = 0
        self.stopping = self.restarting = False
        if os.path.exists(path):
            os.unlink(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)

    # ---- the program ----

    def start(self) -> None:
        names = sorted(self.held)
        self.child = os.fork()
        if self.child:
            return
        spare = [os.dup(self.held[name]) for name in names]
        for n, fd in enumerate(spare):
            os.dup2(fd, 100 + FIRST_FD + n, inheritable=False)
        for n in range(len(spare)):
            os.dup2(100 + FIRST_FD + n, FIRST_FD + n, inheritable=True)
        environment = {**os.environ, "NOTIFY_SOCKET": self.path, "LISTEN_PID": str(os.getpid()),
                       "LISTEN_FDS": str(len(names)), "LISTEN_FDNAMES": ":".join(names)}
        os.execve(self.argv[0], self.argv, environment)

    # ---- what it says ----

    def hear(self) -> None:
        room = socket.CMSG_SPACE(array.array("i").itemsize)
        text, control, _, _ = self.socket.recvmsg(MESSAGE_MAX, room)
        fds = array.array("i")
        for level, kind, data in control:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(data)
        said = dict(line.partition("=")[::2] for line in text.decode().splitlines())
        name = said.get("FDNAME", "stored")
        if said.get("FDSTOREREMOVE") == "1":
            self.drop(name)
        if said.get("FDSTORE") == "1" and fds:
            self.drop(name)
            self.held[name] = fds.pop(0)
            print(f"holds {name}", flush=True)
        for fd in fds:
            os.close(fd)

    def drop(self, name: str) -> None:
        if name in self.held:
            os.close(self.held.pop(name))
            print(f"dropped {name}", flush=True)

    # ---- life ----

    def on_term(self, number: int, frame: object) -> None:
        self.stopping = True
        os.kill(self.child, signal.SIGTERM)

    def on_hup(self, number: int, frame: object) -> None:
        self.restarting = True
        os.kill(self.child, signal.SIGTERM)

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self.on_term)
        signal.signal(signal.SIGHUP, self.on_hup)
        self.socket.settimeout(0.02)
        self.start()
        while True:
            try:
                self.hear()
            except TimeoutError:
                pass
            pid, status = os.waitpid(self.child, os.WNOHANG)
            if not pid:
                continue
            print(f"ended with {os.waitstatus_to_exitcode(status)}", flush=True)
            if self.stopping or not (self.restarting or os.WIFSIGNALED(status)):
                return abs(os.waitstatus_to_exitcode(status))
            self.restarting = False
            self.start()


if __name__ == "__main__":
    sys.exit(Manager(sys.argv[1], sys.argv[2:]).run())
