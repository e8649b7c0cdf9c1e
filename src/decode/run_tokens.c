/*
 * Finds the tokens of certreq's and the events' SCEP block wherever they
 * stand: in quoted mails, lists, XML, lines run together or broken.
 * Relies on text_scan.h for what people do to text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/run_scan.h"

size_t
scan_left(const struct scan *s, size_t off)
{
	return off < s->n ? s->n - off : 0;
}

bool
scan_word_before(const struct scan *s, size_t off)
{
	size_t i = off;

	if (off == 0 || !text_is_word(s->p[off - 1]))
		return false;
	/* A console's colour ends in a letter: ESC [ 32 m. */
	if (s->p[off - 1] == 'm') {
		for (i = off - 1; i > 0 && off - i < 16 &&
		    (text_is_digit(s->p[i - 1]) || s->p[i - 1] == ';'); i--)
			continue;
		return i < 2 || s->p[i - 1] != '[' || s->p[i - 2] != '\x1b';
	}
	/* No-break spaces and typographic signs are no letters. */
	while (i > 0 && off - i < 4 && ((uint8_t)s->p[i - 1] & 0xc0) == 0x80)
		i--;
	if (i == off || i == 0)
		return true;
	i--;
	return text_blank(s->p + i, off - i) == 0 &&
	    text_quote(s->p + i, off - i) == 0 &&
	    !(off - i == 3 && (uint8_t)s->p[i] == 0xe2);
}

bool
scan_word_at(const struct scan *s, size_t off)
{
	return off < s->n && text_is_word(s->p[off]);
}

/* Blank-free bytes at off, up to a mark that ends a word in prose or XML. */
size_t
scan_word_length(const struct scan *s, size_t off, size_t max)
{
	size_t i;

	for (i = off; i < s->n && i - off < max; i++)
		if ((uint8_t)s->p[i] <= ' ' || s->p[i] == '<' ||
		    s->p[i] == '>' || s->p[i] == '"' || s->p[i] == '\'' ||
		    s->p[i] == '|' || text_quote(s->p + i, s->n - i) > 0 ||
		    text_blank(s->p + i, s->n - i) > 0)
			break;
	return i - off;
}

size_t
scan_line_stop(const struct scan *s, size_t off)
{
	size_t end = s->content.off + s->content.n;

	return end > off ? end : off;
}

struct run_token *
scan_token(struct scan *s, enum run_token_kind kind, size_t off, size_t end)
{
	struct run_tokens *to = s->to;
	struct run_token *k;

	/* Room grows by half; the caller sees that the table is full. */
	if ((to->n & (to->n - 1)) == 0) {
		size_t room = to->n == 0 ? 1 : 2 * to->n;

		k = realloc(to->p, room * sizeof(*to->p));
		if (k == NULL) {
			fputs("aiktriage: out of memory\n", stderr);
			_Exit(3);
		}
		to->p = k;
	}
	k = &to->p[to->n++];
	*k = (struct run_token){ .kind = kind, .at = { off, end - off },
	    .line = s->line };
	k->last_line = end > scan_line_stop(s, off) ?
	    text_line_at(s->t, end - 1) : s->line;
	return k;
}

static void
record_look(struct scan *s)
{
	if (s->content.n > 0 && s->p[s->content.off] != '<' &&
	    text_event_record(s->p + s->content.off, s->content.n))
		scan_token(s, TOKEN_RECORD, s->content.off,
		    s->content.off + 1);
}

/* By the first byte, lower case.  The first that matches takes the bytes. */
static const struct {
	char	 first;
	size_t	 (*match)(struct scan *, size_t off);
} matchers[] = {
	{ 't', match_tpm }, { 't', match_thumbprint }, { 't', match_line },
	{ 'k', match_line }, { 'e', match_line },
	{ '-', match_pem }, { '-', match_authority }, { '-', match_command },
	{ '/', match_command }, { '<', match_record },
	{ 'h', match_url }, { 'h', match_http },
	{ 'g', match_operation }, { 's', match_operation },
	{ 'g', match_method }, { 'p', match_method },
	{ 's', match_stage }, { 'p', match_stage }, { 'f', match_stage },
	{ 'e', match_stage }, { '\xd0', match_stage }, { '\xc3', match_stage },
	{ 'p', match_status }, { 'f', match_status }, { 'e', match_status },
	{ '{', match_message }, { 'd', match_header }, { 'c', match_header },
	{ 'x', match_header },
	{ '0', match_code }, { '1', match_time }, { '2', match_time },
	{ 'e', match_event_id }, { 'c', match_event_id },
};

