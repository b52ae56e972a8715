/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_CONFIG_PRINT_H
#define WGRD_CLI_CONFIG_PRINT_H

/*
 * The configuration tree as the lines that make it: the grammar table read backwards.
 * What is there by default is not printed; list entries are in order of name. Pure.
 */

#include <stdbool.h>

#include "wgrd/cli/form.h"
#include "wgrd/lib/strbuf.h"

struct lyd_node;

/* @root is the "wgrd" container, or NULL. Without @secrets a comment stands for each. */
void config_print(const struct cli_forms *forms, const struct lyd_node *root,
		  bool secrets, struct strbuf *out);

#endif
