/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/show/format.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proto/wg/keys.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"

enum {
	COLUMNS = 80
};

uint64_t show_elapsed(uint64_t now_ns, uint64_t then_ns)
{
	return now_ns > then_ns ? now_ns - then_ns : 0;
}

const char *show_time(int64_t when, char buf[static SHOW_FIELD_LEN])
{
	time_t t = when;
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(buf, SHOW_FIELD_LEN, "%F %T", &tm))
		return "-";
	return buf;
}

/* Two units at most: what matters of three days is not the seconds. */
const char *show_duration(uint64_t ns, char buf[static SHOW_FIELD_LEN])
{
	uint64_t s = ns / NS_PER_S;

	if (s < 60)
		snprintf(buf, SHOW_FIELD_LEN, "%" PRIu64 "s", s);
	else if (s < 3600)
		snprintf(buf, SHOW_FIELD_LEN, "%" PRIu64 "m%02" PRIu64 "s", s / 60,
			 s % 60);
	else if (s < 86400)
		snprintf(buf, SHOW_FIELD_LEN, "%" PRIu64 "h%02" PRIu64 "m", s / 3600,
			 s % 3600 / 60);
	else
		snprintf(buf, SHOW_FIELD_LEN, "%" PRIu64 "d%02" PRIu64 "h", s / 86400,
			 s % 86400 / 3600);
	return buf;
}

const char *show_age(uint64_t now_ns, uint64_t then_ns, char buf[static SHOW_FIELD_LEN])
{
	if (!then_ns) {
		snprintf(buf, SHOW_FIELD_LEN, "never");
		return buf;
	}
	show_duration(show_elapsed(now_ns, then_ns), buf);
	strncat(buf, " ago", SHOW_FIELD_LEN - strlen(buf) - 1);
	return buf;
}

const char *show_bytes(uint64_t n, char buf[static SHOW_FIELD_LEN])
{
	static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)n;
	unsigned u = 0;

	while (value >= 1024 && u + 1 < ARRAY_SIZE(unit)) {
		value /= 1024;
		u++;
	}
	snprintf(buf, SHOW_FIELD_LEN, "%.*f %s",
		 !u || value >= 100 ? 0
		 : value < 10       ? 2
				    : 1,
		 value, unit[u]);
	return buf;
}

const char *show_endpoint(const struct ip_addr *a, uint16_t port,
			  char buf[static SHOW_FIELD_LEN])
{
	char text[IP_ENDPOINT_STRLEN];

	snprintf(buf, SHOW_FIELD_LEN, "%s",
		 a->family ? ip_endpoint_str(a, port, text) : "-");
	return buf;
}

const char *show_count(uint64_t n, const char *noun, char buf[static SHOW_FIELD_LEN])
{
	snprintf(buf, SHOW_FIELD_LEN, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
	return buf;
}

const char *show_count_as(uint64_t n, const char *one, const char *many,
			  char buf[static SHOW_FIELD_LEN])
{
	snprintf(buf, SHOW_FIELD_LEN, "%" PRIu64 " %s", n, n == 1 ? one : many);
	return buf;
}

void show_key(struct strbuf *out, const char *name, const uint8_t public_key[32],
	      bool set)
{
	char key[WG_KEY_STRLEN];

	strbuf_printf(out, "  %-16s%s (%s)\n", "Additional key",
		      set ? wg_key_str(public_key, key) : "-", name);
}

static void traffic_line(struct strbuf *out, const char *what, uint64_t bytes,
			 uint64_t packets)
{
	char b[SHOW_FIELD_LEN], p[SHOW_FIELD_LEN];

	strbuf_printf(out, "  %-16s%s in %s\n", what, show_bytes(bytes, b),
		      show_count(packets, "packet", p));
}

static void bytes_line(struct strbuf *out, const char *what, uint64_t bytes)
{
	char b[SHOW_FIELD_LEN];

	strbuf_printf(out, "  %-16s%s\n", what, show_bytes(bytes, b));
}

void show_traffic(struct strbuf *out, const struct show_traffic *t)
{
	if (t->packets_unknown) {
		bytes_line(out, "Received", t->rx_bytes);
		bytes_line(out, "Sent", t->tx_bytes);
		return;
	}
	traffic_line(out, "Received", t->rx_bytes, t->rx_packets);
	traffic_line(out, "Sent", t->tx_bytes, t->tx_packets);
}

void show_traffic_json(struct json *j, const struct show_traffic *t)
{
	json_num(j, "rx-bytes", t->rx_bytes);
	json_num(j, "tx-bytes", t->tx_bytes);
	if (t->packets_unknown) {
		json_null(j, "rx-packets");
		json_null(j, "tx-packets");
		return;
	}
	json_num(j, "rx-packets", t->rx_packets);
	json_num(j, "tx-packets", t->tx_packets);
}

void show_wrapped(struct strbuf *out, unsigned at, unsigned indent, const char *text)
{
	bool first = true;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (!first && at + 1 + len > COLUMNS) {
			strbuf_printf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			strbuf_puts(out, " ");
			at++;
		}
		strbuf_add(out, text, len);
		at += (unsigned)len;
		text += len;
		text += strspn(text, " ");
		first = false;
	}
	strbuf_puts(out, "\n");
}

