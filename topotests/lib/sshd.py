# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenSSH's server on a node, with accounts and keys that exist there alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from lib.node import Node, Process
from lib.wait import until

SSHD = "/usr/sbin/sshd"
PORT = 830

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/%u.pub
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem netconf {subsystem}
"""


class Sshd:
    """With a subsystem netconf. Each of @users, besides root, is made on the node, and in @group."""

    def __init__(self, node: Node, subsystem: str, users: tuple[str, ...], group: str) -> None:
        self.node = node
        self.folder = node.folder / "ssh"
        self.folder.mkdir(exist_ok=True)
        self.process: Process | None = None
        self._make_accounts(users, group)
        for name in ("host_key", "root", *users):
            key = self.folder / name
            key.unlink(missing_ok=True)
            node.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        config = CONFIG.format(port=PORT, folder=self.folder, subsystem=subsystem)
        (self.folder / "config").write_text(config, encoding="utf-8")

    def _make_accounts(self, users: tuple[str, ...], group: str) -> None:
        """The files of the node are the machine's, with lines of its own."""
        gid = 60000
        passwd = "".join(f"{u}:x:{gid + n}:{gid + n}::/:/bin/sh\n" for n, u in enumerate(users, 1))
        for path, lines in (("/etc/passwd", passwd), ("/etc/group", f"{group}:x:{gid}:{','.join(users)}\n")):
            own = self.folder / Path(path).name
            shutil.copy(path, own)
            with open(own, "a", encoding="utf-8") as f:
                f.write(lines)
            self.node.run("mount", "--bind", str(own), path)

    def key(self, user: str) -> str:
        return str(self.folder / user)

    def start(self) -> None:
        self.node.run("mkdir", "-p", "/run/sshd")
        process = self.node.start("sshd", SSHD, "-D", "-e", "-f", str(self.folder / "config"))
        self.process = process
        until(f"sshd of {self.node.name} listens", process.output, lambda text: "Server listening" in text, 10,
              str(process.log))
