# SPDX-License-Identifier: GPL-2.0-or-later
"""Each end changes its address, and its family, while pings run: the other follows.

    wgrd 198.51.100.1 ---- switch ---- 198.51.100.2 kernel WireGuard      10.70.0.1 -- 10.70.0.2
         .11, ::1                          .12, ::2

The address in use is taken from the interface, so what is sent next comes from another one. The end
that moved has to say something first: that is what its pings are for.
"""

from __future__ import annotations

from functools import partial
from operator import lt

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.traffic import Ping, ping
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import Stock, StockPeer, generate_keys, stock

INSIDE = ["10.70.0.1", "10.70.0.2"]
HOME = ["198.51.100.1", "198.51.100.2"]
AWAY = ["198.51.100.11", "198.51.100.12"]
SIX = ["2001:db8::1", "2001:db8::2"]


class Roaming:
    def __init__(self, lab: Lab) -> None:
        self.nodes: list[Node] = [lab.node("wgrd"), lab.node("kernel")]
        lab.switch("switch", *((n, "wan") for n in self.nodes))
        for node, four, six in zip(self.nodes, HOME, SIX):
            node.address("wan", f"{four}/24", f"{six}/64")
            # else the second address of a subnet would go with the first
            node.run("sysctl", "-qw", "net.ipv4.conf.wan.promote_secondaries=1")
        keys, self.other_keys = generate_keys(), generate_keys()
        self.key = keys.public
        peer = PeerConf("kernel", self.other_keys.public, overlay=[INSIDE[1]], endpoint=f"{HOME[1]}:51820")
        self.wgrd = Wgrd(self.nodes[0], WgrdConf([WireguardConf(keys.private, [f"{INSIDE[0]}/24"], [peer])], []))
        self.stock: Stock = stock(self.nodes[1], self.other_keys, [StockPeer(keys.public, [f"{INSIDE[0]}/32"])])

    def seen_by_wgrd(self) -> str:
        return str(self.wgrd.peers()["kernel"]["endpoint"])

    def seen_by_kernel(self) -> str:
        return self.stock.show("endpoints")[self.key]


def move(t: Report, x: Roaming, who: int, there: str, former: str) -> None:
    """Node @who is at @there and no longer at @former."""
    seen = x.seen_by_kernel if who == 0 else x.seen_by_wgrd
    x.nodes[who].run("ip", "address", "add", f"{there}/24", "dev", "wan")
    x.nodes[who].run("ip", "address", "del", f"{former}/24", "dev", "wan")
    t.wait(f"the other end sends to {there}", seen, lambda s: s == f"{there}:51820")


def to_six(t: Report, x: Roaming) -> None:
    """Nothing is under way: a packet that still came over IPv4 would lead wgrd back, rightly."""
    t.step("wgrd is told an IPv6 endpoint")
    x.wgrd.edit("wireguard wg0", "peer kernel", f"endpoint [{SIX[1]}]:51820")
    t.wait("what wgrd sends is answered", partial(ping, x.nodes[0], INSIDE[1]))
    t.wait("the kernel follows into IPv6", x.seen_by_kernel, lambda s: s == f"[{SIX[0]}]:51820")
    t.equal("and wgrd is there", x.seen_by_wgrd(), f"[{SIX[1]}]:51820")


def pinging(x: Roaming) -> list[Ping]:
    return [Ping(x.nodes[0], INSIDE[1], 0.1), Ping(x.nodes[1], INSIDE[0], 0.1)]


def go_on(t: Report, pings: list[Ping]) -> None:
    for p in pings:
        answered = p.replies()
        t.wait(f"pings to {p.address} go on", p.replies, partial(lt, answered + 20))
    for p in pings:
        p.stop()


def run(lab: Lab, t: Report) -> None:
    x = Roaming(lab)
    x.wgrd.start()
    x.stock.start(f"{INSIDE[1]}/24")
    t.wait("a session", partial(ping, x.nodes[0], INSIDE[1]))
    pings = pinging(x)
    handshakes = x.wgrd.peers()["kernel"]["handshakes"]

    t.step("wgrd moves")
    move(t, x, 0, AWAY[0], HOME[0])
    t.step("the kernel's end moves")
    move(t, x, 1, AWAY[1], HOME[1])
    t.equal("no handshake was needed", x.wgrd.peers()["kernel"]["handshakes"], handshakes)
    go_on(t, pings)
    to_six(t, x)
    go_on(t, pinging(x))
