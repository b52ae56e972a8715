# SPDX-License-Identifier: GPL-2.0-or-later
"""Every way that own prefixes go to bgpd: by number, through the main table, and through one of their own.

    site ---- wan ==== hub wg0 (red) ==== far: BGP, sees what the hub announces
    192.168.70.1       hub wg1 (blue)     no peer

red of the hub advertises a prefix of its own in each family, and one that is static behind the site, which goes when
the site does not answer. blue advertises another one, with another number. far knows nothing but BGP.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from lib.frr import Bgp, Frr
from lib.lab import Lab
from lib.oracle import MAIN, SHARED_METRIC, Oracle
from lib.report import Report
from lib.ribs import kernel_entries
from lib.traffic import Ping, ping
from lib.wgrd import PROTOCOL, PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import generate_keys

OWN, OWN6, STATIC, BLUE = "192.168.80.0/24", "fd80::/48", "192.168.70.0/24", "192.168.81.0/24"
RED_INSTANCE, OTHER_INSTANCE, BLUE_INSTANCE = 253, 255, 254
EXCHANGE = 3001
METRICS = "127.0.0.1:9586"
ADDRESS = {"hub": "198.51.100.1", "far": "198.51.100.2", "site": "198.51.100.3"}


class Advertising:
    def __init__(self, lab: Lab) -> None:
        self.hub, self.far, self.site = (lab.node(n, forward=True) for n in ADDRESS)
        lab.switch("internet", *((n, "wan") for n in (self.hub, self.far, self.site)))
        for node in (self.hub, self.far, self.site):
            node.address("wan", f"{ADDRESS[node.name]}/24")
        self.site.run("ip", "address", "add", "192.168.70.1", "dev", "lo")
        self.frr, self.far_frr = Frr(self.hub), Frr(self.far)
        self.silent: set[str] = set()
        self._configure()

    def _configure(self) -> None:
        hub, hub_blue, far, site = (generate_keys() for _ in range(4))
        self.red = TenantConf("red", 1001, advertise=[OWN, OWN6, STATIC], tag=7, advertise_instance=RED_INSTANCE)
        blue = TenantConf("blue", 1002, advertise=[BLUE], advertise_instance=BLUE_INSTANCE)
        wg0 = WireguardConf(hub.private, ["10.99.0.1/24", "fd99::1/64", "fe80::1/64"], tenant="red", peers=[
            PeerConf("far", far.public, overlay=["10.99.0.2", "fd99::2"], endpoint=f"{ADDRESS['far']}:51820"),
            PeerConf("site", site.public, overlay=["10.99.0.3"], endpoint=f"{ADDRESS['site']}:51820",
                     allowed_ips=[STATIC])])
        wg1 = WireguardConf(hub_blue.private, ["10.98.0.1/24"], [], name="wg1", listen_port=51821, tenant="blue")
        self.wgrd = Wgrd(self.hub, WgrdConf([wg0, wg1], [self.red, blue], dataplane=[f"metrics listen {METRICS}"]))
        self.wgrd.managed = True

        end = PeerConf("hub", hub.public, overlay=["10.99.0.1", "fd99::1"], endpoint=f"{ADDRESS['hub']}:51820",
                       keepalive=5)
        self.far_wgrd = Wgrd(self.far, WgrdConf([WireguardConf(
            far.private, ["10.99.0.2/24", "fd99::2/64", "fe80::2/64"], [end], tenant="red")], [TenantConf("red", 1001)]))
        behind = replace(end, allowed_ips=["10.99.0.0/24"])
        self.site_wgrd = Wgrd(self.site, WgrdConf([WireguardConf(
            site.private, ["10.99.0.3/24"], [behind], tenant="red")], [TenantConf("red", 1001)], zebra=False))
        self.frr.configure(Bgp("10.99.0.1", ["10.99.0.2", "fd99::2"]))
        self.far_frr.configure(Bgp("10.99.0.2", ["10.99.0.1", "fd99::1"]))

    def start(self) -> None:
        for part in (self.wgrd, self.far_wgrd, self.site_wgrd, self.frr, self.far_frr):
            part.start()

    def bgp(self, *lines: str, six: bool = False) -> None:
        """Lines below an address family of the hub's bgpd."""
        self.frr.edit("router bgp 65000", f"address-family ipv{6 if six else 4} unicast", *lines)

    def heard(self) -> list[str]:
        return sorted(self.far_frr.selected("bgp"))

    def differences(self) -> dict[str, list[str]]:
        return Oracle(self.frr, self.wgrd, self.silent).differences()

    def place(self, **where: Any) -> None:
        """Where red's prefixes go, in what the tests know; the caller edits."""
        self.red.advertise_instance = where.get("instance", 0)
        self.red.advertise_table = where.get("table", 0)
        self.red.advertise_kernel = where.get("kernel", False)

    def kernel(self, table: int) -> dict[str, tuple[str, int]]:
        """wgrd's routes of a table: prefix to device and metric."""
        return {e["dst"]: (e["dev"], e["metric"]) for six in (False, True)
                for e in kernel_entries(self.hub, table, six) if e.get("protocol") == PROTOCOL}

    def instances(self) -> dict[int, tuple[str, list[str]]]:
        """Of wgrd: state, and the prefixes that zebra has confirmed."""
        return {i["instance"]: (i["state"], sorted(p["prefix"] for p in i["own-prefixes"] if p["installed"]))
                for i in self.wgrd.zebra()["instances"]}

    def numbers(self) -> list[str]:
        """Of instances, as Prometheus is told them."""
        ask = f"import urllib.request as r; print(r.urlopen('http://{METRICS}/metrics').read().decode())"
        return [line for line in self.hub.run("python3", "-c", ask).splitlines() if "table_instance=" in line]

    def owners(self) -> str:
        """Clients of zebra, as it calls them."""
        return "".join(line for line in self.frr.vtysh("show zebra client").splitlines(True) if "Client: table" in line)


