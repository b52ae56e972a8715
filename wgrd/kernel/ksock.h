/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KSOCK_H
#define WGRD_KERNEL_KSOCK_H

/*
 * An rtnetlink socket, and the two conversations one has on it while waiting: one request and
 * its acknowledgement, and a dump. libnl makes the messages; the socket is ours, so that
 * errors stay the kernel's errno. For the files of this folder. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct nl_msg;
struct nlmsghdr;

/* @flags go into socket(2)'s type. Returns a descriptor or a negative errno. */
int ksock_open(int flags) MUST_USE;
/* Asks for @bytes of receive buffer, beyond the system's limit if we may. Returns what it got. */
size_t ksock_set_rcvbuf(int fd, size_t bytes);

struct sock_filter;
/* Only what @code lets pass is received; and announcements of these groups, RTNLGRP_*, are. */
int ksock_attach_filter(int fd, struct sock_filter *code, size_t n) MUST_USE;
int ksock_join(int fd, const int *groups, size_t n) MUST_USE;

/* *@out is given to the caller: nlmsg_free(). @flags beside NLM_F_REQUEST. */
int ksock_message(int type, int flags, const void *head, size_t head_bytes,
		  struct nl_msg **out) MUST_USE;

/* Sends and waits for the verdict: 0 or the kernel's negative errno. Takes @msg. */
int ksock_talk(int fd, struct nl_msg *msg) MUST_USE;

/*
 * Sends a dump request and calls @each for every object. Takes @msg. Returns 0, -EAGAIN when
 * what was dumped changed meanwhile (the objects seen may have gaps: start over), another
 * negative errno of the kernel, or what @each returned if that was not 0.
 */
int ksock_dump(int fd, struct nl_msg *msg,
	       int (*each)(const struct nlmsghdr *h, void *arg), void *arg) MUST_USE;

/* The kernel's sentence about a refused request, or "" (NLMSGERR_ATTR_MSG). */
const char *ksock_complaint(const struct nlmsghdr *h);
/* The errno of an acknowledgement, negative or 0; -EBADMSG if @h is cut short. */
int ksock_verdict(const struct nlmsghdr *h);

#endif
