/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenarios/scn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines and words ---- */

bool scn_next(struct scn *s)
{
	while (fgets(s->text, sizeof(s->text), s->in)) {
		char *rest = s->text, *word;

		s->line++;
		s->text[strcspn(s->text, "#\n")] = '\0';
		s->words = 0;
		while (s->words < SCN_WORDS_MAX && (word = strtok_r(rest, " \t", &rest)))
			s->word[s->words++] = word;
		if (s->words)
			return true;
	}
	return false;
}

bool scn_fail(struct scn *s, const char *fmt, ...)
{
	char buf[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	strbuf_printf(&s->report, "%s:%u: %s\n", s->path, s->line, buf);
	return false;
}

bool scn_begins(const struct scn *s, const char *words)
{
	for (unsigned i = 0; *words; i++) {
		size_t len = strcspn(words, " ");

		if (i == s->words || strlen(s->word[i]) != len ||
		    strncmp(s->word[i], words, len))
			return false;
		words += len + (words[len] == ' ');
	}
	return true;
}

const char *scn_after(const struct scn *s, const char *key)
{
	for (unsigned i = 0; i + 1 < s->words; i++)
		if (!strcmp(s->word[i], key))
			return s->word[i + 1];
	return NULL;
}

bool scn_has(const struct scn *s, const char *key)
{
	for (unsigned i = 0; i < s->words; i++)
		if (!strcmp(s->word[i], key))
			return true;
	return false;
}

uint32_t scn_number(const struct scn *s, const char *key, uint32_t preset)
{
	const char *value = scn_after(s, key);

	return value ? (uint32_t)strtoul(value, NULL, 0) : preset;
}

bool scn_prefix(struct scn *s, struct prefix *p)
{
	for (unsigned i = 0; i < s->words; i++)
		if (strchr(s->word[i], '/') && prefix_parse(p, s->word[i]) == 0)
			return true;
	return scn_fail(s, "there is no prefix in this line");
}

static bool unknown(struct scn *s)
{
	return scn_fail(s, "\"%s%s%s ...\" is not known", s->word[0],
			s->words > 1 ? " " : "", s->words > 1 ? s->word[1] : "");
}

/* ---- interfaces ---- */

static bool set_addresses(struct scn *s, struct kmon_link *l)
{
	struct prefix p;

	l->address = xrealloc(l->address, s->words, sizeof(*l->address));
	l->address_count = 0;
	for (unsigned i = 3; i < s->words; i++) {
		if (prefix_parse(&p, s->word[i]))
			return scn_fail(s, "\"%s\" is not an address", s->word[i]);
		l->address[l->address_count++] =
			(struct klink_address){.addr = p.addr, .len = p.len};
	}
	return true;
}

/* link NAME up ADDRESS... | link NAME down | link NAME gone | link NAME vrf TABLE */
static bool do_link(struct scn *s)
{
	const char *state = s->words > 2 ? s->word[2] : "";
	struct world *w = s->world;
	struct world_link *l;

	if (wg_device_find(w->wg, s->word[1]) && !strcmp(state, "gone")) {
		world_device_gone(w, s->word[1]);
		return true;
	}
	if (wg_device_find(w->wg, s->word[1])) {
		world_link_state(w, s->word[1], !strcmp(state, "up"));
		return true;
	}
	l = world_link(w, s->word[1]);
	if (!strcmp(state, "gone")) {
		world_link_gone(w, l);
		return true;
	}
	if (!strcmp(state, "vrf")) {
		l->link.vrf_table = scn_number(s, "vrf", 0);
		world_link_changed(w, l);
		return true;
	}
	if (strcmp(state, "up") && strcmp(state, "down"))
		return unknown(s);
	l->link.up = !strcmp(state, "up");
	if (s->words > 3 && !set_addresses(s, &l->link))
		return false;
	world_link_changed(w, l);
	return true;
}

/* ---- configuration ---- */

static void join_words(const struct scn *s, char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < s->words && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%s", i ? " " : "",
					 s->word[i]);
}

/* configure, lines of wgrd.conf, then commit, or save for the next start */
static bool do_configure(struct scn *s)
{
	char line[512], why[256];

	conf_builder_text(s->world->candidate, "exit-wireguard"); /* to the top */
	while (scn_next(s)) {
		if (scn_begins(s, "save"))
			return true;
		if (scn_begins(s, "commit")) {
			if (world_commit(s->world, why, sizeof(why)))
				return scn_fail(s, "the commit was refused: %s", why);
			return true;
		}
		join_words(s, line, sizeof(line));
		if (conf_builder_line(s->world->candidate, line, why, sizeof(why)))
			return scn_fail(s, "%s", why);
	}
	return scn_fail(s, "there is no commit");
}

/* ---- zebra ---- */

static bool find_vrf(struct scn *s, uint32_t *vrf)
{
	const char *name = scn_after(s, "vrf") ?: "default";

	if (rib_vrf_find(s->world->rib, name, vrf) == 0)
		return true;
	return scn_fail(s, "there is no VRF %s", name);
}

