/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_BACKEND_USER_H
#define WGRD_WG_BACKEND_USER_H

/* The back end that forwards in this process. Its argument is a struct dplane. Main
 * thread only. */

#include "wgrd/wg/backend.h"

extern const struct wg_backend_ops wg_backend_user;

#endif
