/*
 * Reads what people and Windows wrote: notes, mails, events; of longer text
 * and of pages only the codes.  It bids lowest of all that read text.
 * Relies on text_scan.h, and on knowledge.h for codes without their "0x".
 */
#include <string.h>

#include "decode/event.h"
#include "decode/parser.h"
#include "evidence/text_scan.h"
#include "knowledge/knowledge.h"
#include "parsers/fields.h"

#define NOTE_BYTES	4096	/* free text that is longer is an article */
#define CODES_MAX	200	/* of one note or article */

#define SAID		(ARTIFACT(NOTE) | ARTIFACT(EVENT))

const struct field note_kind = {
	.name = "note.kind", .type = VALUE_TEXT, .kinds = KIND(NOTE),
	.artifacts = SAID, .help = "what it is: note, mail, event"
};
const struct field note_code = {
	.name = "note.code", .type = VALUE_CODE, .kinds = KIND(NOTE),
	.artifacts = SAID, .repeated = true,
	.help = "code that a note, a mail or an event gives"
};
const struct field note_time = {
	.name = "note.time", .type = VALUE_TIME, .kinds = KIND(NOTE),
	.artifacts = SAID | ARTIFACT(TIME),
	.help = "first time in it that names its zone"
};
const struct field note_event = {
	.name = "note.event", .type = VALUE_INT, .kinds = KIND(NOTE),
	.artifacts = SAID, .help = "id of the event"
};
const struct field note_subcode = {
	.name = "note.subcode", .type = VALUE_TEXT, .kinds = KIND(NOTE),
	.artifacts = SAID, .repeated = true,
	.help = "sub-code of a refused join: MsaTicketTpmValidationFailed ..."
};
const struct field note_phrase = {
	.name = "note.phrase", .type = VALUE_TEXT, .kinds = KIND(NOTE),
	.artifacts = SAID, .repeated = true,
	.help = "what Windows' set-up says of the attestation: TPM "
	    "attestation failed, timed out, succeeded"
};
const struct field article_code = {
	.name = "article.code", .type = VALUE_CODE, .kinds = KIND(ARTICLE),
	.artifacts = 0, .repeated = true,
	.help = "code in a longer text or a page; it proves nothing"
};

static const struct field *const fields[] = {
	&article_code, &note_code, &note_event, &note_kind, &note_phrase,
	&note_subcode, &note_time, NULL
};

/* A part of a text, and the item that its facts go to. */
/* The longest symbol of the table has 78 characters; looking one up reads all
   of the table. */
#define SYMBOL_MAX	80
#define SYMBOLS_MAX	100

struct reader {
	struct evidence	*ev;
	struct blob	*blob;
	struct text	 text;
	size_t		 off, end;	/* the part, in text.p */
	struct item	*item;		/* NULL until there is a fact */
	bool		 article;
	uint32_t	 seen[CODES_MAX];
	size_t		 nseen, nsymbols;
};

static struct span
at(const struct reader *r, size_t off, size_t n)
{
	return text_span(&r->text, off, n);
}

/* ---- codes ---- */

static void
code_add(struct reader *r, uint32_t code, size_t off, size_t n)
{
	const struct field *field;
	size_t i;

	for (i = 0; i < r->nseen; i++)
		if (r->seen[i] == code)
			return;
	if (r->nseen == CODES_MAX)
		return;
	r->seen[r->nseen++] = code;
	if (r->item == NULL)
		r->item = ev_item(r->ev, ITEM_ARTICLE, r->blob->item,
		    at(r, r->off, r->end - r->off));
	field = r->article ? &article_code : &note_code;
	/* A name stands for its code by the table only. */
	if (r->text.p[off] >= 'A' && r->text.p[off] <= 'Z')
		ev_derive(r->ev, r->item, field, value_code(code),
		    at(r, off, n), NULL, 0, "rules/data/codes.tsv");
	else
		ev_fact(r->ev, r->item, field, value_code(code),
		    at(r, off, n));
}

