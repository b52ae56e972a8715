/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/cli/config_print.h"
#include "wgrd/cli/edit.h"
#include "wgrd/cli/rule.h"

/* Typed in an order of its own, with every word of the grammar. */
static const char everything[] = "prefix-list y seq 7 permit ::/0 le 64\n"
				 "prefix-list x seq 20 permit 10.0.0.0/8 ge 9 le 24\n"
				 "prefix-list x seq 100 permit 2001:db8::/32 ge 48\n"
				 "prefix-list x seq 3 deny 10.9.0.0/16\n"
				 "tenant red\n"
				 " prefix-list x\n"
				 " max-prefix 5\n"
				 " advertise-table 3001\n"
				 " advertise-tag 7\n"
				 " advertise 10.1.0.0/16\n"
				 " advertise 2001:db8:1::/48\n"
				 " supernet 10.0.0.0/8\n"
				 " supernet 2001:db8::/32\n"
				 " interface lan1\n"
				 " interface lan0\n"
				 " learn-protocol zebra\n"
				 " learn-protocol bgp\n"
				 " learn-table 2001\n"
				 " learn-tag 300\n"
				 " learn-tag 100\n"
				 " vrf blue\n"
				 " priority 900\n"
				 " table 1009\n"
				 " description The red  one\n"
				 "exit-tenant\n"
				 "tenant blue\n"
				 "exit-tenant\n"
				 "wireguard wg1\n"
				 " private-key-file /etc/wgrd/wg1.key\n"
				 " peer z\n"
				 "  preshared-key-file /etc/wgrd/z.psk\n"
				 "exit-wireguard\n"
				 "wireguard wg0\n"
				 " peer b\n"
				 "  shutdown\n"
				 "  prefix-list z\n"
				 "  max-prefix 100\n"
				 "  allowed-ip 192.0.2.0/24\n"
				 "  allowed-ip 2001:db8:9::/48\n"
				 "  overlay-address fe80::2\n"
				 "  overlay-address 10.99.0.2\n"
				 "  persistent-keepalive 25\n"
				 "  endpoint [2001:db8::2]:51820\n"
				 "  preshared-key " RIG_KEY_A "\n"
				 "  public-key " RIG_KEY_B "\n"
				 "  description Peer b\n"
				 "  additional-key 2028\n"
				 "   preshared-key-file /etc/wgrd/new.psk\n"
				 "   public-key " RIG_KEY_B "\n"
				 "  exit-additional-key\n"
				 "  additional-key 2027\n"
				 " exit-peer\n"
				 " additional-key new\n"
				 "  private-key " RIG_KEY_A "\n"
				 " exit-additional-key\n"
				 " peer a\n"
				 " exit-peer\n"
				 " shutdown\n"
				 " tenant red\n"
				 " address 10.99.0.1/24\n"
				 " address fd99::1/64\n"
				 " mtu 1400\n"
				 " fwmark 0xca6c\n"
				 " listen-port 51820\n"
				 " private-key " RIG_KEY_A "\n"
				 " description Tunnel to the hub\n"
				 "exit-wireguard\n"
				 "no dataplane udp-offload\n"
				 "no dataplane interface-offload\n"
				 "dataplane send-buffer 65536\n"
				 "dataplane receive-buffer 8388608\n"
				 "dataplane cpu-affinity 3,4,5,1\n"
				 "dataplane workers 8\n"
				 "no zebra enabled\n"
				 "zebra settle-time 3\n"
				 "zebra zapi-version 10.2\n"
				 "zebra protocol ospf\n"
				 "zebra socket /run/z.api";

