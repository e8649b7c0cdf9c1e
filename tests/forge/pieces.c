/*
 * Pieces of a case as files of their own: one message of a run, and
 * certificates as people export them.
 * Relies on what attempt.c and pki.c have made.
 */
#include "forge.h"

#include <string.h>

/* message try=N step=chain|request|challenge|answer|certificate opened=yes */
void
message_make(struct buf *b, const struct scenario *s, const struct line *l)
{
	static const struct {
		const char	*name;
		enum step	 step;
		bool		 request;
	} steps[] = {
		{ "chain", STEP_CHAIN, false },
		{ "request", STEP_REQUEST, true },
		{ "challenge", STEP_REQUEST, false },
		{ "answer", STEP_ANSWER, true },
		{ "certificate", STEP_ANSWER, false },
	};
	const struct attempt *a = option_attempt(s, l);
	const char *name = option(l, "step", "request");
	const struct exchange *x;
	size_t i;

	for (i = 0; i < COUNT(steps); i++)
		if (strcmp(steps[i].name, name) == 0)
			break;
	if (i == COUNT(steps) || steps[i].step >= a->nexchanges)
		die("line %u: no step \"%s\" in that try", l->number, name);
	x = &a->exchanges[steps[i].step];
	if (strcmp(option(l, "opened", "no"), "yes") == 0)
		buf_add(b, steps[i].request ? &x->request_plain :
		    &x->answer_plain);
	else
		buf_add(b, steps[i].request ? &x->request : &x->answer);
}

static const struct cert *
certificate_find(const struct scenario *s, const struct line *l,
    const char *name)
{
	const struct device *d = option_device(s, l);

	if (strcmp(name, "ek") == 0)
		return &d->ek;
	if (strcmp(name, "aik-ca") == 0)
		return &d->service.aik_ca;
	if (strcmp(name, "aik-root") == 0)
		return &d->service.root;
	if (strcmp(name, "signer") == 0)
		return &option_attempt(s, l)->signer;
	return &ca_find(name)->cert;
}

/* What Intel's EK service answers: base64url without padding. */
static void
ekop_answer(struct buf *b, const struct cert *c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
	    "mnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned have = 0;
	size_t i;

	buf_str(b, "{\"pubhash\":\"made\",\"certificate\":\"");
	for (i = 0; i < c->der.n; i++) {
		bits = bits << 8 | c->der.p[i];
		for (have += 8; have >= 6; have -= 6)
			buf_byte(b, (uint8_t)digits[bits >> (have - 6) & 63]);
	}
	if (have > 0)
		buf_byte(b, (uint8_t)digits[bits << (6 - have) & 63]);
	buf_str(b, "\"}");
}

/* certificate of="NAME ..." form=pem|der|ekop; a name: a row of cas.tsv */
void
certificate_make(struct buf *b, const struct scenario *s,
    const struct line *l)
{
	char *names = xstrdup(option(l, "of", "ek")), *save = NULL, *name;
	bool pem = strcmp(option(l, "form", "der"), "pem") == 0;

	for (name = strtok_r(names, " ", &save); name != NULL;
	    name = strtok_r(NULL, " ", &save)) {
		const struct cert *c = certificate_find(s, l, name);

		if (strcmp(option(l, "form", "der"), "ekop") == 0)
			ekop_answer(b, c);
		else if (pem)
			pem_put(b, &c->der);
		else
			buf_add(b, &c->der);
	}
}
