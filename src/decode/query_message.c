/*
 * Reads base64 as it stands in queries: with escapes, with plus signs that
 * became blanks, in the form for URLs, with line ends.
 * Relies on decode/parser.h for hints; RFC 8894 4.1, RFC 4648 5.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/parser.h"
#include "decode/query_message.h"
#include "evidence/text_scan.h"

#define LEAST	64	/* bytes: a shorter one is no pkiMessage */

/* '+' may have become a blank; '-' and '_' are those of URLs. */
static int
base64_digit(uint8_t c)
{
	return c == '-' || c == ' ' ? 62 : c == '_' ? 63 :
	    text_base64_digit(c);
}

/* The value of message= as a span; false if there is none. */
static bool
message_find(const uint8_t *p, size_t n, size_t *ret_off, size_t *ret_n)
{
	static const char name[] = "message=";
	size_t i, end;

	for (i = 1; i + sizeof(name) - 1 <= n; i++) {
		if ((p[i - 1] != '?' && p[i - 1] != '&') ||
		    strncasecmp((const char *)p + i, name,
		    sizeof(name) - 1) != 0)
			continue;
		i += sizeof(name) - 1;
		for (end = i; end < n && p[end] != '&' && p[end] != '#';
		    end++)
			continue;
		*ret_off = i;
		*ret_n = end - i;
		return true;
	}
	return false;
}

/* Undoes escapes and base64; what is neither ends it. */
static size_t
message_decode(const uint8_t *p, size_t n, uint8_t *to, size_t *ret_used)
{
	uint32_t bits = 0;
	unsigned int have = 0;
	size_t i, out = 0;
	uint8_t c;
	int v;

	for (i = 0; i < n; i++) {
		c = p[i];
		if (c == '%' && n - i > 2 && text_hex_digit(p[i + 1]) >= 0 &&
		    text_hex_digit(p[i + 2]) >= 0) {
			c = (uint8_t)(text_hex_digit(p[i + 1]) << 4 |
			    text_hex_digit(p[i + 2]));
			i += 2;
		}
		if (c == '\r' || c == '\n' || c == '=')
			continue;
		v = base64_digit(c);
		if (v < 0)
			break;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[out++] = (uint8_t)(bits >> have);
		}
	}
	*ret_used = i;
	return out;
}

void
query_message_read(struct evidence *ev, struct item *item,
    struct span target)
{
	const uint8_t *p = ev_bytes(ev, target);
	size_t off, n, used, size;
	struct span at;
	uint8_t *to;

	if (p == NULL || !message_find(p, target.len, &off, &n) ||
	    n < LEAST / 3 * 4 || n > ev_limits(ev)->cms_bytes * 4)
		return;
	to = malloc(n);
	if (to == NULL)
		return;
	size = message_decode(p + off, n, to, &used);
	at = (struct span){ target.blob, target.off + off, n };
	if (size < LEAST || to[0] != 0x30) {
		free(to);
		return;
	}
	if (used < n)
		ev_problem(ev, PROBLEM_NOTED, at, "the message in the query "
		    "is base64 for %zu of its %zu characters", used, n);
	ev_step(ev, at, "base64", HINT_SCEP, item, to, size);
}
