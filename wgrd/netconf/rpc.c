/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/rpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/op.h"
#include "wgrd/netconf/report.h"

/* ---- parameters ---- */

const struct xml_node *rpc_param(const struct rpc *r, const char *name)
{
	return xml_child(r->op, r->op->ns, name);
}

const struct xml_node *rpc_config(const struct xml_node *parent)
{
	return xml_child(parent, NS_BASE, "config") ?: xml_child(parent, "", "config");
}

const char *rpc_trim(const struct xml_node *node, char *buf, size_t size)
{
	static const char blanks[] = " \t\r\n";
	const char *text = node->text + strspn(node->text, blanks);
	size_t len = strlen(text);

	while (len && strchr(blanks, text[len - 1]))
		len--;
	snprintf(buf, size, "%.*s", (int)(len < size ? len : size - 1), text);
	return buf;
}

const char *rpc_word(const struct rpc *r, const char *name, char *buf, size_t size)
{
	const struct xml_node *node = rpc_param(r, name);

	return node ? rpc_trim(node, buf, size) : NULL;
}

static bool is_named_in(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += len)
		if ((at == list || at[-1] == ' ' || at[-1] == '!') &&
		    (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

/* with-defaults has a namespace of its own; for <config> see rpc_config(). */
static bool is_own(const struct rpc *r, const struct xml_node *param)
{
	return !strcmp(param->ns, r->op->ns) ||
	       (!strcmp(param->name, "with-defaults") &&
		!strcmp(param->ns, NS_WITH_DEFAULTS)) ||
	       (!strcmp(param->name, "config") && !*param->ns);
}

/* "a !b": a may be there, and b must. */
static bool check_known(struct rpc *r, const char *params)
{
	for (const struct xml_node *c = r->op->first; c; c = c->next) {
		if (is_own(r, c) && is_named_in(params, c->name))
			continue;
		rpc_fail_element(r, "protocol", NULL, c);
		return false;
	}
	return true;
}

static bool check_needed(struct rpc *r, const char *params)
{
	char name[32];

	for (const char *at = params; (at = strchr(at, '!')); at++) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, " "), at + 1);
		if (rpc_param(r, name))
			continue;
		rpc_fail_missing(r, NULL, name);
		return false;
	}
	return true;
}

/* ---- the request ---- */

static void run(struct rpc *r)
{
	const struct op *op = op_find(r->op);

	if (!op) {
		rpc_fail(r, &(struct rpc_error){
				    .type = "protocol",
				    .tag = "operation-not-supported",
				    .message = "this server has no such operation",
				    .bad_element = r->op->name});
	} else if (!nacm_may_run(r->s->nacm, op->ns, op->name)) {
		rpc_fail(r, &(struct rpc_error){.type = "protocol",
						.tag = "access-denied",
						.message = "this user may not do that"});
	} else if (check_known(r, op->params) && check_needed(r, op->params)) {
		op->run(r);
	}
}

/* RFC 6241 section 4.1: a message-id, and one operation. */
static void check(struct rpc *r, const struct xml_node *root)
{
	r->op = root->first;
	if (!xml_attr_find(root, "", "message-id"))
		rpc_fail(r, &(struct rpc_error){.type = "rpc",
						.tag = "missing-attribute",
						.message = "a request has a message-id",
						.bad_attribute = "message-id",
						.bad_element = "rpc"});
	else if (!r->op)
		rpc_fail(r,
			 &(struct rpc_error){.type = "rpc",
					     .tag = "missing-element",
					     .message = "there is no operation in it"});
	else if (r->op->next)
		rpc_fail_element(r, "rpc", NULL, r->op->next);
	else
		run(r);
}

/* ---- the reply ---- */

