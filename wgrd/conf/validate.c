/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/validate.h"

int conf_validate(const struct conf *c, struct refusal *r)
{
	int err = validate_wireguards(c, r);

	return err ?: validate_tenants(c, r);
}
