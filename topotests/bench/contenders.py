# SPDX-License-Identifier: GPL-2.0-or-later
"""What is compared: tunnels that come up between the same two nodes, one at a time.

All have an interface wg0 of the same MTU and queue length at both ends, the same underlay and the
same overlay addresses. veth is the underlay itself: what the machine could do without a tunnel.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lib.lab import Lab
from lib.node import Process
from lib.traffic import ping
from lib.wait import LabError, until
from lib.wgrd import TOP, PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import StockPeer, WireguardGo, generate_keys

MTU = 1420
QUEUE_LENGTH = 1000
UNDERLAY = ["198.51.100.1", "198.51.100.2"]
OVERLAY = ["10.99.0.1", "10.99.0.2"]
PORT = 51820


class Ends:
    """The two nodes and the cable between them."""

    def __init__(self, lab: Lab) -> None:
        self.folder = lab.folder
        self.nodes = [lab.node("a"), lab.node("b")]
        lab.link(self.nodes[0], "wan", self.nodes[1], "wan")
        for node, address in zip(self.nodes, UNDERLAY):
            node.address("wan", f"{address}/24")
        self.a, self.b = self.nodes

    def other(self, i: int) -> str:
        """Where the tunnel of node @i goes to."""
        return f"{UNDERLAY[1 - i]}:{PORT}"


class Contender:
    """One way to get packets from a to b. begin() returns when they pass."""

    def __init__(self, name: str, ends: Ends, address: str = OVERLAY[1]) -> None:
        self.name = name
        self.ends = ends
        self.address = address  # of b, to send to
        self.processes: list[Process] = []

    def start(self) -> None:
        """Starts what forwards packets, and leaves it in processes."""
        raise NotImplementedError

    def begin(self) -> None:
        self.start()
        for node in self.ends.nodes:
            node.run("ip", "link", "set", "wg0", "mtu", str(MTU), "txqueuelen", str(QUEUE_LENGTH))
        self.wait()

    def wait(self) -> None:
        until(f"{self.name} carries a ping", lambda: ping(self.ends.a, self.address), bool, 20,
              str(self.ends.folder))

    def end(self) -> None:
        for process in self.processes:
            process.stop()
        self.processes = []

    @property
    def pids(self) -> list[int]:
        return [p.pid for p in self.processes if p.pid]


class Veth(Contender):
    def __init__(self, ends: Ends) -> None:
        super().__init__("veth", ends, UNDERLAY[1])

    def begin(self) -> None:
        self.wait()


class Ours(Contender):
    """wgrd. @lines are added to its configuration."""

    def __init__(self, name: str, ends: Ends, build: Path, lines: list[str]) -> None:
        super().__init__(name, ends)
        self.lines = lines
        keys = [generate_keys(), generate_keys()]
        self.wgrds: list[Wgrd] = []
        for i, node in enumerate(ends.nodes):
            peer = PeerConf("peer", keys[1 - i].public, endpoint=ends.other(i),
                            allowed_ips=[f"{OVERLAY[1 - i]}/32"])
            wireguard = WireguardConf(keys[i].private, [f"{OVERLAY[i]}/24"], [peer], listen_port=PORT)
            self.wgrds.append(Wgrd(node, WgrdConf([wireguard], []), build))

    def start(self) -> None:
        for wgrd in self.wgrds:
            wgrd.write_conf()  # each time: another contender's wgrd has the same file
            with open(wgrd.path, "a", encoding="utf-8") as conf:
                conf.writelines(f"{line}\n" for line in self.lines)
            wgrd.start()
            assert wgrd.process
            self.processes.append(wgrd.process)


class Go(Contender):
    """Debian's wireguard-go."""

    def __init__(self, ends: Ends) -> None:
        super().__init__("wireguard-go", ends)
        keys = [generate_keys(), generate_keys()]
        self.tunnels = [
            WireguardGo(node, keys[i], listen_port=PORT, peers=[
                StockPeer(keys[1 - i].public, [f"{OVERLAY[1 - i]}/32"], ends.other(i))])
            for i, node in enumerate(ends.nodes)]

    def start(self) -> None:
        for tunnel, address in zip(self.tunnels, OVERLAY):
            tunnel.start(f"{address}/24")
            assert tunnel.process
            self.processes.append(tunnel.process)


@dataclass
class Program:
    """A C file outside of the project, compiled when it is first needed."""

    source: Path
    binary: Path
    built: bool = field(default=False, init=False)

    def build(self) -> str:
        if not self.built:
            done = subprocess.run(["gcc", "-O2", "-o", str(self.binary), str(self.source)],
                                  capture_output=True, text=True, check=False)
            if done.returncode:
                raise LabError(f"{self.source} does not compile: {done.stderr.strip()}")
            self.built = True
        return str(self.binary)


class NoCrypto(Contender):
    """The forwarder that encapsulates as WireGuard does, with offloads, but does not encrypt."""

    def __init__(self, ends: Ends, source: Path) -> None:
        super().__init__("nocrypto", ends)
        self.program = Program(source, ends.folder / "nocrypto")

    def start(self) -> None:
        for i, node in enumerate(self.ends.nodes):
            self.processes.append(node.start("nocrypto", self.program.build(), "wg0", UNDERLAY[1 - i]))
            until(f"nocrypto has made wg0 in {node.name}",
                  lambda n=node: n.succeeds("ip", "link", "show", "wg0"), bool, 10, str(node.folder))
            node.address("wg0", f"{OVERLAY[i]}/24")


def nocrypto_source() -> Path:
    """../shared/bench/nocrypto.c of the repository, also from one of its worktrees."""
    done = subprocess.run(["git", "-C", str(TOP), "rev-parse", "--path-format=absolute",
                           "--git-common-dir"], capture_output=True, text=True, check=False)
    top = Path(done.stdout.strip()).parent if done.returncode == 0 else TOP
    return top.parent / "shared" / "bench" / "nocrypto.c"
