/*
 * Reads registry exports (.reg text), never to import them: certificates in
 * Blob values, what Windows keeps of the TPM and of the last AIK enrolment,
 * and the build of Windows.  Relies on text.h for the encodings; the format
 * is that of regedit 5 and 4.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_lines.h"
#include "parsers/fields.h"

#define F(id, n, t, a, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(KEY), .artifacts = a, __VA_ARGS__ }

F(registry_key, "registry.key", TEXT, 0, .personal = true, .help =
    "path of the key");
F(registry_name, "registry.name", TEXT, 0, .help =
    "last part of that path: of a certificate's key its thumbprint");
F(registry_store, "registry.store", TEXT, 0, .help =
    "certificate store that the key is of: EKCertStore, My, Request ...");
F(registry_aik_error, "registry.aik_error", CODE, ARTIFACT(TPMTOOL), .help =
    "ErrorCode of the last AIK enrolment task; 0 is success");
F(registry_aik_check, "registry.aik_check", CODE, ARTIFACT(TPMTOOL), .help =
    "WindowsAIKCheckCreateResult: what the TPM maintenance found");
F(registry_ek_certificate, "registry.ek_certificate", BOOL,
    ARTIFACT(EK_INFO), .help =
    "EkCertificatePresent of the TPM's task states");
F(registry_ready_bits, "registry.ready_bits", INT, ARTIFACT(TPMTOOL), .help =
    "the bits of Win32_Tpm that say why the TPM is not ready");
F(registry_ready_for_attestation, "registry.ready_for_attestation", BOOL,
    ARTIFACT(TPMTOOL), .help = "TaskReadyForAttestation");
F(registry_ready_for_storage, "registry.ready_for_storage", BOOL,
    ARTIFACT(TPMTOOL), .help = "TaskReadyForStorage");
F(registry_firmware, "registry.firmware", TEXT, ARTIFACT(TPMTOOL), .help =
    "version of the TPM's firmware, as Windows keeps it");
F(registry_manufacturer, "registry.manufacturer", TEXT, ARTIFACT(TPMTOOL),
    .help = "manufacturer of the TPM, as Windows keeps it");
F(registry_build, "registry.build", INT, ARTIFACT(BUILD), .help =
    "CurrentBuild of Windows");
F(registry_revision, "registry.revision", INT, ARTIFACT(BUILD), .help =
    "UBR: the revision of that build");

static const struct field *const fields[] = {
	&registry_aik_check, &registry_aik_error, &registry_build,
	&registry_ek_certificate, &registry_firmware, &registry_key,
	&registry_manufacturer, &registry_name, &registry_ready_bits,
	&registry_ready_for_attestation, &registry_ready_for_storage,
	&registry_revision, &registry_store, NULL
};

/* A value that matters, by the end of its key's path and by its name. */
static const struct wanted {
	const char	*path;		/* part of the key, lower case */
	bool		 ends;		/* the path ends so */
	const char	*name;
	const struct field *field;
	enum artifact	 artifact;
} wanted[] = {
	{ "\\ngc\\aikcertenroll", true, "ErrorCode", &registry_aik_error,
	    ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "WindowsAIKCheckCreateResult",
	    &registry_aik_check, ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "EkCertificatePresent",
	    &registry_ek_certificate, ARTIFACT_EK_INFO },
	{ "\\services\\tpm\\wmi", false, "IsReadyInformation",
	    &registry_ready_bits, ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "ReadyInformation",
	    &registry_ready_bits, ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "TaskReadyForAttestation",
	    &registry_ready_for_attestation, ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "TaskReadyForStorage",
	    &registry_ready_for_storage, ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "TaskFirmwareVersion",
	    &registry_firmware, ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "ManufacturerVersion",
	    &registry_firmware, ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "ManufacturerVersionFull20",
	    &registry_firmware, ARTIFACT_TPMTOOL },
	{ "\\services\\tpm\\wmi", false, "ManufacturerIdTxt",
	    &registry_manufacturer, ARTIFACT_TPMTOOL },
	{ "\\microsoft\\windows nt\\currentversion", true, "CurrentBuild",
	    &registry_build, ARTIFACT_BUILD },
	{ "\\microsoft\\windows nt\\currentversion", true,
	    "CurrentBuildNumber", &registry_build, ARTIFACT_BUILD },
	{ "\\microsoft\\windows nt\\currentversion", true, "UBR",
	    &registry_revision, ARTIFACT_BUILD },
};

/* The export that is being read. */
struct reader {
	struct evidence	*ev;
	struct blob	*blob;
	struct text	 text;
	struct text_part path;		/* of the key whose values come */
	struct item	*item;		/* of that key; NULL until it matters */
	bool		 removed;	/* "[-key]": the export deletes it */
};

