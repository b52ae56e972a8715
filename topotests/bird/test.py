# SPDX-License-Identifier: GPL-2.0-or-later
"""BIRD instead of FRR: wgrd learns from kernel tables that BIRD exports to and advertises through them.

                                         .-- spoke1, BIRD  red 192.168.1.0/24   blue 192.168.11.0/24
    red-user  172.16.1.10 --.            |
                             > hub, BIRD <   BGP inside red's tunnel, for both tenants
    blue-user 172.16.2.10 --'            |
                                         '-- spoke2, FRR   red 192.168.2.0/24

Each BIRD has the configuration of doc/examples/bird: a large community says which tenant's kernel table a
prefix goes to, and the next hop which tunnel. 192.168.50.1 is a host at either spoke.
"""

from __future__ import annotations

from typing import Any

from lib.bird import Bird
from lib.frr import ASN, Bgp, Frr
from lib.lab import Lab
from lib.node import Node
from lib.oracle import Oracle
from lib.report import Report
from lib.traffic import Ping, Server, ping, transfer
from lib.wgrd import PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import KeyPair, generate_keys

NUMBERS = {"hub": 1, "spoke1": 2, "spoke2": 3}
OVERLAY = {"red": ("10.99.0", "fd99:"), "blue": ("10.97.0", "fd97:")}
PORT = {"red": 51820, "blue": 51821}
TABLE = {"red": 1001, "blue": 1002}
EXCHANGE = {"red": 2001, "blue": 2002}
OWN = {("hub", "red"): ["172.16.1.0/24", "fd16:1::/48"], ("hub", "blue"): ["172.16.2.0/24", "fd16:2::/48"],
       ("spoke1", "red"): ["192.168.1.0/24", "fd00:1::/48"],
       ("spoke1", "blue"): ["192.168.11.0/24", "fd00:11::/48"],
       ("spoke2", "red"): ["192.168.2.0/24", "fd00:2::/48"]}
SUPERNETS = ["192.168.0.0/16", "fd00::/16", "172.16.0.0/12", "fd16::/16"]
SHARED = ["192.168.50.0/24", "fd00:50::/48"]
SHARED_ADDRESS = ["192.168.50.1", "fd00:50::1"]


def overlay(tenant: str, site: str) -> list[str]:
    four, six = OVERLAY[tenant]
    return [f"{four}.{NUMBERS[site]}", f"{six}:{NUMBERS[site]}"]


def underlay(site: str) -> str:
    return f"198.51.100.{NUMBERS[site]}"


def gateways(prefixes: list[str]) -> tuple[str, str]:
    """The router's own addresses in a LAN, which is a part of what is advertised."""
    return prefixes[0].replace("0/24", "1/25"), prefixes[1].replace("::/48", "::1/64")


def wireguard(site: str, tenant: str, keys: dict[tuple[str, str], KeyPair]) -> WireguardConf:
    others = [s for s, t in OWN if t == tenant and s != site and "hub" in (s, site)]
    addresses = [f"{a}/{64 if ':' in a else 24}" for a in overlay(tenant, site)]
    return WireguardConf(
        keys[site, tenant].private, addresses + [f"fe80::{NUMBERS[site]}/64"], name=f"wg-{tenant}",
        listen_port=PORT[tenant], tenant=tenant,
        peers=[PeerConf(o, keys[o, tenant].public, overlay=overlay(tenant, o), keepalive=5,
                        endpoint=f"{underlay(o)}:{PORT[tenant]}") for o in others])


