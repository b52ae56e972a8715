/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_SHOW_FORMAT_H
#define WGRD_SHOW_FORMAT_H

/* The pieces that what show prints is made of: fields, lines and rows of a table for 80
 * columns, and members of JSON that more than one has. Main thread only. */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/addr.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct json;
struct prefix;
struct show_prefixes;
struct tenant_route_view;
struct wg_nexthop;

enum {
	SHOW_FIELD_LEN = 64,
};

struct show_traffic {
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	bool packets_unknown;
};
void show_traffic(struct strbuf *out, const struct show_traffic *t);
void show_traffic_json(struct json *j, const struct show_traffic *t);

/* A line with the limit, when it warns and how long it holds; nothing without a limit. */
void show_limit(struct strbuf *out, uint32_t max, uint8_t warning_percent,
		uint32_t hold_s);
void show_limit_json(struct json *j, uint32_t max, uint8_t warning_percent,
		     uint32_t hold_s);
/* A line if @held_s is not 0. */
void show_held(struct strbuf *out, uint32_t held_s);
void show_held_json(struct json *j, uint32_t held_s);

/* 0 when @then_ns is later: other threads read the clock more often than the loop. */
uint64_t show_elapsed(uint64_t now_ns, uint64_t then_ns);

/* Each returns @buf. */
/* UNIX time, here: "2026-11-26 21:35:09" */
const char *show_time(int64_t when, char buf[static SHOW_FIELD_LEN]);
const char *show_age(uint64_t now_ns, uint64_t then_ns,
		     char buf[static SHOW_FIELD_LEN]); /* "12s ago"; then_ns 0: "never" */
const char *show_duration(uint64_t ns, char buf[static SHOW_FIELD_LEN]); /* "3m20s" */
const char *show_bytes(uint64_t n, char buf[static SHOW_FIELD_LEN]);     /* "1.20 MiB" */
/* "192.0.2.1:51820", "[2001:db8::1]:51820", or "-" */
const char *show_endpoint(const struct ip_addr *a, uint16_t port,
			  char buf[static SHOW_FIELD_LEN]);
/* How far a route is, in one word: "refused", "installed". */
const char *show_route_progress(const struct tenant_route_view *v);
/* The members of the JSON object of a route. */
void show_route_members(struct json *j, const struct tenant_route_view *v,
			uint64_t now_ns);
/* The members of the JSON object of a group's member. */
void show_member(struct json *j, const struct wg_nexthop *nh);
/* A line about an additional key. */
void show_key(struct strbuf *out, const char *name, const uint8_t public_key[32],
	      bool set);
/* "1 peer", "2 peers" */
const char *show_count(uint64_t n, const char *noun, char buf[static SHOW_FIELD_LEN]);
const char *show_count_as(uint64_t n, const char *one, const char *many,
			  char buf[static SHOW_FIELD_LEN]);
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
bool show_in_prefixes(const struct show_prefixes *in, const struct prefix *p);
/* "  LABEL   text", wrapped: the text begins at column @at, here and in the lines below. */
void show_line(struct strbuf *out, unsigned at, const char *label, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* Has the reply grown past what will be sent? Long walks ask, and stop. */
bool show_is_full(const struct strbuf *out);

#endif
