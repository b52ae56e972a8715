# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hubs, both route reflectors: spokes have no tunnel to each other, and use the second hub while the first
does not answer.

    lan1 ---- spoke1 ====== hub  ====== spoke2 ---- lan2       next hop of site 2 at spoke1: spoke2's
                     \\====== hub2 ======/                       overlay address, whoever reflects it

The overlay network is an allowed-ip of hub, and a wider one of hub2: the longest comes first. What is lost:

- the first hub is cut off: what is sent until that is noticed, which is fifteen seconds after data had no answer
  (WireGuard's KEEPALIVE_TIMEOUT + REKEY_TIMEOUT). BGP plays no part: the routes are the same;
- it is back: what it gets before its own BGP has learned again what it forgot meanwhile, because a tunnel is there
  before the routes are. With a preempt-delay that is longer than bgpd takes: nothing.
"""

from __future__ import annotations

from lib.frr import Bgp, Frr
from lib.lab import Lab
from lib.report import Report
from lib.sites import (HUB, KEEPALIVE_SECONDS, SPOKE1, SPOKE2, SUPERNETS, TABLE, TENANT, Address, Router,
                       host_addresses, internet, lan, site_prefixes)
from lib.traffic import Ping, carried_by
from lib.wgrd import PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import KeyPair, generate_keys

HUB2 = Address("hub2", 4, "198.51.101.1", "2001:db8:4::1")
HUBS, SPOKES = [HUB, HUB2], [SPOKE1, SPOKE2]
# What the hubs have as allowed-ip: the first one the overlay network, the second one a wider one.
COVER = {"hub": ["10.99.0.0/24", "fd99::/64"], "hub2": ["10.99.0.0/23", "fd99::/63"]}
INTERVAL = 0.05
DELAY_SECONDS = 20  # more than bgpd takes
LOST_AT_MOST = int(20 / INTERVAL)


def wgrd_conf(me: Address, keys: dict[str, KeyPair]) -> WgrdConf:
    others = SPOKES if me in HUBS else HUBS
    peers = [PeerConf(o.name, keys[o.name].public, overlay=o.overlay, endpoint=o.endpoint(False),
                      keepalive=KEEPALIVE_SECONDS, allowed_ips=list(COVER.get(o.name, []))) for o in others]
    tenant = TenantConf(TENANT, TABLE, supernets=list(SUPERNETS))
    if me in SPOKES:
        tenant.interfaces = ["lan"]
        tenant.advertise = site_prefixes(me.number - 1)
        tenant.tag = 100
    return WgrdConf([WireguardConf(keys[me.name].private, me.addresses, peers, tenant=TENANT)], [tenant])


def bgp_conf(me: Address) -> Bgp:
    if me in HUBS:
        return Bgp(me.overlay[0], SPOKE1.overlay + SPOKE2.overlay, reflector=True)
    return Bgp(me.overlay[0], HUB.overlay + HUB2.overlay, redistribute=["table"])


class Net:
    def __init__(self, lab: Lab) -> None:
        keys = {a.name: generate_keys() for a in HUBS + SPOKES}
        self.routers: dict[str, Router] = {}
        for address in HUBS + SPOKES:
            node = lab.node(address.name, forward=True)
            self.routers[address.name] = Router(address, node, Frr(node), Wgrd(node, wgrd_conf(address, keys)))
        self.internet = internet(lab, *((r.node, r.address) for r in self.routers.values()))
        self.lan1 = lan(lab, self.routers["spoke1"].node, 1)
        self.lan2 = lan(lab, self.routers["spoke2"].node, 2)

    def start(self, t: Report) -> None:
        for r in self.routers.values():
            r.wgrd.start()
            r.frr.configure(bgp_conf(r.address))
            r.frr.start()
        t.wait("all BGP sessions are established", self.not_established, lambda m: not m, 40)
        t.wait("each router has both sites, as the oracle says", self.differences, lambda d: not d, 40)

    def not_established(self) -> list[str]:
        return [f"{r.name}: {n} {state}" for r in self.routers.values()
                for n, state in r.frr.sessions().items() if state != "Established"]

    def differences(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for r in self.routers.values():
            others = {p for other in (1, 2) if other != r.address.number - 1 for p in site_prefixes(other)}
            lacks = sorted(others - set(r.frr.selected("bgp")))
            if lacks or r.oracle.differences():
                found[r.name] = lacks or r.oracle.differences()
        return found

    def cut_off(self, hub: Address, yes: bool) -> None:
        """Whether the internet swallows what the hub sends and gets."""
        for way in ("from", "to"):
            self.internet.run("ip", "rule", "add" if yes else "del", way, hub.underlay4,
                              "priority", "100", "blackhole")


def begin(net: Net, label: str) -> list[Ping]:
    return [Ping(net.lan1, a, INTERVAL, f"{label}-{n}") for n, a in enumerate(host_addresses(2))]


def lost_in_one_gap(t: Report, pings: list[Ping]) -> None:
    for loss in [p.stop() for p in pings]:
        t.note(f"{loss.sent} sent, {len(loss.lost)} lost: {len(loss.lost) * INTERVAL:.1f} s")
        gap = loss.lost[-1] - loss.lost[0] + 1 if loss.lost else 0
        t.check(f"no more than {LOST_AT_MOST} are lost, in one gap", gap == len(loss.lost) <= LOST_AT_MOST, str(loss))
        t.equal("none came twice", loss.duplicates, 0)


def run(lab: Lab, t: Report) -> None:
    net = Net(lab)
    net.start(t)
    spoke1 = net.routers["spoke1"].wgrd
    t.equal("the first hub comes first", {r["prefix"]: (r["peers"], r["backups"])
                                          for p, r in spoke1.routes(TENANT).items()
                                          if p in site_prefixes(2)},
            {p: (["hub"], ["hub2"]) for p in site_prefixes(2)})

    t.step("the first hub is cut off")
    pings = begin(net, "cut")
    carried_by(t, spoke1, pings, "hub", "hub2")
    net.cut_off(HUB, True)
    carried_by(t, spoke1, pings, "hub2", "hub")
    lost_in_one_gap(t, pings)

    t.step("it is back")
    pings = begin(net, "back")
    net.cut_off(HUB, False)
    carried_by(t, spoke1, pings, "hub", "hub2")
    lost_in_one_gap(t, pings)
    t.wait("everything is as it was", net.differences, lambda d: not d, 40)

    t.step("the same with a preempt-delay: once more it is cut off and back")
    for spoke in SPOKES:
        net.routers[spoke.name].wgrd.edit("wireguard wg0", "peer hub", f"preempt-delay {DELAY_SECONDS}")
    pings = begin(net, "cut-again")
    for spoke in SPOKES:  # the delay may have moved flows: the hub has not answered for so long
        carried_by(t, net.routers[spoke.name].wgrd, pings, "hub", "hub2")
    net.cut_off(HUB, True)
    carried_by(t, spoke1, pings, "hub2", "hub")
    lost_in_one_gap(t, pings)
    pings = begin(net, "delayed")
    net.cut_off(HUB, False)
    t.wait("and have it again", net.not_established, lambda m: not m, 60)
    carried_by(t, spoke1, pings, "hub", "hub2")
    for loss in [p.stop() for p in pings]:
        t.check(f"{loss.sent} sent, none lost", not loss.lost, str(loss))

    t.step("the second hub is cut off and returns")
    pings = begin(net, "second")
    net.cut_off(HUB2, True)
    t.wait("the spokes lose BGP with it", net.not_established, lambda m: len(m) >= 4)
    net.cut_off(HUB2, False)
    t.wait("and have it again", net.not_established, lambda m: not m, 60)
    for loss in [p.stop() for p in pings]:
        t.check(f"{loss.sent} sent, none lost", not loss.lost, str(loss))