class Site:
    def __init__(self, lab: Lab, name: str) -> None:
        self.name = name
        self.node = lab.node(name, forward=True)
        self.tenants = [t for s, t in OWN if s == name]
        self.hosts = {t: self._host(lab, t) for t in self.tenants}

    def _host(self, lab: Lab, tenant: str) -> Node:
        host = lab.node(f"{self.name}-{tenant}")
        lab.link(self.node, f"lan-{tenant}", host, "eth0")
        gateway = gateways(OWN[self.name, tenant])
        self.node.address(f"lan-{tenant}", *gateway)
        host.address("eth0", *(g.replace("1/", "10/") for g in gateway))
        host.default_route(*(g.partition("/")[0] for g in gateway))
        return host

    def configure(self, keys: dict[tuple[str, str], KeyPair], tables: bool) -> None:
        """@tables: BIRD and wgrd meet in kernel tables; otherwise wgrd talks to zebra."""
        self.wgrd = Wgrd(self.node, WgrdConf(
            [wireguard(self.name, t, keys) for t in self.tenants],
            [TenantConf(t, TABLE[t], interfaces=[f"lan-{t}"], supernets=SUPERNETS,
                        advertise=list(OWN[self.name, t]), tag=0 if tables else 1,
                        learn_table=EXCHANGE[t] if tables else 0,
                        advertise_table=EXCHANGE[t] if tables else 0) for t in self.tenants],
            zebra=not tables))

    def address_of(self, tenant: str) -> list[str]:
        return [g.partition("/")[0].removesuffix("1") + "10" for g in gateways(OWN[self.name, tenant])]

    def learned(self, tenant: str) -> dict[str, list[str]]:
        """Prefix to peers: what is accepted and in the kernel."""
        return {p: sorted(r["peers"]) for p, r in self.wgrd.routes(tenant).items()
                if r["origin"] == "learned" and r["state"] == "installed"}

    def verdict(self, prefix: str) -> str:
        return str(self.wgrd.routes().get(prefix, {}).get("verdict"))


class Lab3:
    def __init__(self, lab: Lab) -> None:
        self.hub, self.spoke1, self.spoke2 = sites = [Site(lab, n) for n in NUMBERS]
        lab.switch("internet", *((s.node, "wan") for s in sites))
        keys = {key: generate_keys() for key in OWN}
        for s in sites:
            s.node.address("wan", f"{underlay(s.name)}/24")
            s.configure(keys, tables=s is not self.spoke2)
        for s in (self.spoke1, self.spoke2):
            s.node.address("lan-red", "192.168.50.2/25", "fd00:50::2/64")
            s.hosts["red"].address("eth0", f"{SHARED_ADDRESS[0]}/25", f"{SHARED_ADDRESS[1]}/64")
            # not for what the host begins itself: nobody may send from there until it is announced
            s.hosts["red"].run("ip", "address", "change", f"{SHARED_ADDRESS[1]}/64", "dev", "eth0", "preferred_lft", "0")
        self.bird, self.bird1, self.frr = Bird(self.hub.node), Bird(self.spoke1.node), Frr(self.spoke2.node)
        self.bird.configure_tenants(overlay("red", "hub"), overlay("blue", "hub"),
                                    overlay("red", "spoke1") + overlay("red", "spoke2"), passive=True)
        self.bird1.configure_tenants(overlay("red", "spoke1"), overlay("blue", "spoke1"), overlay("red", "hub"))
        self.frr.configure(Bgp(overlay("red", "spoke2")[0], overlay("red", "hub"),
                               redistribute=["table route-map RED"],
                               extra=["route-map RED permit 10", " set large-community 65000:1:1", "exit"]))

    def start(self) -> None:
        for s in (self.hub, self.spoke1, self.spoke2):
            s.wgrd.start()
        self.bird.start()
        self.bird1.start()
        self.frr.start()

    def advertise(self, site: Site, prefixes: list[str], yes: bool = True) -> None:
        red = next(t for t in site.wgrd.conf.tenants if t.name == "red")
        red.advertise = [p for p in red.advertise if p not in prefixes] + (prefixes if yes else [])
        site.wgrd.edit("tenant red", *(f"{'' if yes else 'no '}advertise {p}" for p in prefixes))

    def differences(self) -> dict[str, dict[str, list[str]]]:
        """Site to what is otherwise there than the oracle says, from BIRD's kernel tables or from zebra."""
        found = {s.name: Oracle(self.frr if s is self.spoke2 else None, s.wgrd).differences()
                 for s in (self.hub, self.spoke1, self.spoke2)}
        return {name: lines for name, lines in found.items() if lines}

    def owners(self, prefixes: list[str]) -> list[list[str]]:
        learned = self.hub.learned("red")
        return [learned.get(p, []) for p in prefixes]


