/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_GRAMMAR_H
#define WGRD_CLI_GRAMMAR_H

/*
 * Every command there is, as one constant table. It names no function and no daemon
 * state, so that a generator can be linked with this file alone: the vtysh extension and
 * the reference manual come from the same table as the daemon's own command line.
 *
 * A pattern is a list of words:
 *
 *	word          itself; may be abbreviated while it stays unique
 *	a|b|c         one of these
 *	<0-65535>     a number in this range
 *	NAME          any word; the capitals are what help shows
 *	NAME(peer)    the same, and the names of peers are offered as completion
 *	TEXT...       the rest of the line; only as last word
 *	[word]        may be left out; only at the end
 *
 * A setting may be spelt from each node above its own, with the words that lead there:
 * `wireguard wg0 peer a endpoint 192.0.2.1:51820`. There, the word that ends a block says
 * that it has no settings: `wireguard wg0 peer a exit-peer`.
 *
 * The help has one line for each word of the pattern, and for a|b|c one part for each
 * alternative, also set apart by '|'.
 */

#include <stddef.h>

/* Where a line can be typed. The order is the order of depth. */
enum cli_node {
	CLI_EXEC,
	CLI_CONFIG,
	CLI_WIREGUARD,
	CLI_OWN_KEY,
	CLI_PEER,
	CLI_PEER_KEY,
	CLI_TENANT,
	CLI_FOREIGN, /* a block of FRR's own that vtysh sends to every daemon */
	CLI_NODE_COUNT,
};

struct cli_node_info {
	const char *name;     /* in the prompt, after "config"; "" for exec and config */
	enum cli_node parent; /* where exit leads; a line unknown here is tried there */
	const char *list;     /* the node is an entry of this YANG list; NULL */
	const char *leave;    /* the word that ends its block in a file; NULL */
};
extern const struct cli_node_info cli_nodes[CLI_NODE_COUNT];

enum cli_kind {
	CLI_ACTION,    /* does something: see enum cli_action */
	CLI_LEAF,      /* sets a leaf; `no` removes it, with or without the value */
	CLI_LEAF_LIST, /* adds a value; `no` removes that value */
	CLI_ENTRY,     /* makes a list entry and enters its node; `no` removes it */
	CLI_PRESENT,   /* a leaf of type empty; `no` removes it */
	CLI_RULE,      /* an entry of a prefix-list in one line: see rule.h */
	CLI_SWITCH,    /* a boolean that is true by default; `no` sets it to false */
	CLI_IGNORED,   /* vtysh tells every daemon; nothing to do, `no` or not */
};

enum cli_action {
	CLI_DO_NOTHING,
	CLI_DO_AUTOCOMPLETE,
	CLI_DO_CLEAR_COUNTERS,
	CLI_DO_CLEAR_PEER,
	CLI_DO_CLEAR_TENANT,
	CLI_DO_COMPLETE,
	CLI_DO_CONFIRM,
	CLI_DO_CONFIGURE,
	CLI_DO_DEBUG,
	CLI_DO_ECHO,
	CLI_DO_END,
	CLI_DO_ENTER_FOREIGN,
	CLI_DO_EXIT,
	CLI_DO_GROUP_BEGIN,
	CLI_DO_GROUP_END,
	CLI_DO_HELP,
	CLI_DO_LOG_FILE,
	CLI_DO_LOG_STDOUT,
	CLI_DO_LOG_SYSLOG,
	CLI_DO_NODE,
	CLI_DO_PING,
	CLI_DO_REKEY_INTERFACE,
	CLI_DO_REKEY_PEER,
	CLI_DO_REKEY_TENANT,
	CLI_DO_RELOAD_ACCESS,
	CLI_DO_RESYNC,
	CLI_DO_REVERT,
	CLI_DO_REVERT_AFTER,
	CLI_DO_REVOKE_KEY,
	CLI_DO_REVOKE_PEER,
	CLI_DO_ROLLBACK,
	CLI_DO_SHOW_COMMIT,
	CLI_DO_SHOW_COMMITS,
	CLI_DO_SHOW_DATAPLANE,
	CLI_DO_SHOW_DEBUGGING,
	CLI_DO_SHOW_EVENTS,
	CLI_DO_SHOW_KEYS,
	CLI_DO_SHOW_LOGGING,
	CLI_DO_SHOW_MEMORY,
	CLI_DO_SHOW_PEER,
	CLI_DO_SHOW_PEERS,
	CLI_DO_SHOW_PERMISSIONS,
	CLI_DO_SHOW_ROUTES,
	CLI_DO_SHOW_RUNNING,
	CLI_DO_SHOW_SUMMARY,
	CLI_DO_SHOW_TABLES,
	CLI_DO_SHOW_TENANTS,
	CLI_DO_SHOW_VERSION,
	CLI_DO_SHOW_WHY,
	CLI_DO_SHOW_WIREGUARD,
	CLI_DO_SHOW_ZEBRA,
	CLI_DO_WRITE,
	CLI_ACTION_COUNT,
};

enum {
	CLI_SECRET = 1 << 0,  /* the value is for files only, never for a screen */
	CLI_HAS_NO = 1 << 1,  /* an action that `no` may stand before */
	CLI_FOR_FRR = 1 << 2, /* understood, not offered, and not a word for files */
	CLI_EXACT = 1 << 3,   /* a tool sends it: not to be abbreviated either */
	CLI_MARK = 1 << 4,    /* a number that may be written as 0x... */
};

/* vtysh knows NAME(peer) as a variable of the name "wgrd_peer": FRR's daemons, which are
 * asked for names as well, have none for that. */
#define CLI_VTYSH_NAMES "wgrd_"

struct cli_command {
	unsigned nodes; /* CLI_IN(node), or-ed */
	unsigned flags;
	enum cli_kind kind;
	enum cli_action action; /* for CLI_ACTION */
	enum cli_node enters;   /* for CLI_ENTRY */
	const char *yang;       /* path below the node's own, for the other kinds */
	const char *pattern;
	const char *help;
};

#define CLI_IN(node) (1u << (node))

/* In each node the commands with a YANG path stand in the order of the model, which is
 * the order they are printed in. */
extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;

#endif