/* The next hops of a line: "via 10.99.0.2 dev wg0 weight 2 via ..."; "dev wg0" alone. */
static bool read_nexthops(struct scn *s, struct rib_nexthop hop[static RIB_NEXTHOP_MAX],
			  uint8_t *count)
{
	struct rib_nexthop *nh = NULL;

	for (unsigned i = 3; i + 1 < s->words; i += 2) {
		const char *key = s->word[i], *value = s->word[i + 1];

		if (!strcmp(key, "via") || (!strcmp(key, "dev") && !nh)) {
			nh = &hop[(*count)++];
			nh->weight = 1;
		}
		if (!strcmp(key, "via") && ip_addr_parse(&nh->gate, value))
			return scn_fail(s, "\"%s\" is not an address", value);
		if (nh && !strcmp(key, "dev"))
			nh->ifindex = world_ifindex(s->world, value) ?: 9999;
		if (nh && !strcmp(key, "weight"))
			nh->weight = (uint16_t)atoi(value);
	}
	return true;
}

static bool zebra_add(struct scn *s)
{
	struct rib_nexthop nh[RIB_NEXTHOP_MAX] = {0};
	struct rib_route r = {
		.source = RIB_FROM_ZEBRA,
		.proto = rib_proto_parse(scn_after(s, "proto") ?: "bgp"),
		.distance = 200,
		.tag = scn_number(s, "tag", 0),
		.nh = nh,
	};
	uint32_t vrf;
	bool good = scn_prefix(s, &r.prefix) && find_vrf(s, &vrf) &&
		    read_nexthops(s, nh, &r.nh_count);

	if (good && rib_update(s->world->rib, vrf, &r))
		good = scn_fail(s, "the RIB is out of memory");
	world_zebra_spoke(s->world);
	return good;
}

static bool zebra_del(struct scn *s)
{
	struct prefix p;
	uint32_t vrf;

	if (!scn_prefix(s, &p) || !find_vrf(s, &vrf))
		return false;
	world_zebra_spoke(s->world);
	if (rib_withdraw(s->world->rib, vrf, &p, RIB_FROM_ZEBRA))
		return scn_fail(s, "zebra has no such route");
	return true;
}

static bool do_zebra(struct scn *s)
{
	if (scn_begins(s, "zebra add"))
		return zebra_add(s);
	if (scn_begins(s, "zebra del"))
		return zebra_del(s);
	if (scn_begins(s, "zebra lost"))
		world_zebra_lost(s->world);
	else if (scn_begins(s, "zebra back"))
		world_zebra_back(s->world);
	else
		return unknown(s);
	return true;
}

/* ---- a kernel table that others fill ---- */

/* bird add|append|replace|del P ... as tests/lib/fake_feed.h has it, but interfaces by name */
static bool do_bird(struct scn *s)
{
	struct strbuf line = {0};
	bool good;

	for (unsigned i = 1; i < s->words; i++) {
		bool dev = !strcmp(s->word[i], "dev") && i + 1 < s->words;

		strbuf_printf(&line, "%s%s", i > 1 ? " " : "", dev ? "oif" : s->word[i]);
		if (dev)
			strbuf_printf(&line, " %u",
				      world_ifindex(s->world, s->word[++i]) ?: 9999);
	}
	good = fake_feed_do(s->world->feed, strbuf_str(&line));
	strbuf_free(&line);
	return good ? true : scn_fail(s, "the kernel refuses this");
}

/* vrf NAME ID | vrf NAME gone */
static bool do_vrf(struct scn *s)
{
	uint32_t vrf;

	if (s->words != 3)
		return unknown(s);
	if (strcmp(s->word[2], "gone")) {
		if (rib_vrf_set(s->world->rib, (uint32_t)atoi(s->word[2]), s->word[1]))
			return scn_fail(s, "the RIB refuses this VRF");
		return true;
	}
	if (rib_vrf_find(s->world->rib, s->word[1], &vrf))
		return scn_fail(s, "there is no VRF %s", s->word[1]);
	rib_vrf_del(s->world->rib, vrf);
	return true;
}

/* ---- kernel, memory, time ---- */

static int errno_of(const char *name)
{
	static const struct {
		const char *name;
		int err;
	} known[] = {
		{"ENOMEM", ENOMEM}, {"EEXIST", EEXIST},   {"EINVAL", EINVAL},
		{"EPERM", EPERM},   {"ENOBUFS", ENOBUFS}, {"ENETDOWN", ENETDOWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].name, name))
			return -known[i].err;
	return 0;
}

static bool do_kernel(struct scn *s)
{
	struct fake_kernel *k = s->world->kernel;

	if (scn_begins(s, "kernel fail next"))
		fake_kernel_fail_next(k, errno_of(s->word[s->words - 1]));
	else if (scn_begins(s, "kernel hold"))
		fake_kernel_hold(k, true);
	else if (scn_begins(s, "kernel release"))
		fake_kernel_hold(k, false);
	else if (scn_begins(s, "kernel complete"))
		fake_kernel_complete(k, scn_number(s, "complete", 1));
	else if (scn_begins(s, "kernel overrun"))
		fib_resync(s->world->fib);
	else
		return unknown(s);
	return true;
}

