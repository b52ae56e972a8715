/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_BACKEND_KERNEL_H
#define WGRD_WG_BACKEND_KERNEL_H

/*
 * The back end whose packets the kernel's WireGuard forwards. Its argument is a struct wg_kernel.
 * Main thread only.
 */

#include "wgrd/lib/loop.h"
#include "wgrd/wg/backend.h"

struct kwg;
struct wg_kernel;

extern const struct wg_backend_ops wg_backend_kernel;

/* @kwg stays the caller's, and must outlive it. */
struct wg_kernel *wg_kernel_new(struct loop *loop, struct kwg *kwg);
/* From here on devices that are stopped stay in the kernel as they are, and go on forwarding. */
void wg_kernel_retain(struct wg_kernel *k);
void wg_kernel_free(struct wg_kernel *k); /* NULL is allowed; all devices are gone */

#endif
