/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/nacm/nacm.h"

#include <errno.h>
#include <grp.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/log.h"
#include "wgrd/netconf/nacm/nacm_rule.h"

struct rule_list {
	char **group; /* "*" is everybody */
	size_t groups;
	struct nacm_rule *rule;
	size_t rules;
};

struct members {
	char *name;
	char **user;
	size_t users;
};

struct nacm {
	struct ly_ctx *ctx;
	bool enabled, external_groups;
	bool read, write, exec; /* without a rule that says otherwise */
	struct members *group;
	size_t groups;
	struct rule_list *list;
	size_t lists;
	struct lyd_node *tree; /* that they are from; NULL: no file */
};

struct nacm_user {
	const struct nacm *n;
	bool all;
	const struct rule_list **list; /* those of his groups, in order */
	size_t lists;
};

/* ---- from the file ---- */

static const char *value(const struct lyd_node *parent, const char *leaf)
{
	const struct lyd_node *n;

	LY_LIST_FOR(lyd_child(parent), n)
	{
		if (!strcmp(n->schema->name, leaf))
			return lyd_get_value(n);
	}
	return NULL;
}

static bool is(const struct lyd_node *parent, const char *leaf, const char *word)
{
	const char *text = value(parent, leaf);

	return text && !strcmp(text, word);
}

/* All values of a leaf-list. */
static char **values(const struct lyd_node *parent, const char *leaf_list, size_t *count)
{
	const struct lyd_node *n;
	char **v = NULL;

	*count = 0;
	LY_LIST_FOR(lyd_child(parent), n)
	{
		if (strcmp(n->schema->name, leaf_list) != 0)
			continue;
		v = xrealloc(v, *count + 1, sizeof(*v));
		v[(*count)++] = xstrdup(lyd_get_value(n));
	}
	return v;
}

static void take_group(struct nacm *n, const struct lyd_node *node)
{
	struct members *g;

	n->group = xrealloc(n->group, n->groups + 1, sizeof(*n->group));
	g = &n->group[n->groups++];
	g->name = xstrdup(value(node, "name"));
	g->user = values(node, "user-name", &g->users);
}

static int take_rule(struct nacm *n, struct rule_list *list, const struct lyd_node *node,
		     char *why, size_t why_len)
{
	const struct nacm_rule_text text = {
		.name = value(node, "name"),
		.module = value(node, "module-name"),
		.rpc = value(node, "rpc-name"),
		.notification = value(node, "notification-name"),
		.path = value(node, "path"),
		.access = value(node, "access-operations"),
		.permit = is(node, "action", "permit"),
	};

	list->rule = xrealloc(list->rule, list->rules + 1, sizeof(*list->rule));
	return nacm_rule_init(&list->rule[list->rules++], n->ctx, &text, why, why_len);
}

static int take_list(struct nacm *n, const struct lyd_node *node, char *why,
		     size_t why_len)
{
	const struct lyd_node *rule;
	struct rule_list *list;

	n->list = xrealloc(n->list, n->lists + 1, sizeof(*n->list));
	list = &n->list[n->lists++];
	*list = (struct rule_list){0};
	list->group = values(node, "group", &list->groups);
	LY_LIST_FOR(lyd_child(node), rule)
	{
		int err = strcmp(rule->schema->name, "rule") != 0
				  ? 0
				  : take_rule(n, list, rule, why, why_len);

		if (err)
			return err;
	}
	return 0;
}

static int take_tree(struct nacm *n, const struct lyd_node *root, char *why,
		     size_t why_len)
{
	const struct lyd_node *node, *group;
	int err = 0;

	n->enabled = !is(root, "enable-nacm", "false");
	n->external_groups = !is(root, "enable-external-groups", "false");
	n->read = !is(root, "read-default", "deny");
	n->write = is(root, "write-default", "permit");
	n->exec = !is(root, "exec-default", "deny");
	LY_LIST_FOR(lyd_child(root), node)
	{
		if (!strcmp(node->schema->name, "groups")) {
			LY_LIST_FOR(lyd_child(node), group)
			{
				take_group(n, group);
			}
		}
		if (!err && !strcmp(node->schema->name, "rule-list"))
			err = take_list(n, node, why, why_len);
	}
	return err;
}

/* ---- what is wrong with a file ---- */

/* libyang says where: "Data location "/a:b/c[name='x']/d", line number 7." */
static unsigned line_of(const char *where)
{
	static const char word[] = "line number ";
	const char *at = where ? strstr(where, word) : NULL;

	return at ? (unsigned)strtoul(at + strlen(word), NULL, 10) : 0;
}