def two_tenants(t: Report, x: Lab3) -> None:
    t.step("a large community says which tenant")
    red = {p: [s] for s in ("spoke1", "spoke2") for p in OWN[s, "red"]}
    t.wait("red has the red prefixes of both spokes", lambda: x.hub.learned("red"), lambda f: f == red, 30)
    blue = {p: ["spoke1"] for p in OWN["spoke1", "blue"]}
    t.wait("blue has the blue ones", lambda: x.hub.learned("blue"), lambda f: f == blue)
    route: dict[str, Any] = x.hub.wgrd.routes("blue")[OWN["spoke1", "blue"][0]]
    t.equal("which come from BIRD, through its table", (route["source"], route["protocol"]),
            ("table 2002", "bird"))
    t.wait("spoke1 has the hub's", lambda: x.spoke1.learned("red"),
           lambda f: f == {p: ["hub"] for p in OWN["hub", "red"]})
    t.wait("and FRR too, from BIRD", lambda: x.spoke2.learned("red"),
           lambda f: f == {p: ["hub"] for p in OWN["hub", "red"]})
    for tenant, site in (("red", x.spoke1), ("blue", x.spoke1), ("red", x.spoke2)):
        for address in site.address_of(tenant):
            t.wait(f"{tenant} of the hub reaches {address}",
                   lambda t=tenant, a=address: ping(x.hub.hosts[t], a))  # type: ignore[misc]


def settled(t: Report, x: Lab3) -> None:
    t.wait("every site is as the oracle says", x.differences, lambda d: not d, 30)


def bird_and_frr(t: Report, x: Lab3) -> None:
    t.step("BIRD at one end, FRR at the other")
    bird, frr = x.hub.hosts["red"], x.spoke2.hosts["red"]
    for server in (bird, frr):
        Server(server)
    for client, addresses in ((bird, x.spoke2.address_of("red")), (frr, x.hub.address_of("red"))):
        for address in addresses:
            done = transfer(client, address, 1_000_000)
            t.check(f"{client.name} sends 1 MB to {address}", done.intact, str(done))
    more = ["192.168.3.0/24", "fd00:3::/48"]
    x.advertise(x.spoke2, more)
    t.wait("FRR announces more", lambda: x.owners(more), lambda o: o == [["spoke2"]] * 2)
    x.advertise(x.spoke2, more, False)
    t.wait("and takes it back", lambda: x.owners(more), lambda o: o == [[], []])
    settled(t, x)
    sessions = [f"neighbor {a} shutdown" for a in overlay("red", "hub")]
    x.frr.edit(f"router bgp {ASN}", *sessions)
    t.wait("FRR shuts its sessions down: BIRD withdraws what it said", lambda: x.owners(OWN["spoke2", "red"]),
           lambda o: o == [[], []])
    settled(t, x)
    x.frr.edit(f"router bgp {ASN}", *(f"no {s}" for s in sessions))
    t.wait("and has it again", lambda: x.owners(OWN["spoke2", "red"]), lambda o: o == [["spoke2"]] * 2, 30)
    t.wait("as has FRR what BIRD says", lambda: x.spoke2.learned("red"),
           lambda f: f == {p: ["hub"] for p in OWN["hub", "red"]}, 30)
    settled(t, x)


def shared_by(t: Report, x: Lab3, pings: list[Ping], what: str, *spokes: str) -> None:
    """Waits until the hub has it so, and pings have been answered that way."""
    t.wait(what, lambda: x.owners(SHARED), lambda o: o == [list(spokes)] * 2)
    answered = [p.replies() for p in pings]
    t.wait("fifty more pings are answered", lambda: [p.replies() for p in pings],
           lambda now: all(n >= before + 50 for n, before in zip(now, answered)))


