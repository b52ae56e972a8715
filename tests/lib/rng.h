/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_RNG_H
#define TESTS_LIB_RNG_H

/* Random numbers of a test, which the same seed repeats: WGRD_SEED in the environment. */

#include <stddef.h>
#include <stdint.h>

/* Seeds, and prints with what. */
void rng_seed(void);
uint64_t rng_next(void);
/* 0..n-1. */
unsigned rng_below(unsigned n);
void rng_fill(void *buf, size_t len);

#endif
