# SPDX-License-Identifier: GPL-2.0-or-later
"""NETCONF with a real client, through a real sshd.

    ncclient -- sshd -- wgrd-netconf -- a ------ b      two wgrd's, one tunnel, no FRR; all
                                     tenants red, blue   clients are on a itself

Users of a: root; otto, who may write tenant red and read all but secrets; anna, who has no rule.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.lab import Lab
from lib.pair import pair
from lib.report import Report
from lib.sshd import Sshd
from lib.traffic import Ping, ping
from lib.wait import LabError
from lib.wgrd import TenantConf, Wgrd

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's, which has python3-ncclient
W = 'xmlns="urn:wgrd:yang:wgrd"'
STATE = 'xmlns="urn:wgrd:yang:wgrd-state"'
NC = 'xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"'
CANCEL = ('<cancel-commit xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><persist-id>word</persist-id>'
          "</cancel-commit>")
RULES = """\
<nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm">
 <groups><group><name>red</name><user-name>otto</user-name></group></groups>
 <rule-list>
  <name>red</name><group>red</group>
  <rule>
   <name>tenant</name>
   <path xmlns:w="urn:wgrd:yang:wgrd">/w:wgrd/w:tenant[w:name='red']</path>
   <action>permit</action>
  </rule>
 </rule-list>
