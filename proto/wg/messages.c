/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/wg/messages.h"

enum wg_msg_type wg_msg_classify(const void *buf, size_t len)
{
	if (len < sizeof(uint32_t))
		return WG_MSG_INVALID;
	switch (load32_le(buf)) {
	case WG_MSG_INITIATION:
		if (len == sizeof(struct wg_msg_initiation))
			return WG_MSG_INITIATION;
		break;
	case WG_MSG_RESPONSE:
		if (len == sizeof(struct wg_msg_response))
			return WG_MSG_RESPONSE;
		break;
	case WG_MSG_COOKIE:
		if (len == sizeof(struct wg_msg_cookie))
			return WG_MSG_COOKIE;
		break;
	case WG_MSG_DATA:
		if (len >= WG_DATA_MIN_LEN)
			return WG_MSG_DATA;
		break;
	}
	return WG_MSG_INVALID;
}

uint32_t wg_msg_receiver(const void *buf)
{
	switch (load32_le(buf)) {
	case WG_MSG_RESPONSE:
		return load32_le(((const struct wg_msg_response *)buf)->receiver);
	case WG_MSG_COOKIE:
		return load32_le(((const struct wg_msg_cookie *)buf)->receiver);
	case WG_MSG_DATA:
		return load32_le(((const struct wg_msg_data *)buf)->receiver);
	}
	return 0;
}
