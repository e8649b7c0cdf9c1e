/*
 * Finds names of persons and machines in texts, ASCII case ignored and as
 * whole words, and puts tokens in their place.  Relies on private.h; what is
 * an address of a network inet_pton(3) says.
 */
#include "report/private.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

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

/* The same on every machine, so they name none. */
static const char *const common[] = {
	"WORKGROUP", "NT AUTHORITY", "BUILTIN", "SYSTEM", "LOCAL SERVICE",
	"NETWORK SERVICE", "localhost"
};

struct name {
	struct str	 text;
	const char	*token;		/* "machine-1" */
};

struct private_names {
	struct arena	*arena;
	struct name	 v[NAMES_MAX];
	size_t		 n;
};

static bool
in_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
	    (unsigned char)c >= 0x80;
}

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

static void
name_add(struct private_names *names, struct str s, const char *kind)
{
	size_t i;

	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\\'))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '$'))
		s.n--;
	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (s.n == strlen(common[i]) &&
		    strncasecmp(common[i], s.p, s.n) == 0)
			return;
	if (s.n >= NAME_MIN)
		(void)token_of(names, s, kind);
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
		name_add(names, (struct str){ p + 1,
		    s.n - (size_t)(p - s.p) - 1 }, kind);
		name_add(names, (struct str){ s.p, (size_t)(p - s.p) },
		    "domain");
		return;
	}
	if ((p = memmem(s.p, s.n, "CN=", 3)) != NULL) {
		s.n -= (size_t)(p - s.p) + 3;
		s.p = p + 3;
		if ((p = memchr(s.p, ',', s.n)) != NULL)
			s.n = (size_t)(p - s.p);
	}
	name_add(names, s, kind);
	/* Of a full name the first part is the machine's short one. */
	if (strcmp(kind, "machine") == 0 &&
	    (p = memchr(s.p, '.', s.n)) != NULL)
		name_add(names, (struct str){ s.p, (size_t)(p - s.p) }, kind);
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

/* ---- what looks like a name ---- */

static bool
is_one_of(char c, const char *more)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (c != '\0' && strchr(more, c) != NULL);
}

static size_t
run_of(const char *p, size_t n, const char *more)
{
	size_t i;

	for (i = 0; i < n && is_one_of(p[i], more); i++)
		continue;
	return i;
}

/* Length of a mail address here, or 0. */
static size_t
mail_length(const char *p, size_t n)
{
	size_t local = run_of(p, n, "._%+-"), domain;
	const char *dot;

	if (local == 0 || local == n || p[local] != '@')
		return 0;
	domain = run_of(p + local + 1, n - local - 1, ".-");
	while (domain > 0 && p[local + domain] == '.')
		domain--;
	dot = memchr(p + local + 1, '.', domain);
	return dot == NULL ? 0 : local + 1 + domain;
}

/* Length of an address of IP or of a network card here, or 0. */
static size_t
address_length(const char *p, size_t n)
{
	size_t len = run_of(p, n, ".:"), i, colons = 0, dashes = 0;
	unsigned char address[16];
	char text[64];

	while (len > 0 && (p[len - 1] == '.' || p[len - 1] == ':'))
		len--;
	if (len >= 7 && len < sizeof(text)) {
		memcpy(text, p, len);
		text[len] = '\0';
		for (i = 0; i < len; i++)
			colons += text[i] == ':';
		if (inet_pton(AF_INET, text, address) == 1 || (colons >= 2 &&
		    inet_pton(AF_INET6, text, address) == 1))
			return len;
		/* An IPv4 address with its port. */
		if (colons == 1) {
			*strchr(text, ':') = '\0';
			if (inet_pton(AF_INET, text, address) == 1)
				return strlen(text);
		}
	}
	if (n < 17 || (n > 17 && in_word(p[17])))
		return 0;
	for (i = 0; i < 17; i++)
		if (i % 3 == 2)
			dashes += p[i] == '-' || p[i] == ':';
		else if (strchr("0123456789abcdefABCDEF", p[i]) == NULL ||
		    p[i] == '\0')
			return 0;
	return dashes == 5 ? 17 : 0;
}

static size_t
separators(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && (p[i] == '\\' || p[i] == '/'); i++)
		continue;
	return i;
}

/* Length of "\Users\" and the like here, or 0; JSON doubles separators. */
static size_t
folder_length(const char *p, size_t n)
{
	static const char *const folders[] = {
		"Users", "home", "Documents and Settings"
	};
	size_t i, len, before = separators(p, n), after;

	for (i = 0; before > 0 && i < sizeof(folders) / sizeof(folders[0]);
	    i++) {
		len = before + strlen(folders[i]);
		if (n <= len || strncasecmp(p + before, folders[i],
		    len - before) != 0)
			continue;
		after = separators(p + len, n - len);
		if (after > 0)
			return len + after;
	}
	return 0;
}

/* Length of a user's folder here: with blanks only before a separator. */
static size_t
user_length(const char *p, size_t n)
{
	size_t i, blank = n;

	for (i = 0; i < n && strchr("\\/\"'<>|\r\n", p[i]) == NULL; i++)
		if (p[i] == ' ' && blank == n)
			blank = i;
	return i < n && (p[i] == '\\' || p[i] == '/') ? i :
	    i < blank ? i : blank;
}

/* ---- replacing ---- */

/* The token of what begins here, and its length. */
static const char *
token_at(struct private_names *names, const char *p, size_t n,
    bool free_text, size_t *ret_n)
{
	const struct name *name, *best = NULL;
	size_t i, len;

	for (i = 0; i < names->n; i++) {
		name = &names->v[i];
		len = name->text.n;
		if (len <= n && (best == NULL || len > best->text.n) &&
		    strncasecmp(p, name->text.p, len) == 0 &&
		    (len == n || !in_word(p[len])))
			best = name;
	}
	*ret_n = best != NULL ? best->text.n : 0;
	if (best != NULL)
		return best->token;
	if (!free_text)
		return NULL;
	if ((len = mail_length(p, n)) > 0) {
		*ret_n = len;
		return token_of(names, (struct str){ p, len }, "mail");
	}
	if ((len = address_length(p, n)) > 0) {
		*ret_n = len;
		return token_of(names, (struct str){ p, len }, "address");
	}
	return NULL;
}

struct str
private_hide(struct private_names *names, struct str s, bool free_text)
{
	const char *token;
	struct str out = { "", 0 }, found;
	size_t i, k, len, room = 3 * s.n + 64;
	char *to;

	to = arena_alloc(names->arena, room);
	for (i = 0, k = 0; i < s.n; i += len) {
		token = NULL;
		if (i == 0 || !in_word(s.p[i - 1]))
			token = token_at(names, s.p + i, s.n - i, free_text,
			    &len);
		if (token == NULL && free_text &&
		    (len = folder_length(s.p + i, s.n - i)) > 0) {
			memcpy(to + k, s.p + i, len);
			k += len;
			i += len;
			len = user_length(s.p + i, s.n - i);
			if (len == 0)
				continue;
			found = (struct str){ s.p + i, len };
			token = token_of(names, found, "user");
		}
		if (token == NULL) {
			len = 1;
			to[k++] = s.p[i];
			continue;
		}
		if (k + strlen(token) + (s.n - i) >= room) {
			char *more = arena_alloc(names->arena, 2 * room + 64);

			memcpy(more, to, k);
			to = more;
			room = 2 * room + 64;
		}
		memcpy(to + k, token, strlen(token));
		k += strlen(token);
	}
	out.p = to;
	out.n = k;
	return out;
}
