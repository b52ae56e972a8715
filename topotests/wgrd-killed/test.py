# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 of wgrd, and its start: the same state as before, no orphan left, nothing foreign touched.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              wgrd killed     |
                             hub

While wgrd is dead its configuration changes, so that what it left behind is partly still wanted and
partly not. Beside it lie rules and routes of somebody else, some with the same table and priority.

Nobody holds wg0 here (see fault-wgrd), so it goes with the process and comes back with the next one. When that is faster than BGP's hold time,
bgpd 8.4 forgets the IPv6 address of its side of the session and announces ::ffff:10.99.0.2 as its next
hop from then on, until the session is made anew; so the test has it made anew.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TABLE, Router, Sites, host_addresses
from lib.traffic import Outage, ping

OTHER_TABLE = 1002
FOREIGN = [
    ["-4", "rule", "add", "priority", "1000", "from", "203.0.113.77", "lookup", str(TABLE)],
    ["-4", "rule", "add", "priority", "999", "iif", "lan", "lookup", "77", "protocol", "static"],
    ["-6", "rule", "add", "priority", "1000", "iif", "lan", "lookup", "77"],
    ["-4", "route", "add", "172.31.0.0/16", "dev", "lan", "table", str(TABLE), "proto", "static"],
    ["-6", "route", "add", "fd00:77::/32", "dev", "lan", "table", str(TABLE), "proto", "static"],
    ["-4", "route", "add", "unreachable", "172.30.0.0/16", "table", "77"],
    ["-4", "route", "add", "172.29.0.0/16", "dev", "lan", "metric", "20"],
]


def own_state(r: Router) -> dict[str, object]:
    return {"rules": r.wgrd.own_rules(), "table": r.oracle.table_seen(TABLE), "permissions": r.wgrd.permissions(),
            "own prefixes": sorted(o["prefix"] for o in r.wgrd.zebra()["own-prefixes"])}


def foreign_state(r: Router) -> dict[str, list[str]]:
    return {"rules": [x for x in r.node.rules() if "proto 157" not in x],
            **{f"table {n}": [x for x in r.node.table(n) if "proto 157" not in x]
               for n in (TABLE, OTHER_TABLE, 77)},
            "main": [x for x in r.node.table(254) if "dev lan" in x]}


def settled(r: Router) -> list[str]:
    """What is not as it should be yet."""
    state = r.wgrd.zebra()["state"]
    return ([] if state == "up" else [f"zebra session {state}"]) + list(r.oracle.differences())


def restart(r: Router) -> None:
    assert r.wgrd.process
    r.wgrd.process.kill()
    r.wgrd.start()


def traffic_returns(t: Report, s: Sites) -> None:
    s.spoke1.frr.vtysh("clear bgp *")
    t.wait("all three sites are as the oracle says", s.differences, lambda d: not d, 30)
    t.wait("LAN to LAN works, both families and ways",
           lambda: [a for host, site in ((s.lan1, 2), (s.lan2, 1)) for a in host_addresses(site)
                    if not ping(host, a)], lambda dead: not dead, 30)


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    r = s.spoke1
    lab.link(r.node, "lan-b", s.lan1, "eth1")
    s.lan1.run("ip", "link", "set", "eth1", "up")
    r.node.address("lan-b", "192.168.1.129/25")
    tenant = r.wgrd.conf.tenants[0]
    tenant.interfaces.append("lan-b")
    s.start()
    for argv in FOREIGN:
        r.node.run("ip", *argv)
    t.wait("wgrd has settled", lambda: settled(r), lambda open_: not open_, 30)
    foreign, own = foreign_state(r), own_state(r)

    t.step("kill -9 and start")
    assert r.wgrd.process
    outage = Outage(t, s.lan1, host_addresses(2))
    r.wgrd.process.kill()
    left = [x.replace(" [detached]", "") for x in r.wgrd.own_rules()]
    t.check("the kernel still has its rules, and the tenant still ends in unreachable",
            left == own["rules"] and any("unreachable" in line for line in r.oracle.table_seen(TABLE)), left)
    r.wgrd.start()
    t.wait("it is as before", lambda: own_state(r), lambda now: now == own, 30)
    t.wait("and as the oracle says", lambda: settled(r), lambda open_: not open_, 30)
    view = r.wgrd.show("tenants")["fib"]
    t.check("what was left behind was adopted and not made anew", view["adopted"] >= len(left), view)
    t.equal("nothing foreign was touched", foreign_state(r), foreign)
    t.wait("LAN to LAN works over IPv4", lambda: ping(s.lan1, host_addresses(2)[0]))
    traffic_returns(t, s)
    outage.over()
    outage.lost_only_meanwhile("kill -9", "before it was there again and BGP had said everything again")

    t.step("kill -9, another configuration, and start")
    r.wgrd.process.kill()
    tenant.interfaces.remove("lan-b")
    r.wgrd.write_conf()
    t.check("a rule of the interface that has left is still there",
            any("lan-b" in x for x in r.wgrd.own_rules()), r.wgrd.own_rules())
    r.wgrd.start()
    t.wait("it leaves, and everything is as the oracle says", lambda: settled(r),
           lambda open_: not open_, 30)
    t.check("the orphans were counted", r.wgrd.show("tenants")["fib"]["orphans-removed"] >= 2,
            r.wgrd.show("tenants")["fib"])
    t.equal("nothing foreign was touched", foreign_state(r), foreign)

    t.step("kill -9, another table, and start")
    r.wgrd.process.kill()
    tenant.table = OTHER_TABLE
    r.wgrd.write_conf()
    r.wgrd.start()
    t.wait("everything is in the new table", lambda: settled(r), lambda open_: not open_, 30)
    t.equal("nothing of wgrd is in the old one",
            [line for line in r.node.table(TABLE) if "proto 157" in line], [])
    t.equal("nothing foreign was touched", foreign_state(r), foreign)
    traffic_returns(t, s)

    t.step("kill -9 five times in a row")
    for _ in range(5):
        restart(r)
    t.wait("everything is as the oracle says", lambda: settled(r), lambda open_: not open_, 30)
    t.equal("nothing foreign was touched", foreign_state(r), foreign)

    t.step("the end")
    t.equal("it stops with status 0", r.wgrd.stop(), 0)
    t.equal("and takes all of its own along", (r.wgrd.own_rules(), [
        line for n in (TABLE, OTHER_TABLE) for line in r.node.table(n) if "proto 157" in line]), ([], []))
    # Only the rules: without wg0 nothing else can have changed.
    t.equal("nothing foreign was touched", foreign_state(r), foreign)
