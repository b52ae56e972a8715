/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_WGRD_ZEBRA_ZCLIENT_TEST_H
#define TESTS_WGRD_ZEBRA_ZCLIENT_TEST_H

/* What the tests of the zclient share: a fake zebra, a fake loop, a RIB, and one client. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fake_loop.h"
#include "tests/lib/fake_zebra.h"
#include "wgrd/lib/log.h"
#include "wgrd/zebra/zclient.h"

enum {
	SETTLE_S = 3
};

static struct loop *loop;
static struct rib *rib;
static struct fake_zebra *zebra;
static struct zclient *client;
static const char *release = "8.4.4"; /* of the zebra that begin() makes */
static char states[1024];             /* "waiting probing syncing up " */
static char installed[1024];          /* "10.0.0.0/8+ 10.0.0.0/8- " */

static inline uint64_t test_now(void *arg)
{
	return loop_now_ns(arg);
}

static inline void test_on_state(void *arg, enum zclient_state now)
{
	size_t len = strlen(states);

	(void)arg;
	snprintf(states + len, sizeof(states) - len, "%s ", zclient_state_name(now));
}

static inline void test_on_installed(void *arg, uint32_t vrf, const struct prefix *p,
				     bool in)
{
	size_t len = strlen(installed);
	char buf[PREFIX_STRLEN];

	(void)arg;
	(void)vrf;
	snprintf(installed + len, sizeof(installed) - len, "%s%c ", prefix_str(p, buf),
		 in ? '+' : '-');
}

static inline void test_quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)s;
	if (getenv("WGRD_TEST_VERBOSE"))
		print_message("log %d: %s\n", level, line);
}

static inline struct fake_zebra_options options_for(const char *of)
{
	struct fake_zebra_options opt = {
		.dialect = zapi_dialect_by_release(of),
		.release = of,
	};

	assert_non_null(opt.dialect);
	return opt;
}

static inline void begin_with(const struct fake_zebra_options *opt)
{
	const struct zclient_events ev = {.state = test_on_state,
					  .own_installed = test_on_installed};

	log_capture(test_quiet);
	loop = loop_new();
	rib = rib_new(test_now, loop);
	zebra = fake_zebra_new(opt);
	client = zclient_new(loop, rib, &ev);
	states[0] = installed[0] = '\0';
}

static inline int begin(void **state)
{
	struct fake_zebra_options opt = options_for(release);

	(void)state;
	begin_with(&opt);
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	zclient_free(client);
	fake_zebra_free(zebra);
	rib_free(rib);
	loop_free(loop);
	log_capture(NULL);
	return 0;
}

/* Until neither side has anything left to say at this moment. */
static inline bool zebra_says(void)
{
	return zebra && fake_zebra_poll(zebra);
}

static inline void run(void)
{
	for (int idle = 0; idle < 3;) {
		fake_loop_settle(loop);
		idle = zebra_says() ? 0 : idle + 1;
	}
}

static inline void wait_s(unsigned seconds)
{
	run();
	while (seconds--) {
		fake_loop_advance(loop, NS_PER_S);
		run();
	}
}

/* @demand is zapi-version, NULL: automatic. */
static inline void configure_for(enum rib_proto protocol, const char *demand)
{
	struct zclient_options opt = {.protocol = protocol,
				      .dialect = demand ? zapi_dialect_by_release(demand)
							: NULL,
				      .settle_ns = SETTLE_S * NS_PER_S};

	snprintf(opt.socket, sizeof(opt.socket), "%s", fake_zebra_socket(zebra));
	zclient_configure(client, &opt);
	run();
}

static inline void configure(enum rib_proto protocol)
{
	configure_for(protocol, NULL);
}

static inline struct zclient_view view(void)
{
	struct zclient_view v;

	zclient_view(client, &v);
	return v;
}

static inline void assert_state(enum zclient_state expected)
{
	struct zclient_view v = view();

	if (v.state != expected)
		fail_msg("expected %s, saw %s; last error \"%s\"",
			 zclient_state_name(expected), zclient_state_name(v.state),
			 v.last_error);
}

/* Connected to BGP and settled. */
static inline void be_up(void)
{
	configure(RIB_PROTO_BGP);
	assert_state(ZCLIENT_SYNCING);
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
}

static inline struct prefix prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s is no prefix", s);
	return p;
}

/* Until the next call. NULL: it is not in the RIB. */
static inline const struct rib_route *learned(uint32_t vrf, const char *p)
{
	static struct rib_route r;
	struct prefix q = prefix(p);

	return rib_find(rib, vrf, &q, &r) ? &r : NULL;
}

static inline struct zclient_own own_of(const char *vrf, uint8_t instance, const char *p,
					uint32_t ifindex, uint32_t tag)
{
	return (struct zclient_own){.vrf = vrf,
				    .prefix = prefix(p),
				    .instance = instance,
				    .ifindex = ifindex,
				    .tag = tag};
}

static inline void own_add(const char *vrf, const char *p, uint32_t ifindex, uint32_t tag)
{
	const struct zclient_own own = own_of(vrf, 0, p, ifindex, tag);

	assert_int_equal(zclient_own_add(client, &own), 0);
	run();
}

static inline void own_del(const char *vrf, const char *p)
{
	const struct zclient_own own = own_of(vrf, 0, p, 0, 0);

	zclient_own_del(client, &own);
	run();
}

/* The dialect of the zebra that begin() makes, and whether it has such a message. */
static inline const struct zapi_dialect *zebra_dialect(void)
{
	return zapi_dialect_by_release(release);
}

static inline bool zebra_knows(enum zapi_kind kind)
{
	return zapi_dialect_command(zebra_dialect(), kind) != ZAPI_COMMAND_NONE;
}

/* Runs the group of tests against a zebra of each dialect; a failure names it. */
#define RUN_IN_EVERY_DIALECT(tests)                                                      \
	({                                                                               \
		int failures = 0;                                                        \
                                                                                         \
		for (size_t i = 0; i < zapi_dialect_count; i++) {                        \
			release = zapi_dialects[i].name;                                 \
			print_message("zebra of FRR %s\n", release);                     \
			failures +=                                                      \
				cmocka_run_group_tests_name(release, tests, NULL, NULL); \
		}                                                                        \
		failures;                                                                \
	})

#endif
