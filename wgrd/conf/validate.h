/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_VALIDATE_H
#define WGRD_CONF_VALIDATE_H

/*
 * The rules that YANG cannot state, or not at a price that grows with n log n. What is
 * merely incomplete passes: an interface without a key, a peer without a public key, a
 * tenant without a table, a reference to a tenant that is not there. Pure function.
 */

#include "wgrd/conf/conf.h"
#include "wgrd/conf/refusal.h"
#include "wgrd/lib/util.h"

/* Returns 0, or a negative errno with the first broken rule in @r. */
int conf_validate(const struct conf *c, struct refusal *r) MUST_USE;

/* Its two halves. */
int validate_wireguards(const struct conf *c, struct refusal *r) MUST_USE;
int validate_tenants(const struct conf *c, struct refusal *r) MUST_USE;

#endif
