/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_PORT_H
#define WGRD_DPLANE_PORT_H

/*
 * The UDP sockets of one port: for each worker one of IPv4 and one of IPv6, between which
 * the kernel spreads flows (SO_REUSEPORT). A port is not an interface: data is told apart
 * by receiver index and handshakes by mac1, so any number of interfaces may use one, if
 * they have the same mark: it belongs to the sockets.
 *
 * Main thread only, but for dp_port_fd(). A port that workers or the handshake thread
 * know is put only after they have let go of it.
 */

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/dplane/keys/own_key.h"
#include "wgrd/dplane/source.h"
#include "wgrd/lib/util.h"

struct dplane;

struct dp_port_socket {
	struct dp_source source; /* fd -1: this host does not do the family */
	struct dp_port *port;
};

struct dp_port {
	/* set once */
	struct dplane *dp;
	uint32_t id; /* never used again for another port */
	uint16_t number;
	bool trains; /* of datagrams, see udp.h */
	/* main */
	struct dp_port *next;
	unsigned refs;
	uint32_t fwmark;
	/* The interface that the system has chosen the number for, and that alone may use
	 * it, since nobody has agreed with it on a mark. "": it was asked for by number. */
	char chosen_for[IFNAMSIZ];
	/* handshake thread */
	struct dp_own_keys hs_keys; /* those that handshakes here may be for */
	struct dp_port *hs_next;
	/* set once */
	unsigned workers;
	struct dp_port_socket socket[][2]; /* [worker][IPv4, IPv6] */
};

/* One more reference to the port if we have it, else a new one. @number 0: always a new
 * one, the system chooses. @owner is the interface; on failure @why is a sentence that
 * begins with it. */
int dp_port_get(struct dplane *dp, const char *owner, uint16_t number,
		struct dp_port **out, char *why, size_t why_len) MUST_USE;
/* With the last reference the threads let go of it and the sockets close. */
void dp_port_put(struct dp_port *port);
/* It has been asked for by number: others may now share it. */
void dp_port_offer(struct dp_port *port);
/* Marks what is sent from now on. Returns 0 or a negative errno. */
int dp_port_set_mark(struct dp_port *port, uint32_t fwmark) MUST_USE;
/* Gives open sockets the buffers that the options ask for. */
void dp_port_size_buffers(struct dp_port *port);

/* The socket a worker sends from, or -1. The handshake thread uses worker 0's. */
static inline int dp_port_fd(const struct dp_port *port, unsigned worker,
			     sa_family_t family)
{
	return port->socket[worker][family == AF_INET6].source.fd;
}

#endif
