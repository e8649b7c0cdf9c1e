/*
 * What the files of the JSON report share.  Relies on model.h and escape.h.
 */
#ifndef REPORT_JSON_PARTS_H
#define REPORT_JSON_PARTS_H

#include "report/escape.h"
#include "report/model.h"

/* An array of citations with field and value; and of gaps. */
json_t	*json_proofs(const struct list *);
/* The trees of --why (why_json.c). */
json_t	*json_why(struct model *);

/* The whole report. */
json_t	*json_report(struct model *);

#endif
