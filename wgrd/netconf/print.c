/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/print.h"

#include <libyang/libyang.h>
#include <string.h>

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

/* Straight into our buffer, which wipes what it leaves; libyang's would not. */
static ssize_t take(void *arg, const void *buf, size_t count)
{
	strbuf_add(arg, buf, count);
	return (ssize_t)count;
}

void print_tree(struct strbuf *out, const struct lyd_node *tree, enum print_defaults d)
{
	if (tree)
		lyd_print_clb(take, out, tree, LYD_XML, LYD_PRINT_SHRINK | modes[d].flag);
}
