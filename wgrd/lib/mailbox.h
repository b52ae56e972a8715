/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_MAILBOX_H
#define WGRD_LIB_MAILBOX_H

/*
 * A bounded queue of fixed-size messages from any number of threads to one reader.
 * Posting never blocks and never allocates: when the box is full the message is refused
 * and counted, and the level of the box is what "under load" means to the reader. Wake-up
 * by eventfd, one write per transition from empty.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct mailbox;

/* @slots is rounded up to a power of two. */
int mailbox_new(size_t slots, size_t msg_size, struct mailbox **out) MUST_USE;
void mailbox_free(struct mailbox *m);
/* Any thread. Copies msg_size bytes. False when full. */
bool mailbox_post(struct mailbox *m, const void *msg);
/* Reader only. Copies the oldest message out; false when empty. */
bool mailbox_take(struct mailbox *m, void *msg);
/* Reader only. Waits on this for input; mailbox_drain() re-arms it before taking. */
int mailbox_fd(const struct mailbox *m);
void mailbox_drain(struct mailbox *m);
/* Any thread; approximate. */
size_t mailbox_level(const struct mailbox *m);
size_t mailbox_slots(const struct mailbox *m);

#endif
