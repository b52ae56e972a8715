#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""wgrctl bench over the loopback: client and server as they are, and each against a liar.

The environment says where things are: WGRD_BUILDDIR. WGRCTL names the program, if it lies elsewhere.
The messages are those of wgrd/ctl/bench_wire.h, written here once more.
"""

import contextlib
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

BUILD = os.environ.get("WGRD_BUILDDIR", ".")
WGRCTL = os.environ.get("WGRCTL", BUILD + "/wgrd/wgrctl")
PATIENCE_S = 120  # sanitizers are slow, and tests run beside others
SHORTEST = ["--seconds", "0.1"]

HELLO, WELCOME, REFUSE, RUN, READY, GO, REPORT = range(1, 8)
BUSY, OTHER_VERSION, INVALID, OVER_LIMIT = range(1, 5)
IDLE, UDP, TCP = range(3)
RUNS_MAX = 64


def free_port(family, address):
    with socket.socket(family) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def message(kind, body=b""):
    return struct.pack(">BH", kind, len(body)) + body


def run_message(kind, flows=0, ms=100, size=0, reverse=0, probe=9, ports=()):
    body = struct.pack(">BBBHHHQ", kind, reverse, 0, size, flows, ms, 0)
    body += struct.pack(">HH", probe, len(ports)) + b"".join(struct.pack(">H", p) for p in ports)
    return message(RUN, body)


class Control:
    """A client of our own: the control connection."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=PATIENCE_S)
        self.token = b""

    def send(self, data):
        self.socket.sendall(data)

    def exactly(self, n):
        data = b""
        while len(data) < n:
            part = self.socket.recv(n - len(data))
            if not part:
                return None
            data += part
        return data

    def receive(self):
        """Type and body; None when it hung up."""
        try:
            header = self.exactly(3)
            if header is None:
                return None
            kind, length = struct.unpack(">BH", header)
            return kind, self.exactly(length)
        except ConnectionResetError:
            return None

    def greet(self):
        self.send(message(HELLO, b"\0\1"))
        kind, body = self.receive()
        if kind != WELCOME:
            raise AssertionError(f"the server answered {kind} {body}")
        self.token = body[:8]

    def ready(self):
        """The ports: of the probes, and the rest."""
        kind, body = self.receive()
        if kind != READY:
            raise AssertionError(f"the server answered {kind} {body}")
        numbers = struct.unpack(f">{len(body) // 2}H", body)
        return numbers[0], list(numbers[2:])

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def two_datagram_sockets():
    kinds = (socket.AF_INET, socket.SOCK_DGRAM)
    with socket.socket(*kinds) as one, socket.socket(*kinds) as other:
        for s in (one, other):
            s.bind(("127.0.0.1", 0))
            s.settimeout(PATIENCE_S)
        yield one, other


class Server:
    def __init__(self, address="127.0.0.1", family=socket.AF_INET):
        self.address = (address, free_port(family, address))
        self.where = f"[{address}]:{self.address[1]}" if ":" in address else f"{address}:{self.address[1]}"
        self.process = subprocess.Popen([WGRCTL, "bench", "server", self.where], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.first_line = self.process.stdout.readline()

    def line(self):
        if not select.select([self.process.stdout], [], [], PATIENCE_S)[0]:
            raise AssertionError("the server says nothing")
        return self.process.stdout.readline()

    def stop(self):
        """What it said on stderr, where sanitizers complain."""
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}: "
                                 f"{self.process.stderr.read()}")
        self.process.send_signal(signal.SIGTERM)
        _, complaints = self.process.communicate(timeout=PATIENCE_S)
        return complaints


