/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_WGRD_TENANT_ORACLE_H
#define WGRD_TESTS_WGRD_TENANT_ORACLE_H

/*
 * What there should be, worked out from nothing but the configuration, the RIB and the
 * interfaces, by plain loops: no state, no order of events, no sharing. The only thing it
 * takes from wgrd is which prefixes a limit has refused, and it checks that those limits
 * are reached.
 */

#include "tests/scenarios/world.h"
#include "wgrd/lib/strbuf.h"

/* Sorted lines: "egress wg0 P peers", "ingress ...", routes and rules as the kernel's text
 * has them, "advert ...". Fails the test when a limit is broken or not reached. */
void oracle_expected(struct world *w, struct strbuf *out);
void oracle_seen(struct world *w, struct strbuf *out);

#endif
