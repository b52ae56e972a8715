# SPDX-License-Identifier: GPL-2.0-or-later
"""Two tenants both use 10.0.0.0/24, and the traffic of each reaches its own.

    red-user  ---.        wg-red 10.98.0.1   .--- red-site  10.0.0.10    wgrd + FRR, learned by BGP
                  >- hub -<                  |
    blue-user ---'        wg-blue 10.97.0.1  '--- blue-site 10.0.0.10    a stock WireGuard, `allowed-ip`

The hub has an interface, a table and a LAN for each, and one UDP port for both (the kernel shares none). The users' addresses differ, the
sites' are the same to the last bit. The sites answer with their name, so who answered is known.
"""

from __future__ import annotations

from functools import partial

from lib.frr import Bgp, Frr
from lib.lab import Lab
from lib.node import Node
from lib.oracle import Oracle
from lib.report import Report
from lib.traffic import Ping, Server, ping, ping_all, transfer, who_is
from lib.wgrd import BACKEND, PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import StockPeer, generate_keys, stock

FOUR, SIX = "10.0.0.0/24", "fd10::/64"
HOST = ["10.0.0.10", "fd10::10"]
UNDERLAY = {"hub": "198.51.100.1", "red-site": "198.51.100.2", "blue-site": "198.51.100.3"}
RED_TABLE, BLUE_TABLE = 2001, 2002
BLUE_PORT = 51820 if BACKEND == "user" else 51821


class TwoTenants:
    def __init__(self, lab: Lab) -> None:
        self.hub, self.red_site, self.blue_site = (lab.node(n, forward=True) for n in UNDERLAY)
        lab.switch("internet", *((n, "wan") for n in (self.hub, self.red_site, self.blue_site)))
        for node in (self.hub, self.red_site, self.blue_site):
            node.address("wan", f"{UNDERLAY[node.name]}/24")
        self.users = {colour: self._user(lab, colour, n) for n, colour in enumerate(("red", "blue"), 1)}
        self.servers = {"red": self._server(lab, self.red_site),
                        "blue": self._server(lab, self.blue_site)}
        self.frr, self.red_frr = Frr(self.hub), Frr(self.red_site)
        self._configure()

    def _user(self, lab: Lab, colour: str, n: int) -> Node:
        user = lab.node(f"{colour}-user")
        lab.link(self.hub, f"lan-{colour}", user, "eth0")
        self.hub.address(f"lan-{colour}", f"172.16.{n}.1/24", f"fd16:{n}::1/64")
        user.address("eth0", f"172.16.{n}.10/24", f"fd16:{n}::10/64")
        user.default_route(f"172.16.{n}.1", f"fd16:{n}::1")
        return user

    def _server(self, lab: Lab, site: Node) -> Node:
        server = lab.node(f"{site.name}-server")
        lab.link(site, "lan", server, "eth0")
        site.address("lan", "10.0.0.1/25", "fd10::1/80")
        server.address("eth0", f"{HOST[0]}/25", f"{HOST[1]}/80")
        server.default_route("10.0.0.1", "fd10::1")
        return server

    def _configure(self) -> None:
        hub_red, hub_blue, red, blue = (generate_keys() for _ in range(4))
        self.wg_red = WireguardConf(
            hub_red.private, ["10.98.0.1/24", "fd98::1/64", "fe80::1/64"], name="wg-red", listen_port=51820, tenant="red",
            peers=[PeerConf("site", red.public, overlay=["10.98.0.2", "fd98::2"])])
        self.wg_blue = WireguardConf(
            hub_blue.private, ["10.97.0.1/24", "fd97::1/64"], name="wg-blue", listen_port=BLUE_PORT, tenant="blue",
            peers=[PeerConf("site", blue.public, overlay=["10.97.0.2", "fd97::2"], allowed_ips=[FOUR, SIX],
                            endpoint=f"{UNDERLAY['blue-site']}:51820")])
        self.red = TenantConf("red", RED_TABLE, interfaces=["lan-red"], supernets=["10.0.0.0/8", "fd10::/16"])
        self.blue = TenantConf("blue", BLUE_TABLE, interfaces=["lan-blue"])
        self.wgrd = Wgrd(self.hub, WgrdConf([self.wg_red, self.wg_blue], [self.red, self.blue]))
        self.frr.configure(Bgp("10.98.0.1", ["10.98.0.2", "fd98::2"],
                               networks=["172.16.1.0/24", "fd16:1::/64"]))

        site_wg = WireguardConf(
            red.private, ["10.98.0.2/24", "fd98::2/64", "fe80::2/64"], tenant="red",
            peers=[PeerConf("hub", hub_red.public, overlay=["10.98.0.1", "fd98::1"],
                            endpoint=f"{UNDERLAY['hub']}:51820", keepalive=5)])
        site_tenant = TenantConf("red", RED_TABLE, interfaces=["lan"], advertise=[FOUR, SIX])
        self.red_wgrd = Wgrd(self.red_site, WgrdConf([site_wg], [site_tenant]))
        self.red_frr.configure(Bgp("10.98.0.2", ["10.98.0.1", "fd98::1"], redistribute=["table"]))

        self.blue_stock = stock(self.blue_site, blue, [StockPeer(
            hub_blue.public, ["10.97.0.1/32", "fd97::1/128", "172.16.2.0/24", "fd16:2::/64"])])

    def start(self) -> None:
        self.wgrd.start()
        self.red_wgrd.start()
        self.blue_stock.start("10.97.0.2/24", "fd97::2/64")
        self.blue_site.run("ip", "route", "add", "172.16.2.0/24", "dev", "wg0")
        self.blue_site.run("ip", "-6", "route", "add", "fd16:2::/64", "dev", "wg0")
        self.frr.start()
        self.red_frr.start()
        for server in self.servers.values():
            Server(server)

    def spoofed(self) -> int:
        """Packets from blue's peer with an address that it may not use."""
        if BACKEND == "user":
            return self.wgrd.drops()["rx-spoofed"]
        return int(self.hub.run("cat", "/sys/class/net/wg-blue/statistics/rx_frame_errors"))

    def differences(self) -> dict[str, list[str]]:
        return Oracle(self.frr, self.wgrd).differences()