def hears(t: Report, x: Advertising, what: str, *prefixes: str, seconds: float = 30) -> None:
    t.wait(f"far hears {what}", x.heard, lambda found: found == sorted(prefixes), seconds)


def is_right(t: Report, x: Advertising, seconds: float = 30) -> None:
    t.wait("the hub is as the oracle says", x.differences, lambda d: not d, seconds)


def site_falls_silent_and_returns(t: Report, x: Advertising, prefixes: list[str]) -> None:
    """It is missed by who sends to it."""
    assert x.site_wgrd.process
    traffic = Ping(x.hub, "10.99.0.3", 0.2)
    x.site_wgrd.process.kill()
    x.silent = {"site"}
    hears(t, x, "that the site does not answer any more", *(p for p in prefixes if p != STATIC), seconds=60)
    is_right(t, x)
    traffic.stop()
    x.site_wgrd.start()
    x.silent = set()
    hears(t, x, "that it answers again", *prefixes, seconds=60)
    is_right(t, x)


def by_number(t: Report, x: Advertising) -> None:
    t.step("redistribute table N")
    t.wait("each instance has a session with all that it is to give", x.instances, lambda found: found == {
        RED_INSTANCE: ("up", sorted([STATIC, OWN])), BLUE_INSTANCE: ("up", [BLUE])})
    t.contains("zebra knows their owners", x.owners(), f"table Instance: {RED_INSTANCE}",
               f"table Instance: {BLUE_INSTANCE}")
    counts = {RED_INSTANCE: (1, 2, 2), BLUE_INSTANCE: (1, 1, 1)}
    expected = [f'wgrd_zebra_instance_{what}{{table_instance="{n}"}} {value}' for n, values in counts.items()
                for what, value in zip(("session_up", "own_prefixes", "own_prefixes_installed"), values)]
    seen = x.numbers()
    t.check("Prometheus is told of each", not set(expected) - set(seen), seen)
    is_right(t, x)
    t.equal("nothing is announced yet", x.heard(), [])
    x.bgp("redistribute table")
    x.bgp("redistribute table", six=True)
    hears(t, x, "what has no number: IPv6", OWN6)
    x.bgp(f"redistribute table {RED_INSTANCE}")
    hears(t, x, "red's by its number, and no other", OWN, OWN6, STATIC)
    x.bgp(f"redistribute table {BLUE_INSTANCE}")
    hears(t, x, "blue's by its own", OWN, OWN6, STATIC, BLUE)
    x.bgp(f"no redistribute table {RED_INSTANCE}")
    hears(t, x, "that red's is not redistributed any more", OWN6, BLUE)
    x.bgp(f"redistribute table {RED_INSTANCE}", f"no redistribute table {BLUE_INSTANCE}")
    hears(t, x, "red's again", OWN, OWN6, STATIC)
    t.wait("the host behind the site answers far", partial(ping, x.far, "192.168.70.1", source="10.99.0.2"))


