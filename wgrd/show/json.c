/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/show/json.h"

#include <assert.h>
#include <inttypes.h>

static void new_line(struct json *j)
{
	strbuf_printf(j->out, "\n%*s", (int)(2 * j->depth), "");
}

static void begin_value(struct json *j, const char *key)
{
	if (j->begun)
		strbuf_puts(j->out, ",");
	if (j->depth)
		new_line(j);
	if (key) {
		strbuf_json_str(j->out, key);
		strbuf_puts(j->out, ": ");
	}
	j->begun = true;
}

static void open_group(struct json *j, const char *key, const char *bracket)
{
	begin_value(j, key);
	strbuf_puts(j->out, bracket);
	j->depth++;
	j->begun = false;
}

static void close_group(struct json *j, const char *bracket)
{
	assert(j->depth);
	j->depth--;
	if (j->begun)
		new_line(j);
	strbuf_puts(j->out, bracket);
	j->begun = true;
}

void json_object(struct json *j, const char *key)
{
	open_group(j, key, "{");
}

void json_object_end(struct json *j)
{
	close_group(j, "}");
}

void json_array(struct json *j, const char *key)
{
	open_group(j, key, "[");
}

void json_array_end(struct json *j)
{
	close_group(j, "]");
}

void json_str(struct json *j, const char *key, const char *value)
{
	if (!value) {
		json_null(j, key);
		return;
	}
	begin_value(j, key);
	strbuf_json_str(j->out, value);
}

void json_num(struct json *j, const char *key, uint64_t value)
{
	begin_value(j, key);
	strbuf_printf(j->out, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	strbuf_puts(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	begin_value(j, key);
	strbuf_puts(j->out, "null");
}

void json_end(struct json *j)
{
	assert(!j->depth);
	strbuf_puts(j->out, "\n");
}
