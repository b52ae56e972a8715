# SPDX-License-Identifier: GPL-2.0-or-later
"""wgrd starts without zebra: tunnels work, what is static works, and it waits and shows so.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
                               |
                              hub          FRR starts last, at spoke 1 a while after that
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TABLE, Sites, bgp_conf, host_addresses, site_prefixes
from lib.traffic import ping_all


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    w = s.spoke1.wgrd

    t.step("no zebra")
    s.start_wgrd()
    t.wait("every two sites have a WireGuard session", s.sessions_missing, lambda m: not m)
    zebra = w.zebra()
    t.equal("wgrd waits for zebra", zebra["state"], "waiting")
    t.check("and says which socket it cannot connect to", "zserv.api" in (zebra["last-error"] or ""), zebra)
    t.contains("also to people", w.cli("show wireguard zebra"), "waiting", "zserv.api", "No such file")
    t.check("overlay addresses work", ping_all(s.spoke1.node, ["10.99.0.3", "fd99::3"], 3))
    t.equal("own prefixes wait", {o["prefix"]: o["installed"] for o in zebra["own-prefixes"]},
            dict.fromkeys(site_prefixes(1), False))
    t.check("nothing is learned", not [r for r in w.routes().values() if r["origin"] == "learned"])

    t.step("a static prefix needs no zebra")
    peer = next(p for p in w.conf.wireguards[0].peers if p.name == "spoke2")
    peer.allowed_ips = ["192.168.222.0/24"]
    w.edit("wireguard wg0", "peer spoke2", "allowed-ip 192.168.222.0/24")
    t.equal("it is a permission at once", w.permissions().get("192.168.222.0/24"),
            {"egress": ["spoke2"], "ingress": ["spoke2"]})
    t.wait("and a route of the tenant", lambda: s.spoke1.oracle.table_seen(TABLE),
           lambda rows: "192.168.222.0/24 wg0" in rows)

    t.step("zebra comes")
    for router in (s.hub, s.spoke2):
        router.frr.configure(bgp_conf(router.address))
        router.frr.start()
    t.equal("wgrd of spoke 1 still waits", w.zebra()["state"], "waiting")
    s.spoke1.frr.configure(bgp_conf(s.spoke1.address))
    s.spoke1.frr.start()
    t.wait("it connects by itself", lambda: w.zebra()["state"], lambda v: v in ("syncing", "up"), 30)
    t.wait("and everything is as the oracle says", s.differences, lambda d: not d, 30)
    t.equal("the release was recognised", w.zebra()["release"], "8.4.4")
    t.check("LAN to LAN works", ping_all(s.lan1, host_addresses(2), 3))
    t.wait("it settles", lambda: w.zebra()["state"], lambda v: v == "up", 30)

