# SPDX-License-Identifier: GPL-2.0-or-later
"""Bulk data between wgrd and a stock WireGuard, with wgrd's offloads on and off.

    full, none, tun, udp         four wgrd, by offloads, each with two peers:
         |
       switch --- NAME-4, NAME-6     the stock one over IPv4 and over IPv6
         |
       twin                          a wgrd that only full knows

Debian's wireguard-go (2022) has no offloads itself, so super-packets and trains are wgrd's own affair:
it must never show in what arrives. In the VM the other end is the kernel's, which has them all. TCP goes each way, in both families inside and outside,
and both ends compare the hash of what was sent. Two wgrd with all offloads talk to each other too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.traffic import Server, ping, transfer
from lib.wait import PATIENCE
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import KeyPair, StockPeer, generate_keys, stock

BULK = 8_000_000 if PATIENCE == 1 else 1_000_000  # on an emulated machine


@dataclass
class Mode:
    """One wgrd: 198.51.100.NUMBER outside, 10.NUMBER.0.1 and fd70:NUMBER::1 inside."""
    name: str
    number: int
    interface: bool
    udp: bool
    keys: KeyPair = field(default_factory=generate_keys)

    def dataplane(self) -> list[str]:
        return [f"{'' if on else 'no '}dataplane {what}-offload"
                for what, on in (("interface", self.interface), ("udp", self.udp))]

    def inside(self, host: int) -> list[str]:
        return [f"10.{self.number}.0.{host}", f"fd70:{self.number}::{host}"]

    def endpoint(self, six: bool, host: int = 0) -> str:
        last = self.number + host
        return f"[2001:db8::{last}]:51820" if six else f"198.51.100.{last}:51820"


class Site:
    def __init__(self, lab: Lab, mode: Mode, extra: list[PeerConf], ends: bool = True) -> None:
        self.mode = mode
        self.node = lab.node(mode.name)
        self.ends = {six: lab.node(f"{mode.name}-{6 if six else 4}") for six in (False, True) if ends}
        keys = {six: generate_keys() for six in self.ends}
        peers = [PeerConf(end.name, keys[six].public, overlay=mode.inside(2 + six),
                          endpoint=mode.endpoint(six, 1 + six)) for six, end in self.ends.items()]
        a4, a6 = mode.inside(1)
        interface = WireguardConf(mode.keys.private, [f"{a4}/24", f"{a6}/64"], peers + extra)
        self.wgrd = Wgrd(self.node, WgrdConf([interface], [], dataplane=mode.dataplane()))
        self.stock = {six: stock(end, keys[six], [StockPeer(mode.keys.public, [f"{a4}/32", f"{a6}/128"])])
                      for six, end in self.ends.items()}

    def nodes(self) -> list[tuple[Node, int]]:
        return [(self.node, self.mode.number)] + [(end, self.mode.number + 1 + six)
                                                  for six, end in self.ends.items()]

    def start(self) -> None:
        self.wgrd.start()
        Server(self.node)
        for six, other in self.stock.items():
            a4, a6 = self.mode.inside(2 + six)
            other.start(f"{a4}/24", f"{a6}/64")
            Server(self.ends[six])


def bulk(t: Report, site: Site, six: bool) -> None:
    end, here, there = site.ends[six], site.mode.inside(1), site.mode.inside(2 + six)
    outside = f"{site.mode.name}, IPv{6 if six else 4} outside"
    for inside in (0, 1):
        t.wait(f"{outside}: {there[inside]} answers", lambda: ping(site.node, there[inside]))
        for source, target in ((site.node, there[inside]), (end, here[inside])):
            done = transfer(source, target, BULK)
            t.check(f"{outside}: TCP from {source.name} to {target} arrives intact", done.intact, str(done))


def counted(t: Report, site: Site) -> None:
    """That the offloads which are on were used, and the others not."""
    mode, c = site.mode, site.wgrd.counters()
    for name, on in (("tx-super-packets", mode.interface), ("rx-super-packets", mode.interface),
                     ("tx-trains", mode.udp)):
        t.check(f"{mode.name}: {name} is {'counted' if on else '0'}", (c[name] > 0) == on, c)
    drops = site.wgrd.drops()
    t.equal(f"{mode.name}: nothing was forged, spoofed, refused or no packet",
            [drops[d] for d in ("rx-forged", "rx-spoofed", "tx-refused", "rx-not-ip", "tx-not-ip",
                                "rx-interface")], [0] * 6)


def run(lab: Lab, t: Report) -> None:
    modes = [Mode("full", 10, True, True), Mode("none", 20, False, False),
             Mode("tun", 30, True, False), Mode("udp", 40, False, True)]
    twin = Mode("twin", 50, True, True)
    full = PeerConf("full", modes[0].keys.public, overlay=modes[0].inside(1), endpoint=modes[0].endpoint(True))
    other = PeerConf("twin", twin.keys.public, overlay=twin.inside(1), endpoint=twin.endpoint(True))
    sites = [Site(lab, m, [other] if m.name == "full" else []) for m in modes]
    last = Site(lab, twin, [full], ends=False)
    everybody = [n for s in [*sites, last] for n in s.nodes()]
    lab.switch("switch", *((node, "wan") for node, _ in everybody))
    for node, number in everybody:
        node.address("wan", f"198.51.100.{number}/24", f"2001:db8::{number}/64")
    for site in [*sites, last]:
        site.start()
    for site in sites:
        t.step(f"offloads: {site.mode.name}")
        for six in (False, True):
            bulk(t, site, six)
        counted(t, site)
    t.step("two wgrd with all offloads")
    for family, target in enumerate(twin.inside(1)):
        sites[0].node.run("ip", "route", "add", target, "dev", "wg0", "src", modes[0].inside(1)[family])
    for family, target in enumerate(modes[0].inside(1)):
        last.node.run("ip", "route", "add", target, "dev", "wg0", "src", twin.inside(1)[family])
    for source, targets in ((sites[0].node, twin.inside(1)), (last.node, modes[0].inside(1))):
        for target in targets:
            done = transfer(source, target, 4 * BULK)
            t.check(f"TCP from {source.name} to {target} arrives intact", done.intact, str(done))
    c = last.wgrd.counters()
    t.check("in trains and super-packets, both ways",
            all(c[n] > 0 for n in ("tx-trains", "rx-trains", "tx-super-packets", "rx-super-packets")), c)
