/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IO_ENDPOINT_H
#define WGRD_DPLANE_IO_ENDPOINT_H

/*
 * Where a peer is, and which of our addresses it last wrote to, which we answer from
 * ("sticky" source). A value; and a cell that any number of threads read and write
 * without waiting for each other.
 */

#include <assert.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/net/addr.h"

/* Without padding, and zero where it means nothing: compared as bytes. */
struct dp_endpoint {
	uint16_t family; /* AF_INET, AF_INET6; 0: not known */
	uint16_t port;   /* host order */
	uint32_t scope;  /* interface of a link-local address */
	uint8_t addr[16];
	uint8_t source[16]; /* ours, of the same family; zeros: the system chooses */
};

enum {
	DP_ENDPOINT_WORDS = sizeof(struct dp_endpoint) / sizeof(uint64_t),
};
static_assert(sizeof(struct dp_endpoint) == DP_ENDPOINT_WORDS * sizeof(uint64_t),
	      "copied by words");

struct dp_endpoint dp_endpoint_from(const struct ip_addr *a, uint16_t port);
struct ip_addr dp_endpoint_addr(const struct dp_endpoint *ep);
bool dp_endpoint_equal(const struct dp_endpoint *a, const struct dp_endpoint *b);
/* The same but perhaps for the source. */
bool dp_endpoint_same_place(const struct dp_endpoint *a, const struct dp_endpoint *b);

/* Either way; @ss has room for a sockaddr_in6. to_sockaddr() returns the length. */
socklen_t dp_endpoint_to_sockaddr(const struct dp_endpoint *ep, struct sockaddr_in6 *ss);
struct dp_endpoint dp_endpoint_from_sockaddr(const struct sockaddr_in6 *ss);

/* A sequence lock: odd while a writer is at it. All zeros holds "not known". */
struct dp_endpoint_cell {
	_Atomic uint32_t seq;
	_Atomic uint64_t word[DP_ENDPOINT_WORDS];
};

struct dp_endpoint dp_endpoint_load(const struct dp_endpoint_cell *c);
/* Is one known? Cheaper; the first word holds the family. */
static inline bool dp_endpoint_known(const struct dp_endpoint_cell *c)
{
	return atomic_load_explicit(&c->word[0], memory_order_relaxed) != 0;
}
/* Waits for other writers, who take some nanoseconds: for what must not be lost. */
void dp_endpoint_store(struct dp_endpoint_cell *c, const struct dp_endpoint *ep);
/* Gives up if another writer is there: for what the next packet will bring again. */
bool dp_endpoint_try_store(struct dp_endpoint_cell *c, const struct dp_endpoint *ep);
/* The address of ours in @used, which was read from @c, is of no use: the system chooses from
 * now on. Does nothing if the peer has moved meanwhile. */
void dp_endpoint_forget_source(struct dp_endpoint_cell *c,
			       const struct dp_endpoint *used);

#endif
