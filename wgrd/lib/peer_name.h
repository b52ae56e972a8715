/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_PEER_NAME_H
#define WGRD_LIB_PEER_NAME_H

/*
 * Names for peers that come from where peers have none: wg(8) and wg-quick files know
 * them by their keys alone. Pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>

enum {
	PEER_NAME_LEN = 64,   /* with the NUL; see object-name in wgrd.yang */
	PEER_NAME_DIGITS = 8, /* of the key in a name, unless that is taken */
};

/*
 * "wg-" and the first @digits of @key, a public key in base64, with '-' and '_' for '+'
 * and '/'. With more digits another name; with all 43 it is the key's alone.
 */
void peer_name_of_key(char name[static PEER_NAME_LEN], const char *key, unsigned digits);
/*
 * What people wrote, as near as a name can be: "Anna's phone" becomes "Anna-s-phone".
 * False when nothing of it is left.
 */
bool peer_name_of_text(char name[static PEER_NAME_LEN], const char *text);
/* "name-2" for the second that would have the same name, and so on. */
void peer_name_number(char name[static PEER_NAME_LEN], unsigned number);

#endif
