/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_FIELD_H
#define WGRD_CONF_FIELD_H

/*
 * From one leaf of the YANG tree to one field of a struct of conf.h. A table of struct
 * field says which leaf is read by which of these functions and where its value goes.
 * Used by conf_build.c only; main thread.
 */

#include <stddef.h>

#include "wgrd/conf/refusal.h"
#include "wgrd/lib/util.h"

struct lyd_node;

/* Where the walk over the tree is, for the sentences. */
struct build {
	struct refusal *refusal;
	struct refusal_at at;
};

struct field;

/* Reads @leaf into its place in @object. Returns 0, or a negative errno with b->refusal filled. */
typedef int field_reader(struct build *b, const struct lyd_node *leaf,
			 const struct field *f, void *object);

struct field {
	const char *leaf;
	field_reader *read;
	size_t at,
		size; /* the field; of an array: the pointer, and the size of an element */
	size_t count_at; /* of an array: its length */
};

#define FIELD(text, reader, type, member)                                       \
	{                                                                       \
		.leaf = (text), .read = (reader), .at = offsetof(type, member), \
		.size = sizeof(((type *)NULL)->member)                          \
	}
#define FIELD_ARRAY(text, reader, type, member, length)                         \
	{                                                                       \
		.leaf = (text), .read = (reader), .at = offsetof(type, member), \
		.size = sizeof(*((type *)NULL)->member),                        \
		.count_at = offsetof(type, length)                              \
	}

field_reader field_read_text;  /* char *, to be freed */
field_reader field_read_chars; /* char [] */
field_reader field_read_flag;  /* bool, true because the leaf is there */
field_reader field_read_bool;
field_reader field_read_u16;
field_reader field_read_u32;
field_reader field_read_public_key;  /* of a struct conf_peer, with public_key_set */
field_reader field_read_secret;      /* struct conf_secret */
field_reader field_read_secret_file; /* struct conf_secret, from the file of that name */
field_reader field_read_endpoint;    /* struct conf_endpoint */
field_reader field_add_prefix;       /* one more struct prefix */
field_reader field_add_overlay;      /* one more struct ip_addr */
field_reader field_add_address;      /* one more struct conf_address */
field_reader field_add_interface;    /* one more char [IFNAMSIZ] */

#endif