def what_happens(t: Report, x: Advertising) -> None:
    t.step("the site falls silent")
    site_falls_silent_and_returns(t, x, [OWN, OWN6, STATIC])

    t.step("the interface goes down and up")
    x.hub.run("ip", "link", "set", "wg0", "down")
    t.wait("zebra has been told", x.instances, lambda found: found[RED_INSTANCE] == ("up", []))
    x.hub.run("ip", "link", "set", "wg0", "up")
    t.wait("all are given again", x.instances, lambda found: found[RED_INSTANCE][1] == sorted([STATIC, OWN]))
    t.wait("and in the kernel", lambda: x.hub.run("ip", "route", "show", OWN, "dev", "wg0"))
    is_right(t, x)
    hears(t, x, "all of them", OWN, OWN6, STATIC)


def moving(t: Report, x: Advertising) -> None:
    t.step("another number")
    x.bgp(f"redistribute table {OTHER_INSTANCE}")
    monitor = x.hub.start("monitor", "ip", "monitor", "route")
    x.place(instance=OTHER_INSTANCE)
    x.wgrd.edit("tenant red", f"advertise-instance {OTHER_INSTANCE}")
    t.wait("the new session has all, and the former is closed", x.instances, lambda found: found == {
        OTHER_INSTANCE: ("up", sorted([STATIC, OWN])), BLUE_INSTANCE: ("up", [BLUE])})
    t.check("zebra has lost that owner", f"Instance: {RED_INSTANCE}" not in x.owners(), x.owners())
    is_right(t, x)
    monitor.stop()
    gone = [line for line in monitor.output().splitlines() if line.startswith("Deleted") and OWN in line]
    t.equal("the kernel was never without the route", gone, [])
    hears(t, x, "all of them", OWN, OWN6, STATIC)
    x.bgp(f"no redistribute table {RED_INSTANCE}", f"no redistribute table {OTHER_INSTANCE}", "no redistribute table")
    x.bgp("no redistribute table", six=True)
    hears(t, x, "of none without redistribution")


def through_the_kernel(t: Report, x: Advertising) -> None:
    t.step("redistribute kernel")
    x.place(kernel=True)
    x.wgrd.edit("tenant red", "advertise-kernel")
    shared = ("wg0", SHARED_METRIC)
    t.wait("the main table has them", partial(x.kernel, MAIN), lambda found: found == {
        OWN: shared, OWN6: shared, STATIC: shared})
    is_right(t, x)
    entry = x.frr.selected("kernel")[OWN]
    t.equal("zebra makes distance 150 and metric 0 of that", (entry["distance"], entry["metric"]), (150, 0))
    t.wait("no session of red's is left", x.instances, lambda found: list(found) == [BLUE_INSTANCE])
    x.frr.edit("route-map TUNNELS permit 10", "match interface wg0")
    x.hub.run("ip", "route", "add", "203.0.113.0/24", "dev", "wan", "metric", "5")
    x.bgp("redistribute kernel route-map TUNNELS")
    x.bgp("redistribute kernel route-map TUNNELS", six=True)
    hears(t, x, "red's and nothing else of the kernel's", OWN, OWN6, STATIC)
    site_falls_silent_and_returns(t, x, [OWN, OWN6, STATIC])

    t.step("foreign hands")
    x.hub.run("ip", "route", "del", OWN, "dev", "wg0", "metric", str(SHARED_METRIC))
    t.wait("what was deleted is put back", partial(x.kernel, MAIN), lambda found: OWN in found)
    x.hub.run("ip", "route", "replace", STATIC, "dev", "wan", "metric", str(SHARED_METRIC), "proto", "static")
    t.wait("what was replaced is as well", partial(x.kernel, MAIN), lambda found: found.get(STATIC) == shared)
    is_right(t, x)
    x.hub.run("ip", "route", "add", OWN, "dev", "wan", "metric", "100")
    t.contains("a route of somebody else's comes before it", x.hub.run("ip", "route", "get", "192.168.80.9"), "dev wan")
    x.hub.run("ip", "route", "del", OWN, "dev", "wan", "metric", "100")
    x.hub.run("ip", "link", "set", "wg0", "down")
    t.wait("a link that goes down takes them along", partial(x.kernel, MAIN), lambda found: not found)
    x.hub.run("ip", "link", "set", "wg0", "up")
    is_right(t, x)
    hears(t, x, "all of them", OWN, OWN6, STATIC, seconds=60)


