/*
 * The fields of a session's metadata, the values that stand in it, and what
 * its flags mean.  Relies on session_meta.h.
 */
#include <string.h>
#include <strings.h>

#include "decode/session_meta.h"

#define SECOND		INT64_C(1000000)

#define HELD		ARTIFACT(CAPTURE)

const struct field session_sid = {
	.name = "session.sid", .type = VALUE_INT, .kinds = KIND(SESSION),
	.artifacts = HELD, .help = "number that Fiddler showed for the session"
};
const struct field session_aborted = {
	.name = "session.aborted", .type = VALUE_BOOL, .kinds = KIND(SESSION),
	.artifacts = HELD, .help = "was the session aborted?"
};
const struct field session_begin = {
	.name = "session.begin", .type = VALUE_TIME, .kinds = KIND(SESSION),
	.artifacts = HELD,
	.help = "first bytes from the client, by the client's clock"
};
const struct field session_end = {
	.name = "session.end", .type = VALUE_TIME, .kinds = KIND(SESSION),
	.artifacts = HELD,
	.help = "last byte to the client, by the client's clock"
};
const struct field session_flag = {
	.name = "session.flag", .type = VALUE_TEXT, .kinds = KIND(SESSION),
	.artifacts = HELD, .keyed = true, .personal = true,
	.help = "a flag of Fiddler or the user: session.flag[\"x-hostip\"]"
};
const struct field session_process = {
	.name = "session.process", .type = VALUE_TEXT, .kinds = KIND(SESSION),
	.artifacts = HELD, .help = "process that asked: svchost:1234"
};

const struct field session_time = {
	.name = "session.time", .type = VALUE_TIME, .kinds = KIND(SESSION),
	.artifacts = HELD, .keyed = true,
	.help = "a timer of the session: session.time[\"ServerConnected\"]; "
	    "absent where it did not happen"
};
const struct field session_ms = {
	.name = "session.ms", .type = VALUE_INT, .kinds = KIND(SESSION),
	.artifacts = HELD, .keyed = true,
	.help = "milliseconds that a step took: session.ms[\"DNSTime\"]"
};
const struct field session_gateway = {
	.name = "session.gateway", .type = VALUE_BOOL, .kinds = KIND(SESSION),
	.artifacts = HELD, .help = "did it go through a proxy of Fiddler's?"
};
const struct field session_transfer = {
	.name = "session.transfer", .type = VALUE_INT, .kinds = KIND(SESSION),
	.artifacts = HELD,
	.help = "bytes of the response's body on the wire, as Fiddler counted"
};
const struct field session_aborted_when = {
	.name = "session.aborted_when", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = HELD,
	.help = "when it was aborted: ReadingRequest, SendingResponse ..."
};
const struct field session_failed_when = {
	.name = "session.failed_when", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = HELD,
	.help = "when a rule of the user's let it fail"
};
const struct field session_no_decrypt = {
	.name = "session.no_decrypt", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = HELD,
	.help = "why Fiddler did not decrypt the tunnel"
};
const struct field session_violation = {
	.name = "session.violation", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = HELD,
	.help = "what of HTTP was violated, in Fiddler's words"
};
const struct field session_retried = {
	.name = "session.retried", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = HELD, .repeated = true,
	.help = "another address or connection was tried: the flag's value"
};
const struct field session_altered = {
	.name = "session.altered", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = HELD, .repeated = true,
	.help = "the traffic was changed or answered by the user's rules: the "
	    "flag's value"
};
const struct field session_loaded_from = {
	.name = "session.loaded_from", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = HELD,
	.help = "member of the older capture that this one was saved from"
};
const struct field session_comment = {
	.name = "session.comment", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = HELD,
	.personal = true, .help = "what the user wrote beside the session"
};