/* Does a sign that makes a number part of something else stand at off? */
static bool
bound(const struct reader *r, size_t off)
{
	const char *p = r->text.p;

	return off < r->end && (text_is_word(p[off]) || p[off] == '-');
}

/* "0x81039001", also "0x0x81039001": 7 or 8 digits. */
static size_t
hex_code(struct reader *r, size_t off)
{
	const char *p = r->text.p;
	uint32_t code;
	size_t n;

	if (r->end - off < 9 || p[off] != '0' ||
	    (p[off + 1] != 'x' && p[off + 1] != 'X') ||
	    (off > r->off && text_is_word(p[off - 1]) &&
	    (uint8_t)p[off - 1] < 0x80 && p[off - 1] != 'x'))
		return 0;
	n = text_hex(p + off + 2, r->end - off - 2, &code);
	if (n < 7 || n > 8 || (off + 2 + n < r->end &&
	    (uint8_t)p[off + 2 + n] < 0x80 && text_is_word(p[off + 2 + n])))
		return 0;
	code_add(r, code, off, n + 2);
	return n + 2;
}

/* "80190190" alone: eight digits that are the number of a known failure. */
static size_t
bare_code(struct reader *r, size_t off)
{
	const char *p = r->text.p;
	struct code_info info;
	uint32_t code;
	size_t n;

	if (p[off] != '8' || (off > r->off && (text_is_word(p[off - 1]) ||
	    strchr("-+#.,:/\\", p[off - 1]) != NULL)))
		return 0;
	n = text_hex(p + off, r->end - off, &code);
	if (n != 8 || bound(r, off + 8) ||
	    (off + 9 < r->end && strchr(".,:/", p[off + 8]) != NULL &&
	    text_is_word(p[off + 9])) || code_lookup(code, &info, 1) == 0)
		return n;
	code_add(r, code, off, 8);
	return 8;
}

/* "-2145844848": an exit code, as a signed number. */
static size_t
decimal_code(struct reader *r, size_t off)
{
	const char *p = r->text.p;
	int64_t number;
	size_t n;

	if (p[off] != '-' || (off > r->off && (text_is_word(p[off - 1]) ||
	    p[off - 1] == '-')))
		return 0;
	n = text_digits(p + off + 1, r->end - off - 1, &number);
	if (n != 10 || number > INT64_C(2147483648) || bound(r, off + 11))
		return 0;
	code_add(r, (uint32_t)(INT64_C(4294967296) - number), off, 11);
	return 11;
}

/* "2164494337": ten digits that are the number of a known failure. */
static size_t
unsigned_code(struct reader *r, size_t off)
{
	const char *p = r->text.p;
	struct code_info info;
	int64_t number;
	size_t n;

	if (off > r->off && (text_is_word(p[off - 1]) ||
	    strchr("-+#.,:/\\", p[off - 1]) != NULL))
		return 0;
	n = text_digits(p + off, r->end - off, &number);
	if (n != 10 || number < INT64_C(2147483648) ||
	    number > INT64_C(4294967295) || bound(r, off + 10) ||
	    code_lookup((uint32_t)number, &info, 1) == 0)
		return n;
	code_add(r, (uint32_t)number, off, 10);
	return 10;
}

/* "E_AUTOPILOT_...", "TPM_E_...": the symbol of a known failure. */
static size_t
symbol_code(struct reader *r, size_t off)
{
	const char *p = r->text.p;
	struct code_info info;
	char symbol[SYMBOL_MAX + 1];
	size_t n;

	if (off > r->off && text_is_word(p[off - 1]))
		return 0;
	for (n = 0; off + n < r->end && text_is_word(p[off + n]); n++)
		continue;
	if (n < 6 || n > SYMBOL_MAX)
		return n;
	memcpy(symbol, p + off, n);
	symbol[n] = '\0';
	if ((strncmp(symbol, "E_", 2) == 0 || strstr(symbol, "_E_") != NULL) &&
	    r->nsymbols++ < SYMBOLS_MAX && code_by_symbol(symbol, &info, 1) == 1 &&
	    (info.code & UINT32_C(0x80000000)) != 0 &&
	    str_is(info.symbol, symbol))
		code_add(r, info.code, off, n);
	return n;
}

