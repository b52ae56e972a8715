/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_OBJECT_H
#define WGRD_CONF_OBJECT_H

/*
 * One object of the YANG tree into its struct of conf.h: the only code that knows which
 * leaf means which field. Used by conf_build.c only; main thread.
 *
 * The structs are zeroed before. All return 0, or a negative errno with b->refusal filled,
 * and what was read until then is there for the caller to free.
 */

#include "wgrd/conf/conf.h"
#include "wgrd/conf/field.h"
#include "wgrd/lib/util.h"

/* The name of a list's entry: all lists of the model have one key. */
const char *object_name(const struct lyd_node *entry);
/*
 * The entries of @list below @parent in the order of their names, for free(). Pointers are
 * sorted here rather than the objects afterwards, because these hold secrets and qsort() may
 * work on a copy.
 */
const struct lyd_node **object_entries(const struct lyd_node *parent, const char *list,
				       size_t *count);

/* All that is in no list: "zebra", "dataplane" and so on. */
int object_read_top(struct build *b, const struct lyd_node *wgrd,
		    struct conf *c) MUST_USE;
int object_read_prefix_list(struct build *b, const struct lyd_node *node,
			    struct conf_prefix_list *l) MUST_USE;
/* Without its peers. @was may be NULL: the interface before, for what it has worked out. */
int object_read_wireguard(struct build *b, const struct lyd_node *node,
			  const struct conf_wireguard *was,
			  struct conf_wireguard *w) MUST_USE;
/* After its interface, which the sentences name. */
int object_read_peer(struct build *b, const struct lyd_node *node,
		     struct conf_peer *p) MUST_USE;
int object_read_tenant(struct build *b, const struct lyd_node *node,
		       struct conf_tenant *t) MUST_USE;

#endif
