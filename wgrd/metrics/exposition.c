/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/metrics/exposition.h"

#include <inttypes.h>
#include <string.h>

static const struct {
	const char *word, *old_word, *suffix;
} types[] = {
	[EXPOSITION_GAUGE] = {"gauge", "gauge", ""},
	[EXPOSITION_COUNTER] = {"counter", "counter", "_total"},
	[EXPOSITION_INFO] = {"info", "gauge", "_info"},
};

/* The older format has no families but for histograms: the sample's own name is told. */
static const char *suffix_in_head(const struct exposition *x)
{
	return x->openmetrics ? "" : types[x->family->type].suffix;
}

void exposition_begin(struct exposition *x, const struct exposition_family *f)
{
	const char *suffix;

	x->family = f;
	suffix = suffix_in_head(x);
	strbuf_printf(x->out, "# TYPE %s%s %s\n", f->name, suffix,
		      x->openmetrics ? types[f->type].word : types[f->type].old_word);
	if (f->unit && x->openmetrics)
		strbuf_printf(x->out, "# UNIT %s %s\n", f->name, f->unit);
	strbuf_printf(x->out, "# HELP %s%s %s\n", f->name, suffix, f->help);
}

/* In a label's value a backslash, a quote and a line's end are written with a backslash. */
static void put_value(struct strbuf *out, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, "\\\"\n");

		strbuf_add(out, s, len);
		s += len;
		if (!*s)
			break;
		strbuf_puts(out, *s == '\n' ? "\\n" : *s == '"' ? "\\\"" : "\\\\");
		s++;
	}
}

void exposition_sample(struct exposition *x, const struct exposition_label *labels,
		       uint64_t value)
{
	const char *before = "{";

	strbuf_printf(x->out, "%s%s", x->family->name, types[x->family->type].suffix);
	for (; labels && labels->name; labels++) {
		strbuf_printf(x->out, "%s%s=\"", before, labels->name);
		put_value(x->out, labels->value);
		strbuf_puts(x->out, "\"");
		before = ",";
	}
	strbuf_printf(x->out, "%s %" PRIu64 "\n", *before == ',' ? "}" : "", value);
}

const char *exposition_content_type(bool openmetrics)
{
	return openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			   : "text/plain; version=0.0.4; charset=utf-8";
}

void exposition_end(struct exposition *x)
{
	if (x->openmetrics)
		strbuf_puts(x->out, "# EOF\n");
}
