/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_NETCONF_H
#define WGRD_NETCONF_NETCONF_H

/*
 * The NETCONF server (RFC 6241, RFC 6242): a UNIX socket that OpenSSH's "Subsystem netconf"
 * connects to. Who is there the kernel says (SO_PEERCRED); how he came in is sshd's
 * business. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wgrd/lib/util.h"

struct cli;
struct confirm;
struct datastore;
struct events;
struct fib;
struct learn;
struct loop;
struct netconf;
struct rib;
struct tenants;
struct wg;
struct zclient;

enum {
	/* Of one user, and of all but root. Who is too many is not let in. */
	NETCONF_USER_SESSIONS_MAX = 64,
	NETCONF_SESSIONS_MAX = 128,
	NETCONF_HELLO_MAX = 64 * 1024,          /* octets of the first message */
	NETCONF_MESSAGE_MAX = 64 * 1024 * 1024, /* of any other */
	/* Of messages that have begun and not ended, of all sessions together. */
	NETCONF_UNFINISHED_MAX = 2 * NETCONF_MESSAGE_MAX,
	NETCONF_REPLY_MAX = 256 * 1024 * 1024,
	/* Of replies that have not been taken, of all sessions together. */
	NETCONF_UNREAD_MAX = 2 * NETCONF_REPLY_MAX,
	NETCONF_HELLO_S = 30, /* within which a client says hello */
	NETCONF_STALL_S = 60, /* for which a reply may lie there with no octet taken */
};

/* All are the caller's and must outlive the server. */
struct netconf_deps {
	struct loop *loop;
	struct datastore *datastore;
	struct confirm *confirm; /* of that datastore */
	struct events *events;
	struct cli *cli; /* reads and writes the startup configuration */
	const char *
		config_path; /* of which this is the file; copied. NULL: there is none, it
				    is FRR that keeps the configuration */
	bool keys_in_files;  /* as for mgmt.h */
	/* As for mgmt.h. */
	void (*resync)(void *arg);
	void *resync_arg;
	const char *yang_dir;  /* copied */
	const char *nacm_path; /* the rules, see nacm.h; NULL: the defaults; copied */
	const char *version;   /* copied */
	/* What operational state is read from. */
	struct rib *rib;
	struct wg *wg;
	struct tenants *tenants;
	struct fib *fib;
	struct zclient *zclient; /* NULL: this daemon does not talk to zebra */
	struct learn *learn;     /* NULL: nor does it learn from tables */
};

/*
 * Adds the models of the protocol to those of the datastore, which must have no data yet. On
 * failure @why is a sentence.
 */
int netconf_new(const struct netconf_deps *deps, struct netconf **out, char *why,
		size_t why_len) MUST_USE;
/* Are these rules right? Of a datastore without data, to which the models are added. On failure
 * @why is a sentence. */
int netconf_check_nacm(struct datastore *ds, const char *nacm_path, char *why,
		       size_t why_len) MUST_USE;
/* Opens the socket, mode 0660; see listener.h for @group and errors. May be called once. */
int netconf_listen(struct netconf *n, const char *path, gid_t group, char *why,
		   size_t why_len) MUST_USE;
/* Reads the rules anew, for those who are here too. On failure @why is a sentence, and the
 * old ones hold. */
int netconf_reload_nacm(struct netconf *n, char *why, size_t why_len) MUST_USE;
/* Whose request is being answered, as its number, from 1; 0: nobody's. NULL is allowed. */
uint32_t netconf_current(const struct netconf *n);
/* Ends all sessions. NULL is allowed. */
void netconf_free(struct netconf *n);

#endif
