/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/wgquick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/strbuf.h"

#define KEY_A "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo="
#define KEY_B "CwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCws="
#define KEY_C "DAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw="
#define OWN   "[Interface]\nPrivateKey = " KEY_C "\nTable = off\n"

static void print_block(struct strbuf *out, const struct wgquick_block *b)
{
	if (*b->comment)
		strbuf_printf(out, "! %s\n", b->comment);
	if (*b->secret)
		strbuf_printf(out, "%u secret %s\n", b->secret_line, b->secret);
	for (size_t i = 0; i < b->settings; i++)
		strbuf_printf(out, "%u %s %s\n", b->setting[i].line, b->setting[i].word,
			      b->setting[i].command);
}

/* What came of it: reports ("3? DNS why": not done, "3! ...": wrong), then the lines. */
static const char *parsed(const char *text)
{
	static struct strbuf out;
	char *copy = xstrdup(text);
	struct wgquick w;

	strbuf_free(&out);
	wgquick_parse(&w, copy, strlen(text));
	for (size_t i = 0; i < w.reports; i++)
		strbuf_printf(&out, "%u%c %s %s\n", w.report[i].line,
			      w.report[i].error ? '!' : '?', w.report[i].word,
			      w.report[i].why);
	if (!w.errors) {
		print_block(&out, &w.interface);
		for (size_t i = 0; i < w.peers; i++) {
			strbuf_printf(&out, "%u peer %s\n", w.peer[i].line,
				      w.peer[i].name);
			print_block(&out, &w.peer[i]);
		}
	}
	wgquick_free(&w);
	free(copy);
	return strbuf_str(&out);
}

static void good_files_are_taken(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"[Interface]\nPrivateKey = " KEY_C "\nListenPort = 51820\n"
		 "FwMark = 0xca6c\nAddress = 10.0.0.1/24, fd00::1/64\nAddress=10.0.1.1\n"
		 "MTU = 1380 # of the provider\nTable = off\n\n# Anna's phone\n[Peer]\n"
		 "PublicKey = " KEY_A "\nPresharedKey = " KEY_B "\n"
		 "AllowedIPs = 10.0.0.2/32, fd00::2\nAllowedIPs = 0.0.0.0/0\n"
		 "Endpoint = [2001:DB8::1]:51820\nPersistentKeepalive = 25\n",
		 "2 secret " KEY_C "\n3 ListenPort listen-port 51820\n"
		 "4 FwMark fwmark 51820\n5 Address address 10.0.0.1/24\n"
		 "5 Address address fd00::1/64\n6 Address address 10.0.1.1/32\n"
		 "7 MTU mtu 1380\n11 peer Anna-s-phone\n! Anna's phone\n"
		 "13 secret " KEY_B "\n12 PublicKey public-key " KEY_A "\n"
		 "14 AllowedIPs allowed-ip 10.0.0.2/32\n"
		 "14 AllowedIPs allowed-ip fd00::2/128\n"
		 "15 AllowedIPs allowed-ip 0.0.0.0/0\n"
		 "16 Endpoint endpoint [2001:db8::1]:51820\n"
		 "17 PersistentKeepalive persistent-keepalive 25\n"},
		/* case, blanks, CR, a BOM, what is off */
		{"\xef\xbb\xbf[INTERFACE]\r\n privatekey=" KEY_C "\r\n\tTABLE = Off\r\n"
		 "fwmark = off\r\nsaveconfig = false\r\n[peer]\r\nPUBLICKEY\t= " KEY_A
		 "\r\nallowedips =\r\npersistentkeepalive=off\r\n",
		 "2 secret " KEY_C "\n6 peer wg-CgoKCgoK\n7 PublicKey public-key " KEY_A
		 "\n"},
		/* names: above, inside, said as such; not what is switched off or far away */
		{OWN "# Bob\n[Peer]\nPublicKey = " KEY_A "\n# Endpoint = 1.2.3.4:5\n"
		     "[Peer]\n# Name = Bob\nPublicKey = " KEY_B "\n# Carol\n\n[Peer]\n"
		     "PublicKey = " KEY_C "\n",
		 "2 secret " KEY_C "\n5 peer Bob\n! Bob\n6 PublicKey public-key " KEY_A
		 "\n8 peer Bob-2\n! Bob\n10 PublicKey public-key " KEY_B
		 "\n13 peer wg-DAwMDAwM\n14 PublicKey public-key " KEY_C "\n"},
		{OWN "### J\xc3\xb6rg ###\n[Peer]\nPublicKey=" KEY_A "\n",
		 "2 secret " KEY_C
		 "\n5 peer J-rg\n! J\xc3\xb6rg\n6 PublicKey public-key " KEY_A "\n"},
		{OWN "# J\xf6rg\n[Peer]\nPublicKey=" KEY_A "\n",
		 "2 secret " KEY_C "\n5 peer wg-CgoKCgoK\n6 PublicKey public-key " KEY_A
		 "\n"},
		/* the same prefix twice in one peer is one */
		{OWN "[Peer]\nPublicKey=" KEY_A "\nAllowedIPs=10.0.0.0/8,10.0.0.0/8\n",
		 "2 secret " KEY_C "\n4 peer wg-CgoKCgoK\n5 PublicKey public-key " KEY_A
		 "\n6 AllowedIPs allowed-ip 10.0.0.0/8\n6 AllowedIPs allowed-ip 10.0.0.0/8\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(parsed(cases[i].in), cases[i].out);
}

