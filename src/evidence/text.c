/*
 * Finds out in what encoding a text was written, and decodes it to UTF-8 in
 * a way that any part can be cited in the bytes it came from.
 * Relies on codepage.h.
 */
#include <string.h>

#include "evidence/codepage.h"
#include "evidence/text.h"

#define SNIFF_BYTES	4096		/* of text_bid() */
#define GUESS_BYTES	262144		/* of the choice of a code page */
#define MARK_BYTES	64
#define REPLACEMENT	0xfffd

static const struct encoding {
	const char	*name;
	int		 codepage;	/* -1: none */
} encodings[] = {
	[TEXT_ASCII] = { "ASCII", -1 },
	[TEXT_UTF8] = { "UTF-8", -1 },
	[TEXT_UTF16LE] = { "UTF-16LE", -1 },
	[TEXT_UTF16BE] = { "UTF-16BE", -1 },
	[TEXT_CP437] = { "CP437", CODEPAGE_437 },
	[TEXT_CP850] = { "CP850", CODEPAGE_850 },
	[TEXT_CP866] = { "CP866", CODEPAGE_866 },
	[TEXT_CP1251] = { "CP1251", CODEPAGE_1251 },
	[TEXT_CP1252] = { "CP1252", CODEPAGE_1252 },
};

const char *
text_encoding_name(enum text_encoding e)
{
	return encodings[e].name;
}

/* ---- one character ---- */

/* Bytes of the UTF-8 sequence at p (n > 0 are left), 0: none is valid. */
static size_t
utf8_length(const uint8_t *p, size_t n)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 :
	    p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	size_t i;

	if (len > n)
		return 0;
	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

static uint32_t
utf16_unit(enum text_encoding e, const uint8_t *p)
{
	return e == TEXT_UTF16LE ? (uint32_t)p[0] | (uint32_t)p[1] << 8 :
	    (uint32_t)p[1] | (uint32_t)p[0] << 8;
}

/*
 * The character at p (n > 0 bytes are left): how many bytes it has.  What is
 * no character, and NUL, becomes U+FFFD.
 */
static size_t
character(enum text_encoding e, const uint8_t *p, size_t n, uint32_t *ret)
{
	uint32_t c = REPLACEMENT, low;
	size_t len = 1, i;

	switch (e) {
	case TEXT_ASCII:
		if (p[0] < 0x80)
			c = p[0];
		break;
	case TEXT_UTF8:
		len = utf8_length(p, n);
		if (len == 0) {
			len = 1;
			break;
		}
		c = len == 1 ? p[0] : p[0] & (0x7fu >> len);
		for (i = 1; i < len; i++)
			c = c << 6 | (p[i] & 0x3f);
		break;
	case TEXT_UTF16LE:
	case TEXT_UTF16BE:
		if (n < 2)
			break;
		len = 2;
		c = utf16_unit(e, p);
		if (c >= 0xd800 && c < 0xdc00 && n >= 4) {
			low = utf16_unit(e, p + 2);
			if (low >= 0xdc00 && low < 0xe000) {
				len = 4;
				c = 0x10000 + ((c - 0xd800) << 10) +
				    (low - 0xdc00);
			}
		}
		if (c >= 0xd800 && c < 0xe000)
			c = REPLACEMENT;
		break;
	default:
		c = p[0] < 0x80 ? p[0] :
		    codepages[encodings[e].codepage][p[0] - 0x80];
		break;
	}
	*ret = c == 0 ? REPLACEMENT : c;
	return len;
}

