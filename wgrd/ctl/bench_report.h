/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_REPORT_H
#define WGRD_CTL_BENCH_REPORT_H

/*
 * What `wgrctl bench` says: a table whose lines can be printed as they come, for 80
 * columns, or one JSON object with the same facts. Pure but for the string. Any thread.
 */

#include <stddef.h>

#include "wgrd/ctl/bench_probe.h"
#include "wgrd/ctl/bench_wire.h"
#include "wgrd/lib/strbuf.h"

struct bench_row {
	struct bench_run run;
	struct bench_tally sent, received; /* zeros when idle */
	struct bench_latency latency;
	int err; /* negative errno: could not be measured; the rest is zeros */
};

struct bench_report {
	const char *server; /* "10.0.0.1 port 5000" */
	bool reverse;
	unsigned ms;
	unsigned mtu; /* of the path, as far as both ends know */
	const struct bench_row *row;
	size_t count;
};

void bench_report_head(struct strbuf *out, const struct bench_report *r);
void bench_report_row(struct strbuf *out, const struct bench_row *row);
/* All of it. */
void bench_report_json(struct strbuf *out, const struct bench_report *r);

#endif
