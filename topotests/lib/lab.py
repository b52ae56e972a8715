# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab: nodes, the links between them, a folder with their files and logs, and their end.

    with Lab("move", Path("build/topotests/move")) as lab:
        a, b = lab.node("a", forward=True), lab.node("b")
        lab.link(a, "eth0", b, "eth0")

Nothing in a lab has a name outside of it: no named namespace, no interface on the host. So any
number may run at the same time, and a lab that is gone has left nothing but its folder.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from lib.netns import Netns
from lib.node import Node
from lib.wait import LabError


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


class Lab:
    def __init__(self, name: str, folder: Path, keep: bool = False) -> None:
        if os.geteuid() != 0:
            raise LabError("a lab needs root: it makes network namespaces")
        self.name = name
        self.folder = folder.resolve()
        self.keep = keep
        self.nodes: list[Node] = []
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)

    def node(self, name: str, forward: bool = False) -> Node:
        node = Node(name, self.folder / name, forward, self.keep)
        self.nodes.append(node)
        return node

    def netns(self, node: Node, name: str, forward: bool = False) -> Netns:
        """A named namespace in @node."""
        netns = Netns(node, name, forward)
        self.nodes.append(netns)
        return netns

    def link(self, a: Node, a_name: str, b: Node, b_name: str) -> None:
        """A cable: two interfaces, down and without addresses."""
        argv = ["ip", "link", "add", "name", a_name, "netns", str(a.pid), "type", "veth",
                "peer", "name", b_name, "netns", str(b.pid)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"link {a.name} {a_name} - {b.name} {b_name}: {done.stderr.strip()}")

    def switch(self, name: str, *ports: tuple[Node, str]) -> Node:
        """A switch with a cable to each (node, interface)."""
        switch = self.node(name)
        switch.run("ip", "link", "add", "name", "br0", "type", "bridge", "forward_delay", "0")
        switch.run("ip", "link", "set", "br0", "up")
        for i, (node, interface) in enumerate(ports):
            self.link(switch, f"port{i}", node, interface)
            switch.run("ip", "link", "set", f"port{i}", "master", "br0", "up")
        return switch

    def dump(self) -> None:
        """Leaves a state.txt for each node among its logs."""
        for node in self.nodes:
            node.dump()

    def digest(self) -> str:
        """The most telling of it, to be printed."""
        return "\n".join(text for node in self.nodes if (text := node.digest()))

    def close(self) -> None:
        """Takes everything down but the folder. May be called more than once."""
        atexit.unregister(self.close)
        while self.nodes:
            self.nodes.pop().close()

    def release(self) -> list[Node]:
        """Of a lab to be kept: from here on it is no longer ours to take down."""
        atexit.unregister(self.close)
        nodes, self.nodes = self.nodes, []
        return nodes

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> Any:
        self.close()
        return False
