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

static void the_tree_diagram_is_up_to_date(void **state)
{
	struct datastore *ds = conf_script_datastore();
	char *expected = read_file("wgrd.tree"), *seen = NULL;

	(void)state;
	assert_int_equal(lys_print_mem(&seen, datastore_module(ds), LYS_OUT_TREE, 0),
			 LY_SUCCESS);
	if (strcmp(expected, seen) != 0)
		fail_msg("yang/wgrd.tree differs from what the model gives:\n%s", seen);
	free(expected);
	free(seen);
	datastore_free(ds);
}

static LY_ERR node_is_described(struct lysc_node *node, void *data, ly_bool *dfs_continue)
{
	(void)data;
	(void)dfs_continue;
	if (node->nodetype != LYS_CASE && (!node->dsc || strlen(node->dsc) < 10))
		fail_msg("%s has no description", node->name);
	return LY_SUCCESS;
}

static void every_node_is_described(void **state)
{
	struct datastore *ds = conf_script_datastore();

	(void)state;
	lysc_module_dfs_full(datastore_module(ds), node_is_described, NULL);
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
	if (conf_validate(c, &r))
		fail_msg("%s: %s", name, r.why);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_diagram_is_up_to_date),
		cmocka_unit_test(every_node_is_described),
		cmocka_unit_test(every_example_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
