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

static size_t
blob_value(struct reader *r, size_t line, size_t off)
{
	struct text_part at = { 0, 0 };
	uint8_t *p;
	size_t n;

	line = hex_lines(r, line, off, &p, &n, &at);
	if (n == 0) {
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

/* dword:0000000a, or the text between quotes. */
static void
value_fact(struct reader *r, const struct wanted *w, struct text_part v)
{
	const char *p = r->text.p + v.off;
	bool word = text_starts(p, v.n, "dword:");
	struct text_part at = v;
	struct value value;
	uint32_t number = 0;
	int64_t decimal;
	size_t n;

	if (word) {
		n = text_hex(p + 6, v.n - 6, &number);
		at = (struct text_part){ v.off + 6, n };
		if (n == 0 || n > 8)
			return;
	} else if (v.n >= 2 && p[0] == '"' && p[v.n - 1] == '"') {
		at = (struct text_part){ v.off + 1, v.n - 2 };
		n = text_digits(p + 1, at.n, &decimal);
		if (w->field->type != VALUE_TEXT && (n == 0 || n != at.n ||
		    decimal > UINT32_MAX))
			return;
		number = (uint32_t)decimal;
	} else
		return;
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

/* A line "name"=data; returns the line after the value. */
static size_t
value_read(struct reader *r, size_t line)
{
	const struct text_line *l = &r->text.lines[line];
	struct text_part name, data;
	size_t i, end = l->n;

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
	if (text_starts(r->text.p + data.off, data.n, "hex:")) {
		if (tool_key_is(&r->text, name, "Blob") && store_of(r).n > 0)
			return blob_value(r, line, data.off + 4);
		return skip_value(r, line);
	}
	for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (tool_key_is(&r->text, name, wanted[i].name) &&
		    path_fits(r, &wanted[i])) {
			value_fact(r, &wanted[i], data);
			break;
		}
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

/* ---- the parser ---- */

static const char *const	heads[] = {
	"Windows Registry Editor Version 5.00", "REGEDIT4"
};

/* A head at the start, in ASCII or as UTF-16LE, after a byte order mark. */
static int
registry_bid(const struct evidence *ev, const struct blob *b)
{
	size_t i, j, at, n, wide;

	(void)ev;
	for (i = 0; i < 2; i++) {
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
	return 0;
}

static void
registry_read(struct evidence *ev, struct blob *b)
{
	struct reader r = { .ev = ev, .blob = b };
	const struct text_line *l;
	size_t i;

	ev_input_kind(ev, b, "registry");
	if (!text_decode(ev, b, &r.text))
		return;
	for (i = 0; i < r.text.nlines; ) {
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