/* Bytes of a character in UTF-8. */
static size_t
utf8_size(uint32_t c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static size_t
utf8_put(char *to, uint32_t c)
{
	size_t n = utf8_size(c), i;

	if (n == 1) {
		to[0] = (char)c;
		return 1;
	}
	for (i = n - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)((0xf00u >> n & 0xff) | c);
	return n;
}

/* ---- which encoding ---- */

/*
 * UTF-16 without a byte order mark: one half of the pairs is NUL, or 0x04 for
 * Cyrillic letters, or 0x20 for typographic signs.
 */
static bool
utf16_guess(const uint8_t *p, size_t n, enum text_encoding *ret)
{
	size_t i, even = 0, odd = 0, even_nul = 0, odd_nul = 0;
	size_t pairs = n / 2;

	for (i = 0; i + 1 < n; i += 2) {
		even += p[i] == 0 || p[i] == 4 || p[i] == 0x20;
		odd += p[i + 1] == 0 || p[i + 1] == 4 || p[i + 1] == 0x20;
		even_nul += p[i] == 0;
		odd_nul += p[i + 1] == 0;
	}
	if (pairs < 2 || even_nul + odd_nul == 0)
		return false;
	*ret = odd > even ? TEXT_UTF16LE : TEXT_UTF16BE;
	if (*ret == TEXT_UTF16LE)
		return odd * 10 >= pairs * 7 && even_nul * 10 <= pairs &&
		    odd_nul * 10 >= pairs;
	return even > odd && even * 10 >= pairs * 7 &&
	    odd_nul * 10 <= pairs && even_nul * 10 >= pairs;
}

/* Kinds of characters for the choice of a code page. */
enum look { LOOK_NONE, LOOK_ASCII, LOOK_LATIN, LOOK_CYRILLIC, LOOK_SIGN,
    LOOK_ODD };

static enum look
look(enum text_encoding e, uint8_t b, bool *ret_upper)
{
	uint32_t c;

	*ret_upper = false;
	(void)character(e, &b, 1, &c);
	if (c < 0x80) {
		*ret_upper = c >= 'A' && c <= 'Z';
		return *ret_upper || (c >= 'a' && c <= 'z') ? LOOK_ASCII :
		    LOOK_NONE;
	}
	/* Letters of Western Europe; rarer ones prove nothing. */
	if (c >= 0xc0 && c <= 0xff && c != 0xd7 && c != 0xf7 && c != 0xd0 &&
	    c != 0xf0 && c != 0xde && c != 0xfe && c != 0xdd && c != 0xfd) {
		*ret_upper = c < 0xdf;
		return LOOK_LATIN;
	}
	if ((c >= 0x410 && c <= 0x44f) || c == 0x401 || c == 0x451) {
		*ret_upper = c < 0x430;
		return LOOK_CYRILLIC;
	}
	if (c == 0xa0 || c == 0xa7 || c == 0xab || c == 0xbb || c == 0x2116 ||
	    (c >= 0x2013 && c <= 0x2026))
		return LOOK_SIGN;
	return LOOK_ODD;
}

/* How much the high bytes look like words in that code page. */
static long
plausible(enum text_encoding e, const uint8_t *p, size_t n)
{
	enum look here, before, after;
	bool upper, before_upper, after_upper;
	long score = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] < 0x80)
			continue;
		here = look(e, p[i], &upper);
		before = after = LOOK_NONE;
		before_upper = after_upper = false;
		if (i > 0)
			before = look(e, p[i - 1], &before_upper);
		if (i + 1 < n)
			after = look(e, p[i + 1], &after_upper);
		switch (here) {
		case LOOK_LATIN:
		case LOOK_CYRILLIC:
			score += 1;
			/* Latin words have them alone, Cyrillic together. */
			if (here == LOOK_LATIN)
				score += (before == LOOK_ASCII) +
				    (after == LOOK_ASCII) -
				    (before == here || after == here);
			else
				score += (before == here || after == here) -
				    3 * ((before == LOOK_ASCII) +
				    (after == LOOK_ASCII));
			/* A capital inside a word of small letters. */
			if (upper && (before == LOOK_ASCII || before == here) &&
			    !before_upper)
				score -= 4;
			else if (!upper)
				score += 1;
			break;
		case LOOK_SIGN:
			score += before == LOOK_NONE || after == LOOK_NONE;
			score -= 2 * (before != LOOK_NONE &&
			    after != LOOK_NONE);
			break;
		default:
			score -= 3;
			break;
		}
	}
	return score;
}

static enum text_encoding
codepage_guess(const uint8_t *p, size_t n)
{
	/* The first of equals wins. */
	static const enum text_encoding order[] = {
		TEXT_CP1252, TEXT_CP850, TEXT_CP437, TEXT_CP1251, TEXT_CP866
	};
	enum text_encoding best = order[0];
	long most = 0, score;
	size_t i;

	if (n > GUESS_BYTES)
		n = GUESS_BYTES;
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		score = plausible(order[i], p, n);
		if (i == 0 || score > most) {
			most = score;
			best = order[i];
		}
	}
	return best;
}

static bool
bom_find(const uint8_t *p, size_t n, enum text_encoding *ret, size_t *ret_skip)
{
	*ret_skip = 2;
	if (n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) {
		*ret_skip = 3;
		*ret = TEXT_UTF8;
	} else if (n >= 2 && p[0] == 0xff && p[1] == 0xfe)
		*ret = TEXT_UTF16LE;
	else if (n >= 2 && p[0] == 0xfe && p[1] == 0xff)
		*ret = TEXT_UTF16BE;
	else {
		*ret_skip = 0;
		return false;
	}
	return true;
}

/* Counts of what stands in the bytes, for the choice of an encoding. */
struct census {
	size_t	high, nul, control;
	size_t	sequences;	/* valid ones of more than one byte */
	size_t	invalid;	/* bytes of no valid sequence */
};

