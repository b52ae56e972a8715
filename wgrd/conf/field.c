/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/field.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/conf.h"
#include "wgrd/conf/key_file.h"
#include "wgrd/conf/value.h"
#include "wgrd/lib/rtproto.h"

static const struct lyd_value *value_of(const struct lyd_node *leaf)
{
	return &((const struct lyd_node_term *)leaf)->value;
}

int field_read_text(struct build *b, const struct lyd_node *leaf, const struct field *f,
		    void *object)
{
	char **to = (char **)((char *)object + f->at);

	*to = strdup(lyd_get_value(leaf));
	return *to ? 0 : refuse_no_memory(b->refusal);
}

/* Into an array of chars; the model's lengths fit. */
int field_read_chars(struct build *b, const struct lyd_node *leaf, const struct field *f,
		     void *object)
{
	const char *text = lyd_get_value(leaf);

	if (strlen(text) >= f->size)
		return refuse(b->refusal, &b->at, "%s %s is longer than %zu characters",
			      f->leaf, text, f->size - 1);
	memcpy((char *)object + f->at, text, strlen(text) + 1);
	return 0;
}

int field_read_flag(struct build *b, const struct lyd_node *leaf, const struct field *f,
		    void *object)
{
	(void)b;
	(void)leaf;
	*(bool *)((char *)object + f->at) = true;
	return 0;
}

int field_read_bool(struct build *b, const struct lyd_node *leaf, const struct field *f,
		    void *object)
{
	(void)b;
	*(bool *)((char *)object + f->at) = value_of(leaf)->boolean;
	return 0;
}

int field_read_u8(struct build *b, const struct lyd_node *leaf, const struct field *f,
		  void *object)
{
	(void)b;
	*((uint8_t *)object + f->at) = value_of(leaf)->uint8;
	return 0;
}

int field_read_u16(struct build *b, const struct lyd_node *leaf, const struct field *f,
		   void *object)
{
	(void)b;
	*(uint16_t *)((char *)object + f->at) = value_of(leaf)->uint16;
	return 0;
}

int field_read_u32(struct build *b, const struct lyd_node *leaf, const struct field *f,
		   void *object)
{
	(void)b;
	*(uint32_t *)((char *)object + f->at) = value_of(leaf)->uint32;
	return 0;
}

/* The model lets no third word pass. */
int field_read_action(struct build *b, const struct lyd_node *leaf, const struct field *f,
		      void *object)
{
	bool permit = strcmp(lyd_get_value(leaf), "permit") == 0;

	(void)b;
	*((uint8_t *)object + f->at) = permit ? CONF_ACTION_PERMIT : CONF_ACTION_DENY;
	return 0;
}

int field_read_backend(struct build *b, const struct lyd_node *leaf,
		       const struct field *f, void *object)
{
	bool kernel = strcmp(lyd_get_value(leaf), "kernel") == 0;

	(void)b;
	*((uint8_t *)object + f->at) = kernel ? CONF_BACKEND_KERNEL : CONF_BACKEND_USER;
	return 0;
}

int field_read_foreign(struct build *b, const struct lyd_node *leaf,
		       const struct field *f, void *object)
{
	bool keep = strcmp(lyd_get_value(leaf), "keep") == 0;

	(void)b;
	*((uint8_t *)object + f->at) = keep ? CONF_FOREIGN_KEEP : CONF_FOREIGN_REMOVE;
	return 0;
}

/* The model lets nothing else pass. */
int field_read_dscp(struct build *b, const struct lyd_node *leaf, const struct field *f,
		    void *object)
{
	const char *text = lyd_get_value(leaf);
	uint8_t *to = (uint8_t *)object + f->at;

	(void)b;
	if (strcmp(text, "copy") == 0)
		*to = CONF_DSCP_COPY;
	else if (strcmp(text, "none") == 0)
		*to = 0;
	else
		*to = (uint8_t)strtoul(text, NULL, 10);
	return 0;
}

static int copy_key(struct build *b, const struct lyd_node *leaf, const struct field *f,
		    uint8_t key[CONF_KEY_LEN])
{
	const struct lyd_value_binary *bin;

	LYD_VALUE_GET(value_of(leaf), bin);
	if (bin->size != CONF_KEY_LEN)
		return refuse(b->refusal, &b->at, "%s has %zu octets; expected %d",
			      f->leaf, bin->size, CONF_KEY_LEN);
	memcpy(key, bin->data, CONF_KEY_LEN);
	return 0;
}

int field_read_public_key(struct build *b, const struct lyd_node *leaf,
			  const struct field *f, void *object)
{
	*(bool *)((char *)object + f->flag_at) = true;
	return copy_key(b, leaf, f, (uint8_t *)object + f->at);
}

int field_read_secret(struct build *b, const struct lyd_node *leaf, const struct field *f,
		      void *object)
{
	struct conf_secret *s = (void *)((char *)object + f->at);

	s->set = true;
	return copy_key(b, leaf, f, s->key);
}

