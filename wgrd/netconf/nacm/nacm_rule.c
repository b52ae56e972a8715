/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/nacm/nacm_rule.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- access-operations: "read update" or "*" ---- */

static unsigned parse_access(const char *text)
{
	static const char *const names[] = {"read", "create", "update", "delete", "exec"};
	unsigned access = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!text || !strcmp(text, "*") || strstr(text, names[i]))
			access |= 1u << i;
	return access;
}

/* ---- path ---- */

/* A name with or without the name of its module; moves *@p behind it. */
struct step_name {
	char module[64], name[64];
};

static bool parse_name(const char **p, struct step_name *out)
{
	size_t len = strcspn(*p, "/[=]' \"");
	const char *colon = memchr(*p, ':', len);
	size_t prefix = colon ? (size_t)(colon - *p) : 0;
	const char *name = colon ? colon + 1 : *p;

	snprintf(out->module, sizeof(out->module), "%.*s", (int)prefix, *p);
	snprintf(out->name, sizeof(out->name), "%.*s", (int)(*p + len - name), name);
	*p += len;
	return len > 0 && len < sizeof(out->name);
}

/* "[name='x']" */
static bool parse_key(const char **p, struct nacm_step *step)
{
	struct step_name key;
	const char *end;
	char quote;

	++*p;
	if (step->keys == NACM_RULE_KEYS_MAX || !parse_name(p, &key) || **p != '=')
		return false;
	quote = *++*p;
	if (quote != '\'' && quote != '"')
		return false;
	end = strchr(++*p, quote);
	if (!end || end[1] != ']')
		return false;
	step->key[step->keys] = xstrdup(key.name);
	step->value[step->keys++] = strndup(*p, (size_t)(end - *p));
	*p = end + 2;
	return true;
}

static bool parse_step(struct nacm_rule *r, const struct ly_ctx *ctx, const char **p)
{
	const struct lysc_node *up = r->steps ? r->step[r->steps - 1].schema : NULL;
	const struct lys_module *module = up ? up->module : NULL;
	struct nacm_step *step;
	struct step_name name;

	if (*(*p)++ != '/' || !parse_name(p, &name))
		return false;
	if (name.module[0])
		module = ly_ctx_get_module_implemented(ctx, name.module);
	r->step = xrealloc(r->step, r->steps + 1, sizeof(*r->step));
	step = &r->step[r->steps++];
	*step = (struct nacm_step){0};
	step->schema = module ? lys_find_child(up, module, name.name, 0, 0, 0) : NULL;
	while (step->schema && **p == '[')
		if (!parse_key(p, step))
			return false;
	return step->schema;
}

static bool parse_path(struct nacm_rule *r, const struct ly_ctx *ctx, const char *path)
{
	do {
		if (!parse_step(r, ctx, &path))
			return false;
	} while (*path);
	return true;
}

int nacm_rule_init(struct nacm_rule *r, const struct ly_ctx *ctx,
		   const struct nacm_rule_text *text, char *why, size_t why_len)
{
	*r = (struct nacm_rule){.permit = text->permit,
				.access = parse_access(text->access)};
	if (text->module && strcmp(text->module, "*") != 0)
		r->module = xstrdup(text->module);
	r->rpc = text->rpc ? xstrdup(text->rpc) : NULL;
	r->notification = text->notification ? xstrdup(text->notification) : NULL;
	if (!text->path || !strcmp(text->path, "/") || parse_path(r, ctx, text->path))
		return 0;
	snprintf(why, why_len,
		 "NACM rule %s: %s is no path to a node of this daemon's models",
		 text->name, text->path);
	return -EINVAL;
}

void nacm_rule_fini(struct nacm_rule *r)
{
	for (size_t i = 0; i < r->steps; i++) {
		for (unsigned k = 0; k < r->step[i].keys; k++) {
			free(r->step[i].key[k]);
			free(r->step[i].value[k]);
		}
	}
	free(r->step);
	free(r->module);
	free(r->rpc);
	free(r->notification);
}

/* ---- what it is about ---- */

static const char *key_of(const struct nacm_place *place, const char *name)
{
	const struct lyd_node *n;

	if (!place->entry)
		return place->key ?: "";
	LY_LIST_FOR(lyd_child(place->entry), n)
	{
		if (!strcmp(n->schema->name, name))
			return lyd_get_value(n);
	}
	return "";
}

static bool is_step(const struct nacm_step *step, const struct nacm_place *place)
{
	if (step->schema != place->schema)
		return false;
	for (unsigned i = 0; i < step->keys; i++)
		if (strcmp(key_of(place, step->key[i]), step->value[i]) != 0)
			return false;
	return true;
}

static bool is_module(const struct nacm_rule *r, const struct lysc_node *schema)
{
	return !r->module || !strcmp(r->module, schema->module->name);
}

/* The node, or one above it, is what the path says. */
bool nacm_rule_is_about(const struct nacm_rule *r, const struct nacm_place *place)
{
	if (r->rpc || r->notification || !is_module(r, place->schema) ||
	    place->depth < r->steps)
		return false;
	while (place && place->depth > r->steps)
		place = place->up;
	for (size_t i = r->steps; i-- > 0; place = place->up)
		if (!is_step(&r->step[i], place))
			return false;
	return true;
}

static bool is_name_or_all(const char *name, const struct lysc_node *schema)
{
	return !name || !strcmp(name, "*") || !strcmp(name, schema->name);
}

bool nacm_rule_is_about_rpc(const struct nacm_rule *r, const struct lysc_node *rpc)
{
	return !r->notification && !r->step && is_module(r, rpc) &&
	       is_name_or_all(r->rpc, rpc);
}

bool nacm_rule_is_about_notification(const struct nacm_rule *r,
				     const struct lysc_node *notification)
{
	return !r->rpc && !r->step && is_module(r, notification) &&
	       is_name_or_all(r->notification, notification);
}
