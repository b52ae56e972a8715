# SPDX-License-Identifier: GPL-2.0-or-later
"""The stock WireGuard at the other end, set up with wg(8): Debian's wireguard-go, or in the VM the kernel's."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field

from lib.node import Node, Process


@dataclass(frozen=True)
class KeyPair:
    private: str
    public: str


def generate_keys() -> KeyPair:
    private = subprocess.run(["wg", "genkey"], capture_output=True, text=True, check=True).stdout.strip()
    public = subprocess.run(["wg", "pubkey"], input=private, capture_output=True, text=True,
                            check=True).stdout.strip()
    return KeyPair(private, public)


def generate_psk() -> str:
    return subprocess.run(["wg", "genpsk"], capture_output=True, text=True, check=True).stdout.strip()


@dataclass
class StockPeer:
    public_key: str
    allowed_ips: list[str]
    endpoint: str = ""
    preshared_key: str = ""
    keepalive: int = 0


@dataclass
class Stock:
    """A stock WireGuard on a node. Subclasses make the interface."""
    node: Node
    keys: KeyPair
    interface: str = "wg0"
    listen_port: int = 51820
    peers: list[StockPeer] = field(default_factory=list)

    def make(self) -> None:
        raise NotImplementedError

    def start(self, *addresses: str) -> None:
        self.make()
        config = [f"[Interface]\nPrivateKey = {self.keys.private}\nListenPort = {self.listen_port}\n"]
        for p in self.peers:
            lines = ["[Peer]", f"PublicKey = {p.public_key}",
                     f"AllowedIPs = {', '.join(p.allowed_ips)}"]
            if p.endpoint:
                lines.append(f"Endpoint = {p.endpoint}")
            if p.preshared_key:
                lines.append(f"PresharedKey = {p.preshared_key}")
            if p.keepalive:
                lines.append(f"PersistentKeepalive = {p.keepalive}")
            config.append("\n".join(lines) + "\n")
        self.node.run("wg", "setconf", self.interface, "/dev/stdin", stdin="\n".join(config))
        self.node.run("ip", "link", "set", self.interface, "mtu", "1420")
        self.node.address(self.interface, *addresses)

    def show(self, what: str) -> dict[str, str]:
        """`wg show INTERFACE WHAT`: public key to value."""
        lines = self.node.run("wg", "show", self.interface, what).splitlines()
        return {key: rest for key, _, rest in (line.partition("\t") for line in lines)}

    def handshake_time(self, public_key: str) -> int:
        """Seconds since the epoch, 0 for never."""
        return int(self.show("latest-handshakes").get(public_key, "0"))


@dataclass
class WireguardGo(Stock):
    process: Process | None = None

    def make(self) -> None:
        self.process = self.node.start(f"wireguard-go-{self.interface}", "wireguard-go", "-f",
                                       self.interface, env={"LOG_LEVEL": "verbose"})
        self.node.wait_for_file(f"/run/wireguard/{self.interface}.sock")


@dataclass
class KernelWireguard(Stock):
    def make(self) -> None:
        self.node.run("ip", "link", "add", "name", self.interface, "type", "wireguard")


# Which of them the tests meet here.
STOCK = os.environ.get("WGRD_STOCK", "wireguard-go")


def stock(node: Node, keys: KeyPair, peers: list[StockPeer]) -> Stock:
    return (KernelWireguard if STOCK == "kernel" else WireguardGo)(node, keys, peers=peers)
