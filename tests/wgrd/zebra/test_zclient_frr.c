/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client against the zebra of this machine, in a network and a mount namespace of its own:
 *
 *	this test ---- zclient ----- zserv.api  zebra -n ---- VRF default: tun-test 10.99.0.1/24
 *	          \--- "bgpd": a second session, /             VRF red: a namespace
 *	               encoders of proto/zapi
 *
 * Time in the loop is moved along with the clock, as a real zebra takes real time. Without
 * root, zebra, ip(8) or /dev/net/tun it says so and is skipped.
 */
#include "tests/wgrd/zebra/zclient_test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/zapi/zapi_hello.h"
#include "proto/zapi/zapi_route.h"

#define ZEBRA  "/usr/lib/frr/zebra"
#define SOCKET "/run/frr/zserv.api"

enum {
	PATIENCE_MS = 15000,
	STEP_MS = 20
};

static pid_t guard_pid;
static int guard_fd = -1; /* zebra runs as long as this is open */
static int tun_fd = -1, bgpd_fd = -1;
static char zebra_release[32]; /* as "zebra --version" says */
static const struct zapi_dialect *dialect;

/* ---- the lab ---- */

static const char *enter_namespaces(void)
{
	if (geteuid())
		return "not root";
	if (access(ZEBRA, X_OK))
		return ZEBRA " is not there";
	if (access("/dev/net/tun", R_OK | W_OK))
		return "/dev/net/tun is not there";
	if (system("ip -V >/dev/null 2>&1"))
		return "ip is not there";
	if (unshare(CLONE_NEWNET | CLONE_NEWNS))
		return "unshare is not allowed";
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, "mode=0755") ||
	    mount("tmpfs", "/etc/frr", "tmpfs", 0, "mode=0755") ||
	    mkdir("/run/frr", 0755) || mkdir("/run/netns", 0755))
		return "mount is not allowed";
	if (system("chown frr:frr /run/frr /etc/frr"))
		return "there is no user frr";
	return NULL;
}

static void find_release(void)
{
	FILE *f = popen(ZEBRA " --version", "r");

	if (!f || fscanf(f, "zebra version %31s", zebra_release) != 1)
		zebra_release[0] = '\0';
	if (f)
		pclose(f);
	dialect = zapi_dialect_by_release(zebra_release);
}

static void be_zebra(void)
{
	int log = open("/run/frr/zebra.out", O_WRONLY | O_CREAT | O_APPEND, 0644);

	dup2(log, 1);
	dup2(log, 2);
	execl(ZEBRA, ZEBRA, "-n", "-P", "0", "-f", "/dev/null", (char *)NULL);
	_exit(127);
}

/*
 * A guard between us and zebra ends it when the pipe from us closes: when we say so, and also
 * when we crash.
 */
static void start_zebra(void)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	guard_pid = fork();
	assert_true(guard_pid >= 0);
	if (guard_pid == 0) {
		pid_t zebra_pid = fork();
		char c;

		if (zebra_pid == 0)
			be_zebra();
		close(ends[1]);
		while (read(ends[0], &c, 1) < 0 && errno == EINTR)
			;
		kill(zebra_pid, SIGTERM);
		waitpid(zebra_pid, NULL, 0);
		_exit(0);
	}
	close(ends[0]);
	guard_fd = ends[1];
}

static void stop_zebra(void)
{
	if (guard_fd < 0)
		return;
	close(guard_fd);
	guard_fd = -1;
	waitpid(guard_pid, NULL, 0);
}

static void set_link(bool up)
{
	struct ifreq ifr = {.ifr_name = "tun-test"};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(ioctl(s, SIOCGIFFLAGS, &ifr), 0);
	ifr.ifr_flags = (short)(up ? ifr.ifr_flags | IFF_UP : ifr.ifr_flags & ~IFF_UP);
	assert_int_equal(ioctl(s, SIOCSIFFLAGS, &ifr), 0);
	close(s);
}

