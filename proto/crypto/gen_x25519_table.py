#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes x25519_table.c, the multiples of Curve25519's base point, to standard output.

The arithmetic is the plainest there is: affine points on -x^2 + y^2 = 1 + d x^2 y^2
(RFC 7748 section 4.1), added by the formula that defines addition.

usage: gen_x25519_table.py > x25519_table.c
"""

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
TABLES = 32
ENTRIES = 8
HEAD = """/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Written by gen_x25519_table.py: change that. */
#include "proto/crypto/x25519_table.h"

/* clang-format off */
const struct x25519_entry x25519_table[X25519_TABLES][X25519_TABLE_ENTRIES] = {"""


def add(p, q):
    (x1, y1), (x2, y2) = p, q
    t = D * x1 * x2 * y1 * y2
    return ((x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P,
            (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P)


def base_point():
    """y = 4 / 5, where u = (1 + y) / (1 - y) is 9, and of the two x the even one."""
    y = 4 * pow(5, -1, P) % P
    assert (1 + y) * pow(1 - y, -1, P) % P == 9
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return (P - x if x % 2 else x), y


def words(n):
    return "{" + ", ".join(f"{n >> 64 * i & (2**64 - 1):#018x}" for i in range(4)) + "}"


def main():
    half = pow(2, -1, P)
    base = base_point()
    print(HEAD)
    for i in range(TABLES):
        point = base
        print("{" if i == 0 else "}, {")
        for _ in range(ENTRIES):
            x, y = point
            print("{" + words((y + x) * half % P) + ",")
            print(words((y - x) * half % P) + ",")
            print(words(D * x * y % P) + "},")
            point = add(point, base)
        for _ in range(8):
            base = add(base, base)
    print("}};")


if __name__ == "__main__":
    main()
