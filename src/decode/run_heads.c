/*
 * Tokens at the head of a run, and what tells runs and events apart: the TPM
 * line, the authority, the URL, times and event ids.  Relies on run_scan.h.
 */
#include <string.h>

#include "decode/run_scan.h"
#include "knowledge/knowledge.h"

#define URL_BYTES	1024

/* ---- heads ---- */

/* Is it set as code within a sentence, or a header field that is told of? */
static bool
is_quoted(const struct scan *s, size_t off)
{
	static const char field[] = "PlatformType:";
	size_t back = sizeof(field) - 1, i = off;

	while (i > s->content.off && s->p[i - 1] == ' ')
		i--;
	return i > s->content.off && (s->p[i - 1] == '`' ||
	    (i - s->content.off >= back && text_starts(s->p + i - back, back,
	    field)));
}

/* TPM-Version:2.0 -Level:0-Revision:1.59-VendorID:'AMD '-Firmware:1.2 */
size_t
match_tpm(struct scan *s, size_t off)
{
	static const char word[] = "TPM-Version:";
	size_t from = off + sizeof(word) - 1, end, n, i;
	struct run_token *k;

	if (!text_starts(s->p + off, scan_left(s, off), word) ||
	    is_quoted(s, off))
		return 0;
	from += text_blanks(s->p + from, scan_left(s, from));
	n = scan_word_length(s, from, 16);
	k = scan_token(s, TOKEN_TPM, off, from + n);
	k->value = (struct text_part){ from, n };
	/* The rest may have been broken at its blank. */
	end = scan_left(s, from) < 200 ? s->n : from + 200;
	i = from + text_find(s->p + from, end - from, "VendorID:");
	if (i >= end)
		return from + n - off;
	i += sizeof("VendorID:") - 1;
	while (i < end && (s->p[i] == '\'' || (uint8_t)s->p[i] >= 0x80))
		i++;
	for (n = i; n < end && s->p[n] != '\'' && s->p[n] != '-' &&
	    (uint8_t)s->p[n] > ' ' && (uint8_t)s->p[n] < 0x7f; n++)
		continue;
	k->second = (struct text_part){ i, n - i };
	k->at.n = n - off;
	i = n + text_find(s->p + n, end - n, "Firmware:");
	if (i < end) {
		i += sizeof("Firmware:") - 1;
		for (n = i; n < end && (text_is_digit(s->p[n]) ||
		    s->p[n] == '.'); n++)
			continue;
		while (n > i && s->p[n - 1] == '.')
			n--;
		k->third = (struct text_part){ i, n - i };
		k->at.n = n - off;
	}
	k->last_line = text_line_at(s->t, off + k->at.n - 1);
	return k->at.n;
}

/* At the '-' of IFX-KeyId-<hex> alone on its line. */
size_t
match_authority(struct scan *s, size_t off)
{
	size_t from = s->content.off, n = s->content.n;
	struct aik_host host;

	if (off <= from || off - from > 8 ||
	    (!text_starts(s->p + off, scan_left(s, off), "-KeyId-") &&
	    !text_starts(s->p + off, scan_left(s, off), "-NameId-")) ||
	    scan_word_length(s, from, n) != n ||
	    memchr(s->p + from, '.', n) != NULL ||
	    !aik_host_parse(s->p + from, n, &host))
		return 0;
	scan_token(s, TOKEN_AUTHORITY, from, from + n)->value =
	    (struct text_part){ from, n };
	return from + n - off;
}

/* A letter or digit on this line outside off..end? */
static bool
words_around(const struct scan *s, size_t off, size_t end)
{
	size_t i, stop = scan_line_stop(s, off);

	for (i = s->content.off; i < stop; i++)
		if ((i < off || i >= end) && (text_is_word(s->p[i]) ||
		    s->p[i] == ':'))
			return true;
	return false;
}

