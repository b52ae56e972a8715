/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libyang/libyang.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/conf_script.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/conf_build.h"
#include "wgrd/conf/validate.h"

/* As NETCONF or a file would bring it: no datastore_set() in between. */
static struct lyd_node *parse(struct datastore *ds, const char *json)
{
	const struct lys_module *module = datastore_module(ds);
	struct lyd_node *tree = NULL;

	if (lyd_parse_data_mem(module->ctx, json, LYD_JSON,
			       LYD_PARSE_ONLY | LYD_PARSE_STRICT, 0, &tree) ||
	    lyd_new_implicit_module(&tree, module, LYD_IMPLICIT_NO_STATE, NULL))
		fail_msg("%s: %s", json, ly_errmsg(module->ctx));
	return tree;
}

static char key_path[] = "/tmp/wgrd-conf-build-XXXXXX";

static int make_key_file(void **state)
{
	int fd = mkstemp(key_path);

	(void)state;
	if (fd < 0 || write(fd, KEY_3 "\n", 45) != 45)
		return -1;
	return close(fd);
}

static int remove_key_file(void **state)
{
	(void)state;
	return unlink(key_path);
}

/* Every leaf of the model, in an order that is not that of names. KEYFILE is replaced. */
static const char every_leaf[] =
	"{\"wgrd:wgrd\":{"
	" \"zebra\":{\"socket\":\"/run/z\",\"zapi-version\":\"10.2\",\"protocol\":\"ospf\",\"settle-time\":3,"
	"  \"enabled\":false},"
	" \"dataplane\":{\"workers\":3,\"cpu-affinity\":\"7,2-4\","
	"  \"receive-buffer\":65536,\"send-buffer\":131072,\"interface-offload\":false,"
	"  \"udp-offload\":false},"
	" \"metrics\":{\"listen\":\"127.0.0.1:9586\",\"socket\":\"/run/m\"},"
	" \"revoked-key\":[\"" KEY_3 "\",\"" KEY_1 "\"],"
	" \"prefix-list\":[{\"name\":\"y\"},{\"name\":\"x\",\"seq\":["
	"   {\"number\":20,\"action\":\"permit\",\"prefix\":\"10.0.0.0/8\",\"ge\":9,\"le\":24},"
	"   {\"number\":5,\"action\":\"deny\",\"prefix\":\"10.0.0.0/8\"}]}],"
	" \"wireguard\":["
	"  {\"name\":\"wg1\",\"private-key-file\":\"KEYFILE\"},"
	"  {\"name\":\"wg0\",\"description\":\"the first\",\"private-key\":\"" KEY_1 "\","
	"   \"listen-port\":51820,\"fwmark\":4294967295,\"mtu\":1380,"
	"   \"dscp\":\"copy\",\"backend\":\"kernel\",\"foreign\":\"remove\","
	"   \"address\":[\"10.99.0.1/24\",\"fd99::1/64\"],\"tenant\":\"red\","
	"   \"shutdown\":[null],"
	"   \"additional-key\":[{\"name\":\"z\",\"private-key\":\"" KEY_2 "\"},"
	"    {\"name\":\"y\",\"private-key-file\":\"KEYFILE\"},{\"name\":\"x\"}],"
	"   \"peer\":["
	"    {\"name\":\"b\",\"preshared-key-file\":\"KEYFILE\"},"
	"    {\"name\":\"a\",\"description\":\"site a\",\"public-key\":\"" KEY_2 "\","
	"     \"preshared-key\":\"" KEY_3 "\",\"endpoint\":\"[2001:db8::1]:7\","
	"     \"persistent-keepalive\":25,\"preempt-delay\":3600,\"overlay-address\":[\"10.99.0.9\",\"10.99.0.2\"],"
	"     \"allowed-ip\":[\"10.2.0.0/16\",\"10.1.0.0/16\",\"2001:db8:1::/48\"],"
	"     \"prefix-list\":\"x\",\"max-prefix\":100,"
	"     \"max-prefix-warning\":0,\"max-prefix-hold\":604800,"
	"     \"advertise-always\":[null],\"shutdown\":[null],"
	"     \"additional-key\":[{\"name\":\"new\",\"public-key\":\"" KEY_3 "\","
	"       \"preshared-key-file\":\"KEYFILE\"},{\"name\":\"empty\"},"
	"      {\"name\":\"newer\",\"public-key\":\"" KEY_1 "\","
	"       \"preshared-key\":\"" KEY_2 "\"}]}]}],"
	" \"tenant\":["
	"  {\"name\":\"red\",\"description\":\"red one\",\"table\":1001,\"priority\":5,"
	"   \"vrf\":\"vrf-red\",\"learn-table\":2001,\"learn-direct\":[null],"
	"   \"learn-tag\":[200,4294967295,7],\"learn-protocol\":[\"bgp\",\"bird\"],\"interface\":[\"eth2\",\"eth1\"],"
	"   \"prefix-list\":\"y\",\"supernet\":[\"10.0.0.0/8\",\"0.0.0.0/0\"],\"advertise\":[\"10.3.0.0/16\"],"
	"   \"advertise-tag\":9,\"advertise-table\":3001,\"max-prefix\":77,"
	"   \"max-prefix-warning\":100,\"max-prefix-hold\":1},"
	"  {\"name\":\"s\",\"advertise-instance\":255},"
	"  {\"name\":\"t\",\"advertise-kernel\":[null]}]}}";

