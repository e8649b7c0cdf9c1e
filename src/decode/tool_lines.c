/*
 * Reads lines "Key: Value" of Windows' tools and makes facts of them by
 * tables.  Relies on text_scan.h.
 */
#include <string.h>

#include "decode/tool_lines.h"

#define KEY_BYTES	64	/* longer ones are sentences */
#define IN_TOOL		KIND(TOOL)

const struct field tool_name = {
	.name = "tool.name", .type = VALUE_TEXT, .kinds = IN_TOOL,
	.help = "which tool or report: tpmtool, get-tpm, win32-tpm, ek-info, "
	    "tpm-hli, tpm-info, dsregcmd, certutil, ver, script, mdm-report, "
	    "device-hash, autopilot-file"
};
const struct field tool_code = {
	.name = "tool.code", .type = VALUE_CODE, .kinds = IN_TOOL | KIND(KEY),
	.artifacts = ARTIFACT(TPMTOOL), .repeated = true,
	.help = "error code that a tool reports, or that the registry keeps "
	    "of the last AIK enrolment"
};
const struct field tool_build_f = {
	.name = "tool.build", .type = VALUE_TEXT, .kinds = IN_TOOL,
	.artifacts = ARTIFACT(BUILD),
	.help = "full build of Windows with its revision: 10.0.19045.2728"
};
const struct field tool_build_number = {
	.name = "tool.build_number", .type = VALUE_INT, .kinds = IN_TOOL,
	.artifacts = ARTIFACT(BUILD), .help = "the third number of the build"
};
const struct field tool_build_revision = {
	.name = "tool.build_revision", .type = VALUE_INT, .kinds = IN_TOOL,
	.artifacts = ARTIFACT(BUILD), .help = "the fourth number of the build"
};

/* Hyphens that Word and Outlook make of a plain one. */
static size_t
hyphen(const char *p, size_t n)
{
	static const char *const hyphens[] = {
		"-", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x88\x92",
		"\xe2\x80\x91"
	};
	size_t i, len;

	for (i = 0; i < sizeof(hyphens) / sizeof(*hyphens); i++) {
		len = strlen(hyphens[i]);
		if (n > len && memcmp(p, hyphens[i], len) == 0)
			return len;
	}
	return 0;
}

static struct text_part
trimmed(const char *p, size_t off, size_t end)
{
	off += text_blanks(p + off, end - off);
	while (end > off && (p[end - 1] == ' ' || p[end - 1] == '\t'))
		end--;
	return (struct text_part){ off, end - off };
}

bool
tool_line_read(const struct text *t, size_t line, struct tool_line *ret)
{
	struct text_part part = text_content(&t->lines[line]);
	const char *colon, *p = t->p;
	size_t end = part.off + part.n, max, i;

	*ret = (struct tool_line){ 0 };
	i = hyphen(p + part.off, part.n);
	ret->dash = i > 0;
	part.off += i;
	part.n -= i;
	max = part.n < KEY_BYTES ? part.n : KEY_BYTES;
	colon = memchr(p + part.off, ':', max);
	if (colon == NULL || max == 0)
		return false;
	ret->key = trimmed(p, part.off, (size_t)(colon - p));
	ret->value = trimmed(p, (size_t)(colon - p) + 1, end);
	return ret->key.n > 0 && text_is_word(p[ret->key.off]);
}

bool
tool_key_is(const struct text *t, struct text_part key, const char *name)
{
	return key.n == strlen(name) && text_starts(t->p + key.off, key.n,
	    name);
}

int
tool_truth(const char *p, size_t n)
{
	if ((n == 4 && text_starts(p, n, "True")) ||
	    (n == 3 && text_starts(p, n, "Yes")))
		return 1;
	if ((n == 5 && text_starts(p, n, "False")) ||
	    (n == 2 && text_starts(p, n, "No")))
		return 0;
	return -1;
}

size_t
tool_build(const char *p, size_t n, int64_t *ret_build, int64_t *ret_revision)
{
	int64_t v[4];
	size_t at = 0, len;
	int i;

	for (i = 0; i < 4; i++) {
		if (i > 0 && (at == n || p[at++] != '.'))
			return 0;
		len = text_digits(p + at, n - at, &v[i]);
		if (len == 0 || len > 6)
			return 0;
		at += len;
	}
	if (v[0] < 6 || v[0] > 99 || (at < n && (p[at] == '.' ||
	    text_is_word(p[at]))))
		return 0;
	*ret_build = v[2];
	*ret_revision = v[3];
	return at;
}

size_t
tool_hex(const char *p, size_t n, uint8_t *ret, size_t max)
{
	size_t i, digits = 0;
	uint32_t v;

	for (i = 0; i < n && digits < 2 * max; i++) {
		if (p[i] == ' ' || p[i] == ':' || p[i] == '\t')
			continue;
		if (text_hex(p + i, 1, &v) == 0)
			return 0;
		if (digits % 2 == 0)
			ret[digits / 2] = (uint8_t)(v << 4);
		else
			ret[digits / 2] |= (uint8_t)v;
		digits++;
	}
	for (; i < n; i++)
		if (text_is_word(p[i]))
			return 0;
	return digits % 2 == 0 ? digits / 2 : 0;
}

