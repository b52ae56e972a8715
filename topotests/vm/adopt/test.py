# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's WireGuard under wgrd: adopted, watched, killed over, given back, with pings running.

    hub ---- switch ---- red, blue            10.70.0.1 -- .2, .3; hub: wgrd with `backend kernel`
                                              red, blue: the kernel's WireGuard, set up with wg(8)

An operator has made wg0 with ip(8) and wg(8), with red, blue and somebody who is not configured. wgrd takes it
over, and later gives it back. Its second interface, wg1, it makes itself.
"""

from __future__ import annotations

from functools import partial
from operator import lt
from typing import Any

from lib.lab import Lab
from lib.report import Report
from lib.traffic import Ping, ping
from lib.wgrd import PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import KernelWireguard, StockPeer, generate_keys

OUTSIDE = {"hub": "198.51.100.1", "red": "198.51.100.2", "blue": "198.51.100.3"}
INSIDE = {"hub": "10.70.0.1", "red": "10.70.0.2", "blue": "10.70.0.3"}
STATIC = {"red": ["172.16.1.0/24", "fd16:1::/48"], "blue": ["172.16.2.0/24"]}
ELSEWHERE = "172.16.9.0/24"


class Kernel:
    def __init__(self, lab: Lab) -> None:
        self.nodes = {name: lab.node(name) for name in OUTSIDE}
        lab.switch("switch", *((n, "wan") for n in self.nodes.values()))
        for name, node in self.nodes.items():
            node.address("wan", f"{OUTSIDE[name]}/24")
        self.hub = self.nodes["hub"]
        self.keys = {name: generate_keys() for name in [*OUTSIDE, "stranger"]}
        self.made = KernelWireguard(self.hub, self.keys["hub"], peers=[
            StockPeer(self.keys["red"].public, [f"{INSIDE['red']}/32"]),
            StockPeer(self.keys["blue"].public, [f"{INSIDE['blue']}/32", ELSEWHERE]),
            StockPeer(self.keys["stranger"].public, ["172.16.8.0/24"])])
        self.ends = {name: KernelWireguard(self.nodes[name], self.keys[name], peers=[
            StockPeer(self.keys["hub"].public, [f"{INSIDE['hub']}/32"], f"{OUTSIDE['hub']}:51820", keepalive=5)])
            for name in ("red", "blue")}
        peers = [PeerConf(name, self.keys[name].public, overlay=[INSIDE[name]]) for name in ("red", "blue")]
        self.conf = WireguardConf(self.keys["hub"].private, [f"{INSIDE['hub']}/24"], peers, backend="kernel",
                                  tenant="all")
        self.wgrd = Wgrd(self.hub, WgrdConf([self.conf], [TenantConf("all", 1001)], zebra=False))

    def start(self) -> None:
        self.made.start(f"{INSIDE['hub']}/24")
        for name, end in self.ends.items():
            end.start(f"{INSIDE[name]}/24")

    def name_of(self, key: str) -> str:
        return next(name for name, keys in self.keys.items() if keys.public == key)

    def kernel(self, interface: str = "wg0") -> dict[str, list[str]]:
        """Peer to its AllowedIPs, as wg(8) tells them."""
        lines = self.hub.run("wg", "show", interface, "allowed-ips").splitlines()
        pairs = (line.split("\t") for line in lines)
        return {self.name_of(k): sorted(p for p in ips.split() if p != "(none)") for k, ips in pairs}

    def wgrd_says(self) -> dict[str, list[str]]:
        """The same as wgrd tells it, without what is foreign."""
        found: dict[str, list[str]] = {p.name: [] for p in self.conf.peers}
        for interface in self.wgrd.show("permissions")["interfaces"]:
            for p in interface["permissions"]:
                if p["owner"]:
                    found[p["owner"]].append(p["prefix"])
        return {name: sorted(v) for name, v in found.items()}

    def interface(self, name: str = "wg0") -> dict[str, Any]:
        return {i["name"]: i for i in self.wgrd.show("")["interfaces"]}[name]

    def agree(self) -> dict[str, Any]:
        """Where wg(8) and wgrd differ; empty when they do not."""
        dump = [line.split("\t") for line in self.hub.run("wg", "show", "wg0", "dump").splitlines()]
        shown, peers = self.interface(), self.wgrd.peers()
        differ: dict[str, Any] = {}
        if [shown["public-key"], str(shown["listen-port"])] != dump[0][1:3]:
            differ["interface"] = [shown, dump[0][1:]]
        for line in dump[1:]:
            peer = peers.get(self.name_of(line[0]))
            if peer and [peer["endpoint"] or "(none)", str(peer["last-handshake"] or 0)] != [line[2], line[4]]:
                differ[peer["name"]] = [peer, line[2:]]
        return differ


def adopt(t: Report, x: Kernel) -> None:
    t.step("an interface of the operator's is adopted")
    before = x.kernel()
    x.wgrd.start()
    t.equal("nothing of it was changed", x.kernel(), before)
    shown = x.interface()
    t.equal("wgrd says whose it is, and what it has that is not configured",
            [shown[k] for k in ("backend", "adopted", "foreign-peers", "foreign-prefixes", "degraded-prefixes")],
            ["kernel", True, 1, 2, 0])
    t.wait("wg(8) and wgrd agree about keys, port, endpoints and handshakes", x.agree, lambda d: not d)
    t.equal("both peers have their sessions", x.wgrd.sessions(), {"red": "up", "blue": "up"})


def prefixes(t: Report, x: Kernel) -> None:
    t.step("prefixes come, move and go")
    for name, static in STATIC.items():
        x.wgrd.edit("wireguard wg0", f"peer {name}", *(f"allowed-ip {p}" for p in static))
    own = {n: sorted([f"{INSIDE[n]}/32", *STATIC[n]]) for n in STATIC}
    foreign = {"stranger": ["172.16.8.0/24"]}
    t.wait("they are in the kernel, with what was there",
           x.kernel, lambda k: k == {**own, **foreign, "blue": sorted([*own["blue"], ELSEWHERE])})
    t.equal("and wgrd says the same of its own", x.wgrd_says(), own)
    moved = STATIC["red"][0]
    x.wgrd.edit("XFRR_start_configuration", "wireguard wg0", "peer red", f"no allowed-ip {moved}", "exit-peer",
                "peer blue", f"allowed-ip {moved}", "XFRR_end_configuration")
    t.wait("one has moved", lambda: moved in x.kernel()["blue"] and moved not in x.kernel()["red"])
    x.wgrd.edit("wireguard wg0", "peer blue", f"no allowed-ip {moved}")
    t.wait("and is gone", lambda: moved not in x.kernel()["blue"])
    t.equal("no peer was left behind", sorted(x.kernel()), ["blue", "red", "stranger"])


def kill(t: Report, x: Kernel) -> None:
    t.step("kill -9: the kernel goes on; and start")
    before = x.kernel()
    assert x.wgrd.process
    x.wgrd.process.kill()
    t.check("pings pass without wgrd", ping(x.hub, INSIDE["red"], 3))
    x.wgrd.write_conf()
    x.wgrd.start()
    gone = {p for static in STATIC.values() for p in static}
    t.wait("it is adopted again; what the former run had added now counts as somebody else's",
           x.kernel, lambda k: k == before)
    t.equal("which is shown", x.interface()["foreign-prefixes"],
            2 + len([p for ips in before.values() for p in ips if p in gone]))
    x.wgrd.edit("wireguard wg0", "foreign remove")
    x.wgrd.process.kill()
    x.wgrd.conf.wireguards[0].extra = ["foreign remove"]
    x.wgrd.write_conf()
    x.wgrd.start()
    t.wait("foreign remove takes it away", x.kernel,
           lambda k: k == {n: [f"{INSIDE[n]}/32"] for n in ("red", "blue")})


def own(t: Report, x: Kernel) -> None:
    t.step("an interface that wgrd makes itself")

    def routes() -> list[str]:
        """Of the tenant, as "PREFIX DEVICE"."""
        return [f"{w[0]} {w[2]}" for line in x.hub.table(1001) if len(w := line.split()) > 2 and w[1] == "dev"]

    # line by line, as typed: it is wgrd's own first, and then the kernel's
    x.wgrd.edit("wireguard wg1", f"private-key {generate_keys().private}", "tenant all", "listen-port 51822",
                "address 10.71.0.1/24", "peer blue", f"public-key {x.keys['blue'].public}",
                "allowed-ip 172.17.0.0/24", "overlay-address 10.71.0.9", "exit-peer")
    t.wait("with a tunnel device first", routes, lambda r: "172.17.0.0/24 wg1" in r)
    x.wgrd.edit("wireguard wg1", "backend kernel")
    t.wait("it is the kernel's", lambda: x.hub.run("ip", "-d", "link", "show", "wg1"),
           lambda text: "wireguard" in text and "alias made by wgrd" in text and "UP" in text)
    t.wait("with its prefixes", lambda: x.kernel("wg1"),
           lambda k: k == {"blue": ["10.71.0.9/32", "172.17.0.0/24"]})
    t.wait("and routes", routes, lambda r: "172.17.0.0/24 wg1" in r)
    x.hub.run("ip", "link", "del", "wg1")
    t.wait("made again when somebody removes it", lambda: x.kernel("wg1"),
           lambda k: k == {"blue": ["10.71.0.9/32", "172.17.0.0/24"]})
    t.wait("and routes", routes, lambda r: "172.17.0.0/24 wg1" in r)
    answer = x.wgrd.wgrctl("configure terminal", "wireguard wg1", "additional-key next")
    t.contains("a second key is refused, and why", answer, "the kernel knows one key of each end")
    answer = x.wgrd.wgrctl("configure terminal", "wireguard wg1", "listen-port 51820")
    t.contains("and a shared port", answer, "the kernel shares none")
    answer = x.wgrd.wgrctl("configure terminal", "wireguard wg1", "backend user")
    t.contains("and a change of the back end", answer, "cannot take over an interface that is there")
    x.wgrd.edit("no wireguard wg1")
    t.wait("it goes with its configuration", lambda: x.hub.succeeds("ip", "link", "show", "wg1"),
           lambda there: not there)


def give_back(t: Report, x: Kernel) -> None:
    t.step("the end")
    t.equal("it stops with status 0", x.wgrd.stop(), 0)
    t.check("the operator's interface is still there", x.hub.succeeds("ip", "link", "show", "wg0"))
    t.equal("without what wgrd was told to have there", x.kernel(), {})


def run(lab: Lab, t: Report) -> None:
    x = Kernel(lab)
    x.start()
    t.wait("red and blue have sessions", lambda: [ping(x.hub, INSIDE[n]) for n in ("red", "blue")], all)
    pings = [Ping(x.hub, INSIDE[n], 0.05) for n in ("red", "blue")]
    adopt(t, x)
    prefixes(t, x)
    kill(t, x)
    own(t, x)
    for p in pings:
        answered = p.replies()
        t.wait(f"pings to {p.address} go on", p.replies, partial(lt, answered + 20))
        loss = p.stop()
        t.check(f"{loss.sent} pings to {p.address} through all that, none lost", not loss.lost, str(loss))
    give_back(t, x)
