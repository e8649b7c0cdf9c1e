/*
 * Cuts a condition into words: names, texts, numbers, codes, durations, times
 * and operators.  Relies on source.h; all copies live in the rules' arena.
 */
#include <string.h>

#include "evidence/evidence.h"
#include "evidence/text_scan.h"
#include "judge/lex.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Names are like stage.name, PKIOperation-request, rejected_ek. */
static bool
is_name(char c)
{
	return is_letter(c) || is_digit(c) || c == '.' || c == '-';
}

void
lexer_init(struct lexer *lx, struct source *src, struct arena *arena,
    size_t off, size_t end)
{
	*lx = (struct lexer){ .src = src, .arena = arena, .off = off,
	    .end = end };
	lexer_next(lx);
}

bool
token_is(const struct token *t, const char *word)
{
	return (t->kind == TOKEN_WORD || t->kind == TOKEN_OPERATOR) &&
	    t->n == strlen(word) && memcmp(t->text, word, t->n) == 0;
}

static void
bad(struct lexer *lx, size_t off, const char *text)
{
	source_error(lx->src, off, "%s", text);
	lx->token.kind = TOKEN_BAD;
}

static void
lex_string(struct lexer *lx)
{
	const char *p = lx->src->p;
	size_t start = lx->off++, n = 0;
	char *to = arena_alloc(lx->arena, lx->end - start);

	for (;;) {
		char c;

		if (lx->off >= lx->end || p[lx->off] == '\n') {
			bad(lx, start, "this text has no closing \"");
			return;
		}
		c = p[lx->off++];
		if (c == '"')
			break;
		if (c == '\\') {
			if (lx->off >= lx->end || (p[lx->off] != '"' &&
			    p[lx->off] != '\\')) {
				bad(lx, lx->off - 1, "\\ stands only before "
				    "\" and \\");
				return;
			}
			c = p[lx->off++];
		}
		to[n++] = c;
	}
	to[n] = '\0';
	lx->token.kind = TOKEN_STRING;
	lx->token.text = to;
	lx->token.n = n;
}

/* n digits at s as a number; -1 if they are none. */
static int
fixed(const char *s, size_t n)
{
	int value = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!is_digit(s[i]))
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

/* 2023-03-29 or 2023-03-29T08:00:00Z, always UTC. */
static bool
lex_time(struct lexer *lx, const char *s, size_t n)
{
	int y, mon, d, h = 0, m = 0, sec = 0;
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31 };

	if ((n != 10 && n != 20) || s[4] != '-' || s[7] != '-')
		return false;
	y = fixed(s, 4);
	mon = fixed(s + 5, 2);
	d = fixed(s + 8, 2);
	if (n == 20) {
		if (s[10] != 'T' || s[13] != ':' || s[16] != ':' ||
		    s[19] != 'Z')
			return false;
		h = fixed(s + 11, 2);
		m = fixed(s + 14, 2);
		sec = fixed(s + 17, 2);
	}
	if (y < 1601 || mon < 1 || mon > 12 || d < 1 || d > days[mon - 1] ||
	    (mon == 2 && d == 29 &&
	    (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0))) ||
	    h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59)
		return false;
	lx->token.kind = TOKEN_TIME;
	lx->token.number = time_make(y, mon, d, h, m, sec);
	return true;
}

static void
lex_number(struct lexer *lx)
{
	const char *p = lx->src->p + lx->off, *s;
	size_t n = 1, i = 0;
	int64_t value = 0, unit;
	bool negative = false;

	while (lx->off + n < lx->end && (is_name(p[n]) || p[n] == ':'))
		n++;
	s = p;
	lx->off += n;
	if (*s == '-') {
		negative = true;
		i++;
	}
	if (!negative && n > 2 && s[0] == '0' && s[1] == 'x') {
		uint64_t code = 0;

		for (i = 2; i < n && i < 11 &&
		    text_hex_digit((uint8_t)s[i]) >= 0; i++)
			code = code << 4 |
			    (unsigned int)text_hex_digit((uint8_t)s[i]);
		if (i < n || code > UINT32_MAX) {
			bad(lx, lx->token.off, "a code is 0x and at most "
			    "8 hex digits");
			return;
		}
		lx->token.kind = TOKEN_CODE;
		lx->token.number = (int64_t)code;
		return;
	}
	if (!negative && n > 5 && s[4] == '-') {
		if (!lex_time(lx, s, n))
			bad(lx, lx->token.off, "a time is like 2023-03-29 or "
			    "2023-03-29T08:00:00Z");
		return;
	}
	for (; i < n && is_digit(s[i]); i++) {
		if (value > (INT64_MAX - 9) / 10 / 86400) {
			bad(lx, lx->token.off, "this number is too large");
			return;
		}
		value = value * 10 + (s[i] - '0');
	}
	if (negative)
		value = -value;
	lx->token.kind = TOKEN_NUMBER;
	if (i + 1 == n) {
		unit = s[i] == 's' ? 1 : s[i] == 'm' ? 60 :
		    s[i] == 'h' ? 3600 : s[i] == 'd' ? 86400 : 0;
		if (unit != 0) {
			lx->token.kind = TOKEN_DURATION;
			value *= unit;
			i++;
		}
	}
	if (i < n) {
		bad(lx, lx->token.off, "neither a number, a duration (30s, "
		    "5m, 2h, 180d), a code (0x80190190) nor a time "
		    "(2023-03-29)");
		return;
	}
	lx->token.number = value;
}

static void
lex_operator(struct lexer *lx)
{
	static const char *const operators[] = { "==", "!=", "<=", ">=", "<",
	    ">", "(", ")", "{", "}", "[", "]", ",", ";", NULL };
	const char *p = lx->src->p + lx->off;
	size_t i, n;

	for (i = 0; operators[i] != NULL; i++) {
		n = strlen(operators[i]);
		if (n <= lx->end - lx->off && memcmp(p, operators[i], n) == 0) {
			lx->token.kind = TOKEN_OPERATOR;
			lx->token.text = operators[i];
			lx->token.n = n;
			lx->off += n;
			return;
		}
	}
	if (*p == '=')
		bad(lx, lx->off, "equality is written ==");
	else if (*p == '!')
		bad(lx, lx->off, "negation is written not");
	else if (*p == '&' || *p == '|')
		bad(lx, lx->off, "write and, or");
	else if (*p == '\'')
		bad(lx, lx->off, "texts stand in \"double quotes\"");
	else
		bad(lx, lx->off, "this character has no meaning here");
	lx->off++;
}

void
lexer_next(struct lexer *lx)
{
	const char *p = lx->src->p;
	size_t n;

	while (lx->off < lx->end && (p[lx->off] == ' ' || p[lx->off] == '\t' ||
	    p[lx->off] == '\n' || p[lx->off] == '\r'))
		lx->off++;
	lx->token = (struct token){ .kind = TOKEN_END, .off = lx->off };
	if (lx->off >= lx->end)
		return;
	p += lx->off;
	if (*p == '"') {
		lex_string(lx);
	} else if (is_digit(*p) || (*p == '-' && lx->off + 1 < lx->end &&
	    is_digit(p[1]))) {
		lex_number(lx);
	} else if (is_letter(*p)) {
		for (n = 1; lx->off + n < lx->end && is_name(p[n]); n++)
			;
		lx->token.kind = TOKEN_WORD;
		lx->token.text = p;
		lx->token.n = n;
		lx->off += n;
	} else {
		lex_operator(lx);
	}
	lx->token.len = lx->off - lx->token.off;
}
