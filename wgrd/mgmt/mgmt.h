/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_MGMT_H
#define WGRD_MGMT_MGMT_H

/*
 * All parts of the daemon in one hand, for those who show them to people and let people
 * work on them: wgrd/show and wgrd/cli. main() makes one when all the parts exist. Main
 * thread only.
 */

#include <stdbool.h>
#include <stddef.h>

struct confirm;
struct datastore;
struct events;
struct fib;
struct loop;
struct mgmt;
struct learn;
struct rib;
struct tenants;
struct wg;
struct zclient;

/* All are the caller's and must outlive the struct mgmt; the strings are copied. */
struct mgmt_deps {
	struct loop *loop;
	struct datastore *datastore;
	struct confirm *confirm; /* of that datastore */
	struct events *events;
	struct rib *rib;
	struct wg *wg;
	struct tenants *tenants;
	struct fib *fib;
	struct zclient *zclient; /* NULL: this daemon does not talk to zebra */
	struct learn *learn;     /* NULL: nor does it learn from tables */
	/* Compares everything with everybody; NULL: there is nobody to ask. */
	void (*resync)(void *arg);
	void *resync_arg;
	/* Reads the rules of access for NETCONF again; 0, or a negative errno with a sentence,
	 * and the old ones hold. NULL: there are none. */
	int (*reload_access)(void *arg, char *why, size_t why_len);
	void *reload_access_arg;
	const char *version;
	const char *config_path; /* what write memory writes; NULL: it is refused */
	bool in_frr;             /* FRR's scripts run it: its log commands are ours too */
	bool keys_in_files; /* the configuration is read from where no keys are: lines
			       that have one are refused */
};

struct mgmt *mgmt_new(const struct mgmt_deps *deps);
/* After whoever works with it. NULL is allowed. */
void mgmt_free(struct mgmt *m);

#endif