void show_line(struct strbuf *out, unsigned at, const char *label, const char *fmt, ...)
{
	struct strbuf text = {0};
	va_list args;

	va_start(args, fmt);
	strbuf_vprintf(&text, fmt, args);
	va_end(args);
	strbuf_printf(out, "  %-*s", (int)at - 2, label);
	show_wrapped(out, at, at, strbuf_str(&text));
	strbuf_free(&text);
}

void show_row(struct strbuf *out, const unsigned *at, const char *const *cell, unsigned n)
{
	unsigned column = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned len = (unsigned)strlen(cell[i]), from = at[i];

		/* as far left as it takes, for the last of a line */
		if (from + len > COLUMNS)
			from = len < COLUMNS ? COLUMNS - len : 0;
		if (i && column >= from) {
			strbuf_puts(out, "\n");
			column = 0;
		}
		strbuf_printf(out, "%*s%s", (int)(from - column), "", cell[i]);
		column = from + len;
	}
	strbuf_puts(out, "\n");
}

bool show_in_prefixes(const struct show_prefixes *in, const struct prefix *p)
{
	return !in->given || (in->longer ? prefix_contains(&in->prefix, p)
					 : prefix_equal(&in->prefix, p));
}

bool show_is_full(const struct strbuf *out)
{
	return out->len > MGMT_REPLY_MAX;
}

/* ---- limits ---- */

void show_limit(struct strbuf *out, uint32_t max, uint8_t warning_percent,
		uint32_t hold_s)
{
	if (!max)
		return;
	strbuf_printf(out, "  %-16s%" PRIu32, "Prefix limit", max);
	if (warning_percent)
		strbuf_printf(out, ", warning at %u%%", warning_percent);
	if (hold_s)
		strbuf_printf(out, ", hold %" PRIu32 "s", hold_s);
	strbuf_puts(out, "\n");
}

static void num_or_null(struct json *j, const char *key, uint32_t n)
{
	if (n)
		json_num(j, key, n);
	else
		json_null(j, key);
}

void show_limit_json(struct json *j, uint32_t max, uint8_t warning_percent,
		     uint32_t hold_s)
{
	num_or_null(j, "max-prefix", max);
	num_or_null(j, "max-prefix-warning", warning_percent);
	num_or_null(j, "max-prefix-hold", hold_s);
}

void show_held(struct strbuf *out, uint32_t held_s)
{
	if (held_s)
		strbuf_printf(out,
			      "  %-16snone is accepted for another %" PRIu32
			      "s: there were more\n",
			      "Held", held_s);
}

void show_held_json(struct json *j, uint32_t held_s)
{
	num_or_null(j, "held-seconds", held_s);
}
