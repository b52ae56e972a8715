/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/revoked.h"

#include "wgrd/conf/conf.h"

void conf_mark_revoked(const struct conf *c, struct conf_peer *p)
{
	p->revoked = p->public_key_set && conf_is_revoked(c, p->public_key);
	for (size_t i = 0; i < p->additional_key_count; i++) {
		struct conf_peer_key *k = &p->additional_key[i];

		k->revoked = k->public_key_set && conf_is_revoked(c, k->public_key);
	}
}
