# SPDX-License-Identifier: GPL-2.0-or-later
"""FRR at spoke 1 is restarted, killed, and held still, with pings running.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              zebra, bgpd     |
                             hub

Who says what is true is FRR, so what is lost is what FRR takes back:

- bgpd ends: zebra withdraws what it had, and the hub withdraws spoke 1's prefixes from spoke 2. Nothing
  gets through from then until all three sites are as before. That is BGP's, whatever forwards.
- zebra says nothing, or is not there: wgrd removes nothing (see also zebra-restart): nothing may be lost.
"""

from __future__ import annotations

import os
from typing import Callable

from lib.lab import Lab
from lib.report import Report
from lib.sites import Sites, host_addresses
from lib.traffic import Outage

SILENT_SECONDS = 150 if "WGRD_SLOW" in os.environ else 6


def settled(s: Sites) -> list[str]:
    state = s.spoke1.wgrd.zebra()["state"]
    return ([] if state == "up" else [f"zebra session {state}"]) + list(s.differences())


def through(t: Report, s: Sites, fault: Callable[[], None]) -> Outage:
    outage = Outage(t, s.lan1, host_addresses(2))
    fault()
    t.wait("all BGP sessions are established", s.bgp_established, lambda m: not m, 60)
    t.wait("all three sites are as the oracle says", s.differences, lambda d: not d, 60)
    outage.over()
    return outage


def restart_bgpd(s: Sites, kill: bool) -> None:
    assert s.spoke1.frr.bgpd
    (s.spoke1.frr.bgpd.kill if kill else s.spoke1.frr.bgpd.stop)()
    s.spoke1.frr.start_bgpd()


def restart_frr(s: Sites) -> None:
    """As systemctl restart frr: everybody ends, then everybody begins."""
    assert s.spoke1.frr.bgpd and s.spoke1.frr.zebra
    s.spoke1.frr.bgpd.stop()
    s.spoke1.frr.zebra.stop()
    s.spoke1.frr.start()


def hold_bgpd(t: Report, s: Sites) -> None:
    """Longer than the hold time of three seconds."""
    assert s.spoke1.frr.bgpd
    s.spoke1.frr.bgpd.hold()
    try:
        t.wait("the hub gives it up", lambda: s.hub.frr.sessions()["10.99.0.2"], lambda v: v != "Established")
    finally:
        s.spoke1.frr.bgpd.go_on()


def silent_zebra(t: Report, s: Sites) -> None:
    t.step(f"zebra says nothing for {SILENT_SECONDS} seconds")
    w, zebra = s.spoke1.wgrd, s.spoke1.frr.zebra
    assert zebra
    before, permissions = w.zebra(), w.permissions()
    outage = Outage(t, s.lan1, host_addresses(2))
    zebra.hold()
    try:
        w.edit("tenant red", "advertise 192.168.77.0/24")
        answered = outage.pings[0].last()
        t.wait("pings are answered all the time", outage.pings[0].last,
               lambda n: n >= answered + SILENT_SECONDS * 100 * 0.8, SILENT_SECONDS * 3)
        view = w.zebra()
        t.equal("the session is the one it was", (view["state"], view["connects"]), (before["state"], before["connects"]))
        t.equal("nothing was removed", w.permissions(), permissions)
        own = {o["prefix"]: o["installed"] for o in view["own-prefixes"]}
        t.equal("what was advertised meanwhile is not confirmed", own["192.168.77.0/24"], False)
        t.equal("and show says so", w.routes("red")["192.168.77.0/24"]["route-state"], "sent")
    finally:
        zebra.go_on()
    t.wait("zebra has it when it goes on", lambda: w.routes("red")["192.168.77.0/24"]["route-state"],
           lambda state: state == "installed")
    w.edit("tenant red", "no advertise 192.168.77.0/24")
    t.wait("all three sites are as the oracle says", s.differences, lambda d: not d, 30)
    outage.over()
    outage.none_lost("zebra silent")


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.start()
    t.wait("spoke 1 has settled", lambda: settled(s), lambda d: not d, 60)
    silent_zebra(t, s)

    t.step("bgpd is restarted, killed, restarted with zebra, held")
    why = "before bgpd had said everything again"
    through(t, s, lambda: restart_bgpd(s, False)).lost_only_meanwhile("bgpd restarted", why)
    through(t, s, lambda: restart_bgpd(s, True)).lost_only_meanwhile("bgpd killed", why)
    through(t, s, lambda: restart_frr(s)).lost_only_meanwhile("FRR restarted", why)
    through(t, s, lambda: hold_bgpd(t, s)).lost_only_meanwhile("bgpd held", why)
