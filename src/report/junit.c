/*
 * The JUnit report: one test case a rule.  A symptom, mechanism or cause that
 * was found fails, a rule that could not be judged is skipped.
 * Relies on model.h and escape.h.
 */
#include <string.h>

#include "report/escape.h"
#include "report/model.h"

/* XML 1.0 cannot hold most controls: they are shown as in text. */
static void
xml(struct model *model, FILE *f, struct str s)
{
	s.p = escape_text(ev_arena(model->ev), s.p == NULL ? "" : s.p, s.n,
	    &s.n);
	html_text(f, s.p, s.n);
}

static void
attribute(struct model *model, FILE *f, const char *name, struct str value)
{
	(void)fprintf(f, " %s=\"", name);
	xml(model, f, value);
	(void)fputc('"', f);
}

/* The escalation block, whose line ends stay. */
static void
lines(struct model *model, FILE *f, const char *text)
{
	size_t n;

	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		xml(model, f, (struct str){ text, n });
		(void)fputc('\n', f);
	}
}

static bool
is_failure(const struct row_finding *row)
{
	return row != NULL && row->rule->severity == SEVERITY_ERROR &&
	    !row->finding->overtaken;
}

static void
failure(struct model *model, FILE *f, const struct row_finding *row)
{
	const struct proof *proof;
	size_t i;

	(void)fputs("<failure", f);
	attribute(model, f, "type", str_of(rule_kind_names[row->rule->kind]));
	attribute(model, f, "message", str_of(row->finding->title));
	(void)fputc('>', f);
	xml(model, f, str_of(row->finding->why));
	for (i = 0; i < row->proofs.n; i++) {
		proof = row->proofs.v[i];
		(void)fputc('\n', f);
		if (proof->fact == NULL) {
			xml(model, f, str_of(proof->gap));
			continue;
		}
		xml(model, f, str_of(citation_text(model, &proof->at)));
		(void)fputc(' ', f);
		xml(model, f, proof->field);
		(void)fputc(' ', f);
		xml(model, f, proof->value);
	}
	(void)fputs("</failure>", f);
}

static int
junit_write(const struct report *report, FILE *f)
{
	struct model *model = model_new(report);
	const struct row_coverage *row;
	const struct row_finding *found;
	size_t i, failures = 0, skipped = 0;

	for (i = 0; i < model->coverage.n; i++) {
		row = model->coverage.v[i];
		failures += is_failure(model_finding(model,
		    row->coverage->rule));
		skipped += row->coverage->state == STATE_CANNOT_SAY;
	}
	(void)fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n<testsuite name=\"aiktriage\" tests=\"%zu\" "
	    "failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n<properties>\n",
	    model->coverage.n, failures, skipped);
	(void)fprintf(f, "<property name=\"case\" value=\"%s\"/>\n",
	    model->case_id);
	(void)fputs("<property name=\"verdict\"", f);
	attribute(model, f, "value", str_of(model->verdict->sentence));
	(void)fputs("/>\n</properties>\n", f);
	for (i = 0; i < model->coverage.n; i++) {
		row = model->coverage.v[i];
		found = model_finding(model, row->coverage->rule);
		(void)fputs("<testcase classname=\"aiktriage\"", f);
		attribute(model, f, "name", str_of(row->coverage->rule));
		(void)fputc('>', f);
		if (is_failure(found))
			failure(model, f, found);
		else if (row->coverage->state == STATE_CANNOT_SAY) {
			(void)fputs("<skipped", f);
			attribute(model, f, "message", str_of(row->ask == NULL ?
			    "cannot say" : row->ask));
			(void)fputs("/>", f);
		} else if (found != NULL) {
			(void)fputs("<system-out>", f);
			xml(model, f, str_of(found->finding->title));
			(void)fputs("</system-out>", f);
		}
		(void)fputs("</testcase>\n", f);
	}
	if (model->escalation.text[0] != '\0') {
		(void)fputs("<system-out>", f);
		lines(model, f, model->escalation.text);
		(void)fputs("</system-out>\n", f);
	}
	(void)fputs("</testsuite>\n</testsuites>\n", f);
	return ferror(f) ? -1 : 0;
}

const struct reporter	reporter_junit = {
	.name = "junit",
	.suffix = ".xml",
	.write = junit_write,
};
