/*
 * No byte of a pkiMessage can change unseen: for every byte that is flipped,
 * and for every cut, some fact changes that is no digest of the whole input,
 * and a broken signature is never taken for a sound one.
 * Relies on samples/messages-as-files and the whole pipeline.
 */
#include "correlate/correlator.h"
#include "parsers/fields.h"
#include "sample.h"

/* All values of the evidence as one text, without places. */
static char *
facts_of(const uint8_t *p, size_t n, bool *ret_sound)
{
	struct evidence *ev = sample_evidence("m", p, n);
	const struct item *it;
	const struct fact *f;
	const char *text;
	char *all = NULL;
	size_t size = 0, kind, len;
	FILE *out;

	correlate_run(ev, 0);
	*ret_sound = false;
	out = open_memstream(&all, &size);
	for (kind = 0; kind < ITEM_KIND_COUNT; kind++)
		for (it = ev_first(ev, kind); it != NULL; it = it->next) {
			for (f = it->facts; f != NULL; f = f->next) {
				text = value_show(ev, f->field, &f->value,
				    true, &len);
				if (strcmp(f->field->name,
				    "cms.frame_sha256") == 0 ||
				    strcmp(f->field->name,
				    "envelope.frame_sha256") == 0)
					fprintf(out, "#");
				fprintf(out, "%s %u %s %.*s\n",
				    kinds[kind].name, it->number,
				    f->field->name, (int)len, text);
			}
			if (kind == ITEM_PKI_MESSAGE)
				*ret_sound |= item_truth(it,
				    &cms_signature_valid, false) &&
				    !item_truth(it, &cms_damaged, false) &&
				    item_truth(it, &cms_digest_valid, false);
		}
	fclose(out);
	evidence_free(ev);
	return all;
}

/* The same without the lines of the frames' digests. */
static bool
same_but_frame(const char *a, const char *b)
{
	for (;;) {
		while (*a == '#')
			a = strchr(a, '\n') + 1;
		while (*b == '#')
			b = strchr(b, '\n') + 1;
		while (*a == *b && *a != '\0' && *a != '\n') {
			a++;
			b++;
		}
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

static bool
line_differs(const char *a, const char *b, const char *field)
{
	const char *x = strstr(a, field), *y = strstr(b, field);

	if (x == NULL || y == NULL)
		return x != y;
	return strncmp(x, y, strcspn(x, "\n") + 1) != 0;
}

/* Has what the signature is over, or the signature, changed? */
static bool
signed_part_differs(const char *a, const char *b)
{
	return line_differs(a, b, " cms.content_sha256 ") ||
	    line_differs(a, b, " cms.attributes_sha256 ") ||
	    line_differs(a, b, " cms.signature_sha256 ");
}

static void
message(const char *name, bool signs)
{
	const char *samples = getenv("SAMPLES");
	char path[4096], *before, *after;
	bool sound, changed_sound;
	size_t n, i, silent = 0, wrong = 0, only_frame = 0;
	uint8_t *p, *copy;

	snprintf(path, sizeof(path), "%.3000s/messages-as-files/%s",
	    samples != NULL ? samples : "samples", name);
	p = sample_read(path, &n);
	if (p == NULL) {
		tap_ok(true, "%s # SKIP no samples", name);
		return;
	}
	before = facts_of(p, n, &sound);
	tap_ok(sound == signs, "%s: the message is %s", name, signs ?
	    "sound" : "not signed");
	copy = malloc(n);
	for (i = 0; i < n; i++) {
		memcpy(copy, p, n);
		copy[i] ^= (uint8_t)(1u << i % 8);
		after = facts_of(copy, n, &changed_sound);
		if (strcmp(before, after) == 0) {
			if (silent++ < 10)
				printf("# byte %zu changes nothing\n", i);
		} else if (same_but_frame(before, after)) {
			only_frame++;
			if (getenv("FLIP_VERBOSE") != NULL)
				printf("# byte %zu: only the frame\n", i);
		}
		if (changed_sound && signed_part_differs(before, after) &&
		    wrong++ < 10)
			printf("# byte %zu: still sound\n", i);
		free(after);
	}
	tap_ok(silent == 0, "%s: each of %zu flipped bytes changes a fact",
	    name, n);
	printf("# %zu of %zu bytes show in the frame's digest alone\n",
	    only_frame, n);
	for (silent = 0, i = 0; i < n; i += 1 + n / 300) {
		after = facts_of(p, i, &changed_sound);
		silent += strcmp(before, after) == 0;
		wrong += changed_sound && i < n;
		free(after);
	}
	tap_ok(silent == 0, "%s: each cut changes a fact", name);
	tap_ok(wrong == 0, "%s: nothing that was changed is taken for sound",
	    name);
	free(before);
	free(copy);
	free(p);
}

int
main(void)
{
	message("request.p7m", true);
	message("challenge.p7m", true);
	message("certificate.p7m", true);
	message("answer.p7m", true);
	message("chain.p7b", false);
	return tap_done();
}
