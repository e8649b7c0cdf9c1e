/*
 * The tree of decode: nodes tile every blob, places and tags are those that
 * OpenSSL finds, names and meanings are right, and damage is said with its
 * offset.  Relies on samples, and on ../shared where it is.
 */
#include <openssl/asn1.h>
#include <openssl/err.h>

#include "decode/tree.h"
#include "sample.h"

static struct tree_node *
tree_of(struct evidence **ev, const uint8_t *p, size_t n)
{
	static const uint8_t sha256[32];
	struct blob *b;

	*ev = evidence_new(&limits_default);
	b = ev_input(*ev, "blob", true, p, n, sha256);
	return tree_build(*ev, b, blob_span(b));
}

/* Bytes of a node that no child holds, or that two hold. */
static size_t
untiled(const struct tree_node *n)
{
	const struct tree_node *c;
	size_t at = n->off + n->head, end = at + n->len, bad = 0;
	bool any = false;

	for (c = n->first; c != NULL; c = c->next) {
		if (c->kind == TREE_VIEW) {
			if (c->off != 0 || c->len != c->blob->n)
				bad++;
			bad += untiled(c);
			continue;
		}
		any = true;
		if (c->off != at)
			bad++;
		at = c->off + c->head + c->len + c->tail;
		bad += untiled(c);
	}
	if (any && at != end)
		bad++;
	return bad;
}

/* Elements that OpenSSL sees otherwise. */
static size_t
disputed(const struct tree_node *root)
{
	const struct tree_node *n;
	size_t bad = 0;

	for (n = root; n != NULL; n = tree_next(root, n)) {
		const unsigned char *p;
		int tag, class, flags;
		long len;

		if (n->kind != TREE_ELEMENT || n->der.cut)
			continue;
		p = n->blob->p + n->off;
		flags = ASN1_get_object(&p, &len, &tag, &class,
		    (long)(n->head + n->len + n->tail));
		if (flags & 0x80)
			continue;	/* OpenSSL has limits of its own */
		if ((uint32_t)tag != n->der.tag ||
		    class >> 6 != (int)n->der.class ||
		    (size_t)(p - n->blob->p) != n->off + n->head ||
		    (!(flags & 1) && (size_t)len != n->len) ||
		    ((flags & V_ASN1_CONSTRUCTED) != 0) != n->der.constructed)
			bad++;
	}
	ERR_clear_error();
	return bad;
}

static size_t
notes(const struct tree_node *root)
{
	const struct tree_node *n;
	size_t count = 0;

	for (n = root; n != NULL; n = tree_next(root, n))
		count += n->notes != NULL;
	return count;
}

/* The first node whose path ends so. */
static const struct tree_node *
at_path(struct evidence *ev, const struct tree_node *root, const char *path)
{
	const struct tree_node *n;
	const char *found;
	size_t len = strlen(path), have;

	for (n = root; n != NULL; n = tree_next(root, n)) {
		found = tree_path(ev, n);
		have = strlen(found);
		if (have < len || strcmp(found + have - len, path) != 0)
			continue;
		/* through explicit tags */
		while (n->value == NULL && n->first != NULL &&
		    n->first->name == NULL)
			n = n->first;
		return n;
	}
	return NULL;
}

static void
is_node(struct evidence *ev, const struct tree_node *root, const char *path,
    const char *value, const char *meaning)
{
	const struct tree_node *n = at_path(ev, root, path);
	char text[4096] = "(none)";

	if (n != NULL && n->value != NULL)
		snprintf(text, sizeof(text), "%.*s", (int)n->value_n,
		    n->value);
	if (value != NULL)
		tap_is_text(text, value, path);
	if (meaning != NULL)
		tap_is_text(n != NULL ? n->meaning : NULL, meaning, path);
}

/* ---- made bytes ---- */

static const uint8_t odd_integer[] = { 0x30, 0x04, 0x02, 0x02, 0x00, 0x01 };
static const uint8_t trailing[] = { 0x30, 0x03, 0x02, 0x01, 0x05, 0, 0, 0, 0 };
static const uint8_t stray[] = { 0x30, 0x05, 0x02, 0x01, 0x05, 0x04, 0x09 };
static const uint8_t cut[] = { 0x30, 0x20, 0x02, 0x01, 0x05, 0x04, 0x09, 1 };
static const uint8_t indefinite[] = {
	0x30, 0x80, 0x24, 0x80, 0x04, 0x02, 0x30, 0x03, 0x04, 0x03, 0x02,
	0x01, 0x07, 0x00, 0x00, 0x00, 0x00
};
static const uint8_t bits[] = {
	0x30, 0x0e, 0x30, 0x0c, 0x06, 0x03, 0x55, 0x1d, 0x0f, 0x04, 0x05,
	0x03, 0x03, 0x07, 0x06, 0x80
};

static bool
says(const struct tree_node *root, const char *text)
{
	const struct tree_note *note;
	const struct tree_node *n;

	for (n = root; n != NULL; n = tree_next(root, n))
		for (note = n->notes; note != NULL; note = note->next)
			if (strstr(note->text, text) != NULL)
				return true;
	return false;
}

static void
made(const char *name, const uint8_t *p, size_t n, const char *note)
{
	struct evidence *ev;
	struct tree_node *root = tree_of(&ev, p, n);

	tap_ok(untiled(root) == 0, "%s: nodes tile it", name);
	tap_ok(note == NULL ? notes(root) == 0 : says(root, note),
	    "%s: %s", name, note != NULL ? note : "nothing to note");
	evidence_free(ev);
}