static void
codes(struct reader *r)
{
	size_t off, n;

	for (off = r->off; off < r->end; off += n > 0 ? n : 1) {
		n = 0;
		switch (r->text.p[off]) {
		case '0':
			n = hex_code(r, off);
			break;
		case '8':
			n = bare_code(r, off);
			break;
		case '2':
		case '3':
		case '4':
			n = unsigned_code(r, off);
			break;
		case '-':
			n = decimal_code(r, off);
			break;
		default:
			if (r->text.p[off] >= 'A' && r->text.p[off] <= 'Z')
				n = symbol_code(r, off);
			break;
		}
	}
}

/* ---- what else a note says ---- */

static void
time_find(struct reader *r)
{
	const char *p = r->text.p;
	size_t off, n;
	int64_t us;

	for (off = r->off; off < r->end; off++) {
		if ((p[off] != '1' && p[off] != '2') ||
		    (off > r->off && text_is_digit(p[off - 1])))
			continue;
		n = text_time(p + off, r->end - off, &us);
		if (n == 0)
			continue;
		ev_fact(r->ev, r->item, &note_time, value_time(us),
		    at(r, off, n));
		ev_artifact(r->item, ARTIFACT_TIME);
		return;
	}
}

static void
event_find(struct reader *r)
{
	const struct text *t = &r->text;
	size_t line = text_line_at(t, r->off), off, id_off, n, i;
	struct text_part part;
	int64_t id;

	for (; line < t->nlines && t->lines[line].off < r->end; line++) {
		part = text_content(&t->lines[line]);
		off = part.off;
		for (i = 0; i < part.n; i++) {
			/* Labels of other languages begin their line. */
			if (i > 0 && t->p[off + i] != 'E' &&
			    t->p[off + i] != 'e')
				continue;
			if (i > 0 && !text_starts(t->p + off + i, part.n - i,
			    "event"))
				continue;
			if (text_event_id(t->p + off + i, part.n - i, &id_off,
			    &n, &id) == 0)
				continue;
			ev_fact(r->ev, r->item, &note_event, value_int(id),
			    at(r, off + i + id_off, n));
			return;
		}
	}
}

static void
subcode_find(struct reader *r)
{
	static const char name[] = "SubCode", known[] =
	    "MsaTicketTpmValidationFailed";
	const char *p = r->text.p;
	size_t off, q, n, found = 0;

	for (off = r->off; off < r->end && found < 16; off++) {
		off += text_find(p + off, r->end - off, name);
		if (off >= r->end)
			break;
		off += sizeof(name) - 1;
		q = text_quote(p + off, r->end - off);
		off += q;
		off += text_blanks(p + off, r->end - off);
		if (off >= r->end || (p[off] != ':' && p[off] != '='))
			continue;
		off++;
		off += text_blanks(p + off, r->end - off);
		off += text_quote(p + off, r->end - off);
		for (n = 0; off + n < r->end && n < 80 &&
		    text_is_word(p[off + n]); n++)
			continue;
		if (n == 0)
			continue;
		ev_fact(r->ev, r->item, &note_subcode, value_text(p + off, n),
		    at(r, off, n));
		found++;
		off += n - 1;
	}
	off = r->off + text_find(p + r->off, r->end - r->off, known);
	if (found == 0 && off < r->end)
		ev_fact(r->ev, r->item, &note_subcode, value_text(p + off,
		    sizeof(known) - 1), at(r, off, sizeof(known) - 1));
}

