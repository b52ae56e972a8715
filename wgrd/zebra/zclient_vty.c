/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_vty.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/zebra/zclient_socket.h"

enum {
	PATIENCE_S = 3
};

int zvty_parse(const char *text, char release[static ZVTY_RELEASE_LEN])
{
	static const char word[] = "FRRouting ";
	const char *at = strstr(text, word);
	size_t len;

	release[0] = '\0';
	if (!at)
		return -ENOENT;
	at += sizeof(word) - 1;
	len = strcspn(at, " \t\r\n");
	if (len == 0 || len >= ZVTY_RELEASE_LEN)
		return -ENOENT;
	memcpy(release, at, len);
	release[len] = '\0';
	return 0;
}

void zvty_cancel(struct zvty *v)
{
	if (!v->io)
		return;
	loop_timer_stop(&v->timer);
	loop_io_del(v->io);
	v->io = NULL;
	close(v->fd);
}

static void finish(struct zvty *v, const char *release, const char *why)
{
	zvty_cancel(v);
	v->done(v->arg, release, why);
}

static void on_timeout(struct loop_timer *t)
{
	finish(container_of(t, struct zvty, timer), "", "no answer");
}

/* The whole answer is there when three NULs and one byte are. */
static bool is_complete(const struct zvty *v)
{
	return v->len >= 4 && !memcmp(v->answer + v->len - 4, "\0\0", 3);
}

static void on_readable(void *arg, unsigned what)
{
	struct zvty *v = arg;
	char release[ZVTY_RELEASE_LEN];
	ssize_t n;

	(void)what;
	n = read(v->fd, v->answer + v->len, sizeof(v->answer) - v->len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		finish(v, "", n ? strerror(errno) : "it closed the connection");
		return;
	}
	v->len += (size_t)n;
	if (is_complete(v)) {
		if (zvty_parse(v->answer, release))
			finish(v, "", "the answer names no release of FRR");
		else
			finish(v, release, NULL);
	} else if (v->len == sizeof(v->answer)) {
		finish(v, "", "the answer is too long");
	}
}

void zvty_ask(struct zvty *v, const char *path)
{
	static const char command[] = "show version"; /* its NUL is sent too */
	int err;

	v->len = 0;
	err = zsocket_connect(path, &v->fd);
	if (err) {
		v->done(v->arg, "", strerror(-err));
		return;
	}
	err = loop_io_add(v->loop, v->fd, LOOP_READ, on_readable, v, &v->io);
	if (err) {
		close(v->fd);
		v->done(v->arg, "", strerror(-err));
		return;
	}
	v->timer.fn = on_timeout;
	loop_timer_set(v->loop, &v->timer, PATIENCE_S * NS_PER_S);
	if (write(v->fd, command, sizeof(command)) != sizeof(command))
		finish(v, "", "it does not take commands");
}
