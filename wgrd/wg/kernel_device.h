/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_KERNEL_DEVICE_H
#define WGRD_WG_KERNEL_DEVICE_H

/* Functions of struct wg_backend_ops about interfaces, for backend_kernel.c;
 * backend.h says what each promises. Main thread only. */

#include "wgrd/wg/backend.h"

int kernel_device_new(void *be, const struct conf_wireguard *conf, void **dev,
		      uint32_t *ifindex, char *why, size_t why_len);
int kernel_device_later(void *be, const struct conf_wireguard *conf, void **dev,
			char *why, size_t why_len);
int kernel_device_prepare(void *be, void *dev, const struct conf_wireguard *conf,
			  char *why, size_t why_len);
void kernel_device_set(void *be, void *dev, const struct conf_wireguard *conf);
void kernel_device_abort(void *be, void *dev);
int kernel_device_link(void *be, void *dev, const struct conf_wireguard *conf);
int kernel_device_reopen(void *be, void *dev, uint32_t *ifindex, char *why,
			 size_t why_len);
void kernel_device_stop(void *be, void *dev);
void kernel_device_free(void *be, void *dev);
uint16_t kernel_device_port(void *be, void *dev);
bool kernel_device_public_key(void *be, void *dev, size_t i, uint8_t key[32]);
void kernel_device_state(void *be, void *dev, struct wg_backend_device_state *st);

#endif
