/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/zebra/zclient_test.h"

static const uint32_t two[] = {2001, 2002};

/* A table is a VRF of the RIB. */
static const struct rib_route *in_table(uint32_t table, const char *p)
{
	return learned(rib_table_vrf(table), p);
}

static bool zebra_has_tables(void)
{
	uint8_t type;

	return zapi_dialect_type(zebra_dialect(), ZAPI_PROTO_TABLE_DIRECT, &type) == 0;
}

static bool is_told(uint16_t table)
{
	bool v4 = fake_zebra_tells_table(zebra, table, AF_INET);

	assert_int_equal(fake_zebra_tells_table(zebra, table, AF_INET6), v4);
	return v4;
}

static void what_a_table_has_is_learned_where_zebra_can_tell(void **state)
{
	const struct rib_route *r;

	(void)state;
	zclient_set_tables(client, two, 2);
	assert_false(zclient_tells_tables(client));
	be_up();
	assert_int_equal(zclient_tells_tables(client), zebra_has_tables());
	assert_int_equal(is_told(2001), zebra_has_tables());
	assert_int_equal(is_told(2002), zebra_has_tables());
	assert_int_equal(view().malformed, 0);
	if (!zebra_has_tables())
		return;
	fake_zebra_table_route(zebra, 2001, "10.1.0.0/16", "10.255.0.7", 0, 200);
	fake_zebra_table_route(zebra, 2002, "10.1.0.0/16", "10.99.0.8", 3, 0);
	fake_zebra_table_route(zebra, 2002, "fd00:1::/48", "fe80::8", 3, 0);
	run();
	r = in_table(2001, "10.1.0.0/16");
	assert_int_equal(r->tag, 200);
	assert_int_equal(r->nh[0].ifindex, 0); /* recursive, as BGP has it */
	assert_int_equal(r->source, RIB_FROM_ZEBRA);
	assert_int_equal(r->proto, RIB_PROTO_TABLE);
	assert_int_equal(in_table(2002, "10.1.0.0/16")->nh[0].ifindex, 3);
	assert_non_null(in_table(2002, "fd00:1::/48"));
	assert_null(learned(0, "10.1.0.0/16"));
	assert_string_equal(rib_vrf_name(rib, rib_table_vrf(2001)), "table 2001");
	fake_zebra_table_route_gone(zebra, 2002, "10.1.0.0/16");
	run();
	assert_null(in_table(2002, "10.1.0.0/16"));
	assert_non_null(in_table(2001, "10.1.0.0/16"));
}

static void tables_come_and_go_while_zebra_is_up(void **state)
{
	(void)state;
	if (!zebra_has_tables())
		return;
	fake_zebra_table_route(zebra, 2001, "10.1.0.0/16", "10.99.0.7", 3, 0);
	fake_zebra_table_route(zebra, 2002, "10.2.0.0/16", "10.99.0.7", 3, 0);
	be_up();
	assert_true(zclient_tells_tables(client));
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
	zclient_set_tables(client, two, 2);
	run();
	assert_non_null(in_table(2001, "10.1.0.0/16"));
	assert_non_null(in_table(2002, "10.2.0.0/16"));
	zclient_set_tables(client, two + 1, 1);
	run();
	assert_false(is_told(2001));
	assert_null(rib_vrf_name(rib, rib_table_vrf(2001)));
	assert_non_null(in_table(2002, "10.2.0.0/16"));
	/* what was on its way when it was let go */
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
	fake_zebra_table_route(zebra, 2001, "10.3.0.0/16", "10.99.0.7", 3, 0);
	run();
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
}

static void what_a_table_has_stays_while_zebra_is_away(void **state)
{
	(void)state;
	if (!zebra_has_tables())
		return;
	fake_zebra_table_route(zebra, 2001, "10.1.0.0/16", "10.99.0.7", 3, 0);
	fake_zebra_table_route(zebra, 2001, "10.2.0.0/16", "10.99.0.7", 3, 0);
	zclient_set_tables(client, two, 1);
	be_up();
	fake_zebra_drop_clients(zebra);
	fake_zebra_table_route_gone(zebra, 2001, "10.2.0.0/16");
	assert_non_null(in_table(2001, "10.2.0.0/16"));
	assert_true(zclient_tells_tables(client));
	wait_s(2 + SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_non_null(in_table(2001, "10.1.0.0/16"));
	assert_null(in_table(2001, "10.2.0.0/16"));
}

/* An older one comes in its place, which says nothing of tables. */
static void an_older_zebra_leaves_tables_to_others(void **state)
{
	const struct fake_zebra_options old = options_for("8.4");

	(void)state;
	if (!zebra_has_tables())
		return;
	fake_zebra_table_route(zebra, 2001, "10.1.0.0/16", "10.99.0.7", 3, 0);
	zclient_set_tables(client, two, 1);
	be_up();
	fake_zebra_table_route_gone(zebra, 2001, "10.1.0.0/16");
	fake_zebra_stop(zebra);
	run();
	fake_zebra_start(zebra, &old);
	wait_s(2);
	assert_state(ZCLIENT_SYNCING);
	/* before what it does not confirm leaves */
	assert_false(zclient_tells_tables(client));
	assert_non_null(in_table(2001, "10.1.0.0/16"));
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_null(in_table(2001, "10.1.0.0/16"));
	assert_int_equal(view().errors, 0);
}

static void turned_off_zebra_tells_nothing(void **state)
{
	(void)state;
	zclient_set_tables(client, two, 2);
	be_up();
	zclient_configure(client, NULL);
	run();
	assert_false(zclient_tells_tables(client));
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
}

#define WITH_ZEBRA(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ZEBRA(what_a_table_has_is_learned_where_zebra_can_tell),
		WITH_ZEBRA(tables_come_and_go_while_zebra_is_up),
		WITH_ZEBRA(what_a_table_has_stays_while_zebra_is_away),
		WITH_ZEBRA(an_older_zebra_leaves_tables_to_others),
		WITH_ZEBRA(turned_off_zebra_tells_nothing),
	};

	return RUN_IN_EVERY_DIALECT(tests);
}