/* Flags that mean something to triage; others are session.flag alone. */
static const struct meaning {
	const char	*name;
	const struct field *field;
} meanings[] = {
	{ "ui-comments", &session_comment },
	{ "x-aborted-when", &session_aborted_when },
	{ "x-autoresponder", &session_altered },
	{ "x-breakrequest", &session_altered },
	{ "x-breakresponse", &session_altered },
	{ "x-dns-failover", &session_retried },
	{ "x-failsession-when", &session_failed_when },
	{ "x-from-builder", &session_altered },
	{ "x-httpprotocol-violation", &session_violation },
	{ "x-loadedfrom", &session_loaded_from },
	{ "x-no-decrypt", &session_no_decrypt },
	{ "x-originalurl", &session_altered },
	{ "x-overridegateway", &session_altered },
	{ "x-overridehost", &session_altered },
	{ "x-processinfo", &session_process },
	{ "x-repliedwithfile", &session_altered },
	{ "x-replywithfile", &session_altered },
	{ "x-retryonfailedreceive", &session_retried },
	{ "x-unlocked", &session_altered },
	{ NULL, NULL }
};

const struct field *
session_flag_meaning(const char *name)
{
	const struct meaning *m;

	for (m = meanings; m->name != NULL; m++)
		if (strcasecmp(name, m->name) == 0)
			return m->field;
	return NULL;
}

/* ---- values ---- */

struct chars {
	const char	*p;
	size_t		 n;
};

bool
meta_number(const char *p, size_t n, unsigned int base, int64_t *ret)
{
	size_t i;
	int digit;
	char c;

	*ret = 0;
	for (i = 0; i < n; i++) {
		c = p[i];
		digit = c >= '0' && c <= '9' ? c - '0' :
		    (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ?
		    (c | 0x20) - 'a' + 10 : 99;
		if (digit >= (int)base || *ret > (INT64_MAX - 15) / (int)base)
			return false;
		*ret = *ret * (int)base + digit;
	}
	return n > 0;
}

static bool
take_digits(const struct chars *a, size_t *off, size_t n, int *ret)
{
	*ret = 0;
	for (; n > 0; n--, (*off)++) {
		if (*off >= a->n || a->p[*off] < '0' || a->p[*off] > '9')
			return false;
		*ret = 10 * *ret + (a->p[*off] - '0');
	}
	return true;
}

static bool
take_char(const struct chars *a, size_t *off, char c)
{
	if (*off >= a->n || a->p[*off] != c)
		return false;
	(*off)++;
	return true;
}

/*
 * .NET's round-trip form with 0 to 9 digits of fraction.  Without a zone it
 * is no time in UTC, and the year 1 says that it did not happen.
 */
bool
meta_time(const char *p, size_t n, int64_t *ret)
{
	int y, mon, d, h, min, s, zh, zmin, sign;
	int64_t fraction = 0, unit = SECOND / 10;
	struct chars a = { p, n };
	size_t off = 0;

	if (!take_digits(&a, &off, 4, &y) || !take_char(&a, &off, '-') ||
	    !take_digits(&a, &off, 2, &mon) || !take_char(&a, &off, '-') ||
	    !take_digits(&a, &off, 2, &d) || !take_char(&a, &off, 'T') ||
	    !take_digits(&a, &off, 2, &h) || !take_char(&a, &off, ':') ||
	    !take_digits(&a, &off, 2, &min) || !take_char(&a, &off, ':') ||
	    !take_digits(&a, &off, 2, &s))
		return false;
	if (take_char(&a, &off, '.'))
		for (; off < a.n && a.p[off] >= '0' && a.p[off] <= '9';
		    off++, unit /= 10)
			fraction += unit * (a.p[off] - '0');
	if (y <= 1 || mon < 1 || mon > 12 || d < 1 || d > 31 || h > 23 ||
	    min > 59 || s > 60)
		return false;
	*ret = time_make(y, mon, d, h, min, s) + fraction;
	if (take_char(&a, &off, 'Z'))
		return off == a.n;
	sign = take_char(&a, &off, '-') ? -1 : 1;
	if ((sign > 0 && !take_char(&a, &off, '+')) ||
	    !take_digits(&a, &off, 2, &zh) || !take_char(&a, &off, ':') ||
	    !take_digits(&a, &off, 2, &zmin) || off != a.n || zh > 14 ||
	    zmin > 59)
		return false;
	*ret -= sign * (zh * 60 + zmin) * 60 * SECOND;
	return true;
}