/* RFC 6241 section 4.2: all attributes of the request come back, in the same spelling. */
static size_t begin_reply(const struct xml_node *root, struct strbuf *reply, char *tag,
			  size_t tag_size)
{
	int prefix = (int)(root->name - root->qname);

	snprintf(tag, tag_size, "%.*srpc-reply", prefix < 64 ? prefix : 0, root->qname);
	strbuf_printf(reply, "<%s", tag);
	for (const struct xml_attr *a = root->attr; a; a = a->next) {
		strbuf_printf(reply, " %s=\"", a->qname);
		xml_escape_attr(reply, a->value);
		strbuf_puts(reply, "\"");
	}
	strbuf_puts(reply, ">");
	return reply->len;
}

static void refuse_reply_size(struct rpc *r, size_t begin)
{
	strbuf_truncate(r->data, begin);
	rpc_fail_simply(r, "too-big",
			"the answer is too long to be sent; ask for less of it");
}

static bool is_too_long(const struct rpc *r)
{
	return r->data->len > NETCONF_REPLY_MAX ||
	       r->n->unread + r->data->len > NETCONF_UNREAD_MAX;
}

/* The session goes on with it. */
static void leave_rest(struct rpc *r, const char *tag)
{
	snprintf(r->rest->tag, sizeof(r->rest->tag), "%s", tag);
	r->s->rest = r->rest;
	strbuf_free(&r->errors);
}

int rpc_answer_on(struct netconf_session *s, struct strbuf *reply)
{
	int more = s->rest->next(s->rest, reply);

	if (more)
		return more;
	strbuf_printf(reply, "</%s>", s->rest->tag);
	rpc_rest_free(s);
	return 0;
}

void rpc_rest_free(struct netconf_session *s)
{
	if (s->rest)
		s->rest->free(s->rest);
	s->rest = NULL;
}

static void end_reply(struct rpc *r, size_t begin, const char *tag)
{
	if (r->rest && r->error_count) {
		r->rest->free(r->rest);
		r->rest = NULL;
	}
	if (r->rest) {
		leave_rest(r, tag);
		return;
	}
	if (is_too_long(r))
		refuse_reply_size(r, begin);
	if (r->error_count) {
		strbuf_truncate(r->data, begin);
		strbuf_puts(r->data, strbuf_str(&r->errors));
		r->n->errors++;
		r->s->errors++;
	} else if (r->data->len == begin) {
		strbuf_puts(r->data, "<ok xmlns=\"" NS_BASE "\"/>");
	}
	strbuf_printf(r->data, "</%s>", tag);
	strbuf_free(&r->errors);
}

static void answer(struct rpc *r, const struct xml_node *root)
{
	char tag[80];
	size_t begin = begin_reply(root, r->data, tag, sizeof(tag));

	r->n->rpcs++;
	r->s->rpcs++;
	check(r, root);
	end_reply(r, begin, tag);
}

/* What is no request at all. There is no telling which one it was. */
static void answer_malformed(struct rpc *r, int err, const char *why)
{
	r->n->bad_rpcs++;
	r->s->bad_rpcs++;
	strbuf_puts(r->data, "<rpc-reply xmlns=\"" NS_BASE "\">");
	rpc_fail(r,
		 &(struct rpc_error){.type = "rpc",
				     .tag = err == -E2BIG           ? "too-big"
					    : r->s->framing.chunked ? "malformed-message"
								    : "operation-failed",
				     .message = why});
	end_reply(r, r->data->len, "rpc-reply");
}

bool rpc_answer(struct netconf_session *s, const struct strbuf *message,
		struct strbuf *reply)
{
	struct xml_doc doc;
	struct rpc r = {.n = s->n, .s = s, .doc = &doc, .data = reply};
	char why[200];
	int err = xml_parse(&doc, strbuf_str(message), message->len, why, sizeof(why));

	s->n->current = s;
	if (err)
		answer_malformed(&r, err, why);
	else if (strcmp(doc.root->name, "rpc") != 0 || strcmp(doc.root->ns, NS_BASE) != 0)
		answer_malformed(&r, -EINVAL, "this is no rpc of NETCONF");
	else
		answer(&r, doc.root);
	xml_free(&doc);
	report_request_end(s->n);
	s->n->current = NULL;
	return !r.last;
}
