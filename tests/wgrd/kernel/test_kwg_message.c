/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kwg_message.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/hex.h"
#include "tests/lib/rng.h"
#include "wgrd/lib/strbuf.h"

enum {
	IFINDEX = 77,
	MANY = 100000,
};

/* ---- what was recorded: tests/wgrd/kernel/kwg_recorded.txt says how ---- */

struct recorded {
	uint8_t *bytes;
	size_t len;
};

/* The @nth message of @what, or {NULL}. To be freed. */
static struct recorded recorded(const char *what, unsigned nth)
{
	const char *dir = getenv("WGRD_SRCDIR") ?: ".";
	struct recorded r = {0};
	char path[512], word[32];
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	FILE *in;

	snprintf(path, sizeof(path), "%s/tests/wgrd/kernel/kwg_recorded.txt", dir);
	in = fopen(path, "r");
	assert_non_null(in);
	while (!r.bytes && (len = getline(&line, &room, in)) > 0) {
		int at = 0;

		if (sscanf(line, "%31s %n", word, &at) < 1 || strcmp(word, what) || nth--)
			continue;
		line[len - 1] = '\0';
		r.bytes = malloc((size_t)len);
		assert_non_null(r.bytes);
		r.len = hex_decode(r.bytes, (size_t)len, line + at);
	}
	free(line);
	fclose(in);
	return r;
}

/* ---- reading ---- */

static void describe_device(void *arg, const struct kwg_device_info *d)
{
	strbuf_printf(arg, "device %u %s %s %u 0x%x\n", d->ifindex, d->name,
		      d->public_key_set ? "key" : "no key", d->port, d->fwmark);
}

static void describe_peer(void *arg, const struct kwg_peer_info *p)
{
	char addr[IP_ADDR_STRLEN];

	strbuf_printf(arg, "peer %u%s", p->public_key[0], p->continued ? " goes on" : "");
	if (p->endpoint.family)
		strbuf_printf(arg, " %s:%u", ip_addr_str(&p->endpoint, addr),
			      p->endpoint_port);
	if (p->keepalive_s)
		strbuf_printf(arg, " %us", p->keepalive_s);
	strbuf_puts(arg, "\n");
}

static void describe_prefix(void *arg, const struct prefix *p)
{
	char text[PREFIX_STRLEN];

	strbuf_printf(arg, " %s\n", prefix_str(p, text));
}

static int read_into(struct strbuf *out, const void *bytes)
{
	const struct kwg_reader r = {describe_device, describe_peer, describe_prefix,
				     out};

	return kwg_read(&r, bytes);
}

static void what_a_kernel_said_is_read(void **state)
{
	struct recorded r = recorded("get", 1);
	struct strbuf out = {0};

	(void)state;
	assert_non_null(r.bytes);
	assert_int_equal(read_into(&out, r.bytes), 0);
	assert_string_equal(strbuf_str(&out), "device 77 wg0 key 51820 0xca6c\n"
					      "peer 2 192.0.2.1:1234 25s\n"
					      " 10.1.0.0/16\n"
					      " 2001:db8:1::/48\n");
	free(r.bytes);
	strbuf_free(&out);
}

struct count {
	unsigned devices, peers, goes_on, prefixes;
};

static void count_device(void *arg, const struct kwg_device_info *d)
{
	(void)d;
	((struct count *)arg)->devices++;
}

static void count_peer(void *arg, const struct kwg_peer_info *p)
{
	((struct count *)arg)->peers++;
	((struct count *)arg)->goes_on += p->continued;
}

static void count_prefix(void *arg, const struct prefix *p)
{
	(void)p;
	((struct count *)arg)->prefixes++;
}

static void a_peer_goes_on_over_messages(void **state)
{
	struct count c = {0};
	const struct kwg_reader reader = {count_device, count_peer, count_prefix, &c};
	unsigned n = 0;

	(void)state;
	for (struct recorded r; (r = recorded("get-many", ++n)).bytes;) {
		assert_int_equal(kwg_read(&reader, (void *)r.bytes), 0);
		free(r.bytes);
	}
	assert_int_equal(n, 6);
	assert_int_equal(c.prefixes, 600);
	assert_int_equal(c.peers - c.goes_on, 1);
	assert_int_equal(c.goes_on, n - 2);
}

static void mauled_messages_are_refused_or_read(void **state)
{
	struct recorded r = recorded("get", 1);

	(void)state;
	rng_seed();
	for (int i = 0; i < 20000; i++) {
		/* of just that length, so that a sanitizer sees what is read beyond */
		uint8_t *copy = malloc(r.len);
		struct strbuf out = {0};

		assert_non_null(copy);
		memcpy(copy, r.bytes, r.len);
		for (unsigned k = rng_below(4) + 1; k; k--)
			copy[sizeof(struct nlmsghdr) +
			     rng_below((unsigned)(r.len - sizeof(struct nlmsghdr)))] =
				(uint8_t)rng_below(256);
		(void)read_into(&out, copy);
		strbuf_free(&out);
		free(copy);
	}
	free(r.bytes);
}

