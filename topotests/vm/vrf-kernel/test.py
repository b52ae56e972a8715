# SPDX-License-Identifier: GPL-2.0-or-later
"""Two tenants in two VRF devices use the same prefix, and the kernel forwards: also while wgrd is killed.

    red-user  --- vrf-red  ---.        .--- wg-red  10.98.0.1 ---- red-site   10.0.0.10
                               >- hub -<
    blue-user --- vrf-blue ---'        '--- wg-blue 10.97.0.1 ---- blue-site  10.0.0.10

The hub's LANs and its WireGuard interfaces are in VRF devices (vrf.rst of Linux), zebra has a VRF for each, and
each tenant of wgrd learns from one of them. wgrd's interfaces are the kernel's, and so are the sites'.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from lib.frr import ASN, Bgp, Frr
from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.traffic import Ping, Server, ping, who_is
from lib.wgrd import PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import KernelWireguard, KeyPair, StockPeer, generate_keys

SITE, HOST = "10.0.0.0/24", "10.0.0.10"
HUB = "198.51.100.1"


@dataclass(frozen=True)
class Colour:
    name: str
    number: int

    @property
    def vrf(self) -> str:
        return f"vrf-{self.name}"

    @property
    def overlay(self) -> list[str]:
        """The hub's, and the site's."""
        return [f"10.{99 - self.number}.0.{host}" for host in (1, 2)]

    @property
    def lan(self) -> str:
        return f"172.16.{self.number}"

    @property
    def port(self) -> int:
        return 51820 + self.number

    @property
    def underlay(self) -> str:
        return f"198.51.100.{self.number + 1}"


RED, BLUE = Colour("red", 1), Colour("blue", 2)


class Vrfs:
    def __init__(self, lab: Lab) -> None:
        self.hub = lab.node("hub", forward=True)
        self.sites = {c: lab.node(f"{c.name}-site") for c in (RED, BLUE)}
        lab.switch("internet", (self.hub, "wan"), *((n, "wan") for n in self.sites.values()))
        self.hub.address("wan", f"{HUB}/24")
        # FRR's way: a socket serves connections of all VRFs
        self.hub.run("sysctl", "-qw", "net.ipv4.tcp_l3mdev_accept=1")
        self.users = {c: self._user(lab, c) for c in self.sites}
        keys = {c: (generate_keys(), generate_keys()) for c in self.sites}
        self.frr = Frr(self.hub)
        self.frr.configure(*(Bgp(c.overlay[0], [c.overlay[1]], networks=[f"{c.lan}.0/24"], vrf=c.vrf)
                             for c in self.sites))
        self.wgrd = Wgrd(self.hub, WgrdConf([self._wireguard(c, *keys[c]) for c in self.sites],
                                            [self._tenant(c) for c in self.sites]))
        self.site_frr = {c: self._site(c, *keys[c]) for c in self.sites}

    def _user(self, lab: Lab, c: Colour) -> Node:
        self.hub.run("ip", "link", "add", "name", c.vrf, "type", "vrf", "table", str(100 + c.number))
        self.hub.run("ip", "link", "set", c.vrf, "up")
        user = lab.node(f"{c.name}-user")
        lab.link(self.hub, f"lan-{c.name}", user, "eth0")
        self.hub.run("ip", "link", "set", f"lan-{c.name}", "master", c.vrf)
        self.hub.address(f"lan-{c.name}", f"{c.lan}.1/24")
        user.address("eth0", f"{c.lan}.10/24")
        user.default_route(f"{c.lan}.1")
        return user

    @staticmethod
    def _wireguard(c: Colour, hub: KeyPair, site: KeyPair) -> WireguardConf:
        return WireguardConf(hub.private, [f"{c.overlay[0]}/24"], name=f"wg-{c.name}", listen_port=c.port,
                             tenant=c.name, backend="kernel",
                             peers=[PeerConf("site", site.public, overlay=[c.overlay[1]])])

    @staticmethod
    def _tenant(c: Colour) -> TenantConf:
        return TenantConf(c.name, 1000 + c.number, vrf=c.vrf)

    def _site(self, c: Colour, hub: KeyPair, site: KeyPair) -> Frr:
        node = self.sites[c]
        node.address("wan", f"{c.underlay}/24")
        node.run("ip", "address", "add", f"{HOST}/32", "dev", "lo")
        KernelWireguard(node, site, peers=[StockPeer(
            hub.public, ["0.0.0.0/0"], f"{HUB}:{c.port}", keepalive=5)]).start(f"{c.overlay[1]}/24")
        frr = Frr(node)
        frr.configure(Bgp(c.overlay[1], [c.overlay[0]], networks=[SITE]))
        return frr

    def start(self) -> None:
        self.wgrd.start()
        for c in self.sites:
            self.hub.run("ip", "link", "set", f"wg-{c.name}", "master", c.vrf)
        self.frr.start()
        for c, frr in self.site_frr.items():
            frr.start()
            Server(self.sites[c])

    def learned(self) -> dict[str, list[str]]:
        """Tenant to the peers that have the sites' prefix, as the permission says."""
        return {c.name: self.wgrd.permissions(f"wg-{c.name}").get(SITE, {}).get("egress", []) for c in self.sites}


def killed(t: Report, x: Vrfs) -> None:
    t.step("wgrd is killed and started again, and the kernel goes on")
    before = x.hub.run("wg", "show", "wg-red", "allowed-ips")
    p = Ping(x.users[RED], HOST, 0.05)
    assert x.wgrd.process
    x.wgrd.process.kill()
    x.wgrd.start()
    t.wait("both tenants have learned the prefix again", x.learned,
           lambda found: found == {"red": ["site"], "blue": ["site"]}, 60)
    t.wait("what was left behind is cleared up", lambda: x.wgrd.show("")["interfaces"],
           lambda all_: [i["foreign-prefixes"] for i in all_] == [0, 0], 60)
    t.equal("the kernel has what it had", x.hub.run("wg", "show", "wg-red", "allowed-ips"), before)
    loss = p.stop()
    t.check(f"{loss.sent} pings meanwhile, none lost", not loss.lost, str(loss))


def run(lab: Lab, t: Report) -> None:
    x = Vrfs(lab)
    x.start()
    t.wait("both tenants have learned the prefix from their VRF", x.learned,
           lambda found: found == {"red": ["site"], "blue": ["site"]}, 60)
    for c in x.sites:
        t.contains(f"the kernel has it for {c.name}", x.hub.run("wg", "show", f"wg-{c.name}", "allowed-ips"), SITE)
    for c, user in x.users.items():
        t.wait(f"{c.name} reaches {HOST}", partial(ping, user, HOST), seconds=30)
        t.equal("and it is its own", who_is(user, HOST), x.sites[c].name)
    killed(t, x)
    t.step("red's site withdraws it")
    x.site_frr[RED].edit(f"router bgp {ASN}", "address-family ipv4 unicast", f"no network {SITE}")
    t.wait("it has left red and not blue", x.learned, lambda found: found == {"red": [], "blue": ["site"]}, 30)
    t.check("the kernel has it no longer for red", SITE not in x.hub.run("wg", "show", "wg-red", "allowed-ips"))
    t.check("red reaches nobody there, not blue's either", not ping(x.users[RED], HOST))
    t.check("blue reaches its own", ping(x.users[BLUE], HOST, 3))
