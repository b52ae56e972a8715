/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/io/udp.h"
#include "wgrd/dplane/rx.h"
#include "wgrd/dplane/worker.h"

enum {
	/* With a number of the system's choice, for the IPv4 socket to get the same. */
	TRIES = 20,
};

static const sa_family_t families[2] = {AF_INET, AF_INET6};

static void close_sockets(struct dp_port *port)
{
	for (unsigned w = 0; w < port->workers; w++) {
		for (unsigned f = 0; f < 2; f++) {
			int *fd = &port->socket[w][f].source.fd;

			if (*fd >= 0)
				close(*fd);
			*fd = -1;
		}
	}
}

/* -EAFNOSUPPORT leaves the socket out: a host without IPv6 is a host like others. */
static int open_socket(struct dp_port *port, unsigned worker, unsigned f,
		       enum dp_udp_share share)
{
	int fd = dp_udp_open(families[f], &port->number, share, port->trains);

	if (fd < 0)
		return fd == -EAFNOSUPPORT ? 0 : fd;
	port->socket[worker][f].source.fd = fd;
	dplane_size_buffers(port->dp, fd);
	return 0;
}

static int open_sockets(struct dp_port *port, uint16_t number)
{
	int err = 0;

	port->number = number;
	for (unsigned w = 0; !err && w < port->workers; w++) {
		enum dp_udp_share share = w ? DP_UDP_JOIN : DP_UDP_FIRST;

		err = open_socket(port, w, 1, share);
		if (!err)
			err = open_socket(port, w, 0, share);
	}
	if (err)
		close_sockets(port);
	else if (!port->number)
		err = -EAFNOSUPPORT;
	return err;
}

static int open_some(struct dp_port *port, uint16_t number)
{
	int err, tries = number ? 1 : TRIES;

	do {
		err = open_sockets(port, number);
	} while (err == -EADDRINUSE && --tries);
	return err;
}

static void describe(int err, const char *owner, uint16_t number, char *why,
		     size_t why_len)
{
	if (err == -EADDRINUSE && number)
		snprintf(why, why_len,
			 "wireguard %s: listen-port %u is in use by another program",
			 owner, number);
	else
		snprintf(why, why_len, "wireguard %s: cannot open UDP port %u: %s", owner,
			 number, strerror(-err));
}

static int hand_out(struct dp_port *port)
{
	for (unsigned w = 0; w < port->workers; w++) {
		for (unsigned f = 0; f < 2; f++) {
			struct dp_source *s = &port->socket[w][f].source;
			int err = s->fd < 0 ? 0 : dp_worker_add(port->dp->worker[w], s);

			if (err)
				return err;
		}
	}
	return 0;
}

static void take_back(struct dp_port *port)
{
	for (unsigned w = 0; w < port->workers; w++) {
		for (unsigned f = 0; f < 2; f++)
			dp_worker_remove(port->dp->worker[w], &port->socket[w][f].source);
	}
	dplane_sync_workers(port->dp);
}

static struct dp_port *new_port(struct dplane *dp)
{
	struct dp_port *port;

	port = xcalloc(1, sizeof(*port) + dp->workers * sizeof(port->socket[0]));
	port->dp = dp;
	port->refs = 1;
	port->workers = dp->workers;
	port->trains = !dp->options.no_udp_offload;
	port->id = ++dp->last_port_id;
	for (unsigned w = 0; w < port->workers; w++) {
		for (unsigned f = 0; f < 2; f++) {
			port->socket[w][f].source.fd = -1;
			port->socket[w][f].source.ready = dp_rx_ready;
			port->socket[w][f].port = port;
		}
	}
	return port;
}

int dp_port_get(struct dplane *dp, const char *owner, uint16_t number,
		struct dp_port **out, char *why, size_t why_len)
{
	struct dp_port *port = dp->ports;
	int err;

	while (number && port && port->number != number)
		port = port->next;
	if (number && port) {
		if (*port->chosen_for && strcmp(port->chosen_for, owner) != 0) {
			snprintf(
				why, why_len,
				"wireguard %s: listen-port %u is in use by wireguard %s, for "
				"which the system has chosen it",
				owner, number, port->chosen_for);
			return -EADDRINUSE;
		}
		port->refs++;
		*out = port;
		return 0;
	}
	port = new_port(dp);
	err = open_some(port, number);
	if (err)
		goto free_port;
	err = hand_out(port);
	if (err)
		goto undo_sockets;
	if (!number)
		snprintf(port->chosen_for, sizeof(port->chosen_for), "%s", owner);
	port->next = dp->ports;
	dp->ports = port;
	dp_hs_port_add(dp->hs, port);
	*out = port;
	return 0;

undo_sockets:
	take_back(port);
	close_sockets(port);
free_port:
	describe(err, owner, number, why, why_len);
	free(port);
	return err;
}

void dp_port_put(struct dp_port *port)
{
	struct dp_port **link;

	if (!port || --port->refs)
		return;
	link = &port->dp->ports;
	while (*link != port)
		link = &(*link)->next;
	*link = port->next;
	take_back(port);
	dp_hs_port_remove(port->dp->hs, port);
	close_sockets(port);
	free(port);
}

void dp_port_offer(struct dp_port *port)
{
	port->chosen_for[0] = '\0';
}

int dp_port_set_mark(struct dp_port *port, uint32_t fwmark)
{
	if (port->fwmark == fwmark)
		return 0;
	for (unsigned w = 0; w < port->workers; w++) {
		for (unsigned f = 0; f < 2; f++) {
			int fd = port->socket[w][f].source.fd;
			int err = fd < 0 ? 0 : dp_udp_set_mark(fd, fwmark);

			if (err)
				return err;
		}
	}
	port->fwmark = fwmark;
	return 0;
}

void dp_port_size_buffers(struct dp_port *port)
{
	for (unsigned w = 0; w < port->workers; w++) {
		for (unsigned f = 0; f < 2; f++) {
			int fd = port->socket[w][f].source.fd;

			if (fd >= 0)
				dplane_size_buffers(port->dp, fd);
		}
	}
}
