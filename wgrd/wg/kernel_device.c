/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The kernel's WireGuard interfaces. One that is not there is made, with an alias by which a later
 * run knows it again; one that is there is adopted: what it has and should have is not touched,
 * so not a packet is lost. What it has and nobody asks for (strangers, and prefixes that were
 * found) stays on an interface that somebody else made, unless the configuration says otherwise.
 */
#include "wgrd/wg/kernel_device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "proto/crypto/wipe.h"
#include "proto/wg/keys.h"
#include "wgrd/lib/log.h"
#include "wgrd/wg/kernel_internal.h"

static int send_message(void *arg, struct nlmsghdr *h)
{
	struct kwg *kwg = ((struct wg_kernel *)arg)->kwg;

	return kwg->ops->set(kwg, h);
}

struct kwg_writer *kernel_writer(struct kernel_device *d)
{
	struct wg_kernel *k = d->k;
	uint16_t family = 0;
	int err = k->kwg->ops->family(k->kwg, &family);

	kwg_writer_init(&k->writer, family, d->ifindex, KWG_MESSAGE_BYTES, send_message,
			k);
	k->writer.err = err;
	return &k->writer;
}

/* What cannot be written is read by the next poll as a difference, and written again. */
void kernel_trouble(struct kernel_device *d, const char *what, int err)
{
	if (!err) {
		d->logged_err = 0;
		d->trouble = NULL;
		return;
	}
	d->gone = err == -ENODEV;
	d->trouble = d->gone ? "removed by somebody else" : "the kernel refuses a change";
	kernel_poll_soon(d);
	if (err == d->logged_err)
		return;
	d->logged_err = err;
	log_err(LOG_WG, "interface %s: the kernel does not take %s: %s", d->name, what,
		strerror(-err));
}

/* ---- strangers ---- */

struct kernel_stranger *kernel_stranger_find(const struct kernel_device *d,
					     const uint8_t key[KWG_KEY_BYTES])
{
	struct kernel_stranger *s;

	HASH_FIND(hh, d->strangers, key, KWG_KEY_BYTES, s);
	return s;
}

struct kernel_stranger *kernel_stranger_obtain(struct kernel_device *d,
					       const uint8_t key[KWG_KEY_BYTES])
{
	struct kernel_stranger *s = kernel_stranger_find(d, key);

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	memcpy(s->public_key, key, sizeof(s->public_key));
	HASH_ADD(hh, d->strangers, public_key, KWG_KEY_BYTES, s);
	return s;
}

void kernel_stranger_free(struct kernel_device *d, struct kernel_stranger *s)
{
	HASH_DELETE(hh, d->strangers, s);
	free(s->prefix);
	free(s);
}

static bool keeps_strangers(const struct kernel_device *d)
{
	return d->foreign == CONF_FOREIGN_KEEP ||
	       (d->foreign == CONF_FOREIGN_AUTOMATIC && !d->ours);
}

void kernel_device_sweep(struct kernel_device *d)
{
	struct kernel_stranger *s, *next;

	if (d->swept || !d->applied)
		return;
	d->swept = true;
	if (!d->adopted || keeps_strangers(d))
		return;
	HASH_ITER (hh, d->strangers, s, next) {
		if (!kernel_key_remove(d, s->public_key))
			kernel_stranger_free(d, s);
	}
	kernel_table_sweep(d);
	kernel_table_flush_later(d);
}

/* ---- what the kernel can do ---- */

/*
 * A peer nobody has is asked to lose a prefix that it has not. A kernel without that (before
 * Linux 6.16) says EINVAL of the attribute, one with it finds nothing to do. Neither touches
 * anything else.
 */
static void probe(struct kernel_device *d)
{
	struct kwg_peer_change c = {.keepalive_s = -1};
	struct prefix p;
	struct kwg_writer *w;

	if (d->k->probed || prefix_parse(&p, "192.0.2.0/32") ||
	    getrandom(c.public_key, sizeof(c.public_key), 0) != sizeof(c.public_key))
		return;
	w = kernel_writer(d);
	kwg_write_peer(w, &c);
	kwg_write_allowed_ip(w, &p, true);
	d->k->can_remove = !kwg_writer_end(w);
	d->k->probed = true;
	(void)kernel_key_remove(d, c.public_key);
	log_info(LOG_WG, "the kernel's WireGuard %s take a single prefix from a peer",
		 d->k->can_remove ? "can" : "cannot");
}

/* ---- coming ---- */

