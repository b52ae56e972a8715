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
	size_t flag_at;  /* of a public key */
};

#define FIELD(text, reader, type, member)                                       \
	{                                                                       \
		.leaf = (text), .read = (reader), .at = offsetof(type, member), \
		.size = sizeof(((type *)NULL)->member)                          \
	}
/* A public key, and the flag that says there is one. */
#define FIELD_KEY(text, type, member, flag)                                           \
	{                                                                             \
		.leaf = (text), .read = field_read_public_key,                        \
		.at = offsetof(type, member), .size = sizeof(((type *)NULL)->member), \
		.flag_at = offsetof(type, flag)                                       \
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
field_reader field_read_u8;
field_reader field_read_u16;
field_reader field_read_u32;
field_reader field_read_action;      /* uint8_t: enum conf_action */
field_reader field_read_backend;     /* uint8_t: enum conf_backend */
field_reader field_read_foreign;     /* uint8_t: enum conf_foreign */
field_reader field_read_prefix;      /* struct prefix */
field_reader field_read_dscp;        /* uint8_t: 0 to 63, or CONF_DSCP_COPY */
field_reader field_read_public_key;  /* uint8_t [CONF_KEY_LEN], and its flag */
field_reader field_read_secret;      /* struct conf_secret */
field_reader field_read_secret_file; /* struct conf_secret, from the file of that name */
field_reader field_read_endpoint;    /* struct conf_endpoint */
field_reader field_read_cpus;        /* struct conf_cpus */
field_reader field_add_prefix;       /* one more struct prefix */
field_reader field_add_key;          /* one more uint8_t [CONF_KEY_LEN] */
field_reader field_add_u32;          /* one more uint32_t */
field_reader field_add_overlay;      /* one more struct ip_addr */
field_reader field_add_address;      /* one more struct conf_address */
field_reader field_add_interface;    /* one more char [IFNAMSIZ] */
field_reader field_add_protocol;     /* one more uint8_t, RTPROT_* of its word */

#endif
