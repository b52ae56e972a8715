# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab itself, without wgrd: FRR, BIRD and wireguard-go work in it, waits fail as they should, and
nothing of it is left afterwards.

         eth0        eth0
    frr ----- switch ----- bird      10.10.0.0/24 fd10::/64, iBGP on the cable
     \\_______________________/
        wg0   tunnel   wg0           10.11.0.0/24, wireguard-go at both ends
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from lib.bird import Bird
from lib.frr import Bgp, Frr
from lib.lab import Lab
from lib.report import Report
from lib.traffic import Ping, Server, ping, transfer, who_is
from lib.wait import Unmet, until
from lib.wireguard_go import StockPeer, WireguardGo, generate_keys


def host_state() -> dict[str, str]:
    """What a lab must not change outside of itself."""
    def out(*argv: str) -> str:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout

    netns = Path("/run/netns")
    return {"links": out("ip", "-o", "link"), "rules": out("ip", "rule"), "routes": out("ip", "route"),
            "mounts": Path("/proc/self/mounts").read_text(encoding="utf-8"),
            "netns": str(sorted(netns.iterdir()) if netns.is_dir() else [])}


def routing(t: Report, frr: Frr, bird: Bird) -> None:
    t.step("FRR and BIRD exchange prefixes")
    frr.configure(Bgp("10.10.0.1", ["10.10.0.2", "fd10::2"], networks=["10.1.0.0/24", "fd01::/64"]))
    frr.start()
    bird.configure("10.10.0.2", [("10.10.0.2", "10.10.0.1"), ("fd10::2", "fd10::1")],
                   ["10.2.0.0/24", "fd02::/64"])
    bird.start()
    t.wait("both sessions are established", frr.sessions, lambda s: list(s.values()) == ["Established"] * 2)
    t.wait("zebra selects BIRD's prefixes", lambda: sorted(frr.selected("bgp")),
           lambda found: found == ["10.2.0.0/24", "fd02::/64"])
    t.wait("BIRD has FRR's prefixes", bird.learned, lambda found: found == ["10.1.0.0/24", "fd01::/64"])


def tunnel(t: Report, a: WireguardGo, b: WireguardGo) -> None:
    t.step("wireguard-go carries traffic")
    a.peers = [StockPeer(b.keys.public, ["10.11.0.2/32"], "10.10.0.2:51820")]
    b.peers = [StockPeer(a.keys.public, ["10.11.0.1/32"])]
    a.start("10.11.0.1/24")
    b.start("10.11.0.2/24")
    t.wait("a ping passes", lambda: ping(a.node, "10.11.0.2"))
    t.check("the handshake is seen by wg(8)", a.handshake_time(b.keys.public) > 0)
    Server(b.node)
    done = transfer(a.node, "10.11.0.2", 1_000_000)
    t.check("a TCP transfer arrives intact", done.intact, str(done))
    t.equal("the right node answers", who_is(a.node, "10.11.0.2"), b.node.name)
    background = Ping(a.node, "10.11.0.2")
    t.wait("a ping in the background is answered", background.replies, lambda n: n > 50)
    loss = background.stop()
    t.check("it has lost nothing", not loss.lost, str(loss))


def waits(t: Report) -> None:
    t.step("a wait that fails says why")
    try:
        until("the impossible", lambda: {"now": 1}, lambda seen: False, 0.2, "/logs")
        t.check("it fails", False)
    except Unmet as e:
        t.contains("it names what was expected, what was seen and the logs", str(e),
                   "the impossible", '{"now": 1}', "/logs")


def run(lab: Lab, t: Report) -> None:
    before = host_state()
    a, b = lab.node("frr", forward=True), lab.node("bird", forward=True)
    lab.switch("switch", (a, "eth0"), (b, "eth0"))
    a.address("eth0", "10.10.0.1/24", "fd10::1/64")
    b.address("eth0", "10.10.0.2/24", "fd10::2/64")
    routing(t, Frr(a), Bird(b))
    tunnel(t, WireguardGo(a, generate_keys()), WireguardGo(b, generate_keys()))
    waits(t)

    t.step("the end")
    pids = [node.pid for node in lab.nodes]
    pids += [p.pid for node in lab.nodes for p in node.processes if p.pid]
    namespaces = {os.readlink(f"/proc/{node.pid}/ns/net") for node in lab.nodes}
    lab.close()
    left = [pid for pid in pids if Path("/proc", str(pid)).exists()]
    t.equal(f"all {len(pids)} processes are gone", left, [])
    t.equal("so are the namespaces", sorted(namespaces & namespaces_in_use()), [])
    t.equal("links, rules, routes, mounts and named namespaces of the host are as they were",
            host_state(), before)


def namespaces_in_use() -> set[str]:
    found = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                found.add(os.readlink(f"/proc/{entry}/ns/net"))
            except OSError:
                pass
    return found
