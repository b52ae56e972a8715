/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/knetns.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A name is the mount of a namespace's inode, which nsfs gives out once. */
bool knetns_is_own(const char *dir, const char *name)
{
	struct stat own, named;
	char path[256];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	return n > 0 && (size_t)n < sizeof(path) && !strchr(name, '/') &&
	       !stat("/proc/self/ns/net", &own) && !stat(path, &named) &&
	       own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}