static int check_port(struct wg_kernel *k, const struct conf_wireguard *conf, char *why,
		      size_t why_len)
{
	int err = conf->listen_port && !conf->shutdown
			  ? k->kwg->ops->port_free(k->kwg, conf->listen_port)
			  : 0;

	if (err)
		snprintf(why, why_len, "wireguard %s: listen-port %u cannot be had: %s",
			 conf->name, conf->listen_port, strerror(-err));
	return err;
}

static void refuse_making(const char *name, int err, char *why, size_t why_len)
{
	snprintf(why, why_len, "wireguard %s: the interface cannot be made: %s%s", name,
		 strerror(-err),
		 err == -EOPNOTSUPP ? "; the kernel has no WireGuard: expected 'backend "
				      "user', or its module wireguard"
				    : "");
}

static int make_link(struct kernel_device *d, const struct conf_wireguard *conf,
		     char *why, size_t why_len)
{
	struct kwg *kwg = d->k->kwg;
	int err = check_port(d->k, conf, why, why_len);

	if (err)
		return err;
	err = kwg->ops->link_new(kwg, d->name, &d->ifindex);
	d->ours = !err;
	if (err)
		refuse_making(d->name, err, why, why_len);
	return err;
}

/* Finds it, or makes it. */
static int obtain_link(struct kernel_device *d, const struct conf_wireguard *conf,
		       char *why, size_t why_len)
{
	struct kwg *kwg = d->k->kwg;
	struct kwg_link link;
	int err = kwg->ops->link_find(kwg, d->name, &link);

	if (err == -ENODEV)
		return make_link(d, conf, why, why_len);
	if (err) {
		snprintf(why, why_len, "wireguard %s: the interfaces cannot be read: %s",
			 d->name, strerror(-err));
		return err;
	}
	if (!link.is_wireguard) {
		snprintf(why, why_len,
			 "wireguard %s: there is an interface of that name that is not "
			 "WireGuard's; expected another name",
			 d->name);
		return -EEXIST;
	}
	d->ifindex = link.ifindex;
	d->ours = link.is_ours;
	d->adopted = true;
	return 0;
}

static void on_flush(struct loop_job *j)
{
	(void)kernel_table_flush(container_of(j, struct kernel_device, flush));
}

static struct kernel_device *device_alloc(struct wg_kernel *k,
					  const struct conf_wireguard *conf)
{
	struct kernel_device *d = xcalloc(1, sizeof(*d));

	d->k = k;
	memcpy(d->name, conf->name, sizeof(d->name));
	d->foreign = conf->foreign;
	d->flush.fn = on_flush;
	d->entries = (struct pmap)PMAP_INIT(sizeof(struct kernel_entry *));
	CDS_INIT_LIST_HEAD(&d->dirty);
	return d;
}

int kernel_device_later(void *be, const struct conf_wireguard *conf, void **dev,
			char *why, size_t why_len)
{
	struct wg_kernel *k = be;
	struct kernel_device *d;
	uint16_t family;
	int err = k->kwg->ops->family(k->kwg, &family);

	if (err) {
		refuse_making(conf->name, err, why, why_len);
		return err;
	}
	d = device_alloc(k, conf);
	d->gone = true;
	cds_list_add_tail(&d->link, &k->devices);
	*dev = d;
	return 0;
}

/* Reads what it has, if that is to be adopted. */
static int take_stock(struct kernel_device *d, const struct conf_wireguard *conf,
		      char *why, size_t why_len)
{
	int err = kernel_poll(d);

	if (err) {
		snprintf(why, why_len,
			 "wireguard %s: the kernel's WireGuard cannot be read: %s",
			 d->name, strerror(-err));
		return err;
	}
	if (d->ours || !d->public_key_set || conf->private_key.set)
		return 0;
	snprintf(why, why_len,
		 "wireguard %s: the interface is there and has a private key; expected "
		 "private-key or private-key-file with it, as its sessions would end "
		 "without",
		 d->name);
	return -EINVAL;
}

int kernel_device_new(void *be, const struct conf_wireguard *conf, void **dev,
		      uint32_t *ifindex, char *why, size_t why_len)
{
	struct wg_kernel *k = be;
	struct kernel_device *d = device_alloc(k, conf);
	int err;

	err = obtain_link(d, conf, why, why_len);
	if (err) {
		free(d);
		return err;
	}
	cds_list_add_tail(&d->link, &k->devices);
	err = take_stock(d, conf, why, why_len);
	if (err) {
		kernel_device_stop(be, d);
		kernel_device_free(be, d);
		return err;
	}
	probe(d);
	if (d->adopted)
		log_notice(LOG_WG,
			   "interface %s: there already, %s: adopted, with %u peers",
			   d->name, d->ours ? "of a former run" : "made by somebody else",
			   HASH_COUNT(d->strangers));
	*dev = d;
	*ifindex = d->ifindex;
	return 0;
}

