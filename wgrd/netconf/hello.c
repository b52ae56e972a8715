/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/hello.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/netconf/netconf_priv.h"
#include "wgrd/netconf/xml/xml.h"

#define BASE_1_0 "urn:ietf:params:netconf:base:1.0"
#define BASE_1_1 "urn:ietf:params:netconf:base:1.1"
#define CAP      "urn:ietf:params:netconf:capability:"

static const char *const capabilities[] = {
	BASE_1_0,
	BASE_1_1,
	CAP "writable-running:1.0",
	CAP "candidate:1.0",
	CAP "confirmed-commit:1.0",
	CAP "confirmed-commit:1.1",
	CAP "rollback-on-error:1.0",
	CAP "validate:1.0",
	CAP "validate:1.1",
	CAP "xpath:1.0",
	CAP "notification:1.0",
	CAP "interleave:1.0",
	CAP
	"with-defaults:1.0?basic-mode=explicit&also-supported=report-all,report-all-tagged,trim",
};

/*
 * Modules of YANG 1 are told here (RFC 6020 section 5.6.4); those of 1.1 by yang-library. Ours
 * are told all the same, for clients that do not know it yet. That there is NETCONF needs no
 * telling: yangcli would know each operation twice. The module "yang" is libyang's.
 */
static bool is_told(const struct lys_module *m)
{
	if (!m->implemented || !strcmp(m->ns, NS_BASE) || !strcmp(m->name, "yang"))
		return false;
	return m->parsed->version < LYS_VERSION_1_1 || !strncmp(m->name, "wgrd", 4);
}

static void add_features(const struct lys_module *m, struct strbuf *uri)
{
	const struct lysp_feature *f = NULL;
	const char *before = "&features=";
	uint32_t index = 0;

	while ((f = lysp_feature_next(f, m->parsed, &index))) {
		if (!(f->flags & LYS_FENABLED))
			continue;
		strbuf_printf(uri, "%s%s", before, f->name);
		before = ",";
	}
}

static void add_module(const struct lys_module *m, struct strbuf *uri)
{
	strbuf_printf(uri, "%s?module=%s", m->ns, m->name);
	if (m->revision)
		strbuf_printf(uri, "&revision=%s", m->revision);
	add_features(m, uri);
}

static void walk_modules(const struct ly_ctx *ctx, bool (*fn)(const char *, void *),
			 void *arg)
{
	const struct lys_module *m;
	struct strbuf uri = {0};
	uint32_t index = 0;
	bool more = true;

	while (more && (m = ly_ctx_get_module_iter(ctx, &index))) {
		if (!is_told(m))
			continue;
		strbuf_truncate(&uri, 0);
		add_module(m, &uri);
		more = fn(uri.s, arg);
	}
	strbuf_free(&uri);
}

void hello_walk_capabilities(const struct netconf *n,
			     bool (*fn)(const char *uri, void *arg), void *arg)
{
	const struct ly_ctx *ctx = netconf_ctx(n);
	char uri[160];

	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (!fn(capabilities[i], arg))
			return;
	if (n->deps.config_path && !fn(CAP "startup:1.0", arg))
		return;
	snprintf(uri, sizeof(uri),
		 CAP "yang-library:1.1?revision=2019-01-04&content-id=%u",
		 (unsigned)ly_ctx_get_change_count(ctx));
	if (fn(uri, arg))
		walk_modules(ctx, fn, arg);
}

static bool add_capability(const char *uri, void *arg)
{
	xml_put(arg, "capability", uri);
	return true;
}

void hello_write(const struct netconf *n, uint32_t session_id, struct strbuf *out)
{
	strbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			 "<hello xmlns=\"" NS_BASE "\"><capabilities>");
	hello_walk_capabilities(n, add_capability, out);
	strbuf_printf(out, "</capabilities><session-id>%u</session-id></hello>",
		      session_id);
}

/* ---- the client's ---- */

/* Is it @uri, blanks around it and parameters behind it aside? */
static bool says(const struct xml_node *capability, const char *uri)
{
	const char *text = capability->text + strspn(capability->text, " \t\r\n");
	size_t len = strcspn(text, "? \t\r\n");

	return len == strlen(uri) && !memcmp(text, uri, len);
}

static int refuse_hello(char *why, size_t why_len, const char *reason)
{
	snprintf(why, why_len, "its hello %s", reason);
	return -EINVAL;
}

static int read_tree(const struct xml_node *hello, bool *chunked, char *why,
		     size_t why_len)
{
	const struct xml_node *list = xml_child(hello, NS_BASE, "capabilities");
	bool old = false;

	if (strcmp(hello->name, "hello") != 0 || strcmp(hello->ns, NS_BASE) != 0)
		return refuse_hello(why, why_len, "is another element");
	if (xml_child(hello, NS_BASE, "session-id"))
		return refuse_hello(why, why_len,
				    "has a session-id, which is the server's");
	if (!list)
		return refuse_hello(why, why_len, "has no capabilities");
	for (const struct xml_node *c = list->first; c; c = c->next) {
		*chunked = *chunked || says(c, BASE_1_1);
		old = old || says(c, BASE_1_0);
	}
	if (!*chunked && !old)
		return refuse_hello(why, why_len, "has no version of the protocol in it");
	return 0;
}

int hello_read(const struct strbuf *message, bool *chunked, char *why, size_t why_len)
{
	struct xml_doc doc;
	char reason[120];
	int err = xml_parse(&doc, strbuf_str(message), message->len, reason,
			    sizeof(reason));

	*chunked = false;
	if (err)
		snprintf(why, why_len, "its hello is not XML: %.100s", reason);
	else
		err = read_tree(doc.root, chunked, why, why_len);
	xml_free(&doc);
	return err;
}
