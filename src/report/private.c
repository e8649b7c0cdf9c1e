/*
 * Finds names of persons and machines in texts, ASCII case ignored and as
 * whole words, and puts tokens in their place; what the service needs stays.
 * Relies on private_form.h for what looks like a name.
 */
#include "report/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evidence/secret.h"
#include "report/model.h"
#include "report/private_form.h"

#define NAMES_MAX	512	/* more are not looked for */
#define NAME_MIN	2	/* shorter ones would hit at random */

/* What names somebody, and what its token is called. */
static const struct {
	const char *field, *token;
} sources[] = {
	{ "autopilot.tenant_domain", "tenant" },
	{ "autopilot.tenant_id", "tenant" },
	{ "device.machine", "machine" },
	{ "device_hash.serial", "serial" },
	{ "dsreg.device_id", "device" },
	{ "dsreg.device_name", "machine" },
	{ "dsreg.tenant_id", "tenant" },
	{ "dsreg.tenant_name", "tenant" },
	{ "event.computer", "machine" },
	{ "pkcs10.machine", "machine" },
	{ "pkcs10.san", "name" },
	{ "pkcs10.subject", "name" },
	{ "pkcs10.user", "user" },
	{ "run.machine", "machine" },
	{ "scep_query.subject", "name" },
	{ "store.machine", "machine" },
};

struct name {
	struct str	 text;
	const char	*token;		/* "machine-1" */
	bool		 learned;	/* from a text, not from a fact */
};

struct private_names {
	struct arena	*arena;
	struct name	 v[NAMES_MAX];
	size_t		 n;
	struct list	 kept;		/* struct str */
};

/* The token of a name: the next of its kind; without a number where there are
   too many. */
static const char *
token_of(struct private_names *names, struct str s, const char *kind)
{
	size_t i, n = 1, len = strlen(kind);

	for (i = 0; i < names->n; i++) {
		if (names->v[i].text.n == s.n &&
		    strncasecmp(names->v[i].text.p, s.p, s.n) == 0)
			return names->v[i].token;
		if (strncmp(names->v[i].token, kind, len) == 0 &&
		    names->v[i].token[len] == '-')
			n++;
	}
	if (names->n == NAMES_MAX)
		return kind;
	names->v[names->n].text = s;
	names->v[names->n].token = arena_printf(names->arena, "%s-%zu", kind,
	    n);
	return names->v[names->n++].token;
}

/* The token of a name; NULL: it is everybody's. */
static const char *
name_add(struct private_names *names, struct str s, const char *kind)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\\'))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '$'))
		s.n--;
	if (s.n < NAME_MIN || secret_is_common((const uint8_t *)s.p, s.n))
		return NULL;
	return token_of(names, s, kind);
}

/* "DOMAIN\MACHINE$", "machine.example.org", "CN=name, O=...". */
static void
fact_add(struct private_names *names, const struct fact *fact,
    const char *kind)
{
	struct str s = { fact->value.p, fact->value.n };
	const char *p;

	if (fact->value.type != VALUE_TEXT || s.n == 0)
		return;
	if ((p = memrchr(s.p, '\\', s.n)) != NULL) {
		(void)name_add(names, (struct str){ p + 1,
		    s.n - (size_t)(p - s.p) - 1 }, kind);
		(void)name_add(names, (struct str){ s.p, (size_t)(p - s.p) },
		    "domain");
		return;
	}
	if ((p = memmem(s.p, s.n, "CN=", 3)) != NULL) {
		s.n -= (size_t)(p - s.p) + 3;
		s.p = p + 3;
		if ((p = memchr(s.p, ',', s.n)) != NULL)
			s.n = (size_t)(p - s.p);
	}
	(void)name_add(names, s, kind);
	/* Of a full name the first part is the machine's short one. */
	if (strcmp(kind, "machine") == 0 &&
	    (p = memchr(s.p, '.', s.n)) != NULL)
		(void)name_add(names, (struct str){ s.p,
		    (size_t)(p - s.p) }, kind);
}