size_t
match_url(struct scan *s, size_t off)
{
	size_t host, end, n, i;
	struct aik_host parsed;
	struct run_token *k;
	char name[256];
	bool aik;

	if (text_starts(s->p + off, scan_left(s, off), "https://"))
		host = off + 8;
	else if (text_starts(s->p + off, scan_left(s, off), "http://"))
		host = off + 7;
	else
		return 0;
	end = off + scan_word_length(s, off, URL_BYTES);
	while (end > host && strchr(":.,;)!?", s->p[end - 1]) != NULL)
		end--;
	for (n = host; n < end && s->p[n] != '/' && s->p[n] != ':' &&
	    s->p[n] != '?'; n++)
		continue;
	n -= host;
	if (n == 0 || n >= sizeof(name))
		return 0;
	for (i = 0; i < n; i++)
		name[i] = (char)(s->p[host + i] |
		    (s->p[host + i] >= 'A' && s->p[host + i] <= 'Z' ? 32 : 0));
	name[n] = '\0';
	aik = host_scope(name) == HOST_AIK || aik_host_parse(name, n, &parsed);
	if (!aik && text_find(s->p + off, end - off, "/scep") == end - off &&
	    text_find(s->p + off, end - off, "/mscep") == end - off &&
	    text_find(s->p + off, end - off, "pkiclient") == end - off)
		return end - off;
	k = scan_token(s, TOKEN_URL, off, end);
	k->value = (struct text_part){ off, end - off };
	k->second = (struct text_part){ host, n };
	k->foreign = !aik;
	k->sentence = words_around(s, off, end);
	return end - off;
}

/* ---- what stands before a run ---- */

size_t
match_time(struct scan *s, size_t off)
{
	struct run_token *k;
	int64_t us;
	size_t n;

	if (scan_word_before(s, off) ||
	    (n = text_time(s->p + off, scan_left(s, off), &us)) == 0)
		return 0;
	k = scan_token(s, TOKEN_TIME, off, off + n);
	k->value = (struct text_part){ off, n };
	k->number = us;
	return n;
}

size_t
match_event_id(struct scan *s, size_t off)
{
	static const char source[] = "CertEnroll";
	size_t n, at, digits = 0;
	struct run_token *k;
	int64_t id = 0;

	n = text_event_id(s->p + off, scan_left(s, off), &at, &digits, &id);
	if (n == 0 && text_starts(s->p + off, scan_left(s, off), source)) {
		/* A row of a list: source, then the id. */
		at = sizeof(source) - 1;
		while (at < 16 && off + at < s->n &&
		    strchr(",;\t \"'", s->p[off + at]) != NULL)
			at++;
		if (at > sizeof(source) - 1)
			digits = text_digits(s->p + off + at,
			    scan_left(s, off + at), &id);
		if (digits == 2 && !scan_word_at(s, off + at + digits))
			n = at + digits;
	}
	if (n == 0)
		return 0;
	k = scan_token(s, TOKEN_EVENT_ID, off, off + n);
	k->value = (struct text_part){ off + at, digits };
	k->number = id;
	return n;
}

/* An <Event> of the XML form, wherever it begins. */
size_t
match_record(struct scan *s, size_t off)
{
	if (!text_event_record(s->p + off, scan_left(s, off)))
		return 0;
	scan_token(s, TOKEN_RECORD, off, off + 6);
	return 6;
}

/* "-enrollaik" or "/enrollaik" of a command line. */
size_t
match_command(struct scan *s, size_t off)
{
	if (!text_starts(s->p + off + 1, scan_left(s, off + 1), "enrollaik") ||
	    scan_word_at(s, off + 10))
		return 0;
	scan_token(s, TOKEN_COMMAND, off, off + 10);
	return 10;
}

/*
 * DOMAIN\MACHINE$ in the sentence before the URL.  A domain may hold blanks;
 * where it begins is known in a few languages and in XML.
 */
struct text_part
run_machine_find(const struct text *t, const struct run_token *url)
{
	static const struct text_part none = { 0, 0 };
	static const char *const before[] = {
		"'Context'>", "\"Context\">", " for ", " f\xc3\xbcr ",
		" \xd0\xb4\xd0\xbb\xd1\x8f ", " pour ", " para ", " per ",
		" voor ", " dla "
	};
	const char *p = t->p;
	size_t from = url->at.off < 400 ? 0 : url->at.off - 400, slash, end;
	size_t start, i, n;

	for (end = url->at.off; end > from && p[end - 1] != '$'; end--)
		continue;
	if (end == from)
		return none;
	for (slash = end; slash > from && p[slash - 1] != '\\' &&
	    (uint8_t)p[slash - 1] > ' ' && p[slash - 1] != '<'; slash--)
		continue;
	if (slash == from || p[slash - 1] != '\\')
		return none;
	for (start = slash - 1; start > from && (uint8_t)p[start - 1] > ' ' &&
	    p[start - 1] != '>'; start--)
		continue;
	if (start == slash - 1)
		return none;
	for (i = 0; i < sizeof(before) / sizeof(*before); i++) {
		n = from + text_find(p + from, slash - from, before[i]) +
		    strlen(before[i]);
		if (n < start && memchr(p + n, '\n', start - n) == NULL) {
			start = n;
			break;
		}
	}
	return (struct text_part){ start, end - start };
}
