/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/make_conf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/util.h"

struct conf *make_conf(size_t devices)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	c->wireguard = xcalloc(devices + 1, sizeof(*c->wireguard));
	c->wireguard_count = devices;
	for (size_t i = 0; i < devices; i++)
		c->wireguard[i] = xcalloc(1, sizeof(*c->wireguard[i]));
	return c;
}

static void add_peer(struct conf_wireguard *w, const char *name)
{
	struct conf_peer *p;

	w->peer = xrealloc(w->peer, w->peer_count + 1, sizeof(*w->peer));
	p = w->peer[w->peer_count++] = xcalloc(1, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->public_key_set = true;
	memcpy(p->public_key, name, strlen(name));
}

struct conf_wireguard *make_device(struct conf *c, size_t i, const char *name,
				   uint16_t port, const char *peers)
{
	struct conf_wireguard *w = c->wireguard[i];
	char *list = xstrdup(peers), *rest = list, *word;

	snprintf(w->name, sizeof(w->name), "%s", name);
	w->private_key.set = true;
	memset(w->private_key.key, (int)i + 1, sizeof(w->private_key.key));
	w->listen_port = port;
	w->mtu = CONF_MTU_DEFAULT;
	while ((word = strtok_r(rest, " ", &rest)))
		add_peer(w, word);
	free(list);
	return w;
}

void make_overlay(struct conf_peer *p, const char *addr)
{
	size_t n = p->overlay_address_count++;
	int err;

	p->overlay_address = xrealloc(p->overlay_address, n + 1, sizeof(struct ip_addr));
	err = ip_addr_parse(&p->overlay_address[n], addr);
	assert(!err);
}

void make_address(struct conf_wireguard *w, const char *addr)
{
	size_t n = w->address_count++;
	struct prefix p;
	int err = prefix_parse(&p, addr);

	assert(!err);
	w->address = xrealloc(w->address, n + 1, sizeof(*w->address));
	w->address[n] = (struct conf_address){.addr = p.addr, .len = p.len};
}

int make_commit(const struct conf_subscriber *subs, size_t n, struct conf **running,
		struct conf *new, char *why, size_t why_len)
{
	struct conf *old = *running;
	int err;

	conf_share(new, old);
	err = conf_commit(subs, n, old, new, why, why_len);
	conf_release(err ? new : old, err ? old : new);
	if (!err)
		*running = new;
	return err;
}
