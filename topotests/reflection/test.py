# SPDX-License-Identifier: GPL-2.0-or-later
"""A route reflector gives each spoke the other's address as next hop: they talk directly when they can.

    lan1 ---- spoke1 ====== internet ====== spoke2 ---- lan2     the tunnel between the spokes is
                    \\                      /                     blocked on its way, and let through
                     ======== hub ========                       again

The overlay network is an allowed-ip of the hub, so it stands in for spokes that do not answer. What is lost:

- a tunnel that has never worked, and comes up with traffic running: nothing. Packets go over the hub until there
  is a session;
- a tunnel that is cut without a word: what is sent until it is noticed, which is fifteen seconds after data had no
  answer (WireGuard's KEEPALIVE_TIMEOUT + REKEY_TIMEOUT) at either end;
- the same tunnel when it is given back: nothing.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import SPOKE1, SPOKE2, TENANT, Sites, host_addresses, site_prefixes
from lib.traffic import Loss, Ping, carried_by

INTERVAL = 0.05
# Twice the fifteen seconds would be one end noticing after the other had.
LOST_AT_MOST = int(20 / INTERVAL)
OVERLAY = ["10.99.0.0/24", "fd99::/64"]
DIRECT, OVER_HUB = "spoke2", "hub"


def block(s: Sites, yes: bool) -> None:
    """Whether the internet swallows what the spokes' routers send to each other. Both ways at once: who hears the
    other takes it that the other hears him."""
    s.internet.run("ip", "-batch", "-", stdin="".join(
        f"rule {'add' if yes else 'del'} from {a.underlay4} to {b.underlay4} priority 100 blackhole\n"
        for a, b in ((SPOKE1, SPOKE2), (SPOKE2, SPOKE1))))


def prepare(s: Sites) -> None:
    for router in (s.spoke1, s.spoke2):
        hub = next(p for p in router.wgrd.conf.wireguards[0].peers if p.name == "hub")
        hub.allowed_ips = list(OVERLAY)


def start_blocked(t: Report, s: Sites) -> None:
    block(s, True)
    s.start_wgrd()
    s.start_frr()
    t.wait("all BGP sessions are established", s.bgp_established, lambda m: not m, 40)
    t.wait("each site has what the others announce", s.differences, lambda d: not d, 40)
    t.equal("there has been no session between the spokes",
            s.spoke1.wgrd.peers()["spoke2"]["last-handshake"], None)


def carriers(s: Sites) -> dict[str, tuple[list[str], list[str]]]:
    routes = s.spoke1.wgrd.routes(TENANT)
    return {p: (routes[p]["peers"], routes[p]["backups"]) for p in site_prefixes(2)}


def begin(s: Sites, label: str) -> list[Ping]:
    """Between the LANs, and from router to router."""
    return [Ping(s.lan1, a, INTERVAL, f"{label}-lan-{n}") for n, a in enumerate(host_addresses(2))] + \
        [Ping(s.spoke1.node, a, INTERVAL, f"{label}-router-{n}") for n, a in enumerate(SPOKE2.overlay)]


def none_lost(t: Report, losses: list[Loss]) -> None:
    for loss in losses:
        t.check(f"{loss.sent} sent, none lost", not loss.lost, str(loss))
        t.equal("none came twice", loss.duplicates, 0)


def comes_up(t: Report, s: Sites) -> None:
    t.step("a tunnel that has never worked comes up")
    t.equal("spoke2 comes first, and the hub stands in", carriers(s),
            {p: ([DIRECT], [OVER_HUB]) for p in site_prefixes(2)})
    pings = begin(s, "up")
    carried_by(t, s.spoke1.wgrd, pings, OVER_HUB, DIRECT)
    block(s, False)
    carried_by(t, s.spoke1.wgrd, pings, DIRECT, OVER_HUB)
    none_lost(t, [p.stop() for p in pings])


def is_cut(t: Report, s: Sites) -> None:
    t.step("it is cut without a word")
    pings = begin(s, "cut")
    carried_by(t, s.spoke1.wgrd, pings, DIRECT, OVER_HUB)
    block(s, True)
    carried_by(t, s.spoke1.wgrd, pings, OVER_HUB, DIRECT)
    t.equal("the session is still there", s.spoke1.wgrd.sessions()["spoke2"], "up")
    for loss in [p.stop() for p in pings]:
        t.note(f"{loss.sent} sent, {len(loss.lost)} lost: {len(loss.lost) * INTERVAL:.1f} s")
        t.check(f"no more than {LOST_AT_MOST} are lost", 0 < len(loss.lost) <= LOST_AT_MOST, str(loss))
        t.equal("in one gap", loss.lost[-1] - loss.lost[0] + 1, len(loss.lost))


def is_given_back(t: Report, s: Sites) -> None:
    t.step("it is given back")
    pings = begin(s, "back")
    carried_by(t, s.spoke1.wgrd, pings, OVER_HUB, DIRECT)
    block(s, False)
    carried_by(t, s.spoke1.wgrd, pings, DIRECT, OVER_HUB)
    none_lost(t, [p.stop() for p in pings])


def is_shut_down(t: Report, s: Sites) -> None:
    t.step("the operator shuts the peers down")
    for router, peer in ((s.spoke1, "spoke2"), (s.spoke2, "spoke1")):
        router.wgrd.edit("wireguard wg0", f"peer {peer}", "shutdown")
    t.wait("the hub is all there is", lambda: carriers(s),
           lambda c: c == {p: ([OVER_HUB], []) for p in site_prefixes(2)})
    pings = begin(s, "down")
    for router, peer in ((s.spoke1, "spoke2"), (s.spoke2, "spoke1")):
        router.wgrd.edit("wireguard wg0", f"peer {peer}", "no shutdown")
    carried_by(t, s.spoke1.wgrd, pings, DIRECT, OVER_HUB)
    none_lost(t, [p.stop() for p in pings])
    t.wait("everything is as the oracle says", s.differences, lambda d: not d)


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    prepare(s)
    start_blocked(t, s)
    comes_up(t, s)
    is_cut(t, s)
    is_given_back(t, s)
    is_shut_down(t, s)