static char *with_key_file(const char *json)
{
	char *copy = malloc(strlen(json) + 1000), *to = copy;
	const char *at;

	assert_non_null(copy);
	while ((at = strstr(json, "KEYFILE"))) {
		to += sprintf(to, "%.*s%s", (int)(at - json), json, key_path);
		json = at + strlen("KEYFILE");
	}
	strcpy(to, json);
	return copy;
}

static void assert_key(const uint8_t key[CONF_KEY_LEN], uint8_t octet)
{
	for (size_t i = 0; i < CONF_KEY_LEN; i++)
		assert_int_equal(key[i], octet);
}

static void assert_prefix(const struct prefix *p, const char *text)
{
	char buf[PREFIX_STRLEN];

	assert_string_equal(prefix_str(p, buf), text);
}

static void assert_addr(const struct ip_addr *a, const char *text)
{
	char buf[IP_ADDR_STRLEN];

	assert_string_equal(ip_addr_str(a, buf), text);
}

static void assert_peer_keys(const struct conf_peer *p)
{
	const struct conf_peer_key *k = p->additional_key;

	assert_int_equal(p->additional_key_count, 3);
	assert_string_equal(k[0].name, "empty"); /* sorted */
	assert_false(k[0].public_key_set);
	assert_false(k[0].preshared_key.set);
	assert_string_equal(k[1].name, "new");
	assert_true(k[1].public_key_set);
	assert_key(k[1].public_key, 3);
	assert_true(k[1].preshared_key.set);
	assert_key(k[1].preshared_key.key, 3);
	assert_string_equal(k[2].name, "newer");
	assert_key(k[2].public_key, 1);
	assert_key(k[2].preshared_key.key, 2);
}

/* Of the keys of peer a, those of its additional keys; whoever else has them too. */
static void assert_revoked(const struct conf *c)
{
	const struct conf_peer *p = c->wireguard[0]->peer[0];

	assert_int_equal(c->revoked_key_count, 2);
	assert_key(c->revoked_key[0], 1); /* sorted */
	assert_key(c->revoked_key[1], 3);
	assert_false(p->revoked);
	assert_false(p->additional_key[0].revoked);
	assert_true(p->additional_key[1].revoked);
	assert_true(p->additional_key[2].revoked);
}

static void assert_own_keys(const struct conf_wireguard *w)
{
	const struct conf_own_key *k = w->additional_key;

	assert_int_equal(w->additional_key_count, 3);
	assert_string_equal(k[0].name, "x");
	assert_false(k[0].private_key.set);
	assert_string_equal(k[1].name, "y");
	assert_true(k[1].private_key.set);
	assert_key(k[1].private_key.key, 3);
	assert_string_equal(k[2].name, "z");
	assert_key(k[2].private_key.key, 2);
}

static void assert_peer_a(const struct conf_peer *p)
{
	assert_string_equal(p->name, "a");
	assert_string_equal(p->description, "site a");
	assert_true(p->public_key_set);
	assert_key(p->public_key, 2);
	assert_true(p->preshared_key.set);
	assert_key(p->preshared_key.key, 3);
	assert_peer_keys(p);
	assert_addr(&p->endpoint.addr, "2001:db8::1");
	assert_int_equal(p->endpoint.port, 7);
	assert_int_equal(p->persistent_keepalive, 25);
	assert_int_equal(p->overlay_address_count, 2);
	assert_addr(&p->overlay_address[0], "10.99.0.9"); /* as configured, not sorted */
	assert_addr(&p->overlay_address[1], "10.99.0.2");
	assert_int_equal(p->allowed_ip.count, 3);
	assert_prefix(&p->allowed_ip.v[0], "10.1.0.0/16"); /* sorted */
	assert_prefix(&p->allowed_ip.v[1], "10.2.0.0/16");
	assert_prefix(&p->allowed_ip.v[2], "2001:db8:1::/48");
	assert_string_equal(p->prefix_list, "x");
	assert_int_equal(p->preempt_delay, 3600);
	assert_int_equal(p->max_prefix, 100);
	assert_int_equal(p->max_prefix_warning, 0);
	assert_int_equal(p->max_prefix_hold, 604800);
	assert_true(p->advertise_always);
	assert_true(p->shutdown);
}

