/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/sync/thread.h"

#include <signal.h>

int dp_thread_start(pthread_t *thread, const char *name, void *(*fn)(void *arg),
		    void *arg)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err)
		return -err;
	(void)pthread_setname_np(*thread, name);
	return 0;
}

int dp_thread_set_cpus(pthread_t thread, const cpu_set_t *cpus)
{
	return -pthread_setaffinity_np(thread, sizeof(*cpus), cpus);
}