/* ---- keys ---- */

static size_t
find(const struct reader *r, struct text_part in, const char *part)
{
	return text_find(r->text.p + in.off, in.n, part);
}

static bool
path_fits(const struct reader *r, const struct wanted *w)
{
	size_t n = strlen(w->path), at;

	if (r->path.n < n)
		return false;
	if (w->ends)
		return text_starts(r->text.p + r->path.off + r->path.n - n, n,
		    w->path);
	at = find(r, r->path, w->path);
	return at < r->path.n && (at + n == r->path.n ||
	    r->text.p[r->path.off + at + n] == '\\');
}

static struct text_part
last_part(const struct reader *r, struct text_part path)
{
	size_t n = 0;

	while (n < path.n && r->text.p[path.off + path.n - n - 1] != '\\')
		n++;
	return (struct text_part){ path.off + path.n - n, n };
}

static void
text_of(struct reader *r, const struct field *field, struct text_part v)
{
	if (v.n > 0)
		ev_fact(r->ev, r->item, field, value_text(r->text.p + v.off,
		    v.n), text_span(&r->text, v.off, v.n));
}

/* The part of the path before "\Certificates\": the store's name. */
static struct text_part
store_of(const struct reader *r)
{
	size_t at = find(r, r->path, "\\Certificates\\");
	struct text_part part = { r->path.off, at };

	if (at >= r->path.n || (find(r, r->path, "SystemCertificates\\") >=
	    r->path.n && find(r, r->path, "EnterpriseCertificates\\") >=
	    r->path.n && find(r, r->path, "\\Endorsement\\") >= r->path.n))
		return (struct text_part){ 0, 0 };
	return last_part(r, part);
}

static struct item *
item_of(struct reader *r)
{
	struct text_part store;

	if (r->item != NULL)
		return r->item;
	r->item = ev_item(r->ev, ITEM_KEY, item_up(r->blob->item, ITEM_FILE),
	    text_span(&r->text, r->path.off, r->path.n));
	text_of(r, &registry_key, r->path);
	text_of(r, &registry_name, last_part(r, r->path));
	store = store_of(r);
	text_of(r, &registry_store, store);
	return r->item;
}

/* ---- values ---- */

/*
 * "hex:03,00,\" and the lines after it.  The bytes cite all of the digits,
 * from the first to the last.  Returns the line after them.
 */
static size_t
hex_lines(struct reader *r, size_t line, size_t off, uint8_t **ret,
    size_t *ret_n, struct text_part *ret_at)
{
	const struct text *t = &r->text;
	size_t first = SIZE_MAX, last = off, end, room = 0;
	unsigned int high = 16;
	uint8_t *to = NULL, *larger;
	uint32_t digit;
	bool more = true;

	*ret = NULL;
	*ret_n = 0;
	for (; more && line < t->nlines; line++) {
		if (t->lines[line].off > off)
			off = t->lines[line].off;
		end = t->lines[line].off + t->lines[line].n;
		for (more = false; off < end; off++) {
			char c = t->p[off];

			if (c == '\\') {
				more = true;
				break;
			}
			if (c == ',' || c == ' ' || c == '\t') {
				if (high < 16)
					goto bad;
				continue;
			}
			if (text_hex(t->p + off, 1, &digit) == 0)
				goto bad;
			if (first == SIZE_MAX)
				first = off;
			if (high == 16) {
				high = digit;
				continue;
			}
			if (*ret_n == room) {
				room = room == 0 ? 4096 : 2 * room;
				larger = realloc(to, room);
				if (larger == NULL) {
					free(to);
					return line + 1;
				}
				to = larger;
			}
			to[(*ret_n)++] = (uint8_t)(high << 4 | digit);
			high = 16;
			last = off + 1;
		}
	}
	if (more)
		ev_problem(r->ev, PROBLEM_NOTED, text_span(t, last, 0),
		    "a value of the registry export ends in a line that "
		    "announces another");
	goto out;
bad:
	ev_problem(r->ev, PROBLEM_NOTED, text_span(t, off, 1),
	    "a value of the registry export has %zu bytes and then a sign "
	    "that is no hex", *ret_n);
	line++;
out:
	*ret = to;
	*ret_at = (struct text_part){ first == SIZE_MAX ? off : first,
	    first == SIZE_MAX ? 0 : last - first };
	return line;
}

