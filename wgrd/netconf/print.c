/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/print.h"

#include <assert.h>
#include <libyang/plugins_types.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/netconf/xml/xml.h"

static const struct {
	const char *name;
	uint32_t flag;
} modes[] = {
	[PRINT_EXPLICIT] = {"explicit", LYD_PRINT_WD_EXPLICIT},
	[PRINT_ALL] = {"report-all", LYD_PRINT_WD_ALL},
	[PRINT_ALL_TAGGED] = {"report-all-tagged", LYD_PRINT_WD_ALL_TAG},
	[PRINT_TRIM] = {"trim", LYD_PRINT_WD_TRIM},
};

bool print_defaults_parse(const char *name, enum print_defaults *out)
{
	for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i].name, name) != 0)
			continue;
		*out = i;
		return true;
	}
	return false;
}

void printer_init(struct printer *p, struct strbuf *out, enum print_defaults d)
{
	*p = (struct printer){.out = out, .defaults = d};
}

void printer_fini(struct printer *p)
{
	ly_set_erase(&p->prefix, NULL);
}

/* ---- tags ---- */

static void end_tag(struct printer *p)
{
	if (p->open)
		strbuf_add(p->out, ">", 1);
	p->open = false;
}

struct print_mark print_begin(struct printer *p, const struct lyd_node *node)
{
	const struct print_mark mark = {p->out->len, p->module, p->open};

	end_tag(p);
	strbuf_add(p->out, "<", 1);
	strbuf_puts(p->out, node->schema->name);
	if (p->module != node->schema->module) {
		p->module = node->schema->module;
		strbuf_puts(p->out, " xmlns=\"");
		xml_escape_attr(p->out, p->module->ns);
		strbuf_add(p->out, "\"", 1);
	}
	p->open = true;
	return mark;
}

void print_end(struct printer *p, const struct lyd_node *node,
	       const struct print_mark *mark)
{
	if (p->open) {
		strbuf_add(p->out, "/>", 2);
	} else {
		strbuf_add(p->out, "</", 2);
		strbuf_puts(p->out, node->schema->name);
		strbuf_add(p->out, ">", 1);
	}
	p->open = false;
	p->module = mark->module;
}

void print_undo(struct printer *p, const struct print_mark *mark)
{
	strbuf_truncate(p->out, mark->len);
	p->open = mark->open;
	p->module = mark->module;
}

/* ---- leaves ---- */

static void put_declaration(struct printer *p, const char *prefix, const char *ns)
{
	strbuf_printf(p->out, " xmlns:%s=\"", prefix);
	xml_escape_attr(p->out, ns);
	strbuf_add(p->out, "\"", 1);
}

/* RFC 6243 section 6. */
static void put_default_tag(struct printer *p, const struct lyd_node *leaf)
{
	const struct lys_module *m =
		ly_ctx_get_module_latest(LYD_CTX(leaf), "ietf-netconf-with-defaults");

	if (!m || (!(leaf->flags & LYD_DEFAULT) && !lyd_is_default(leaf)))
		return;
	put_declaration(p, m->prefix, m->ns);
	strbuf_printf(p->out, " %s:default=\"true\"", m->prefix);
}

/*
 * The text of a value in XML; its type adds to p->prefix the modules whose prefixes are in it
 * and declared here. libyang does it in the same way, the first of the set, the module that
 * needs no prefix, being none.
 */
static const char *begin_value(struct printer *p, const struct lyd_node *node,
			       ly_bool *dynamic)
{
	const struct lyd_node_term *leaf = (const struct lyd_node_term *)node;
	const struct lysc_type *type =
		((const struct lysc_node_leaf *)node->schema)->type;
	const char *text;

	if (!p->prefix.count)
		(void)!ly_set_add(&p->prefix, NULL, 0, NULL);
	text = type->plugin->print(LYD_CTX(node), &leaf->value, LY_VALUE_XML, &p->prefix,
				   dynamic, NULL);
	for (uint32_t i = 1; i < p->prefix.count; i++) {
		const struct lys_module *m = p->prefix.objs[i];

		put_declaration(p, m->prefix, m->ns);
	}
	if (p->prefix.count)
		p->prefix.count = 1;
	return text;
}

void print_leaf(struct printer *p, const struct lyd_node *leaf)
{
	const struct print_mark mark = print_begin(p, leaf);
	ly_bool dynamic = 0;
	const char *text;

	if (p->defaults == PRINT_ALL_TAGGED)
		put_default_tag(p, leaf);
	text = begin_value(p, leaf, &dynamic);
	if (text && *text) {
		end_tag(p);
		xml_escape(p->out, text);
	}
	if (dynamic)
		free((char *)text);
	print_end(p, leaf, &mark);
}

/* ---- trees ---- */

bool print_wants(const struct printer *p, const struct lyd_node *node)
{
	return lyd_node_should_print(node, modes[p->defaults].flag);
}

bool print_all(struct printer *p, const struct lyd_node *node)
{
	const struct lyd_node *child;
	struct print_mark mark;

	if (!print_wants(p, node))
		return false;
	if (node->schema->nodetype & LYD_NODE_TERM) {
		print_leaf(p, node);
		return true;
	}
	assert(node->schema->nodetype & LYD_NODE_INNER);
	mark = print_begin(p, node);
	LY_LIST_FOR(lyd_child(node), child)
	{
		print_all(p, child);
	}
	print_end(p, node, &mark);
	return true;
}

void print_tree(struct strbuf *out, const struct lyd_node *tree, enum print_defaults d)
{
	struct printer p;

	if (!tree)
		return;
	printer_init(&p, out, d);
	print_all(&p, tree);
	printer_fini(&p);
}