/* ---- following the configuration ---- */

int kernel_device_prepare(void *be, void *dev, const struct conf_wireguard *conf,
			  char *why, size_t why_len)
{
	const struct kernel_device *d = dev;
	const bool has_it =
		conf->listen_port == d->port || conf->listen_port == d->conf_port;

	return has_it ? 0 : check_port(be, conf, why, why_len);
}

void kernel_device_abort(void *be, void *dev)
{
	(void)be;
	(void)dev;
}

static int write_settings(struct kernel_device *d, const struct kwg_device_change *c)
{
	struct kwg_writer *w = kernel_writer(d);
	int err;

	kwg_write_device(w, c);
	err = kwg_writer_end(w);
	kernel_trouble(d, "its settings", err);
	kernel_poll_soon(d);
	return err;
}

static const uint8_t *private_key(const struct kernel_device *d)
{
	static const uint8_t none[KWG_KEY_BYTES];

	return d->private_key.set ? d->private_key.key : none;
}

void kernel_device_repair(struct kernel_device *d)
{
	const struct kwg_device_change c = {
		.private_key = d->key_differs ? private_key(d) : NULL,
		.port = d->conf_port,
		.set_port = d->conf_port && d->port != d->conf_port,
		.fwmark = d->conf_fwmark,
		.set_fwmark = d->fwmark != d->conf_fwmark,
	};

	if (!d->applied || d->gone || (!c.private_key && !c.set_port && !c.set_fwmark))
		return;
	log_warn(LOG_WG,
		 "interface %s: its key, port or mark is not as configured, setting it",
		 d->name);
	(void)write_settings(d, &c);
}

static void take_key(struct kernel_device *d, const struct conf_secret *key)
{
	d->private_key = *key;
	d->public_key_set = key->set;
	if (key->set)
		wg_key_public(d->public_key, key->key);
}

/* Only what differs from what the kernel has: a port that is written again is bound again. */
void kernel_device_set(void *be, void *dev, const struct conf_wireguard *conf)
{
	struct kernel_device *d = dev;
	struct kwg_device_change c = {
		.port = conf->listen_port,
		.set_port =
			conf->listen_port ? conf->listen_port != d->port : d->conf_port,
		.fwmark = conf->fwmark,
		.set_fwmark = conf->fwmark != d->fwmark,
	};
	const bool had_key = d->public_key_set;
	uint8_t former[CONF_KEY_LEN];

	(void)be;
	d->applied = true;
	d->foreign = conf->foreign;
	memcpy(former, d->public_key, sizeof(former));
	take_key(d, &conf->private_key);
	if (had_key != d->public_key_set ||
	    (had_key && memcmp(former, d->public_key, sizeof(former))))
		c.private_key = private_key(d);
	d->conf_port = conf->listen_port;
	d->conf_fwmark = conf->fwmark;
	if (d->gone || (!c.private_key && !c.set_port && !c.set_fwmark))
		return;
	if (write_settings(d, &c))
		return;
	d->fwmark = conf->fwmark;
	if (c.set_port && conf->listen_port)
		d->port = conf->listen_port;
}

int kernel_device_reopen(void *be, void *dev, uint32_t *ifindex, char *why,
			 size_t why_len)
{
	struct kernel_device *d = dev;
	struct kwg *kwg = d->k->kwg;
	const struct kwg_device_change c = {
		.private_key = private_key(d),
		.port = d->conf_port,
		.set_port = true,
		.fwmark = d->conf_fwmark,
		.set_fwmark = true,
	};
	int err = kwg->ops->link_new(kwg, d->name, &d->ifindex);

	(void)be;
	if (err) {
		snprintf(why, why_len, "the interface cannot be made: %s",
			 strerror(-err));
		return err;
	}
	d->ours = true;
	d->gone = false;
	*ifindex = d->ifindex;
	probe(d);
	(void)write_settings(d, &c);
	/* finds nothing there, and so has everything written again */
	(void)kernel_poll(d);
	kernel_poll_repair(d);
	return 0;
}

static bool is_among(const struct klink_address *a, const struct klink_address *v,
		     size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].len == a->len && ip_addr_equal(&v[i].addr, &a->addr))
			return true;
	return false;
}

