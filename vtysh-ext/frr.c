/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/frr.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The development daemon of FRR, which distributions leave out. Its flag is among those
 * that mean "all daemons", so its slot gets what all daemons get. */
#define SPARE_DAEMON "sharpd"

struct symbol {
	const char *name, *other; /* a second name that newer releases use; NULL */
	void *where;              /* the pointer to set */
};

void *frr_next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static bool find_symbols(struct frr *frr, char *why, size_t why_len)
{
	const struct symbol symbols[] = {
		{"install_node", NULL, &frr->install_node},
		{"_install_element", NULL, &frr->install_element},
		{"vty_out", NULL, &frr->out},
		{"vtysh_execute_no_pager", NULL, &frr->execute},
		{"vty", "gvty", &frr->vty},
		{"config_top", NULL, &frr->config_top},
		{"user_mode", NULL, &frr->user_mode},
		{"vtydir", NULL, &frr->vty_dir},
		{"frr_config", NULL, &frr->config_file},
	};

	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *at = dlsym(RTLD_DEFAULT, symbols[i].name);

		if (!at && symbols[i].other)
			at = dlsym(RTLD_DEFAULT, symbols[i].other);
		if (!at) {
			snprintf(why, why_len, "this vtysh has no \"%s\"",
				 symbols[i].name);
			return false;
		}
		memcpy(symbols[i].where, &at, sizeof(at));
	}
	frr->list_add = frr_next("listnode_add");
	if (frr->list_add && frr_next("list_delete_all_node"))
		return true;
	snprintf(why, why_len, "this vtysh keeps its lines in another way");
	return false;
}

static bool release_is_known(char *why, size_t why_len)
{
	/* The release that libfrr was built as, until a configuration file is read. */
	const char *(*get)(void) = dlsym(RTLD_DEFAULT, "frr_defaults_version");
	const char *release = get ? get() : NULL;
	unsigned major, minor;

	if (!release || sscanf(release, "%u.%u", &major, &minor) != 2) {
		snprintf(why, why_len, "this vtysh does not tell its release");
		return false;
	}
	if ((major == 8 && minor >= 4) || major == 9 || major == 10)
		return true;
	snprintf(why, why_len, "FRR %.32s is not known; 8.4 to 10.x are", release);
	return false;
}

/* The number of entries is only in the symbol table. */
static size_t count_clients(const struct frr_client *clients)
{
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;

	if (!dladdr1(clients, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol ||
	    symbol->st_size % sizeof(*clients))
		return 0;
	return symbol->st_size / sizeof(*clients);
}

static bool find_slot(struct frr *frr, char *why, size_t why_len)
{
	struct frr_client *clients = dlsym(RTLD_DEFAULT, "vtysh_client");
	size_t count = clients ? count_clients(clients) : 0;

	for (size_t i = 0; i < count; i++) {
		if (!clients[i].name || strcmp(clients[i].name, SPARE_DAEMON) != 0)
			continue;
		frr->slot = &clients[i];
		return true;
	}
	snprintf(why, why_len, "this vtysh has no place for another daemon");
	return false;
}

static bool slot_is_free(const struct frr *frr, char *why, size_t why_len)
{
	char path[4200];

	snprintf(path, sizeof(path), "%.4096s/" SPARE_DAEMON ".vty", frr->vty_dir);
	if (access(path, F_OK) != 0)
		return true;
	snprintf(why, why_len, SPARE_DAEMON " runs here, and wgrd would take its place");
	return false;
}

bool frr_find(struct frr *frr, char *why, size_t why_len)
{
	if (sizeof(void *) != 8) {
		snprintf(why, why_len, "it fits FRR on 64-bit machines only");
		return false;
	}
	return release_is_known(why, why_len) && find_symbols(frr, why, why_len) &&
	       find_slot(frr, why, why_len) && slot_is_free(frr, why, why_len);
}
