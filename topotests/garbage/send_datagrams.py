# SPDX-License-Identifier: GPL-2.0-or-later
"""send_datagrams.py ADDRESS PORT COUNT SEED: garbage that looks more or less like WireGuard."""

import random
import socket
import sys
import time

# Type to the length a message of that type has.
LENGTH = {1: 148, 2: 92, 3: 64, 4: 32}
BURST = 50


def datagram(rng: random.Random) -> bytes:
    kind = rng.choice((1, 2, 3, 4, 4, rng.randrange(256)))
    match rng.randrange(4):
        case 0:  # noise
            return rng.randbytes(rng.randrange(1, 1500))
        case 1:  # a type, and any length
            return bytes((kind, 0, 0, 0)) + rng.randbytes(rng.randrange(200))
        case 2:  # the right length of its type, reserved octets not zero
            return bytes((kind, *rng.randbytes(3))) + rng.randbytes(LENGTH.get(kind, 32) - 4)
        case _:  # the right length, all else random
            return bytes((kind, 0, 0, 0)) + rng.randbytes(LENGTH.get(kind, 32) - 4)


def main() -> None:
    address, port, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    rng = random.Random(seed)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        for i in range(count):
            s.sendto(datagram(rng), (address, port))
            if i % BURST == 0:
                time.sleep(0.005)


if __name__ == "__main__":
    main()
