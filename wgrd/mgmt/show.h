/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_SHOW_H
#define WGRD_MGMT_SHOW_H

/*
 * What show prints. Each function formats what the view functions of the other folders
 * return, as text for 80 columns or as JSON, and changes nothing. Main thread only.
 *
 * JSON keys are spelt as in the YANG model. A key that is documented in README.md keeps
 * its name and its type; what has no value is null.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/strbuf.h"

struct json;
struct mgmt;

void show_wireguard(const struct mgmt *m, bool json, struct strbuf *out);
void show_peers(const struct mgmt *m, bool json, struct strbuf *out);
/* Every peer of this name, on whichever interface. Returns false when there is none. */
bool show_peer(const struct mgmt *m, const char *name, bool json, struct strbuf *out);
void show_routes(const struct mgmt *m, bool json, struct strbuf *out);
void show_permissions(const struct mgmt *m, bool json, struct strbuf *out);
void show_tenants(const struct mgmt *m, bool json, struct strbuf *out);
void show_zebra(const struct mgmt *m, bool json, struct strbuf *out);
void show_dataplane(const struct mgmt *m, bool json, struct strbuf *out);
void show_version(const struct mgmt *m, bool json, struct strbuf *out);

/* ---- pieces the functions above are made of ---- */

enum {
	SHOW_FIELD_LEN = 64,
};

struct show_traffic {
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
};
void show_traffic(struct strbuf *out, const struct show_traffic *t);
void show_traffic_json(struct json *j, const struct show_traffic *t);

/* 0 when @then_ns is later: other threads read the clock more often than the loop. */
uint64_t show_elapsed(uint64_t now_ns, uint64_t then_ns);

/* Each returns @buf. */
const char *show_age(uint64_t now_ns, uint64_t then_ns,
		     char buf[static SHOW_FIELD_LEN]); /* "12s ago"; then_ns 0: "never" */
const char *show_duration(uint64_t ns, char buf[static SHOW_FIELD_LEN]); /* "3m20s" */
const char *show_bytes(uint64_t n, char buf[static SHOW_FIELD_LEN]);     /* "1.20 MiB" */
/* "192.0.2.1:51820", "[2001:db8::1]:51820", or "-" */
const char *show_endpoint(const struct ip_addr *a, uint16_t port,
			  char buf[static SHOW_FIELD_LEN]);
/* "1 peer", "2 peers" */
const char *show_count(uint64_t n, const char *noun, char buf[static SHOW_FIELD_LEN]);
/*
 * A row of a table: cell i begins at column @at[i], rising from 0. One that its column, or
 * the rest of the line, is too narrow for stands whole, and what follows it goes on in a line
 * below, so that a name can always be copied. Ends with a newline.
 */
void show_row(struct strbuf *out, const unsigned *at, const char *const *cell,
	      unsigned n);
/* Breaks @text at blanks so that no line passes 80 columns; the first line begins at
 * column @at already, the others are indented by @indent. Ends with a newline. */
void show_wrapped(struct strbuf *out, unsigned at, unsigned indent, const char *text);
/* Has the reply grown past what will be sent? Long walks ask, and stop. */
bool show_is_full(const struct strbuf *out);

#endif
