/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_RX_H
#define WGRD_DPLANE_RX_H

/*
 * From a port to the interfaces: receive a batch, find sessions, open, check, deliver.
 * Handshake messages go to the handshake thread. The worker's own; nobody else calls it.
 */

#include "wgrd/dplane/source.h"

struct dp_rx;
struct dp_worker;

struct dp_rx *dp_rx_new(void); /* NULL: no memory */
void dp_rx_free(struct dp_rx *rx);
/* The ready() of a port's socket. */
void dp_rx_ready(struct dp_worker *w, struct dp_source *s);

#endif
