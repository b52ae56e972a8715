/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KNETNS_H
#define WGRD_KERNEL_KNETNS_H

/* Named network namespaces, as ip-netns(8) keeps them and `zebra -n` takes them for VRFs. Any
 * thread. */

#include <stdbool.h>

#define KNETNS_DIR "/run/netns"

/* Is the one called @name in @dir ours? Whatever cannot be looked at is not. */
bool knetns_is_own(const char *dir, const char *name);

#endif
