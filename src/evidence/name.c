/*
 * Names made comparable: two encodings of one name have the same normal form.
 * Relies on der.h; RFC 5280 7.1.
 */
#include "evidence/cert.h"

bool
name_normal(struct evidence *ev, const struct der *name, const char **ret_p,
    size_t *ret_n)
{
	const char *p;
	char *to;
	size_t n, i, used = 0;

	*ret_p = NULL;
	*ret_n = 0;
	if (!der_name(ev, name, &p, &n))
		return false;
	to = arena_alloc(ev_arena(ev), n + 1);
	for (i = 0; i < n; i++) {
		bool blank = p[i] == ' ' || p[i] == '\t';

		if (blank && (used == 0 || to[used - 1] == ' ' ||
		    to[used - 1] == '='))
			continue;
		/* no blank before a separator */
		if (p[i] == ',' && used > 0 && to[used - 1] == ' ')
			used--;
		to[used++] = blank ? ' ' : p[i] >= 'A' && p[i] <= 'Z' ?
		    (char)(p[i] - 'A' + 'a') : p[i];
	}
	while (used > 0 && to[used - 1] == ' ')
		used--;
	*ret_p = to;
	*ret_n = used;
	return true;
}
