/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_UAPI_REQUEST_H
#define WGRD_UAPI_REQUEST_H

/*
 * What wg(8) says over the socket of an interface, as values: lines of key=value, ended by
 * an empty one (https://www.wireguard.com/xplatform/, "Configuration Protocol"; the sign in
 * allowed_ip=-PREFIX, to take one away, came with wireguard-tools 1.0.20250521). It takes
 * lines one by one, so that the caller needs room for no more than one. Pure but for
 * memory; any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "proto/wg/keys.h"
#include "wgrd/lib/util.h"

enum {
	REQUEST_LINE_MAX = 255, /* octets, without the newline */
	REQUEST_LINES_MAX =
		1 << 20, /* of one request: 100,000 peers with ten lines each */
};

enum request_verb {
	REQUEST_NONE, /* no line yet */
	REQUEST_GET,
	REQUEST_SET,
};

struct request_prefix {
	bool remove;
	struct prefix prefix; /* without host bits: they are cleared, as WireGuard does */
};

/* What is said about a peer, from its public_key to the next; a peer may come again. */
struct request_peer {
	uint8_t public_key[WG_KEY_LEN];
	bool remove, update_only, replace_allowed_ips;
	bool has_preshared_key, has_keepalive, has_endpoint;
	uint8_t preshared_key[WG_KEY_LEN]; /* all zero: none */
	uint16_t keepalive;                /* seconds, 0: off */
	uint16_t endpoint_port;
	struct ip_addr endpoint;
	struct request_prefix *allowed_ip; /* in the order said */
	size_t allowed_ips, allowed_ips_cap;
};

/* Starts zeroed. */
struct request {
	enum request_verb verb;
	unsigned lines;
	int err; /* of the first line that was refused; what follows is passed over */
	bool has_private_key, has_listen_port, has_fwmark, replace_peers;
	uint8_t private_key[WG_KEY_LEN]; /* all zero: none */
	uint16_t listen_port;
	uint32_t fwmark;
	struct request_peer *peer; /* in the order said */
	size_t peers, peers_cap;
};

/*
 * Takes the next line, without its newline. Returns true when it was the last of the
 * request: then it is all there, or r->err says why it is refused: -EINVAL (what
 * @why tells about, which never has a key in it), -E2BIG or -ENOMEM. A refused line does
 * not end it, because the client goes on writing.
 */
bool request_line(struct request *r, const char *line, char *why,
		  size_t why_len) MUST_USE;
/* The caller had a line of more than REQUEST_LINE_MAX octets. */
void request_line_too_long(struct request *r, char *why, size_t why_len);
/* Frees what it has, wipes the keys, and makes it ready for the next one. */
void request_fini(struct request *r);

#endif
