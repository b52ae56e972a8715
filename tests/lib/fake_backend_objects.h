/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_LIB_FAKE_BACKEND_OBJECTS_H
#define WGRD_TESTS_LIB_FAKE_BACKEND_OBJECTS_H

/* What the two files of the fake back end share. Not for tests. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/lib/fake_backend.h"
#include "wgrd/lib/pmap.h"
#include "wgrd/lib/strbuf.h"

enum fake_table {
	FAKE_EGRESS,
	FAKE_INGRESS,
	FAKE_TABLES,
};

struct fake_device {
	struct fake_backend *b;
	struct fake_device *next;
	char name[IFNAMSIZ];
	uint32_t ifindex;
	bool stopped, up, prepared, key_set;
	uint16_t port;
	uint8_t public_key[CONF_KEY_LEN];
	struct pmap table[FAKE_TABLES]; /* of struct fake_group */
	struct strbuf answer[FAKE_TABLES];
	unsigned peers, groups;
};

struct fake_peer {
	struct fake_device *dev;
	struct fake_peer *next;
	char name[CONF_NAME_LEN];
	void *cookie;
	bool retired;
	struct wg_backend_peer_state state;
};

struct fake_group {
	struct fake_device *dev;
	struct wg_backend_nexthop *nh;
	unsigned count;
	unsigned used; /* table entries that have it */
};

struct fake_refusal {
	struct fake_refusal *next;
	char dev[IFNAMSIZ];
	char *why;
};

struct fake_backend {
	struct fake_device *devices;
	struct fake_peer *peers;
	struct fake_refusal *refusals;
	struct wg_backend_events ev;
	struct strbuf log;
	uint32_t last_ifindex;
	unsigned fail_memory;
};

/* Adds a line to the log. */
void fake_note(struct fake_backend *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Is this the call that a test wants to fail? */
bool fake_out_of_memory(struct fake_backend *b);
struct fake_device *fake_find_device(const struct fake_backend *b, const char *name);
/* Replaces what is in @s. */
void fake_members_str(struct strbuf *s, const struct wg_backend_nexthop *nh, unsigned n);

/* fake_backend_table.c */
int fake_permission_set(void *be, void *dev, const struct prefix *p, void *egress,
			void *ingress);
void fake_permission_del(void *be, void *dev, const struct prefix *p);
void fake_tables_init(struct fake_device *d);
void fake_tables_clear(struct fake_device *d);

#endif
