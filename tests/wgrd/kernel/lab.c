/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/kernel/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

bool lab_enter(void)
{
	if (unshare(CLONE_NEWNET)) {
		fprintf(stderr, "SKIPPED: no network namespace for this test: %s\n",
			strerror(errno));
		return false;
	}
	if (system("ip link set lo up") != 0) {
		fprintf(stderr,
			"SKIPPED: this test needs ip(8): apt-get install iproute2\n");
		return false;
	}
	return true;
}

void lab_no_link_local(void)
{
	static const char path[] = "/proc/sys/net/ipv6/conf/default/addr_gen_mode";
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1) /* IN6_ADDR_GEN_MODE_NONE */
		fail_msg("%s: %s", path, strerror(errno));
	close(fd);
}

static const char *run(const char *fmt, va_list ap)
{
	static char text[1 << 20];
	char args[512], command[600];
	size_t len;
	FILE *out;
	int status;

	vsnprintf(args, sizeof(args), fmt, ap);
	snprintf(command, sizeof(command), "ip %s 2>&1", args);
	out = popen(command, "r");
	if (!out)
		fail_msg("%s: %s", command, strerror(errno));
	len = fread(text, 1, sizeof(text) - 1, out);
	text[len] = '\0';
	status = pclose(out);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("%s: status %#x: %s", command, (unsigned)status, text);
	return text;
}

void lab_ip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	run(fmt, ap);
	va_end(ap);
}

const char *lab_ip_text(const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = run(fmt, ap);
	va_end(ap);
	return text;
}

unsigned lab_ip_lines(const char *fmt, ...)
{
	unsigned lines = 0;
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = run(fmt, ap);
	va_end(ap);
	for (; (text = strchr(text, '\n')); text++)
		lines++;
	return lines;
}

void lab_expect_text(const char *word, bool there, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = run(fmt, ap);
	va_end(ap);
	if (!strstr(text, word) == there)
		fail_msg("expected %s\"%s\" in what \"ip %s\" prints, saw:\n%s",
			 there ? "" : "no ", word, fmt, text);
}

uint32_t lab_ifindex(const char *name)
{
	unsigned ifindex = if_nametoindex(name);

	if (!ifindex)
		fail_msg("there is no interface %s", name);
	return ifindex;
}

int lab_open_tun(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0 ||
	    ioctl(fd, TUNSETPERSIST, 1) < 0)
		fail_msg("TUN device %s: %s", name, strerror(errno));
	return fd;
}
