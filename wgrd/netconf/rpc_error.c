/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/datastore.h"
#include "wgrd/netconf/rpc.h"

#define NS_WGRD "urn:wgrd:yang:wgrd"

/* wireguard[name='wg0']/mtu becomes /w:wgrd/w:wireguard[w:name='wg0']/w:mtu. */
static void put_path(struct strbuf *out, const char *path)
{
	bool quoted = false, begins = true;
	char c[2] = "";

	strbuf_puts(out, "<error-path xmlns:w=\"" NS_WGRD "\">/w:wgrd");
	if (*path)
		strbuf_puts(out, "/");
	for (; *path; path++) {
		if (begins && !quoted)
			strbuf_puts(out, "w:");
		quoted ^= *path == '\'';
		begins = *path == '/' || *path == '[';
		c[0] = *path;
		xml_escape(out, c);
	}
	strbuf_puts(out, "</error-path>");
}

static void put_info(struct strbuf *out, const struct rpc_error *e)
{
	if (!e->bad_attribute && !e->bad_element && !e->bad_namespace && !e->session_id)
		return;
	strbuf_puts(out, "<error-info>");
	if (e->session_id)
		strbuf_printf(out, "<session-id>%u</session-id>", *e->session_id);
	xml_put(out, "bad-attribute", e->bad_attribute);
	xml_put(out, "bad-element", e->bad_element);
	xml_put(out, "bad-namespace", e->bad_namespace);
	strbuf_puts(out, "</error-info>");
}

static void put_message(struct strbuf *out, const char *message)
{
	if (!message)
		return;
	strbuf_puts(out, "<error-message xml:lang=\"en\">");
	xml_escape(out, message);
	strbuf_puts(out, "</error-message>");
}

/* RFC 8341 section 3.5: requests, not what is in them. */
static void count_denied(struct rpc *r, const struct rpc_error *e)
{
	if (r->denied || strcmp(e->tag, "access-denied") != 0)
		return;
	r->denied = true;
	if (e->type)
		r->n->denied_operations++;
	else
		r->n->denied_writes++;
}

void rpc_fail(struct rpc *r, const struct rpc_error *e)
{
	struct strbuf *out = &r->errors;

	count_denied(r, e);
	if (++r->error_count > RPC_ERRORS_MAX)
		return;
	strbuf_puts(out, "<rpc-error xmlns=\"" NS_BASE "\">");
	xml_put(out, "error-type", e->type ?: "application");
	xml_put(out, "error-tag", e->tag);
	xml_put(out, "error-severity", "error");
	xml_put(out, "error-app-tag", e->app_tag);
	if (e->path)
		put_path(out, e->path);
	put_message(out, e->message);
	put_info(out, e);
	strbuf_puts(out, "</rpc-error>");
}

void rpc_fail_simply(struct rpc *r, const char *tag, const char *fmt, ...)
{
	char message[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	rpc_fail(r, &(struct rpc_error){.tag = tag, .message = message});
}

void rpc_fail_refused(struct rpc *r, const char *why)
{
	const char *path = datastore_refused(r->n->deps.datastore).path;

	rpc_fail(r, &(struct rpc_error){.tag = "operation-failed",
					.path = *path ? path : NULL,
					.message = why});
}

void rpc_fail_element(struct rpc *r, const char *type, const char *path,
		      const struct xml_node *node)
{
	char message[160];

	snprintf(message, sizeof(message), "%.60s is not known here", node->name);
	rpc_fail(r, &(struct rpc_error){.type = type,
					.tag = "unknown-element",
					.path = path,
					.message = message,
					.bad_element = node->name});
}

void rpc_fail_missing(struct rpc *r, const char *path, const char *name)
{
	char message[160];

	snprintf(message, sizeof(message), "%.60s is missing", name);
	rpc_fail(r, &(struct rpc_error){.type = path ? NULL : "protocol",
					.tag = "missing-element",
					.path = path,
					.message = message,
					.bad_element = name});
}
