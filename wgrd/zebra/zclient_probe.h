/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_PROBE_H
#define WGRD_ZEBRA_ZCLIENT_PROBE_H

/*
 * Finds out which dialect of ZAPI a zebra speaks, by asking things whose answers differ. Pure
 * bookkeeping: the session feeds it messages and sends what it says. One socket serves the
 * probe and the session that follows, so there is never a second session whose end
 * could sweep the routes of the first.
 *
 *	-> 0xfffe, which no release has           <- ERROR; its number leaves one or two sets
 *	-> HELLO as the older of them has it      <- CAPABILITIES, or ERROR: then
 *	-> HELLO as the newer one has it          <- CAPABILITIES; its number and length decide
 *
 * With a dialect demanded by the operator there is one HELLO only, and what it is checked
 * against is CAPABILITIES: that is how a release that is not known here, or is known and
 * does not say its name, can be used all the same.
 *
 * Other messages may come in between; they are not answers. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"

enum zprobe_step {
	ZPROBE_WAIT,  /* for the next message */
	ZPROBE_SEND,  /* the reply, then wait */
	ZPROBE_FOUND, /* dialect is set; the message just fed was its CAPABILITIES */
	ZPROBE_LOST,  /* why says it in a sentence that names both sides */
};

/* What a dialect was found by. */
enum zprobe_evidence {
	ZPROBE_BY_BOTH,   /* the release and the probe agree */
	ZPROBE_BY_PROBE,  /* zebra does not tell its release, the probe was certain */
	ZPROBE_BY_DEMAND, /* the operator says so, and HELLO and CAPABILITIES fit */
};

struct zprobe {
	const char *release;    /* of zebra's vty, "" if it did not say; the caller's */
	const char *no_release; /* why it did not say, NULL if it did; the caller's */
	const struct zapi_dialect *demand; /* no other will do; NULL: find out */
	uint8_t instance;                  /* what HELLO says that is owned */
	/* results */
	const struct zapi_dialect *dialect;
	enum zprobe_evidence evidence;
	bool may_pass; /* of ZPROBE_LOST: the vty may answer the next time */
	char why[160];
	/* private */
	uint16_t error;                   /* number of ERROR, 0 until known */
	const struct zapi_dialect *trial; /* whose HELLO was sent last */
};

/* Encodes the first question. The rest of @p has been cleared by the caller. */
void zprobe_start(struct zprobe *p, struct wbuf *question);
/* @m is any message from zebra. @reply is written only for ZPROBE_SEND. */
enum zprobe_step zprobe_feed(struct zprobe *p, const struct zapi_message *m,
			     struct wbuf *reply);

/* What wgrd says in HELLO: it owns routes of type TABLE and that instance. */
void zprobe_encode_hello(struct wbuf *w, const struct zapi_dialect *d, uint8_t instance);

#endif