/* On an interface of somebody else only our own addresses go. */
static int change_addresses(struct kernel_device *d, const struct klink_address *want,
			    size_t n)
{
	struct kwg *kwg = d->k->kwg;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = kwg->ops->addr_add(kwg, d->ifindex, &want[i]);
	for (size_t i = 0; i < d->address_count && !err; i++)
		if (!is_among(&d->address[i], want, n))
			err = kwg->ops->addr_del(kwg, d->ifindex, &d->address[i]);
	return err;
}

static int set_addresses(struct kernel_device *d, const struct conf_wireguard *conf)
{
	struct kwg *kwg = d->k->kwg;
	struct klink_address *want = xcalloc(conf->address_count + 1, sizeof(*want));
	int err;

	for (size_t i = 0; i < conf->address_count; i++)
		want[i] = (struct klink_address){
			.addr = conf->address[i].addr,
			.len = conf->address[i].len,
		};
	err = d->ours ? kwg->ops->addr_sync(kwg, d->ifindex, want, conf->address_count)
		      : change_addresses(d, want, conf->address_count);
	free(d->address);
	d->address = want;
	d->address_count = conf->address_count;
	return err;
}

int kernel_device_link(void *be, void *dev, const struct conf_wireguard *conf)
{
	struct kernel_device *d = dev;
	struct kwg *kwg = d->k->kwg;
	int err;

	(void)be;
	if (d->gone) /* it will be told when it is made again */
		return 0;
	err = conf->shutdown ? kwg->ops->link_down(kwg, d->ifindex) : 0;
	if (!err)
		err = set_addresses(d, conf);
	if (!err && !conf->shutdown)
		err = kwg->ops->link_up(kwg, d->ifindex, conf->mtu);
	kernel_poll_soon(d);
	return err;
}

/* ---- going ---- */

/* Of an interface that stays: peers of ours, with what they have, and addresses. */
static void take_back(struct kernel_device *d)
{
	struct kernel_peer *p, *next;

	HASH_ITER (hh, d->peers, p, next) {
		if (p->present)
			(void)kernel_key_remove(d, p->public_key);
	}
	(void)change_addresses(d, NULL, 0);
}

static bool stays(const struct kernel_device *d)
{
	return !d->ours || (d->foreign == CONF_FOREIGN_KEEP && d->strangers);
}

/* What is not in the running configuration, as its commit was aborted, is left as it was found. */
static int withdraw(struct kernel_device *d)
{
	struct kwg *kwg = d->k->kwg;

	if (d->gone || (d->applied && d->k->retain) || (!d->applied && d->adopted))
		return 0;
	if (!d->applied || !stays(d))
		return kwg->ops->link_del(kwg, d->ifindex);
	take_back(d);
	return 0;
}

void kernel_device_stop(void *be, void *dev)
{
	struct kernel_device *d = dev;
	int err = withdraw(d);

	(void)be;
	if (err)
		log_err(LOG_WG, "interface %s: cannot be removed: %s", d->name,
			strerror(-err));
	kernel_poll_stop(d);
	loop_job_cancel(d->k->loop, &d->flush);
	kernel_table_clear(d);
	d->stopped = true;
}

void kernel_device_free(void *be, void *dev)
{
	struct kernel_device *d = dev;
	struct kernel_stranger *s, *next;

	(void)be;
	HASH_ITER (hh, d->strangers, s, next)
		kernel_stranger_free(d, s);
	cds_list_del(&d->link);
	free(d->address);
	wipe(&d->private_key, sizeof(d->private_key));
	free(d);
}

/* ---- asking ---- */

uint16_t kernel_device_port(void *be, void *dev)
{
	struct kernel_device *d = dev;

	(void)be;
	kernel_poll_if_old(d);
	return d->port;
}

bool kernel_device_public_key(void *be, void *dev, size_t i, uint8_t key[32])
{
	const struct kernel_device *d = dev;

	(void)be;
	if (i || !d->public_key_set)
		return false;
	memcpy(key, d->public_key, CONF_KEY_LEN);
	return true;
}

void kernel_device_state(void *be, void *dev, struct wg_backend_device_state *st)
{
	struct kernel_device *d = dev;

	(void)be;
	kernel_poll_if_old(d);
	*st = (struct wg_backend_device_state){
		.adopted = d->adopted && !d->ours,
		.foreign_peers = HASH_COUNT(d->strangers),
		.foreign_prefixes = d->found,
		.degraded_prefixes = d->degraded,
		.trouble = d->trouble,
	};
	for (const struct kernel_stranger *s = d->strangers; s; s = s->hh.next)
		st->foreign_prefixes += s->prefixes;
}
