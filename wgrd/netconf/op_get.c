/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/datastore.h"
#include "wgrd/netconf/filter.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/op.h"
#include "wgrd/netconf/print.h"
#include "wgrd/netconf/source.h"
#include "wgrd/netconf/state.h"
#include "wgrd/netconf/state_node.h"

/* A request to read, and how to answer it. */
struct reading {
	struct rpc *r;
	struct filter filter;
	enum print_defaults defaults;
};

/* The same when there is more to be told than fits into one turn of the loop. */
struct rest {
	struct rpc_rest rest;
	struct netconf_session *s;
	struct filter filter;
	struct xml_doc request; /* that the filter points into */
	enum print_defaults defaults;
	struct state_at at;
	bool begun; /* <wgrd-state> has been told, and its end is due */
};

static bool read_defaults(struct reading *g)
{
	const struct xml_node *node =
		xml_child(g->r->op, NS_WITH_DEFAULTS, "with-defaults")
			?: rpc_param(g->r, "with-defaults");
	char word[32];

	g->defaults = PRINT_EXPLICIT;
	if (!node ||
	    print_defaults_parse(rpc_trim(node, word, sizeof(word)), &g->defaults)) {
		g->filter.no_defaults = g->defaults == PRINT_EXPLICIT;
		return true;
	}
	rpc_fail(g->r, &(struct rpc_error){.type = "protocol",
					   .tag = "invalid-value",
					   .message = "there is no such mode",
					   .bad_element = "with-defaults"});
	return false;
}

static bool begin(struct reading *g, struct rpc *r)
{
	*g = (struct reading){.r = r};
	return filter_read(r, rpc_param(r, "filter"), &g->filter) && read_defaults(g);
}

static void put(struct reading *g, const struct lyd_node *tree)
{
	if (tree && filter_wants(&g->filter, tree->schema->name))
		(void)!filter_print(g->r, &g->filter, tree, g->defaults, g->r->data);
}

static void put_source(struct reading *g, enum netconf_target target)
{
	struct source source;

	if (!source_open(g->r, target, &source))
		return;
	put(g, source.tree);
	source_close(&source);
}

/* Running has the rules of access, too, which are in a file of their own. */
static void put_config(struct reading *g, enum netconf_target target)
{
	put_source(g, target);
	if (target == TARGET_RUNNING)
		put(g, nacm_tree(g->r->n->nacm));
}

/* The same, with how often they have denied something. */
static void put_running_and_denials(struct reading *g)
{
	struct lyd_node *nacm = NULL;

	put_source(g, TARGET_RUNNING);
	if (filter_wants(&g->filter, "nacm"))
		nacm = state_access(g->r->n);
	put(g, nacm);
	lyd_free_tree(nacm);
}

static void put_others(struct reading *g)
{
	struct lyd_node *trees = NULL, *tree;

	state_others(g->r->n, &g->filter, &trees);
	LY_LIST_FOR(trees, tree)
	{
		put(g, tree);
	}
	lyd_free_siblings(trees);
}

/* XPath that is more than a path is about a whole tree, and gets one. */
static void put_whole_state(struct reading *g)
{
	struct state_at at = {0};
	struct lyd_node *top = NULL;

	while (state_slice(g->r->n, &g->filter, &at, &top))
		;
	put(g, top);
	lyd_free_tree(top);
}

/* ---- state in slices ---- */

#define STATE_END "</" STATE_TOP ">"

/* A slice, which is printed as a tree of its own, without the ends of it that are between slices. */
static void put_slice(struct rest *g, const struct strbuf *text, struct strbuf *out)
{
	const char *inside = strchr(strbuf_str(text), '>');

	if (inside && inside[-1] != '/') {
		inside = g->begun ? inside + 1 : text->s;
		strbuf_add(out, inside,
			   text->len - (size_t)(inside - text->s) - strlen(STATE_END));
		g->begun = true;
	}
}

