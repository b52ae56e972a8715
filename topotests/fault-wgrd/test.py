# SPDX-License-Identifier: GPL-2.0-or-later
"""wgrd is killed and restarted by a service manager that holds its interfaces, with pings running.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              wgrd under      |
              lib/manager.py hub

Why anything is lost: while there is no wgrd nobody encrypts, and the next one has to shake hands anew,
which costs a round trip. zebra sweeps what wgrd gave it when the process ends, bgpd withdraws that,
and announces it again when wgrd has. Nothing else: wg0 stays with its addresses and its carrier, so
zebra and bgpd see no link go, BGP sessions live on, and the next hop for IPv6 stays the one it was
(bgpd 8.4 makes it ::ffff:10.99.0.2 when the address leaves for a moment, see wgrd-killed).
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import SPOKE1, Router, Sites, host_addresses, site_prefixes
from lib.traffic import Outage


def settled(r: Router) -> list[str]:
    state = r.wgrd.zebra()["state"]
    return ([] if state == "up" else [f"zebra session {state}"]) + list(r.oracle.differences())


def next_hop(s: Sites) -> str:
    """Of spoke 1's IPv6 prefix as the hub heard it."""
    paths = s.hub.frr.json("show bgp ipv6 unicast")["routes"][site_prefixes(1)[1]]
    return str(paths[0]["nexthops"][0]["ip"])


def sessions(r: Router) -> dict[str, list[int]]:
    """How often each BGP session came and went. Since when it is there is told with a second's rounding."""
    return {n: [p["connectionsEstablished"], p["connectionsDropped"]]
            for n, p in r.frr.json("show bgp ipv6 unicast summary")["peers"].items()}


def survived(t: Report, s: Sites, what: str, fault) -> None:  # type: ignore[no-untyped-def]
    r = s.spoke1
    before = sessions(r)
    index = r.node.run("cat", "/sys/class/net/wg0/ifindex")
    starts = r.wgrd.starts()
    watch = r.node.start("watch", "ip", "monitor", "link", "address")
    outage = Outage(t, s.lan1, host_addresses(2))
    fault()
    t.wait("another wgrd runs", r.wgrd.starts, lambda n: n == starts + 1)
    t.wait("all three sites are as the oracle says", s.differences, lambda d: not d, 30)
    outage.over()
    outage.lost_only_meanwhile(what, "before the others had spoke 1's prefixes again")
    watch.stop()
    said = watch.output().rpartition("\n--- ")[2]
    t.check("nobody who watches links saw wg0 or an address of it leave",
            "Deleted" not in said and "NO-CARRIER" not in said, said)
    t.equal("it is the same interface", r.node.run("cat", "/sys/class/net/wg0/ifindex"), index)
    t.equal("BGP sessions live on", sessions(r), before)
    t.equal("the IPv6 next hop is the one it was", next_hop(s), SPOKE1.overlay[1])
    t.wait("it has settled", lambda: settled(r), lambda d: not d, 30)


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    r = s.spoke1
    r.wgrd.managed = True
    s.start()
    t.wait("wgrd has settled", lambda: settled(r), lambda d: not d, 30)
    gateway = Outage(t, s.lan1, ["192.168.1.1"])

    t.step("kill -9")
    survived(t, s, "kill -9", r.wgrd.kill)
    t.check("routes and rules of the former run were adopted",
            r.wgrd.show("tenants")["fib"]["adopted"] > 10, r.wgrd.show("tenants")["fib"])

    t.step("five times in a row, as fast as it starts")
    starts = r.wgrd.starts()
    outage = Outage(t, s.lan1, host_addresses(2))
    for n in range(5):
        r.wgrd.kill()
        t.wait(f"it runs again, {n + 1}", r.wgrd.starts, lambda seen, n=n: seen == starts + n + 1)
    t.wait("all three sites are as the oracle says", s.differences, lambda d: not d, 30)
    outage.over()
    outage.lost_only_meanwhile("kill -9", "before the last of them was in place")
    t.equal("the IPv6 next hop is the one it was", next_hop(s), SPOKE1.overlay[1])

    t.step("stopped and started with --retain")
    t.equal("it stops with status 0", r.wgrd.stop(), 0)
    t.equal("without a holder its interface goes, and with it all rules", (
        r.node.succeeds("test", "-e", "/sys/class/net/wg0"), r.wgrd.own_rules()), (False, []))
    r.wgrd.start("--retain")
    r.frr.vtysh("clear bgp *")
    t.wait("all three sites are as the oracle says", s.differences, lambda d: not d, 30)
    t.wait("it has settled", lambda: settled(r), lambda d: not d, 30)
    survived(t, s, "restart with --retain", r.wgrd.restart)

    t.step("an interface that leaves the configuration while there is no wgrd")
    r.wgrd.edit("wireguard wg1", "listen-port 51999")
    t.wait("wg1 is there", lambda: r.node.succeeds("test", "-e", "/sys/class/net/wg1"))
    r.wgrd.kill()  # the file does not have it
    t.wait("it is gone, wg0 is not", lambda: [i for i in ("wg0", "wg1") if r.node.succeeds(
        "test", "-e", f"/sys/class/net/{i}")], lambda found: found == ["wg0"])

    t.step("an interface that was taken over is watched as any other")
    r.node.run("ip", "link", "set", "wg0", "down")
    t.wait("somebody sets it down: show says so", lambda: r.wgrd.cli("show wireguard"),
           lambda text: "set down by somebody else" in text)
    r.node.run("ip", "link", "set", "wg0", "up")
    t.wait("up again, it has all its addresses", lambda: r.node.run("ip", "address", "show", "dev", "wg0"),
           lambda text: all(f" {a} " in text for a in r.wgrd.conf.wireguards[0].addresses))
    gateway.over()
    gateway.none_lost("all the time, on spoke 1's own LAN")
