/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/zapi/zapi_dialect.h"
#include "tests/lib/conf_script.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/conf_build.h"
#include "wgrd/conf/validate.h"

static char *read_file(const char *name)
{
	char path[512], *text;
	FILE *f;
	long len;

	snprintf(path, sizeof(path), "%s/%s", conf_script_yang_dir(), name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be opened", path);
	fseek(f, 0, SEEK_END);
	len = ftell(f);
	rewind(f);
	text = calloc(1, (size_t)len + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)len, f), len);
	fclose(f);
	return text;
}

/* The models that are ours, in a datastore with all of them. */
static const char *const models[] = {"wgrd", "wgrd-actions", "wgrd-events", "wgrd-state"};

static struct datastore *all_models(void)
{
	struct datastore *ds = conf_script_datastore();
	char why[512];

	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (datastore_load_module(ds, models[i], NULL, why, sizeof(why)))
			fail_msg("%s", why);
	return ds;
}

static const struct lys_module *find_model(const struct datastore *ds, const char *name)
{
	return ly_ctx_get_module_implemented(datastore_module(ds)->ctx, name);
}

static void check_tree(const struct datastore *ds, const char *model)
{
	char name[64], *expected, *seen = NULL;

	snprintf(name, sizeof(name), "%s.tree", model);
	expected = read_file(name);
	assert_int_equal(lys_print_mem(&seen, find_model(ds, model), LYS_OUT_TREE, 0),
			 LY_SUCCESS);
	if (strcmp(expected, seen) != 0)
		fail_msg("yang/%s differs from what the model gives:\n%s", name, seen);
	free(expected);
	free(seen);
}

static void the_tree_diagrams_are_up_to_date(void **state)
{
	struct datastore *ds = all_models();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		check_tree(ds, models[i]);
	datastore_free(ds);
}

static LY_ERR node_is_described(struct lysc_node *node, void *data, ly_bool *dfs_continue)
{
	(void)data;
	(void)dfs_continue;
	if (!(node->nodetype & (LYS_CASE | LYS_INPUT | LYS_OUTPUT)) &&
	    (!node->dsc || strlen(node->dsc) < 10))
		fail_msg("%s has no description", node->name);
	return LY_SUCCESS;
}

static void every_node_is_described(void **state)
{
	struct datastore *ds = all_models();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		lysc_module_dfs_full(find_model(ds, models[i]), node_is_described, NULL);
	datastore_free(ds);
}

/* 0 for "automatic", else the number of its dialect counted from 1. */
static size_t dialect_of(const char *name)
{
	const struct zapi_dialect *d = zapi_dialect_by_release(name);

	return d ? (size_t)(d - zapi_dialects) + 1 : 0;
}

static void every_dialect_of_zapi_may_be_demanded(void **state)
{
	struct datastore *ds = conf_script_datastore();
	const struct lysc_node *leaf =
		lys_find_path(NULL, datastore_module(ds)->compiled->data,
			      "/wgrd:wgrd/zebra/zapi-version", 0);
	const struct lysc_type_enum *type;
	bool seen[32] = {false};

	(void)state;
	assert_non_null(leaf);
	type = (const struct lysc_type_enum *)((const struct lysc_node_leaf *)leaf)->type;
	for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(type->enums); i++) {
		const char *name = type->enums[i].name;

		if (!dialect_of(name) && strcmp(name, "automatic"))
			fail_msg("%s is a release that the codec does not know", name);
		seen[dialect_of(name)] = true;
	}
	for (size_t i = 0; i <= zapi_dialect_count; i++)
		if (!seen[i])
			fail_msg("%s cannot be configured",
				 i ? zapi_dialects[i - 1].name : "automatic");
	datastore_free(ds);
}

/* The examples name key files of /etc/wgrd; here they have to be found. */
static void replace_key_files(struct lyd_node *tree, const char *path)
{
	struct lyd_node *node;

	LYD_TREE_DFS_BEGIN(tree, node)
	{
		if (strstr(node->schema->name, "key-file"))
			assert_int_equal(lyd_change_term(node, path), LY_SUCCESS);
		LYD_TREE_DFS_END(tree, node);
	}
}

