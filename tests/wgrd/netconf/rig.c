/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/netconf/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/cli/cli.h"
#include "wgrd/mgmt/events.h"
#include "wgrd/mgmt/mgmt.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/netconf.h"
#include "wgrd/netconf/rpc.h"

const char *rig_nacm;

static void tell_commit(void *ctx, struct conf_change *c)
{
	struct rig *r = ctx;

	(void)c;
	events_report(r->events, &(struct event){.kind = EVENT_COMMIT}, "commit %u",
		      r->commits);
}

static const struct conf_subsys teller = {.name = "teller", .apply = tell_commit};

const char *rig_path(const struct rig *r, const char *name)
{
	return conf_rig_path(&r->conf, name);
}

void rig_write(const struct rig *r, const char *name, const char *text)
{
	conf_rig_write(&r->conf, name, text);
}

static void make_server(struct rig *r)
{
	const char *yang_dir = getenv("WGRD_YANG_DIR") ?: "yang";
	char config[64], nacm[64], why[512];
	const struct mgmt_deps deps = {.loop = r->loop,
				       .datastore = r->ds,
				       .version = "0.1.0",
				       .config_path = config};
	struct netconf_deps nc = {
		.loop = r->loop,
		.datastore = r->ds,
		.confirm = r->confirm,
		.events = r->events,
		.config_path = config,
		.yang_dir = yang_dir,
		.nacm_path = nacm,
		.version = "0.1.0",
		.rib = FAKE_OBJECT(rib),
		.wg = FAKE_OBJECT(wg),
		.tenants = FAKE_OBJECT(tenants),
		.fib = FAKE_OBJECT(fib),
		.zclient = FAKE_OBJECT(zclient),
		.learn = FAKE_OBJECT(learn),
	};

	strcpy(config, rig_path(r, "wgrd.conf"));
	r->m = mgmt_new(&deps);
	nc.cli = r->cli = cli_new(r->m);
	strcpy(nacm, rig_path(r, "nacm.xml"));
	if (rig_nacm)
		rig_write(r, "nacm.xml", rig_nacm);
	if (netconf_new(&nc, &r->n, why, sizeof(why)))
		fail_msg("%s", why);
}

struct rig *rig_new(void)
{
	struct rig *r = xcalloc(1, sizeof(*r));

	fake_state = (struct fake_state){0};
	conf_rig_init(&r->conf, "netconf");
	datastore_subscribe(r->ds, &teller, r);
	make_server(r);
	return r;
}

int rig_setup(void **state)
{
	*state = rig_new();
	return 0;
}

void rig_free(struct rig *r)
{
	netconf_free(r->n);
	while (r->fds)
		close(r->fd[--r->fds]);
	cli_free(r->cli);
	mgmt_free(r->m);
	conf_rig_fini(&r->conf);
	strbuf_free(&r->reply);
	free(r);
}

int rig_teardown(void **state)
{
	rig_free(*state);
	return 0;
}

struct netconf_session *rig_connect(struct rig *r, int *fd)
{
	unsigned before = r->n->count;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	netconf_session_begin(r->n, fds[0]);
	*fd = fds[1];
	return r->n->count > before ? r->n->sessions : NULL;
}

struct netconf_session *rig_login_on(struct rig *r, const char *user, uid_t uid, int *fd)
{
	struct netconf_session *s = rig_connect(r, fd);

	assert_non_null(s);
	nacm_user_free(s->nacm);
	s->nacm = nacm_user_new(r->n->nacm, user, uid, 65534);
	s->uid = uid;
	s->greeted = true;
	loop_timer_stop(&s->timer);
	snprintf(s->user, sizeof(s->user), "%s", user);
	return s;
}

struct netconf_session *rig_login(struct rig *r, const char *user, uid_t uid)
{
	assert_true(r->fds < sizeof(r->fd) / sizeof(r->fd[0]));
	return rig_login_on(r, user, uid, &r->fd[r->fds++]);
}

/* Takes off the first element's start, and its end. */
static const char *inside(struct strbuf *text)
{
	char *begin = text->s ? strchr(text->s, '>') : NULL, *end = strrchr(text->s, '<');

	if (!begin || !end || end <= begin)
		return strbuf_str(text);
	*end = '\0';
	return begin + 1;
}

const char *rig_rpc(struct rig *r, struct netconf_session *s, const char *operation)
{
	struct strbuf message = {0};
	bool again;

	strbuf_free(&r->reply);
	strbuf_printf(&message, "<rpc " RIG_NS " message-id='1'>%s</rpc>", operation);
	again = rpc_answer(s, &message, &r->reply);
	r->parts = 1;
	while (s->rest) {
		assert_true(rpc_answer_on(s, &r->reply) >= 0);
		r->parts++;
	}
	assert_int_equal(again, !strstr(operation, "<close-session"));
	strbuf_free(&message);
	return inside(&r->reply);
}

void rig_must(struct rig *r, struct netconf_session *s, const char *operation)
{
	const char *reply = rig_rpc(r, s, operation);

	if (strncmp(reply, "<ok", 3) != 0)
		fail_msg("%s\nexpected <ok/>, saw %s", operation, reply);
}

void rig_has(const char *seen, ...)
{
	const char *part;
	va_list args;

	va_start(args, seen);
	while ((part = va_arg(args, const char *)))
		if (!strstr(seen, part))
			fail_msg("expected %s\nin %s", part, seen);
	va_end(args);
}

const char *rig_edit(struct rig *r, struct netconf_session *s, const char *target,
		     const char *options, const char *config)
{
	struct strbuf op = {0};
	const char *reply;

	strbuf_printf(&op,
		      "<edit-config xmlns:nc='urn:ietf:params:xml:ns:netconf:base:1.0'>"
		      "<target><%s/></target>%s<config>%s</config></edit-config>",
		      target, options, config);
	reply = rig_rpc(r, s, op.s);
	strbuf_free(&op);
	return reply;
}

const char *rig_config(struct rig *r, struct netconf_session *s, const char *source)
{
	char op[128];
	char *begin, *end;

	snprintf(op, sizeof(op), "<get-config><source><%s/></source></get-config>",
		 source);
	begin = (char *)strstr(rig_rpc(r, s, op), "<wgrd ");
	if (!begin || !(end = strstr(begin, "</wgrd>")))
		return "";
	*end = '\0';
	return strchr(begin, '>') + 1;
}
