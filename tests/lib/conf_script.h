/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_LIB_CONF_SCRIPT_H
#define WGRD_TESTS_LIB_CONF_SCRIPT_H

/*
 * Configurations for tests, as edits in text: a datastore over the tree's own yang/ (found by
 * WGRD_YANG_DIR, or ./yang), and scripts with one edit per line,
 *
 *	set wireguard[name='wg0']/mtu 1400
 *	unset wireguard[name='wg0']/mtu
 *
 * A value is all that follows the blank after the path. W, P, T and L stand for the paths of
 * an interface, one of its peers, a tenant, and a prefix-list: W("wg0") "/mtu 1400".
 */

#include <stddef.h>

#include "wgrd/conf/datastore.h"

#define W(name)       "wireguard[name='" name "']"
#define P(name, peer) W(name) "/peer[name='" peer "']"
#define T(name)       "tenant[name='" name "']"
#define L(name)       "prefix-list[name='" name "']"

/* Keys that decode; each made of one repeated octet. */
#define KEY_1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define KEY_2 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define KEY_3 "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="

const char *conf_script_yang_dir(void);
/* Fails the test when the models cannot be loaded. */
struct datastore *conf_script_datastore(void);
/* Runs the edits, marking their lines from 1; stops at the first that is refused. */
int conf_script_edit(struct datastore *ds, const char *script, char *why, size_t why_len);
/* The same, then a commit. What is left of the candidate after a refused edit is discarded. */
int conf_script_commit(struct datastore *ds, const char *script, char *why,
		       size_t why_len);
/* Must succeed. Returns what is in force then. */
const struct conf *conf_script_apply(struct datastore *ds, const char *script);

#endif