static const char golden[] = "!\n"
			     "zebra socket /run/z.api\n"
			     "zebra zapi-version 10.2\n"
			     "zebra protocol ospf\n"
			     "zebra settle-time 3\n"
			     "no zebra enabled\n"
			     "dataplane workers 8\n"
			     "dataplane cpu-affinity 3-5,1\n"
			     "dataplane receive-buffer 8388608\n"
			     "dataplane send-buffer 65536\n"
			     "no dataplane interface-offload\n"
			     "no dataplane udp-offload\n"
			     "prefix-list x seq 3 deny 10.9.0.0/16\n"
			     "prefix-list x seq 20 permit 10.0.0.0/8 ge 9 le 24\n"
			     "prefix-list x seq 100 permit 2001:db8::/32 ge 48\n"
			     "prefix-list y seq 7 permit ::/0 le 64\n"
			     "!\n"
			     "wireguard wg0\n"
			     " description Tunnel to the hub\n"
			     " private-key " RIG_KEY_A "\n"
			     " listen-port 51820\n"
			     " fwmark 51820\n"
			     " mtu 1400\n"
			     " address 10.99.0.1/24\n"
			     " address fd99::1/64\n"
			     " tenant red\n"
			     " shutdown\n"
			     " !\n"
			     " additional-key new\n"
			     "  private-key " RIG_KEY_A "\n"
			     " exit-additional-key\n"
			     " !\n"
			     " peer a\n"
			     " exit-peer\n"
			     " !\n"
			     " peer b\n"
			     "  description Peer b\n"
			     "  public-key " RIG_KEY_B "\n"
			     "  preshared-key " RIG_KEY_A "\n"
			     "  endpoint [2001:db8::2]:51820\n"
			     "  persistent-keepalive 25\n"
			     "  overlay-address fe80::2\n"
			     "  overlay-address 10.99.0.2\n"
			     "  allowed-ip 192.0.2.0/24\n"
			     "  allowed-ip 2001:db8:9::/48\n"
			     "  prefix-list z\n"
			     "  max-prefix 100\n"
			     "  shutdown\n"
			     "  !\n"
			     "  additional-key 2027\n"
			     "  exit-additional-key\n"
			     "  !\n"
			     "  additional-key 2028\n"
			     "   public-key " RIG_KEY_B "\n"
			     "   preshared-key-file /etc/wgrd/new.psk\n"
			     "  exit-additional-key\n"
			     "  !\n"
			     " exit-peer\n"
			     " !\n"
			     "exit-wireguard\n"
			     "!\n"
			     "wireguard wg1\n"
			     " private-key-file /etc/wgrd/wg1.key\n"
			     " !\n"
			     " peer z\n"
			     "  preshared-key-file /etc/wgrd/z.psk\n"
			     " exit-peer\n"
			     " !\n"
			     "exit-wireguard\n"
			     "!\n"
			     "tenant blue\n"
			     "exit-tenant\n"
			     "!\n"
			     "tenant red\n"
			     " description The red  one\n"
			     " table 1009\n"
			     " priority 900\n"
			     " vrf blue\n"
			     " learn-table 2001\n"
			     " learn-protocol zebra\n"
			     " learn-protocol bgp\n"
			     " learn-tag 300\n"
			     " learn-tag 100\n"
			     " interface lan1\n"
			     " interface lan0\n"
			     " supernet 10.0.0.0/8\n"
			     " supernet 2001:db8::/32\n"
			     " prefix-list x\n"
			     " advertise 10.1.0.0/16\n"
			     " advertise 2001:db8:1::/48\n"
			     " advertise-tag 7\n"
			     " advertise-table 3001\n"
			     " max-prefix 5\n"
			     "exit-tenant\n"
			     "!\n";

/* Edits the candidate alone: key files need not exist. */
static void type(struct rig *r, const char *lines)
{
	char *copy = xstrdup(lines), *rest = copy, *line;

	cli_session_init(&r->session, r->cli);
	r->session.node = CLI_CONFIG;
	cli_group_begin(&r->session);
	while ((line = strsep(&rest, "\n"))) {
		struct strbuf out = {0};

		if (cli_run(&r->session, line, &out) != CLI_SUCCESS)
			fail_msg("%s: %s", line, strbuf_str(&out));
		strbuf_free(&out);
	}
	free(copy);
}

static const char *candidate(struct rig *r, bool secrets)
{
	strbuf_free(&r->out);
	config_print(r->cli->forms, datastore_candidate(r->ds), secrets, &r->out);
	return strbuf_str(&r->out);
}

static void the_tree_is_printed_in_the_order_of_the_model(void **state)
{
	struct rig *r = *state;

	type(r, everything);
	rig_assert_text("printed", golden, candidate(r, true));
}

static void what_is_printed_makes_the_same_tree(void **state)
{
	struct rig *r = *state;

	type(r, golden);
	rig_assert_text("printed again", golden, candidate(r, true));
}

