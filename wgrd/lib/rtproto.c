/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/rtproto.h"

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

#include "wgrd/lib/util.h"

static const struct {
	uint8_t number;
	const char *name;
} protocols[] = {
	{RTPROT_BOOT, "boot"},   {RTPROT_STATIC, "static"}, {RTPROT_ZEBRA, "zebra"},
	{RTPROT_BIRD, "bird"},   {RTPROT_BABEL, "babel"},   {RTPROT_BGP, "bgp"},
	{RTPROT_ISIS, "isis"},   {RTPROT_OSPF, "ospf"},     {RTPROT_RIP, "rip"},
	{RTPROT_EIGRP, "eigrp"},
};

const char *rtproto_name(uint8_t protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == protocol)
			return protocols[i].name;
	return NULL;
}

uint8_t rtproto_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (!strcmp(protocols[i].name, name))
			return protocols[i].number;
	return 0;
}
