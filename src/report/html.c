/*
 * The HTML report: one file that needs no network and no script.  This file
 * writes the top of the page, which a reader shall need one minute for, and
 * calls the other parts.  Relies on model.h and html.h.
 */
#include "report/html.h"

#include <string.h>

#include "correlate/attempt.h"

void
html_string(const struct html *html, struct str s)
{
	html_text(html->f, s.p, s.n);
}

void
html_raw(const struct html *html, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	(void)vfprintf(html->f, fmt, ap);
	va_end(ap);
}

void
html_code(const struct html *html, struct str s)
{
	html_raw(html, "<code>");
	html_string(html, s);
	html_raw(html, "</code>");
}

struct str
html_short(const struct html *html, struct str s, size_t max)
{
	struct arena	*arena = ev_arena(html->model->ev);
	char		*text;
	int32_t		 c;
	size_t		 i, n;

	for (i = 0, n = 0; i < s.n && n < max; n++)
		i += character_next(s.p + i, s.n - i, &c);
	if (i == s.n)
		return s;
	text = arena_alloc(arena, i + 4);
	memcpy(text, s.p, i);
	memcpy(text + i, "\xe2\x80\xa6", 3);
	return (struct str){ text, i + 3 };
}

/* ---- the top of the page ---- */

struct part {
	const char	*id, *name;
	bool		 absent;
};

static void
html_nav(const struct html *html)
{
	const struct model	*m = html->model;
	const struct part	 parts[] = {
		{ "next", "What to do", false },
		{ "chain", "Cause", m->chain.n == 0 },
		{ "escalation-part", "Escalation",
		    m->escalation.text[0] == '\0' },
		{ "attempts", "Attempts", m->attempts.n == 0 },
		{ "certificates", "Certificates",
		    m->certificates.n == 0 && m->weak.n == 0 },
		{ "timeline", "Timeline", false },
		{ "findings", "All findings", m->findings.n == 0 },
		{ "codes", "Codes", m->codes.n == 0 },
		{ "inputs", "Inputs", false },
		{ "coverage", "Coverage", m->coverage.n == 0 },
		{ "bytes", "Bytes", m->findings.n == 0 && m->codes.n == 0 },
	};
	size_t			 i;

	html_raw(html, "<nav aria-label=\"Parts of the report\"><ul>\n");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		/* A link goes nowhere where a part has nothing to say. */
		if (!parts[i].absent)
			html_raw(html, "<li><a href=\"#%s\">%s</a></li>\n",
			    parts[i].id, parts[i].name);
	html_raw(html, "</ul></nav>\n");
}

static void
html_verdict(const struct html *html)
{
	const struct verdict	*v = html->model->verdict;

	html_raw(html, "<header id=\"top\">\n<p>"
	    "<span class=\"badge %s\">%s</span>\n"
	    "<span class=\"badge soft\">confidence: %s%s%s</span>\n",
	    outcome_names[v->outcome], outcome_names[v->outcome],
	    confidence_names[v->confidence], v->capped == NULL ? "" : ": ",
	    v->capped == NULL ? "" : v->capped);
	if (v->cause != NULL) {
		html_raw(html, "<span class=\"badge cause\">");
		html_str(html->f, v->cause->rule->id);
		html_raw(html, "</span>\n");
	}
	html_raw(html, "</p>\n<h1>");
	html_str(html->f, v->sentence);
	html_raw(html, "</h1>\n");
	html_nav(html);
	html_raw(html, "</header>\n<main id=\"main\">\n");
}

/* ---- in short: proof, next step, device ---- */

static void
short_proof(struct html *html, const struct proof *proof)
{
	html_raw(html, "<li>");
	if (proof->fact == NULL) {
		html_str(html->f, proof->gap);
		html_raw(html, "</li>\n");
		return;
	}
	html_code(html, html_short(html, proof->value, 120));
	html_raw(html, " <span class=\"soft\">");
	html_string(html, html_short(html, str_of(proof->fact->field->help),
	    80));
	html_raw(html, "</span>, %s", proof->derived ? "computed from " :
	    "at ");
	html_cite(html, proof);
	html_raw(html, "</li>\n");
}

