/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_TEMP_DIR_H
#define TESTS_LIB_TEMP_DIR_H

/* A folder for the files of one test, with no folders in it. */

enum {
	TEMP_DIR_LEN = 48
};

/* Makes "/tmp/wgrd-NAME-" and something; ends the program when it cannot. */
void temp_dir_make(char dir[static TEMP_DIR_LEN], const char *name);
/* With what is in it. */
void temp_dir_remove(const char *dir);
void temp_dir_write(const char *path, const char *text);
/* What is in the file, the caller's; ends the program when it cannot be read. */
char *temp_dir_read(const char *path);

#endif
