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

#endif
