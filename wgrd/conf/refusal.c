/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/refusal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static void write_path(struct refusal *r, const struct refusal_at *at)
{
	size_t size = sizeof(r->path), len = 0;

	r->path[0] = '\0';
	if (!at->top)
		return;
	len += (size_t)snprintf(r->path, size, "%s", at->top);
	if (at->name && len < size)
		len += (size_t)snprintf(r->path + len, size - len, "[name='%s']",
					at->name);
	if (at->peer && len < size)
		len += (size_t)snprintf(r->path + len, size - len, "/peer[name='%s']",
					at->peer);
	if (at->leaf && len < size)
		snprintf(r->path + len, size - len, "/%s", at->leaf);
}

static size_t write_object(char *buf, size_t size, const struct refusal_at *at)
{
	int len;

	if (!at->top)
		len = snprintf(buf, size, "%s", "");
	else if (at->peer)
		len = snprintf(buf, size, "%s %s, peer %s: ", at->top, at->name,
			       at->peer);
	else if (at->name)
		len = snprintf(buf, size, "%s %s: ", at->top, at->name);
	else
		len = snprintf(buf, size, "%s: ", at->top);
	return (size_t)len < size ? (size_t)len : size - 1;
}

void refusal_set_node(struct refusal *r, const struct refusal_at *at)
{
	write_path(r, at);
	snprintf(r->value, sizeof(r->value), "%s", at->value ?: "");
}

int refuse(struct refusal *r, const struct refusal_at *at, const char *fmt, ...)
{
	size_t len = write_object(r->why, sizeof(r->why), at);
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->why + len, sizeof(r->why) - len, fmt, args);
	va_end(args);
	refusal_set_node(r, at);
	return -EINVAL;
}

int refuse_no_memory(struct refusal *r)
{
	refuse(r, &(struct refusal_at){0}, "out of memory");
	return -ENOMEM;
}
