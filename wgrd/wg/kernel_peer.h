/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_KERNEL_PEER_H
#define WGRD_WG_KERNEL_PEER_H

/* Functions of struct wg_backend_ops about peers, for backend_kernel.c;
 * backend.h says what each promises. Main thread only. */

#include "wgrd/wg/backend.h"

int kernel_peer_new(void *be, void *dev, const struct conf_peer *conf, void *cookie,
		    void **peer);
void kernel_peer_set(void *be, void *peer, const struct conf_peer *conf);
void kernel_peer_retire(void *be, void *peer);
void kernel_peer_free(void *be, void *peer);
void kernel_peer_clear(void *be, void *peer);
void kernel_peer_home(void *be, void *peer);
void kernel_peer_state(void *be, void *peer, struct wg_backend_peer_state *st);

#endif
