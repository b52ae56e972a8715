/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_NETCONF_RIG_H
#define WGRD_TESTS_NETCONF_RIG_H

/*
 * A NETCONF server for tests: a conf_rig, and the scene of tests/wgrd/mgmt/fake_state.h for the
 * state of the daemon.
 */

#include "tests/lib/conf_rig.h"
#include "tests/wgrd/mgmt/fake_state.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/netconf/netconf_priv.h"
#include "wgrd/netconf/session.h"

#define RIG_NS "xmlns='urn:ietf:params:xml:ns:netconf:base:1.0'"
#define RIG_W  "xmlns='urn:wgrd:yang:wgrd'"

struct rig {
	CONF_RIG(conf);
	struct mgmt *m;
	struct cli *cli;
	struct netconf *n;
	struct strbuf reply; /* of the latest rig_rpc() */
	unsigned parts;      /* that it was made in */
	int fd[16];          /* of those who logged in */
	unsigned fds;
};

/* A nacm.xml for the next rig; NULL, as at first: none. */
extern const char *rig_nacm;

/* cmocka's setup and teardown; *state is the rig. */
int rig_setup(void **state);
int rig_teardown(void **state);
struct rig *rig_new(void);
void rig_free(struct rig *r);

#define RIG_TEST(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

/* "DIR/NAME" in one of two static buffers. */
const char *rig_path(const struct rig *r, const char *name);
void rig_write(const struct rig *r, const char *name, const char *text);

/* A client: what he writes to *@fd the server reads when the loop goes on. */
struct netconf_session *rig_connect(struct rig *r, int *fd);
/* The same, of another user, as if he had said hello. */
struct netconf_session *rig_login(struct rig *r, const char *user, uid_t uid);
/* The same with the client's end of the socket, which otherwise is closed with the rig. */
struct netconf_session *rig_login_on(struct rig *r, const char *user, uid_t uid, int *fd);

/* The reply to "<rpc message-id='1'>@operation</rpc>" without the <rpc-reply> around it. */
const char *rig_rpc(struct rig *r, struct netconf_session *s, const char *operation);
/* Must be answered by <ok/>. */
void rig_must(struct rig *r, struct netconf_session *s, const char *operation);
/* @seen must have each of the strings that follow, which end with NULL. */
void rig_has(const char *seen, ...) __attribute__((sentinel));
/* An edit-config of @target; @options come before its <config>, which has @config in it. */
const char *rig_edit(struct rig *r, struct netconf_session *s, const char *target,
		     const char *options, const char *config);
/* The content of a datastore's <wgrd>, "" when there is none. */
const char *rig_config(struct rig *r, struct netconf_session *s, const char *source);

#endif