static void
phrase_find(struct reader *r)
{
	static const char before[] = "BootstrapStatus: ";
	static const char *const phrases[] = {
		"TPM attestation failed", "TPM attestation timed out",
		"TPM attestation succeeded"
	};
	const char *p = r->text.p;
	size_t i, off, n;

	for (i = 0; i < sizeof(phrases) / sizeof(*phrases); i++) {
		n = strlen(phrases[i]);
		off = r->off + text_find(p + r->off, r->end - r->off,
		    phrases[i]);
		/* Its own words; a person may write them of anything. */
		if (off < r->end && off - r->off >= sizeof(before) - 1 &&
		    text_starts(p + off - (sizeof(before) - 1),
		    sizeof(before) - 1, before))
			ev_fact(r->ev, r->item, &note_phrase,
			    value_text(p + off, n), at(r, off, n));
	}
}

/* ---- what kind of text it is ---- */

/* Where Windows names the source of an event. */
static const char *const providers[] = {
	"ModernDeployment-Diagnostics-Provider", "User Device Registration",
	"CertificateServicesClient-CertEnroll", "TPM-WMI",
	"Microsoft-Windows-TPM", "Microsoft-Windows-AAD",
	"DeviceManagement-Enterprise",
	"Shell-Core", "CloudExperienceHost", "Provisioning-Diagnostics"
};

/* The first source named from off to end, or NULL. */
static const char *
provider_find(const struct reader *r, size_t off, size_t end, size_t *ret_off)
{
	const char *p = r->text.p + off;
	size_t n = end - off, i;

	for (i = 0; i < sizeof(providers) / sizeof(*providers); i++) {
		*ret_off = text_find(p, n, providers[i]);
		if (*ret_off < n) {
			*ret_off += off;
			return providers[i];
		}
	}
	return NULL;
}

/* Content without the blank lines around it. */
static void
trim(struct reader *r)
{
	const char *p = r->text.p;

	while (r->end > r->off && (uint8_t)p[r->end - 1] <= ' ')
		r->end--;
	while (r->off < r->end && (uint8_t)p[r->off] <= ' ')
		r->off++;
}

static void
article_read(struct reader *r)
{
	r->article = true;
	codes(r);
}

/* `kind` is known by n bytes at off; 0 bytes: it is only a text. */
static void
note_read(struct reader *r, const char *kind, size_t off, size_t n)
{
	bool event = strcmp(kind, "event") == 0;

	r->item = ev_item(r->ev, ITEM_NOTE, r->blob->item,
	    at(r, r->off, r->end - r->off));
	ev_derive(r->ev, r->item, &note_kind, value_str(kind), n > 0 ?
	    at(r, off, n) : at(r, r->off, r->end - r->off), NULL, 0, NULL);
	ev_artifact(r->item, event ? ARTIFACT_EVENT : ARTIFACT_NOTE);
	if (event)
		event_head_facts(r->ev, r->item, &r->text, r->off, r->end);
	codes(r);
	time_find(r);
	event_find(r);
	subcode_find(r);
	phrase_find(r);
}

/* One record of an event log; of other programs only the codes count. */
static void
record_read(struct reader *r)
{
	struct text_part source = event_head_source(&r->text, r->off, r->end);
	const char *provider;
	size_t off;

	/* Where the head names one, names in the text are only words. */
	if (source.n > 0)
		provider = provider_find(r, source.off, source.off + source.n,
		    &off);
	else
		provider = provider_find(r, r->off, r->end, &off);
	if (provider != NULL)
		note_read(r, "event", off, strlen(provider));
	else if (event_source_matters(r->text.p + source.off, source.n))
		note_read(r, "event", source.off, source.n);
	else
		article_read(r);
}