def client(*arguments):
    return subprocess.run([WGRCTL, "bench", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=PATIENCE_S, check=False)


class WithServer(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.check_server)

    def check_server(self):
        self.assertEqual(self.server.stop(), "")

    def control(self):
        control = Control(self.server.address)
        self.addCleanup(control.close)
        return control

    def assert_refused(self, control, reason):
        self.assertEqual(control.receive(), (REFUSE, bytes([reason])))

    def assert_serves(self):
        """It is there for the next client."""
        control = self.control()
        control.greet()
        control.close()


class ATest(WithServer):
    def test_is_a_table(self):
        r = client(*SHORTEST, self.server.where)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        lines = r.stdout.splitlines()
        self.assertRegex(lines[0], r"^To 127\.0\.0\.1 port \d+, 0\.1 s each, MTU \d+$")
        self.assertEqual([line[:15].split() for line in lines[3:]], [
            ["idle", "-"],
            *[["UDP", what, flows] for what in ("64", "512", "1420", "mix") for flows in ("1", "8", "64")],
            *[["TCP", flows] for flows in ("1", "8", "64")]])
        self.assertEqual([line for line in lines if len(line) > 80], [])
        self.assertRegex(self.server.line(), r"^wgrctl: 127\.0\.0\.1 port \d+: begins$")
        self.assertRegex(self.server.line(), r"^wgrctl: 127\.0\.0\.1 port \d+: 16 runs, [\d.]+ MB$")

    def check_numbers(self, tests):
        for test in tests[1:]:
            self.assertIsNone(test["error"], test)
            self.assertGreater(test["received"]["bytes"], 0, test)
            self.assertLessEqual(test["received"]["bytes"], test["sent"]["bytes"], test)
            self.assertGreater(test["mbps"], 0, test)
        for test in tests[1:13]:
            self.assertLessEqual(test["received"]["packets"], test["sent"]["packets"], test)
            if not test["mix"]:
                self.assertEqual(test["received"]["bytes"],
                                 test["received"]["packets"] * test["packet_bytes"], test)
        for test in tests[13:]:
            self.assertEqual(test["received"]["bytes"] > 0, True, test)
            self.assertIsNone(test["kpps"])
        self.assertGreater(sum(test["latency"]["answered"] for test in tests), 0)

    def test_in_json_has_true_numbers(self):
        r = client(*SHORTEST, "--json", self.server.where)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        report = json.loads(r.stdout)
        self.assertEqual((report["reverse"], report["seconds"]), (False, 0.1))
        self.assertEqual([t["kind"] for t in report["tests"]], ["idle"] + ["udp"] * 12 + ["tcp"] * 3)
        self.check_numbers(report["tests"])

    def test_the_other_way_round_over_ipv6(self):
        server = Server("::1", socket.AF_INET6)
        r = client(*SHORTEST, "--json", "--reverse", server.where)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        report = json.loads(r.stdout)
        self.assertTrue(report["reverse"])
        self.check_numbers(report["tests"])
        self.assertEqual(server.stop(), "")

    def test_keeps_to_a_rate(self):
        r = client("--seconds", "0.3", "--rate", "10", "--json", self.server.where)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        for test in json.loads(r.stdout)["tests"][1:13]:
            # 10 Mb/s for 0.3 s are 375,000 bytes; the last batch of each thread may go beyond.
            self.assertLess(test["sent"]["bytes"], 375000 * 1.2 + 8 * 9000, test)
            self.assertGreater(test["sent"]["bytes"], 375000 * 0.3, test)


class TheServer(WithServer):
    def test_says_where_it_is(self):
        self.assertEqual(self.server.first_line, f"wgrctl: bench server at 127.0.0.1 port "
                         f"{self.server.address[1]}, until ^C or an hour without a client\n")

    def test_serves_one_at_a_time(self):
        self.control().greet()
        r = client(*SHORTEST, self.server.where)
        self.assertEqual((r.returncode, r.stdout), (2, ""))
        self.assertEqual(r.stderr, "wgrctl: bench: the server runs another test; try again when that "
                                   "is over\n")

    def test_serves_the_next_at_once(self):
        for _ in range(20):
            self.assert_serves()

    def test_refuses_another_version(self):
        control = self.control()
        control.send(message(HELLO, b"\0\2"))
        self.assert_refused(control, OTHER_VERSION)
        self.assertIsNone(control.receive())

    def test_refuses_what_is_no_message(self):
        for data in (b"GET / HTTP/1.1\r\n\r\n", message(GO), message(HELLO, b"\0\1\0"), b"\xff" * 200):
            control = self.control()
            control.send(data)
            self.assert_refused(control, INVALID)
            self.assertIsNone(control.receive())
        self.assert_serves()

    def test_refuses_a_run_beyond_the_limits(self):
        for data in (run_message(TCP, flows=65), run_message(UDP, flows=1, size=1400, ms=30001, ports=[9]),
                     run_message(IDLE, probe=0), message(READY, struct.pack(">HH", 9, 0))):
            control = self.control()
            control.greet()
            control.send(data)
            self.assert_refused(control, INVALID)
        self.assert_serves()

    def test_ends_a_session_after_so_many_runs(self):
        control = self.control()
        control.greet()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            for _ in range(RUNS_MAX):
                control.send(run_message(IDLE, probe=probe.getsockname()[1]))
                control.ready()
                control.send(message(GO) + message(REPORT, bytes(24)))
                self.assertEqual(control.receive(), (REPORT, bytes(24)))
            control.send(run_message(IDLE, probe=probe.getsockname()[1]))
            self.assert_refused(control, OVER_LIMIT)

    def test_answers_only_probes_of_its_client(self):
        control = self.control()
        control.greet()
        with two_datagram_sockets() as (probe, stranger):
            control.send(run_message(IDLE, ms=30000, probe=probe.getsockname()[1]))
            port, _ = control.ready()
            control.send(message(GO))
            good = control.token + struct.pack(">Q", 5)
            stranger.sendto(good, ("127.0.0.1", port))
            probe.sendto(bytes(8) + struct.pack(">Q", 5), ("127.0.0.1", port))
            probe.sendto(good + bytes(500), ("127.0.0.1", port))
            probe.sendto(good, ("127.0.0.1", port))
            self.assertEqual(probe.recvfrom(2000), (good, ("127.0.0.1", port)))
            self.assertEqual(select.select([probe, stranger], [], [], 0.3)[0], [])

    def test_sends_only_while_its_client_is_there(self):
        control = self.control()
        control.greet()
        with two_datagram_sockets() as (probe, data):
            control.send(run_message(UDP, flows=1, size=1400, ms=30000, reverse=1,
                                     probe=probe.getsockname()[1], ports=[data.getsockname()[1]]))
            control.ready()
            control.send(message(GO))
            self.assertEqual(len(data.recv(2000)), 1400 - 28)
            control.close()
            self.assertRegex(self.server.line(), "begins")
            self.assertRegex(self.server.line(), "1 run, .* MB")
            data.setblocking(False)
            with self.assertRaises(BlockingIOError):
                while True:  # what was on its way
                    data.recv(2000)
            self.assertEqual(select.select([data], [], [], 0.5)[0], [])

    def test_takes_no_data_without_its_token(self):
        control = self.control()
        control.greet()
        control.send(run_message(TCP, flows=1))
        _, ports = control.ready()
        with socket.create_connection(("127.0.0.1", ports[0])) as data:
            data.sendall(b"not this")
            self.assertEqual(control.receive()[0], REFUSE)
        self.assert_serves()

    def test_counts_no_packet_without_its_token(self):
        control = self.control()
        control.greet()
        with two_datagram_sockets() as (probe, data):
            control.send(run_message(UDP, flows=1, size=100, probe=probe.getsockname()[1],
                                     ports=[data.getsockname()[1]]))
            _, ports = control.ready()
            control.send(message(GO))
            data.sendto(control.token + bytes(64), ("127.0.0.1", ports[0]))
            data.sendto(bytes(72), ("127.0.0.1", ports[0]))
            data.sendto(control.token[:7], ("127.0.0.1", ports[0]))
            control.send(message(REPORT, bytes(24)))
            kind, body = control.receive()
            self.assertEqual((kind, struct.unpack(">QQ", body[:16])), (REPORT, (1, 100)))

    def test_survives_clients_that_hang_up_anywhere(self):
        steps = [message(HELLO, b"\0\1"), run_message(TCP, flows=8, ms=30000), message(GO)]
        for count in range(len(steps) + 1):
            for cut in (0, 1):
                control = self.control()
                data = b"".join(steps[:count])
                control.send(data[:len(data) - cut])
                control.close()
        deadline = time.monotonic() + PATIENCE_S
        while True:  # it may still be busy with one that is gone
            try:
                self.assert_serves()
                break
            except (AssertionError, TypeError, OSError):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)

    def test_wants_an_address_of_this_host(self):
        r = client("server", "192.0.2.1")
        self.assertEqual(r.returncode, 2)
        self.assertIn("192.0.2.1 port 51899: Cannot assign requested address", r.stderr)