/* Each line of the golden text alone in its block. */
static void every_line_makes_itself(void **state)
{
	struct rig *r = *state;
	char *copy = xstrdup(golden), *rest = copy, *line;
	struct strbuf block = {0}, text = {0};
	unsigned tried = 0;

	while ((line = strsep(&rest, "\n"))) {
		const char *word = line + strspn(line, " ");
		size_t depth = (size_t)(word - line);

		if (*word == '!' || !*word || !strncmp(word, "exit-", 5))
			continue;
		if (!strncmp(line, "wireguard ", 10) || !strncmp(line, "tenant ", 7)) {
			strbuf_truncate(&block, 0);
			strbuf_printf(&block, "%s\n", line);
		}
		if (!strncmp(line, " peer ", 6)) {
			strbuf_truncate(&block, 0);
			strbuf_printf(&block, "wireguard wg0\n%s\n", line);
		}
		if (!strncmp(word, "additional-key ", 15)) {
			strbuf_truncate(&block, 0);
			strbuf_printf(&block, "wireguard wg0\n%s%s\n",
				      depth > 1 ? "peer b\n" : "", line);
		}
		strbuf_truncate(&text, 0);
		strbuf_printf(&text, "%s%s", depth ? strbuf_str(&block) : "", line);
		cli_group_drop(&r->session);
		type(r, text.s);
		strbuf_puts(&text, "\n");
		if (!strstr(candidate(r, true), line))
			fail_msg("expected '%s' in:\n%s", line, r->out.s);
		tried++;
	}
	assert_true(tried > 35);
	strbuf_free(&block);
	strbuf_free(&text);
	free(copy);
}

static void secrets_are_hidden_unless_asked_for(void **state)
{
	struct rig *r = *state;
	const char *text;

	type(r, everything);
	text = candidate(r, false);
	assert_null(strstr(text, RIG_KEY_A));
	assert_non_null(strstr(text, "\n ! private-key is set (not shown)\n"));
	assert_non_null(strstr(text, "\n  ! private-key is set (not shown)\n"));
	assert_non_null(strstr(text, "\n  ! preshared-key is set (not shown)\n"));
	assert_non_null(strstr(text, "\n  public-key " RIG_KEY_B "\n"));
}

static void defaults_are_printed_only_when_they_were_set(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nwireguard wg0");
	rig_assert_text("implicit", "!\nwireguard wg0\nexit-wireguard\n!\n",
			rig_running(r, true));
	rig_must(r, "mtu 1420");
	rig_assert_text("explicit", "!\nwireguard wg0\n mtu 1420\nexit-wireguard\n!\n",
			rig_running(r, true));
}

static void an_empty_tree_is_an_empty_text(void **state)
{
	struct rig *r = *state;

	rig_assert_text("nothing", "!\n", rig_running(r, true));
}

/* ---- the grammar against the model ---- */

static const struct cli_form *form_of(const struct rig *r, enum cli_node node,
				      const char *path, size_t from)
{
	for (size_t i = from; i < r->cli->forms->count; i++) {
		const struct cli_form *f = &r->cli->forms->form[i];

		if (f->cmd->yang && f->cmd->nodes & CLI_IN(node) &&
		    !strcmp(f->cmd->yang, path))
			return f;
	}
	return NULL;
}

static void check_kind(const struct cli_form *f, const struct lysc_node *s)
{
	enum cli_kind kind = f->cmd->kind;
	bool fits = false;

	if (s->nodetype == LYS_LIST)
		fits = kind == CLI_ENTRY || kind == CLI_RULE;
	else if (s->nodetype == LYS_LEAFLIST)
		fits = kind == CLI_LEAF_LIST;
	else if (((const struct lysc_node_leaf *)s)->type->basetype == LY_TYPE_EMPTY)
		fits = kind == CLI_PRESENT;
	else if (((const struct lysc_node_leaf *)s)->type->basetype == LY_TYPE_BOOL)
		fits = kind == CLI_SWITCH;
	else
		fits = kind == CLI_LEAF;
	if (!fits)
		fail_msg("%s is not of the model's kind", f->cmd->pattern);
}

/* A command's last fixed word is the name of the node it sets. */
static void check_word(const struct cli_form *f, const struct lysc_node *s)
{
	if (!cli_span_is(f->word[f->fixed - 1].text, s->name))
		fail_msg("%s: the model calls it %s", f->cmd->pattern, s->name);
}

static void check_enum(const struct cli_form *f, const struct cli_word *w,
		       const struct lysc_type_enum *t)
{
	assert_int_equal(w->choices, LY_ARRAY_COUNT(t->enums));
	for (unsigned i = 0; i < w->choices; i++)
		if (!cli_span_is(cli_word_choice(w, i), t->enums[i].name))
			fail_msg("%s: the model has %s", f->cmd->pattern,
				 t->enums[i].name);
}