/* The last step of that location. */
static void word_of(const char *where, char *word, size_t len)
{
	static const char begins[] = "Data location \"";
	const char *at = where ? strstr(where, begins) : NULL, *step;
	unsigned in_brackets = 0;

	*word = '\0';
	if (!at)
		return;
	at = step = at + strlen(begins);
	for (; *at && (in_brackets || *at != '"'); at++) {
		in_brackets += *at == '[';
		in_brackets -= *at == ']';
		if ((*at == '/' || *at == ':') && !in_brackets)
			step = at + 1; /* without the name of its module */
	}
	snprintf(word, len, "%.*s", (int)strcspn(step, "[\""), step);
}

static void tell_libyang(const struct nacm *n, const char *file, char *why,
			 size_t why_len)
{
	const char *where = ly_errpath(n->ctx), *what = ly_errmsg(n->ctx) ?: "not XML";
	unsigned line = line_of(where);
	char word[64];

	word_of(where, word, sizeof(word));
	if (line && *word)
		snprintf(why, why_len, "%s:%u: \"%s\": %s", file, line, word, what);
	else if (line)
		snprintf(why, why_len, "%s:%u: %s", file, line, what);
	else
		snprintf(why, why_len, "%s: %s", file, what);
}

static int read_tree(struct nacm *n, const char *file, char *why, size_t why_len)
{
	ly_err_clean(n->ctx, NULL);
	if (lyd_parse_data_path(n->ctx, file, LYD_XML,
				LYD_PARSE_STRICT | LYD_PARSE_NO_STATE,
				LYD_VALIDATE_PRESENT | LYD_VALIDATE_NO_STATE, &n->tree)) {
		tell_libyang(n, file, why, why_len);
		return -EINVAL;
	}
	if (n->tree && !n->tree->next && !strcmp(n->tree->schema->name, "nacm"))
		return 0;
	snprintf(why, why_len, "%s: one <nacm> of ietf-netconf-acm is expected", file);
	return -EINVAL;
}

static int read_file(struct nacm *n, const char *file, char *why, size_t why_len)
{
	char reason[400];
	int err = read_tree(n, file, why, why_len);

	if (err)
		return err;
	err = take_tree(n, n->tree, reason, sizeof(reason));
	if (err)
		snprintf(why, why_len, "%s: %s", file, reason);
	return err;
}

const struct lyd_node *nacm_tree(const struct nacm *n)
{
	return n->tree;
}

int nacm_new(struct ly_ctx *ctx, const char *file, struct nacm **out, char *why,
	     size_t why_len)
{
	struct nacm *n = xcalloc(1, sizeof(*n));
	FILE *there = file ? fopen(file, "re") : NULL;
	int err = 0;

	n->ctx = ctx;
	n->enabled = n->external_groups = n->read = n->exec = true;
	if (there) {
		fclose(there);
		err = read_file(n, file, why, why_len);
	} else if (file && errno != ENOENT) {
		err = -errno;
		snprintf(why, why_len, "%s: cannot be opened: %s", file, strerror(-err));
	}
	if (err)
		nacm_free(n);
	else
		*out = n;
	return err;
}

static void free_strings(char **v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(v[i]);
	free(v);
}

void nacm_free(struct nacm *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->groups; i++) {
		free(n->group[i].name);
		free_strings(n->group[i].user, n->group[i].users);
	}
	for (size_t i = 0; i < n->lists; i++) {
		for (size_t k = 0; k < n->list[i].rules; k++)
			nacm_rule_fini(&n->list[i].rule[k]);
		free(n->list[i].rule);
		free_strings(n->list[i].group, n->list[i].groups);
	}
	free(n->group);
	free(n->list);
	lyd_free_all(n->tree);
	free(n);
}

/* ---- a user ---- */

static bool is_among(char *const *v, size_t count, const char *s)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(v[i], s))
			return true;
	return false;
}

enum {
	UNIX_GROUPS_MAX = 256
};

/* Does the machine say that the user is in one of these groups? RFC 8341 section 2.2, enable-
 * external-groups. */
static bool is_in_unix_group(const char *user, gid_t gid, const struct rule_list *list)
{
	gid_t gids[UNIX_GROUPS_MAX];
	int count = UNIX_GROUPS_MAX;

	if (getgrouplist(user, gid, gids, &count) < 0)
		count = UNIX_GROUPS_MAX;
	for (int i = 0; i < count; i++) {
		const struct group *g = getgrgid(gids[i]);

		if (g && is_among(list->group, list->groups, g->gr_name))
			return true;
	}
	return false;
}

