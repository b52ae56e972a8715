/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/account.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int account_find(struct account *a, const char *user, const char *group, char *why,
		 size_t why_len)
{
	const struct passwd *u = getpwnam(user);
	const struct group *g = group ? getgrnam(group) : NULL;

	if (!u) {
		snprintf(why, why_len, "-u: there is no user \"%s\"", user);
		return -ENOENT;
	}
	if (group && !g) {
		snprintf(why, why_len, "-g: there is no group \"%s\"", group);
		return -ENOENT;
	}
	*a = (struct account){
		.user = user,
		.uid = u->pw_uid,
		.gid = g ? g->gr_gid : u->pw_gid,
	};
	return 0;
}

static int make_one(const struct account *a, const char *dir, bool last)
{
	if (mkdir(dir, last ? 0700 : 0755))
		return errno == EEXIST ? 0 : -errno;
	if (chmod(dir, last ? 0700 : 0755)) /* whatever the umask */
		return -errno;
	return last && chown(dir, a->uid, a->gid) ? -errno : 0;
}

int account_make_dir(const struct account *a, const char *dir, char *why, size_t why_len)
{
	char path[PATH_MAX];
	size_t len = strlen(dir);
	int err = len < sizeof(path) ? 0 : -ENAMETOOLONG;

	while (len > 1 && dir[len - 1] == '/')
		len--;
	for (size_t i = 1; !err && i <= len; i++) {
		if (i < len && dir[i] != '/')
			continue;
		memcpy(path, dir, i);
		path[i] = '\0';
		err = make_one(a, path, i == len);
	}
	if (err)
		snprintf(why, why_len, "%s: cannot be made: %s", dir, strerror(-err));
	return err;
}

/* ---- becoming ---- */

/* glibc has no wrapper; the kernel's own interface is this struct and two words. */
static int set_capabilities(uint32_t mask)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{.effective = mask, .permitted = mask}};

	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

static int bound_capabilities(unsigned keep)
{
	for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (cap != keep && prctl(PR_CAPBSET_DROP, cap))
			return -errno;
	return 0;
}

static int change_ids(const struct account *a)
{
	if (initgroups(a->user, a->gid) || setresgid(a->gid, a->gid, a->gid) ||
	    setresuid(a->uid, a->uid, a->uid))
		return -errno;
	return 0;
}

int account_become(const struct account *a, char *why, size_t why_len)
{
	int err;

	if (geteuid() == a->uid)
		return 0;
	err = bound_capabilities(CAP_NET_ADMIN);
	if (!err && prctl(PR_SET_KEEPCAPS, 1))
		err = -errno;
	err = err ?: change_ids(a) ?: set_capabilities(1u << CAP_NET_ADMIN);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	if (err)
		snprintf(why, why_len, "-u: cannot become %s: %s", a->user,
			 strerror(-err));
	return err;
}