</nacm>
"""


class Client:
    """ncclient in a process of its own on @node; see client.py."""

    def __init__(self, sshd: Sshd) -> None:
        self.sshd = sshd
        self.log = open(sshd.folder / "client.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(sshd.node.command([PYTHON, str(HERE / "client.py")]), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)

    def ask(self, session: str, op: str, **arguments: Any) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"session": session, "op": op, **arguments}) + "\n")
        self.process.stdin.flush()
        if op == "vanish":
            self.process.wait(10)
            return {}
        line = self.process.stdout.readline()
        if not line:
            raise LabError(f"client.py has ended, see {self.log.name}")
        return json.loads(line)

    def login(self, session: str, user: str = "root") -> None:
        answer = self.ask(session, "connect", user=user, key=self.sshd.key(user))
        if "ok" not in answer:
            raise LabError(f"{user} cannot log in: {answer}")

    def must(self, session: str, op: str, **arguments: Any) -> str:
        answer = self.ask(session, op, **arguments)
        if "ok" not in answer:
            raise LabError(f"{op} {arguments}: {answer}")
        return answer["ok"]

    def error(self, session: str, op: str, **arguments: Any) -> dict[str, Any]:
        return self.ask(session, op, **arguments).get("error", {"tag": "none"})

    def edit(self, session: str, target: str, config: str, **options: Any) -> str:
        return self.must(session, "edit_config", target=target, config=whole(config), **options)

    def refused(self, session: str, target: str, config: str, **options: Any) -> dict[str, Any]:
        return self.error(session, "edit_config", target=target, config=whole(config), **options)

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)
        self.log.close()


def whole(config: str) -> str:
    return f'<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" {NC}><wgrd {W}>{config}</wgrd></config>'


def table(tenant: str, number: int) -> str:
    return f"<tenant><name>{tenant}</name><table>{number}</table></tenant>"


@dataclass
class World:
    a: Wgrd
    b: Wgrd
    sshd: Sshd
    client: Client
    secret: str

    def running(self) -> str:
        return self.a.cli("show running-config")


def begins(t: Report, x: World) -> None:
    t.step("sessions")
    x.client.login("one")
    x.client.login("two")
    t.contains("capabilities", x.client.must("one", "capabilities"), "urn:ietf:params:netconf:base:1.1",
               "candidate:1.0", "confirmed-commit:1.1", "xpath:1.0", "with-defaults:1.0", "yang-library:1.1",
               "urn:wgrd:yang:wgrd?module=wgrd&revision=")
    ids = [x.client.must(s, "session_id") for s in ("one", "two")]
    t.check("each session has a number", ids[0] != ids[1], ids)
    t.contains("a module can be fetched", x.client.must("one", "get_schema", identifier="wgrd"), "module wgrd {")
    t.contains("so can the list of them", x.client.must("one", "get", filter=[
        "subtree", '<yang-library xmlns="urn:ietf:params:xml:ns:yang:ietf-yang-library"/>']),
        "<name>wgrd-state</name>")


def reads(t: Report, x: World) -> None:
    t.step("reading")
    running = x.client.must("one", "get_config", source="running")
    t.contains("root sees the configuration with its keys", running, "<name>wg0</name>", x.secret)
    t.contains("a subtree", x.client.must("one", "get_config", source="running", filter=[
        "subtree", f"<wgrd {W}><tenant><name>red</name></tenant></wgrd>"]), "<table>100</table>")
    xpath = x.client.must("one", "get_config", source="running", filter=[
        "xpath", [{"w": "urn:wgrd:yang:wgrd"}, "/w:wgrd/w:wireguard/w:peer[w:name='b']/w:endpoint"]])
    t.check("an XPath", "<endpoint>198.51.100.2:51820</endpoint>" in xpath and "tenant" not in xpath, xpath)
    t.contains("defaults when asked for", x.client.must("one", "get_config", source="running",
                                                       with_defaults="report-all"), "<mtu>1420</mtu>")
    t.check("and not otherwise", "<mtu>" not in running, running)
    t.wait("state: the peer's session is up", lambda: x.client.must("one", "get", filter=[
        "subtree", f"<wgrd-state {STATE}><peer><name>b</name></peer></wgrd-state>"]),
        lambda text: "<session>up</session>" in text)
    t.contains("state: a prefix with its verdict", x.client.must("one", "get", filter=[
        "subtree", f"<wgrd-state {STATE}><route/></wgrd-state>"]), "<prefix>10.9.0.2/32</prefix>",
        "<verdict>accepted</verdict>")


MANY = 3000


def key_of(i: int) -> str:
    return base64.b64encode(i.to_bytes(4, "big") * 8).decode("ascii")


def much(t: Report, x: World) -> None:
    t.step(f"the state of {MANY} peers")
    peers = "".join(f"<peer><name>p{i:05}</name><public-key>{key_of(i + 1)}</public-key></peer>" for i in range(MANY))
    x.client.edit("one", "running", f"<wireguard><name>wg9</name>{peers}</wireguard>")
    state = x.client.must("one", "get", filter=["subtree", f"<wgrd-state {STATE}/>"])
    t.equal("each is told once", state.count("<peer><interface>wg9<"), MANY)
    t.contains("so is everything else", state, "<system>", "<interface><name>wg9<", "<permission><interface>wg0<",
               "<dataplane>", "<commit><number>", "<prefixes-waiting>")
    t.equal("a filter finds one", x.client.must("one", "get", filter=[
        "subtree", f"<wgrd-state {STATE}><peer><name>p00017</name></peer></wgrd-state>"]).count("<peer>"), 1)
    x.client.edit("one", "running", '<wireguard nc:operation="delete"><name>wg9</name></wireguard>')


def edits(t: Report, x: World) -> None:
    t.step("editing")
    before = x.running()
    x.client.edit("one", "candidate", table("green", 300))
    t.equal("the candidate is not running", x.running(), before)
    x.client.must("one", "validate", source="candidate")
    x.client.must("one", "commit")
    t.contains("committed, the command line has it", x.running(), "tenant green\n table 300\n")
    t.contains("with its author", x.a.cli("show wireguard commits"), "root", "netconf")
    x.client.edit("one", "running", '<tenant nc:operation="delete"><name>green</name></tenant>')
    t.equal("running can be edited", x.running(), before)
    x.client.edit("one", "candidate", table("green", 300))
    x.client.must("one", "discard_changes")
    x.client.must("one", "commit")
    t.equal("what was discarded is not committed", x.running(), before)
    x.client.edit("one", "candidate", table("green", 300))
    x.a.edit("tenant blue", "description by hand")
    t.check("a line of the CLI does not commit the candidate", "green" not in x.running())
    x.client.must("one", "commit")
    t.contains("nor is it lost by it", x.running(), "tenant green\n", "description by hand")
    x.client.edit("one", "running", '<tenant nc:operation="delete"><name>green</name></tenant>')
    x.a.edit("tenant blue", "no description")
    t.equal("all is as it was", x.running(), before)


def errors(t: Report, x: World) -> None:
    t.step("errors")
    before = x.running()
    for what, config, tag, path in (
            ("a value that cannot be", "<wireguard><name>wg0</name><mtu>12</mtu></wireguard>",
             "invalid-value", "/w:wgrd/w:wireguard[w:name='wg0']/w:mtu"),
            ("an element that is not known", "<wireguard><name>wg0</name><foo/></wireguard>",
             "unknown-element", "/w:wgrd/w:wireguard[w:name='wg0']"),
            ("a list without its key", "<wireguard><mtu>1400</mtu></wireguard>", "missing-element",
             "/w:wgrd/w:wireguard"),
            ("what is there already", '<tenant nc:operation="create"><name>red</name></tenant>', "data-exists",
             "/w:wgrd/w:tenant[w:name='red']"),
            ("what is not there", '<tenant nc:operation="delete"><name>none</name></tenant>', "data-missing",
             "/w:wgrd/w:tenant[w:name='none']"),
            ("an operation that is none", '<tenant nc:operation="x"><name>red</name></tenant>',
             "bad-attribute", "/w:wgrd/w:tenant")):
        error = x.client.refused("one", "running", config)
        t.equal(f"{what}: {error.get('message')}", (error["tag"], error.get("path"), error.get("type")),
                (tag, path, "application"))
    error = x.client.refused("one", "running", table("green", 100))
    t.check(f"a table that is another tenant's: {error.get('message')}",
            error["tag"] == "operation-failed" and "w:table" in error["path"], error)
    t.equal("an operation of nobody", x.client.error("one", "rpc", xml='<foo xmlns="urn:x"/>')["tag"],
            "operation-not-supported")
    t.equal("nothing has changed", x.running(), before)


def locks(t: Report, x: World) -> None:
    t.step("locks")
    before = x.running()
    x.client.must("one", "lock", target="running")
    denied = x.client.error("two", "lock", target="running")
    t.check("a second lock is denied, with the first one's session", denied["tag"] == "lock-denied"
            and x.client.must("one", "session_id") in denied["info"], denied)
    t.equal("others may not edit", x.client.refused("two", "running", table("green", 300))["tag"], "in-use")
    answer = x.a.wgrctl("configure terminal", "tenant green")
    t.contains(f"nor may the CLI: {answer.strip()}", answer, "%", "NETCONF session")
    t.check("nor may wg(8)", not x.a.node.succeeds("wg", "set", "wg0", "fwmark", "7"))
    t.equal("nothing has changed", x.running(), before)
    x.client.must("two", "kill_session", session_id=x.client.must("one", "session_id"))
    t.wait("a killed session's lock is free", lambda: x.client.ask("two", "lock", target="running"),
           lambda answer: "ok" in answer)
    x.client.must("two", "unlock", target="running")
    x.a.edit("tenant green")
    x.a.edit("no tenant green")
    x.client.login("one")


def startup(t: Report, x: World) -> None:
    t.step("startup")
    x.client.edit("one", "running", table("green", 300))
    x.client.must("one", "copy_config", source="running", target="startup")
    t.contains("it is the configuration file", x.a.path.read_text(encoding="utf-8"), "tenant green\n table 300\n")
    x.client.edit("one", "running", '<tenant nc:operation="delete"><name>green</name></tenant>')
    t.contains("and can be read", x.client.must("one", "get_config", source="startup"), "<table>300</table>")
    x.client.must("one", "copy_config", source="startup", target="candidate")
    x.client.must("one", "commit")
    t.contains("and be had again", x.running(), "tenant green\n table 300\n")
    x.client.edit("one", "running", '<tenant nc:operation="delete"><name>green</name></tenant>')
    x.client.must("one", "copy_config", source="running", target="startup")


def access(t: Report, x: World) -> None:
    t.step("who may what")
    for user in ("otto", "anna"):
        x.client.login(user, user)
        seen = x.client.must(user, "get_config", source="running")
        t.check(f"{user} reads, and no key", "<name>wg0</name>" in seen and x.secret not in seen
                and "private-key" not in seen, seen)
        t.check(f"{user} cannot find a key by asking for it", "wg0" not in x.client.must(
            user, "get_config", source="running", filter=[
                "subtree", f"<wgrd {W}><wireguard><private-key>{x.secret}</private-key></wireguard></wgrd>"]))
    t.equal("anna writes nothing", x.client.refused("anna", "running", table("red", 101))["tag"], "access-denied")
    t.equal("otto does not write blue", x.client.refused("otto", "running", table("blue", 201))["tag"],
            "access-denied")
    t.equal("nor kill sessions", x.client.error("otto", "kill_session", session_id=x.client.must(
        "one", "session_id"))["tag"], "access-denied")
    x.client.edit("otto", "running", "<tenant><name>red</name><description>of otto</description></tenant>")
    t.contains("but red", x.running(), " description of otto\n")
    t.contains("in his name", x.a.cli("show wireguard commits"), "otto")
    x.client.edit("one", "candidate", table("blue", 201))
    t.equal("nor commit what is another's", x.client.error("otto", "commit")["tag"], "access-denied")
    x.client.must("one", "discard_changes")
    x.client.edit("one", "running", '<tenant><name>red</name><description nc:operation="delete"/></tenant>')


def rules(t: Report, x: World) -> None:
    t.step("rules of access")
    acm = '<nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"/>'
    t.contains("root reads them", x.client.must("one", "get_config", source="running", filter=["subtree", acm]),
               "<user-name>otto</user-name>", "wgrd:tenant[wgrd:name='red']")
    t.check("otto does not", "user-name" not in x.client.must("otto", "get_config", source="running",
                                                              filter=["subtree", acm]))
    t.contains("root sees what was denied", x.client.must("one", "get", filter=["subtree", acm]), "<denied-data-writes>")
    path = x.a.node.folder / "nacm.xml"
    path.write_text(RULES.replace("<action>permit", "<action>permitt"), encoding="utf-8")
    error = x.client.error("one", "rpc", xml=act("reload-access-rules"))
    t.check(f"a wrong file is refused: {error['message']}", 'nacm.xml:8: "action": ' in error["message"], error)
    x.client.edit("otto", "running", "<tenant><name>red</name><description>still</description></tenant>")
    path.write_text(RULES.replace("'red'", "'blue'"), encoding="utf-8")
    x.client.must("one", "rpc", xml=act("reload-access-rules"))
    t.equal("a right one holds for who is there", x.client.refused(
        "otto", "running", "<tenant><name>red</name><description>no</description></tenant>")["tag"], "access-denied")
    path.write_text(RULES, encoding="utf-8")
    t.equal("so does the command line", x.a.wgrctl("wireguard reload-access-rules"), "")
    x.client.edit("otto", "running", '<tenant><name>red</name><description nc:operation="delete"/></tenant>')


def hears(x: World, session: str, *parts: str) -> str:
    """The next notification that has all of @parts; "" when none comes."""
    while True:
        event = x.client.must(session, "next_event")
        if not event or all(p in event for p in parts):
            return event


def events(t: Report, x: World) -> None:
    t.step("events")
    x.client.login("ear", "otto")
    x.client.must("ear", "create_subscription", start_time="2001-01-01T00:00:00Z")
    past: list[str] = []
    while not past or "replayComplete" not in past[-1]:
        past.append(x.client.must("ear", "next_event"))
    t.check("the past: the peer's session, commits, who came and went, trials, and an end",
            all(f"<{name} " in "".join(past) for name in (
                "peer-up", "committed", "netconf-session-start", "netconf-session-end", "netconf-config-change")), past)
    x.a.edit("tenant green")
    t.contains("a commit of the command line is told", hears(x, "ear", "<committed "), "vty")
    t.contains("with what it changed", hears(x, "ear", "<netconf-config-change "), "<session-id>0<",
               "/wgrd:wgrd/wgrd:tenant[wgrd:name='green']", "<operation>create<")
    t.contains("requests are answered meanwhile", x.client.must("ear", "get_config", source="running"), "green")
    x.client.edit("one", "running", '<tenant nc:operation="delete"><name>green</name></tenant>')
    t.contains("one of NETCONF with its session", hears(x, "ear", "<netconf-config-change "), "<username>root<",
               f'<session-id>{x.client.must("one", "session_id")}<', "<operation>delete<")
    x.b.edit("wireguard wg0", "listen-port 51999")
    t.wait("from another port", lambda: ping(x.b.node, "10.9.0.1"))
    t.contains("a peer that moves is told of", hears(x, "ear", "<endpoint-changed "), "<peer>b<",
               "<old-endpoint>198.51.100.2:51820<", "<endpoint>198.51.100.2:51999<")
    t.contains("and is in the list of events", x.a.cli("show wireguard events"), "is at 198.51.100.2:51999 now")
    x.b.edit("wireguard wg0", "listen-port 51820")
    t.wait("it is back", lambda: ping(x.b.node, "10.9.0.1") and x.a.peers()["b"]["endpoint"],
           lambda e: e == "198.51.100.2:51820")
    x.a.edit("tenant red", "description x")
    x.a.wgrctl("write memory")
    t.contains("a saved configuration is told of", hears(x, "ear", "<netconf-config-change ", "startup"), "<datastore>")
    x.a.edit("tenant red", "no description")
    x.a.wgrctl("write memory")


def act(name: str, content: str = "") -> str:
    return f'<{name} xmlns="urn:wgrd:yang:wgrd-actions">{content}</{name}>'


def acts(t: Report, x: World) -> None:
    t.step("actions")
    t.contains("a prefix is explained to who may read it", x.client.must(
        "otto", "rpc", xml=act("why", "<prefix>10.9.0.2</prefix>")), "10.9.0.2/32", "egress", ">up<")
    for name, content in (("rekey", ""), ("resync", ""), ("revoke", "<peer>b</peer>")):
        t.equal(f"{name} needs a rule", x.client.error("otto", "rpc", xml=act(name, content))["tag"], "access-denied")
    running = Ping(x.a.node, "10.9.0.2", label="new-keys")
    before = x.a.peers()["b"]["handshakes"]
    t.contains("new keys are made", x.client.must("one", "rpc", xml=act("rekey", "<tenant>red</tenant>")), ">1</")
    t.wait("by a handshake more", lambda: x.a.peers()["b"]["handshakes"], lambda n: n > before)
    resyncs = x.a.show("tenants")["fib"]["resyncs"]
    x.client.must("one", "rpc", xml=act("resync"))
    t.equal("what the kernel has is compared", x.a.show("tenants")["fib"]["resyncs"], resyncs + 1)
    loss = running.stop()
    t.check(f"{loss.sent} pings, none lost", loss.sent > 5 and not loss.lost, str(loss))


def revokes(t: Report, x: World) -> None:
    t.step("a key that is not to be trusted any more")
    key = x.a.peers()["b"]["public-key"]
    x.a.path.write_text("! by hand\n" + x.a.path.read_text(encoding="utf-8"), encoding="utf-8")
    x.client.login("last")
    t.contains("it is revoked", x.client.must("last", "rpc", xml=act("revoke", "<peer>b</peer>")), ">1</")
    t.equal("the peer is out at once", x.a.peers()["b"]["inactive-reason"], "revoked")
    t.check("its session is gone", x.a.sessions()["b"] != "up", x.a.sessions())
    t.check("and its permission", "10.9.0.2/32" not in x.a.permissions(), x.a.permissions())
    t.check("nothing passes", not ping(x.a.node, "10.9.0.2"))
    t.contains("it is a commit", x.a.cli("show wireguard commits"), "root", "netconf, revoke b")
    text = x.a.path.read_text(encoding="utf-8")
    t.check("it is in the file, whose comments stay", text.startswith("! by hand\n") and f"revoked-key {key}\n" in text,
            text)
    x.client.close()
    x.a.stop()
    x.a.start()
    t.equal("a restart does not let it in", x.a.peers()["b"]["inactive-reason"], "revoked")
    t.check("nothing passes", not ping(x.a.node, "10.9.0.2"))
    x.a.edit(f"no revoked-key {key}")
    t.wait("whoever says so does", lambda: ping(x.a.node, "10.9.0.2"))


def vanishes(t: Report, x: World) -> None:
    t.step("a confirmed commit whose client vanishes, with traffic running")
    before = x.running()
    running = Ping(x.a.node, "10.9.0.2", label="through-it-all")
    other = Client(x.sshd)
    other.login("v")
    other.must("v", "lock", target="running")
    other.edit("v", "candidate", "<wireguard><name>wg0</name><peer><name>b</name>"
               "<allowed-ip>10.77.0.0/16</allowed-ip></peer></wireguard>" + table("green", 300))
    other.must("v", "commit", confirmed=True, timeout="600")
    t.contains("its beginning is told", hears(x, "ear", "<netconf-confirmed-commit "), ">start<", "<timeout>600<")
    t.contains("it is in force", x.running(), "allowed-ip 10.77.0.0/16", "tenant green\n")
    t.check("the prefix is permitted", "10.77.0.0/16" in x.a.permissions())
    t.equal("nobody else commits meanwhile", x.client.refused("two", "running", table("grey", 400))["tag"],
            "in-use")
    other.ask("v", "vanish")
    t.wait("the client is gone, and so is all of it", x.running, lambda text: text == before)
    t.contains("so is its end", hears(x, "ear", "<netconf-confirmed-commit "), ">cancel<", "<username>root<")
    t.check("the prefix is not permitted any more", "10.77.0.0/16" not in x.a.permissions())
    so_far = running.replies()
    t.wait("pings go on", running.replies, lambda n: n > so_far + 20)
    loss = running.stop()
    t.check(f"{loss.sent} pings, none lost", not loss.lost, str(loss))
    x.client.edit("two", "candidate", table("green", 300))
    x.client.must("two", "commit", confirmed=True, timeout="1")
    t.wait("without a confirmation it is undone by the clock", x.running, lambda text: text == before)
    x.client.edit("two", "candidate", table("green", 300))
    x.client.must("two", "commit", confirmed=True, timeout="600", persist="word")
    t.contains("with a word, another session may end it",
               x.client.must("one", "rpc", xml=CANCEL),
               "ok")
    t.equal("all is as it was", x.running(), before)


YANGCLI = """\
sget-config source=running /wgrd/tenant
create /wgrd/tenant[name='green']/table value=300
validate source=candidate
commit
save
xget /wgrd-state/system
lock target=running
unlock target=running
delete /wgrd/tenant[name='green']
commit
close-session
"""


def yangcli(t: Report, x: World) -> None:
    t.step("yangcli, which fetches the models it needs")
    before = x.running()
    script = x.sshd.folder / "yangcli"
    script.write_text(YANGCLI, encoding="utf-8")
    home = x.sshd.folder / "home"
    home.mkdir(exist_ok=True)
    key = x.sshd.key("root")
    said = x.a.node.run("timeout", "60", "env", f"HOME={home}", "yangcli", "--server=127.0.0.1", "--ncport=830",
                        "--user=root", "--password=none", f"--private-key={key}", f"--public-key={key}.pub",
                        "--batch-mode", "--autoload=true", f"--run-script={script}", check=False, seconds=90)
    t.contains("it understands configuration and state", said, "tenant red", "table 100", "version ")
    t.check("nothing was refused", "Error" not in said, said)
    t.contains("what it saved is in the file", x.a.path.read_text(encoding="utf-8"), "tenant green\n table 300\n")
    t.equal("what it deleted is gone", x.running(), before)
    x.client.must("one", "copy_config", source="running", target="startup")


PLAY = """\
- hosts: all
  gather_facts: no
  tasks:
  - ansible.netcommon.netconf_config:
      content: |
        <config><wgrd xmlns="urn:wgrd:yang:wgrd"><tenant><name>green</name><table>300</table></tenant></wgrd></config>
  - ansible.netcommon.netconf_get:
      source: running
      filter: <wgrd xmlns="urn:wgrd:yang:wgrd"><tenant><name>green</name></tenant></wgrd>
    register: seen
  - debug: var=seen.stdout
