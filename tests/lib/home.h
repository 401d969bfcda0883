/* SPDX-License-Identifier: ISC
 *
 * home.h - a home directory for each test
 */
#ifndef LIB_HOME_H
#define LIB_HOME_H

#include "lib/unit.h"

/* The present one, in which others may look; the environment leads to it and to no other
 * place of the person's. */
extern char *home;

/* A row for cmocka_run_group_tests(): the test has a new one, which goes with it. */
#define with_home(test) cmocka_unit_test_setup_teardown(test, home_make, home_remove)
int home_make(void **state);
int home_remove(void **state);

#endif