static bool is_in_group(const struct nacm *n, const char *user,
			const struct rule_list *list)
{
	for (size_t i = 0; i < n->groups; i++)
		if (is_among(list->group, list->groups, n->group[i].name) &&
		    is_among(n->group[i].user, n->group[i].users, user))
			return true;
	return is_among(list->group, list->groups, "*");
}

struct nacm_user *nacm_user_new(const struct nacm *n, const char *name, uid_t uid,
				gid_t gid)
{
	struct nacm_user *u = xcalloc(1, sizeof(*u));

	u->n = n;
	u->all = uid == 0 || !n->enabled;
	u->list = xcalloc(n->lists + 1, sizeof(struct rule_list *));
	for (size_t i = 0; i < n->lists; i++)
		if (is_in_group(n, name, &n->list[i]) ||
		    (n->external_groups && is_in_unix_group(name, gid, &n->list[i])))
			u->list[u->lists++] = &n->list[i];
	return u;
}

void nacm_user_free(struct nacm_user *u)
{
	if (!u)
		return;
	free(u->list);
	free(u);
}

/* ---- decisions ---- */

struct nacm_place nacm_place_in(const struct nacm_place *up,
				const struct lysc_node *schema,
				const struct lyd_node *entry, const char *key)
{
	return (struct nacm_place){.up = up,
				   .depth = up ? up->depth + 1 : 1,
				   .schema = schema,
				   .entry = entry,
				   .key = key};
}

bool nacm_may_all(const struct nacm_user *u)
{
	return u->all;
}

/* The first rule that matches decides. NULL: none does. */
static const struct nacm_rule *find_rule(const struct nacm_user *u,
					 bool (*matches)(const struct nacm_rule *r,
							 const void *what),
					 const void *what, enum nacm_access access)
{
	for (size_t i = 0; i < u->lists; i++) {
		const struct rule_list *list = u->list[i];

		for (size_t k = 0; k < list->rules; k++) {
			const struct nacm_rule *r = &list->rule[k];

			if (r->access & access && matches(r, what))
				return r;
		}
	}
	return NULL;
}

static bool has_extension(const struct lysc_node *schema, const char *name)
{
	LY_ARRAY_COUNT_TYPE i;

	LY_ARRAY_FOR(schema->exts, i)
	{
		const struct lysc_ext *def = schema->exts[i].def;

		if (!strcmp(def->name, name) &&
		    !strcmp(def->module->name, "ietf-netconf-acm"))
			return true;
	}
	return false;
}

static bool matches_data(const struct nacm_rule *r, const void *place)
{
	return nacm_rule_is_about(r, place);
}

bool nacm_may(const struct nacm_user *u, const struct nacm_place *place,
	      enum nacm_access access)
{
	const struct nacm_rule *rule;

	if (u->all)
		return true;
	rule = find_rule(u, matches_data, place, access);
	if (rule)
		return rule->permit;
	if (has_extension(place->schema, "default-deny-all"))
		return false;
	if (access == NACM_READ)
		return u->n->read;
	return u->n->write && !has_extension(place->schema, "default-deny-write");
}

static bool matches_run(const struct nacm_rule *r, const void *rpc)
{
	return nacm_rule_is_about_rpc(r, rpc);
}

/* RFC 8341 section 3.4.4, which denies two operations that their model does not mark. */
bool nacm_may_run(const struct nacm_user *u, const char *ns, const char *name)
{
	const struct lys_module *module = ly_ctx_get_module_implemented_ns(u->n->ctx, ns);
	const struct lysc_node *rpc;
	const struct nacm_rule *rule;

	/* RFC 8341 section 3.2.4: everybody may leave. */
	if (u->all || !strcmp(name, "close-session"))
		return true;
	rpc = module ? lys_find_child(NULL, module, name, 0, LYS_RPC, 0) : NULL;
	if (!rpc)
		return false;
	rule = find_rule(u, matches_run, rpc, NACM_EXEC);
	if (rule)
		return rule->permit;
	return u->n->exec && !has_extension(rpc, "default-deny-all") &&
	       strcmp(name, "kill-session") != 0 && strcmp(name, "delete-config") != 0;
}

static bool matches_notification(const struct nacm_rule *r, const void *notification)
{
	return nacm_rule_is_about_notification(r, notification);
}

bool nacm_may_be_told(const struct nacm_user *u, const struct lysc_node *notification)
{
	const struct nacm_rule *rule;

	if (u->all)
		return true;
	rule = find_rule(u, matches_notification, notification, NACM_READ);
	if (rule)
		return rule->permit;
	return u->n->read && !has_extension(notification, "default-deny-all");
}
