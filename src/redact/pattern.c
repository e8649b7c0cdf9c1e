/*
 * What is recognised by its own form, wherever it stands: mail addresses,
 * addresses of the network, SIDs, profile paths, tokens, private keys.
 * Relies on inet_pton(3).
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "redact/internal.h"

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_alnum(uint8_t c)
{
	return is_digit(c) || is_alpha(c);
}

static bool
is_hex(uint8_t c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool
starts(const struct leaf *l, size_t at, const char *word)
{
	size_t n = strlen(word);

	return at <= l->n && l->n - at >= n &&
	    strncasecmp((const char *)l->orig + at, word, n) == 0;
}

static bool
word_before(const struct leaf *l, size_t at)
{
	return at > 0 && (is_alnum(l->orig[at - 1]) || l->orig[at - 1] >= 0x80);
}

/* ---- mail addresses, domains ---- */

/* Domains of services and of standards: they name nobody. */
static const char *const public_domains[] = {
	"microsoft.com", "microsoftonline.com", "windows.net", "azure.net",
	"azure.com", "windows.com", "live.com", "msftconnecttest.com",
	"office.com", "office365.com", "digicert.com", "outlook.com",
	"hotmail.com", "gmail.com", "infineon.com", "intel.com", "amd.com",
	"nuvoton.com", "st.com", "w3.org", "trustedcomputinggroup.org",
	"example.com", "example.net", "example.org", "telerik.com", NULL
};

static bool
is_public(const uint8_t *p, size_t n)
{
	size_t i, k;

	for (i = 0; public_domains[i] != NULL; i++) {
		k = strlen(public_domains[i]);
		if (n >= k && strncasecmp((const char *)p + n - k,
		    public_domains[i], k) == 0 && (n == k ||
		    p[n - k - 1] == '.'))
			return true;
	}
	return false;
}

