/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_SESSION_H
#define WGRD_NETCONF_SESSION_H

/*
 * A client: hello, then requests, each answered before the next is read. A long answer is made
 * in parts, one in a turn of the loop, and the next when the last has been taken. While an
 * answer waits to be taken nothing is read; who takes none of it for NETCONF_STALL_S is dropped.
 * Main thread only.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "wgrd/lib/stream.h"
#include "wgrd/netconf/framing.h"
#include "wgrd/netconf/subscription.h"

enum {
	SESSION_USER_LEN = 64,
	SESSION_READ_SIZE = 32 * 1024,
};

struct netconf_session {
	struct netconf *n;
	struct netconf_session *prev, *next;
	uint32_t id; /* from 1, and never again */
	char user[SESSION_USER_LEN];
	uid_t uid;
	gid_t gid;
	struct nacm_user *nacm; /* what he may */
	time_t since;
	bool greeted; /* the client has said hello */
	bool closing; /* when its last answer is taken */
	/* Why it ends, in the words of RFC 6470; NULL: its client went away. */
	const char *ending;
	uint32_t killed_by;                             /* another session; 0: none */
	uint64_t rpcs, bad_rpcs, errors, notifications; /* RFC 6022 counters */
	struct framing framing;
	struct subscription subscription;
	size_t unfinished; /* octets of the message that n->unfinished knows of */
	struct stream stream;
	struct loop_timer timer; /* for the hello, then for answers that are not taken */
	size_t seen_unsent;
	uint64_t posts, seen_posts; /* answers, and parts of them */
	struct rpc_rest *rest;      /* of the answer that is under way; NULL: none */
	struct loop_job go_on;      /* with it, when others have had their turn */
	char in[SESSION_READ_SIZE];
};

/* Takes @fd. Closes it when there are too many sessions or nobody knows its user. */
void netconf_session_begin(struct netconf *n, int fd);
/* At once; what it has not been sent is lost. Not from within its own request. */
void netconf_session_end(struct netconf_session *s);
/* Sends events, if it has a subscription and nothing else on its way. False: it has ended. */
bool netconf_session_notify(struct netconf_session *s);
/* NULL: there is none of this number. */
struct netconf_session *netconf_session_find(const struct netconf *n, uint32_t id);

#endif