static void check_range(const struct cli_form *f, const struct cli_word *w,
			const struct lysc_type_num *t)
{
	static const uint64_t width_max[] = {[LY_TYPE_UINT8] = UINT8_MAX,
					     [LY_TYPE_UINT16] = UINT16_MAX,
					     [LY_TYPE_UINT32] = UINT32_MAX};
	uint64_t low = 0, high = width_max[t->basetype];

	if (t->range) {
		low = t->range->parts[0].min_u64;
		high = t->range->parts[LY_ARRAY_COUNT(t->range->parts) - 1].max_u64;
	}
	if (w->kind != CLI_WORD_RANGE || w->low != low || w->high != high)
		fail_msg("%s: the model allows %ju to %ju", f->cmd->pattern,
			 (uintmax_t)low, (uintmax_t)high);
}

/* What help says about a value is what the model accepts. */
static void check_value(const struct cli_form *f, const struct lysc_node *s)
{
	const struct cli_word *w = &f->word[f->fixed];
	const struct lysc_type *t;

	if (f->cmd->kind != CLI_LEAF)
		return;
	t = ((const struct lysc_node_leaf *)s)->type;
	if (t->basetype == LY_TYPE_ENUM)
		check_enum(f, w, (const struct lysc_type_enum *)t);
	else if (t->basetype == LY_TYPE_UINT8 || t->basetype == LY_TYPE_UINT16 ||
		 t->basetype == LY_TYPE_UINT32)
		check_range(f, w, (const struct lysc_type_num *)t);
	else
		assert_true(w->kind == CLI_WORD_VALUE || w->kind == CLI_WORD_REST);
}

/* The words of its one line are the leaves of an entry. */
static void check_rule(const struct cli_form *f, const struct lysc_node *list)
{
	const struct lysc_node *entry =
		lys_find_child(list, list->module, "seq", 0, 0, 0);
	const struct lysc_node *s = NULL;
	unsigned leaves = 0;

	while ((s = lys_getnext(s, entry, NULL, 0))) {
		const struct lysc_type *t = ((const struct lysc_node_leaf *)s)->type;

		leaves++;
		if (!strcmp(s->name, "number"))
			check_range(f, &f->word[CLI_RULE_SEQ], (const void *)t);
		if (!strcmp(s->name, "action"))
			check_enum(f, &f->word[CLI_RULE_ACTION], (const void *)t);
	}
	assert_int_equal(leaves, 5);
}

/* Returns how many nodes there were. */
static unsigned check_model(const struct rig *r, const struct lysc_node *parent,
			    enum cli_node node, const char *prefix)
{
	const struct lysc_node *s = NULL;
	size_t next = 0;
	unsigned count = 0;

	while ((s = lys_getnext(s, parent, NULL, 0))) {
		const struct cli_form *f;
		char path[128];

		snprintf(path, sizeof(path), "%s%s", prefix, s->name);
		if (s->nodetype == LYS_CONTAINER) {
			strcat(path, "/");
			count += check_model(r, s, node, path);
			continue;
		}
		if (s->flags & LYS_KEY)
			continue;
		f = form_of(r, node, path, next);
		if (!f)
			fail_msg("%s: no command, or not in the order of the model",
				 path);
		next = (size_t)(f - r->cli->forms->form);
		check_kind(f, s);
		check_word(f, s);
		check_value(f, s);
		count++;
		if (f->cmd->kind == CLI_RULE)
			check_rule(f, s);
		else if (s->nodetype == LYS_LIST)
			count += check_model(r, s, f->cmd->enters, "");
	}
	return count;
}

static void every_node_of_the_model_has_its_command(void **state)
{
	struct rig *r = *state;
	const struct lysc_node *top = datastore_module(r->ds)->compiled->data;
	unsigned commands = 0;

	for (size_t i = 0; i < r->cli->forms->count; i++)
		commands += r->cli->forms->form[i].cmd->yang != NULL;
	assert_string_equal(top->name, "wgrd");
	assert_int_equal(check_model(r, top, CLI_CONFIG, ""), commands);
}

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(the_tree_is_printed_in_the_order_of_the_model),
		RIGGED(what_is_printed_makes_the_same_tree),
		RIGGED(every_line_makes_itself),
		RIGGED(secrets_are_hidden_unless_asked_for),
		RIGGED(defaults_are_printed_only_when_they_were_set),
		RIGGED(an_empty_tree_is_an_empty_text),
		RIGGED(every_node_of_the_model_has_its_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
