/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loop_new() of loop_libevent.c, linked before the fake one, keeps what loop.h promises. */
#include "tests/wgrd/lib/loop_contract.h"

int main(void)
{
	return loop_contract_run();
}