static void
census_take(const uint8_t *p, size_t n, struct census *ret)
{
	size_t i, len;

	*ret = (struct census){ 0 };
	for (i = 0; i < n; i += len) {
		len = 1;
		if (p[i] >= 0x80) {
			len = utf8_length(p + i, n - i);
			ret->sequences += len > 0;
			ret->invalid += len == 0;
			len = len == 0 ? 1 : len;
			ret->high += len;
		} else if (p[i] == 0)
			ret->nul++;
		else if ((p[i] < 0x20 && p[i] != '\t' && p[i] != '\n' &&
		    p[i] != '\r' && p[i] != '\f' && p[i] != 0x1b &&
		    p[i] != '\b') || p[i] == 0x7f)
			ret->control++;
	}
}

/* Containers that keep texts as they are would look like one. */
static bool
is_container(const uint8_t *p, size_t n)
{
	static const struct {
		size_t		 n;
		const char	*bytes;
	} magics[] = {
		{ 4, "PK\3\4" }, { 6, "7z\xbc\xaf\x27\x1c" }, { 5, "MSCF" },
		{ 6, "Rar!\x1a\x07" }, { 6, "070701" }, { 6, "070702" },
		{ 6, "070707" }
	};
	size_t i, k;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (n < magics[i].n || memcmp(p, magics[i].bytes,
		    magics[i].n) != 0)
			continue;
		/* cpio in ASCII: its head is made of digits. */
		for (k = 6; p[0] == '0' && k < 76; k++)
			if (k >= n || strchr("0123456789abcdefABCDEF",
			    p[k]) == NULL || p[k] == '\0')
				return false;
		return true;
	}
	return false;
}

int
text_bid(const struct blob *b)
{
	size_t n = b->n < SNIFF_BYTES ? b->n : SNIFF_BYTES;
	enum text_encoding e;
	struct census c;
	size_t skip;

	if (n == 0 || is_container(b->p, n))
		return 0;
	if (bom_find(b->p, n, &e, &skip))
		return 100;
	if (utf16_guess(b->p, n, &e))
		return 90;
	/* A file that was lost in a crash may end in zeros. */
	while (n > 1 && b->p[n - 1] == 0)
		n--;
	census_take(b->p, n, &c);
	/* A sequence may be cut where the look ends. */
	if (b->n > n && c.invalid > 0 && c.invalid <= 3 && c.sequences > 0)
		c.invalid = 0;
	if (c.nul * 100 > n || c.control * 50 > n)
		return 0;
	if (c.nul + c.control > 0)
		return 40;
	if (c.high == 0)
		return 100;
	return c.invalid == 0 ? 95 : 60;
}

static enum text_encoding
encoding_guess(const uint8_t *p, size_t n)
{
	enum text_encoding e;
	struct census c;

	if (utf16_guess(p, n < SNIFF_BYTES ? n : SNIFF_BYTES, &e))
		return e;
	census_take(p, n, &c);
	if (c.high == 0)
		return TEXT_ASCII;
	/* A few bad bytes do not make UTF-8 another encoding. */
	if (c.invalid == 0 || c.sequences / 4 >= c.invalid)
		return TEXT_UTF8;
	return codepage_guess(p, n);
}

/* ---- decoding ---- */

/* First pass: the size as UTF-8, and whether all bytes fit. */
static size_t
measure(struct text *t, const uint8_t *p, size_t n, size_t *ret_bad)
{
	size_t out = 0, i, len;
	uint32_t c;

	*ret_bad = n;
	for (i = t->skip; i < n; i += len) {
		len = character(t->encoding, p + i, n - i, &c);
		if (c == REPLACEMENT && *ret_bad == n && !(len == 3 &&
		    t->encoding == TEXT_UTF8) && !(len == 2 &&
		    utf16_unit(t->encoding, p + i) == REPLACEMENT))
			*ret_bad = i;
		out += utf8_size(c);
	}
	t->damaged = *ret_bad < n;
	return out;
}

/* Does a line end at off?  Its length; CR CRLF counts as one. */
static size_t
line_end(const char *p, size_t n, size_t off)
{
	size_t i = off;

	if (p[i] == '\n')
		return 1;
	if (p[i] != '\r')
		return 0;
	while (i < n && p[i] == '\r' && i - off < 8)
		i++;
	return i < n && p[i] == '\n' ? i + 1 - off : 1;
}

