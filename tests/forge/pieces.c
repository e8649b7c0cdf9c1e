/*
 * Pieces of a case as files of their own: one message of a run, and
 * certificates as people export them.
 * Relies on what attempt.c and pki.c have made.
 */
#include "x509.h"

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

/* How several certificates come, or what stands for one. */
static void
form_make(struct buf *b, const char *form, const struct cert *const *certs,
    size_t n, const struct scenario *s, const struct line *l)
{
	const char *revoked = option(l, "revoked", NULL);
	size_t i;

	if (strcmp(form, "chain") == 0)
		certs_only(b, certs, n);
	for (i = 0; i < n; i++)
		if (strcmp(form, "ekop") == 0)
			ekop_answer(b, certs[i]);
		else if (strcmp(form, "crl") == 0)
			crl_make(b, certs[i], revoked == NULL ? NULL :
			    certificate_find(s, l, revoked), s->time);
		else if (strcmp(form, "pem") == 0)
			pem_put(b, &certs[i]->der);
		else if (strcmp(form, "der") == 0)
			buf_add(b, &certs[i]->der);
}

/*
 * certificate of="NAME ..." form=pem|der|ekop|chain|crl; a name: a row of
 * cas.tsv; crl: the list of that CA, with the certificate revoked=NAME.
 */
void
certificate_make(struct buf *b, const struct scenario *s,
    const struct line *l)
{
	char *names = xstrdup(option(l, "of", "ek")), *save = NULL, *name;
	const struct cert *certs[16];
	size_t n = 0;

	for (name = strtok_r(names, " ", &save); name != NULL && n < 16;
	    name = strtok_r(NULL, " ", &save))
		certs[n++] = certificate_find(s, l, name);
	form_make(b, option(l, "form", "der"), certs, n, s, l);
}
