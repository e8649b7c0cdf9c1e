/*
 * PEM: certificates and messages in base64 between BEGIN and END lines, in
 * any text encoding; and a file that is base64 of one and nothing else.
 * Relies on evidence/text.h; RFC 7468, RFC 1421 4.6.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/cms.h"
#include "decode/parser.h"
#include "evidence/text.h"
#include "evidence/text_scan.h"
#include "parsers/fields.h"

#define BEGIN		"-----BEGIN "
#define END		"-----END "
#define DASHES		"-----"

static const struct field *const fields[] = { NULL };

/* What stands under a label; a NULL hint is not read. */
static const struct label {
	const char	*name, *hint;
} labels[] = {
	{ "CERTIFICATE", HINT_CERT },
	{ "X509 CERTIFICATE", HINT_CERT },
	{ "TRUSTED CERTIFICATE", HINT_CERT },
	{ "PKCS7", HINT_CMS },
	{ "CMS", HINT_CMS },
	{ "PKCS #7 SIGNED DATA", HINT_CMS },
	{ "CERTIFICATE REQUEST", "application/pkcs10" },
	{ "NEW CERTIFICATE REQUEST", "application/pkcs10" },
};

/* ---- base64 ---- */

/* In the form for URLs, too. */
static int
base64_digit(char c)
{
	return c == '-' ? 62 : c == '_' ? 63 : text_base64_digit((uint8_t)c);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Decodes up to the padding; *ret_odd counts what does not belong there. */
static uint8_t *
base64_decode(const char *p, size_t n, size_t *ret_n, size_t *ret_odd)
{
	uint8_t *to = malloc(n / 4 * 3 + 3);
	uint32_t bits = 0;
	unsigned int have = 0;
	size_t i, used = 0;
	int digit;

	*ret_n = *ret_odd = 0;
	if (to == NULL)
		return NULL;
	for (i = 0; i < n && p[i] != '='; i++) {
		digit = base64_digit(p[i]);
		if (digit < 0) {
			*ret_odd += !is_blank(p[i]);
			continue;
		}
		bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[used++] = (uint8_t)(bits >> have);
		}
	}
	for (; i < n; i++)
		*ret_odd += p[i] != '=' && !is_blank(p[i]);
	*ret_n = used;
	return to;
}

/* ---- blocks ---- */

static const char *
label_hint(const char *p, size_t n, bool *ret_known)
{
	size_t i;

	*ret_known = false;
	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (strlen(labels[i].name) == n &&
		    memcmp(labels[i].name, p, n) == 0) {
			*ret_known = true;
			return labels[i].hint;
		}
	}
	return NULL;
}

/* Does the line start so?  Mail and notes indent blocks. */
static bool
starts(const struct text_line *l, const char *with, size_t *ret_off)
{
	size_t n = strlen(with), off = 0;

	while (off < l->n && is_blank(l->p[off]))
		off++;
	if (ret_off != NULL)
		*ret_off = off;
	return l->n - off >= n && memcmp(l->p + off, with, n) == 0;
}

/* The label of a BEGIN line; false if it is none. */
static bool
label_of(const struct text_line *l, const char **ret_p, size_t *ret_n)
{
	const size_t dashes = strlen(DASHES);
	size_t begin, n = l->n;
	bool is = starts(l, BEGIN, &begin);

	begin += strlen(BEGIN);
	while (n > 0 && is_blank(l->p[n - 1]))
		n--;
	if (!is || n < begin + dashes ||
	    memcmp(l->p + n - dashes, DASHES, dashes) != 0)
		return false;
	*ret_p = l->p + begin;
	*ret_n = n - begin - dashes;
	return true;
}

/* Says what the input is, by the first block's bytes. */
static void
kind_of(struct evidence *ev, const struct blob *b, const uint8_t *p, size_t n)
{
	int arc;

	ev_input_kind(ev, b, cms_looks_like(p, n, &arc) == 2 ? "pkcs7" :
	    "certificate");
}

/* The base64 text at off as bytes for the parsers. */
static void
block_read(struct evidence *ev, struct blob *b, const struct text *t,
    size_t off, size_t n, const char *hint)
{
	struct span at = text_span(t, off, n);
	size_t size, odd;
	uint8_t *p = base64_decode(t->p + off, n, &size, &odd);

	if (odd > 0)
		ev_problem(ev, PROBLEM_NOTED, at, "%zu characters that are no "
		    "base64 were left out", odd);
	if (p == NULL || size == 0) {
		ev_damage(ev, at, "the block holds no bytes");
		free(p);
		return;
	}
	kind_of(ev, b, p, size);
	ev_step(ev, at, "base64", hint, b->item, p, size);
}