def after_kill(t: Report, x: Advertising) -> None:
    t.step("kill -9, and another configuration for the next start")
    x.red.advertise.remove(OWN)
    x.wgrd.write_conf()
    starts = x.wgrd.starts()
    monitor = x.hub.start("monitor", "ip", "-6", "monitor", "route")
    x.wgrd.kill()
    t.wait("it is there again", x.wgrd.starts, lambda n: n > starts)
    t.wait("what is not wanted any more is swept", partial(x.kernel, MAIN),
           lambda found: sorted(found) == [STATIC, OWN6], 60)
    is_right(t, x, 60)
    monitor.stop()
    t.equal("what is has been there all the time",
            [line for line in monitor.output().splitlines() if line.startswith("Deleted") and OWN6 in line], [])
    hears(t, x, "the other two", OWN6, STATIC, seconds=60)


def through_a_table(t: Report, x: Advertising) -> None:
    t.step("a table of their own, as for table-direct of FRR 10 and for BIRD")
    x.place(table=EXCHANGE)
    x.wgrd.edit("tenant red", f"advertise-table {EXCHANGE}")
    t.wait("it has them, and the main table has none", lambda: (sorted(x.kernel(EXCHANGE)), x.kernel(MAIN)),
           lambda found: found == ([STATIC, OWN6], {}))
    is_right(t, x)
    hears(t, x, "of none")


def back_to_zebra(t: Report, x: Advertising) -> None:
    t.step("to zebra again, with a number and without")
    x.place(instance=RED_INSTANCE)
    x.wgrd.edit("tenant red", f"advertise-instance {RED_INSTANCE}")
    x.bgp(f"redistribute table {RED_INSTANCE}", "no redistribute kernel")
    x.bgp("redistribute table", "no redistribute kernel", six=True)
    hears(t, x, "the other two", OWN6, STATIC)
    is_right(t, x)

    # last, as "no redistribute table" of bgpd 8.4 withdraws nothing once zebra has been away
    t.step("zebra is killed and comes back")
    assert x.frr.zebra
    x.frr.zebra.kill()
    t.wait("all sessions are lost", x.instances,
           lambda found: {state for state, _ in found.values()} == {"waiting"})
    x.frr.start_zebra()
    t.wait("all are given again", x.instances, lambda found: found == {
        RED_INSTANCE: ("up", [STATIC]), BLUE_INSTANCE: ("up", [BLUE])}, 30)
    t.wait("bgpd is back as well", lambda: x.frr.vtysh("show zebra client summary"), lambda text: "\nbgp " in text, 30)
    is_right(t, x, 60)
    hears(t, x, "both", OWN6, STATIC, seconds=60)
    x.place()
    x.wgrd.edit("tenant red", "no advertise-instance")
    t.wait("red has no session of its own any more", x.instances, lambda found: list(found) == [BLUE_INSTANCE])
    is_right(t, x)

    t.step("the end")
    x.wgrd.edit("no tenant red", "no tenant blue")
    t.wait("only the session that learns is left", lambda: (x.instances(), x.owners().count("Client")),
           lambda found: found == ({}, 1))


def run(lab: Lab, t: Report) -> None:
    x = Advertising(lab)
    x.start()
    t.wait("BGP is there", x.far_frr.sessions, lambda s: set(s.values()) == {"Established"} and len(s) == 2, 30)
    by_number(t, x)
    what_happens(t, x)
    moving(t, x)
    through_the_kernel(t, x)
    after_kill(t, x)
    through_a_table(t, x)
    back_to_zebra(t, x)
