/*
 * What the service's answer to a stage comes to: the EK certificate refused, a
 * refusal without a word, no such authority.  Relies on the facts that
 * stages.c and runs.c copied to the stage or attempt.
 */
#include "correlate/stages.h"

FIELD(rejected_ek, "rejected_ek", BOOL, KIND(ATTEMPT) | KIND(STAGE),
    ARTIFACT(MESSAGE), "the service answered 400 \"No valid TPM EK/Platform "
    "certificate\"");
FIELD(rejected_unnamed, "rejected_unnamed", BOOL, KIND(ATTEMPT) | KIND(STAGE),
    ARTIFACT(ANSWER), "the service answered 400 without a message, or with "
    "one that says nothing known");
FIELD(no_authority, "no_authority", BOOL, KIND(ATTEMPT) | KIND(STAGE),
    ARTIFACT(MESSAGE), "the service answered 404 \"The authority ... does not "
    "exist\", or certreq gave 0x80190194 at GetCACaps without a text");

#define EK_MESSAGE	"No valid TPM EK/Platform certificate"
#define NOT_FOUND_CODE	INT64_C(0x80190194)

/* The client's code for HTTP 400 at the stage, or NULL. */
static const struct fact *
code_400(const struct item *it)
{
	const struct fact *f = item_fact(it, &stage_code);

	while (f != NULL && f->value.number != INT64_C(0x80190190))
		f = fact_next(f);
	return f;
}

/* A 400 whose message was not captured says neither yes nor no. */
static void
derive_rejected(struct evidence *ev, struct item *it)
{
	const struct fact *body = item_fact(it, &http_body), *f;
	const struct fact *why[2] = {
		item_fact(it, &http_status), item_fact(it, &service_message)
	};
	bool refused;

	/* A text may have lost the HTTP line; the code says the same. */
	if (why[0] == NULL)
		why[0] = code_400(it);
	if (why[1] != NULL || fact_is(body, "ok") || fact_is(body, "none"))
		ev_artifact(it, ARTIFACT_MESSAGE);
	for (f = why[1]; f != NULL && !fact_holds(f, EK_MESSAGE);
	    f = fact_next(f))
		continue;
	if (why[0] == NULL)
		return;
	refused = why[0]->value.type == VALUE_CODE ||
	    why[0]->value.number == 400;
	if (f != NULL)
		why[1] = f;
	else if (refused && why[1] == NULL) {
		if (!(it->artifacts & ARTIFACT(MESSAGE)))
			return;
		why[1] = body;
	}
	ev_derive(ev, it, &rejected_ek, value_bool(f != NULL && refused),
	    SPAN_NONE, why, 2, NULL);
}

/* Refusals that have rules of their own. */
static const char *const named_refusals[] = {
	EK_MESSAGE, "Failed to parse SCEP", "firmware needs update",
	"ECC AIK requests not supported"
};

/* The service answers with JSON: a page is somebody else's. */
static void
derive_unnamed(struct evidence *ev, struct item *it)
{
	const struct fact *why[2] = { item_fact(it, &http_status), NULL }, *f;
	bool unnamed;
	size_t i;

	if (why[0] == NULL)
		why[0] = code_400(it);
	if (why[0] == NULL)
		return;
	unnamed = (why[0]->value.type == VALUE_CODE ||
	    why[0]->value.number == 400) &&
	    !fact_is(item_fact(it, &http_content), "html");
	for (f = item_fact(it, &service_message); f != NULL; f = fact_next(f))
		for (i = 0; i < sizeof(named_refusals) /
		    sizeof(*named_refusals); i++)
			if (fact_holds(f, named_refusals[i])) {
				why[1] = f;
				unnamed = false;
			}
	ev_derive(ev, it, &rejected_unnamed, value_bool(unnamed), SPAN_NONE,
	    why, 2, NULL);
}

/*
 * The authority that was asked is not there.  The client's code alone says so
 * at the first question only: nothing else is asked of the host then.
 */
static void
derive_no_authority(struct evidence *ev, struct item *it)
{
	const struct fact *status = item_fact(it, &http_status), *f;
	const struct fact *why[3] = { status, NULL, NULL }, *stage;
	bool found = status != NULL && status->value.number == 404, said;

	for (f = item_fact(it, &stage_code); f != NULL; f = fact_next(f))
		if (f->value.number == NOT_FOUND_CODE)
			break;
	why[1] = f != NULL ? f : item_fact(it, &stage_code);
	if (why[0] == NULL && why[1] == NULL)
		return;
	found = found || f != NULL;
	for (why[2] = item_fact(it, &service_message); why[2] != NULL;
	    why[2] = fact_next(why[2]))
		if (fact_holds(why[2], "authority") &&
		    fact_holds(why[2], "does not exist"))
			break;
	said = why[2] != NULL;
	stage = item_fact(it, it->kind == ITEM_STAGE ? &stage_name :
	    &attempt_failed_stage);
	if (found && !said && item_fact(it, &service_message) == NULL) {
		said = f != NULL && fact_is(stage, "GetCACaps");
		if (!said && !(it->artifacts & ARTIFACT(MESSAGE)))
			return;
	}
	ev_derive(ev, it, &no_authority, value_bool(found && said),
	    SPAN_NONE, why, 3, NULL);
}

void
derive_answers(struct evidence *ev, struct item *it)
{
	derive_rejected(ev, it);
	derive_unnamed(ev, it);
	derive_no_authority(ev, it);
}