/* Is it a certificate, a message, or an element of a store by its start? */
static bool
looks_like_one(const uint8_t *p, size_t n)
{
	if (n < 64)
		return false;
	return (p[0] == 0x30 && p[1] == 0x82 && (size_t)(p[2] << 8 | p[3]) <=
	    n - 4 && p[4] == 0x30) || (p[2] == 0 && p[3] == 0 && p[4] == 1 &&
	    p[5] == 0 && p[6] == 0 && p[7] == 0 && p[10] == 0 && p[11] == 0 &&
	    (size_t)(p[9] << 8 | p[8]) <= n - 12);
}

/* wanted: the value is a Blob of a store; others have to look like one. */
static size_t
blob_value(struct reader *r, size_t line, size_t off, bool wanted_blob)
{
	struct text_part at = { 0, 0 };
	uint8_t *p;
	size_t n;

	line = hex_lines(r, line, off, &p, &n, &at);
	if (n == 0 || (!wanted_blob && !looks_like_one(p, n))) {
		free(p);
		return line;
	}
	ev_step(r->ev, text_span(&r->text, at.off, at.n), "hex", NULL,
	    item_of(r), p, n);
	return line;
}

/* Lines that go on from a hex value which nobody wants. */
static size_t
skip_value(const struct reader *r, size_t line)
{
	const struct text_line *l;

	for (; line < r->text.nlines; line++) {
		l = &r->text.lines[line];
		if (l->n == 0 || l->p[l->n - 1] != '\\')
			break;
	}
	return line + 1;
}

/* at: hex digits of a number (word), or a text. */
static void
value_fact(struct reader *r, const struct wanted *w, bool word,
    struct text_part at)
{
	const char *p = r->text.p + at.off;
	struct value value;
	uint32_t number = 0;
	int64_t decimal;
	size_t n;

	if (word) {
		n = text_hex(p, at.n, &number);
		at.n = n;
		if (n == 0 || n > 8)
			return;
	} else {
		n = text_digits(p, at.n, &decimal);
		if (w->field->type != VALUE_TEXT && (n == 0 || n != at.n ||
		    decimal > UINT32_MAX))
			return;
		number = (uint32_t)decimal;
	}
	switch (w->field->type) {
	case VALUE_BOOL:
		value = value_bool(number != 0);
		break;
	case VALUE_INT:
		value = value_int(number);
		break;
	case VALUE_CODE:
		value = value_code(number);
		break;
	default:
		if (word || at.n == 0)
			return;
		value = value_text(r->text.p + at.off, at.n);
		break;
	}
	item_of(r);
	ev_artifact(r->item, w->artifact);
	if (item_fact(r->item, w->field) == NULL)
		ev_fact(r->ev, r->item, w->field, value,
		    text_span(&r->text, at.off, at.n));
}

static void
wanted_value(struct reader *r, struct text_part name, bool word,
    struct text_part at)
{
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (tool_key_is(&r->text, name, wanted[i].name) &&
		    path_fits(r, &wanted[i])) {
			value_fact(r, &wanted[i], word, at);
			return;
		}
}

/* A line "name"=data; returns the line after the value. */
static size_t
value_read(struct reader *r, size_t line)
{
	const struct text_line *l = &r->text.lines[line];
	struct text_part name, data;
	size_t i, end = l->n;
	const char *p;

	for (i = 1; i < l->n && l->p[i] != '"'; i++)
		if (l->p[i] == '\\')
			i++;
	name = (struct text_part){ l->off + 1, i < l->n ? i - 1 : 0 };
	if (i + 1 >= l->n || l->p[i + 1] != '=')
		return line + 1;
	while (end > 0 && (l->p[end - 1] == ' ' || l->p[end - 1] == '\t'))
		end--;
	data = (struct text_part){ l->off + i + 2, end > i + 2 ? end - i - 2 :
	    0 };
	if (r->removed || r->path.n == 0)
		return skip_value(r, line);
	p = r->text.p + data.off;
	i = text_starts(p, data.n, "hex:") ? 4 :
	    text_starts(p, data.n, "hex(3):") ? 7 : 0;
	if (i > 0)
		return blob_value(r, line, data.off + i, tool_key_is(&r->text,
		    name, "Blob") && store_of(r).n > 0);
	/* dword:0000000a, or the text between quotes. */
	if (text_starts(p, data.n, "dword:"))
		wanted_value(r, name, true, (struct text_part){ data.off + 6,
		    data.n - 6 });
	else if (data.n >= 2 && p[0] == '"' && p[data.n - 1] == '"')
		wanted_value(r, name, false, (struct text_part){ data.off + 1,
		    data.n - 2 });
	return skip_value(r, line);
}