static void
lines_find(struct evidence *ev, struct text *t)
{
	const struct limits *limits = ev_limits(ev);
	struct text_line *lines;
	size_t count = 0, i, end, start;

	for (i = 0; i < t->n && count < limits->text_lines; i++) {
		end = line_end(t->p, t->n, i);
		if (end > 0 || i + 1 == t->n)
			count++;
		if (end > 0)
			i += end - 1;
	}
	if (i < t->n) {
		ev_limit(ev, text_span(t, i, t->n - i), "text_lines",
		    "only the first %zu lines of a text are read", count);
		t->source_end = text_span(t, i, 0).off;
		t->n = i;
	}
	lines = arena_alloc(ev_arena(ev), (count + 1) * sizeof(*lines));
	for (i = start = 0; i < t->n && t->nlines < count; i++) {
		end = line_end(t->p, t->n, i);
		if (end == 0 && i + 1 < t->n)
			continue;
		lines[t->nlines++] = (struct text_line){ .p = t->p + start,
		    .n = (end == 0 ? t->n : i) - start, .off = start };
		if (lines[t->nlines - 1].n > limits->line_bytes) {
			ev_limit(ev, text_span(t, start, i - start),
			    "line_bytes", "line %zu has %zu bytes and is read "
			    "to %llu", t->nlines, lines[t->nlines - 1].n,
			    (unsigned long long)limits->line_bytes);
			lines[t->nlines - 1].n = limits->line_bytes;
		}
		if (end > 0)
			i += end - 1;
		start = i + 1;
	}
	t->lines = lines;
}

bool
text_decode(struct evidence *ev, const struct blob *b, struct text *ret)
{
	const struct limits *limits = ev_limits(ev);
	uint32_t *marks = NULL;
	size_t n = b->n, size, bad, i, len, off, marked = 0;
	uint32_t c;
	char *p;

	*ret = (struct text){ .blob = b, .p = "" };
	if (n == 0)
		return true;
	if (text_bid(b) == 0)
		return false;
	if (n > limits->text_bytes || n > UINT32_MAX) {
		n = limits->text_bytes < UINT32_MAX ?
		    (size_t)limits->text_bytes : UINT32_MAX;
		ev_limit(ev, blob_part(b, n, b->n - n), "text_bytes",
		    "only the first %zu bytes of a text are read", n);
	}
	ret->bom = bom_find(b->p, n, &ret->encoding, &ret->skip);
	if (!ret->bom)
		ret->encoding = encoding_guess(b->p, n);
	size = measure(ret, b->p, n, &bad);
	ret->source_end = n;
	p = arena_alloc(ev_arena(ev), size + 1);
	if (!ret->damaged && ret->encoding <= TEXT_UTF8)
		memcpy(p, b->p + ret->skip, size);
	else {
		marks = arena_alloc(ev_arena(ev),
		    (size / MARK_BYTES + 1) * sizeof(*marks));
		for (i = ret->skip, off = 0; i < n; i += len) {
			len = character(ret->encoding, b->p + i, n - i, &c);
			off += utf8_put(p + off, c);
			for (; marked * MARK_BYTES < off; marked++)
				marks[marked] = (uint32_t)i;
		}
	}
	ret->p = p;
	ret->n = size;
	ret->marks = marks;
	if (ret->damaged)
		ev_problem(ev, PROBLEM_NOTED, blob_part(b, bad, 1),
		    "this text is %s, but byte %zu is not",
		    text_encoding_name(ret->encoding), bad);
	lines_find(ev, ret);
	return true;
}

/*
 * The place in the source of the character at off; *ret_inside: off stands
 * inside of it.
 */
static size_t
source_offset(const struct text *t, size_t off, bool round_up)
{
	const struct blob *b = t->blob;
	size_t at, i, len = 0;
	uint32_t c;

	if (t->marks == NULL)
		return off + t->skip;
	if (off >= t->n)
		return t->source_end;
	at = off / MARK_BYTES * MARK_BYTES;
	i = t->marks[at / MARK_BYTES];
	while (at > 0 && ((uint8_t)t->p[at] & 0xc0) == 0x80)
		at--;
	for (; at < off; i += len) {
		len = character(t->encoding, b->p + i, t->source_end - i, &c);
		if (at + utf8_size(c) > off)
			return round_up ? i + len : i;
		at += utf8_size(c);
	}
	return i;
}

struct span
text_span(const struct text *t, size_t off, size_t n)
{
	size_t from, to;

	if (off > t->n)
		off = t->n;
	if (n > t->n - off)
		n = t->n - off;
	from = source_offset(t, off, false);
	to = n == 0 ? from : source_offset(t, off + n, true);
	return blob_part(t->blob, from, to - from);
}

size_t
text_line_at(const struct text *t, size_t off)
{
	size_t low = 0, high = t->nlines, mid;

	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (t->lines[mid].off <= off)
			low = mid;
		else
			high = mid;
	}
	return low;
}
