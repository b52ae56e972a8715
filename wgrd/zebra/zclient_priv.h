/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_PRIV_H
#define WGRD_ZEBRA_ZCLIENT_PRIV_H

/*
 * The inside of a zclient, shared by the files of this folder: zclient.c owns the session and
 * calls zclient_sub.c for what is learned and zclient_inject.c for what is given; both send
 * through zclient_send(). Main thread only.
 */

#include "proto/zapi/zapi_dialect.h"
#include "proto/zapi/zapi_hello.h"
#include "wgrd/zebra/zclient.h"
#include "wgrd/zebra/zclient_iface.h"
#include "wgrd/zebra/zclient_probe.h"
#include "wgrd/zebra/zclient_queue.h"
#include "wgrd/zebra/zclient_vty.h"

struct zsub_vrf;
struct zinject_own;

struct zclient {
	struct loop *loop;
	struct rib *rib;
	struct zclient_events ev;
	bool configured;
	struct zclient_options opt;

	enum zclient_state state;
	uint64_t since_ns;
	struct loop_timer timer; /* retry, patience or settling, by state */
	unsigned backoff_s;
	bool complained; /* last_error has been logged and no session has been up since */
	char last_error[160];
	struct zclient_view count; /* its counters, kept up to date */

	/* the session; fd is -1 without one */
	int fd;
	struct loop_io *io;
	struct loop_job flush;
	struct zqueue out;
	int out_err; /* what the next flush will end the session for */
	uint8_t in[4 * ZAPI_MESSAGE_MAX];
	size_t in_len;
	struct zvty vty;
	char release[ZVTY_RELEASE_LEN], no_release[96];
	struct zprobe probe;
	const struct zapi_dialect *dialect; /* NULL while probing */
	struct zapi_capabilities caps;
	uint32_t router_id; /* network order */
	struct ziface *ifaces;

	/* zclient_sub.c */
	struct zsub_vrf *vrfs;
	uint64_t last_route_ns;

	/* zclient_inject.c */
	struct zinject_own *own;
	struct zinject_own *dirty, **dirty_end;
};

/* Room for any message we send. */
enum {
	ZCLIENT_MESSAGE_ROOM = 512
};

/*
 * Queues the message between @msg and the cursor; it is written at the end of this turn of
 * the loop together with others. Failing is dealt with there, too.
 */
void zclient_send(struct zclient *z, const uint8_t *msg, const struct wbuf *end);

/* ---- zclient_sub.c: routes and VRFs ---- */

/* The dialect is known: asks for everything and begins a new generation of routes. */
void zsub_start(struct zclient *z);
/* z->opt.protocol is another now: a new generation begins. */
void zsub_change_protocol(struct zclient *z, enum rib_proto from);
/* Messages; 0, -EBADMSG, or -ENOMEM when a route could not be kept. */
int zsub_vrf_add(struct zclient *z, struct zapi_message *m);
int zsub_vrf_delete(struct zclient *z, struct zapi_message *m);
int zsub_route(struct zclient *z, struct zapi_message *m, bool add);
/* The first dump is over: what it did not confirm leaves. Returns how many routes did. */
size_t zsub_settled(struct zclient *z);
/* zebra has been turned off: all it said leaves. Returns how many routes did. */
size_t zsub_forget(struct zclient *z);
void zsub_fini(struct zclient *z); /* frees; the RIB stays as it is */

/* ---- zclient_inject.c: own prefixes, and the interfaces they depend on ---- */

int zinject_iface(struct zclient *z, enum zapi_kind kind, struct zapi_message *m);
int zinject_note(struct zclient *z, struct zapi_message *m);
void zinject_vrf_gone(struct zclient *z, uint32_t vrf);
/* Encodes what is due into the queue, as far as there is room. */
void zinject_pump(struct zclient *z);
/* The session is gone, and with it what it had sent. */
void zinject_down(struct zclient *z);
void zinject_fini(struct zclient *z);

#endif