"""


def ansible(t: Report, x: World) -> None:
    t.step("Ansible")
    if not shutil.which("ansible-playbook"):
        t.note("the package ansible is not here: not tried")
        return
    play, key = x.sshd.folder / "play.yml", x.sshd.key("root")
    play.write_text(PLAY, encoding="utf-8")
    argv = ["env", f"HOME={x.sshd.folder}", "ANSIBLE_HOST_KEY_CHECKING=False", "ansible-playbook", str(play),
            "-i", "127.0.0.1,", "-e", f"ansible_port=830 ansible_user=root ansible_ssh_private_key_file={key} "
            "ansible_connection=ansible.netcommon.netconf ansible_network_os=default "
            f"ansible_python_interpreter={PYTHON}"]
    said = x.a.node.run(*argv, check=False, seconds=120)
    t.contains("a play changes the configuration", said, "changed=1", "failed=0", "<table>300</table>")
    t.contains("as the command line sees", x.running(), "tenant green\n table 300\n")
    t.contains("once more it changes nothing", x.a.node.run(*argv, check=False, seconds=120), "changed=0", "failed=0")
    x.client.edit("one", "running", '<tenant nc:operation="delete"><name>green</name></tenant>')


def ticks(pid: int) -> int:
    """CPU that a process has used, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def crowd(t: Report, x: World) -> None:
    t.step("a crowd at the socket")
    many = x.a.node.start("crowd", PYTHON, str(HERE / "crowd.py"), x.a.netconf, "10", "10", "2", "30")
    t.wait("52 are there: silent, half a message, not reading, idle", many.output, lambda text: "there 52" in text)
    t.contains("others are served", x.client.must("one", "get_config", source="running"), "<name>wg0</name>")
    x.client.edit("one", "running", table("green", 300))
    x.client.edit("one", "running", '<tenant nc:operation="delete"><name>green</name></tenant>')
    before = ticks(x.a.pid())
    t.check("traffic passes", ping(x.a.node, "10.9.0.2", count=40))
    used = ticks(x.a.pid()) - before
    t.check(f"40 pings in two seconds and a crowd cost {used} hundredths of a second", used <= 20, used)
    full = x.a.node.start("more", PYTHON, str(HERE / "crowd.py"), x.a.netconf, "0", "0", "0", "64")
    t.wait("one user's sessions have an end", full.status, lambda s: s is not None)
    t.contains("others' have not", x.client.must("otto", "get_config", source="running"), "<name>wg0</name>")
    many.stop()
    t.wait("they leave, and root may come again", lambda: x.client.ask("new", "connect", user="root",
                                                                     key=x.sshd.key("root")),
           lambda answer: "ok" in answer)


def start(lab: Lab, t: Report) -> World:
    a, b = pair(lab, [TenantConf("red", 100), TenantConf("blue", 200)], zebra=False)
    program = a.build / "wgrd" / "wgrd-netconf"
    sshd = Sshd(a.node, f"{program} {a.netconf}", ("otto", "anna"), "wgrd-netconf")
    rules = a.node.folder / "nacm.xml"
    rules.write_text(RULES, encoding="utf-8")
    a.start("--netconf-group", "wgrd-netconf", "--nacm", str(rules))
    b.start()
    sshd.start()
    t.wait("the tunnel works", lambda: ping(a.node, "10.9.0.2"))
    return World(a, b, sshd, Client(sshd), a.conf.wireguards[0].private_key)


def run(lab: Lab, t: Report) -> None:
    if not os.path.exists(PYTHON):
        raise LabError(f"{PYTHON} is missing: tools/install-deps test")
    x = start(lab, t)
    for part in (begins, reads, much, edits, errors, locks, startup, access, rules, events, acts, vanishes, yangcli, ansible,
                 crowd, revokes):
        part(t, x)
    assert x.a.process
    t.check("no key is in the log", x.secret not in x.a.process.output())
