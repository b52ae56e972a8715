# SPDX-License-Identifier: GPL-2.0-or-later
"""A path that is narrower than the tunnel expects still carries what the tunnel's MTU allows.

           1500          1400
    left ======== router ====== right      198.51.100.0/24, 203.0.113.0/24, 2001:db8:1::/64, 2001:db8:2::/64
      wg0 ======================= wg0      10.99.0.0/24, MTU 1420: datagrams of up to 1480 and 1500 octets

The datagrams are fragmented: with IPv4 by the router and by the right one's own interface, with IPv6 by
both ends, of which the left one learns the width from the router. Once with the offloads on, where a
train of datagrams does not fit and has to be sent one by one, and once with them off.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.traffic import Server, ping, transfer
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import generate_keys

UNDERLAY = {"IPv4": ("198.51.100.1:51820", "203.0.113.1:51820"),
            "IPv6": ("[2001:db8:1::1]:51820", "[2001:db8:2::1]:51820")}
NO_OFFLOADS = ["no dataplane interface-offload", "no dataplane udp-offload"]
SIZE = 4_000_000


def underlay(lab: Lab) -> tuple[Node, Node]:
    left, router, right = lab.node("left"), lab.node("router", forward=True), lab.node("right")
    lab.link(left, "eth0", router, "left")
    lab.link(right, "eth0", router, "right")
    for node, interface in ((router, "right"), (right, "eth0")):
        node.run("ip", "link", "set", interface, "mtu", "1400")
    left.address("eth0", "198.51.100.1/24", "2001:db8:1::1/64")
    router.address("left", "198.51.100.254/24", "2001:db8:1::254/64")
    router.address("right", "203.0.113.254/24", "2001:db8:2::254/64")
    right.address("eth0", "203.0.113.1/24", "2001:db8:2::1/64")
    left.default_route("198.51.100.254", "2001:db8:1::254")
    right.default_route("203.0.113.254", "2001:db8:2::254")
    return left, right


def full_size(node: Node, address: str) -> bool:
    """A packet of 1420 octets there and back, not to be fragmented itself."""
    answer = node.run("ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", "1392", address, check=False)
    return " 1 received" in answer


def carries(t: Report, a: Wgrd, b: Wgrd, family: str) -> None:
    for wgrd, endpoint in ((a, UNDERLAY[family][1]), (b, UNDERLAY[family][0])):
        wgrd.edit("wireguard wg0", "peer other", f"endpoint {endpoint}")
        wgrd.wgrctl("clear wireguard peer other")
    t.wait(f"{family}: there is a session", lambda: ping(a.node, "10.99.0.2"))
    t.equal(f"{family}: over that family", a.peers()["other"]["endpoint"], UNDERLAY[family][1])
    for node, address in ((a.node, "10.99.0.2"), (b.node, "10.99.0.1")):
        t.wait(f"{family}: a packet as large as the tunnel allows passes from {node.name}",
               lambda n=node, to=address: full_size(n, to))
        done = transfer(node, address, SIZE)
        t.check(f"{family}: TCP passes from {node.name}", done.intact and done.seconds < 20, str(done))


def run(lab: Lab, t: Report) -> None:
    left, right = underlay(lab)
    keys = [generate_keys(), generate_keys()]
    ends = []
    for i, node in enumerate((left, right)):
        conf = WireguardConf(keys[i].private, [f"10.99.0.{i + 1}/24"],
                             [PeerConf("other", keys[1 - i].public, allowed_ips=[f"10.99.0.{2 - i}/32"])])
        ends.append(Wgrd(node, WgrdConf([conf], [])))
        Server(node)

    for title, lines in (("with offloads", []), ("without", NO_OFFLOADS)):
        t.step(title)
        for wgrd in ends:
            wgrd.conf.dataplane = lines
            wgrd.write_conf()
            wgrd.start()
        for family in UNDERLAY:
            carries(t, ends[0], ends[1], family)
        trains = ends[0].counters()["tx-trains"]
        t.check("left has sent trains of datagrams, or not, as configured", (trains > 0) == (not lines), trains)
        shown = ends[0].show("dataplane")
        for offload, users in (("interface-offload", "interfaces"), ("udp-offload", "ports")):
            t.equal(f"{offload} is shown as it is", shown[offload],
                    {"configured": not lines, users: 1, "used-by": 0 if lines else 1})
        for wgrd in ends:
            t.equal(f"{wgrd.node.name}: nothing was refused by the kernel", wgrd.drops()["tx-refused"], 0)
            t.equal(f"{wgrd.node.name}: wgrd stops", wgrd.stop(), 0)