int field_read_secret_file(struct build *b, const struct lyd_node *leaf,
			   const struct field *f, void *object)
{
	struct conf_secret *s = (void *)((char *)object + f->at);
	const char *path = lyd_get_value(leaf);
	char why[160];
	int err = key_file_read(path, s, why, sizeof(why));

	if (err)
		refuse(b->refusal, &b->at, "%s %s %s", f->leaf, path, why);
	return err;
}

/* For text that libyang took but that is not what the type is to mean. */
static int refuse_value(struct build *b, const struct lyd_node *leaf,
			const struct field *f)
{
	const char *text = lyd_get_value(leaf), *canon;
	char buf[VALUE_CANON_LEN], problem[VALUE_PROBLEM_LEN] = "not acceptable";

	if (!value_check(leaf->schema, text, &canon, buf, problem))
		snprintf(problem, sizeof(problem), "not acceptable");
	b->at.value = text;
	return refuse(b->refusal, &b->at, "%s: \"%s\" is %s", f->leaf, text, problem);
}

int field_read_endpoint(struct build *b, const struct lyd_node *leaf,
			const struct field *f, void *object)
{
	struct conf_endpoint *to = (void *)((char *)object + f->at);

	return value_endpoint(lyd_get_value(leaf), to) ? refuse_value(b, leaf, f) : 0;
}

int field_read_prefix(struct build *b, const struct lyd_node *leaf, const struct field *f,
		      void *object)
{
	struct prefix *to = (void *)((char *)object + f->at);

	return value_prefix(lyd_get_value(leaf), to) ? refuse_value(b, leaf, f) : 0;
}

int field_read_cpus(struct build *b, const struct lyd_node *leaf, const struct field *f,
		    void *object)
{
	struct conf_cpus *to = (void *)((char *)object + f->at);

	return value_cpus(lyd_get_value(leaf), to) ? refuse_value(b, leaf, f) : 0;
}

/* Makes room for one more in the array that @f describes; NULL without memory. */
static void *grow(struct build *b, const struct field *f, void *object)
{
	size_t *count = (size_t *)((char *)object + f->count_at);
	char *at = (char *)object + f->at;
	void *array;

	/* Room doubles when the count is a power of two, so it need not be remembered. */
	memcpy(&array, at, sizeof(array));
	if ((*count & (*count - 1)) == 0) {
		array = reallocarray(array, *count > 0 ? 2 * *count : 1, f->size);
		if (!array) {
			refuse_no_memory(b->refusal);
			return NULL;
		}
		memcpy(at, &array, sizeof(array));
	}
	return (char *)array + (*count)++ * f->size;
}

int field_add_prefix(struct build *b, const struct lyd_node *leaf, const struct field *f,
		     void *object)
{
	struct prefix *to = grow(b, f, object);

	if (!to)
		return -ENOMEM;
	return value_prefix(lyd_get_value(leaf), to) ? refuse_value(b, leaf, f) : 0;
}

int field_add_key(struct build *b, const struct lyd_node *leaf, const struct field *f,
		  void *object)
{
	uint8_t *to = grow(b, f, object);

	return to ? copy_key(b, leaf, f, to) : -ENOMEM;
}

int field_add_u32(struct build *b, const struct lyd_node *leaf, const struct field *f,
		  void *object)
{
	uint32_t *to = grow(b, f, object);

	if (!to)
		return -ENOMEM;
	*to = value_of(leaf)->uint32;
	return 0;
}

int field_add_overlay(struct build *b, const struct lyd_node *leaf, const struct field *f,
		      void *object)
{
	struct ip_addr *to = grow(b, f, object);

	if (!to)
		return -ENOMEM;
	return ip_addr_parse(to, lyd_get_value(leaf)) ? refuse_value(b, leaf, f) : 0;
}

int field_add_address(struct build *b, const struct lyd_node *leaf, const struct field *f,
		      void *object)
{
	struct conf_address *to = grow(b, f, object);

	if (!to)
		return -ENOMEM;
	return value_address(lyd_get_value(leaf), to) ? refuse_value(b, leaf, f) : 0;
}

int field_add_interface(struct build *b, const struct lyd_node *leaf,
			const struct field *f, void *object)
{
	char *to = grow(b, f, object);

	if (!to)
		return -ENOMEM;
	return field_read_chars(b, leaf,
				&(struct field){.leaf = f->leaf, .size = f->size}, to);
}

int field_add_protocol(struct build *b, const struct lyd_node *leaf,
		       const struct field *f, void *object)
{
	uint8_t *to = grow(b, f, object);

	if (!to)
		return -ENOMEM;
	*to = rtproto_parse(lyd_get_value(leaf));
	return *to ? 0 : refuse_value(b, leaf, f);
}
