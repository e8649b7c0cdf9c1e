/*
 * Options of what is written: formats, output files, colour, and which
 * findings are shown.  Relies on option_table.h and the table of reporters.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "batch/summary.h"
#include "log.h"
#include "option_table.h"

int
options_format_unknown(const char *word)
{
	char all[256] = "";
	size_t i, len;

	for (i = 0; reporters[i] != NULL; i++) {
		len = strlen(all);
		snprintf(all + len, sizeof(all) - len, "%s%s",
		    i > 0 ? ", " : "", reporters[i]->name);
	}
	log_error("\"%s\" is no format; there are %s", word, all);
	return -1;
}

static int
set_json(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	(void)arg;
	o->format = "json";
	return OPTION_SET;
}

static void
output_add(struct options *o, const struct reporter *r, const char *format,
    const char *path)
{
	o->outputs = option_list_add(o->outputs, o->noutputs,
	    sizeof(*o->outputs));
	o->outputs[o->noutputs] = (struct options_output){ r, "", path };
	snprintf(o->outputs[o->noutputs++].format,
	    sizeof(o->outputs->format), "%s", format);
}

static int
set_escalation(struct options *o, const struct option_info *info,
    const char *arg)
{
	(void)info;
	output_add(o, &reporter_escalation, reporter_escalation.name, arg);
	return OPTION_SET;
}

static int
set_output(struct options *o, const struct option_info *info, const char *arg)
{
	const char *colon = strchr(arg, ':');
	const struct reporter *r;
	char name[32];

	(void)info;
	if (colon == NULL || colon[1] == '\0') {
		log_error("-o %s: want FORMAT:PATH, like json:report.json",
		    arg);
		return OPTION_MISTAKE;
	}
	snprintf(name, sizeof(name), "%.*s", colon - arg < (int)sizeof(name) ?
	    (int)(colon - arg) : (int)sizeof(name) - 1, arg);
	r = reporter_find(name);
	/* A batch has formats of its own. */
	if (r == NULL && (!(o->command->options & (OPTIONS_BATCH |
	    OPTIONS_OUTPUT)) || !summary_format(name)))
		return options_format_unknown(name);
	output_add(o, r, name, colon + 1);
	return OPTION_SET;
}

static int
set_color(struct options *o, const struct option_info *info, const char *arg)
{
	int i = option_word(info, arg);

	if (i == -1)
		return OPTION_MISTAKE;
	o->color = (enum options_color)i;
	return OPTION_SET;
}

static int
set_only(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	return option_words_add(&o->only, &o->nonly, arg);
}

static int
set_why(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	return option_words_add(&o->why, &o->nwhy, arg);
}

static int
set_min_severity(struct options *o, const struct option_info *info,
    const char *arg)
{
	return option_severity(info, arg, &o->min_severity);
}

static int
set_fail_on(struct options *o, const struct option_info *info,
    const char *arg)
{
	o->fail_on_set = true;
	return option_severity(info, arg, &o->fail_on);
}

const struct option_info options_report_list[] = {
	{ OPTIONS_FORMAT, 0, "format", "FORMAT",
	    "write the report in this format to standard output",
	    option_text, offsetof(struct options, format) },
	{ OPTIONS_FORMAT, 0, "json", NULL, "the same as --format=json",
	    set_json, 0 },
	{ OPTIONS_REPORT | OPTIONS_OUTPUT, 'o', "output", "FORMAT:PATH",
	    "write a report to a file, too; may be repeated", set_output, 0 },
	{ OPTIONS_ONE, 0, "escalation", "FILE",
	    "write what the service's support needs to a file",
	    set_escalation, 0 },
	{ OPTIONS_REPORT | OPTIONS_AUTHORITY | OPTIONS_OUTPUT |
	    OPTIONS_REDACT, 0, "force",
	    NULL, "replace output files that exist",
	    option_true, offsetof(struct options, force) },
	{ OPTIONS_REPORT, 0, "csv-bom", NULL,
	    "begin CSV with the mark by which Excel knows UTF-8",
	    option_true, offsetof(struct options, csv_bom) },
	{ OPTIONS_REPORT, 0, "color", "auto|always|never",
	    "colour in the text report; NO_COLOR turns auto off",
	    set_color, 0 },
	{ OPTIONS_REPORT, 0, "only", "ID",
	    "show only this rule's findings; may be repeated", set_only, 0 },
	{ OPTIONS_REPORT, 0, "min-severity", "SEVERITY",
	    "show findings from note, warning or error on",
	    set_min_severity, 0 },
	{ OPTIONS_REPORT, 0, "fail-on", "SEVERITY",
	    "end with status 1 for findings from this severity on",
	    set_fail_on, 0 },
	{ OPTIONS_REPORT, 0, "why", "ID",
	    "show this rule's conditions with values; may be repeated",
	    set_why, 0 },
	{ .name = NULL }
};