/* ---- writing ---- */

struct sent {
	unsigned messages;
	size_t longest;
	struct strbuf all; /* the bytes of the first */
	struct count count;
	unsigned refuse_at; /* the number of a message; 0: none */
};

static int take(void *arg, struct nlmsghdr *h)
{
	struct sent *s = arg;
	/* what is set looks as what is got, but for the state */
	const struct kwg_reader reader = {count_device, count_peer, count_prefix,
					  &s->count};

	if (++s->messages == s->refuse_at)
		return -ENOMEM;
	if (h->nlmsg_len > s->longest)
		s->longest = h->nlmsg_len;
	if (s->messages == 1)
		strbuf_add(&s->all, (const char *)h, h->nlmsg_len);
	assert_int_equal(kwg_read(&reader, h), 0);
	return 0;
}

static void key_of(uint8_t key[KWG_KEY_BYTES], uint8_t digit)
{
	memset(key, digit, KWG_KEY_BYTES);
}

static struct prefix prefix_of(const char *s)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, s), 0);
	return p;
}

/* Copies the attributes of @from below @path into a canonical text: the order within a list is
 * the writer's business. */
static void canon(struct strbuf *out, const void *data, size_t len, unsigned depth)
{
	const char *const end = (const char *)data + len;
	const struct nlattr *a = data;

	for (unsigned type = 0; type < 16; type++) {
		for (a = data; mnl_attr_ok(a, (int)(end - (const char *)a));
		     a = mnl_attr_next(a)) {
			if (mnl_attr_get_type(a) != type)
				continue;
			strbuf_printf(out, "%*s%u:", (int)depth, "", type);
			if (a->nla_type & NLA_F_NESTED) {
				strbuf_puts(out, "\n");
				canon(out, mnl_attr_get_payload(a),
				      mnl_attr_get_payload_len(a), depth + 1);
				continue;
			}
			for (unsigned i = 0; i < mnl_attr_get_payload_len(a); i++)
				strbuf_printf(
					out, "%02x",
					((const uint8_t *)mnl_attr_get_payload(a))[i]);
			strbuf_puts(out, "\n");
		}
	}
}

static void canon_message(struct strbuf *out, const void *message)
{
	const struct nlmsghdr *h = message;
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(h);

	strbuf_printf(out, "cmd %u version %u\n", genl->cmd, genl->version);
	canon(out, (const char *)genl + GENL_HDRLEN,
	      h->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, 0);
}

/* Replaces a line, since wg(8) names the interface and the kernel wipes secrets it has taken. */
static void replace(struct strbuf *text, const char *from, const char *to)
{
	char *at = strstr(text->s, from);
	struct strbuf new = {0};

	assert_non_null(at);
	strbuf_add(&new, text->s, (size_t)(at - text->s));
	strbuf_puts(&new, to);
	strbuf_puts(&new, at + strlen(from));
	strbuf_free(text);
	*text = new;
}

static void remove_lines(struct strbuf *text, const char *line)
{
	while (strstr(text->s, line))
		replace(text, line, "");
}

static void what_we_write_is_what_wg_writes(void **state)
{
	const struct kwg_device_change device = {
		.private_key = (const uint8_t[KWG_KEY_BYTES]){0},
		.set_port = true,
		.port = 51820,
		.set_fwmark = true,
		.fwmark = 0xca6c,
	};
	static struct kwg_writer w;
	struct kwg_peer_change peer = {
		.preshared_key = (const uint8_t[KWG_KEY_BYTES]){0},
		.endpoint = prefix_of("192.0.2.1").addr,
		.endpoint_port = 1234,
		.keepalive_s = 25,
	};
	struct prefix p4 = prefix_of("10.1.0.0/16"), p6 = prefix_of("2001:db8:1::/48"),
		      all = prefix_of("0.0.0.0/0");
	struct strbuf ours = {0}, theirs = {0};
	struct recorded r = recorded("set", 0);
	struct sent s = {0};

	(void)state;
	kwg_writer_init(&w, 0x20, IFINDEX, KWG_MESSAGE_BYTES, take, &s);
	kwg_write_device(&w, &device);
	key_of(peer.public_key, 2);
	kwg_write_peer(&w, &peer);
	kwg_write_allowed_ip(&w, &p4, false);
	kwg_write_allowed_ip(&w, &p6, false);
	peer = (struct kwg_peer_change){
		.endpoint = prefix_of("2001:db8::2").addr,
		.endpoint_port = 5678,
		.keepalive_s = -1,
	};
	key_of(peer.public_key, 3);
	kwg_write_peer(&w, &peer);
	kwg_write_allowed_ip(&w, &all, false);
	assert_int_equal(kwg_writer_end(&w), 0);
	assert_int_equal(s.messages, 1);
	canon_message(&ours, s.all.s);
	canon_message(&theirs, r.bytes);
	replace(&ours, "1:4d000000\n", "");
	replace(&theirs, "2:77673000\n", "");
	/* it replaces what a peer has, which we never do */
	remove_lines(&theirs, "  3:02000000\n");
	assert_string_equal(ours.s, theirs.s);
	strbuf_free(&ours);
	strbuf_free(&theirs);
	strbuf_free(&s.all);
	free(r.bytes);
}