static void assert_wg0(const struct conf_wireguard *w)
{
	assert_string_equal(w->name, "wg0");
	assert_string_equal(w->description, "the first");
	assert_true(w->private_key.set);
	assert_key(w->private_key.key, 1);
	assert_own_keys(w);
	assert_int_equal(w->listen_port, 51820);
	assert_int_equal(w->fwmark, UINT32_MAX);
	assert_int_equal(w->mtu, 1380);
	assert_int_equal(w->dscp, CONF_DSCP_COPY);
	assert_int_equal(w->backend, CONF_BACKEND_KERNEL);
	assert_int_equal(w->foreign, CONF_FOREIGN_REMOVE);
	assert_int_equal(w->address_count, 2);
	assert_addr(&w->address[0].addr, "10.99.0.1");
	assert_int_equal(w->address[0].len, 24);
	assert_addr(&w->address[1].addr, "fd99::1");
	assert_int_equal(w->address[1].len, 64);
	assert_string_equal(w->tenant, "red");
	assert_true(w->shutdown);
	assert_int_equal(w->peer_count, 2);
	assert_peer_a(w->peer[0]);
	assert_string_equal(w->peer[1]->name, "b");
	assert_true(w->peer[1]->preshared_key.set);
	assert_key(w->peer[1]->preshared_key.key, 3);
}

static void assert_red(const struct conf_tenant *t)
{
	assert_string_equal(t->name, "red");
	assert_string_equal(t->description, "red one");
	assert_int_equal(t->table, 1001);
	assert_int_equal(t->priority, 5);
	assert_string_equal(t->vrf, "vrf-red");
	assert_int_equal(t->learn_table, 2001);
	assert_true(t->learn_direct);
	assert_int_equal(t->learn_protocol_count, 2);
	assert_int_equal(t->learn_protocol[0], RTPROT_BIRD);
	assert_int_equal(t->learn_protocol[1], RTPROT_BGP);
	assert_int_equal(t->learn_tag_count, 3);
	assert_int_equal(t->learn_tag[0], 7); /* sorted */
	assert_int_equal(t->learn_tag[1], 200);
	assert_int_equal(t->learn_tag[2], UINT32_MAX);
	assert_int_equal(t->interface_count, 2);
	assert_string_equal(t->interface[0], "eth1");
	assert_string_equal(t->interface[1], "eth2");
	assert_int_equal(t->supernet.count, 2);
	assert_prefix(&t->supernet.v[0], "0.0.0.0/0");
	assert_prefix(&t->supernet.v[1], "10.0.0.0/8");
	assert_string_equal(t->prefix_list, "y");
	assert_int_equal(t->advertise.count, 1);
	assert_prefix(&t->advertise.v[0], "10.3.0.0/16");
	assert_int_equal(t->advertise_tag, 9);
	assert_int_equal(t->advertise_table, 3001);
	assert_int_equal(t->advertise_instance, 0);
	assert_false(t->advertise_kernel);
	assert_int_equal(t->max_prefix, 77);
	assert_int_equal(t->max_prefix_warning, 100);
	assert_int_equal(t->max_prefix_hold, 1);
}

static void assert_dataplane(const struct conf_dataplane *d)
{
	static const uint16_t cpus[] = {7, 2, 3, 4};

	assert_int_equal(d->workers, 3);
	assert_int_equal(d->cpu_affinity.count, ARRAY_SIZE(cpus));
	assert_memory_equal(d->cpu_affinity.v, cpus, sizeof(cpus));
	assert_int_equal(d->receive_buffer, 65536);
	assert_int_equal(d->send_buffer, 131072);
	assert_false(d->interface_offload);
	assert_false(d->udp_offload);
}

static void assert_lists(const struct conf *c)
{
	const struct conf_prefix_list *x = conf_find_prefix_list(c, "x");

	assert_int_equal(c->prefix_list_count, 2);
	assert_int_equal(conf_find_prefix_list(c, "y")->rule_count, 0);
	assert_null(conf_find_prefix_list(c, "z"));
	assert_int_equal(x->rule_count, 2);
	assert_int_equal(x->rule[0].seq, 5);
	assert_int_equal(x->rule[0].action, CONF_ACTION_DENY);
	assert_int_equal(x->rule[0].ge, 0);
	assert_int_equal(x->rule[0].le, 0);
	assert_int_equal(x->rule[1].seq, 20);
	assert_int_equal(x->rule[1].action, CONF_ACTION_PERMIT);
	assert_prefix(&x->rule[1].prefix, "10.0.0.0/8");
	assert_int_equal(x->rule[1].ge, 9);
	assert_int_equal(x->rule[1].le, 24);
}

