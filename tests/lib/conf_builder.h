/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_LIB_CONF_BUILDER_H
#define WGRD_TESTS_LIB_CONF_BUILDER_H

/*
 * Configurations for tests without libyang: lines as in wgrd.conf edit a candidate, and
 * conf_builder_take() copies it out as a struct conf. Lines know only what wgrd/wg and
 * wgrd/tenant look at, and are not validated beyond their form. For brevity a new
 * interface has a private key and a new peer a public key without being told ("no
 * public-key" takes it away).
 *
 *	wireguard wg0 / no wireguard wg0
 *	  address 10.99.0.1/24, tenant red, shutdown, listen-port N, fwmark N, mtu N,
 *	  description WORD
 *	  peer a / no peer a
 *	    overlay-address 10.99.0.2, allowed-ip 10.9.0.0/16, max-prefix N,
 *	    max-prefix-warning N, max-prefix-hold N, advertise-always,
 *	    preempt-delay N, persistent-keepalive N, shutdown, description WORD
 *	    public-key, revoked
 *	    prefix-list NAME
 *	tenant red / no tenant red
 *	  table N, priority N, vrf NAME, interface lan0, supernet P, advertise P,
 *	  advertise-tag N, advertise-instance N | advertise-table N | advertise-kernel, learn-table N, learn-protocol WORD,
 *	  learn-tag N, max-prefix N, max-prefix-warning N, max-prefix-hold N,
 *	  prefix-list NAME, description WORD
 *	prefix-list NAME seq N permit|deny P [ge N] [le N]
 *	no prefix-list NAME [seq N]
 *
 * "no" before any of the lines inside takes back, with the value for those that there can
 * be many of. A line is looked up in the level it stands in and then in those above, as on
 * the command line; so exit-wireguard is needed before the block of a tenant, because
 * inside an interface "tenant" says whose it is; prefix-list likewise.
 */

#include <stddef.h>

#include "wgrd/conf/conf.h"

struct conf_builder;

struct conf_builder *conf_builder_new(void);
void conf_builder_free(struct conf_builder *b);
/* Returns 0 or -EINVAL with a sentence in @why. */
int conf_builder_line(struct conf_builder *b, const char *line, char *why,
		      size_t why_len);
/* The same for several lines; ends the program with a message when one is wrong. */
void conf_builder_text(struct conf_builder *b, const char *lines);
/* *Gives* a copy of the candidate; for conf_free(). */
struct conf *conf_builder_take(const struct conf_builder *b);

#endif
