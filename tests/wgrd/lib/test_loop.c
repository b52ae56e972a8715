/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop of the daemon keeps what loop.h promises. Linked without the fake one. */
#include "tests/wgrd/lib/loop_contract.h"

int main(void)
{
	return loop_contract_run();
}
