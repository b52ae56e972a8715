/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/vty_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int make_address(struct sockaddr_un *sun, const char *path)
{
	*sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(sun->sun_path))
		return -ENAMETOOLONG;
	strcpy(sun->sun_path, path);
	return 0;
}

/* Removes the socket of a daemon that is gone. */
static int make_way(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, err;

	if (lstat(sun->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	err = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? -errno : 0;
	close(fd);
	if (!err || err == -EAGAIN) /* EAGAIN: it is there, and busy */
		return -EADDRINUSE;
	if (err != -ECONNREFUSED)
		return err;
	return unlink(sun->sun_path) ? -errno : 0;
}

static int bind_and_listen(int fd, const struct sockaddr_un *sun, gid_t group)
{
	mode_t old = umask(0117);
	int err = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? -errno : 0;

	umask(old);
	if (err)
		return err;
	if (group != (gid_t)-1 && chown(sun->sun_path, (uid_t)-1, group))
		err = -errno;
	if (!err && listen(fd, SOMAXCONN))
		err = -errno;
	if (err)
		unlink(sun->sun_path);
	return err;
}

int vty_socket_listen(const char *path, gid_t group, int *fd)
{
	struct sockaddr_un sun;
	int err = make_address(&sun, path);

	if (!err)
		err = make_way(&sun);
	if (err)
		return err;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return -errno;
	err = bind_and_listen(*fd, &sun, group);
	if (err)
		close(*fd);
	return err;
}

int vty_socket_accept(int fd)
{
	int client;

	do
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (client < 0 && (errno == EINTR || errno == ECONNABORTED));
	return client < 0 ? -errno : client;
}
