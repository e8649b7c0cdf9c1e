/*
 * Registry exports as regedit writes them: certificates in Blob values, and
 * what Windows keeps of the TPM, of the AIK enrolment and of itself.
 * Relies on text.c for encodings.
 */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
record(struct buf *b, unsigned id, const void *p, size_t n)
{
	buf_le(b, id, 4);
	buf_le(b, 1, 4);
	buf_le(b, n, 4);
	buf_put(b, p, n);
}

/* A serialized element: its thumbprint, and the certificate. */
static void
element(struct buf *b, const struct cert *c, char ret_name[41])
{
	uint8_t hash[20];

	sha1(c->der.p, c->der.n, hash);
	hex_put(hash, sizeof(hash), true, ret_name);
	record(b, 3, hash, sizeof(hash));
	record(b, 0x20, c->der.p, c->der.n);
}

/* "Blob"=hex:03,00,\ with lines of 80 columns at most. */
static void
hex_value(struct buf *b, const char *name, const struct buf *value)
{
	size_t i, column;
	char text[4];

	buf_printf(b, "\"%s\"=hex:", name);
	column = strlen(name) + 7;
	for (i = 0; i < value->n; i++) {
		snprintf(text, sizeof(text), "%02x%s", value->p[i],
		    i + 1 < value->n ? "," : "");
		buf_str(b, text);
		column += 3;
		if (column > 76 && i + 1 < value->n) {
			buf_str(b, "\\\n  ");
			column = 2;
		}
	}
	buf_str(b, "\n");
}

static void
certificate_key(struct buf *b, const char *store, const struct cert *c,
    bool raw)
{
	struct buf value = { NULL, 0, 0 };
	char name[41];

	element(&value, c, name);
	if (raw) {
		value.n = 0;
		buf_add(&value, &c->der);
	}
	buf_printf(b, "[%s\\Certificates\\%s]\n", store, name);
	hex_value(b, "Blob", &value);
	buf_str(b, "\n");
	buf_free(&value);
}

#define TPM	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\" \
		    "TPM\\WMI"
#define SYSTEM	"HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates"

static void
part(struct buf *b, const struct device *d, const struct line *l,
    const char *name)
{
	const struct ca *ca;
	const char *dot;
	bool raw = strcmp(option(l, "blob", "element"), "der") == 0;

	if (strcmp(name, "ek") == 0) {
		certificate_key(b, TPM "\\Endorsement\\EKCertStore", &d->ek,
		    raw);
	} else if (strcmp(name, "cas") == 0) {
		for (ca = d->ca; ca != NULL; ca = ca->issuer)
			certificate_key(b, TPM "\\Endorsement\\"
			    "IntermediateCACertStore", &ca->cert, raw);
	} else if (strcmp(name, "system") == 0) {
		certificate_key(b, SYSTEM "\\CA", &d->ca->cert, raw);
	} else if (strcmp(name, "aik") == 0) {
		buf_printf(b, "[HKEY_LOCAL_MACHINE\\SYSTEM\\"
		    "CurrentControlSet\\Control\\Cryptography\\Ngc\\"
		    "AIKCertEnroll]\n\"ErrorCode\"=dword:%08lx\n\n",
		    strtoul(option(l, "code", "0"), NULL, 16));
	} else if (strcmp(name, "tpm") == 0) {
		buf_printf(b, "[" TPM "]\n\"TaskManufacturerId\"="
		    "dword:49465800\n\"TaskFirmwareVersion\"=\"%s\"\n"
		    "\"OwnerAuthFull\"=hex:00,\\\n  01\n\n"
		    "[" TPM "\\TaskStates]\n\"EkCertificatePresent\"="
		    "dword:%08lx\n\"TaskReadyForAttestation\"=dword:%08lx\n\n",
		    d->firmware, (unsigned long)option_long(l, "ek_present",
		    1), (unsigned long)option_long(l, "ready", 1));
	} else if (strcmp(name, "windows") == 0) {
		dot = strrchr(d->windows, '.');
		buf_printf(b, "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\"
		    "Windows NT\\CurrentVersion]\n\"CurrentBuild\"=\"%.*s\"\n"
		    "\"UBR\"=dword:%08lx\n\n", (int)(dot - d->windows - 5),
		    d->windows + 5, strtoul(dot + 1, NULL, 10));
	} else {
		die("line %u: no part \"%s\" of a registry", l->number, name);
	}
}

/* registry of="ek cas system aik tpm windows" blob=element|der */
void
registry_make(struct buf *b, const struct scenario *s, const struct line *l)
{
	char *names = xstrdup(option(l, "of", "ek cas")), *save = NULL, *name;

	buf_str(b, strcmp(option(l, "head", "5"), "4") == 0 ?
	    "REGEDIT4\n\n" : "Windows Registry Editor Version 5.00\n\n");
	for (name = strtok_r(names, " ", &save); name != NULL;
	    name = strtok_r(NULL, " ", &save))
		part(b, option_device(s, l), l, name);
	free(names);
	text_finish(b, l);
}
