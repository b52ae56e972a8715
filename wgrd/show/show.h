/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_SHOW_SHOW_H
#define WGRD_SHOW_SHOW_H

/*
 * What show prints. Each function formats what the view functions of the other folders
 * return, as text for 80 columns or as JSON, and changes nothing. Main thread only.
 *
 * JSON keys are spelt as in the YANG model. A key that is documented in doc/json.md keeps
 * its name and its type; what has no value is null.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/strbuf.h"

struct mgmt;

void show_wireguard(const struct mgmt *m, bool json, struct strbuf *out);
/* How many of each, and what somebody should look at. */
void show_summary(const struct mgmt *m, bool json, struct strbuf *out);
/* Of a filter, what is NULL or not given does not matter. */
struct show_prefixes {
	bool given;
	struct prefix prefix;
	bool longer; /* also those in it */
};
struct show_peer_filter {
	const char *tenant;
	const char *session; /* as wg_session_name() has it; "inactive" */
};
void show_peers(const struct mgmt *m, const struct show_peer_filter *only, bool json,
		struct strbuf *out);
/* Every peer of this name, on whichever interface. Returns false when there is none. */
bool show_peer(const struct mgmt *m, const char *name, bool json, struct strbuf *out);
struct show_route_filter {
	const char *tenant, *peer;
	const char *state; /* as the column of that name has it */
	struct show_prefixes in;
};
void show_routes(const struct mgmt *m, const struct show_route_filter *only, bool json,
		 struct strbuf *out);
/* The story of @p and of the prefixes that cover it, longest first. Returns false when
 * there is none. */
bool show_why(const struct mgmt *m, const struct prefix *p, bool json,
	      struct strbuf *out);
/* What happened lately, newest first. @peer NULL: to whomever. */
void show_events(const struct mgmt *m, const char *peer, bool json, struct strbuf *out);
/* Every public key, and how many sessions came from it. */
void show_keys(const struct mgmt *m, bool json, struct strbuf *out);
struct show_permission_filter {
	const char *peer; /* among those it is sent to, or accepted from */
	struct show_prefixes in;
};
void show_permissions(const struct mgmt *m, const struct show_permission_filter *only,
		      bool json, struct strbuf *out);
void show_tables(const struct mgmt *m, bool json, struct strbuf *out);
void show_tenants(const struct mgmt *m, bool json, struct strbuf *out);
/* What was committed, newest first, and whether it is on trial. */
void show_commits(const struct mgmt *m, bool json, struct strbuf *out);
/* What one commit changed. Returns false when it is not remembered. */
bool show_commit(const struct mgmt *m, uint64_t id, bool json, struct strbuf *out);
void show_zebra(const struct mgmt *m, bool json, struct strbuf *out);
void show_dataplane(const struct mgmt *m, bool json, struct strbuf *out);
/* What of the log is debug. */
void show_debugging(const struct mgmt *m, bool json, struct strbuf *out);
/* Where the log goes, and what of it is debug. */
void show_logging(const struct mgmt *m, bool json, struct strbuf *out);
/* What the allocator has, in octets. */
void show_memory(const struct mgmt *m, bool json, struct strbuf *out);
void show_version(const struct mgmt *m, bool json, struct strbuf *out);

#endif
