/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/uapi/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX8(nn) nn nn nn nn nn nn nn nn
#define HEX(nn)  HEX8(nn) HEX8(nn) HEX8(nn) HEX8(nn)

static char why[512];

/* True when @text is one whole request and nothing is left over. */
static bool parse(struct request *r, const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *line;
	bool whole = false;

	memset(r, 0, sizeof(*r));
	why[0] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		if (!rest && !*line)
			break; /* what follows the last newline */
		if (whole)
			fail_msg("more after the end of: %s", text);
		whole = request_line(r, line, why, sizeof(why));
	}
	free(copy);
	return whole;
}

static void a_get_is_understood(void **state)
{
	struct request r;

	(void)state;
	assert_true(parse(&r, "get=1\n\n"));
	assert_int_equal(r.err, 0);
	assert_int_equal(r.verb, REQUEST_GET);
	request_fini(&r);
	assert_int_equal(r.verb, REQUEST_NONE);
}

static void a_request_ends_with_an_empty_line_and_not_before(void **state)
{
	struct request r;

	(void)state;
	assert_false(parse(&r, "set=1\nlisten_port=1\n"));
	request_fini(&r);
	assert_false(parse(&r, "\n"));
	request_fini(&r);
	assert_true(parse(&r, "\n\nset=1\n\n"));
	request_fini(&r);
}

static void all_of_a_set_is_understood(void **state)
{
	struct request r;
	char text[PREFIX_STRLEN], at[IP_ENDPOINT_STRLEN];

	(void)state;
	assert_true(parse(
		&r,
		"set=1\nprivate_key=" HEX(
			"a0") "\nlisten_port=65535\n"
			      "fwmark=4294967295\nreplace_peers=true\n"
			      "public_key=" HEX(
				      "0B") "\nupdate_only=true\n"
					    "preshared_key=" HEX(
						    "0c") "\nendpoint=[2001:db8::1]:51820\n"
							  "persistent_keepalive_interval=0\n"
							  "replace_allowed_ips=true\nallowed_ip=10.1.2.3/16\n"
							  "allowed_ip=-fd00::1/32\nprotocol_version=1\n"
							  "public_key=" HEX(
								  "0d") "\nremove=true\n\n"));
	assert_int_equal(r.err, 0);
	assert_int_equal(r.verb, REQUEST_SET);
	assert_true(r.has_private_key && r.has_listen_port && r.has_fwmark);
	assert_true(r.replace_peers);
	for (size_t i = 0; i < WG_KEY_LEN; i++)
		assert_int_equal(r.private_key[i], 0xa0);
	assert_int_equal(r.listen_port, 65535);
	assert_int_equal(r.fwmark, UINT32_MAX);
	assert_int_equal(r.peers, 2);
	assert_int_equal(r.peer[0].public_key[31], 0x0b);
	assert_true(r.peer[0].update_only && r.peer[0].replace_allowed_ips);
	assert_false(r.peer[0].remove);
	assert_true(r.peer[0].has_preshared_key && r.peer[0].has_keepalive);
	assert_int_equal(r.peer[0].preshared_key[0], 0x0c);
	assert_int_equal(r.peer[0].keepalive, 0);
	assert_string_equal(
		ip_endpoint_str(&r.peer[0].endpoint, r.peer[0].endpoint_port, at),
		"[2001:db8::1]:51820");
	assert_int_equal(r.peer[0].allowed_ips, 2);
	assert_string_equal(prefix_str(&r.peer[0].allowed_ip[0].prefix, text),
			    "10.1.0.0/16");
	assert_false(r.peer[0].allowed_ip[0].remove);
	assert_string_equal(prefix_str(&r.peer[0].allowed_ip[1].prefix, text),
			    "fd00::/32");
	assert_true(r.peer[0].allowed_ip[1].remove);
	assert_true(r.peer[1].remove);
	assert_int_equal(r.peer[1].allowed_ips, 0);
	request_fini(&r);
}

#define PEER "set=1\npublic_key=" HEX("0a") "\n"

