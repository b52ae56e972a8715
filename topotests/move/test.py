# SPDX-License-Identifier: GPL-2.0-or-later
"""A prefix moves from one peer to the other and back, with pings running, and not one is lost.

                      spoke1  192.168.50.1, local preference 100
    lan0 ---- hub --<
                      spoke2  192.168.50.1, local preference 200, announced every other moment

lan0 is a host of the tenant at the hub. Both spokes have the address, so that a ping sent to either is
answered: what is tested is that at no moment there is nobody to send to or nobody to accept from.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import Router, Sites, host_at_hub
from lib.traffic import Ping
from lib.wgrd import BACKEND

MOVING = ["192.168.50.0/24", "fd00:192:50::/48"]
ADDRESSES = ["192.168.50.1", "fd00:192:50::1"]
MOVES = 10
INTERVAL = 0.01  # of the pings, in seconds


def announce(router: Router, yes: bool) -> None:
    word = "" if yes else "no "
    router.frr.edit("router bgp 65000",
                    "address-family ipv4 unicast", f"{word}network {MOVING[0]}", "exit-address-family",
                    "address-family ipv6 unicast", f"{word}network {MOVING[1]}", "exit-address-family")


def prefer(router: Router, value: int) -> None:
    """Everything @router announces gets a local preference."""
    router.frr.edit("route-map PREFERENCE permit 10", f"set local-preference {value}", "exit",
                    "router bgp 65000",
                    "address-family ipv4 unicast", "neighbor 10.99.0.1 route-map PREFERENCE out",
                    "exit-address-family",
                    "address-family ipv6 unicast", "neighbor fd99::1 route-map PREFERENCE out")


def owners(s: Sites) -> list[list[str]]:
    permissions = s.hub.wgrd.permissions()
    return [permissions.get(p, {}).get("egress", []) for p in MOVING]


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    host = host_at_hub(lab, s)
    s.start()
    for router, preference in ((s.spoke1, 100), (s.spoke2, 200)):
        for a in ADDRESSES:
            router.node.run("ip", "address", "add", a, "dev", "lo")
        prefer(router, preference)
    s.hub.frr.edit("router bgp 65000",
                   "address-family ipv4 unicast", "network 192.168.100.0/24", "exit-address-family",
                   "address-family ipv6 unicast", "network fd00:192:100::/64", "exit-address-family")

    t.step("one owner")
    announce(s.spoke1, True)
    t.wait("the prefixes belong to spoke1", lambda: owners(s), lambda o: o == [["spoke1"]] * 2)
    pings = [Ping(host, a, INTERVAL) for a in ADDRESSES]

    t.step(f"{MOVES} moves")
    for i in range(MOVES):
        to_spoke2 = i % 2 == 0
        announce(s.spoke2, to_spoke2)
        new = "spoke2" if to_spoke2 else "spoke1"
        t.wait(f"move {i + 1}: they belong to {new}", lambda: owners(s), lambda o: o == [[new]] * 2)
        answered = pings[0].replies()
        t.wait("a hundred more pings are answered", pings[0].replies, lambda n: n >= answered + 100)

    t.step("the pings")
    for ping in pings:
        loss = ping.stop()
        if BACKEND == "user":
            t.check(f"ping {ping.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))
        else:
            # The kernel has one owner for a prefix: an answer by the former one is refused.
            on_the_way = int(ping.slowest_seconds() / INTERVAL) + 2
            t.check(f"ping {ping.address}: {loss.sent} sent, lost are only answers that were on their way",
                    loss.longest <= on_the_way and len(loss.lost) <= MOVES * on_the_way,
                    f"{loss}, {on_the_way} may be on the way")
        t.equal("none came twice", loss.duplicates, 0)
    t.wait("everything is as the oracle says", s.hub.oracle.differences, lambda d: not d)
    if BACKEND == "user":
        t.equal("no answer was refused at the hub", s.hub.wgrd.drops()["rx-spoofed"], 0)
