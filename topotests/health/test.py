# SPDX-License-Identifier: GPL-2.0-or-later
"""The hub advertises a prefix that is static behind a peer: only while the peer answers.

    lan1 ---- spoke1 ==== hub ==== spoke2 -- 192.168.70.1        at the hub: allowed-ip 192.168.70.0/24

spoke1 hears of the prefix by BGP, and of its end, because the hub's bgpd redistributes what wgrd gives to zebra. The
spokes have no tunnel to each other.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TENANT, Sites
from lib.traffic import Ping, ping

STATIC = "192.168.70.0/24"
ADDRESS = "192.168.70.1"
OWN = "192.168.80.0/24"  # of the hub itself
OVERLAY = ["10.99.0.0/24", "fd99::/64"]


def prepare(s: Sites) -> None:
    for spoke in (s.spoke1, s.spoke2):
        device = spoke.wgrd.conf.wireguards[0]
        device.peers = [p for p in device.peers if p.name == "hub"]
        device.peers[0].allowed_ips = list(OVERLAY)
    hub = s.hub.wgrd.conf
    next(p for p in hub.wireguards[0].peers if p.name == "spoke2").allowed_ips = [STATIC]
    hub.tenants[0].advertise = [STATIC, OWN]
    s.spoke2.node.run("ip", "address", "add", ADDRESS, "dev", "lo")


def has(s: Sites, prefix: str) -> bool:
    return prefix in s.spoke1.frr.selected("bgp")


def verdict(s: Sites) -> tuple[str, str]:
    for r in s.hub.wgrd.show("routes")["routes"]:
        if r["prefix"] == STATIC and r["origin"] == "advertised" and r["tenant"] == TENANT:
            return r["verdict"], r["reason"]
    return "", ""


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    prepare(s)
    s.start()
    s.hub.frr.edit("router bgp 65000", "address-family ipv4 unicast", "redistribute table")

    t.step("the peer answers")
    t.wait("spoke1 hears of it", lambda: has(s, STATIC))
    t.wait("and of the hub's own prefix", lambda: has(s, OWN))
    t.wait("the host behind it answers", lambda: ping(s.lan1, ADDRESS))

    t.step("the peer is killed, with traffic running")
    pings = Ping(s.lan1, ADDRESS, 0.2)
    assert s.spoke2.wgrd.process
    s.spoke2.wgrd.process.kill()
    t.wait("the hub takes it back", lambda: verdict(s), lambda v: v[0] == "peer-down", 60)
    t.contains("and says why", verdict(s)[1], "peer spoke2", "does not answer", "advertise-always")
    t.wait("spoke1 hears of that", lambda: not has(s, STATIC))
    t.check("the hub's own prefix stays", has(s, OWN))
    t.check("the session is not over yet", s.hub.wgrd.sessions()["spoke2"], s.hub.wgrd.sessions())
    pings.stop()

    t.step("the peer is back")
    s.spoke2.wgrd.start()
    t.wait("spoke1 hears of it", lambda: has(s, STATIC), seconds=60)
    t.wait("the host behind it answers", lambda: ping(s.lan1, ADDRESS))

    t.step("whether it answers or not")
    s.hub.wgrd.edit("wireguard wg0", "peer spoke2", "advertise-always", "shutdown")
    t.wait("it is advertised though the peer is shut down", lambda: verdict(s), lambda v: v[0] == "accepted")
    s.hub.wgrd.edit("wireguard wg0", "peer spoke2", "no advertise-always")
    t.wait("and taken back at once without that", lambda: verdict(s), lambda v: v[0] == "peer-down")
    t.wait("spoke1 hears of that", lambda: not has(s, STATIC))
    t.check("the hub's own prefix is still there", has(s, OWN))
