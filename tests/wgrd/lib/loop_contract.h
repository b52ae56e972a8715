/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_WGRD_LIB_LOOP_CONTRACT_H
#define TESTS_WGRD_LIB_LOOP_CONTRACT_H

/*
 * What loop.h promises, as tests. They are run with loop_libevent.c, and with the fake loop that
 * other tests stand on, so that the two cannot drift apart. Returns what main() is to return.
 */
int loop_contract_run(void);

#endif
