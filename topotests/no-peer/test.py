# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets for which there is no peer are answered at once, as by the kernel's WireGuard.

    host ---- wgrd ==== wg0 10.99.0.0/24 fd99::/64       peer "asleep" has 10.99.0.3 and no endpoint

wgrd answers its own node and a host that it forwards for, with rp_filter as strict as it can be.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.traffic import ping
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import generate_keys

CONNECT = """
import errno, socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.settimeout(10)
try:
    s.connect((sys.argv[1], 80))
except OSError as e:
    print(errno.errorcode.get(e.errno or 0, "nothing was said for 10 s"))
"""


def connect(node: Node, address: str) -> str:
    return node.run("python3", "-c", CONNECT, address).strip()


def ask(t: Report, who: str, node: Node) -> None:
    t.contains(f"{who}: ping is told", ping(node, "10.99.0.9").output, "Destination Host Unreachable")
    t.contains(f"{who}: also with IPv6", ping(node, "fd99::9").output, "Address unreachable")
    t.contains(f"{who}: also for a peer whose address is not known", ping(node, "10.99.0.3").output,
               "Destination Host Unreachable")
    t.equal(f"{who}: TCP is told", connect(node, "10.99.0.9"), "EHOSTUNREACH")
    t.equal(f"{who}: also with IPv6", connect(node, "fd99::9"), "EHOSTUNREACH")


def run(lab: Lab, t: Report) -> None:
    router, host = lab.node("router", forward=True), lab.node("host")
    lab.link(router, "lan", host, "eth0")
    router.address("lan", "192.168.1.1/24", "fd01::1/64")
    host.address("eth0", "192.168.1.2/24", "fd01::2/64")
    host.default_route("192.168.1.1", "fd01::1")
    wgrd = Wgrd(router, WgrdConf(
        [WireguardConf(generate_keys().private, ["10.99.0.1/24", "fd99::1/64"],
                       [PeerConf("asleep", generate_keys().public, allowed_ips=["10.99.0.3/32"])])], []))
    wgrd.start()
    for name in ("all", "wg0"):
        router.run("sysctl", "-qw", f"net.ipv4.conf.{name}.rp_filter=1")

    t.step("there is no peer")
    ask(t, "wgrd's node", router)
    ask(t, "a host behind it", host)
    t.check("answers are counted", wgrd.counters()["icmp-sent"] >= 10, wgrd.counters())
    t.check("and so are the packets", wgrd.drops()["tx-no-route"] >= 8 and wgrd.drops()["tx-no-endpoint"] >= 2,
            wgrd.drops())
