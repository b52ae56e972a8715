/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_WGQUICK_H
#define WGRD_CTL_WGQUICK_H

/*
 * A file of wg-quick(8) as lines of wgrd's configuration. What the file says that wgrd does
 * not do, or that is wrong, is reported with its line. Pure: text in, a struct out; one
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "proto/wg/keys.h"
#include "wgrd/lib/peer_name.h"
#include "wgrd/lib/util.h"

struct wgquick_setting {
	unsigned line;    /* of the file */
	const char *word; /* there; a constant */
	char *command;    /* here: "listen-port 51820" */
};

/* [Interface] or a [Peer]. */
struct wgquick_block {
	unsigned line;            /* of its head; 0: there is none */
	char name[PEER_NAME_LEN]; /* of a peer, unique */
	struct wgquick_setting *setting;
	size_t settings, settings_cap;
	/* PrivateKey or PresharedKey; "" none. Never to be printed. */
	char secret[WG_KEY_STRLEN];
	unsigned secret_line;
	char public_key[WG_KEY_STRLEN]; /* of a peer */
	char comment[256];              /* what people wrote about a peer; "" nothing */
	unsigned said;                  /* settings that may come once, as bits */
};

struct wgquick_report {
	unsigned line; /* 0: about the file */
	bool error;    /* false: wgrd does not do it, the rest stands */
	char word[32]; /* "" when it is about no word, or might be part of a key */
	char why[224]; /* a sentence: what is wrong or missing, and what to do instead */
};

struct wgquick {
	struct wgquick_block interface;
	struct wgquick_block *peer;
	size_t peers, peers_cap;
	struct wgquick_report *report; /* by line */
	size_t reports, reports_cap, errors;
};

enum {
	WGQUICK_TEXT_MAX = 16 * 1024 * 1024,
};

/* @text, with a NUL behind its @len octets, is changed and, as it may hold keys, wiped. Of a
 * file with errors only the reports count. */
void wgquick_parse(struct wgquick *w, char *text, size_t len);
/* Wipes it. */
void wgquick_free(struct wgquick *w);

#endif
