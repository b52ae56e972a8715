# SPDX-License-Identifier: GPL-2.0-or-later
"""fake_zebra.py SEED: listens where zebra would and answers with garbage, until it is killed.

Every client gets one of: noise; headers that are right with bodies that are not; messages that are
cut short; lengths that lie. Prints "client" for each connection.
"""

import random
import socket
import struct
import sys
import threading
import time
from pathlib import Path

PATH = "/run/frr/zserv.api"
MARKER, VERSION = 254, 6
# Commands of 8.4 that a client decodes: interfaces, router id, capabilities, next hops, routes, VRFs.
COMMANDS = (0, 1, 2, 3, 4, 5, 10, 17, 19, 22, 30, 31, 33, 34, 118)
MAX_LENGTH = 16384


def message(command: int, body: bytes, length: int | None = None) -> bytes:
    size = 10 + len(body) if length is None else length
    return struct.pack(">HBBIH", size, MARKER, VERSION, 0, command) + body


def garbage(rng: random.Random) -> bytes:
    command = rng.choice(COMMANDS)
    body = rng.randbytes(rng.randrange(200))
    match rng.randrange(6):
        case 0:
            return rng.randbytes(rng.randrange(1, 4000))
        case 1:
            return message(command, body)
        case 2:
            return message(command, body, length=rng.choice((0, 9, 10, MAX_LENGTH + 1, 65535)))
        case 3:
            return message(command, bytes(len(body)))
        case 4:
            return message(rng.randrange(65536), body)
        case _:  # begins well and never goes on
            return message(command, body, length=10 + len(body) + rng.randrange(1, 500))


def converse(connection: socket.socket, seed: int) -> None:
    rng = random.Random(seed)
    with connection:
        connection.settimeout(2)
        try:
            connection.recv(65536)
            for _ in range(rng.randrange(1, 20)):
                connection.sendall(garbage(rng))
                time.sleep(0.002)
        except OSError:
            pass


def main() -> None:
    seed = int(sys.argv[1])
    Path(PATH).unlink(missing_ok=True)  # left behind by the zebra that was killed
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(PATH)
        listener.listen()
        for number in range(1 << 30):
            connection, _ = listener.accept()
            print("client", number, flush=True)
            threading.Thread(target=converse, args=(connection, seed + number), daemon=True).start()


if __name__ == "__main__":
    main()