static void what_is_wrong_is_refused_with_its_line_and_never_a_secret(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"got=1\n\n", "line 1: \"got\" is not known here"},
		{"get=2\n\n", "line 1: get cannot be \"2\""},
		{"set=\n\n", "line 1: set cannot be \"\""},
		{"hello\n\n", "line 1 is not KEY=VALUE of a known key"},
		{"=1\n\n", "line 1: \"\" is not known here"},
		{"get=1\nget=1\n\n", "line 2: \"get\" is not known here"},
		{"set=1\nlisten_port=65536\n\n",
		 "line 2: listen_port cannot be \"65536\""},
		{"set=1\nlisten_port=-1\n\n", "line 2: listen_port cannot be \"-1\""},
		{"set=1\nlisten_port= 1\n\n", "line 2: listen_port cannot be \" 1\""},
		{"set=1\nlisten_port=1 \n\n", "line 2: listen_port cannot be \"1 \""},
		{"set=1\nlisten_port=\n\n", "line 2: listen_port cannot be \"\""},
		{"set=1\nlisten_port=99999999999999999999\n\n",
		 "line 2: listen_port cannot be \"99999999999999999999\""},
		{"set=1\nfwmark=4294967296\n\n",
		 "line 2: fwmark cannot be \"4294967296\""},
		{"set=1\nfwmark=0x1\n\n", "line 2: fwmark cannot be \"0x1\""},
		{"set=1\nreplace_peers=false\n\n",
		 "line 2: replace_peers cannot be \"false\""},
		{"set=1\nremove=true\n\n", "line 2: \"remove\" is not known here"},
		{"set=1\nprivate_key=secret\n\n",
		 "line 2: the value of private_key is wrong"},
		{"set=1\nprivate_key=" HEX("0a") "0\n\n",
		 "line 2: the value of private_key is wrong"},
		{"set=1\nprivate_key=" HEX("0g") "\n\n",
		 "line 2: the value of private_key is wrong"},
		{"set=1\nprivate_key_of_the_whole_company_and_more=" HEX("0a") "\n\n",
		 "line 2 is not KEY=VALUE of a known key"},
		{"set=1\npublic_key=abc\n\n", "line 2: public_key cannot be \"abc\""},
		{PEER "preshared_key=secret\n\n",
		 "line 3: the value of preshared_key is wrong"},
		{PEER "listen_port=1\n\n", "line 3: \"listen_port\" is not known here"},
		{PEER "remove=1\n\n", "line 3: remove cannot be \"1\""},
		{PEER "protocol_version=2\n\n",
		 "line 3: protocol_version cannot be \"2\""},
		{PEER "endpoint=vpn.example.net:1\n\n",
		 "line 3: endpoint cannot be \"vpn.example.net:1\""},
		{PEER "endpoint=192.0.2.1:0\n\n",
		 "line 3: endpoint cannot be \"192.0.2.1:0\""},
		{PEER "persistent_keepalive_interval=off\n\n",
		 "line 3: persistent_keepalive_interval cannot be \"off\""},
		{PEER "allowed_ip=10.0.0.0/33\n\n",
		 "line 3: allowed_ip cannot be \"10.0.0.0/33\""},
		{PEER "allowed_ip=--10.0.0.0/8\n\n",
		 "line 3: allowed_ip cannot be \"--10.0.0.0/8\""},
		{PEER "allowed_ip=\n\n", "line 3: allowed_ip cannot be \"\""},
		/* the first is told, and the rest is passed over to the end */
		{"set=1\nfwmark=x\nlisten_port=x\nprivate_key=x\n\n",
		 "line 2: fwmark cannot be \"x\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct request r;

		if (!parse(&r, cases[i].text) || r.err != -EINVAL)
			fail_msg("%s: expected a refusal, saw %d", cases[i].text, r.err);
		assert_string_equal(why, cases[i].why);
		assert_null(strstr(why, "secret"));
		request_fini(&r);
	}
}

static void a_line_that_was_too_long_is_refused_too(void **state)
{
	struct request r = {0};

	(void)state;
	request_line_too_long(&r, why, sizeof(why));
	assert_int_equal(r.err, -EINVAL);
	assert_string_equal(why, "line 1 is longer than 255 octets");
	assert_false(request_line(&r, "set=1", why, sizeof(why)));
	assert_true(request_line(&r, "", why, sizeof(why)));
	request_fini(&r);
}

static void a_request_of_too_many_lines_is_refused(void **state)
{
	struct request r = {0};

	(void)state;
	assert_false(request_line(&r, "set=1", why, sizeof(why)));
	for (unsigned i = 1; i < REQUEST_LINES_MAX; i++)
		assert_false(request_line(&r, "fwmark=1", why, sizeof(why)));
	assert_int_equal(r.err, 0);
	assert_false(request_line(&r, "fwmark=1", why, sizeof(why)));
	assert_int_equal(r.err, -E2BIG);
	assert_true(request_line(&r, "", why, sizeof(why)));
	request_fini(&r);
}

static void many_peers_keep_their_order(void **state)
{
	struct request r = {0};
	char line[128];

	(void)state;
	assert_false(request_line(&r, "set=1", why, sizeof(why)));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "public_key=%064x", i);
		assert_false(request_line(&r, line, why, sizeof(why)));
		snprintf(line, sizeof(line), "allowed_ip=10.%u.%u.0/24", i / 250,
			 i % 250);
		assert_false(request_line(&r, line, why, sizeof(why)));
	}
	assert_true(request_line(&r, "", why, sizeof(why)));
	assert_int_equal(r.peers, 1000);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(r.peer[i].public_key[31], i % 256);
		assert_int_equal(r.peer[i].public_key[30], i / 256);
		assert_int_equal(r.peer[i].allowed_ip[0].prefix.addr.bytes[2], i % 250);
	}
	request_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_get_is_understood),
		cmocka_unit_test(a_request_ends_with_an_empty_line_and_not_before),
		cmocka_unit_test(all_of_a_set_is_understood),
		cmocka_unit_test(
			what_is_wrong_is_refused_with_its_line_and_never_a_secret),
		cmocka_unit_test(a_line_that_was_too_long_is_refused_too),
		cmocka_unit_test(a_request_of_too_many_lines_is_refused),
		cmocka_unit_test(many_peers_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
