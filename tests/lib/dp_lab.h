/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_DP_LAB_H
#define TESTS_LIB_DP_LAB_H

/*
 * Whole data planes in one process, on real sockets in a network namespace of the test's
 * own. Interfaces are socket pairs instead of TUN devices: the test writes packets in and
 * reads packets out. Between two nodes the datagrams go through a wire that the test
 * holds: it sees each one and may drop, change, repeat or delay it. Time is the system's
 * plus what the test adds, so two minutes pass at once.
 *
 * Nothing here sleeps: lab_wait() moves datagrams and runs jobs until something is so.
 */

#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/dplane/device.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/dplane/drop.h"
#include "wgrd/dplane/group.h"
#include "wgrd/dplane/peer.h"

enum {
	LAB_NODES = 4,
	LAB_PEERS = 4,
	LAB_WIRES = 4,
	LAB_WORKERS = 2,
	LAB_PACKET_MAX = 2048,
	LAB_SUPER_MAX = 65536,
	LAB_MTU = 65536, /* of the loopback, to begin with */
};

struct lab_node {
	struct lab *lab;
	char name[8];
	struct dplane *dp;
	struct dp_device *dev;
	struct dp_device_conf conf;
	uint8_t public_key[WG_KEY_LEN];
	int tun[LAB_WORKERS]; /* our ends */
	bool offload;         /* packets there have a header before them */
	struct dp_peer *peer[LAB_PEERS];
	struct dp_peer_conf peer_conf[LAB_PEERS];
	struct dp_group *group[LAB_PEERS]; /* of just that peer */
	unsigned peers;
	unsigned ups, downs; /* session events seen */
	unsigned news;       /* times that counters of a peer were said to have risen */
	struct lab_node *opening; /* whose interface is being made on this data plane */
};

/* What to do with a datagram. */
enum lab_verdict {
	LAB_PASS,
	LAB_DROP,
	LAB_TWICE,
};

struct lab_wire;
/* May change the datagram in place. @end: 0 when it comes from the wire's first node. */
typedef enum lab_verdict (*lab_filter)(struct lab_wire *w, unsigned end, uint8_t *data,
				       size_t len, void *arg);

struct lab_wire {
	struct lab *lab;
	int fd[2];        /* fd[0] faces the first node, fd[1] the second */
	uint16_t port[2]; /* where the nodes send to */
	sa_family_t family;
	struct lab_node *node[2];
	lab_filter filter;
	void *arg;
	unsigned passed;
};

struct lab {
	struct loop *loop;
	bool offload; /* of nodes that are added from now on */
	struct lab_node node[LAB_NODES];
	unsigned nodes;
	struct lab_wire wire[LAB_WIRES];
	unsigned wires;
};

/* Once at the start of a test program: moves it into a namespace with a loopback. False
 * when that is not allowed; the reason has been printed. */
bool lab_enter(void);
/* Of the loopback, that all datagrams go over. */
void lab_set_mtu(int mtu);

/* Whether interfaces of labs made from now on exchange super-packets, see gso.h. The
 * functions below work either way. At first they do not. */
void lab_offload(bool on);

struct lab *lab_new(void);
void lab_free(struct lab *lab);

/* A node with a random private key, on a port of the system's choice. */
struct lab_node *lab_node_add(struct lab *lab, const char *name);
/* Another interface on the data plane and the port of @host, with a key of its own. It is
 * not in lab->node[], and goes before the lab does. */
struct lab_node *lab_tenant_new(struct lab_node *host, const char *name);
void lab_tenant_free(struct lab_node *t);
/* Makes @other a peer of @n, without a wire between them; @nets are behind it. */
void lab_know(struct lab_node *n, const struct lab_node *other, const char *nets);
/* Takes over what the test has changed in node->conf. */
void lab_node_set(struct lab_node *n);
/* Makes each a peer of the other, over a new wire. @a_nets, prefixes separated by spaces,
 * are behind a: b routes them to a and permits them from a; and the other way round. */
struct lab_wire *lab_join(struct lab_node *a, const char *a_nets, struct lab_node *b,
			  const char *b_nets, sa_family_t family);
/* Takes over what the test has changed in node->peer_conf[i]; it is in force on return. */
void lab_peer_set(struct lab_node *n, unsigned i);
void lab_permit(struct lab_node *n, const char *prefix, struct dp_group *g);
void lab_route(struct lab_node *n, const char *prefix, struct dp_group *g);

/* Both nodes write to each other directly from now on, in trains. */
void lab_wire_bypass(struct lab_wire *w);
/* The wire's second node sees the first at another port from now on. */
void lab_wire_rebind(struct lab_wire *w, unsigned end);
/* As if it had come out of the wire to node[end]. */
void lab_wire_inject(struct lab_wire *w, unsigned end, const void *data, size_t len);

/* Time passes for everybody. */
void lab_advance(struct lab *lab, uint64_t ns);
uint64_t lab_now_ns(void);

/* A UDP packet from @src to @dst that carries @tag; returns its length. */
size_t lab_packet(uint8_t *buf, const char *src, const char *dst, uint32_t tag,
		  size_t payload);
/* Writes it into the interface of the node. */
void lab_send(struct lab_node *n, const char *src, const char *dst, uint32_t tag);
void lab_send_raw(struct lab_node *n, const void *data, size_t len);
/* With that header; the node has offloads. */
void lab_send_super(struct lab_node *n, const struct virtio_net_hdr *vh, const void *data,
		    size_t len);
/* One packet that has come out, of up to LAB_SUPER_MAX, and its header; 0: none now. */
size_t lab_take_super(struct lab_node *n, struct virtio_net_hdr *vh, uint8_t *buf);
/* The same for a packet that is not a super-packet; fails the test if it is. */
size_t lab_take(struct lab_node *n, uint8_t *buf);
/* Waits for a packet and fails the test if it is not the one that lab_send() made. */
void lab_expect(struct lab_node *n, const char *src, const char *dst, uint32_t tag);
/* Tag of a packet made by lab_packet(). */
uint32_t lab_tag(const uint8_t *packet, size_t len);
/* One packet each way, so that there is a session that both use. */
void lab_talk(struct lab_node *a, const char *a_addr, struct lab_node *b,
	      const char *b_addr);

/* Moves what there is to move. */
void lab_pump(struct lab *lab);
/* Until @cond says so; fails the test after ten seconds, naming @what. */
void lab_wait(struct lab *lab, bool (*cond)(void *arg), void *arg, const char *what);
uint64_t lab_count(const struct lab_node *n, const char *counter);
/* Until the counter has at least @value. */
void lab_wait_count(struct lab_node *n, const char *counter, uint64_t value);
/* Until the peer's status is @status under @mask. */
void lab_wait_status(struct lab_node *n, unsigned peer, unsigned mask, unsigned status);
unsigned lab_status(const struct lab_node *n, unsigned peer);

#endif
