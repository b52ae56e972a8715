/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_FAKE_ZEBRA_PRIV_H
#define TESTS_LIB_FAKE_ZEBRA_PRIV_H

/* The inside of a fake zebra: fake_zebra.c has its sockets and its memory, and
 * fake_zebra_talk.c what it says and what it makes of what it is told. */

#include "proto/zapi/zapi_hello.h"
#include "proto/zapi/zapi_iface.h"
#include "proto/zapi/zapi_notify.h"
#include "proto/zapi/zapi_route.h"
#include "tests/lib/fake_zebra.h"

enum {
	CLIENTS_MAX = 8,
	VRFS_MAX = 16,
	IFACES_MAX = 64,
	ROUTES_MAX = 4096,
	GIVEN_MAX = 16384,
	SUBS_MAX = 64,
};

struct fake_client {
	int fd; /* -1: free */
	uint8_t in[4 * ZAPI_MESSAGE_MAX];
	size_t in_len;
	uint8_t *out;
	size_t out_len, out_cap;
	bool hello, notify, wants_ifaces, wants_router_id;
	uint16_t instance; /* of its HELLO */
	struct {
		uint32_t vrf;
		struct zapi_redistribute what;
	} subs[SUBS_MAX];
	size_t sub_count;
};

struct fake_route {
	uint32_t vrf, ifindex, tag;
	enum zapi_proto proto;
	uint16_t instance;
	struct prefix prefix;
	struct ip_addr gate; /* family 0: none */
};

struct fake_zebra {
	struct fake_zebra_options opt;
	char dir[64], zserv[80], vty[80];
	int zserv_fd, vty_fd; /* -1: not listening */
	struct fake_client client[CLIENTS_MAX];
	struct {
		uint32_t id;
		char name[ZAPI_VRF_NAME_LEN];
	} vrf[VRFS_MAX];
	size_t vrf_count;
	struct {
		uint32_t vrf;
		struct zapi_iface i;
	} iface[IFACES_MAX];
	size_t iface_count;
	struct fake_route route[ROUTES_MAX];
	size_t route_count;
	struct fake_zebra_given given[GIVEN_MAX];
	size_t given_count;
	struct ip_addr router_id;
	unsigned received[ZAPI_KIND_COUNT];
};

#define EACH_CLIENT(z, c)                                                             \
	for (struct fake_client *c = (z)->client; c < (z)->client + CLIENTS_MAX; c++) \
		if (c->fd >= 0)

/* ---- fake_zebra_talk.c ---- */

void fake_put_message(struct fake_client *c, const uint8_t *buf, const struct wbuf *w);
void fake_put(struct fake_client *c, const void *bytes, size_t len);
void fake_say_vrf(struct fake_zebra *z, struct fake_client *c, uint32_t id,
		  const char *name);
void fake_say_iface(struct fake_zebra *z, struct fake_client *c, enum zapi_kind kind,
		    size_t n);
void fake_say_router_id(struct fake_zebra *z, struct fake_client *c);
void fake_say_route(struct fake_zebra *z, struct fake_client *c, enum zapi_kind kind,
		    const struct fake_route *r);
void fake_hear(struct fake_zebra *z, struct fake_client *c, struct zapi_message *m);
bool fake_subscribed(const struct fake_client *c, uint32_t vrf, sa_family_t family,
		     enum zapi_proto proto, uint16_t instance);
struct fake_zebra_given *fake_find_given(struct fake_zebra *z, uint32_t vrf,
					 uint16_t instance, const struct prefix *p);
void fake_forget_given(struct fake_zebra *z, struct fake_zebra_given *g);

#endif
