# SPDX-License-Identifier: GPL-2.0-or-later
"""A named network namespace inside a node, where `zebra -n` finds it: one more routing table with the same
files, programs and mounts. What runs in it belongs to the node and ends with it."""

from __future__ import annotations

from typing import Callable, Sequence

from lib.node import Node


class Netns(Node):
    def __init__(self, node: Node, name: str, forward: bool = False) -> None:  # not super().__init__: that makes a node
        self.node = node
        self.name = f"{node.name}-{name}"
        self.netns = name
        self.folder = node.folder / name
        self.folder.mkdir()
        self.pid = node.pid
        self.holder = node.holder
        self.processes = node.processes
        self.questions: list[list[str]] = []
        self.digests: list[Callable[[], str]] = []
        self.wgrd_dir, self.wg_dir = f"/run/wgrd/{name}", f"/run/wireguard/{name}"
        node.run("ip", "netns", "add", name)
        node.run("mkdir", "-p", self.wgrd_dir, self.wg_dir)
        self.sh(f"""
            ip link set lo up
            for f in all default; do
                echo 0 > /proc/sys/net/ipv4/conf/$f/rp_filter
                echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad
            done
            echo {int(forward)} > /proc/sys/net/ipv4/ip_forward
            echo {int(forward)} > /proc/sys/net/ipv6/conf/all/forwarding""")

    def command(self, argv: Sequence[str]) -> list[str]:
        return self.node.command(["nsenter", f"--net=/run/netns/{self.netns}", "--", *argv])

    def close(self) -> None:
        """It ends with its node."""

    def take(self, interface: str) -> None:
        """Moves an interface of the node in here."""
        self.node.run("ip", "link", "set", interface, "netns", self.netns)