static void what_wgrd_does_not_do_is_told_and_the_rest_taken(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{OWN "DNS = 1.1.1.1\n",
		 "4? DNS wgrd sets no name servers; give them to "
		 "resolvectl(1) or resolv.conf(5)\n2 secret " KEY_C "\n"},
		{OWN "PostUp = wg set %i private-key /x\nPreDown = a\n",
		 "4? PostUp wgrd runs no commands; put it into a unit that comes after "
		 "wgrd.service\n5? PreDown wgrd runs no commands; put it into a unit that "
		 "comes after wgrd.service\n2 secret " KEY_C "\n"},
		{OWN "SaveConfig = true\n",
		 "4? SaveConfig wgrd saves when it is told to: \"write memory\"\n"
		 "2 secret " KEY_C "\n"},
		{"[Interface]\nTable = 5\n",
		 "1? [Interface] it has no PrivateKey; the interface is inactive until it "
		 "has \"private-key-file\"\n2? Table wgrd fills the table of a tenant: "
		 "\"tenant NAME\" with \"table 5\", and \"tenant NAME\" in the interface\n"},
		{"[Interface]\nPrivateKey=" KEY_C "\n[Peer]\nPublicKey=" KEY_A
		 "\nAllowedIPs = 10.1.2.3/8\nEndpoint = vpn.example.net:51820\n",
		 "5? AllowedIPs \"10.1.2.3/8\" has host bits, taken as 10.0.0.0/8\n"
		 "5? AllowedIPs wg-quick makes routes to these; wgrd does for an interface "
		 "with a tenant, see \"tenant\" in wgrd.conf(5)\n"
		 "6? Endpoint \"vpn.example.net:51820\": wgrd does not resolve names; give "
		 "the peer's address with \"endpoint\", or let it call\n"
		 "2 secret " KEY_C "\n3 peer wg-CgoKCgoK\n4 PublicKey public-key " KEY_A
		 "\n5 AllowedIPs allowed-ip 10.0.0.0/8\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(parsed(cases[i].in), cases[i].out);
}

static void bad_files_are_refused_with_all_that_is_wrong(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", "0!  there is no [Interface]; this is no wg-quick file\n"},
		{"hello\n", "0!  there is no [Interface]; this is no wg-quick file\n"
			    "1!  this is neither [Interface], [Peer] nor KEY = VALUE\n"},
		{"MTU = 1400\n" OWN, "1! MTU this is not known before [Interface]\n"},
		{OWN OWN, "4! [Interface] there is one in line 1 already\n"
			  "5! PrivateKey an earlier line has set this already\n"
			  "6! Table an earlier line has set this already\n"},
		{OWN "Foo = 1\n", "4! Foo this is not known in [Interface]\n"},
		{OWN "PublicKey = " KEY_A "\n",
		 "4! PublicKey this is not known in [Interface]\n"},
		{OWN "[Peer]\nPublicKey = " KEY_A "\nMTU = 1400\n",
		 "6! MTU this is not known in [Peer]\n"},
		{OWN "ListenPort = 65536\nMTU = 1e3\nFwMark = 0xz\nTable = main\n"
		     "SaveConfig = yes\nAddress = 10.0.0.1/33, fd00::1\n",
		 "4! ListenPort \"65536\" is not a number from 0 to 65535\n"
		 "5! MTU \"1e3\" is not a number from 0 to 65535\n"
		 "6! FwMark \"0xz\" is not a mark: a number, 0x and a number, or off\n"
		 "7! Table an earlier line has set this already\n"
		 "8! SaveConfig \"yes\" is neither true nor false\n"
		 "9! Address \"10.0.0.1/33\" is not an address, such as 10.0.0.1/24\n"},
		{"[Interface]\nTable = main\nPrivateKey=" KEY_C "\n",
		 "2! Table \"main\" is not a table: a number, auto or off\n"},
		{OWN "[Peer]\nAllowedIPs = 10.0.0.0/8,,\nEndpoint = 1.2.3.4\n"
		     "PersistentKeepalive = -1\n",
		 "4! [Peer] it has no PublicKey\n"
		 "5! AllowedIPs \"\" is not a prefix, such as 192.0.2.0/24\n"
		 "5! AllowedIPs \"\" is not a prefix, such as 192.0.2.0/24\n"
		 "6! Endpoint \"1.2.3.4\" is not ADDRESS:PORT or [ADDRESS]:PORT\n"
		 "7! PersistentKeepalive \"-1\" is not a number from 0 to 65535\n"},
		{OWN "[Peer]\nPublicKey=" KEY_A "\nEndpoint=300.2.3.4:5\n",
		 "6! Endpoint \"300.2.3.4:5\" is not ADDRESS:PORT or [ADDRESS]:PORT\n"},
		{OWN "[Peer]\nPublicKey=" KEY_A "\nAllowedIPs=10.0.0.0/8\n[Peer]\n"
		     "PublicKey=" KEY_B "\nAllowedIPs=10.0.0.0/8\n[Peer]\n"
		     "PublicKey=" KEY_A "\n",
		 "9! AllowedIPs 10.0.0.0/8 is in line 6 too, for another peer; expected "
		 "one\n10! [Peer] its PublicKey is that of the peer in line 4 too\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(parsed(cases[i].in), cases[i].out);
}

static void no_key_is_ever_in_a_report(void **state)
{
	static const char *const files[] = {
		"[Interface]\nPrivateKey " KEY_C "\n",
		"[Interface]\nPrivateKey = " KEY_C "=\n",
		"[Interface]\nPrivateKey = x" KEY_C "\n",
		"[Interface]\n" KEY_C "\n",
		"[Interface]\nPrivateKey: " KEY_C "\n",
		KEY_C "\n",
		OWN "[Peer]\nPresharedKey = " KEY_C KEY_C "\n",
		OWN "[Peer]\nPublicKey = " KEY_C "x\n",
		OWN "PrivateKey = " KEY_C "\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *out = parsed(files[i]);

		assert_non_null(strchr(out, '!'));
		if (strstr(out, "DAwMDAwM"))
			fail_msg("%s", out);
	}
}

static void a_nul_is_no_text(void **state)
{
	char text[] = "[Interface]\n\0MTU = 1";
	struct wgquick w;

	(void)state;
	wgquick_parse(&w, text, sizeof(text) - 1);
	assert_int_equal(w.errors, 1);
	assert_string_equal(w.report[0].why,
			    "it has a NUL octet; this is not a text file");
	wgquick_free(&w);
}

static void many_peers_get_names_of_their_own(void **state)
{
	struct strbuf text = {0};
	struct wgquick w;

	(void)state;
	strbuf_puts(&text, OWN);
	for (unsigned i = 0; i < 500; i++)
		strbuf_printf(&text,
			      "# same\n[Peer]\nPublicKey = %04uAAAAAAAAAAAAAAAAAAAAAAA"
			      "AAAAAAAAAAAAAAAA=\n",
			      i);
	wgquick_parse(&w, text.s, text.len);
	assert_int_equal(w.errors, 0);
	assert_int_equal(w.peers, 500);
	assert_string_equal(w.peer[0].name, "same");
	assert_string_equal(w.peer[499].name, "same-500");
	wgquick_free(&w);
	strbuf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files_are_taken),
		cmocka_unit_test(what_wgrd_does_not_do_is_told_and_the_rest_taken),
		cmocka_unit_test(bad_files_are_refused_with_all_that_is_wrong),
		cmocka_unit_test(no_key_is_ever_in_a_report),
		cmocka_unit_test(a_nul_is_no_text),
		cmocka_unit_test(many_peers_get_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
