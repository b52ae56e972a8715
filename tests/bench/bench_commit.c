/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a configuration costs by the number of its peers: `make bench`.
 *
 * usage: bench_commit [--json] [--interfaces N] [PEERS...]      (100; 1000 10000 100000)
 *
 * PEERS, over N interfaces and as many tenants, each with a public key, an endpoint, an
 * overlay address and two prefixes. Processor time of
 *
 *  - load: a file's edits into an empty candidate, and their commit;
 *  - one peer, 1,000 peers: so many endpoints changed, and their commit;
 *  - roll back: the way back to before them;
 *  - one tenant: it and its interface with all peers, as <get-config> with a subtree filter
 *    finds them and writes them as XML, for root; "by a user", for one whom NACM keeps from
 *    secrets, so that each node is looked at;
 *  - print: the text of wgrd.conf, as saving writes it;
 *
 * and what malloc() has given for a peer, tree and struct conf together. Nobody subscribes:
 * it is the datastore alone, the commit log without its file.
 */
#include <libyang/libyang.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/sizes.h"
#include "wgrd/cli/config_print.h"
#include "wgrd/cli/form.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/netconf/filter.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/rpc.h"

enum {
	ROUNDS = 3, /* the best of them counts */
};

static struct sizes args = {.program = "bench_commit", .interfaces = 100};

static void must(bool ok, const char *what)
{
	sizes_must(&args, ok, what);
}

static double cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void print(unsigned peers, const char *what, const char *unit, double value)
{
	if (args.json)
		printf("{\"peers\":%u,\"what\":\"%s\",\"unit\":\"%s\",\"value\":%.3f}\n",
		       peers, what, unit, value);
	else
		printf("  %-14s %12.3f %s\n", what, value, unit);
	fflush(stdout);
}

/* ---- a configuration ---- */

static void set(struct datastore *ds, const char *path, const char *value)
{
	char why[512];

	if (datastore_set(ds, path, value, why, sizeof(why)))
		must(false, why);
}

static void commit(struct datastore *ds)
{
	char why[512];

	if (datastore_commit(ds, why, sizeof(why)))
		must(false, why);
}

static void peer_path(char path[static 128], unsigned i, const char *leaf)
{
	snprintf(path, 128, "wireguard[name='wg%u']/peer[name='p%u']/%s",
		 i % args.interfaces, i, leaf);
}

static void set_peer(struct datastore *ds, unsigned i, const char *leaf,
		     const char *value)
{
	char path[128];

	peer_path(path, i, leaf);
	set(ds, path, value);
}

/* Base64 of 32 octets that begin with @i; the last digit has no bits to spare. */
static void public_key(char key[static 45], unsigned i)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	memset(key, 'A', 43);
	key[0] = 'B';
	for (unsigned n = 0; n < 5; n++, i >>= 6)
		key[1 + n] = digits[i & 63];
	strcpy(key + 43, "=");
}

static void add_peer(struct datastore *ds, unsigned i)
{
	char text[64];

	public_key(text, i);
	set_peer(ds, i, "public-key", text);
	snprintf(text, sizeof(text), "192.0.2.1:%u", 1 + i % 65535);
	set_peer(ds, i, "endpoint", text);
	snprintf(text, sizeof(text), "10.%u.%u.%u", 64 + i / 65536, i / 256 % 256,
		 i % 256);
	set_peer(ds, i, "overlay-address", text);
	snprintf(text, sizeof(text), "2001:db8:%x:%x::/64", i / 65536, i % 65536);
	set_peer(ds, i, "allowed-ip", text);
	snprintf(text, sizeof(text), "172.%u.%u.%u/32", 16 + i / 65536, i / 256 % 256,
		 i % 256);
	set_peer(ds, i, "allowed-ip", text);
}

static void add_tenants(struct datastore *ds)
{
	char path[64], value[16];

	for (unsigned i = 0; i < args.interfaces; i++) {
		snprintf(value, sizeof(value), "t%u", i);
		snprintf(path, sizeof(path), "wireguard[name='wg%u']/tenant", i);
		set(ds, path, value);
		snprintf(path, sizeof(path), "tenant[name='t%u']/table", i);
		snprintf(value, sizeof(value), "%u", 1000 + i);
		set(ds, path, value);
	}
}

static void load(struct datastore *ds, unsigned peers)
{
	must(!datastore_start_empty(ds), "no candidate");
	add_tenants(ds);
	for (unsigned i = 0; i < peers; i++)
		add_peer(ds, i);
	commit(ds);
}

