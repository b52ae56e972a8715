/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/socket_user.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int socket_user_find(int fd, struct socket_user *who)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	const struct passwd *pw;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return -errno;
	if (cred.uid == (uid_t)-1)
		return -ENOTCONN;
	pw = getpwuid(cred.uid);
	/* Cut short, a name would be somebody else's. */
	if (pw && strlen(pw->pw_name) >= sizeof(who->name))
		pw = NULL;
	*who = (struct socket_user){
		.uid = cred.uid, .known = pw, .gid = pw ? pw->pw_gid : (gid_t)-1};
	if (pw)
		strcpy(who->name, pw->pw_name);
	else
		snprintf(who->name, sizeof(who->name), "%u", cred.uid);
	return 0;
}