def same_prefix(t: Report, x: TwoTenants) -> None:
    t.step("the same prefix twice")
    t.wait("red learned it by BGP", lambda: sorted(x.frr.selected("bgp")), lambda f: f == [FOUR, SIX], 30)
    t.wait("both tenants are as the oracle says", x.differences, lambda d: not d, 30)
    for prefix in (FOUR, SIX):
        origins = {r["tenant"]: (r["origin"], r["interface"], r["table"], r["verdict"])
                   for r in x.wgrd.show("routes")["routes"] if r["prefix"] == prefix}
        t.equal(f"{prefix} is a learned route of red and a static one of blue", origins,
                {"red": ("learned", "wg-red", RED_TABLE, "accepted"),
                 "blue": ("static", "wg-blue", BLUE_TABLE, "accepted")})


def to_its_own(t: Report, x: TwoTenants) -> None:
    t.step("traffic of each")
    for colour, user in x.users.items():
        for address in HOST:
            t.wait(f"{colour} reaches {address}", partial(ping, user, address))
            t.equal(f"and it is {colour}'s own", who_is(user, address), x.servers[colour].name)
            done = transfer(user, address, 2_000_000)
            t.check("2 MB arrive intact", done.intact, str(done))
    t.equal("nothing was dropped as spoofed", x.spoofed(), 0)


def one_goes(t: Report, x: TwoTenants) -> None:
    t.step("red loses its prefix")
    pings = [Ping(x.users["blue"], a) for a in HOST]
    x.red_wgrd.edit("tenant red", f"no advertise {FOUR}", f"no advertise {SIX}")
    t.wait("it has left red's permissions", lambda: sorted(x.wgrd.permissions("wg-red")),
           lambda found: FOUR not in found and SIX not in found)
    t.wait("red's traffic goes nowhere, and not to blue's site",
           lambda: [ping(x.users["red"], a) for a in HOST], lambda answers: not any(answers))
    t.wait("both tenants are as the oracle says", x.differences, lambda d: not d)
    x.red_wgrd.edit("tenant red", f"advertise {FOUR}", f"advertise {SIX}")
    t.wait("red has it back", lambda: ping_all(x.users["red"], HOST), seconds=30)
    for p in pings:
        loss = p.stop()
        t.check(f"blue noticed nothing: {p.address}, {loss.sent} sent, none lost", not loss.lost, str(loss))


def spoofing(t: Report, x: TwoTenants) -> None:
    t.step("one tenant in the other's name")
    before = x.spoofed()
    x.blue_site.run("ip", "address", "add", "10.98.0.2/32", "dev", "lo")
    ping(x.blue_site, "10.97.0.1", source="10.98.0.2")
    t.wait("an address of red's peer from blue's peer is refused", x.spoofed,
           lambda n: n > before)


def run(lab: Lab, t: Report) -> None:
    x = TwoTenants(lab)
    x.start()
    same_prefix(t, x)
    to_its_own(t, x)
    one_goes(t, x)
    spoofing(t, x)