/* At most `most` of them that were not shown yet. */
static void
short_some(struct html *html, const struct list *proofs, size_t most,
    struct list *shown)
{
	size_t	i, n = 0;

	for (i = 0; i < proofs->n && n < most; i++) {
		if (proof_in(shown, proofs->v[i]))
			continue;
		short_proof(html, proofs->v[i]);
		list_add(ev_arena(html->model->ev), shown, proofs->v[i]);
		n++;
	}
}

static void
short_known(const struct html *html, const struct row_finding *row)
{
	size_t	i;

	for (i = 0; i < row->known.n; i++) {
		html_raw(html, "%s", i == 0 ? "<li>built-in tables: " : ", ");
		html_str(html->f, row->known.v[i]);
	}
	if (row->known.n > 0)
		html_raw(html, "</li>\n");
}

/* Without a chain: what else was found, or how the last attempt ended. */
static void
short_unchained(struct html *html, struct list *shown)
{
	const struct model		*m = html->model;
	const struct row_attempt	*attempt;
	const struct row_finding	*row;
	const struct fact		*fact = NULL;
	struct list			 proofs = { 0 };
	size_t				 i, n = 0;

	for (i = 0; i < m->findings.n && n < 4 &&
	    m->verdict->outcome != OUTCOME_SUCCEEDED; i++) {
		row = m->findings.v[i];
		if (row->rule->severity == SEVERITY_NOTE)
			continue;
		short_some(html, &row->proofs, 1, shown);
		n++;
	}
	if (n > 0 || m->attempts.n == 0)
		return;
	attempt = m->attempts.v[m->attempts.n - 1];
	fact = item_fact(attempt->at, &attempt_outcome);
	if (fact != NULL)
		proof_collect(html->model, &proofs, fact);
	short_some(html, &proofs, 2, shown);
}

/* The bytes that say most: of each link what those before did not show. */
static void
short_proofs(struct html *html)
{
	static const size_t	 most[] = {
		[RULE_SYMPTOM] = 1, [RULE_MECHANISM] = 2, [RULE_CAUSE] = 2,
		[RULE_CONTEXT] = 1, [RULE_QUALITY] = 1
	};
	const struct row_finding *row;
	struct list		 proofs, shown = { 0 };
	size_t			 i;

	html_raw(html, "<dt>Proof</dt><dd><ul>\n");
	for (i = 0; i < html->model->chain.n; i++) {
		row = html->model->chain.v[i];
		proofs = html_link_proofs(html, i);
		short_some(html, &proofs, most[row->rule->kind], &shown);
		short_known(html, row);
	}
	if (html->model->chain.n == 0)
		short_unchained(html, &shown);
	html_raw(html, "</ul></dd>\n");
}

/* A value of a device, linked where one of the devices has it. */
static void
device_value(struct html *html, const struct field *field, struct str value)
{
	const struct item	*item;
	struct str		 shown;

	for (item = ev_first(html->model->ev, ITEM_DEVICE); item != NULL;
	    item = item->next) {
		shown = item_show(html->model->ev, item, field);
		if (shown.n == value.n && str_same(shown, value.p, value.n)) {
			html_value(html, item, field, value);
			return;
		}
	}
	html_string(html, value);
}