static void check_example(struct datastore *ds, const char *name, const char *key_path)
{
	const struct lys_module *module = datastore_module(ds);
	struct lyd_node *tree = NULL;
	char *json = read_file(name);
	struct claims claims = {0};
	struct refusal r;
	struct conf *c;

	if (lyd_parse_data_mem(module->ctx, json, LYD_JSON,
			       LYD_PARSE_STRICT | LYD_PARSE_NO_STATE,
			       LYD_VALIDATE_NO_STATE | LYD_VALIDATE_PRESENT, &tree))
		fail_msg("%s: %s %s", name, ly_errmsg(module->ctx),
			 ly_errpath(module->ctx) ?: "");
	replace_key_files(tree, key_path);
	if (conf_build(tree, &c, &r))
		fail_msg("%s: %s", name, r.why);
	if (conf_validate(datastore_conf(ds), c, &claims, &r))
		fail_msg("%s: %s", name, r.why);
	claims_free(&claims);
	assert_true(c->wireguard_count > 0);
	conf_free(c);
	lyd_free_all(tree);
	free(json);
}

static void every_example_is_accepted(void **state)
{
	struct datastore *ds = conf_script_datastore();
	char key_path[] = "/tmp/wgrd-model-XXXXXX", dir[512];
	int fd = mkstemp(key_path), examples = 0;
	struct dirent *entry;
	DIR *d;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, KEY_1 "\n", 45), 45);
	close(fd);
	snprintf(dir, sizeof(dir), "%s/examples", conf_script_yang_dir());
	d = opendir(dir);
	assert_non_null(d);
	while ((entry = readdir(d))) {
		char name[300];

		if (!strstr(entry->d_name, ".json"))
			continue;
		snprintf(name, sizeof(name), "examples/%s", entry->d_name);
		check_example(ds, name, key_path);
		examples++;
	}
	closedir(d);
	unlink(key_path);
	assert_true(examples >= 3);
	datastore_free(ds);
}

/* What is said to be unique, do validate_key.c and validate_tenant.c see to? */
static bool is_claimed(const struct lysc_node_list *list)
{
	const char *leaf;

	if (!list->uniques)
		return true;
	leaf = list->uniques[0][0]->name;
	return LY_ARRAY_COUNT(list->uniques) == 1 &&
	       LY_ARRAY_COUNT(list->uniques[0]) == 1 &&
	       (!strcmp(leaf, "public-key") || !strcmp(leaf, "table"));
}

static LY_ERR expect_no_rule(struct lysc_node *node, void *arg, ly_bool *skip)
{
	const struct lysc_node_list *list = (const struct lysc_node_list *)node;

	(void)arg;
	(void)skip;
	if (lysc_node_musts(node) || lysc_node_when(node) ||
	    (node->nodetype == LYS_LIST && (list->min || !is_claimed(list))) ||
	    (node->nodetype & (LYS_LEAF | LYS_CHOICE) && node->flags & LYS_MAND_TRUE &&
	     !lysc_is_key(node)))
		fail_msg(
			"%s in %s has a rule that datastore.c checks for whole files only",
			node->name, node->parent ? node->parent->name : "the module");
	if (node->nodetype == LYS_LEAFLIST &&
	    ((const struct lysc_node_leaflist *)node)->dflts)
		fail_msg("%s has a default that edit.c does not put back", node->name);
	return LY_SUCCESS;
}

/* An edit is checked by itself: what it could break elsewhere would not be found. */
static void no_node_has_a_rule_about_others(void **state)
{
	struct datastore *ds = conf_script_datastore();

	(void)state;
	assert_int_equal(lysc_module_dfs_full(datastore_module(ds), expect_no_rule, NULL),
			 LY_SUCCESS);
	datastore_free(ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_diagrams_are_up_to_date),
		cmocka_unit_test(every_node_is_described),
		cmocka_unit_test(every_dialect_of_zapi_may_be_demanded),
		cmocka_unit_test(every_example_is_accepted),
		cmocka_unit_test(no_node_has_a_rule_about_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
