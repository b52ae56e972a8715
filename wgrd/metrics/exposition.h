/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_METRICS_EXPOSITION_H
#define WGRD_METRICS_EXPOSITION_H

/*
 * Writes metrics as text: OpenMetrics 1.0.0, or the older format of Prometheus, 0.0.4,
 * which has no units and ends without a mark. A family is begun, then given its samples,
 * then the next is begun. Single owner, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/strbuf.h"

enum exposition_type {
	EXPOSITION_GAUGE,
	EXPOSITION_COUNTER, /* its samples end in _total */
	EXPOSITION_INFO,    /* its one sample is 1, and ends in _info */
};

struct exposition_family {
	const char *name; /* without the suffix of its type, with that of its unit */
	enum exposition_type type;
	const char *unit; /* a base unit, "bytes"; NULL: none */
	const char *help;
};

/* Embedded; @out and @openmetrics are set by the caller. */
struct exposition {
	struct strbuf *out;
	bool openmetrics;
	const struct exposition_family *family;
};

struct exposition_label {
	const char *name, *value; /* @name NULL ends the list */
};

void exposition_begin(struct exposition *x, const struct exposition_family *f);
void exposition_sample(struct exposition *x, const struct exposition_label *labels,
		       uint64_t value);
/* The content type of what is written. */
const char *exposition_content_type(bool openmetrics);
void exposition_end(struct exposition *x);

#endif