/* The words of a device that a person asks for first. */
static void
short_device(struct html *html)
{
	const struct device	*device = &html->model->device;
	const struct {
		const char	*before;
		struct str	 value;
		const struct field *field;
	} parts[] = {
		{ "TPM of ", device->vendor, &device_vendor },
		{ "firmware ", device->firmware, &device_firmware },
		{ "version ", device->tpm_version, &device_tpm_version },
		{ "Windows ", device->windows_build, &device_windows_build },
	};
	size_t			 i, n = 0;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (str_empty(parts[i].value))
			continue;
		html_raw(html, "%s%s", n++ > 0 ? ", " :
		    "<dt>Device</dt><dd>", parts[i].before);
		device_value(html, parts[i].field, parts[i].value);
	}
	if (n > 0)
		html_raw(html, "</dd>\n");
}

static void
html_in_short(struct html *html)
{
	const struct model	*m = html->model;
	const struct row_attempt *last;

	html_raw(html, "<section id=\"short\"><h2>In short</h2>\n"
	    "<dl class=\"short\">\n<dt>Next step</dt><dd><strong>");
	html_str(html->f, m->verdict->next_step);
	html_raw(html, "</strong></dd>\n");
	if (m->findings.n > 0 || m->chain.n > 0 || m->attempts.n > 0)
		short_proofs(html);
	if (m->attempts.n > 0) {
		last = m->attempts.v[m->attempts.n - 1];
		html_raw(html, "<dt>Attempts</dt><dd>%zu%s", m->attempts.n,
		    m->time == ABSENT ? "" : ", the last ");
		if (m->time != ABSENT)
			html_str(html->f, time_text(ev_arena(m->ev),
			    m->time));
		if (!str_empty(last->host)) {
			html_raw(html, ", asking <span class=\"id\">");
			html_value(html, last->at, &attempt_host, last->host);
			html_raw(html, "</span>");
		}
		html_raw(html, "</dd>\n");
	}
	short_device(html);
	html_raw(html, "</dl></section>\n");
}

/* ---- what to do ---- */

static void
html_next(const struct html *html)
{
	const struct verdict	*v = html->model->verdict;
	size_t			 i;

	html_raw(html, "<section id=\"next\"><h2>What to do next</h2>\n<ol>"
	    "<li>");
	html_str(html->f, v->next_step);
	html_raw(html, "</li>\n");
	for (i = 0; v->cause != NULL && i < v->cause->rule->nfix; i++) {
		if (strncmp(v->cause->fix[i], v->next_step,
		    strlen(v->cause->fix[i])) == 0)
			continue;
		html_raw(html, "<li>");
		html_str(html->f, v->cause->fix[i]);
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ol></section>\n");
}

static void
html_escalation(const struct html *html)
{
	if (html->model->escalation.text[0] == '\0')
		return;
	html_raw(html, "<section id=\"escalation-part\"><h2>Escalation block "
	    "for the service's support</h2>\n");
	html_copy(html->f, "escalation", "Escalation block",
	    html->model->escalation.text);
	html_raw(html, "</section>\n");
}

static int
html_write(const struct report *report, FILE *f)
{
	struct html	html = { .f = f, .model = model_new(report) };

	html_begin(f, arena_printf(ev_arena(report->ev), "aiktriage: %s",
	    html.model->verdict->cause == NULL ?
	    outcome_names[html.model->verdict->outcome] :
	    html.model->verdict->cause->rule->id), html.model->version);
	html_verdict(&html);
	html_in_short(&html);
	html_chain(&html);
	html_next(&html);
	html_escalation(&html);
	html_attempts(&html);
	html_certificates(&html);
	html_timeline(&html);
	html_joins(&html);
	html_others(&html);
	html_findings(&html);
	html_why_asked(&html);
	html_codes(&html);
	html_inputs(&html);
	html_coverage(&html);
	html_excerpts(&html);
	html_raw(&html, "</main>\n<footer><p>aiktriage %s, rules %s, case %s"
	    "</p></footer>\n", html.model->version, html.model->rules_sha256,
	    html.model->case_id);
	html_end(f);
	return ferror(f) ? -1 : 0;
}

const struct reporter	reporter_html = {
	.name = "html",
	.suffix = ".html",
	.write = html_write,
};