/* "[HKEY_LOCAL_MACHINE\...]" */
static void
key_read(struct reader *r, size_t line)
{
	const struct text_line *l = &r->text.lines[line];
	size_t end = l->n;

	while (end > 0 && l->p[end - 1] != ']')
		end--;
	r->item = NULL;
	r->path = (struct text_part){ 0, 0 };
	if (end < 2)
		return;
	r->removed = l->p[1] == '-';
	r->path = (struct text_part){ l->off + 1 + r->removed,
	    end - 2 - r->removed };
}

/* ---- what reg query prints ---- */

/* "    Blob    REG_BINARY    0300..." */
static void
query_value(struct reader *r, size_t line)
{
	static const struct {
		const char	*name;
		bool		 word, blob;
	} types[] = {
		{ "REG_BINARY    ", false, true },
		{ "REG_DWORD    0x", true, false },
		{ "REG_SZ    ", false, false },
	};
	struct text_part all = text_content(&r->text.lines[line]), name, data;
	const char *p = r->text.p + all.off;
	size_t i, at = text_find(p, all.n, "    REG_");

	if (at >= all.n || at == 0 || r->path.n == 0)
		return;
	name = (struct text_part){ all.off, at };
	for (i = 0; i < 3; i++) {
		if (!text_starts(p + at + 4, all.n - at - 4, types[i].name))
			continue;
		data.off = all.off + at + 4 + strlen(types[i].name);
		data.n = all.off + all.n - data.off;
		if (types[i].blob)
			blob_value(r, line, data.off, tool_key_is(&r->text,
			    name, "Blob") && store_of(r).n > 0);
		else
			wanted_value(r, name, types[i].word, data);
	}
}

/* A key stands alone in its line, from the first column. */
static void
query_line(struct reader *r, size_t line)
{
	const struct text_line *l = &r->text.lines[line];

	if (l->n > 5 && text_starts(l->p, l->n, "HKEY_")) {
		r->item = NULL;
		r->path = text_content(l);
	} else
		query_value(r, line);
}

/* ---- the parser ---- */

/* The last: somebody cut the head off. */
static const char *const	heads[] = {
	"Windows Registry Editor Version 5.00", "REGEDIT4", "[HKEY_"
};
#define HEADS	(sizeof(heads) / sizeof(heads[0]))

/* The output of reg query: a key in its first line, a type below. */
static bool
is_query(const struct blob *b)
{
	char head[2048];
	size_t n = 0, i;

	/* As UTF-16 the same with octets of zero between, and a mark. */
	for (i = 0; i < b->n && n < sizeof(head); i++) {
		if (b->p[i] != 0 && b->p[i] < 0x80 && (n > 0 ||
		    b->p[i] > ' '))
			head[n++] = (char)b->p[i];
		/* Every blob is asked: most end here. */
		if (n == 1 && head[0] != 'H')
			return false;
	}
	return text_starts(head, n, "HKEY_") &&
	    text_find(head, n, "    REG_") < n;
}

/* A head at the start, in ASCII or as UTF-16LE, after a byte order mark. */
static int
registry_bid(const struct evidence *ev, const struct blob *b)
{
	size_t i, j, at, n, wide;

	(void)ev;
	for (i = 0; i < HEADS; i++) {
		n = strlen(heads[i]);
		for (wide = 1; wide <= 2; wide++) {
			at = wide == 2 && b->n > 2 && b->p[0] == 0xff &&
			    b->p[1] == 0xfe ? 2 : wide == 1 && b->n > 3 &&
			    memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
			while (at < b->n && (b->p[at] == '\r' ||
			    b->p[at] == '\n' || (wide == 2 && b->p[at] == 0 &&
			    at > 2)))
				at++;
			if (b->n < at || (b->n - at) / wide < n)
				continue;
			for (j = 0; j < n && b->p[at + j * wide] ==
			    (uint8_t)heads[i][j] && (wide == 1 ||
			    b->p[at + 2 * j + 1] == 0); j++)
				continue;
			if (j == n)
				return 96;
		}
	}
	return is_query(b) ? 96 : 0;
}

static void
registry_read(struct evidence *ev, struct blob *b)
{
	struct reader r = { .ev = ev, .blob = b };
	const struct text_line *l;
	bool query = is_query(b);
	size_t i;

	ev_input_kind(ev, b, "registry");
	if (!text_decode(ev, b, &r.text))
		return;
	for (i = 0; query && i < r.text.nlines; i++)
		query_line(&r, i);
	for (i = 0; !query && i < r.text.nlines; ) {
		l = &r.text.lines[i];
		if (l->n > 0 && l->p[0] == '[')
			key_read(&r, i);
		else if (l->n > 0 && l->p[0] == '"') {
			i = value_read(&r, i);
			continue;
		}
		i++;
	}
}

const struct parser parser_registry = {
	.name = "registry", .bid = registry_bid, .read = registry_read,
	.fields = fields
};
