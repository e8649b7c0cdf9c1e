/*
 * What the files of the JSON report share.  Relies on model.h and escape.h.
 */
#ifndef REPORT_JSON_PARTS_H
#define REPORT_JSON_PARTS_H

#include "report/escape.h"
#include "report/model.h"

/* ---- json_set.c: what is absent (NULL, empty, ABSENT) is left out ---- */

void	json_set(json_t *object, const char *key, json_t *value);
void	json_set_text(json_t *object, const char *key, const char *);
void	json_set_str(json_t *object, const char *key, struct str);
void	json_set_number(json_t *object, const char *key, int64_t);
void	json_set_time(struct model *, json_t *object, const char *key,
	    int64_t us);
json_t	*json_texts(const struct list *);
json_t	*json_strings(const char *const *v, size_t n);
/* input, member, offset, length and via; alone or among other members. */
json_t	*json_citation(const struct citation *);
void	json_set_citation(json_t *object, const struct citation *);

/* ---- json.c ---- */

/* Of an attempt: what has none is unfinished. */
json_t	*json_outcome(struct str);
/* An array of citations with field and value; and of gaps. */
json_t	*json_proofs(const struct list *);
/* The trees of --why (why_json.c). */
json_t	*json_why(struct model *);

/* The block for the service's support; the devices (json_escalation.c). */
json_t	*json_escalation(struct model *);
json_t	*json_devices(const struct model *);

/* The whole report. */
json_t	*json_report(struct model *);

#endif
