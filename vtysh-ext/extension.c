/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The door: loaded into vtysh by LD_PRELOAD, this object stands before an empty function of
 * libfrr that vtysh calls when it has made all its commands, and before it reads vtysh.conf
 * or connects to a daemon. All checks come first; when one fails, a line says so and vtysh
 * is what it would have been.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vtysh-ext/commands.h"
#include "vtysh-ext/frr.h"
#include "vtysh-ext/running_config.h"
#include "vtysh-ext/vty_node.h"

__attribute__((visibility("default"))) void vty_init_vtysh(void);

/* vtysh runs pagers, shells and other programs: those are none of our business. The
 * wrapper says what the variable was before. */
__attribute__((constructor)) static void leave_environment(void)
{
	const char *before = getenv("WGRD_VTYSH_PRELOAD");

	if (before && *before)
		setenv("LD_PRELOAD", before, 1);
	else
		unsetenv("LD_PRELOAD");
	unsetenv("WGRD_VTYSH_PRELOAD");
}

static bool extend(char *why, size_t why_len)
{
	static struct frr frr;

	if (!frr_find(&frr, why, why_len))
		return false;
	/* With -u nobody goes into a node, nor can it be looked for. */
	if (!*frr.user_mode && !vty_node_find(&frr, why, why_len))
		return false;
	frr.slot->name = "wgrd"; /* the path of its socket is made from it later */
	commands_install(&frr, !*frr.user_mode);
	running_config_watch(&frr);
	return true;
}

void vty_init_vtysh(void)
{
	void (*next)(void) = frr_next("vty_init_vtysh");
	char why[128];

	if (next)
		next();
	if (!extend(why, sizeof(why)))
		fprintf(stderr, "vtysh: without the commands of wgrd: %s\n", why);
}