static void every_leaf_reaches_its_field(void **state)
{
	struct datastore *ds = conf_script_datastore();
	char *json = with_key_file(every_leaf);
	struct lyd_node *tree = parse(ds, json);
	struct refusal r;
	struct conf *c;

	(void)state;
	if (conf_build(tree, &c, &r))
		fail_msg("%s", r.why);
	assert_false(c->zebra.enabled);
	assert_string_equal(c->zebra.socket, "/run/z");
	assert_string_equal(c->zebra.zapi_version, "10.2");
	assert_string_equal(c->zebra.protocol, "ospf");
	assert_int_equal(c->zebra.settle_s, 3);
	assert_dataplane(&c->dataplane);
	assert_int_equal(c->metrics.listen.port, 9586);
	assert_true(ip_addr_is_loopback(&c->metrics.listen.addr));
	assert_string_equal(c->metrics.socket, "/run/m");
	assert_lists(c);
	assert_revoked(c);
	assert_int_equal(c->wireguard_count, 2);
	assert_wg0(c->wireguard[0]);
	assert_string_equal(c->wireguard[1]->name, "wg1");
	assert_true(c->wireguard[1]->private_key.set);
	assert_key(c->wireguard[1]->private_key.key, 3);
	assert_int_equal(c->tenant_count, 3);
	assert_red(c->tenant[0]);
	assert_int_equal(c->tenant[1]->advertise_instance, 255);
	assert_int_equal(c->tenant[1]->advertise_table, 0);
	assert_true(c->tenant[2]->advertise_kernel);

	conf_free(c);
	lyd_free_tree(tree);
	free(json);
	datastore_free(ds);
}

/* So that a leaf added to the model is also added to the test above. */
static LY_ERR leaf_is_in_the_example(struct lysc_node *node, void *data,
				     ly_bool *dfs_continue)
{
	char word[80];

	(void)data;
	(void)dfs_continue;
	snprintf(word, sizeof(word), "\"%s\":", node->name);
	if ((node->nodetype & (LYS_LEAF | LYS_LEAFLIST)) && !strstr(every_leaf, word))
		fail_msg("%s is in the model, but the test does not set it", node->name);
	return LY_SUCCESS;
}

static void the_example_has_every_leaf_of_the_model(void **state)
{
	struct datastore *ds = conf_script_datastore();

	(void)state;
	lysc_module_dfs_full(datastore_module(ds), leaf_is_in_the_example, NULL);
	datastore_free(ds);
}

static void defaults_are_those_of_the_model(void **state)
{
	struct datastore *ds = conf_script_datastore();
	const struct conf *c =
		conf_script_apply(ds, "set " P("wg0", "a") "\nset " T("red"));
	const struct conf_wireguard *w = c->wireguard[0];
	const struct conf_tenant *t = c->tenant[0];

	(void)state;
	assert_true(c->zebra.enabled);
	assert_string_equal(c->zebra.socket, "/var/run/frr/zserv.api");
	assert_string_equal(c->zebra.zapi_version, "automatic");
	assert_string_equal(c->zebra.protocol, "bgp");
	assert_int_equal(c->zebra.settle_s, 10);
	assert_int_equal(c->dataplane.workers, 0);
	assert_int_equal(c->dataplane.cpu_affinity.count, 0);
	assert_int_equal(c->dataplane.receive_buffer, 4 << 20);
	assert_int_equal(c->dataplane.send_buffer, 4 << 20);
	assert_true(c->dataplane.interface_offload);
	assert_true(c->dataplane.udp_offload);
	assert_int_equal(w->mtu, CONF_MTU_DEFAULT);
	assert_int_equal(w->dscp, 0);
	assert_int_equal(w->backend, CONF_BACKEND_USER);
	assert_int_equal(w->foreign, CONF_FOREIGN_AUTOMATIC);
	assert_null(w->description);
	assert_false(w->private_key.set);
	assert_int_equal(w->listen_port, 0);
	assert_int_equal(w->fwmark, 0);
	assert_string_equal(w->tenant, "");
	assert_false(w->shutdown);
	assert_false(w->peer[0]->public_key_set);
	assert_false(w->peer[0]->preshared_key.set);
	assert_int_equal(w->peer[0]->endpoint.addr.family, 0);
	assert_int_equal(w->peer[0]->max_prefix, 0);
	assert_int_equal(w->peer[0]->max_prefix_warning, CONF_MAX_PREFIX_WARNING_DEFAULT);
	assert_int_equal(w->peer[0]->max_prefix_hold, 0);
	assert_int_equal(t->table, 0);
	assert_int_equal(t->priority, CONF_PRIORITY_DEFAULT);
	assert_string_equal(t->vrf, "default");
	assert_int_equal(t->learn_table, 0);
	assert_false(t->learn_direct);
	assert_int_equal(t->learn_protocol_count, 0);
	assert_int_equal(t->advertise_tag, 0);
	assert_int_equal(t->advertise_table, 0);
	assert_int_equal(t->max_prefix, CONF_TENANT_MAX_PREFIX_DEFAULT);
	assert_int_equal(t->max_prefix_warning, CONF_MAX_PREFIX_WARNING_DEFAULT);
	assert_int_equal(t->max_prefix_hold, 0);
	datastore_free(ds);
}

