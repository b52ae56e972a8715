/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_FAKE_ZEBRA_H
#define TESTS_LIB_FAKE_ZEBRA_H

/*
 * A zebra for unit tests: real Unix sockets (zserv.api and zebra.vty in a directory of its
 * own), any dialect of ZAPI, and a memory of VRFs, interfaces and routes that the test
 * fills. It does nothing on its own: fake_zebra_poll() lets it accept, read and answer, all
 * without waiting. It behaves as measured on zebra 8.4: what is unknown gets an ERROR, HELLO
 * gets CAPABILITIES and a VRF_ADD for each VRF, a subscription gets a dump, a route over an
 * interface that is down is refused and forgotten, and when a client goes, what has the instance of
 * its HELLO goes as well, whoever gave it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "proto/zapi/zapi_dialect.h"

struct fake_zebra;

struct fake_zebra_options {
	const struct zapi_dialect *dialect;
	const char *release; /* what its vty says; NULL: there is no vty socket */
	const char *dir;     /* where its sockets are; NULL: a directory of its own */
	/* Lies, for tests of detection: 0 leaves the dialect's own. */
	uint16_t error_command, capabilities_command;
	uint8_t capabilities_extra; /* bytes added to CAPABILITIES */
	bool mute;                  /* accepts and never answers */
	bool vrf_netns;
};

/* Aborts the test program when it cannot make its sockets. */
struct fake_zebra *fake_zebra_new(const struct fake_zebra_options *opt);
/* Removes its sockets and its directory. */
void fake_zebra_free(struct fake_zebra *z);
const char *fake_zebra_socket(const struct fake_zebra *z);

/* One round; true if anything happened. */
bool fake_zebra_poll(struct fake_zebra *z);
/* Closes every connection; what clients had given leaves, memory stays. */
void fake_zebra_drop_clients(struct fake_zebra *z);
/* Stops listening, as a zebra that is down, and starts again with other options. Both drop. */
void fake_zebra_stop(struct fake_zebra *z);
void fake_zebra_start(struct fake_zebra *z, const struct fake_zebra_options *opt);

/* ---- what it knows; clients that asked are told ---- */

void fake_zebra_vrf(struct fake_zebra *z, uint32_t id, const char *name);
void fake_zebra_vrf_gone(struct fake_zebra *z, uint32_t id);
void fake_zebra_iface(struct fake_zebra *z, uint32_t vrf, uint32_t ifindex,
		      const char *name, bool running);
void fake_zebra_iface_gone(struct fake_zebra *z, uint32_t vrf, uint32_t ifindex);
/* A BGP route. @gate may be NULL, @ifindex 0. Adding again changes. */
void fake_zebra_route(struct fake_zebra *z, uint32_t vrf, const char *prefix,
		      const char *gate, uint32_t ifindex, uint32_t tag);
void fake_zebra_route_gone(struct fake_zebra *z, uint32_t vrf, const char *prefix);
/* What is in a kernel table, which only newer dialects tell of. */
void fake_zebra_table_route(struct fake_zebra *z, uint16_t table, const char *prefix,
			    const char *gate, uint32_t ifindex, uint32_t tag);
void fake_zebra_table_route_gone(struct fake_zebra *z, uint16_t table,
				 const char *prefix);
void fake_zebra_router_id(struct fake_zebra *z, const char *id);

/* Bytes as they are, to every client. */
void fake_zebra_send_raw(struct fake_zebra *z, const void *bytes, size_t len);
/* A whole message with this body, to every client. */
void fake_zebra_send(struct fake_zebra *z, enum zapi_kind kind, uint32_t vrf,
		     const void *body, size_t len);

/* ---- what clients did ---- */

struct fake_zebra_given {
	uint32_t vrf, ifindex, tag;
	struct prefix prefix;
	uint16_t instance;
	uint8_t distance;
	enum zapi_proto proto;
	unsigned adds; /* how often it has been sent */
};
/* NULL when no client has given it with that instance, or zebra forgot it. */
const struct fake_zebra_given *fake_zebra_given_as(const struct fake_zebra *z,
						   uint32_t vrf, uint16_t instance,
						   const char *prefix);
/* Instance 0. */
const struct fake_zebra_given *fake_zebra_given(const struct fake_zebra *z, uint32_t vrf,
						const char *prefix);
/* Forgets it as when another client of the same type and instance has gone, and tells only
 * those that redistribute that type. */
void fake_zebra_sweep(struct fake_zebra *z, uint32_t vrf, uint16_t instance,
		      const char *prefix);
size_t fake_zebra_given_count(const struct fake_zebra *z);
size_t fake_zebra_clients(const struct fake_zebra *z);
/* How many of them said in HELLO that they own this instance. */
size_t fake_zebra_owners(const struct fake_zebra *z, uint16_t instance);
bool fake_zebra_tells_table(const struct fake_zebra *z, uint16_t table,
			    sa_family_t family);
bool fake_zebra_subscribed(const struct fake_zebra *z, uint32_t vrf, sa_family_t family,
			   enum zapi_proto proto);
/* Messages ever received of this kind; ZAPI_UNKNOWN counts what the dialect does not have. */
unsigned fake_zebra_received(const struct fake_zebra *z, enum zapi_kind kind);

#endif
