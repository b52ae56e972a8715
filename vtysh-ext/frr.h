/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_VTYSH_EXT_FRR_H
#define WGRD_VTYSH_EXT_FRR_H

/*
 * What of vtysh and libfrr the extension touches, declared here and not taken from FRR's
 * headers, so that one object fits every release whose layout is this one: FRR 8.4 to 10.x
 * on 64-bit machines (compared mechanically from 8.4 to 10.7). frr_find() says whether this
 * process is such a vtysh. Everything runs in vtysh's only thread.
 */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct vty;  /* differs between releases: see vty_node.h */
struct list; /* only its address is looked at */

/* Of FRR's nodes; the numbers are the same in all releases. */
enum {
	FRR_VIEW_NODE = 1,
	FRR_ENABLE_NODE = 3,
	FRR_CONFIG_NODE = 4,
	/* Releases have 92 to 104 nodes, in a vector that grows. */
	FRR_FIRST_FREE_NODE = 300,
};

/* A command: `struct cmd_element`. */
struct frr_element {
	const char *string;
	const char *doc;
	int daemon; /* flags of the daemons that the line is sent to */
	uint32_t attr;
	/* After the daemons have carried it out. vtysh passes no words. */
	int (*func)(const struct frr_element *self, struct vty *vty, int argc,
		    void *argv[]);
	const char *name;
	struct {
		void *data;
		int type, line;
		const char *file, *func;
	} xref;
};

/* A node of the command line: `struct cmd_node`. libfrr fills what is not named here. */
struct frr_node {
	const char *name;
	int node, parent;
	const char *prompt;
	int (*config_write)(struct vty *vty);
	int (*node_exit)(struct vty *vty);
	void *libfrr[8];
};

/* A daemon vtysh can talk to: `struct vtysh_client`, of an array of them. */
struct frr_client {
	int fd;
	const char *name;
	int flag;
	char path[4096];
	struct frr_client *next;
	void *log_reader;
	int log_fd;
	uint32_t lost_messages;
};

#if defined(__LP64__)
static_assert(sizeof(struct frr_element) == 72, "struct cmd_element");
static_assert(offsetof(struct frr_element, daemon) == 16, "cmd_element.daemon");
static_assert(offsetof(struct frr_element, func) == 24, "cmd_element.func");
static_assert(offsetof(struct frr_element, xref) == 40, "cmd_element.xref");
static_assert(offsetof(struct frr_node, prompt) == 16, "cmd_node.prompt");
static_assert(offsetof(struct frr_node, node_exit) == 32, "cmd_node.node_exit");
static_assert(offsetof(struct frr_node, libfrr) == 40, "cmd_node.cmdgraph");
static_assert(sizeof(struct frr_client) == 4144, "struct vtysh_client");
static_assert(offsetof(struct frr_client, flag) == 16, "vtysh_client.flag");
static_assert(offsetof(struct frr_client, next) == 4120, "vtysh_client.next");
#endif

/* vtysh and libfrr, as found in this process. */
struct frr {
	void (*install_node)(struct frr_node *node);
	void (*install_element)(int node, const struct frr_element *element);
	int (*out)(struct vty *vty, const char *fmt, ...);
	int (*execute)(const char *line);
	void *(*list_add)(struct list *list, void *value);
	struct vty **vty;
	struct list **config_top; /* lines of running-config that belong to no block */
	const int *user_mode;     /* vtysh -u: may only look */
	const char *vty_dir;      /* where the sockets of the daemons are */
	const char *config_file;  /* frr.conf */
	struct frr_client *slot;  /* of a daemon that is not there; ours now */
};

/* Fills @frr, and changes nothing yet. False with a clause in @why: this is no vtysh we
 * know, or one that needs the slot itself. */
bool frr_find(struct frr *frr, char *why, size_t why_len) MUST_USE;

/* The next definition of a function that this object stands before. NULL: there is none. */
void *frr_next(const char *name);

#endif