/* Bytes that the writer wrote: not the head, not what is quoted. */
static size_t
own_text(const struct reader *r, size_t head)
{
	const struct text *t = &r->text;
	size_t line = text_line_at(t, r->off), n = 0;

	for (; line < t->nlines && t->lines[line].off < r->end; line++)
		if (line >= head && t->lines[line].n > 0 &&
		    t->lines[line].p[0] != '>' && t->lines[line].p[0] != '|')
			n += t->lines[line].n;
	return n;
}

static void
free_text_read(struct reader *r, size_t head)
{
	struct text_part first;
	const char *provider;
	size_t off;

	trim(r);
	first = text_content(&r->text.lines[text_line_at(&r->text, r->off)]);
	if (r->off == r->end)
		return;
	if (blob_hint_is(r->blob, HINT_ARTICLE) ||
	    r->blob->item->kind != ITEM_FILE || text_is_html(&r->text) ||
	    text_starts(r->text.p + r->off, r->end - r->off, "<?xml"))
		article_read(r);
	else if (head > 0 && own_text(r, head) <= NOTE_BYTES)
		note_read(r, "mail", first.off, first.n);
	else if (r->end - r->off > NOTE_BYTES)
		article_read(r);
	else if ((provider = provider_find(r, r->off, r->end, &off)) != NULL)
		note_read(r, "event", off, strlen(provider));
	else
		note_read(r, "note", 0, 0);
}

/* Where the next record begins, from a line on; the end if none does. */
static size_t
record_next(const struct text *t, size_t line, size_t *ret_line)
{
	struct text_part part;
	size_t off;

	for (; line < t->nlines; line++) {
		part = text_content(&t->lines[line]);
		if (!text_event_record(t->p + part.off, part.n)) {
			/* An XML record may begin inside of a line. */
			off = part.n > 7 ? text_find(t->p + part.off, part.n,
			    "<Event ") : part.n;
			if (off >= part.n)
				continue;
		}
		/* The XML form of the record that stands above it. */
		if (text_repeats_event(t, line))
			continue;
		*ret_line = line;
		return t->lines[line].off;
	}
	*ret_line = t->nlines;
	return t->n;
}

static int
note_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (b->item->kind != ITEM_FILE && b->item->kind != ITEM_RESPONSE)
		return 0;
	if (blob_hint_is(b, HINT_EVENT))
		return 96;
	return text_bid(b) > 0 ? 5 : 0;
}

static void
note_read_blob(struct evidence *ev, struct blob *b)
{
	struct reader r = { .ev = ev, .blob = b };
	size_t head, line, next_line, off, next, records = 0;
	bool free_text = false;

	if (!text_decode(ev, b, &r.text))
		return;
	head = text_mail_head(&r.text);
	if (b->item->kind == ITEM_RESPONSE || text_is_html(&r.text)) {
		r.end = r.text.n;
		free_text_read(&r, 0);
		ev_input_kind(ev, b, "text");
		return;
	}
	for (off = line = 0; off < r.text.n; off = next, line = next_line) {
		bool record;

		next = record_next(&r.text, line, &next_line);
		record = next_line == line && line < r.text.nlines;
		if (record)
			next = record_next(&r.text, line + 1, &next_line);
		if (record && records++ >= ev_limits(ev)->text_records) {
			ev_limit(ev, at(&r, off, r.text.n - off),
			    "text_records", "only the first %zu event records "
			    "of a text are read", records - 1);
			break;
		}
		r.off = off;
		r.end = next;
		r.item = NULL;
		r.article = false;
		r.nseen = 0;
		trim(&r);
		if (record)
			record_read(&r);
		else {
			free_text |= r.off < r.end;
			free_text_read(&r, line == 0 ? head : 0);
		}
	}
	ev_input_kind(ev, b, head > 0 ? "mail" : records > 0 && !free_text ?
	    "event-text" : "text");
}

const struct parser parser_note = {
	.name = "note", .bid = note_bid, .read = note_read_blob,
	.fields = fields
};