/* The block that begins at line i; returns the line after it. */
static size_t
block(struct evidence *ev, struct blob *b, const struct text *t, size_t i,
    const char *label, size_t label_n)
{
	const struct text_line *begin = &t->lines[i++], *l;
	const char *hint;
	size_t from, to;
	bool known;

	/* RFC 1421 headers and the empty line behind them */
	while (i < t->nlines && memchr(t->lines[i].p, ':', t->lines[i].n))
		i++;
	from = i < t->nlines ? t->lines[i].off : t->n;
	to = from;
	for (; i < t->nlines; i++) {
		l = &t->lines[i];
		if (starts(l, END, NULL) || starts(l, BEGIN, NULL))
			break;
		to = l->off + l->n;
	}
	hint = label_hint(label, label_n, &known);
	if (known) {
		if (i == t->nlines || !starts(&t->lines[i], END, NULL))
			ev_damage(ev, text_span(t, begin->off, begin->n),
			    "the block has no END line");
		block_read(ev, b, t, from, to - from, hint);
	} else {
		ev_problem(ev, PROBLEM_NOTED, text_span(t, begin->off,
		    begin->n), "a block of another kind is not read");
	}
	return i < t->nlines && starts(&t->lines[i], END, NULL) ? i + 1 : i;
}

/* ---- the parser ---- */

/* Offset of the next `what` from off on, in bytes of one or two each. */
static size_t
find(const struct blob *b, size_t off, const char *what, size_t step)
{
	size_t i, j, n = strlen(what);
	const uint8_t *p;

	if (step == 1) {
		p = off < b->n ? memmem(b->p + off, b->n - off, what, n) :
		    NULL;
		return p != NULL ? (size_t)(p - b->p) : SIZE_MAX;
	}
	for (i = off; i < b->n && (b->n - i) / step >= n; i += step) {
		for (j = 0; j < n; j++)
			if (b->p[i + j * step] != (uint8_t)what[j])
				break;
		if (j == n)
			return i;
	}
	return SIZE_MAX;
}

/* How much of the text stands in blocks that are read, in per cent. */
static unsigned int
share(const struct blob *b, size_t first, size_t step)
{
	size_t off = first, end, inside = 0;

	while (off != SIZE_MAX) {
		end = find(b, off, END, step);
		if (end == SIZE_MAX)
			end = b->n;
		inside += end - off;
		off = end < b->n ? find(b, end, BEGIN, step) : SIZE_MAX;
	}
	return (unsigned int)((uint64_t)inside * 100 / b->n);
}

/* Base64 of DER from its first byte to its last. */
static bool
is_base64(const struct blob *b)
{
	size_t i, digits = 0;

	if (b->n < 64 || b->p[0] != 'M' || b->p[1] != 'I')
		return false;
	for (i = 0; i < b->n; i++) {
		if (base64_digit((char)b->p[i]) >= 0)
			digits++;
		else if (b->p[i] != '=' && !is_blank((char)b->p[i]))
			return false;
	}
	return digits >= 64;
}

static int
pem_bid(const struct evidence *ev, const struct blob *b)
{
	size_t step, first = 0;

	if (b->n < 32 || b->n > ev_limits(ev)->text_bytes || b->p[0] == 0x30)
		return 0;
	step = b->p[0] == 0xff && b->p[1] == 0xfe ? 2 : 1;
	if (step == 1 && b->p[1] == 0)
		step = 2;		/* UTF-16LE without a mark */
	if (step == 2 && b->p[0] == 0xff)
		first = 2;
	first = find(b, first, BEGIN, step);
	if (first == SIZE_MAX)
		return is_base64(b) ? 70 : 0;
	return share(b, first, step) >= 50 ? 85 : 0;
}

static void
pem_read(struct evidence *ev, struct blob *b)
{
	const char *label;
	struct text t;
	size_t i, n;
	bool any = false;

	if (!text_decode(ev, b, &t))
		return;
	for (i = 0; i < t.nlines; ) {
		if (!label_of(&t.lines[i], &label, &n)) {
			i++;
			continue;
		}
		i = block(ev, b, &t, i, label, n);
		any = true;
	}
	if (!any && is_base64(b))
		block_read(ev, b, &t, 0, t.n, NULL);
	else if (!any)
		ev_damage(ev, blob_span(b), "no block of PEM can be read");
	ev_input_kind(ev, b, "certificate");
}

const struct parser parser_pem = {
	.name = "pem", .bid = pem_bid, .read = pem_read, .fields = fields
};
