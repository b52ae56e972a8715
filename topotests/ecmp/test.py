# SPDX-License-Identifier: GPL-2.0-or-later
"""One prefix behind two peers of one interface: both carry it, by weight, and one is killed.

                      spoke1  192.168.50.0/24 fd00:192:50::/48
    lan0 ---- hub --<
                      spoke2  the same

lan0 is a host of the tenant at the hub, which has both announcements as one route with two next hops. Every
address of the prefix is there at either spoke, so a flow is a ping to an address of its own.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.sites import Router, Sites, host_at_hub
from lib.traffic import Ping, sent_to

SHARED = ["192.168.50.0/24", "fd00:192:50::/48"]
FLOWS = 8
ADDRESSES = [a for n in range(1, FLOWS + 1) for a in (f"192.168.50.{n}", f"fd00:192:50::{n:x}")]
SPOKES = ["spoke1", "spoke2"]


def families(*lines: str, six: list[str] | None = None) -> list[str]:
    """For `router bgp`: @lines in the IPv4 family, @six or the same in the other."""
    return ["address-family ipv4 unicast", *lines, "exit-address-family",
            "address-family ipv6 unicast", *(six or lines), "exit-address-family"]


def announce(router: Router, yes: bool) -> None:
    word = "" if yes else "no "
    router.frr.edit("router bgp 65000",
                    *families(f"{word}network {SHARED[0]}", six=[f"{word}network {SHARED[1]}"]))


def bandwidth(router: Router, megabits: int) -> None:
    """Everything @router announces says how much it can carry."""
    router.frr.edit("route-map BANDWIDTH permit 10", f"set extcommunity bandwidth {megabits}", "exit",
                    "router bgp 65000", *families("neighbor 10.99.0.1 route-map BANDWIDTH out",
                                                  six=["neighbor fd99::1 route-map BANDWIDTH out"]))


def prepare(s: Sites) -> None:
    for router in (s.spoke1, s.spoke2):
        router.frr.edit("bgp route-map delay-timer 1")
        for prefix in SHARED:
            router.node.run("ip", "-6" if ":" in prefix else "-4", "route", "add", "local", prefix, "dev", "lo")
    s.hub.frr.edit("router bgp 65000",
                   *families("maximum-paths ibgp 4", "network 192.168.100.0/24",
                             six=["maximum-paths ibgp 4", "network fd00:192:100::/64"]))


def members(s: Sites) -> list[list[str]]:
    """Of each family: the peers with their weights, as the oracle's lines have them."""
    lines = [line.split() for line in s.hub.oracle.permissions_seen()]
    return [line[3:line.index("ingress")] for prefix in SHARED for line in lines if line[1] == prefix]


def carried_by(t: Report, s: Sites, what: str, expected: list[str]) -> None:
    t.wait(f"{what}: {' '.join(expected)}", lambda: members(s), lambda m: m == [expected] * 2)
    t.wait("as the oracle says", s.hub.oracle.differences, lambda d: not d)


def share(t: Report, s: Sites, pings: list[Ping]) -> dict[str, int]:
    """Packets to each peer while every flow has some more answers."""
    before, answered = sent_to(s.hub.wgrd, *SPOKES), [p.replies() for p in pings]
    t.wait("every flow is answered", lambda: [p.replies() for p in pings],
           lambda now: all(n >= then + 20 for n, then in zip(now, answered)))
    after = sent_to(s.hub.wgrd, *SPOKES)
    found = {name: after[name] - before[name] for name in SPOKES}
    t.note(f"packets to each peer: {found}")
    return found


def both(t: Report, s: Sites, host: Node) -> list[Ping]:
    t.step("two next hops")
    announce(s.spoke1, True)
    carried_by(t, s, "one announces it", ["spoke1"])
    pings = [Ping(host, a, 0.02) for a in ADDRESSES]
    announce(s.spoke2, True)
    carried_by(t, s, "both announce it", SPOKES)
    found = share(t, s, pings)
    t.check("both carry flows", all(n > 20 for n in found.values()), found)

    t.step("weights")
    for router, megabits in ((s.spoke1, 900), (s.spoke2, 100)):
        bandwidth(router, megabits)
    carried_by(t, s, "by the bandwidth they announce", ["spoke1*90", "spoke2*10"])
    found = share(t, s, pings)
    t.check("the wider carries more", found["spoke1"] > 2 * found["spoke2"], found)
    for router in (s.spoke1, s.spoke2):
        bandwidth(router, 100)
    carried_by(t, s, "equal again", ["spoke1*50", "spoke2*50"])
    return pings


def withdrawn(t: Report, s: Sites, pings: list[Ping]) -> None:
    t.step("one withdraws it, and announces it again")
    announce(s.spoke2, False)
    carried_by(t, s, "the other carries all", ["spoke1"])
    share(t, s, pings)
    announce(s.spoke2, True)
    carried_by(t, s, "both again", ["spoke1*50", "spoke2*50"])
    share(t, s, pings)
    for p in pings:
        loss = p.stop()
        t.check(f"ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))


def killed(t: Report, s: Sites, host: Node) -> None:
    t.step("one is killed")
    pings = [Ping(host, a, 0.02, label=f"killed-{a.replace(':', '_')}") for a in ADDRESSES]
    assert s.spoke2.wgrd.process
    s.spoke2.wgrd.process.kill()
    carried_by(t, s, "BGP notices after its hold time of 3 s", ["spoke1"])
    share(t, s, pings)
    losses = {p.address: p.stop() for p in pings}
    hit = {a: loss for a, loss in losses.items() if loss.lost}
    t.note(f"{len(hit)} of {len(losses)} flows lost something, at most "
           f"{max((len(x.lost) for x in hit.values()), default=0) * 0.02:.2f} s of packets")
    t.check("flows over the other lost nothing", 0 < len(hit) < len(losses), f"{len(hit)} of {len(losses)}")
    torn = [a for a, loss in hit.items() if loss.lost[-1] - loss.lost[0] + 1 != len(loss.lost)]
    t.equal("the flows of the killed one have one gap each", torn, [])


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    host = host_at_hub(lab, s)
    s.start()
    prepare(s)
    withdrawn(t, s, both(t, s, host))
    killed(t, s, host)
