/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_RPC_H
#define WGRD_NETCONF_RPC_H

/*
 * A request and its reply (RFC 6241 section 4): finds the operation, sees that its
 * parameters can be and that the user may, and writes down what went wrong in the words of
 * appendix A. Main thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/netconf/netconf_priv.h"
#include "wgrd/netconf/session.h"
#include "wgrd/netconf/xml/xml.h"

/*
 * What of a reply is yet to be made, when it is too much for one turn of the loop. Embedded by
 * the operation that has begun it, and allocated; from then on the session's.
 */
struct rpc_rest {
	/* Appends some more of it. 1: there is yet more; 0: that was all; or a negative errno:
	 * it cannot be told, and as half a reply is none the session has to end. */
	int (*next)(struct rpc_rest *rest, struct strbuf *out);
	void (*free)(struct rpc_rest *rest);
	char tag[80]; /* rpc.c's: of the reply that it is in */
};

struct rpc {
	struct netconf *n;
	struct netconf_session *s;
	struct xml_doc *doc; /* the request; who takes it leaves {0} */
	const struct xml_node *op;
	/* The reply's content; when it stays empty and nothing failed, that is <ok/>. */
	struct strbuf *data;
	struct strbuf errors; /* <rpc-error>s */
	unsigned error_count;
	bool denied; /* something, which is counted once */
	bool last;   /* the session ends with this reply */
	/* What follows in it; NULL: it is complete. Nothing can fail from then on. */
	struct rpc_rest *rest;
};

enum {
	RPC_ERRORS_MAX = 32, /* of one request; what goes beyond is not told */
};

/* What does not apply is NULL, or 0. */
struct rpc_error {
	const char *type; /* "transport", "rpc", "protocol"; NULL: "application" */
	const char *tag;  /* of RFC 6241 appendix A */
	const char *app_tag;
	const char *path; /* as datastore_set() has it */
	const char *message;
	const char *bad_attribute, *bad_element, *bad_namespace;
	const uint32_t *session_id; /* of who has the lock; 0: no NETCONF session */
};
void rpc_fail(struct rpc *r, const struct rpc_error *e);
/* "too-big", "in-use" and the like, with a sentence. */
void rpc_fail_simply(struct rpc *r, const char *tag, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* The datastore refused: @why, and the node that datastore_refused() names. */
void rpc_fail_refused(struct rpc *r, const char *why);
/* An element that is not known, where it stands. */
void rpc_fail_element(struct rpc *r, const char *type, const char *path,
		      const struct xml_node *node);
void rpc_fail_missing(struct rpc *r, const char *path, const char *name);

/* The request's child of this name in its own namespace; NULL: none. */
const struct xml_node *rpc_param(const struct rpc *r, const char *name);
/*
 * <config> in @parent, which may be NULL. It may have no namespace: clients pass on what their
 * users write, and Ansible's write that.
 */
const struct xml_node *rpc_config(const struct xml_node *parent);
/* Its text without the blanks around it, in @buf; NULL: it is not there. */
const char *rpc_word(const struct rpc *r, const char *name, char *buf, size_t size);
/* The text of an element without the blanks around it. */
const char *rpc_trim(const struct xml_node *node, char *buf, size_t size);

/*
 * Answers @message into @reply, without its frame. False: the session ends when the reply
 * has been taken. With s->rest it is only the first part.
 */
bool rpc_answer(struct netconf_session *s, const struct strbuf *message,
		struct strbuf *reply) MUST_USE;
/* Appends another part of what s->rest is of. 1: there are more; 0: it was the last one, and
 * s->rest is NULL; or a negative errno: the session has to end. */
int rpc_answer_on(struct netconf_session *s, struct strbuf *reply) MUST_USE;
/* Forgets what is left. */
void rpc_rest_free(struct netconf_session *s);

#endif
