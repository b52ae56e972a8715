/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/netconf/op.h"

/* get-schema: RFC 6022 section 3.1 */

static const struct lys_module *find_module(const struct ly_ctx *ctx, const char *name,
					    const char *version)
{
	if (version && *version)
		return ly_ctx_get_module(ctx, name, version);
	return ly_ctx_get_module_implemented(ctx, name)
		       ?: ly_ctx_get_module_latest(ctx, name);
}

static void put_module(struct rpc *r, const struct lys_module *module)
{
	char *text = NULL;

	if (lys_print_mem(&text, module, LYS_OUT_YANG, 0)) {
		rpc_fail_simply(r, "operation-failed", "the module cannot be printed");
		return;
	}
	strbuf_puts(r->data, "<data xmlns=\"" NS_MONITORING "\">");
	xml_escape(r->data, text);
	strbuf_puts(r->data, "</data>");
	free(text);
}

void op_get_schema(struct rpc *r)
{
	const struct ly_ctx *ctx = netconf_ctx(r->n);
	char name[128], version[16], format[32];
	const char *colon;
	const struct lys_module *module;

	rpc_word(r, "format", format, sizeof(format));
	if (!rpc_param(r, "format"))
		strcpy(format, "yang");
	colon = strchr(format, ':');
	module = find_module(ctx, rpc_word(r, "identifier", name, sizeof(name)),
			     rpc_word(r, "version", version, sizeof(version)));
	if (module && !strcmp(colon ? colon + 1 : format, "yang")) {
		put_module(r, module);
		return;
	}
	rpc_fail(r, &(struct rpc_error){
			    .tag = "invalid-value",
			    .message = module ? "modules are given as yang"
					      : "there is no such module or revision",
			    .bad_element = module ? "format" : "identifier"});
}
