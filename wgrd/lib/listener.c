/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "wgrd/lib/log.h"

/* ---- the socket ---- */

static int make_address(struct sockaddr_un *sun, const char *path)
{
	*sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(sun->sun_path))
		return -ENAMETOOLONG;
	strcpy(sun->sun_path, path);
	return 0;
}

/* Removes the socket of a program that is gone. */
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

static int bind_and_listen(int fd, const struct sockaddr_un *sun,
			   const struct listener_conf *conf)
{
	mode_t old = umask(0777 & ~conf->mode);
	int err = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? -errno : 0;

	umask(old);
	if (err)
		return err;
	if (conf->group != (gid_t)-1 && chown(sun->sun_path, (uid_t)-1, conf->group))
		err = -errno;
	if (!err && listen(fd, SOMAXCONN))
		err = -errno;
	if (err)
		unlink(sun->sun_path);
	return err;
}

int listener_socket(const struct listener_conf *conf, int *fd)
{
	struct sockaddr_un sun;
	int err = make_address(&sun, conf->path);

	if (!err)
		err = make_way(&sun);
	if (err)
		return err;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return -errno;
	err = bind_and_listen(*fd, &sun, conf);
	if (err)
		close(*fd);
	return err;
}

/* ---- clients ---- */

/* The next one, or a negative errno: EAGAIN when there is none. */
static int accept_client(int fd)
{
	int client;

	do
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (client < 0 && (errno == EINTR || errno == ECONNABORTED));
	return client < 0 ? -errno : client;
}

static void accept_again(struct loop_timer *t)
{
	struct listener *l = container_of(t, struct listener, again);

	if (!l->paused)
		loop_io_want(l->io, LOOP_READ);
}

static void listener_ready(void *arg, unsigned what)
{
	struct listener *l = arg;

	(void)what;
	while (!l->paused) {
		int fd = accept_client(l->fd);

		if (fd >= 0) {
			l->client(l->arg, fd);
			continue;
		}
		if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOBUFS) {
			log_warn(LOG_MGMT, "%s: no client can be accepted: %s", l->path,
				 strerror(-fd));
			loop_io_want(l->io, 0);
			loop_timer_set(l->loop, &l->again, NS_PER_S);
		}
		return;
	}
}

void listener_pause(struct listener *l, bool paused)
{
	if (l->paused == paused)
		return;
	l->paused = paused;
	if (paused || !loop_timer_is_set(&l->again))
		loop_io_want(l->io, paused ? 0 : LOOP_READ);
}

/* ---- life ---- */

static int explain(const char *path, int err, char *why, size_t why_len)
{
	if (err == -EADDRINUSE)
		snprintf(why, why_len, "%s: another program answers there", path);
	else if (err == -ENOTSOCK)
		snprintf(why, why_len, "%s: there is something that is not a socket",
			 path);
	else
		snprintf(why, why_len, "%s: cannot listen: %s", path, strerror(-err));
	return err;
}

int listener_open(struct listener *l, struct loop *loop, const struct listener_conf *conf,
		  char *why, size_t why_len)
{
	int fd, err = listener_socket(conf, &fd);

	if (err)
		return explain(conf->path, err, why, why_len);
	*l = (struct listener){
		.loop = loop,
		.fd = fd,
		.again.fn = accept_again,
		.client = conf->client,
		.arg = conf->arg,
	};
	err = loop_io_add(loop, fd, LOOP_READ, listener_ready, l, &l->io);
	if (err) {
		close(fd);
		unlink(conf->path);
		return explain(conf->path, err, why, why_len);
	}
	l->path = xstrdup(conf->path);
	return 0;
}

void listener_close(struct listener *l)
{
	if (!l->path)
		return;
	loop_timer_stop(&l->again);
	loop_io_del(l->io);
	close(l->fd);
	unlink(l->path);
	free(l->path);
	l->path = NULL;
}
