/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_PRIV_H
#define WGRD_ZEBRA_ZCLIENT_PRIV_H

/*
 * The inside of a zclient, shared by the files of this folder: zclient.c owns the session and
 * calls zclient_detect.c to find the dialect, zclient_sub.c for what is learned and
 * zclient_inject.c for what is given; all send through zclient_send(). Each instance that own prefixes have is a zclient as well, which
 * belongs to the one that learns (zclient_own.c). Main thread only.
 */

#include "proto/zapi/zapi_dialect.h"
#include "proto/zapi/zapi_hello.h"
#include "wgrd/zebra/zclient.h"
#include "wgrd/zebra/zclient_iface.h"
#include "wgrd/zebra/zclient_probe.h"
#include "wgrd/zebra/zclient_queue.h"
#include "wgrd/zebra/zclient_vty.h"

struct zapi_route;
struct zsub_vrf;
struct zinject_own;
struct zhandover;

/* Of the zclient that learns. */
struct zinstances {
	struct zclient **v; /* sorted by instance */
	size_t count;
	struct loop_job tidy;
	struct zhandover *handovers;
	struct loop_timer look; /* at those */
};

struct zclient {
	struct loop *loop;
	struct rib *rib;         /* NULL: it does not learn */
	uint8_t instance;        /* of what it gives; 0 for the one that learns */
	bool asked;              /* zclient_set_instances() has named it */
	bool was_up;             /* when the learner was told last */
	struct zclient *learner; /* whose instance it is; NULL: it learns itself */
	char title[24];          /* "zebra", or "zebra, instance 253" */
	struct zclient_events ev;
	bool configured;
	struct zclient_options opt;

	enum zclient_state state;
	uint64_t since_ns;
	struct loop_timer timer; /* retry, patience or settling, by state */
	unsigned backoff_s;
	bool complained; /* last_error has been logged and no session has been up since */
	bool gave_up;
	unsigned doubts; /* attempts in a row that only a release would have decided */
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

	/* zclient_tables.c */
	uint32_t *tables;
	size_t table_count;
	bool tells_tables;

	/* zclient_inject.c */
	struct zinject_own *own;
	struct zinject_own *dirty, **dirty_end;

	/* zclient_own.c */
	struct zinstances instances;
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

/* Ends what there is of a session, for a reason that may pass: the next attempt is soon. */
void zclient_lose(struct zclient *z, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* ... that stays as long as zebra is the same. */
void zclient_give_up(struct zclient *z, const char *why);
/* z->dialect and z->caps are known: the session begins. */
void zclient_begin(struct zclient *z);

/* One session, which knows nothing of others. @rib NULL: it only gives. */
struct zclient *zclient_new_one(struct loop *loop, struct rib *rib, uint8_t instance);

/* ---- zclient_detect.c: which dialect zebra speaks ---- */

void zdetect_init(struct zclient *z);
/* zebra is connected. What comes of it is zclient_begin(), zclient_lose() or zclient_give_up(). */
void zdetect_start(struct zclient *z);
/* A message before the dialect is known; 0 or -EBADMSG. */
int zdetect_message(struct zclient *z, struct zapi_message *m);
void zdetect_timeout(struct zclient *z); /* z->timer has fired */
/* How the dialect was found; "" without one. */
const char *zdetect_evidence(const struct zclient *z);

/* ---- zclient_sub.c: routes and VRFs ---- */

/* The dialect is known: asks for everything and begins a new generation of routes. */
void zsub_start(struct zclient *z);
/* Has everything told once more: a new generation begins. */
void zsub_restart(struct zclient *z);
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
/* VRFs of this session, the default one among them. False, NULL: zebra has none such. */
bool zsub_vrf_id(const struct zclient *z, const char *name, uint32_t *id);
const char *zsub_vrf_name(const struct zclient *z, uint32_t id);

/* ---- zclient_tables.c: kernel tables that zebra tells of ---- */

void ztables_start(struct zclient *z);
/* Has them told once more. */
void ztables_restart(struct zclient *z);
/* The VRF of the RIB for a route of type TABLE_DIRECT. False: it was not asked for. */
bool ztables_vrf(const struct zclient *z, const struct zapi_route *r, uint32_t *vrf);
void ztables_fini(struct zclient *z);

/* ---- zclient_sub.c again: for zclient_tables.c ---- */

void zsub_send_redistribute(struct zclient *z, enum zapi_kind kind, uint32_t vrf,
			    const struct zapi_redistribute *r);
/* All that zebra told of @vrf leaves. Returns how many routes did, or -ENOMEM and none. */
ssize_t zsub_withdraw_vrf(struct zclient *z, uint32_t vrf);

/* ---- zclient_inject.c: own prefixes, and the interfaces they depend on ---- */

int zinject_iface(struct zclient *z, enum zapi_kind kind, struct zapi_message *m);
/* zebra does not have the route any more that would be ours if we had sent it. */
void zinject_lost(struct zclient *z, uint32_t vrf, const struct prefix *p);
int zinject_note(struct zclient *z, struct zapi_message *m);
void zinject_vrf_gone(struct zclient *z, uint32_t vrf);
/* Encodes what is due into the queue, as far as there is room. */
void zinject_pump(struct zclient *z);
/* The session is gone, and with it what it had sent. */
void zinject_down(struct zclient *z);
void zinject_fini(struct zclient *z);
/* own->instance is not looked at. As zclient_own_add() and so on, for this session. */
int zinject_add(struct zclient *z, const struct zclient_own *own) MUST_USE;
void zinject_del(struct zclient *z, const struct zclient_own *own);
/* False: there is none, or it is leaving. */
bool zinject_find(const struct zclient *z, const struct zclient_own *own, bool *sent,
		  bool *installed);
void zinject_walk(const struct zclient *z,
		  bool (*fn)(const struct zclient_own *own, bool sent, bool installed,
			     void *arg),
		  void *arg);

/* ---- zclient_own.c: which session an own prefix is given by ---- */

void zinstances_init(struct zclient *z);
void zinstances_configure(struct zclient *z, const struct zclient_options *opt);
void zinstances_fini(struct zclient *z);

#endif
