/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/refusal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Text into a buffer that ends where it is full. */
struct text {
	char *buf;
	size_t size, len;
};

static void add(struct text *t, const char *fmt, const char *what)
	__attribute__((format(printf, 2, 0)));

static void add(struct text *t, const char *fmt, const char *what)
{
	if (what && t->len < t->size)
		t->len += (size_t)snprintf(t->buf + t->len, t->size - t->len, fmt, what);
}

static bool is_of_list(const struct refusal_at *at)
{
	return strcmp(at->top, "prefix-list") == 0;
}

static void write_path(struct refusal *r, const struct refusal_at *at)
{
	struct text t = {r->path, sizeof(r->path), 0};

	r->path[0] = '\0';
	if (!at->top)
		return;
	add(&t, "%s", at->top);
	add(&t, "[name='%s']", at->name);
	add(&t, "/peer[name='%s']", at->peer);
	add(&t, is_of_list(at) ? "/seq[number='%s']" : "/additional-key[name='%s']",
	    at->key);
	add(&t, "/%s", at->leaf);
}

static size_t write_object(char *buf, size_t size, const struct refusal_at *at)
{
	struct text t = {buf, size, 0};

	buf[0] = '\0';
	if (!at->top)
		return 0;
	add(&t, "%s", at->top);
	add(&t, " %s", at->name);
	add(&t, ", peer %s", at->peer);
	add(&t, is_of_list(at) ? " seq %s" : ", additional-key %s", at->key);
	add(&t, "%s", ": ");
	return t.len < size ? t.len : size - 1;
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