class TheClient(unittest.TestCase):
    def against(self, answers):
        """Runs it against a server that says these, whatever it hears."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def serve():
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(answers)
                    connection.shutdown(socket.SHUT_WR)
                    try:
                        while connection.recv(1000):
                            pass
                    except ConnectionResetError:  # it has left without reading all
                        pass

            thread = threading.Thread(target=serve)
            thread.start()
            r = client(*SHORTEST, f"127.0.0.1:{listener.getsockname()[1]}")
            thread.join()
        return r

    def test_says_why_it_ends(self):
        welcome = message(WELCOME, bytes(8) + struct.pack(">H", 1420))
        for answers, status, sentence in (
                (b"", 2, "the server hung up"),
                (b"SSH-2.0-OpenSSH_9.2\r\n", 2, "what answers is not a wgrctl bench server"),
                (message(READY, struct.pack(">HH", 9, 0)), 2, "what answers is not a wgrctl bench server"),
                (message(REFUSE, bytes([OTHER_VERSION])), 2, "the server is of a version that speaks "
                                                             "otherwise"),
                (welcome, 1, "the server hung up"),
                (welcome + message(REFUSE, bytes([OVER_LIMIT])), 1, "the server permits no more in one "
                                                                    "session"),
                (welcome + message(READY, struct.pack(">HHH", 9, 1, 9)), 1, "what answers is not a wgrctl "
                                                                            "bench server"),
                (welcome + message(READY, struct.pack(">HH", 9, 0)) + message(REPORT, bytes(24)), 1,
                 "what answers is not a wgrctl bench server")):
            with self.subTest(sentence=sentence, answers=answers):
                r = self.against(answers)
                self.assertEqual((r.returncode, r.stderr), (status, f"wgrctl: bench: {sentence}\n"))

    def test_says_what_to_do_without_a_server(self):
        port = free_port(socket.AF_INET, "127.0.0.1")
        r = client(f"127.0.0.1:{port}")
        self.assertEqual((r.returncode, r.stdout), (2, ""))
        self.assertEqual(r.stderr, f"wgrctl: bench: 127.0.0.1 port {port}: Connection refused; start "
                         '"wgrctl bench server ADDRESS" there\n')

    def test_explains_its_options(self):
        self.assertEqual(client("--help").returncode, 0)
        self.assertIn("wgrctl bench server ADDRESS", client("--help").stdout)
        for arguments, sentence in (
                ([], "which address?"), (["server"], "which address?"),
                (["10.0.0.1", "10.0.0.2"], "one address, please"),
                (["tunnel"], '"tunnel" is not an IPv4 or IPv6 address'),
                (["--seconds", "31", "::1"], '--seconds: "31" is not a number from 0.1 to 30'),
                (["--seconds", "nan", "::1"], '--seconds: "nan" is not a number'),
                (["--rate", "0", "::1"], '--rate: "0" is not a number of Mb/s'),
                (["--rate", "1x", "::1"], '--rate: "1x" is not a number of Mb/s')):
            with self.subTest(arguments=arguments):
                r = client(*arguments)
                self.assertEqual((r.returncode, r.stdout), (2, ""))
                self.assertRegex(r.stderr, "^" + re.escape(f"wgrctl: bench: {sentence}"))


if __name__ == "__main__":
    unittest.main()