/* Its descriptor stays open, or there is no carrier. */
static const char *make_tun(void)
{
	struct ifreq ifr = {.ifr_name = "tun-test", .ifr_flags = IFF_TUN | IFF_NO_PI};

	tun_fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (tun_fd < 0 || ioctl(tun_fd, TUNSETIFF, &ifr))
		return "a TUN interface is not allowed";
	if (system("ip link set lo up && ip link set tun-test up && "
		   "ip addr add 10.99.0.1/24 dev tun-test"))
		return "the TUN interface takes no address";
	return NULL;
}

static uint32_t tun_index(void)
{
	return if_nametoindex("tun-test");
}

/* ---- waiting ---- */

#define WAIT_FOR(cond)                                               \
	do {                                                         \
		int waited_ms = 0;                                   \
		while (!(cond)) {                                    \
			if (waited_ms >= PATIENCE_MS)                \
				give_up(#cond);                      \
			poll(NULL, 0, STEP_MS);                      \
			waited_ms += STEP_MS;                        \
			fake_loop_advance(loop, STEP_MS *NS_PER_MS); \
		}                                                    \
	} while (0)

static bool say_instance(const struct zclient_view *v, void *arg)
{
	(void)arg;
	print_message("instance %u is %s, %zu of %zu prefixes are in, last error \"%s\", "
		      "%u received, %u sent, %u ignored\n",
		      v->instance, zclient_state_name(v->state), v->own_installed,
		      v->own_count, v->last_error, (unsigned)v->messages_rcvd,
		      (unsigned)v->messages_sent, (unsigned)v->ignored);
	return true;
}

static void give_up(const char *what)
{
	struct zclient_view v = view();

	zclient_instances_walk(client, say_instance, NULL);
	stop_zebra();
	if (system("cat /run/frr/zebra.out; ip route; ip -6 route; ip link"))
		print_message("(no more to show)\n");
	fail_msg(
		"not within %d s: %s; client is %s, last error \"%s\", %u received, %u malformed",
		PATIENCE_MS / 1000, what, zclient_state_name(v.state), v.last_error,
		(unsigned)v.messages_rcvd, (unsigned)v.malformed);
}

/* Whether the main table of the kernel has @prefix over the TUN interface. */
static bool kernel_has(const char *prefix)
{
	char command[128];

	snprintf(command, sizeof(command), "ip %s route show %s dev tun-test | grep -q .",
		 strchr(prefix, ':') ? "-6" : "", prefix);
	return system(command) == 0;
}

static bool own_is_in(void)
{
	return view().own_count == view().own_installed;
}

static void connect_client(void)
{
	struct zclient_options opt = {
		.socket = SOCKET, .protocol = RIB_PROTO_BGP, .settle_ns = NS_PER_S};

	zclient_configure(client, &opt);
}

/* ---- a session that plays bgpd ---- */

static void bgpd_send(const uint8_t *buf, const struct wbuf *w)
{
	assert_false(w->err);
	assert_int_equal(send(bgpd_fd, buf, (size_t)(w->pos - buf), MSG_NOSIGNAL),
			 w->pos - buf);
}

static void bgpd_connect(void)
{
	const struct zapi_hello h = {.proto = ZAPI_PROTO_BGP};
	struct sockaddr_un sun = {.sun_family = AF_UNIX, .sun_path = SOCKET};
	uint8_t buf[64];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	bgpd_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(bgpd_fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	zapi_encode_hello(&w, dialect, &h);
	bgpd_send(buf, &w);
}

static void bgpd_route(enum zapi_kind kind, uint32_t vrf, const char *p, const char *gate,
		       uint32_t tag)
{
	static struct zapi_route r;
	uint8_t buf[256];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	memset(&r, 0, sizeof(r));
	r.proto = ZAPI_PROTO_BGP;
	r.safi = ZAPI_SAFI_UNICAST;
	r.flags = ZAPI_ROUTE_ALLOW_RECURSION | ZAPI_ROUTE_IBGP;
	r.prefix = prefix(p);
	r.fields = ZAPI_ROUTE_NEXTHOP | ZAPI_ROUTE_DISTANCE | ZAPI_ROUTE_TAG;
	r.distance = 200;
	r.tag = tag;
	r.nexthop_count = 1;
	r.nexthop[0].vrf = vrf;
	r.nexthop[0].type = ZAPI_NEXTHOP_BLACKHOLE;
	if (gate) {
		r.nexthop[0].gate = prefix(gate).addr;
		r.nexthop[0].type = r.nexthop[0].gate.family == AF_INET
					    ? ZAPI_NEXTHOP_IPV4
					    : ZAPI_NEXTHOP_IPV6;
	}
	zapi_encode_route(&w, dialect, kind, vrf, &r);
	bgpd_send(buf, &w);
}

/* ---- the story, in order: each test goes on where the one before ended ---- */

static void the_dialect_of_the_running_zebra_is_found(void **state)
{
	(void)state;
	connect_client();
	WAIT_FOR(view().state == ZCLIENT_UP);
	assert_string_equal(view().release, zebra_release);
	assert_string_equal(view().dialect, dialect->name);
	assert_int_equal(view().malformed, 0);
	WAIT_FOR(view().router_id == prefix("10.99.0.1").addr.v4.s_addr);
}

static void a_vrf_is_learned_when_it_appears(void **state)
{
	uint32_t id;

	(void)state;
	assert_int_equal(system("ip netns add red"), 0);
	WAIT_FOR(rib_vrf_find(rib, "red", &id) == 0);
	assert_int_not_equal(id, 0);
	assert_string_equal(rib_vrf_name(rib, 0), "default");
}

static void a_bgp_route_arrives_with_its_next_hop_and_tag(void **state)
{
	struct ip_addr gate = prefix("10.99.0.7").addr;
	const struct rib_route *r;

	(void)state;
	bgpd_connect();
	bgpd_route(ZAPI_ROUTE_ADD, 0, "192.168.7.0/24", "10.99.0.7", 700);
	WAIT_FOR(learned(0, "192.168.7.0/24"));
	r = learned(0, "192.168.7.0/24");
	assert_int_equal(r->proto, RIB_PROTO_BGP);
	assert_int_equal(r->tag, 700);
	assert_int_equal(r->distance, 200);
	assert_int_equal(r->nh_count, 1);
	assert_true(ip_addr_equal(&r->nh[0].gate, &gate));
	assert_int_equal(r->nh[0].ifindex, tun_index());
	bgpd_route(ZAPI_ROUTE_ADD, 0, "192.168.7.0/24", "10.99.0.7", 701);
	WAIT_FOR(learned(0, "192.168.7.0/24")->tag == 701);
}

static void a_recursive_next_hop_arrives_unresolved(void **state)
{
	struct ip_addr gate = prefix("192.168.7.1").addr;
	const struct rib_route *r;

	(void)state;
	bgpd_route(ZAPI_ROUTE_ADD, 0, "192.168.8.0/24", "192.168.7.1", 0);
	WAIT_FOR(learned(0, "192.168.8.0/24"));
	r = learned(0, "192.168.8.0/24");
	assert_true(ip_addr_equal(&r->nh[0].gate, &gate));
	assert_int_equal(r->nh[0].ifindex, 0);
}

static void a_route_of_a_vrf_goes_to_that_vrf(void **state)
{
	uint32_t red;

	(void)state;
	assert_int_equal(rib_vrf_find(rib, "red", &red), 0);
	bgpd_route(ZAPI_ROUTE_ADD, red, "10.7.0.0/16", NULL, 7);
	WAIT_FOR(learned(red, "10.7.0.0/16"));
	assert_null(learned(0, "10.7.0.0/16"));
	assert_int_equal(learned(red, "10.7.0.0/16")->nh_count, 0); /* a blackhole */
}

static void a_withdrawn_route_leaves(void **state)
{
	(void)state;
	bgpd_route(ZAPI_ROUTE_DELETE, 0, "192.168.8.0/24", "192.168.7.1", 0);
	WAIT_FOR(!learned(0, "192.168.8.0/24"));
	assert_non_null(learned(0, "192.168.7.0/24"));
}

static void an_own_prefix_is_installed_and_withdrawn(void **state)
{
	(void)state;
	own_add("default", "172.16.102.0/24", tun_index(), 100);
	own_add("default", "172.16.103.0/24", tun_index(), 0);
	own_add("default", "fd00:102::/64", tun_index(), 100);
	WAIT_FOR(own_is_in());
	WAIT_FOR(kernel_has("172.16.102.0/24") && kernel_has("fd00:102::/64"));
	own_del("default", "172.16.103.0/24");
	WAIT_FOR(!kernel_has("172.16.103.0/24"));
	assert_int_equal(view().own_installed, 2);
}

static void own_prefixes_come_back_after_a_flap(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		set_link(false);
		WAIT_FOR(view().own_installed == 0);
		assert_false(kernel_has("172.16.102.0/24"));
		set_link(true);
		WAIT_FOR(own_is_in());
		WAIT_FOR(kernel_has("172.16.102.0/24") && kernel_has("fd00:102::/64"));
	}
	bgpd_route(ZAPI_ROUTE_ADD, 0, "192.168.7.0/24", "10.99.0.7", 701);
	WAIT_FOR(learned(0, "192.168.7.0/24"));
}

static void give_as(uint8_t instance, const char *p)
{
	const struct zclient_own own = own_of("default", instance, p, tun_index(), 7);

	assert_int_equal(zclient_own_add(client, &own), 0);
}

static void take_back_as(uint8_t instance, const char *p)
{
	const struct zclient_own own = own_of("default", instance, p, 0, 0);

	zclient_own_del(client, &own);
}

static bool is_in_as(uint8_t instance, const char *p)
{
	const struct zclient_own own = own_of("default", instance, p, 0, 0);
	bool sent, in;

	zclient_own_state(client, &own, &sent, &in);
	return in;
}

static bool count_one(const struct zclient_view *v, void *arg)
{
	(void)v;
	++*(unsigned *)arg;
	return true;
}

static unsigned instance_count(void)
{
	unsigned n = 0;

	zclient_instances_walk(client, count_one, &n);
	return n;
}

/* The other sessions' prefixes stay, and it comes back after a flap as theirs do. */
static void an_instance_has_prefixes_of_its_own(void **state)
{
	(void)state;
	give_as(250, "172.16.110.0/24");
	give_as(251, "172.16.111.0/24");
	WAIT_FOR(is_in_as(250, "172.16.110.0/24") && is_in_as(251, "172.16.111.0/24"));
	WAIT_FOR(kernel_has("172.16.110.0/24") && kernel_has("172.16.111.0/24"));
	set_link(false);
	WAIT_FOR(!is_in_as(250, "172.16.110.0/24"));
	set_link(true);
	WAIT_FOR(kernel_has("172.16.110.0/24") && kernel_has("172.16.111.0/24"));
	take_back_as(251, "172.16.111.0/24");
	WAIT_FOR(instance_count() == 1);
	WAIT_FOR(!kernel_has("172.16.111.0/24"));
	assert_true(kernel_has("172.16.110.0/24") && kernel_has("172.16.102.0/24"));
}

/* zebra has both for a while, and the kernel one of them all the time. */
static void a_prefix_moves_to_another_instance_without_a_gap(void **state)
{
	static const char monitor[] =
		"ip monitor route >/run/moves 2>&1 & echo $! >/run/monitor";

	(void)state;
	WAIT_FOR(is_in_as(250, "172.16.110.0/24"));
	assert_int_equal(system(monitor), 0);
	for (uint8_t from = 250; from < 254; from++) {
		uint8_t to = (uint8_t)(from + 1);

		give_as(to, "172.16.110.0/24");
		take_back_as(from, "172.16.110.0/24");
		WAIT_FOR(is_in_as(to, "172.16.110.0/24") && instance_count() == 1);
	}
	give_as(0, "172.16.110.0/24");
	take_back_as(254, "172.16.110.0/24");
	WAIT_FOR(is_in_as(0, "172.16.110.0/24") && instance_count() == 0);
	assert_true(kernel_has("172.16.110.0/24"));
	assert_int_equal(system("kill $(cat /run/monitor)"), 0);
	if (system("! grep -q 'Deleted 172.16.110.0/24' /run/moves")) {
		assert_int_equal(system("cat /run/moves"), 0);
		fail_msg("the kernel has been without it");
	}
	take_back_as(0, "172.16.110.0/24");
	WAIT_FOR(!kernel_has("172.16.110.0/24"));
}

static void routes_survive_a_restart_of_zebra_until_it_has_settled(void **state)
{
	(void)state;
	close(bgpd_fd);
	stop_zebra();
	WAIT_FOR(view().state == ZCLIENT_WAITING);
	/* zebra may have sent DELs for bgpd's routes before it died, or not */
	own_add("default", "172.16.104.0/24", tun_index(), 0);
	start_zebra();
	WAIT_FOR(view().state == ZCLIENT_SYNCING);
	WAIT_FOR(view().state == ZCLIENT_UP);
	WAIT_FOR(own_is_in());
	WAIT_FOR(kernel_has("172.16.102.0/24") && kernel_has("172.16.104.0/24"));
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
	assert_int_equal(view().malformed, 0);
}

static void a_vrf_leaves_with_its_namespace(void **state)
{
	uint32_t id;

	(void)state;
	WAIT_FOR(rib_vrf_find(rib, "red", &id) == 0);
	assert_int_equal(system("ip netns del red"), 0);
	WAIT_FOR(rib_vrf_find(rib, "red", &id) != 0);
}

static void leaving_zebra_takes_own_prefixes_out_of_the_kernel(void **state)
{
	(void)state;
	zclient_configure(client, NULL);
	WAIT_FOR(!kernel_has("172.16.102.0/24") && !kernel_has("fd00:102::/64"));
}

static int begin_story(void **state)
{
	const struct zclient_events ev = {.state = test_on_state,
					  .own_installed = test_on_installed};

	(void)state;
	log_capture(test_quiet);
	loop = loop_new();
	rib = rib_new(test_now, loop);
	client = zclient_new(loop, rib, &ev);
	start_zebra();
	return 0;
}

static int end_story(void **state)
{
	(void)state;
	zclient_free(client);
	rib_free(rib);
	loop_free(loop);
	stop_zebra();
	close(tun_fd);
	log_capture(NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dialect_of_the_running_zebra_is_found),
		cmocka_unit_test(a_vrf_is_learned_when_it_appears),
		cmocka_unit_test(a_bgp_route_arrives_with_its_next_hop_and_tag),
		cmocka_unit_test(a_recursive_next_hop_arrives_unresolved),
		cmocka_unit_test(a_route_of_a_vrf_goes_to_that_vrf),
		cmocka_unit_test(a_withdrawn_route_leaves),
		cmocka_unit_test(an_own_prefix_is_installed_and_withdrawn),
		cmocka_unit_test(own_prefixes_come_back_after_a_flap),
		cmocka_unit_test(an_instance_has_prefixes_of_its_own),
		cmocka_unit_test(a_prefix_moves_to_another_instance_without_a_gap),
		cmocka_unit_test(routes_survive_a_restart_of_zebra_until_it_has_settled),
		cmocka_unit_test(a_vrf_leaves_with_its_namespace),
		cmocka_unit_test(leaving_zebra_takes_own_prefixes_out_of_the_kernel),
	};
	const char *why = enter_namespaces();

	why = why ?: make_tun();
	if (!why) {
		find_release();
		why = dialect ? NULL : "its release is not known to wgrd";
	}
	if (why) {
		printf("SKIPPED: no test against a real zebra: %s\n", why);
		return 77; /* automake: skipped */
	}
	printf("zebra %s, dialect %s\n", zebra_release, dialect->name);
	return cmocka_run_group_tests(tests, begin_story, end_story);
}
