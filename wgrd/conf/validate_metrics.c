/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/validate.h"

/* Nobody who asks for numbers has to say who he is, so they stay on this machine. */
int validate_metrics(const struct conf *c, struct refusal *r)
{
	const struct conf_endpoint *listen = &c->metrics.listen;
	const struct refusal_at at = {.top = "metrics", .leaf = "listen"};
	char text[IP_ADDR_STRLEN];

	if (!listen->addr.family || ip_addr_is_loopback(&listen->addr))
		return 0;
	return refuse(r, &at,
		      "%s is not an address of this machine alone; expected 127.0.0.1 or "
		      "[::1], with a proxy before it for others",
		      ip_addr_str(&listen->addr, text));
}
