/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_SELFTEST_H
#define WGRD_PROTO_CRYPTO_SELFTEST_H

/*
 * Known answers for every primitive, and every AEAD implementation this CPU can run
 * against the generic one at all short lengths and a few long ones. Meant for the
 * start of the daemon, before any key is loaded: a few milliseconds. Any thread.
 */

/* Returns NULL if all is well, else the name of the first that failed: a primitive, such
 * as "blake2s", or an AEAD implementation, such as "generic". The string is static. */
const char *crypto_selftest(void);

#endif
