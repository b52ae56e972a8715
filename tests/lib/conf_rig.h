/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_CONF_RIG_H
#define TESTS_LIB_CONF_RIG_H

/*
 * What the rigs of the command line and of NETCONF begin with: a real datastore of the real
 * model, with trials and events, on a fake loop, and a folder of its own. Nobody follows
 * commits but for counting them. Main thread only.
 */

#include "tests/lib/fake_loop.h"
#include "tests/lib/temp_dir.h"

struct confirm;
struct datastore;
struct events;

#define CONF_RIG_MEMBERS                                \
	struct loop *loop;                              \
	struct datastore *ds;                           \
	struct confirm *confirm;                        \
	struct events *events;                          \
	unsigned commits;       /* that came through */ \
	char dir[TEMP_DIR_LEN]; /* removed at the end with what is in it */

struct conf_rig {
	CONF_RIG_MEMBERS
};

/* In a struct rig: its members by their own names, and all of them as the struct conf_rig @name. */
#define CONF_RIG(name)                   \
	union {                          \
		struct conf_rig name;    \
		struct {                 \
			CONF_RIG_MEMBERS \
		};                       \
	}

/* @name is of the folder. The model is that of WGRD_YANG_DIR. Ends the program if it cannot. */
void conf_rig_init(struct conf_rig *r, const char *name);
/* Whoever uses its members is gone before. */
void conf_rig_fini(struct conf_rig *r);

/* "DIR/NAME" in one of two static buffers. */
const char *conf_rig_path(const struct conf_rig *r, const char *name);
void conf_rig_write(const struct conf_rig *r, const char *name, const char *text);

#endif
