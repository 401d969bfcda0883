/* SPDX-License-Identifier: ISC */
#include "conf/home.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

char *
home_directory(void)
{
	const char *home = secure_getenv("HOME");
	const struct passwd *pw;

	if (home != NULL && *home != '\0')
		return mem_dup(home);
	pw = getpwuid(getuid());
	return pw != NULL ? mem_dup(pw->pw_dir) : NULL;
}

char *
home_expand(struct span path)
{
	char *home, *whole;

	if (path.n == 0 || path.p[0] != '~')
		return span_dup(path);
	home = home_directory();
	if (home == NULL)
		return NULL;
	whole = mem_printf("%s%.*s", home, (int)path.n - 1, path.p + 1);
	free(home);
	return whole;
}
