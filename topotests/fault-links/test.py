# SPDX-License-Identifier: GPL-2.0-or-later
"""Interfaces of spoke 1 go down, come back, are removed, and lose addresses, with pings running.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              wan, wg0        |
                             hub

- The underlay goes: nothing gets through until it is back. WireGuard's sessions outlive it, and BGP's
  when it is back within the hold time (3 s here); else BGP has to say everything again.
- wg0 is set down by somebody else: stays down until he sets it up again. The kernel drops routes and
  IPv6 addresses with it; wgrd puts them back. bgpd 8.4 must be told to look again (see wgrd-killed).
- wg0 is removed by somebody else: wgrd makes it again, with the same keys and sessions.
- addresses are removed by somebody else: wgrd puts them back within a second.
Lost is what was sent between the fault and the moment everything is as before, and nothing else; and
nothing at all of the other spoke's own traffic.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TABLE, Sites, host_addresses
from lib.traffic import Outage


def link(s: Sites, *words: str) -> None:
    s.spoke1.node.run("ip", "link", *words)


def exists(s: Sites) -> bool:
    return s.spoke1.node.succeeds("test", "-e", "/sys/class/net/wg0")


def addresses(s: Sites) -> set[str]:
    text = s.spoke1.node.run("ip", "-o", "address", "show", "dev", "wg0", check=False)
    return {line.split()[3] for line in text.splitlines() if " inet" in line}


def all_addresses(s: Sites) -> bool:
    return set(s.spoke1.wgrd.conf.wireguards[0].addresses) <= addresses(s)


def sessions(s: Sites) -> dict[str, int]:
    return {name: p["handshakes"] for name, p in s.spoke1.wgrd.peers().items()}


def as_before(t: Report, s: Sites, clear: bool = False) -> None:
    if clear:
        s.spoke1.frr.vtysh("clear bgp *")
    t.wait("all BGP sessions are established", s.bgp_established, lambda m: not m, 60)
    t.wait("all three sites are as the oracle says", s.differences, lambda d: not d, 60)


def underlay(t: Report, s: Sites) -> None:
    t.step("the underlay goes and comes")
    before = sessions(s)
    outage = Outage(t, s.lan1, host_addresses(2))
    for _ in range(3):
        link(s, "set", "wan", "down")
        link(s, "set", "wan", "up")
        # Addresses and routes over it are the operator's to bring back.
        s.spoke1.node.run("ip", "address", "replace", "2001:db8:2::1/64", "dev", "wan", "nodad")
        s.spoke1.node.default_route("203.0.113.254", "2001:db8:2::fe")
    as_before(t, s)
    outage.over()
    outage.lost_only_meanwhile("underlay", "while it was away")
    t.equal("no handshake was needed", sessions(s), before)


def set_down(t: Report, s: Sites) -> None:
    t.step("somebody sets wg0 down, and up")
    outage = Outage(t, s.lan1, host_addresses(2))
    link(s, "set", "wg0", "down")
    t.wait("show says who it was", lambda: s.spoke1.wgrd.cli("show wireguard"),
           lambda text: "set down by somebody else" in text)
    t.wait("what is sent is refused and goes nowhere else",
           lambda: [line for line in s.spoke1.oracle.table_seen(TABLE) if "wg0" in line], lambda found: not found)
    link(s, "set", "wg0", "up")
    t.wait("all addresses are there again", lambda: all_addresses(s), bool)
    as_before(t, s, clear=True)
    outage.over()
    outage.lost_only_meanwhile("wg0 down", "while it was down and until BGP had said everything again")
    t.check("the log says so, once", s.spoke1.wgrd.process.output().count("somebody else set it down") == 1)


def removed(t: Report, s: Sites) -> None:
    t.step("somebody removes wg0")
    before = sessions(s)
    outage = Outage(t, s.lan1, host_addresses(2))
    link(s, "delete", "wg0")
    t.wait("it is there again with all addresses", lambda: exists(s) and all_addresses(s), bool)
    as_before(t, s, clear=True)
    outage.over()
    outage.lost_only_meanwhile("wg0 removed", "until BGP had said everything again")
    t.equal("no handshake was needed", sessions(s), before)

    for _ in range(5):
        s.spoke1.node.run("ip", "link", "delete", "wg0", check=False)
    t.wait("removed in a loop, it is there again", lambda: exists(s) and all_addresses(s), bool)
    as_before(t, s, clear=True)


def addresses_removed(t: Report, s: Sites) -> None:
    t.step("somebody removes its addresses")
    outage = Outage(t, s.lan1, host_addresses(2))
    s.spoke1.node.run("ip", "address", "flush", "dev", "wg0", "scope", "global")
    t.wait("all addresses are there again", lambda: all_addresses(s), bool)
    as_before(t, s, clear=True)
    outage.over()
    outage.lost_only_meanwhile("addresses removed", "until BGP had said everything again")


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.start()
    other = Outage(t, s.lan2, ["192.168.2.1"])
    underlay(t, s)
    set_down(t, s)
    removed(t, s)
    addresses_removed(t, s)
    other.over()
    other.none_lost("all the time, on spoke 2's own LAN")
