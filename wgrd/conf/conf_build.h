/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_CONF_BUILD_H
#define WGRD_CONF_CONF_BUILD_H

/*
 * Turns the YANG tree, or what a draft has touched of it, into the struct conf that the
 * daemon works with; object.c reads the objects one by one. Main thread only.
 */

#include "wgrd/conf/conf.h"
#include "wgrd/conf/refusal.h"
#include "wgrd/lib/util.h"

struct draft;
struct lyd_node;

/*
 * @wgrd is the container /wgrd:wgrd with its default values in place; it is not changed.
 * Key files are read. Returns 0 and gives *@out, to be freed with conf_free(); or a
 * negative errno with @r filled.
 */
int conf_build(const struct lyd_node *wgrd, struct conf **out,
	       struct refusal *r) MUST_USE;
/*
 * The same when @old was built before the edits that @draft knows: what they did not touch is
 * shared with it. To be freed with conf_release(), one of the two keeping the other's.
 */
int conf_rebuild(const struct lyd_node *wgrd, const struct draft *draft,
		 const struct conf *old, struct conf **out, struct refusal *r) MUST_USE;

#endif