static void change(struct datastore *ds, unsigned first, unsigned count, unsigned port)
{
	char value[32];

	snprintf(value, sizeof(value), "198.51.100.1:%u", port);
	for (unsigned i = first; i < first + count; i++)
		set_peer(ds, i, "endpoint", value);
	commit(ds);
}

/* ---- measuring ---- */

static double best(double a, double b)
{
	return a < b ? a : b;
}

static double time_change(struct datastore *ds, unsigned count)
{
	double least = 1e12;

	for (unsigned n = 1; n <= ROUNDS; n++) {
		double before = cpu_ms();

		change(ds, 0, count, n);
		least = best(least, cpu_ms() - before);
	}
	return least;
}

static double time_rollback(struct datastore *ds, uint64_t id)
{
	struct edits way = {0};
	double before = cpu_ms();

	must(!commit_log_way_back(datastore_commit_log(ds), id, &way), "no way back");
	for (size_t i = 0; i < way.count; i++)
		set(ds, way.edit[i].path, way.edit[i].value); /* endpoints, all of them */
	commit(ds);
	edits_fini(&way);
	return cpu_ms() - before;
}

static double time_print(struct datastore *ds)
{
	struct cli_forms *forms = cli_forms_new();
	struct strbuf text = {0};
	double before = cpu_ms();

	config_print(forms, datastore_running(ds), true, &text);
	before = cpu_ms() - before;
	strbuf_free(&text);
	free(forms);
	return before;
}

#define TENANT_FILTER                                                             \
	"<filter><wgrd xmlns='urn:wgrd:yang:wgrd'>"                               \
	"<tenant><name>t0</name></tenant><wireguard><name>wg0</name></wireguard>" \
	"</wgrd></filter>"

static double time_tenant(struct datastore *ds, uid_t uid)
{
	struct netconf_session s = {0};
	struct rpc r = {.s = &s};
	struct nacm *nacm = NULL;
	struct xml_doc doc;
	struct filter filter = {.no_defaults = true};
	struct strbuf text = {0};
	double least = 1e12;
	char why[200];

	if (nacm_new(datastore_module(ds)->ctx, NULL, &nacm, why, sizeof(why)) ||
	    xml_parse(&doc, TENANT_FILTER, strlen(TENANT_FILTER), why, sizeof(why)))
		must(false, why);
	s.nacm = nacm_user_new(nacm, "bench", uid, uid);
	must(filter_read_subtree(&r, doc.root, &filter), "no filter");
	for (unsigned n = 0; n < ROUNDS; n++) {
		double before = cpu_ms();

		strbuf_truncate(&text, 0);
		must(filter_print(&r, &filter, datastore_running(ds), PRINT_EXPLICIT,
				  &text),
		     "nothing is selected");
		least = best(least, cpu_ms() - before);
	}
	must(text.len > 1000, "nothing was written");
	strbuf_free(&text);
	filter_fini(&filter);
	xml_free(&doc);
	nacm_user_free(s.nacm);
	nacm_free(nacm);
	return least;
}

static void measure(unsigned peers)
{
	const char *yang_dir = getenv("WGRD_YANG_DIR") ?: "yang";
	size_t empty, full;
	struct datastore *ds;
	double before;
	uint64_t loaded;
	char why[512];

	if (!args.json)
		printf("%u peers\n", peers);
	if (datastore_new(yang_dir, &ds, why, sizeof(why)))
		must(false, why);
	empty = mallinfo2().uordblks + mallinfo2().hblkhd;
	before = cpu_ms();
	load(ds, peers);
	print(peers, "load", "ms", cpu_ms() - before);
	full = mallinfo2().uordblks + mallinfo2().hblkhd;
	print(peers, "memory", "bytes/peer", (double)(full - empty) / peers);
	loaded = commit_log_now(datastore_commit_log(ds));
	print(peers, "one peer", "ms", time_change(ds, 1));
	print(peers, "1000 peers", "ms", time_change(ds, 1000));
	print(peers, "roll back", "ms", time_rollback(ds, loaded));
	print(peers, "one tenant", "ms", time_tenant(ds, 0));
	print(peers, "... by a user", "ms", time_tenant(ds, 1000));
	print(peers, "print", "ms", time_print(ds));
	datastore_free(ds);
}

int main(int argc, char **argv)
{
	log_set_level(LOG_LEVEL_ERR);
	sizes_run(&args, argc, argv, measure);
	return 0;
}
