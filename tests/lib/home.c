/* SPDX-License-Identifier: ISC */
#include "lib/home.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "lib/sample.h"

char *home;

int
home_make(void **state)
{
	static const char *const others[] = { "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
		"DBUS_SESSION_BUS_ADDRESS", "CREDENTIALS_DIRECTORY" };
	bool ok;

	(void)state;
	home = sample_directory();
	ok = chmod(home, 0755) == 0 && setenv("HOME", home, 1) == 0;
	for (size_t i = 0; i < COUNT(others); i++)
		ok = unsetenv(others[i]) == 0 && ok;
	return ok ? 0 : -1;
}

int
home_remove(void **state)
{
	(void)state;
	sample_directory_end(home);
	return 0;
}