static bool
fits(char first, char c)
{
	return c == first || (c >= 'A' && c <= 'Z' && c + 32 == first);
}

void
run_tokens_find(const struct text *t, struct run_tokens *ret)
{
	struct scan s = { .t = t, .to = ret, .p = t->p, .n = t->n };
	bool used[256] = { false };
	size_t off = 0, len, i, next;

	*ret = (struct run_tokens){ 0 };
	if (t->nlines == 0)
		return;
	for (i = 0; i < sizeof(matchers) / sizeof(*matchers); i++) {
		used[(uint8_t)matchers[i].first] = true;
		if (matchers[i].first >= 'a' && matchers[i].first <= 'z')
			used[(uint8_t)(matchers[i].first - 32)] = true;
	}
	s.content = text_content(&t->lines[0]);
	record_look(&s);
	while (off < t->n && ret->n < RUN_TOKENS_MAX) {
		next = s.line + 1 < t->nlines ? t->lines[s.line + 1].off :
		    t->n;
		if (off >= next) {
			while (s.line + 1 < t->nlines &&
			    t->lines[s.line + 1].off <= off)
				s.line++;
			s.content = text_content(&t->lines[s.line]);
			record_look(&s);
			continue;
		}
		len = 0;
		if (used[(uint8_t)t->p[off]])
			for (i = 0; i < sizeof(matchers) / sizeof(*matchers) &&
			    len == 0; i++)
				if (fits(matchers[i].first, t->p[off]))
					len = matchers[i].match(&s, off);
		/* Labels of other languages: "Ereignis-ID: 86". */
		if (len == 0 && off == s.content.off && s.content.n < 64)
			len = match_event_id(&s, off);
		off += len == 0 ? 1 : len;
	}
	ret->more = off < t->n;
}

void
run_tokens_clear(struct run_tokens *tokens)
{
	free(tokens->p);
	*tokens = (struct run_tokens){ 0 };
}

/* Is `word` at p, with or without a NUL between its letters? */
static bool
spelt(const uint8_t *p, size_t n, const char *word)
{
	size_t step, i, len = strlen(word);

	for (step = 1; step <= 2; step++) {
		for (i = 0; i < len && i * step < n; i++) {
			uint8_t c = p[i * step];

			if (c >= 'A' && c <= 'Z')
				c += 32;
			if (c != (uint8_t)word[i] ||
			    (step == 2 && i > 0 && p[i * 2 - 1] != 0))
				break;
		}
		if (i == len)
			return true;
	}
	return false;
}

int
run_tokens_likely(const struct blob *b)
{
	static const struct {
		const char *word;
		int	 weight;
	} words[] = {
		{ "tpm-version:", 2 }, { "enrollstatus(", 2 },
		{ "pkistatus(", 2 }, { "getcac", 2 }, { "submit(", 2 },
		{ "enrollaik", 2 }, { "-keyid-", 1 }, { "-nameid-", 1 },
		{ "microsoftaik", 1 }, { "message\"", 1 }
	};
	static const char firsts[] = "tepgs-m";
	int found = 0;
	size_t i, w;

	for (i = 0; i < b->n && found < 2; i++) {
		uint8_t c = b->p[i];

		if (c >= 'A' && c <= 'Z')
			c += 32;
		if (c == 0 || strchr(firsts, c) == NULL)
			continue;
		for (w = 0; w < sizeof(words) / sizeof(*words); w++)
			if (c == (uint8_t)words[w].word[0] &&
			    words[w].weight > found &&
			    spelt(b->p + i, b->n - i, words[w].word))
				found = words[w].weight;
	}
	return found;
}
