/*
 * Claims and the links from them to their bytes: each range of bytes that is
 * cited becomes one excerpt, which knows every claim that rests on it.
 * Relies on model.h.
 */
#include <string.h>

#include "report/html.h"

#define PROOFS_SHOWN	5
#define SUPPORTS_SHOWN	3
#define CLAIMS_MAX	8	/* that an excerpt tells */

static struct excerpt *
excerpt_find(const struct html *html, struct span span)
{
	struct excerpt	*e;
	size_t		 i;

	for (i = html->excerpts.n; i > 0; i--) {
		e = html->excerpts.v[i - 1];
		if (e->span.blob == span.blob && e->span.off == span.off &&
		    e->span.len == span.len)
			return e;
	}
	return NULL;
}

/* The excerpt of a claim; NULL where there are too many already. */
static struct excerpt *
excerpt_of(struct html *html, const struct proof *proof, bool *ret_new)
{
	struct arena		*arena = ev_arena(html->model->ev);
	struct span		 span = ev_origin(html->model->ev, proof->span);
	struct excerpt		*e = excerpt_find(html, span);
	const struct proof	*other;
	size_t			 i;

	*ret_new = e == NULL;
	if (e == NULL) {
		if (html->excerpts.n >= EXCERPTS_MAX)
			return NULL;
		e = arena_alloc(arena, sizeof(*e));
		e->span = span;
		e->first = proof->span;
		e->at = proof->at;
		list_add(arena, &html->excerpts, e);
		e->number = html->excerpts.n;
	}
	for (i = 0; i < e->claims.n; i++) {
		other = e->claims.v[i];
		if (str_same(other->field, proof->field.p, proof->field.n) &&
		    str_same(other->value, proof->value.p, proof->value.n))
			return e;
	}
	if (e->claims.n < CLAIMS_MAX)
		list_add(arena, &e->claims, (void *)(uintptr_t)proof);
	return e;
}

static void
link_open(struct html *html, const struct proof *proof, bool minor,
    bool *ret_linked)
{
	bool		 is_new;
	struct excerpt	*e = excerpt_of(html, proof, &is_new);

	*ret_linked = e != NULL;
	if (e == NULL)
		return;
	html_raw(html, "<a");
	e->minor = minor && (is_new || e->minor);
	/* The way back leads to the first claim. */
	if (is_new)
		html_raw(html, " id=\"r%zu\"", e->number);
	html_raw(html, " href=\"#b%zu\">", e->number);
}

void
html_cite(struct html *html, const struct proof *proof)
{
	bool	linked;

	link_open(html, proof, false, &linked);
	html_str(html->f, model_brief(html->model,
	    citation_text(html->model, &proof->at)));
	if (linked)
		html_raw(html, "</a>");
}

/* The first read fact that this one rests on and that may be shown. */
static const struct proof *
fact_proof(struct html *html, const struct fact *fact)
{
	struct list		 proofs = { 0 };
	const struct proof	*proof;

	if (fact == NULL || fact->field->personal)
		return NULL;
	proof_collect(html->model, &proofs, fact);
	proof = proofs.n > 0 ? proofs.v[0] : NULL;
	return proof == NULL || proof->fact == NULL ? NULL : proof;
}

void
html_value(struct html *html, const struct item *item,
    const struct field *field, struct str text)
{
	const struct fact	*fact = NULL;
	const struct proof	*proof;
	struct str		 shown;
	bool			 linked = false;

	if (str_empty(text))
		return;
	/* Of a repeated field the one that is shown. */
	for (fact = item_fact(item, field); fact != NULL;
	    fact = fact_next(fact)) {
		shown = fact_show(html->model->ev, fact);
		if (str_same(shown, text.p, text.n))
			break;
	}
	if (fact == NULL)
		fact = item_fact(item, field);
	proof = fact_proof(html, fact);
	if (proof != NULL)
		link_open(html, proof, true, &linked);
	html_string(html, text);
	if (linked)
		html_raw(html, "</a>");
}

void
html_bytes(struct html *html, struct span span, const char *claim,
    struct str text)
{
	struct proof	*proof;
	struct citation	 at;
	bool		 linked = false;

	if (span.len > 0 && ev_cite(html->model->ev, span, &at)) {
		proof = arena_alloc(ev_arena(html->model->ev),
		    sizeof(*proof));
		proof->field = str_of(claim);
		proof->value = text;
		proof->span = span;
		proof->at = at;
		link_open(html, proof, true, &linked);
	}
	html_string(html, text);
	if (linked)
		html_raw(html, "</a>");
}

static void
html_proof(struct html *html, const struct proof *proof)
{
	size_t	k;

	html_raw(html, "<li>");
	if (proof->fact == NULL) {
		html_raw(html, "Not shown by bytes: ");
		html_str(html->f, proof->gap);
		html_raw(html, "</li>\n");
		return;
	}
	html_code(html, proof->field);
	html_raw(html, " = ");
	html_code(html, html_short(html, proof->value, 300));
	html_raw(html, " %s", proof->derived ? "computed from " : "at ");
	html_cite(html, proof);
	for (k = 0; k < proof->supports.n; k++) {
		if (k == SUPPORTS_SHOWN) {
			html_raw(html, " and %zu more",
			    proof->supports.n - k);
			break;
		}
		html_raw(html, "%s", k == 0 ?
		    " <span class=\"soft\">shows " : ", ");
		html_str(html->f, proof->supports.v[k]);
	}
	if (proof->supports.n > 0)
		html_raw(html, "</span>");
	html_raw(html, "</li>\n");
}

void
html_proofs(struct html *html, const struct list *proofs, const char *whole)
{
	bool	folded = false;
	size_t	i;

	html_raw(html, "<ul class=\"proof\">\n");
	for (i = 0; i < proofs->n; i++) {
		/* One more than fits is shown rather than announced. */
		if (i == PROOFS_SHOWN && proofs->n > PROOFS_SHOWN + 1) {
			if (whole != NULL) {
				html_raw(html, "<li><a href=\"#f-");
				html_str(html->f, whole);
				html_raw(html, "\">%zu more</a></li>\n",
				    proofs->n - i);
				break;
			}
			html_raw(html, "</ul>\n<details><summary>%zu more"
			    "</summary>\n<ul class=\"proof\">\n",
			    proofs->n - i);
			folded = true;
		}
		html_proof(html, proofs->v[i]);
	}
	html_raw(html, "</ul>%s\n", folded ? "</details>" : "");
}