static void
small(void)
{
	struct evidence *ev;
	struct tree_node *root;
	const struct tree_node *n;

	made("an odd INTEGER", odd_integer, sizeof(odd_integer),
	    "not minimal");
	made("trailing bytes", trailing, sizeof(trailing),
	    "4 trailing bytes at 5: 00 00 00 00");
	made("stray bytes", stray, sizeof(stray), "cut: ");
	made("a cut", cut, sizeof(cut), "cut: ");
	made("no ASN.1", (const uint8_t *)"\x00\x01", 2, "no element");
	root = tree_of(&ev, indefinite, sizeof(indefinite));
	tap_ok(untiled(root) == 0, "indefinite: nodes tile it");
	for (n = root; n != NULL && n->kind != TREE_VIEW;)
		n = tree_next(root, n);
	tap_ok(n != NULL && n->len == 5 && n->first != NULL &&
	    n->first->first != NULL && n->first->first->value != NULL &&
	    strcmp(n->first->first->value, "7") == 0,
	    "indefinite: joined segments hold a structure");
	evidence_free(ev);
	root = tree_of(&ev, bits, sizeof(bits));
	for (n = root; n != NULL && (n->meaning == NULL ||
	    strcmp(n->meaning, "keyCertSign, cRLSign, decipherOnly") != 0);)
		n = tree_next(root, n);
	tap_ok(n == NULL || n->len == 3, "key usage by bit names");
	evidence_free(ev);
}

/* ---- samples ---- */

struct tally {
	size_t	 files, nodes, untiled, disputed;
};

static void
visit(const char *path, const uint8_t *p, size_t n, void *arg)
{
	struct tally *tally = arg;
	struct evidence *ev;
	struct tree_node *root = tree_of(&ev, p, n);
	const struct tree_node *c;
	size_t bad = untiled(root), other = disputed(root), i;

	for (c = root; c != NULL; c = tree_next(root, c))
		tally->nodes++;
	tally->files++;
	tally->untiled += bad;
	tally->disputed += other;
	if (bad > 0 || other > 0)
		printf("# %s: %zu not tiled, %zu disputed\n", path, bad,
		    other);
	evidence_free(ev);
	/* Every cut, in steps: never a crash, always tiled. */
	for (i = 0; i < n; i += 1 + n / 40) {
		root = tree_of(&ev, p, i);
		if (i > 0)
			tally->untiled += untiled(root);
		evidence_free(ev);
	}
	/* One changed byte, in steps. */
	for (i = 0; i < n; i += 1 + n / 40) {
		uint8_t *copy = malloc(n);

		memcpy(copy, p, n);
		copy[i] ^= (uint8_t)(1 + i % 255);
		root = tree_of(&ev, copy, n);
		tally->untiled += untiled(root);
		evidence_free(ev);
		free(copy);
	}
}

static void
walk(const char *path, unsigned int depth,
    void (*each)(const char *, const uint8_t *, size_t, void *), void *arg)
{
	char below[8192];
	struct dirent *e;
	struct stat st;
	uint8_t *p;
	size_t n;
	DIR *d;

	if (stat(path, &st) == -1)
		return;
	if (S_ISREG(st.st_mode)) {
		p = sample_read(path, &n);
		if (p != NULL && n > 0 && n < 200000)
			each(path, p, n, arg);
		free(p);
		return;
	}
	d = opendir(path);
	while (d != NULL && depth < 5 && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.') {
			snprintf(below, sizeof(below), "%.4000s/%.255s", path,
			    e->d_name);
			walk(below, depth + 1, each, arg);
		}
	if (d != NULL)
		closedir(d);
}

static void
public_files(const char *name)
{
	const char *root = sample_shared(name);
	struct tally tally = { 0 };

	if (root == NULL) {
		tap_ok(true, "%s # SKIP ../shared/data is not here", name);
		return;
	}
	walk(root, 0, visit, &tally);
	tap_ok(tally.untiled == 0 && tally.files > 0, "%s: nodes tile %zu "
	    "files and their damage", name, tally.files);
	tap_ok(tally.disputed == 0, "%s: %zu nodes are what OpenSSL finds",
	    name, tally.nodes);
}

static void
own_samples(void)
{
	const char *samples = getenv("SAMPLES");
	char path[4096];
	struct evidence *ev;
	struct tree_node *root;
	struct tally tally = { 0 };
	uint8_t *p;
	size_t n;

	snprintf(path, sizeof(path), "%.3000s/messages-as-files/request.p7m",
	    samples != NULL ? samples : "samples");
	p = sample_read(path, &n);
	if (p == NULL) {
		tap_ok(true, "request.p7m # SKIP no samples");
		return;
	}
	visit(path, p, n, &tally);
	tap_ok(tally.untiled == 0 && tally.disputed == 0,
	    "request.p7m: nodes tile it and are what OpenSSL finds");
	root = tree_of(&ev, p, n);
	is_node(ev, root, "ContentInfo.contentType", "1.2.840.113549.1.7.2",
	    "signedData");
	is_node(ev, root, "signerInfos[0].digestAlgorithm.algorithm", NULL,
	    "sha256");
	is_node(ev, root, "encryptedContentInfo.contentEncryptionAlgorithm",
	    NULL, "aes-128-cbc");
	is_node(ev, root, "signedAttrs[0].attrValues[0]", "19", "PKCSReq");
	is_node(ev, root, "tbsCertificate.version", "2", "v3");
	tap_ok(notes(root) == 0, "request.p7m: nothing is odd");
	evidence_free(ev);
	free(p);
}

int
main(void)
{
	small();
	own_samples();
	public_files("scep");
	public_files("certs");
	public_files("certstore");
	return tap_done();
}
