/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/change.h"

#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/datastore.h"
#include "wgrd/conf/value.h"
#include "wgrd/netconf/nacm/nacm.h"

struct planner {
	struct rpc *r;
	struct edits *edits;
	const struct lys_module *module;
	struct strbuf path; /* of the node we are at, as datastore_set() has it */
};

/* A node of the request, and what is there where it goes. */
struct spot {
	const struct xml_node *xml;
	const struct lysc_node *schema;
	const struct lyd_node
		*target; /* NULL: nothing; what is there by default is nothing */
	struct nacm_place place;
	enum change_op op;
	char key[VALUE_CANON_LEN]; /* of a list's entry, as the tree would have it */
};

/* False: there is no operation of this name. */
static bool parse_op(const char *name, enum change_op *out)
{
	static const struct {
		const char *name;
		enum change_op op;
	} ops[] = {
		{"merge", CHANGE_MERGE},   {"replace", CHANGE_REPLACE},
		{"none", CHANGE_NONE},     {"create", CHANGE_CREATE},
		{"delete", CHANGE_DELETE}, {"remove", CHANGE_REMOVE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (strcmp(ops[i].name, name) != 0)
			continue;
		*out = ops[i].op;
		return true;
	}
	return false;
}

/* ---- edits ---- */

static void add_edit(struct planner *p, bool unset, const char *value)
{
	const struct conf_edit edit = {
		.unset = unset,
		.path = (char *)strbuf_str(&p->path),
		.value = (char *)value,
	};

	edits_add(p->edits, &edit);
}

/* ---- errors ---- */

static void fail(struct planner *p, const char *tag, const char *app_tag,
		 const struct spot *at, const char *message)
{
	rpc_fail(p->r,
		 &(struct rpc_error){.tag = tag,
				     .app_tag = app_tag,
				     .path = strbuf_str(&p->path),
				     .message = message,
				     .bad_element = at->xml ? at->xml->name : NULL});
}

static void fail_value(struct planner *p, const struct spot *at, const char *text,
		       const char *problem)
{
	char message[512];

	if (value_is_secret(at->schema))
		snprintf(message, sizeof(message), "%s: the value is %s",
			 at->schema->name, problem);
	else
		snprintf(message, sizeof(message), "%s: \"%.128s\" is %s",
			 at->schema->name, text, problem);
	fail(p, "invalid-value", NULL, at, message);
}

static bool may(struct planner *p, const struct spot *at, enum nacm_access access)
{
	if (nacm_may(p->r->s->nacm, &at->place, access))
		return true;
	fail(p, "access-denied", NULL, at, "this user may not change that");
	return false;
}

/* ---- finding ---- */

static bool is_term(const struct lysc_node *schema)
{
	return schema->nodetype & (LYS_LEAF | LYS_LEAFLIST);
}

static const struct lysc_node *find_schema(struct planner *p, const struct lysc_node *up,
					   const struct xml_node *xml)
{
	const struct lys_module *module =
		ly_ctx_get_module_implemented_ns(p->module->ctx, xml->ns);
	const struct lysc_node *found;

	if (!module) {
		rpc_fail(p->r,
			 &(struct rpc_error){.tag = "unknown-namespace",
					     .path = strbuf_str(&p->path),
					     .message = "no model has this namespace",
					     .bad_element = xml->name,
					     .bad_namespace = xml->ns});
		return NULL;
	}
	found = lys_find_child(up, module, xml->name, 0, 0, 0);
	if (!found || found->flags & LYS_CONFIG_R ||
	    found->nodetype & (LYS_RPC | LYS_NOTIF | LYS_ACTION)) {
		rpc_fail_element(p->r, NULL, strbuf_str(&p->path), xml);
		return NULL;
	}
	return found;
}

/* @value: a leaf-list's, or the predicate of a list's entry. */
static const struct lyd_node *
find_target(const struct lyd_node *up, const struct lysc_node *schema, const char *value)
{
	struct lyd_node *found = NULL;

	if (!up || lyd_find_sibling_val(lyd_child(up), schema, value, 0, &found))
		return NULL;
	return found->flags & LYD_DEFAULT ? NULL : found;
}

/* ---- operations ---- */

/* nc:operation of the element, or what holds above it. */
static bool find_op(struct planner *p, struct spot *at, enum change_op above)
{
	const struct xml_attr *a = xml_attr_find(at->xml, NS_BASE, "operation");

	at->op = above;
	if (!a || (strcmp(a->value, "none") != 0 && parse_op(a->value, &at->op)))
		return true;
	rpc_fail(p->r, &(struct rpc_error){.tag = "bad-attribute",
					   .path = strbuf_str(&p->path),
					   .message = "no operation of this name",
					   .bad_attribute = "operation",
					   .bad_element = at->xml->name});
	return false;
}

/* Is what is there, or is not, what the operation wants? */
static bool check_presence(struct planner *p, const struct spot *at)
{
	/* A container is there as soon as something is in it. */
	bool entry = at->schema->nodetype == LYS_LIST;

	if (at->op == CHANGE_CREATE && at->target) {
		fail(p, "data-exists", NULL, at, "it is there already");
		return false;
	}
	if ((at->op == CHANGE_DELETE || (at->op == CHANGE_NONE && entry)) &&
	    !at->target) {
		fail(p, "data-missing", NULL, at, "it is not there");
		return false;
	}
	return true;
}

/* Access to all that goes with a node that is removed (RFC 8341 section 3.2.4). */
static bool may_remove(struct planner *p, const struct spot *at,
		       const struct lyd_node *node, const struct nacm_place *place)
{
	const struct lyd_node *child;

	if (node->flags & LYD_DEFAULT)
		return true;
	if (!nacm_may(p->r->s->nacm, place, NACM_DELETE)) {
		fail(p, "access-denied", NULL, at, "this user may not remove that");
		return false;
	}
	LY_LIST_FOR(lyd_child_no_keys(node), child)
	{
		struct nacm_place in = nacm_place_in(place, child->schema, child, NULL);

		if (!may_remove(p, at, child, &in))
			return false;
	}
	return true;
}

static void plan_removal(struct planner *p, const struct spot *at)
{
	if (at->target && may_remove(p, at, at->target, &at->place))
		add_edit(p, true,
			 at->schema->nodetype == LYS_LEAFLIST ? lyd_get_value(at->target)
							      : NULL);
}

/* ---- leaves ---- */

static void set_term(struct planner *p, const struct spot *at, const char *value)
{
	if (at->target && !strcmp(lyd_get_value(at->target), value))
		return;
	if (p->r->n->deps.keys_in_files && value_is_secret(at->schema))
		fail(p, "operation-failed", NULL, at,
		     "the configuration is in frr.conf, where keys are not kept: put it into "
		     "a file");
	else if (may(p, at, at->target ? NACM_UPDATE : NACM_CREATE))
		add_edit(p, false, value);
}

/* An element that deletes needs no value, but for the entry of a leaf-list. */
static bool needs_value(const struct spot *at)
{
	return at->schema->nodetype == LYS_LEAFLIST ||
	       (at->op != CHANGE_DELETE && at->op != CHANGE_REMOVE);
}

static void plan_term(struct planner *p, struct spot *at, const struct lyd_node *up)
{
	char buf[VALUE_CANON_LEN], problem[VALUE_PROBLEM_LEN];
	const char *text = at->xml->text, *canon = NULL;

	if (at->xml->first) {
		rpc_fail_element(p->r, NULL, strbuf_str(&p->path), at->xml->first);
		return;
	}
	if (needs_value(at) && value_check(at->schema, text, &canon, buf, problem)) {
		fail_value(p, at, text, problem);
		return;
	}
	at->target = find_target(up, at->schema,
				 at->schema->nodetype == LYS_LEAFLIST ? canon : NULL);
	if (!check_presence(p, at))
		return;
	if (at->op == CHANGE_DELETE || at->op == CHANGE_REMOVE)
		plan_removal(p, at);
	else if (at->op != CHANGE_NONE)
		set_term(p, at, canon);
}

/* ---- containers and lists ---- */

static void plan_node(struct planner *p, const struct xml_node *xml,
		      const struct lysc_node *up_schema, const struct lyd_node *up,
		      const struct nacm_place *up_place, enum change_op above);

static void plan_children(struct planner *p, const struct spot *at, enum change_op op)
{
	for (const struct xml_node *c = at->xml->first; c; c = c->next)
		plan_node(p, c, at->schema, at->target, &at->place, op);
}

/* Of the whole configuration each part is replaced, for it has no name to be removed by. */
static void remove_parts(struct planner *p, const struct spot *at)
{
	const struct lyd_node *child;
	size_t len = p->path.len;

	LY_LIST_FOR(lyd_child(at->target), child)
	{
		struct spot part = {.schema = child->schema, .target = child};

		if (child->flags & LYD_DEFAULT)
			continue;
		part.place = nacm_place_in(&at->place, child->schema, child, NULL);
		strbuf_puts(&p->path, child->schema->name);
		if (child->schema->nodetype == LYS_LIST)
			strbuf_printf(&p->path, "[%s='%s']",
				      lyd_child(child)->schema->name,
				      lyd_get_value(lyd_child(child)));
		plan_removal(p, &part);
		strbuf_truncate(&p->path, len);
	}
}

static void plan_inner(struct planner *p, struct spot *at)
{
	bool top = !at->place.up;

	if (!check_presence(p, at))
		return;
	if (at->op != CHANGE_MERGE && at->op != CHANGE_NONE && at->op != CHANGE_CREATE) {
		if (top)
			remove_parts(p, at);
		else
			plan_removal(p, at);
		at->target = NULL;
	}
	if (at->op == CHANGE_DELETE || at->op == CHANGE_REMOVE)
		return;
	if (at->op != CHANGE_NONE && !at->target && !top) {
		if (!may(p, at, NACM_CREATE))
			return;
		add_edit(p, false, NULL);
	}
	plan_children(p, at, at->op);
}

/* As libyang stores it: rules of NACM have 7 in mind, however it is spelt here. */
static void take_key(struct spot *at, const struct lysc_node *key, const char *value)
{
	const struct ly_ctx *ctx = key->module->ctx;
	const char *canon = NULL;

	lyd_value_validate(ctx, key, value, strlen(value), NULL, NULL, &canon);
	snprintf(at->key, sizeof(at->key), "%s", canon ?: value);
	lydict_remove(ctx, canon);
	at->place.key = at->key;
}

/* "[name='wg0']" behind the path, and the entry that is there. */
static bool enter_list(struct planner *p, struct spot *at, const struct lyd_node *up)
{
	const struct lysc_node *key = lysc_node_child(at->schema);
	const struct xml_node *xml = xml_child(at->xml, at->xml->ns, key->name);
	char buf[VALUE_CANON_LEN], problem[VALUE_PROBLEM_LEN];
	struct spot key_spot = {.schema = key, .xml = xml};
	size_t len = p->path.len;
	const char *canon;

	if (!xml) {
		rpc_fail_missing(p->r, strbuf_str(&p->path), key->name);
		return false;
	}
	if (value_check(key, xml->text, &canon, buf, problem)) {
		fail_value(p, &key_spot, xml->text, problem);
		return false;
	}
	take_key(at, key, canon);
	strbuf_printf(&p->path, "[%s='%s']", key->name, at->key);
	at->target = find_target(up, at->schema, p->path.s + len);
	return true;
}

static void plan_spot(struct planner *p, struct spot *at, const struct lyd_node *up,
		      enum change_op above)
{
	if (!find_op(p, at, above))
		return;
	if (is_term(at->schema)) {
		plan_term(p, at, up);
		return;
	}
	if (at->schema->nodetype == LYS_LIST) {
		if (enter_list(p, at, up))
			plan_inner(p, at);
		return;
	}
	at->target = find_target(up, at->schema, NULL);
	plan_inner(p, at);
}

static void plan_node(struct planner *p, const struct xml_node *xml,
		      const struct lysc_node *up_schema, const struct lyd_node *up,
		      const struct nacm_place *up_place, enum change_op above)
{
	struct spot at = {.xml = xml};
	size_t len = p->path.len;

	/* Beyond that many nobody reads on. */
	if (p->r->error_count >= RPC_ERRORS_MAX)
		return;
	at.schema = find_schema(p, up_schema, xml);
	if (!at.schema || lysc_is_key(at.schema))
		return;
	at.place = nacm_place_in(up_place, at.schema, NULL, NULL);
	strbuf_printf(&p->path, "%s%s", len ? "/" : "", at.schema->name);
	plan_spot(p, &at, up, above);
	strbuf_truncate(&p->path, len);
}

/* ---- the top ---- */

static void plan_top(struct planner *p, const struct xml_node *xml,
		     const struct lyd_node *tree, enum change_op above)
{
	struct spot at = {
		.xml = xml, .schema = find_schema(p, NULL, xml), .target = tree};

	if (!at.schema)
		return;
	if (!strcmp(at.schema->module->name, "ietf-netconf-acm")) {
		rpc_fail(p->r,
			 &(struct rpc_error){
				 .tag = "operation-not-supported",
				 .message = "the rules of access are in a file of the "
					    "machine's, which is read again by SIGHUP "
					    "and reload-access-rules",
				 .bad_element = xml->name});
		return;
	}
	if (at.schema->module != p->module) {
		rpc_fail_element(p->r, NULL, NULL, xml);
		return;
	}
	at.place = nacm_place_in(NULL, at.schema, NULL, NULL);
	if (find_op(p, &at, above))
		plan_inner(p, &at);
}

/* What is replaced as a whole and does not say anything about us, is empty. */
static void plan_nothing(struct planner *p, const struct lyd_node *tree)
{
	struct spot at = {.schema = tree->schema, .target = tree};

	at.place = nacm_place_in(NULL, at.schema, NULL, NULL);
	remove_parts(p, &at);
}

void change_plan(struct rpc *r, const struct xml_node *config,
		 const struct lyd_node *tree, enum change_op op, struct edits *edits)
{
	struct planner p = {
		.r = r, .edits = edits, .module = datastore_module(r->n->deps.datastore)};

	for (const struct xml_node *top = config->first; top; top = top->next)
		plan_top(&p, top, tree, op);
	if (op == CHANGE_REPLACE && !config->first && tree)
		plan_nothing(&p, tree);
	strbuf_free(&p.path);
}
