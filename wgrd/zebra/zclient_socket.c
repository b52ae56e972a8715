/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int zsocket_connect(const char *path, int *fd)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int s;

	if (len == 0 || len >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, len);
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -errno;
	if (connect(s, (const struct sockaddr *)&sun, sizeof(sun))) {
		int err = -errno;

		close(s);
		return err;
	}
	*fd = s;
	return 0;
}