static void a_peer_is_removed_as_wg_removes_it(void **state)
{
	static struct kwg_writer w;
	struct kwg_peer_change peer = {.remove = true, .keepalive_s = -1};
	struct strbuf ours = {0}, theirs = {0};
	struct recorded r = recorded("remove", 0);
	struct sent s = {0};

	(void)state;
	kwg_writer_init(&w, 0x20, IFINDEX, KWG_MESSAGE_BYTES, take, &s);
	key_of(peer.public_key, 3);
	kwg_write_peer(&w, &peer);
	assert_int_equal(kwg_writer_end(&w), 0);
	canon_message(&ours, s.all.s);
	canon_message(&theirs, r.bytes);
	replace(&ours, "1:4d000000\n", "");
	replace(&theirs, "2:77673000\n", "");
	assert_string_equal(ours.s, theirs.s);
	strbuf_free(&ours);
	strbuf_free(&theirs);
	strbuf_free(&s.all);
	free(r.bytes);
}

static void write_many(struct kwg_writer *w, unsigned n)
{
	struct kwg_peer_change peer = {.update_only = true, .keepalive_s = -1};
	struct prefix p = prefix_of("10.0.0.0/32");

	key_of(peer.public_key, 2);
	kwg_write_peer(w, &peer);
	for (unsigned i = 0; i < n; i++) {
		p.addr.bytes[1] = (uint8_t)(i >> 16);
		p.addr.bytes[2] = (uint8_t)(i >> 8);
		p.addr.bytes[3] = (uint8_t)i;
		kwg_write_allowed_ip(w, &p, i % 2);
	}
}

static void a_hundred_thousand_prefixes_are_split_at_any_size(void **state)
{
	static const size_t limits[] = {KWG_MESSAGE_BYTES_MIN, 4096, 8191,
					KWG_MESSAGE_BYTES};
	static struct kwg_writer w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct sent s = {0};

		kwg_writer_init(&w, 0x20, IFINDEX, limits[i], take, &s);
		write_many(&w, MANY);
		assert_int_equal(kwg_writer_end(&w), 0);
		assert_int_equal(s.count.prefixes, MANY);
		assert_int_equal(s.count.peers, s.messages);
		assert_true(s.longest <= limits[i]);
		/* and filled */
		assert_true(s.longest > limits[i] - 64);
		strbuf_free(&s.all);
	}
}

static void nothing_is_sent_after_a_refusal(void **state)
{
	static struct kwg_writer w;
	struct sent s = {.refuse_at = 3};

	(void)state;
	kwg_writer_init(&w, 0x20, IFINDEX, KWG_MESSAGE_BYTES_MIN, take, &s);
	write_many(&w, 1000);
	assert_int_equal(kwg_writer_end(&w), -ENOMEM);
	assert_int_equal(s.messages, 3);
	strbuf_free(&s.all);
}

static void no_key_stays_behind(void **state)
{
	static struct kwg_writer w;
	static const uint8_t key[KWG_KEY_BYTES] = {[0 ... KWG_KEY_BYTES - 1] = 0xa5};
	const struct kwg_device_change c = {.private_key = key};
	struct sent s = {0};

	(void)state;
	kwg_writer_init(&w, 0x20, IFINDEX, KWG_MESSAGE_BYTES, take, &s);
	kwg_write_device(&w, &c);
	assert_int_equal(kwg_writer_end(&w), 0);
	assert_null(memmem(w.buf, sizeof(w.buf), key, sizeof(key)));
	strbuf_free(&s.all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_kernel_said_is_read),
		cmocka_unit_test(a_peer_goes_on_over_messages),
		cmocka_unit_test(mauled_messages_are_refused_or_read),
		cmocka_unit_test(what_we_write_is_what_wg_writes),
		cmocka_unit_test(a_peer_is_removed_as_wg_removes_it),
		cmocka_unit_test(a_hundred_thousand_prefixes_are_split_at_any_size),
		cmocka_unit_test(nothing_is_sent_after_a_refusal),
		cmocka_unit_test(no_key_stays_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