/* foreign delete route P table T | foreign delete rule iif IF table T priority N ipv4|ipv6
 * | foreign add route P table T dev IF */
static bool do_foreign(struct scn *s)
{
	struct kroute r = {.table = scn_number(s, "table", 0),
			   .metric = scn_number(s, "metric", 20)};
	struct krule rule = {.family = scn_has(s, "ipv6") ? AF_INET6 : AF_INET,
			     .priority = scn_number(s, "priority", 1000),
			     .table = r.table};

	if (scn_begins(s, "foreign delete rule")) {
		snprintf(rule.iif, sizeof(rule.iif), "%s", scn_after(s, "iif") ?: "");
		if (!fake_kernel_lose_rule(s->world->kernel, &rule))
			return scn_fail(s, "there is no such rule");
		return true;
	}
	if (!scn_prefix(s, &r.dst))
		return false;
	if (scn_begins(s, "foreign delete route")) {
		if (!fake_kernel_lose_route(s->world->kernel, r.table, &r.dst, r.metric))
			return scn_fail(s, "there is no such route");
		return true;
	}
	r.oif = world_ifindex(s->world, scn_after(s, "dev") ?: "");
	fake_kernel_put_route(s->world->kernel, &r, false);
	return true;
}

static struct wg_peer *peer_named(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->conf->wireguard_count; i++) {
		struct wg_device *d = wg_device_find(w->wg, w->conf->wireguard[i]->name);
		struct wg_peer *p = d ? wg_peer_find(d, name) : NULL;

		if (p)
			return p;
	}
	return NULL;
}

/* peer NAME answers | peer NAME is silent */
static bool do_peer(struct scn *s)
{
	const char *name = scn_after(s, "peer") ?: "";
	struct wg_peer *p = peer_named(s->world, name);
	bool answers = scn_has(s, "answers");

	if (!p || answers == scn_has(s, "silent"))
		return unknown(s);
	fake_backend_session(s->world->be, wg_device_name(wg_peer_device(p)), name,
			     answers);
	return true;
}

/* clear peer NAME | clear tenant NAME: the hold of max-prefix-hold */
static bool do_clear(struct scn *s)
{
	const char *peer = scn_after(s, "peer"), *tenant = scn_after(s, "tenant");
	struct wg_peer *p = peer ? peer_named(s->world, peer) : NULL;

	if (p)
		tenants_release_peer(s->world->tenants, p);
	else if (!tenant || !tenants_release(s->world->tenants, tenant))
		return scn_fail(s, "there is nobody of that name");
	return true;
}

/* time +30s | time +500ms */
static bool do_time(struct scn *s)
{
	char unit[3] = "";
	unsigned n = 0;

	if (s->words != 2 || sscanf(s->word[1], "+%u%2s", &n, unit) != 2)
		return unknown(s);
	world_advance(s->world, n * (strcmp(unit, "ms") ? NS_PER_S : NS_PER_MS));
	return true;
}

/* ---- the story ---- */

static bool act(struct scn *s)
{
	static const struct {
		const char *words;
		bool (*fn)(struct scn *s);
	} acts[] = {
		{"link", do_link},     {"configure", do_configure},
		{"zebra", do_zebra},   {"vrf", do_vrf},
		{"kernel", do_kernel}, {"foreign", do_foreign},
		{"time", do_time},     {"clear", do_clear},
		{"peer", do_peer},     {"expect", scn_expect},
		{"bird", do_bird},
	};

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (scn_begins(s, acts[i].words))
			return acts[i].fn(s);
	if (scn_begins(s, "restart"))
		world_restart(s->world, scn_begins(s, "restart keeping interfaces"));
	else if (scn_begins(s, "memory fail"))
		fake_backend_fail_memory(s->world->be, scn_number(s, "fail", 1));
	else if (scn_begins(s, "forget"))
		world_forget(s->world);
	else if (scn_begins(s, "at once") || scn_begins(s, "at last"))
		s->at_once = scn_begins(s, "at once");
	else
		return unknown(s);
	return true;
}

static bool step(struct scn *s)
{
	const char *error;

	if (!act(s))
		return false;
	if (s->at_once)
		return true;
	world_settle(s->world);
	error = world_error(s->world);
	return error ? scn_fail(s, "%s", error) : true;
}

bool scn_play(const char *path, struct strbuf *report)
{
	struct scn s = {.path = path, .in = fopen(path, "r")};
	bool good = true;

	if (!s.in) {
		strbuf_printf(report, "%s: %s\n", path, strerror(errno));
		return false;
	}
	s.world = world_new();
	while (good && scn_next(&s))
		good = step(&s);
	if (!good)
		world_describe(s.world, &s.report);
	strbuf_puts(report, strbuf_str(&s.report));
	strbuf_free(&s.report);
	world_free(s.world);
	fclose(s.in);
	return good;
}