def moves(t: Report, x: Lab3) -> None:
    t.step("ECMP, moves, withdrawal")
    x.advertise(x.spoke1, SHARED)
    t.wait("prefixes of spoke1", lambda: x.owners(SHARED), lambda o: o == [["spoke1"]] * 2)
    pings = [Ping(x.hub.hosts["red"], a) for a in SHARED_ADDRESS]
    for _ in range(2):
        x.advertise(x.spoke2, SHARED)
        shared_by(t, x, pings, "are also FRR's: two next hops of one route", "spoke1", "spoke2")
        x.advertise(x.spoke1, SHARED, False)
        shared_by(t, x, pings, "move to spoke2", "spoke2")
        x.advertise(x.spoke1, SHARED)
        shared_by(t, x, pings, "are both's again", "spoke1", "spoke2")
        x.advertise(x.spoke2, SHARED, False)
        shared_by(t, x, pings, "and spoke1's alone", "spoke1")
    for p in pings:
        loss = p.stop()
        t.check(f"ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))


def covered(t: Report, x: Lab3) -> None:
    t.step("a more specific prefix comes and goes")
    inside = ["192.168.1.128/25", "fd00:1:0:8000::/49"]
    x.advertise(x.spoke2, inside)
    t.wait("parts of spoke1's prefixes belong to spoke2", lambda: x.owners(inside),
           lambda o: o == [["spoke2"]] * 2)
    x.advertise(x.spoke2, inside, False)
    t.wait("and are gone when they are withdrawn", lambda: x.owners(inside), lambda o: o == [[], []])
    t.equal("what covers them stays", x.owners(OWN["spoke1", "red"]), [["spoke1"]] * 2)
    # spoke2 may answer what it was sent, and until then spoke1 has them by themselves
    t.wait("nor are there permissions, after a while", lambda: set(inside) & set(x.hub.wgrd.permissions("wg-red")),
           lambda left: not left)


def refused(t: Report, x: Lab3) -> None:
    t.step("policy")
    x.advertise(x.spoke1, ["0.0.0.0/0"])
    t.wait("a default route is refused", lambda: x.hub.verdict("0.0.0.0/0"), lambda v: v == "default-route")
    x.advertise(x.spoke1, ["0.0.0.0/0"], False)
    x.advertise(x.spoke1, ["203.0.113.0/24"])
    t.wait("and what is in no supernet", lambda: x.hub.verdict("203.0.113.0/24"),
           lambda v: v == "outside-supernet")
    x.advertise(x.spoke1, ["203.0.113.0/24"], False)


def recovered(t: Report, x: Lab3, what: str) -> None:
    def under_way() -> list[str]:
        lacks = [p for p in OWN["spoke1", "red"] if p not in x.bird.learned()]
        return lacks + [b.node.name for b in (x.bird, x.bird1) if b.recovering()]

    t.wait(what, under_way, lambda left: not left, 20)


def restarts(t: Report, x: Lab3) -> None:
    t.step("restarts, with traffic")
    pings = [Ping(x.hub.hosts["red"], a) for a in x.spoke1.address_of("red")]
    pings.append(Ping(x.hub.hosts["blue"], x.spoke1.address_of("blue")[0], label="ping-blue"))
    x.bird.restart()
    recovered(t, x, "BIRD has been restarted")
    assert x.bird.process
    x.bird.process.kill()
    x.bird.start("-R")
    recovered(t, x, "and after kill -9")
    for p in pings:
        loss = p.stop()
        t.check(f"ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))
    assert x.spoke1.wgrd.process
    x.spoke1.wgrd.process.kill()
    x.spoke1.wgrd.start()
    t.wait("wgrd killed at spoke1: its prefixes are back", lambda: x.hub.learned("red"),
           lambda f: f.get(OWN["spoke1", "red"][0]) == ["spoke1"], 30)
    t.wait("and traffic", lambda: ping(x.hub.hosts["red"], x.spoke1.address_of("red")[0]), bool, 30)
    status = x.spoke1.wgrd.stop()
    t.equal("wgrd ends", status, 0)
    left = x.spoke1.node.run("ip", "route", "show", "table", "2001", "proto", "157", check=False)
    t.equal("and takes its prefixes out of BIRD's table", left.strip(), "")
    t.wait("the hub hears it", lambda: x.owners(OWN["spoke1", "red"]), lambda o: o == [[], []], 30)


def run(lab: Lab, t: Report) -> None:
    x = Lab3(lab)
    x.start()
    two_tenants(t, x)
    settled(t, x)
    bird_and_frr(t, x)
    moves(t, x)
    settled(t, x)
    covered(t, x)
    settled(t, x)
    refused(t, x)
    settled(t, x)
    restarts(t, x)
