/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/conf_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

const char *conf_script_yang_dir(void)
{
	return getenv("WGRD_YANG_DIR") ?: "yang";
}

struct datastore *conf_script_datastore(void)
{
	struct datastore *ds = NULL;
	char why[512];

	if (datastore_new(conf_script_yang_dir(), &ds, why, sizeof(why)))
		fail_msg("%s", why);
	return ds;
}

static int run_line(struct datastore *ds, char *line, char *why, size_t why_len)
{
	char *path = strchr(line, ' '), *value;

	if (!path)
		fail_msg("no edit: %s", line);
	*path++ = '\0';
	value = strchr(path, ' ');
	if (value)
		*value++ = '\0';
	if (strcmp(line, "set") == 0)
		return datastore_set(ds, path, value, why, why_len);
	if (strcmp(line, "unset") == 0)
		return datastore_unset(ds, path, value, why, why_len);
	fail_msg("no edit: %s", line);
	return 0;
}

int conf_script_edit(struct datastore *ds, const char *script, char *why, size_t why_len)
{
	char *copy = strdup(script), *rest = copy, *line;
	unsigned number = 0;
	int err = 0;

	while (!err && (line = strsep(&rest, "\n"))) {
		datastore_mark_line(ds, ++number);
		if (line[0] != '\0')
			err = run_line(ds, line, why, why_len);
	}
	datastore_mark_line(ds, 0);
	free(copy);
	return err;
}

int conf_script_commit(struct datastore *ds, const char *script, char *why,
		       size_t why_len)
{
	int err = conf_script_edit(ds, script, why, why_len);

	if (!err)
		return datastore_commit(ds, why, why_len);
	datastore_discard(ds);
	return err;
}

const struct conf *conf_script_apply(struct datastore *ds, const char *script)
{
	char why[512];

	if (conf_script_commit(ds, script, why, sizeof(why)))
		fail_msg("expected to be accepted:\n%s\nsaw: %s", script, why);
	return datastore_conf(ds);
}