/* "0x8028400f", "-2147023728" or a small number: nothing else in it. */
static bool
code_read(const char *p, size_t n, uint32_t *ret)
{
	int64_t number;
	size_t len;

	if (n > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		len = text_hex(p + 2, n - 2, ret);
		return len > 0 && len <= 8 && (len + 2 == n ||
		    !text_is_word(p[len + 2]));
	}
	if (n > 1 && p[0] == '-') {
		len = text_digits(p + 1, n - 1, &number);
		*ret = (uint32_t)-number;
		return len > 0 && len + 1 == n &&
		    number <= INT64_C(2147483648);
	}
	len = text_digits(p, n, &number);
	*ret = (uint32_t)number;
	return len > 0 && len == n && number <= UINT32_MAX;
}

const struct fact *
tool_fact(struct evidence *ev, struct item *it, const struct text *t,
    const struct field *field, struct text_part v)
{
	const char *p = t->p + v.off;
	struct span at = text_span(t, v.off, v.n);
	uint8_t bytes[64];
	uint32_t code;
	int64_t number;
	size_t n;

	if (v.n == 0)
		return NULL;
	switch (field->type) {
	case VALUE_BOOL:
		if (tool_truth(p, v.n) < 0)
			return NULL;
		return ev_fact(ev, it, field, value_bool(tool_truth(p, v.n)),
		    at);
	case VALUE_INT:
		n = text_digits(p, v.n, &number);
		if (n == 0 || (n < v.n && text_is_digit(p[n])))
			return NULL;
		at = text_span(t, v.off, n);
		return ev_fact(ev, it, field, value_int(number), at);
	case VALUE_CODE:
		if (!code_read(p, v.n, &code))
			return NULL;
		return ev_fact(ev, it, field, value_code(code), at);
	case VALUE_BYTES:
		n = tool_hex(p, v.n, bytes, sizeof(bytes));
		return n == 0 ? NULL : ev_fact(ev, it, field,
		    value_bytes(bytes, n), at);
	case VALUE_TIME:
		n = text_time(p, v.n, &number);
		return n == 0 ? NULL : ev_fact(ev, it, field,
		    value_time(number), text_span(t, v.off, n));
	case VALUE_TEXT:
		break;
	}
	return ev_fact(ev, it, field, value_text(p, v.n), at);
}

const struct fact *
tool_text(struct evidence *ev, struct item *it, const struct text *t,
    const struct field *field, size_t off, size_t n)
{
	const char *p = t->p + off;
	char *to;
	size_t i, len = 0, skip;

	if (n == 0)
		return NULL;
	if (memchr(p, '\n', n) == NULL && memchr(p, '\r', n) == NULL)
		return ev_fact(ev, it, field, value_text(p, n),
		    text_span(t, off, n));
	to = arena_alloc(ev_arena(ev), n);
	for (i = 0; i < n; ) {
		skip = p[i] == '\r' || p[i] == '\n' ?
		    text_soft_blanks(p + i, n - i) : 0;
		if (skip > 0) {
			while (len > 0 && to[len - 1] == ' ')
				len--;
			to[len++] = ' ';
			i += skip;
		} else if (p[i] == '\r' || p[i] == '\n')
			i++;
		else
			to[len++] = p[i++];
	}
	return ev_derive(ev, it, field, value_text(to, len),
	    text_span(t, off, n), NULL, 0, "line ends taken out");
}

bool
tool_first(const struct text *t, const struct tool_key *keys,
    size_t *ret_line, struct tool_line *ret)
{
	const struct tool_key *k;
	size_t i;

	for (i = 0; i < t->nlines; i++) {
		if (!tool_line_read(t, i, ret))
			continue;
		for (k = keys; k->name != NULL; k++)
			if (tool_key_is(t, ret->key, k->name)) {
				*ret_line = i;
				return true;
			}
	}
	*ret_line = 0;
	return false;
}

void
tool_facts(struct evidence *ev, struct item *it, const struct text *t,
    size_t first, size_t end, const struct tool_key *keys)
{
	const struct tool_key *k;
	struct tool_line l;
	size_t i;

	for (i = first; i < end && i < t->nlines; i++) {
		if (!tool_line_read(t, i, &l))
			continue;
		for (k = keys; k->name != NULL; k++)
			if (tool_key_is(t, l.key, k->name))
				break;
		if (k->name == NULL || l.value.n == 0 || (k->read == NULL &&
		    !k->field->repeated && item_fact(it, k->field) != NULL))
			continue;
		if (k->read != NULL)
			k->read(ev, it, t, k->field, l.value);
		else
			tool_fact(ev, it, t, k->field, l.value);
	}
}

void
tool_build_facts(struct evidence *ev, struct item *it, const struct text *t,
    struct text_part v)
{
	const char *p = t->p + v.off;
	const struct fact *why;
	int64_t build, revision;
	size_t n;

	n = tool_build(p, v.n, &build, &revision);
	if (n == 0 || item_fact(it, &tool_build_f) != NULL)
		return;
	why = ev_fact(ev, it, &tool_build_f, value_text(p, n),
	    text_span(t, v.off, n));
	ev_derive(ev, it, &tool_build_number, value_int(build), SPAN_NONE,
	    &why, 1, NULL);
	ev_derive(ev, it, &tool_build_revision, value_int(revision), SPAN_NONE,
	    &why, 1, NULL);
	ev_artifact(it, ARTIFACT_BUILD);
}

struct item *
tool_item(struct evidence *ev, const struct blob *b, const char *name,
    struct span at, struct span told_by)
{
	struct item *it = ev_item(ev, ITEM_TOOL, item_up(b->item, ITEM_FILE),
	    at);

	ev_derive(ev, it, &tool_name, value_str(name), told_by, NULL, 0, NULL);
	return it;
}