static int next_slice(struct rpc_rest *rest, struct strbuf *out)
{
	struct rest *g = container_of(rest, struct rest, rest);
	struct rpc r = {.n = g->s->n, .s = g->s};
	struct lyd_node *top = NULL;
	struct strbuf text = {0};
	bool more = state_slice(r.n, &g->filter, &g->at, &top), ok = true;

	if (top)
		ok = filter_print(&r, &g->filter, top, g->defaults, &text);
	put_slice(g, &text, out);
	lyd_free_tree(top);
	strbuf_free(&text);
	strbuf_free(&r.errors);
	if (!ok)
		return -EINVAL;
	if (!more)
		strbuf_puts(out, g->begun ? STATE_END "</data>" : "</data>");
	return more;
}

static void free_rest(struct rpc_rest *rest)
{
	struct rest *g = container_of(rest, struct rest, rest);

	filter_fini(&g->filter);
	xml_free(&g->request);
	free(g);
}

/* The rest of the reply: from now on it is not this request's any more. */
static void begin_slices(struct reading *g)
{
	struct rest *rest = xcalloc(1, sizeof(*rest));

	*rest = (struct rest){
		.rest = {.next = next_slice, .free = free_rest},
		.s = g->r->s,
		.filter = g->filter,
		.request = *g->r->doc,
		.defaults = g->defaults,
	};
	g->filter = (struct filter){0};
	*g->r->doc = (struct xml_doc){0};
	g->r->rest = &rest->rest;
}

/* All that is not configuration, and the end. */
static void put_state(struct reading *g)
{
	put_others(g);
	if (!g->filter.xpath.len && filter_wants(&g->filter, STATE_TOP)) {
		begin_slices(g);
		return;
	}
	if (g->filter.xpath.len)
		put_whole_state(g);
	strbuf_puts(g->r->data, "</data>");
}

void op_get(struct rpc *r)
{
	struct reading g;

	if (begin(&g, r)) {
		strbuf_puts(r->data, "<data xmlns=\"" NS_BASE "\">");
		put_running_and_denials(&g);
		put_state(&g);
	}
	filter_fini(&g.filter);
}

void op_get_config(struct rpc *r)
{
	enum netconf_target target;
	struct reading g;

	if (begin(&g, r) && op_target(r, "source", &target)) {
		strbuf_puts(r->data, "<data xmlns=\"" NS_BASE "\">");
		put_config(&g, target);
		strbuf_puts(r->data, "</data>");
	}
	filter_fini(&g.filter);
}

/* ---- get-data: RFC 8526 section 3.1.1 ---- */

static bool read_depth(struct reading *g)
{
	char word[16], *end;
	const char *text = rpc_word(g->r, "max-depth", word, sizeof(word));
	unsigned long depth;

	if (!text || !strcmp(text, "unbounded"))
		return true;
	depth = strtoul(text, &end, 10);
	g->filter.max_depth = (unsigned)depth;
	if (*text && !*end && depth >= 1 && depth <= UINT16_MAX)
		return true;
	rpc_fail(g->r,
		 &(struct rpc_error){.type = "protocol",
				     .tag = "invalid-value",
				     .message = "a depth is a number from 1 to 65535",
				     .bad_element = "max-depth"});
	return false;
}

static bool read_data_filter(struct reading *g)
{
	const struct xml_node *subtree = rpc_param(g->r, "subtree-filter");
	const struct xml_node *xpath = rpc_param(g->r, "xpath-filter");

	if (subtree && xpath) {
		rpc_fail_element(g->r, "protocol", NULL, xpath);
		return false;
	}
	if (subtree)
		return filter_read_subtree(g->r, subtree, &g->filter);
	return !xpath || filter_read_xpath(g->r, xpath, xpath->text, &g->filter);
}

void op_get_data(struct rpc *r)
{
	struct reading g = {.r = r};
	char word[8];
	const char *config = rpc_word(r, "config-filter", word, sizeof(word));
	enum netconf_target which;

	if (op_datastore(r, &which) && read_data_filter(&g) && read_depth(&g) &&
	    read_defaults(&g)) {
		strbuf_puts(r->data, "<data xmlns=\"" NS_NMDA "\">");
		if (!config || strcmp(config, "false") != 0)
			put_config(&g,
				   which == TARGET_OPERATIONAL ? TARGET_RUNNING : which);
		if (which == TARGET_OPERATIONAL &&
		    (!config || strcmp(config, "true") != 0))
			put_state(&g);
		else
			strbuf_puts(r->data, "</data>");
	}
	filter_fini(&g.filter);
}
