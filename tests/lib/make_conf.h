/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_MAKE_CONF_H
#define TESTS_LIB_MAKE_CONF_H

/*
 * Configurations written by hand, as conf_build() would make them: lists sorted by name
 * (the caller names things in order), every one with memory of its own, to be freed with
 * conf_free().
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/conf/commit.h"
#include "wgrd/conf/conf.h"

/* With room for that many interfaces, all to be filled in. */
struct conf *make_conf(size_t devices);
/*
 * Interface @i: a private key of its own and an MTU of 1420. @peers: names separated by
 * spaces; the public key of a peer is its name.
 */
struct conf_wireguard *make_device(struct conf *c, size_t i, const char *name,
				   uint16_t port, const char *peers);
void make_overlay(struct conf_peer *p, const char *addr);
/* @addr with a length: "10.0.0.1/24". */
void make_address(struct conf_wireguard *w, const char *addr);

/*
 * Commits @new in place of *@running as the datastore does: they share what is equal, and the
 * one that is not in force at the end is freed. Returns what conf_commit() does.
 */
int make_commit(const struct conf_subscriber *subs, size_t n, struct conf **running,
		struct conf *new, char *why, size_t why_len) MUST_USE;

#endif