static bool
is_local_part(uint8_t c)
{
	return is_alnum(c) || c >= 0x80 || (c != 0 &&
	    strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static void
mail(struct leaf *l, size_t at)
{
	const uint8_t *p = l->orig;
	size_t start = at, end = at + 1, dots = 0;

	while (start > 0 && is_local_part(p[start - 1]) && strchr("=/?&'{}|",
	    p[start - 1]) == NULL && at - start < 64)
		start--;
	while (end < l->n && (is_alnum(p[end]) || p[end] == '-' ||
	    p[end] == '.' || p[end] >= 0x80) && end - at < 255) {
		dots += p[end] == '.' && end + 1 < l->n &&
		    is_alnum(p[end + 1]);
		end++;
	}
	while (end > at && (p[end - 1] == '.' || p[end - 1] == '-'))
		end--;
	if (start == at || dots == 0 || is_digit(p[end - 1]))
		return;
	leaf_claim(l, start, at - start, SECRET_USER);
	if (!is_public(p + at + 1, end - at - 1))
		redact_value(l, at + 1, end - at - 1, SECRET_DOMAIN);
}

/* ---- addresses ---- */

static size_t
run(const struct leaf *l, size_t at, bool (*is)(uint8_t), const char *more)
{
	size_t n = 0;

	while (at + n < l->n && (is(l->orig[at + n]) || (l->orig[at + n] != 0 &&
	    strchr(more, l->orig[at + n]) != NULL)))
		n++;
	return n;
}

/* "firmware 7.2.1.0", "TPM version: 1.2.3.4", "Chrome/120.0.0.0" */
static bool
is_version(const struct leaf *l, size_t at)
{
	static const char *const words[] = {
		"version", "firmware", "ver", "release", "build", "bios",
		"revision", "specification", "windows", "driver", "microsoft",
		"engine", "client", NULL
	};
	size_t k = at, end, i;
	int n;

	if (at > 0 && (l->orig[at - 1] == '/' || (l->orig[at - 1] | 0x20) ==
	    'v') && !(at > 1 && l->orig[at - 2] == '/'))
		return true;
	for (n = 0; n < 3 && k > 0; n++) {
		while (k > 0 && !is_alpha(l->orig[k - 1]) && at - k < 24 &&
		    l->orig[k - 1] != '\n')
			k--;
		end = k;
		while (k > 0 && is_alpha(l->orig[k - 1]) && end - k < 24)
			k--;
		for (i = 0; words[i] != NULL; i++)
			if (strlen(words[i]) <= end - k && strncasecmp(
			    (const char *)l->orig + end - strlen(words[i]),
			    words[i], strlen(words[i])) == 0)
				return true;
	}
	return false;
}

static size_t
ipv4(struct leaf *l, size_t at)
{
	char text[16];
	struct in_addr a;
	size_t n = run(l, at, is_digit, "."), len;
	uint32_t v;

	len = n;
	while (len > 0 && l->orig[at + len - 1] == '.')
		len--;
	if (word_before(l, at) || (at > 0 && (l->orig[at - 1] == '.' ||
	    l->orig[at - 1] == '-')) || len < 7 || len > 15 ||
	    (at + n < l->n && (is_alnum(l->orig[at + n]) ||
	    l->orig[at + n] == '_')))
		return n;
	memcpy(text, l->orig + at, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, &a) != 1)
		return n;
	v = ntohl(a.s_addr);
	/* This host, nobody, all of them, a mask; 2.5.29.14 and 1.3.6.1 are
	   object identifiers. */
	if (v >> 8 == 0x02051d || v == 0x01030601 || v >> 24 == 127 ||
	    v == 0 || v >= 0xff000000 || is_version(l, at))
		return n;
	leaf_claim(l, at, len, SECRET_IP);
	return n;
}

static size_t
colons(struct leaf *l, size_t at)
{
	char text[48];
	struct in6_addr a;
	size_t n = run(l, at, is_hex, ":"), i, groups = 0, digits = 0, two = 0;

	for (i = 0; i < n; i++) {
		groups += l->orig[at + i] == ':';
		digits += is_digit(l->orig[at + i]);
		two += l->orig[at + i] == ':' && i % 3 == 2;
	}
	if (n < 4 || n > 45 || groups < 2 || word_before(l, at) ||
	    (at + n < l->n && is_alnum(l->orig[at + n])))
		return n;
	if (n == 17 && groups == 5 && two == 5) {
		leaf_claim(l, at, n, SECRET_MAC);
		return n;
	}
	while (n > 0 && l->orig[at + n - 1] == ':' && l->orig[at + n - 2] !=
	    ':')
		n--;
	memcpy(text, l->orig + at, n);
	text[n] = '\0';
	if (digits < 2 || n < 6 || inet_pton(AF_INET6, text, &a) != 1)
		return n;
	leaf_claim(l, at, n, SECRET_IP);
	return n;
}

static size_t
mac(struct leaf *l, size_t at)
{
	size_t n = run(l, at, is_hex, "-"), i;

	for (i = 0; i < n; i++)
		if ((l->orig[at + i] == '-') != (i % 3 == 2))
			return n;
	if (n == 17 && !word_before(l, at) && (at == 0 ||
	    l->orig[at - 1] != '-'))
		leaf_claim(l, at, n, SECRET_MAC);
	return n;
}

/* S-1-5-21-a-b-c-rid: the rid stays, it names a role or a number. */
static size_t
sid(struct leaf *l, size_t at)
{
	size_t start = at + 9, end, i, n = 0;

	if (!starts(l, at, "S-1-5-21-") && !starts(l, at, "S-1-12-1-"))
		return 1;
	for (end = start, i = 0; end < l->n && (is_digit(l->orig[end]) ||
	    l->orig[end] == '-'); end++) {
		i += l->orig[end] == '-';
		if (i == 3 && n == 0 && l->orig[end] == '-')
			n = end - start;
	}
	if (l->orig[at + 4] == '1' || n == 0)	/* S-1-12-1: all four */
		n = end - start;
	while (n > 0 && l->orig[start + n - 1] == '-')
		n--;
	if (n > 4)
		leaf_claim(l, start, n, SECRET_SID);
	return end - at;
}

/* ---- names of users and machines ---- */

static void
profile(struct leaf *l, size_t at)
{
	static const char *const roots[] = {
		"\\users\\", "\\\\users\\\\", "/users/", "/home/",
		"\\documents and settings\\", NULL
	};
	size_t i, k, start, n;

	for (i = 0; roots[i] != NULL; i++) {
		if (!starts(l, at, roots[i]))
			continue;
		start = at + strlen(roots[i]);
		for (n = 0; start + n < l->n && l->orig[start + n] >= ' ' &&
		    strchr("\\/\"'<>|:*?;,&()", l->orig[start + n]) == NULL &&
		    n < 64; n++)
			continue;
		/* The name may end with the path, in a line of words. */
		if (start + n == l->n || strchr("\\/", l->orig[start + n]) ==
		    NULL)
			for (k = 0; k < n; k++)
				if (l->orig[start + k] == ' ')
					n = k;
		while (n > 0 && (l->orig[start + n - 1] == '.' ||
		    l->orig[start + n - 1] == ' '))
			n--;
		/* Of a URL only a path of a machine is one. */
		if (l->orig[at] == '/' && at > 0 &&
		    is_alnum(l->orig[at - 1]))
			return;
		leaf_claim(l, start, n, SECRET_USER);
		return;
	}
}

static void
machine(struct leaf *l, size_t at)
{
	static const struct { const char *start; size_t n; } makes[] = {
		{ "DESKTOP-", 7 }, { "LAPTOP-", 8 }, { "WIN-", 11 },
		{ "AUTOPILOT-", 0 }
	};
	size_t i, n;

	for (i = 0; i < sizeof(makes) / sizeof(makes[0]); i++) {
		if (!starts(l, at, makes[i].start) || word_before(l, at))
			continue;
		n = run(l, at, is_alnum, "-");
		if (makes[i].n == 0 || n == strlen(makes[i].start) +
		    makes[i].n)
			leaf_claim(l, at, n, SECRET_MACHINE);
	}
}

/* DOMAIN\MACHINE$ */
static void
machine_account(struct leaf *l, size_t at)
{
	size_t start = at, domain, n;

	while (start > 0 && (is_alnum(l->orig[start - 1]) ||
	    l->orig[start - 1] == '-' || l->orig[start - 1] == '_' ||
	    l->orig[start - 1] >= 0x80))
		start--;
	if (at - start < 3 || start < 3 || l->orig[start - 1] != '\\' ||
	    at - start > 20 || !is_alnum(l->orig[at - 1]))
		return;
	for (n = start - 1; n > 0 && l->orig[n - 1] == '\\'; n--)
		continue;
	if (n == 0 || !is_alnum(l->orig[n - 1]))
		return;
	for (domain = n; domain > 0 && (is_alnum(l->orig[domain - 1]) ||
	    strchr("-_.", l->orig[domain - 1]) != NULL) &&
	    l->orig[domain - 1] != '\0'; domain--)
		continue;
	if (domain > 0 && l->orig[domain - 1] == '\\')
		return;		/* \\server\share$ */
	leaf_claim(l, start, at - start, SECRET_MACHINE);
	leaf_claim(l, domain, n - domain, SECRET_DOMAIN);
}

/* ---- tokens ---- */

static bool
is_base64(uint8_t c)
{
	return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

/* eyJ...: three parts; the last of them may be empty. */
static size_t
jwt(struct leaf *l, size_t at)
{
	size_t n = run(l, at, is_base64, "."), dots = 0, i;

	if (word_before(l, at) || n < 20)
		return 1;
	for (i = 0; i < n; i++)
		dots += l->orig[at + i] == '.';
	if (dots < 1 || dots > 4)
		return 1;
	leaf_claim(l, at, n, SECRET_TOKEN);
	return n;
}

static void
bearer(struct leaf *l, size_t at)
{
	static const char *const words[] = {
		"bearer ", "basic ", "negotiate ", "ntlm ", "sharedkey ",
		"sharedkeylite ", NULL
	};
	size_t i, k, n;

	for (i = 0; words[i] != NULL; i++) {
		k = strlen(words[i]);
		if (!starts(l, at, words[i]) || word_before(l, at))
			continue;
		n = run(l, at + k, is_base64, ".=:~");
		/* A word that follows is no token. */
		if (n >= 16 || (n >= 8 && memchr(l->orig + at + k, '=', n) !=
		    NULL))
			leaf_claim(l, at + k, n, SECRET_TOKEN);
		return;
	}
}

/* The lines between those that say that it is a private key. */
static size_t
private_key(struct leaf *l, size_t at)
{
	static const char end[] = "-----END ";
	size_t start, stop, i, n;

	for (n = at; n < l->n && n < at + 64 && l->orig[n] != '\n'; n++)
		continue;
	for (i = at; i < n && !starts(l, i, "PRIVATE KEY-----"); i++)
		continue;
	if (i == n)
		return 1;
	start = i + 16;
	for (stop = start; stop < l->n && !starts(l, stop, end); stop++)
		continue;
	for (i = start; i < stop; i += n > 0 ? n : 1) {
		n = run(l, i, is_base64, "=");
		if (n > 1 && i + n <= stop)
			leaf_claim(l, i, n, SECRET_PRIVATE_KEY);
	}
	return stop - at;
}

/* A 4K hardware hash in base64 begins with the letters of its mark. */
static size_t
hardware(struct leaf *l, size_t at)
{
	size_t n = run(l, at, is_base64, "=");

	if (n >= 800 && !word_before(l, at))
		leaf_claim(l, at, n, SECRET_HARDWARE);
	return n;
}

/* ---- all of them ---- */

void
redact_patterns(struct leaf *l)
{
	size_t i, n;
	uint8_t c;

	/* Long ones first: they hold what looks like others. */
	for (i = 0; i < l->n; i++) {
		c = l->orig[i];
		if (c == '-' && starts(l, i, "-----BEGIN "))
			i += private_key(l, i) - 1;
		else if (c == 'e' && starts(l, i, "eyJ"))
			i += jwt(l, i) - 1;
		else if (c == 'T' && starts(l, i, "T0") && !word_before(l, i))
			i += hardware(l, i) > 1 ? 1 : 0;
		else if (is_alpha(c) && strchr("bBnNsS", c) != NULL)
			bearer(l, i);
	}
	for (i = 0; i < l->n; i += n > 0 ? n : 1) {
		c = l->orig[i];
		n = 1;
		if (c == '@')
			mail(l, i);
		else if (c == '\\' || c == '/')
			profile(l, i);
		else if (c == '$')
			machine_account(l, i);
		else if ((c | 0x20) == 's' && !word_before(l, i))
			n = sid(l, i);
		if (is_alpha(c))
			machine(l, i);
		if (word_before(l, i) || (i > 0 && strchr(".-:",
		    l->orig[i - 1]) != NULL && l->orig[i - 1] != '\0' &&
		    c != ':'))
			continue;
		if (is_hex(c) || c == ':') {
			(void)colons(l, i);
			(void)mac(l, i);
		}
		if (is_digit(c))
			(void)ipv4(l, i);
	}
}
