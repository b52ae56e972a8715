/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_UAPI_RIG_H
#define WGRD_TESTS_UAPI_RIG_H

/*
 * What wgrd/uapi works on, for tests: real datastore, model and struct wg, over the fake
 * loop and the fake back end. There is no tenant, so permissions are what a test puts in.
 */

#include "tests/lib/fake_backend.h"
#include "tests/lib/fake_loop.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/wg/wg.h"

/* The key of 32 times the octet 0xNN, as wg(8) says it in its protocol, and in base64. */
#define HEX8(nn) nn nn nn nn nn nn nn nn
#define HEX(nn)  HEX8(nn) HEX8(nn) HEX8(nn) HEX8(nn)
#define KEY_01   "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define KEY_0A   "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo="
#define KEY_0B   "CwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCws="
#define KEY_0C   "DAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw="

struct rig {
	struct loop *loop;
	struct datastore *ds;
	struct fake_backend *be;
	struct wg *wg;
	char dir[40]; /* of its own, removed at the end if it is empty */
	void (*device)(void *arg, struct wg_device *d, bool gone);
	void *device_arg;
};

/*
 * cmocka's setup and teardown; *state is the rig. wg0 has private key 01, port 51820, and
 * the peers alice (key 0A; 10.1.0.0/16, fd00:1::/32; 192.0.2.1:9; keepalive 25; a
 * description, an overlay address, a PSK 0C) and bob (key 0B; 10.2.0.0/16).
 */
int rig_setup(void **state);
int rig_teardown(void **state);

/* Edits below wg0, "" is wg0 itself; and a commit. All must succeed. */
void rig_set(struct rig *r, const char *path, const char *value);
void rig_unset(struct rig *r, const char *path, const char *value);
void rig_commit(struct rig *r);
/* Puts a prefix of a group of these peers ("a b") into egress, ingress or both. */
void rig_permit(struct rig *r, const char *prefix, const char *egress,
		const char *ingress);
/* Where the data plane says the peer is. */
void rig_roam(struct rig *r, const char *peer, const char *endpoint);

const struct conf_wireguard *rig_conf(const struct rig *r);
const struct conf_peer *rig_peer(const struct rig *r, const char *name);
/* The static prefixes of a peer in their order, separated by blanks. In a static buffer. */
const char *rig_allowed(const struct rig *r, const char *name);

#endif
