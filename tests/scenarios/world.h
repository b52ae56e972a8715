/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_SCENARIOS_WORLD_H
#define WGRD_TESTS_SCENARIOS_WORLD_H

/*
 * The control plane of wgrd, wired as in daemon.c, between fakes: time, data plane and
 * kernel (twice: for our routes and for others') are tests/lib's, zebra is played by the test, and the configuration comes from a
 * builder. RIB, wg, tenants and FIB are the real ones.
 *
 * What happens in the data plane, in the kernel and towards zebra is woven into one trace
 * in the order it happened. A route that is changed in the kernel while the device it
 * leads into has no permission for its prefix is an error, whatever the test is about.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/lib/conf_builder.h"
#include "tests/lib/fake_backend.h"
#include "tests/lib/fake_feed.h"
#include "tests/lib/fake_kernel.h"
#include "tests/lib/fake_loop.h"
#include "wgrd/fib/fib.h"
#include "wgrd/learn/learn.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/rib/rib.h"
#include "wgrd/tenant/tenant.h"

enum {
	WORLD_SETTLE_S = 10, /* silence after which zebra has said everything */
};

struct world_link {
	struct world_link *next;
	struct kmon_link link;
};

/* A prefix that zebra has from us. */
struct world_advert {
	struct world_advert *next;
	char vrf[RIB_VRF_NAME_LEN];
	struct prefix prefix;
	uint8_t instance;
	uint32_t ifindex, tag;
};

struct world_connected {
	struct world_connected *next;
	char dev[IFNAMSIZ];
	struct prefix prefix;
};

struct world {
	struct loop *loop;
	struct fake_kernel *kernel;
	struct fake_feed *feed;
	struct fake_backend *be;
	struct rib *rib;
	struct wg *wg;
	struct fib *fib;
	struct tenants *tenants;
	struct learn *learn;
	struct conf_builder *candidate;
	struct conf *conf; /* running */
	struct world_link *links;
	struct world_advert *adverts;
	struct loop_timer settle;
	uint32_t last_ifindex;
	struct strbuf trace;
	size_t be_seen; /* of the data plane's log */
	struct world_connected *connected;
	struct strbuf
		former; /* kernel's text at a restart: whose permissions were elsewhere */
	struct strbuf error; /* of the first rule that was broken */
};

struct world *world_new(void);
void world_free(struct world *w);

/* Makes the candidate running. Returns 0 or what was refused. */
int world_commit(struct world *w, char *why, size_t why_len);
/* Runs until nothing more happens at this moment. */
void world_settle(struct world *w);
void world_advance(struct world *w, uint64_t ns);

/*
 * kill -9, and a new one that starts with the candidate. The kernel keeps what it has, but
 * routes over WireGuard interfaces go with those unless @keep_interfaces. zebra has to say
 * everything again.
 */
void world_restart(struct world *w, bool keep_interfaces);

/* zebra's session is lost; it is there again and begins to say what it has. */
void world_zebra_lost(struct world *w);
void world_zebra_back(struct world *w);
/* For each thing zebra says: silence begins anew. */
void world_zebra_spoke(struct world *w);

/* A local interface; created if need be. */
struct world_link *world_link(struct world *w, const char *name);
/* Tells everybody about its new state or addresses. */
void world_link_changed(struct world *w, struct world_link *l);
void world_link_gone(struct world *w, struct world_link *l);
/* Somebody else removes a WireGuard interface. */
void world_device_gone(struct world *w, const char *name);
/* Any interface, WireGuard ones included, loses or gets its carrier. */
void world_link_state(struct world *w, const char *name, bool up);
/* 0: no such interface. */
uint32_t world_ifindex(const struct world *w, const char *name);
/* "?" when there is none. */
const char *world_ifname(const struct world *w, uint32_t ifindex);

const struct world_advert *world_advert(const struct world *w, const char *vrf,
					const struct prefix *p);

/* What was done since the last world_forget(), one line each; interfaces by name. Lines of
 * the configuration of devices and peers are left out. */
const char *world_trace(struct world *w);
void world_forget(struct world *w);
/* NULL, or what was done wrong. */
const char *world_error(struct world *w);

/* Everything there is, for a test that fails. */
void world_describe(struct world *w, struct strbuf *out);

#endif
