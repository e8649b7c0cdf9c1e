/*
 * Chooses the events of a log that matter, counts the others, and keeps the
 * last start of Windows.  Relies on event.h for the values of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/event.h"

/* ---- which events matter ---- */

static bool
holds(const struct event *e, const char *word)
{
	size_t i;

	for (i = 0; i < e->ndata; i++)
		if (event_value_holds(&e->data[i].value, word))
			return true;
	return event_value_holds(&e->message, word);
}

static bool
event_matters(const struct event *e)
{
	const struct event_value *source = &e->slots[EVENT_PROVIDER];
	int64_t id = event_value_number(&e->slots[EVENT_ID]);

	if (!event_source_matters(source->p, source->n))
		return false;
	if (event_value_holds(source, "CertEnroll"))
		return id == 64 || id == 65 || (id >= 85 && id <= 88);
	/* Shells say much; of interest is what they say of attestation. */
	if (event_value_holds(source, "Shell-Core") ||
	    event_value_holds(source, "CloudExperienceHost"))
		return holds(e, "attestation");
	if (event_value_holds(source, "ModernDeployment"))
		return e->slots[EVENT_CHANNEL].n == 0 ||
		    event_value_holds(&e->slots[EVENT_CHANNEL], "Autopilot");
	return true;
}

/* ---- the log ---- */

static void
other_count(struct event_log *log, const struct event *e)
{
	const struct event_value *v = &e->slots[EVENT_PROVIDER];
	struct event_other *o;
	size_t i;

	for (i = 0; i < log->nothers; i++) {
		o = &log->others[i];
		if (strlen(o->name) == v->n && memcmp(o->name, v->p, v->n) ==
		    0) {
			o->n++;
			return;
		}
	}
	if (i == EVENT_OTHERS || v->n == 0 || memchr(v->p, '\0', v->n) != NULL)
		return;
	o = &log->others[log->nothers++];
	o->name = strndup(v->p, v->n);
	if (o->name == NULL) {
		log->nothers--;
		return;
	}
	o->n = 1;
	o->at = v->npieces > 0 ? event_value_span(v) : e->at;
}

/* Windows started: the event tells the kernel's build and its revision. */
static void
boot_keep(struct event_log *log, const struct event *e)
{
	const struct event_value *source = &e->slots[EVENT_PROVIDER];
	const struct event_value *time = &e->slots[EVENT_TIME];
	const struct event_value *build, *revision;
	struct event_boot boot = { .build = 0 };

	if (!event_value_is(source, "Microsoft-Windows-Kernel-General") ||
	    event_value_number(&e->slots[EVENT_ID]) != 12 || time->n == 0 ||
	    (build = event_data_named(e, "BuildVersion")) == NULL ||
	    (revision = event_data_named(e, "QfeVersion")) == NULL ||
	    build->npieces == 0 || revision->npieces == 0)
		return;
	boot.build = event_value_number(build);
	boot.revision = event_value_number(revision);
	boot.build_at = event_value_span(build);
	boot.revision_at = event_value_span(revision);
	snprintf(boot.time, sizeof(boot.time), "%.*s", (int)time->n, time->p);
	/* Times of one log are of one form, so they compare as texts. */
	if (boot.build > 0 && boot.revision > 0 &&
	    strcmp(boot.time, log->boot.time) >= 0)
		log->boot = boot;
}

static void
boot_facts(struct evidence *ev, struct item *it, const struct event_boot *boot)
{
	if (boot->build == 0)
		return;
	ev_artifact(it, ARTIFACT_BUILD);
	ev_fact(ev, it, &eventlog_build, value_int(boot->build),
	    boot->build_at);
	ev_fact(ev, it, &eventlog_revision, value_int(boot->revision),
	    boot->revision_at);
}

void
event_add(struct evidence *ev, struct event *e, struct event_log *log)
{
	log->records++;
	boot_keep(log, e);
	if (!event_matters(e)) {
		other_count(log, e);
		return;
	}
	if (log->taken == ev_limits(ev)->text_records) {
		ev_limit(ev, e->at, "text_records", "only the first %zu "
		    "events of a log that matter are read", log->taken);
		return;
	}
	log->taken++;
	event_compose(ev, e);
}

void
event_log_end(struct evidence *ev, const struct blob *b,
    struct event_log *log)
{
	struct item *it = item_up(b->item, ITEM_FILE);
	struct fact *f;
	size_t i;

	if (it != NULL && item_fact(it, &eventlog_records) == NULL) {
		ev_artifact(it, ARTIFACT_EVENT);
		boot_facts(ev, it, &log->boot);
		ev_derive(ev, it, &eventlog_records,
		    value_int((int64_t)log->records), blob_span(b), NULL, 0,
		    NULL);
		ev_derive(ev, it, &eventlog_unread,
		    value_int((int64_t)(log->records - log->taken)),
		    blob_span(b), NULL, 0, NULL);
		for (i = 0; i < log->nothers; i++) {
			f = ev_fact_keyed(ev, it, &eventlog_other,
			    log->others[i].name,
			    value_int((int64_t)log->others[i].n),
			    log->others[i].at);
			f->derived = true;
		}
	}
	for (i = 0; i < log->nothers; i++)
		free(log->others[i].name);
	log->nothers = 0;
}