/* What the patterns of the model let through and datastore_set() would not. */
static void values_that_only_look_right_are_refused(void **state)
{
	static const struct {
		const char *json, *why, *path, *value;
	} cases[] = {
		{"{\"wgrd:wgrd\":{\"tenant\":[{\"name\":\"a\",\"supernet\":[\"10.0.0.1/8\"]}]}}",
		 "tenant a: supernet: \"10.0.0.1/8\" is not a prefix, because it has host bits: "
		 "expected 10.0.0.0/8",
		 T("a") "/supernet", "10.0.0.1/8"},
		{"{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"w\",\"address\":[\":1:2/64\"]}]}}",
		 "wireguard w: address: \":1:2/64\" is not an address with its prefix length, such "
		 "as 10.99.0.1/24 or fd99::1/64",
		 W("w") "/address", ":1:2/64"},
		{"{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"w\",\"peer\":[{\"name\":\"p\","
		 "\"endpoint\":\"192.0.2.1:70000\"}]}]}}",
		 "wireguard w, peer p: endpoint: \"192.0.2.1:70000\" is not ADDRESS:PORT, such as "
		 "192.0.2.1:51820 or [2001:db8::1]:51820",
		 P("w", "p") "/endpoint", "192.0.2.1:70000"},
		{"{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"w\",\"peer\":[{\"name\":\"p\","
		 "\"allowed-ip\":[\"2001:DB8::/32\",\"2001:db8::/32\"]}]}]}}",
		 "wireguard w, peer p: allowed-ip 2001:db8::/32 is also in the same peer; expected "
		 "it once in an interface",
		 P("w", "p") "/allowed-ip", "2001:db8::/32"},
		{"{\"wgrd:wgrd\":{\"tenant\":[{\"name\":\"a\","
		 "\"advertise\":[\"2001:DB8::/32\",\"2001:db8::/32\"]}]}}",
		 "tenant a: advertise 2001:db8::/32 is there twice; expected it once",
		 T("a") "/advertise", "2001:db8::/32"},
		{"{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"w\","
		 "\"private-key-file\":\"/nonexistent/wg0.key\"}]}}",
		 "wireguard w: private-key-file /nonexistent/wg0.key cannot be opened: No such "
		 "file or directory",
		 W("w") "/private-key-file", ""},
	};
	struct datastore *ds = conf_script_datastore();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct lyd_node *tree = parse(ds, cases[i].json);
		struct refusal r = {.why = "accepted"};
		struct claims claims = {0};
		struct conf *c = NULL;
		int err = conf_build(tree, &c, &r);

		if (!err) {
			err = conf_validate(datastore_conf(ds), c, &claims, &r);
			claims_free(&claims);
			conf_free(c);
		}
		if (!err || strcmp(r.why, cases[i].why) != 0 ||
		    strcmp(r.path, cases[i].path) != 0 ||
		    strcmp(r.value, cases[i].value) != 0)
			fail_msg("%s\nexpected: %s (%s \"%s\")\nsaw: %s (%s \"%s\")",
				 cases[i].json, cases[i].why, cases[i].path,
				 cases[i].value, r.why, r.path, r.value);
		lyd_free_tree(tree);
	}
	datastore_free(ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_leaf_reaches_its_field),
		cmocka_unit_test(the_example_has_every_leaf_of_the_model),
		cmocka_unit_test(defaults_are_those_of_the_model),
		cmocka_unit_test(values_that_only_look_right_are_refused),
	};

	return cmocka_run_group_tests(tests, make_key_file, remove_key_file);
}
