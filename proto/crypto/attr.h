/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_ATTR_H
#define WGRD_PROTO_CRYPTO_ATTR_H

/* Function attributes of the two folders that deal in keys. */

#ifndef MUST_USE
#define MUST_USE __attribute__((warn_unused_result))
#endif

#endif