struct private_names *
private_new(struct evidence *ev)
{
	struct private_names *names;
	const struct item *item;
	const struct fact *fact;
	unsigned int kind;
	size_t i;

	names = arena_alloc(ev_arena(ev), sizeof(*names));
	names->arena = ev_arena(ev);
	for (kind = 0; kind < ITEM_KIND_COUNT; kind++)
		for (item = ev_first(ev, kind); item != NULL;
		    item = item->next)
			for (fact = item->facts; fact != NULL;
			    fact = fact->next)
				for (i = 0; i < sizeof(sources) /
				    sizeof(sources[0]); i++)
					if (strcmp(fact->field->name,
					    sources[i].field) == 0)
						fact_add(names, fact,
						    sources[i].token);
	return names;
}

/* ---- replacing ---- */

/* The longest name that begins here and is known. */
static const struct name *
name_at(const struct private_names *names, const char *p, size_t n,
    bool free_text)
{
	const struct name *name, *best = NULL;
	size_t i, len;

	for (i = 0; i < names->n; i++) {
		name = &names->v[i];
		len = name->text.n;
		if (len <= n && (best == NULL || len > best->text.n) &&
		    (free_text || !name->learned) &&
		    strncasecmp(p, name->text.p, len) == 0 &&
		    (len == n || !private_word(p[len])))
			best = name;
	}
	return best;
}

void
private_keep(struct private_names *names, struct str s)
{
	struct str *kept;

	if (s.n == 0)
		return;
	kept = arena_alloc(names->arena, sizeof(*kept));
	*kept = s;
	list_add(names->arena, &names->kept, kept);
}

static bool
is_kept(const struct private_names *names, const char *p, size_t n)
{
	const struct str *kept;
	size_t i;

	for (i = 0; i < names->kept.n; i++) {
		kept = names->kept.v[i];
		if (kept->n == n && strncasecmp(kept->p, p, n) == 0)
			return true;
	}
	return false;
}

/* The token of what begins here behind ret_skip bytes, and its length; NULL:
   ret_skip bytes have none. */
static const char *
token_at(struct private_names *names, struct str s, size_t i, bool free_text,
    size_t *ret_skip, size_t *ret_n)
{
	const char *p = s.p + i, *token;
	const struct name *name = NULL;
	struct private_form form;
	size_t before = names->n, k;

	*ret_skip = *ret_n = 0;
	if (i == 0 || !private_word(s.p[i - 1]))
		name = name_at(names, p, s.n - i, free_text);
	if (name != NULL) {
		form = (struct private_form){ 0, name->text.n, NULL };
		token = name->token;
	} else if (free_text && private_form(s.p, s.n, i, &form)) {
		token = is_kept(names, p + form.skip, form.n) ? NULL :
		    name_add(names, (struct str){ p + form.skip, form.n },
		    form.kind);
		for (k = before; k < names->n; k++)
			names->v[k].learned = true;
	} else {
		*ret_skip = 1;
		return NULL;
	}
	if (token == NULL || is_kept(names, p + form.skip, form.n)) {
		*ret_skip = form.skip > 0 ? form.skip : form.n;
		return NULL;
	}
	*ret_skip = form.skip;
	*ret_n = form.n;
	return token;
}

struct str
private_hide(struct private_names *names, struct str s, bool free_text)
{
	const char *token;
	size_t i, n, skip, size = 0;
	struct str out = { "", 0 };
	char *text = NULL;
	FILE *f;

	if ((f = open_memstream(&text, &size)) == NULL)
		abort();
	for (i = 0; i < s.n; i += skip + n) {
		token = token_at(names, s, i, free_text, &skip, &n);
		(void)fwrite(s.p + i, 1, skip, f);
		if (token != NULL)
			(void)fputs(token, f);
	}
	if (fclose(f) != 0)
		abort();
	out.p = arena_text(names->arena, text, size);
	out.n = size;
	free(text);
	return out;
}
