/*
 * The passes over a case: learn what is secret, then replace until no digest
 * of what changed is left behind; and the frames in which the worker hands
 * all of it to the parent.
 * Relies on blob.c and the facts of the case.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"

#define PASSES_MAX	8	/* of replacing: digests of digests */

struct output {
	char		*name;
	uint8_t		*p;
	size_t		 n;
};

static int
frame_write(FILE *f, enum frame_kind kind, const char *name, const void *p,
    size_t n)
{
	struct frame frame = { kind, (uint32_t)strlen(name), n };

	if (fwrite(&frame, sizeof(frame), 1, f) != 1 ||
	    fwrite(name, 1, frame.name_n, f) != frame.name_n ||
	    fwrite(p, 1, n, f) != n)
		return -1;
	return 0;
}

/* All inputs once; outputs NULL: nothing is kept. */
static void
pass(struct redactor *r, struct output *outputs)
{
	const struct input *inputs;
	const struct blob *b;
	struct place place;
	uint8_t *p;
	size_t n, i, got;

	r->nreplaced = r->nremarks = 0;
	r->sealed = r->signatures = 0;
	r->grown = false;
	r->left = ev_limits(r->ev)->total_bytes;
	inputs = ev_inputs(r->ev, &n);
	for (i = 0; i < n; i++) {
		b = ev_blob(r->ev, inputs[i].blob);
		place = (struct place){ redact_shown(r, inputs[i].path), "",
		    "", 0, 0 };
		if (b->p == NULL) {
			remark_add(r, &place, "left-out",
			    "it could not be read");
			continue;
		}
		p = redact_blob(r, &place, inputs[i].path, b->p, b->n,
		    USE_MEMBER, &got);
		if (outputs != NULL) {
			free(outputs[i].p);
			free(outputs[i].name);
			outputs[i] = (struct output){ .p = p, .n = got,
			    .name = strdup(inputs[i].path) };
			if (outputs[i].name == NULL)
				abort();
			(void)redact_name(r, &place, outputs[i].name);
		} else
			free(p);
	}
}

/* ---- the findings, a line each ---- */

static void
state_lines(const struct judgement *j, FILE *f)
{
	const struct verdict *v = &j->verdict;
	const struct finding *same;
	size_t i, n;

	fprintf(f, "outcome %s\n", outcome_names[v->outcome]);
	if (v->cause != NULL)
		fprintf(f, "cause %s, confidence %s\n", v->cause->rule->id,
		    confidence_names[v->confidence]);
	for (i = 0; i < v->nchain; i++)
		fprintf(f, "chain %zu: %s\n", i + 1, v->chain[i]->rule->id);
	for (i = 0; i < j->nfindings; i++) {
		n = 0;
		for (same = j->findings[i]; same != NULL; same = same->same)
			n++;
		fprintf(f, "finding %s, confidence %s, %zu\n",
		    j->findings[i]->rule->id,
		    confidence_names[j->findings[i]->confidence], n);
	}
}

static int
state_write(const struct judgement *j, FILE *f)
{
	char *text = NULL;
	size_t n;
	FILE *mem = open_memstream(&text, &n);
	int rc;

	if (mem == NULL)
		return -1;
	if (j != NULL)
		state_lines(j, mem);
	if (fclose(mem) != 0)
		return -1;
	rc = frame_write(f, FRAME_STATE, "", text, n);
	free(text);
	return rc;
}

int
redact_state_emit(struct evidence *ev, const struct judgement *j, FILE *f,
    void *arg)
{
	(void)ev;
	(void)arg;
	if (state_write(j, f) == -1)
		return -1;
	return frame_write(f, FRAME_END, "", "", 0);
}

/* ---- all of it ---- */

static int
texts_write(struct redactor *r, FILE *f)
{
	static const struct {
		enum frame_kind	 kind;
		const char	*name;
		void		 (*write)(struct redactor *, FILE *);
	} texts[] = {
		{ FRAME_FILE, "aiktriage-redaction.json", redact_manifest },
		{ FRAME_REPORT, "", redact_report }
	};
	char *text;
	size_t i, n;
	FILE *mem;
	int rc = 0;

	for (i = 0; i < 2 && rc == 0; i++) {
		text = NULL;
		mem = open_memstream(&text, &n);
		if (mem == NULL)
			return -1;
		texts[i].write(r, mem);
		if (fclose(mem) != 0)
			return -1;
		rc = frame_write(f, texts[i].kind, texts[i].name, text, n);
		free(text);
	}
	if (rc == 0) {
		text = map_write(r, &n);
		rc = frame_write(f, FRAME_MAP, "", text, n);
		free(text);
	}
	return rc;
}

int
redact_emit(struct evidence *ev, const struct judgement *j, FILE *f,
    void *arg)
{
	struct redactor *r = arena_alloc(ev_arena(ev), sizeof(*r));
	struct output *outputs;
	size_t n, i;
	int rc = 0, passes = 0;

	r->ev = ev;
	r->arena = ev_arena(ev);
	r->order = arg;
	(void)ev_inputs(ev, &n);
	outputs = calloc(n + 1, sizeof(*outputs));
	if (outputs == NULL)
		return -1;
	if (r->order->map != NULL && map_read(r, r->order->map,
	    r->order->map_n) == -1) {
		free(outputs);
		return frame_write(f, FRAME_END, "map", "", 0);
	}
	r->learning = true;
	r->left = ev_limits(ev)->total_bytes;
	redact_learn(r);
	pass(r, NULL);
	pass(r, NULL);	/* with what the end told of the beginning */
	secrets_name(r);
	redact_keys(r);
	r->learning = false;
	do
		pass(r, outputs);
	while (r->grown && ++passes < PASSES_MAX);
	rc = state_write(j, f);
	for (i = 0; i < n; i++) {
		if (outputs[i].p != NULL && rc == 0)
			rc = frame_write(f, FRAME_FILE, outputs[i].name,
			    outputs[i].p, outputs[i].n);
		free(outputs[i].p);
		free(outputs[i].name);
	}
	free(outputs);
	if (rc == 0)
		rc = texts_write(r, f);
	if (rc == 0)
		rc = frame_write(f, FRAME_END, "", "", 0);
	free(r->replaced);
	free(r->remarks);
	free(r->kept);
	free(r->secrets.v);
	return rc;
}
