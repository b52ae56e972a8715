/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake loop keeps what loop.h promises. */
#include "tests/lib/fake_loop.h"
#include "tests/wgrd/lib/loop_contract.h"

int main(void)
{
	/* what only the fake one has, so that it is the one linked */
	struct loop *l = loop_new();

	fake_loop_settle(l);
	loop_free(l);
	return loop_contract_run();
}
