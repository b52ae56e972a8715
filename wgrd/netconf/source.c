/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/source.h"

#include <errno.h>
#include <stdio.h>

#include "wgrd/cli/cli.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/mgmt/mgmt.h"
#include "wgrd/netconf/print.h"

enum {
	WHY_LEN = 512
};

/* The file is read by a datastore of its own, as at the daemon's start. */
static int load_startup(const struct netconf *n, struct datastore **out, char *why,
			size_t why_len)
{
	struct mgmt_deps deps = {.loop = n->deps.loop, .version = n->deps.version};
	struct mgmt *m;
	struct cli *cli;
	int err = datastore_new(n->deps.yang_dir, &deps.datastore, why, why_len);

	if (err)
		return err;
	m = mgmt_new(&deps);
	cli = cli_new(m);
	err = config_load(cli, n->deps.config_path, why, why_len);
	cli_free(cli);
	mgmt_free(m);
	if (err == -ENOENT)
		err = 0;
	if (err)
		datastore_free(deps.datastore);
	else
		*out = deps.datastore;
	return err;
}

static bool open_startup(struct rpc *r, struct source *s)
{
	char why[WHY_LEN];

	if (load_startup(r->n, &s->own, why, sizeof(why))) {
		rpc_fail_simply(r, "operation-failed", "%s", why);
		return false;
	}
	s->tree = datastore_running(s->own);
	return true;
}

static bool open_candidate(struct rpc *r, struct source *s)
{
	struct candidate *c = &r->n->candidate;
	char why[WHY_LEN];

	if (candidate_take(c, why, sizeof(why))) {
		rpc_fail_simply(r, "in-use", "%s", why);
		return false;
	}
	s->tree = datastore_candidate(r->n->deps.datastore);
	return true;
}

bool source_open(struct rpc *r, enum netconf_target target, struct source *s)
{
	*s = (struct source){0};
	if (target == TARGET_STARTUP)
		return open_startup(r, s);
	if (target == TARGET_CANDIDATE && r->n->candidate.edits.count)
		return open_candidate(r, s);
	s->tree = datastore_running(r->n->deps.datastore);
	return true;
}

void source_close(struct source *s)
{
	datastore_free(s->own);
	*s = (struct source){0};
}

bool source_copy(struct rpc *r, enum netconf_target target, struct source_copy *c)
{
	struct strbuf text = {.secret = true};
	struct source s;
	char why[WHY_LEN];
	int err;

	*c = (struct source_copy){0};
	if (!source_open(r, target, &s))
		return false;
	strbuf_puts(&text, "<config>");
	print_tree(&text, s.tree, PRINT_EXPLICIT);
	strbuf_puts(&text, "</config>");
	source_close(&s);
	err = xml_parse(&c->doc, text.s, text.len, why, sizeof(why));
	strbuf_free(&text);
	c->config = c->doc.root;
	if (err)
		rpc_fail_simply(r, "operation-failed", "%s", why);
	return !err;
}

void source_copy_free(struct source_copy *c)
{
	xml_free(&c->doc);
}
