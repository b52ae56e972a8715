/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/uapi/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/wgrd/uapi/rig.h"

static void expect(struct rig *r, const char *text)
{
	struct strbuf out = {0};

	assert_int_equal(answer_get(wg_device_find(r->wg, "wg0"), rig_conf(r), &out), 0);
	assert_string_equal(strbuf_str(&out), text);
	strbuf_free(&out);
}

#define NEVER \
	"last_handshake_time_sec=0\nlast_handshake_time_nsec=0\ntx_bytes=0\nrx_bytes=0\n"

static void an_interface_is_told_with_its_peers_by_name(void **state)
{
	struct rig *r = *state;

	rig_set(r, "fwmark", "51820");
	rig_commit(r);
	rig_roam(r, "alice", "[2001:db8::a]:51820");
	expect(r,
	       "private_key=" HEX(
		       "01") "\nlisten_port=51820\nfwmark=51820\n"
			     "public_key=" HEX("0a") "\npreshared_key=" HEX(
				     "0c") "\n"
					   "protocol_version=1\nendpoint=[2001:db8::a]:51820\n"
					   "last_handshake_time_sec=1700000000\nlast_handshake_time_nsec=0\n"
					   "tx_bytes=8\nrx_bytes=7\npersistent_keepalive_interval=25\n"
					   "allowed_ip=10.1.0.0/16\nallowed_ip=fd00:1::/32\n"
					   "public_key=" HEX(
						   "0b") "\nprotocol_version=1\n" NEVER
							 "persistent_keepalive_interval=0\nallowed_ip=10.2.0.0/16\n");
}

static void what_is_not_set_is_left_out(void **state)
{
	struct rig *r = *state;

	rig_unset(r, "private-key", NULL);
	rig_unset(r, "peer[name='alice']/public-key", NULL);
	rig_unset(r, "peer[name='bob']/allowed-ip", NULL);
	rig_commit(r);
	expect(r, "listen_port=51820\npublic_key=" HEX(
			  "0b") "\nprotocol_version=1\n" NEVER
				"persistent_keepalive_interval=0\n");
}

static void allowed_ips_are_the_union_of_both_tables_and_what_is_configured(void **state)
{
	struct rig *r = *state;

	rig_unset(r, "peer[name='alice']/endpoint", NULL);
	rig_unset(r, "peer[name='alice']/preshared-key", NULL);
	rig_unset(r, "peer[name='alice']/persistent-keepalive", NULL);
	rig_unset(r, "private-key", NULL);
	rig_set(r, "peer[name='keyless']", NULL);
	rig_commit(r);
	rig_permit(r, "10.1.0.0/16", "alice", "alice");
	rig_permit(r, "10.50.0.0/16", "alice bob", "bob alice");
	rig_permit(r, "10.60.0.0/16", "alice", "bob");
	rig_permit(r, "10.70.0.0/16", NULL, "bob keyless");
	rig_permit(r, "10.99.0.1/32", NULL, "alice");
	rig_permit(r, "::/0", "bob", NULL);
	expect(r,
	       "listen_port=51820\n"
	       "public_key=" HEX(
		       "0a") "\nprotocol_version=1\n" NEVER
			     "persistent_keepalive_interval=0\n"
			     "allowed_ip=10.1.0.0/16\nallowed_ip=10.50.0.0/16\n"
			     "allowed_ip=10.60.0.0/16\nallowed_ip=10.99.0.1/32\n"
			     "allowed_ip=fd00:1::/32\n"
			     "public_key=" HEX(
				     "0b") "\nprotocol_version=1\n" NEVER
					   "persistent_keepalive_interval=0\n"
					   "allowed_ip=10.50.0.0/16\nallowed_ip=10.60.0.0/16\n"
					   "allowed_ip=10.70.0.0/16\nallowed_ip=::/0\nallowed_ip=10.2.0.0/16\n");
}

static void an_interface_without_peers_is_told_too(void **state)
{
	struct rig *r = *state;

	rig_unset(r, "peer[name='alice']", NULL);
	rig_unset(r, "peer[name='bob']", NULL);
	rig_commit(r);
	expect(r, "private_key=" HEX("01") "\nlisten_port=51820\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_interface_is_told_with_its_peers_by_name),
		TEST(what_is_not_set_is_left_out),
		TEST(allowed_ips_are_the_union_of_both_tables_and_what_is_configured),
		TEST(an_interface_without_peers_is_told_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
