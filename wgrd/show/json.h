/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_SHOW_JSON_H
#define WGRD_SHOW_JSON_H

/*
 * Writes JSON (RFC 8259), indented by two, one member a line. The writer keeps track of
 * commas and depth; that keys are given in objects and not in arrays is the caller's
 * business (@key NULL in arrays and at the top). Single owner, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/strbuf.h"

struct json {
	struct strbuf *out;
	unsigned depth;
	bool begun; /* the innermost object or array has a member */
};

void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);
void json_str(struct json *j, const char *key, const char *value); /* NULL: null */
void json_num(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
/* Ends the text with a newline. */
void json_end(struct json *j);

#endif
