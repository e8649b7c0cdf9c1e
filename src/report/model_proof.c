/*
 * From findings to bytes: what was computed is taken apart until only facts
 * that were read somewhere are left.  Relies on model.h.
 */
#include <string.h>

#include "report/model.h"

/* Facts on the way from a judged one to a read one. */
#define DEPTH_MAX	16

struct walk {
	struct model	*model;
	struct list	*proofs;
	struct list	 seen;		/* facts taken apart already */
	const struct fact *path[DEPTH_MAX];
	unsigned int	 depth;
};

static struct str
field_text(struct model *model, const struct fact *fact)
{
	if (fact->key == NULL)
		return str_of(fact->field->name);
	return str_of(arena_printf(ev_arena(model->ev), "%s[\"%s\"]",
	    fact->field->name, fact->key));
}

static bool
span_same(struct span a, struct span b)
{
	return a.blob == b.blob && a.off == b.off && a.len == b.len;
}

/* A copy on another item says nothing that the original does not say. */
static bool
fact_same(const struct fact *a, const struct fact *b)
{
	return a->field == b->field && value_equal(&a->value, &b->value) &&
	    (a->key == NULL) == (b->key == NULL) &&
	    (a->key == NULL || strcmp(a->key, b->key) == 0);
}

static void
proof_support(struct walk *walk, struct proof *proof)
{
	struct arena		*arena = ev_arena(walk->model->ev);
	const struct fact	*fact;
	struct str		 field, value;
	unsigned int		 i;

	for (i = 0; i < walk->depth; i++) {
		fact = walk->path[i];
		if (fact == proof->fact || fact_same(fact, proof->fact))
			continue;
		field = field_text(walk->model, fact);
		value = fact_show(walk->model->ev, fact);
		if (fact->field->personal)
			value = str_of("...");
		list_add_text(arena, &proof->supports,
		    arena_printf(arena, "%s=%.*s", field.p,
		    (int)(value.n > 200 ? 200 : value.n), value.p));
		if (fact->source != NULL)
			list_add_text(arena, &proof->tables, fact->source);
	}
}

static void
proof_add(struct walk *walk, const struct fact *fact)
{
	struct arena	*arena = ev_arena(walk->model->ev);
	struct proof	*proof;
	struct citation	 at;
	size_t		 i;

	if (fact->field->personal || !ev_cite(walk->model->ev, fact->at, &at))
		return;
	for (i = 0; i < walk->proofs->n; i++) {
		proof = walk->proofs->v[i];
		if (proof->fact != NULL && (proof->fact == fact ||
		    (fact_same(proof->fact, fact) &&
		    span_same(proof->span, fact->at)))) {
			proof_support(walk, proof);
			return;
		}
	}
	if (walk->proofs->n >= PROOFS_MAX)
		return;
	proof = arena_alloc(arena, sizeof(*proof));
	proof->fact = fact;
	proof->field = field_text(walk->model, fact);
	proof->value = fact_show(walk->model->ev, fact);
	proof->derived = fact->derived;
	proof->span = fact->at;
	proof->at = at;
	if (fact->source != NULL)
		list_add_text(arena, &proof->tables, fact->source);
	proof_support(walk, proof);
	list_add(arena, walk->proofs, proof);
}

static void
proof_walk(struct walk *walk, const struct fact *fact)
{
	size_t	i;

	if (walk->proofs->n >= PROOFS_MAX)
		return;
	for (i = 0; i < walk->seen.n; i++)
		if (walk->seen.v[i] == fact)
			return;
	list_add(ev_arena(walk->model->ev), &walk->seen,
	    (void *)(uintptr_t)fact);
	if (fact->at.blob != BLOB_NONE)
		proof_add(walk, fact);
	if (walk->depth == DEPTH_MAX)
		return;
	walk->path[walk->depth++] = fact;
	for (i = 0; i < fact->nfrom; i++)
		proof_walk(walk, fact->from[i]);
	walk->depth--;
}

bool
proof_in(const struct list *list, const struct proof *proof)
{
	const struct proof	*other;
	size_t			 i;

	for (i = 0; i < list->n; i++) {
		other = list->v[i];
		if (other->fact != NULL && proof->fact != NULL &&
		    span_same(other->span, proof->span))
			return true;
	}
	return false;
}

void
proof_collect(struct model *model, struct list *proofs,
    const struct fact *fact)
{
	struct walk	walk = { .model = model, .proofs = proofs };

	proof_walk(&walk, fact);
}

static void
proof_gap(struct model *model, struct list *proofs, const char *text)
{
	struct proof	*proof;

	proof = arena_alloc(ev_arena(model->ev), sizeof(*proof));
	proof->gap = text;
	list_add(ev_arena(model->ev), proofs, proof);
}

static void
finding_codes(struct model *model, struct row_finding *row)
{
	const struct finding	*f;
	size_t			 i, k, n = 0;

	for (f = row->finding; f != NULL; f = f->same)
		n += f->ncodes;
	row->codes = arena_alloc(ev_arena(model->ev),
	    (n + 1) * sizeof(*row->codes));
	for (f = row->finding; f != NULL; f = f->same)
		for (i = 0; i < f->ncodes; i++) {
			for (k = 0; k < row->ncodes; k++)
				if (row->codes[k] == f->codes[i])
					break;
			if (k == row->ncodes)
				row->codes[row->ncodes++] = f->codes[i];
		}
}

/*
 * Values that the tables give for what was read: the older serial number of a
 * re-issued CA, the date of a list.
 */
static void
finding_known(struct model *model, struct row_finding *row)
{
	struct arena		*arena = ev_arena(model->ev);
	const struct fact	*fact;
	struct str		 value;
	size_t			 i;

	for (i = 0; i < row->finding->n; i++) {
		fact = row->finding->because[i];
		if (!fact->derived || fact->source == NULL ||
		    strncmp(fact->source, "rules/data/", 11) != 0 ||
		    fact->value.type == VALUE_BOOL || fact->field->personal)
			continue;
		value = fact_show(model->ev, fact);
		list_add_text(arena, &row->known, arena_printf(arena,
		    "%s %.*s", fact->field->name, (int)value.n, value.p));
	}
}

static struct row_finding *
finding_row(struct model *model, const struct finding *finding)
{
	struct row_finding	*row = arena_alloc(ev_arena(model->ev),
				    sizeof(*row));
	const struct finding	*f;
	size_t			 i;

	row->finding = finding;
	row->rule = finding->rule;
	row->id = finding->rule->id;
	for (f = finding; f != NULL; f = f->same) {
		for (i = 0; i < f->n; i++)
			proof_collect(model, &row->proofs, f->because[i]);
		if (f->gap != NULL)
			proof_gap(model, &row->proofs, f->gap);
	}
	if (row->proofs.n == 0)
		proof_gap(model, &row->proofs,
		    "no bytes that may be shown: see the rule's conditions");
	finding_codes(model, row);
	finding_known(model, row);
	return row;
}

static void
coverage_row(struct model *model, const struct coverage *coverage)
{
	struct arena		*arena = ev_arena(model->ev);
	struct row_coverage	*row = arena_alloc(arena, sizeof(*row));
	const struct artifact_info *a;
	size_t			 i;

	row->coverage = coverage;
	for (i = 0; i < ARTIFACT_COUNT; i++) {
		if ((coverage->missing & UINT32_C(1) << i) == 0)
			continue;
		a = &artifacts[i];
		list_add_text(arena, &row->missing, a->name);
		row->ask = arena_printf(arena, "%s%s%s (%s)",
		    row->ask == NULL ? "" : row->ask,
		    row->ask == NULL ? "" : "; or ", a->ask, a->command);
	}
	list_add(arena, &model->coverage, row);
}

void
model_findings(struct model *model)
{
	const struct judgement	*judgement = model->report->judgement;
	struct arena		*arena = ev_arena(model->ev);
	const struct finding	*finding;
	const struct row_finding *row;
	size_t			 i;

	if (judgement == NULL)
		return;
	for (i = 0; i < judgement->nfindings; i++)
		list_add(arena, &model->findings,
		    finding_row(model, judgement->findings[i]));
	for (i = 0; i < judgement->ncoverage; i++)
		coverage_row(model, &judgement->coverage[i]);
	/* --only hides findings, but the chain stays whole. */
	for (i = 0; i < model->verdict->nchain; i++) {
		finding = model->verdict->chain[i];
		row = model_finding(model, finding->rule->id);
		if (row == NULL)
			row = finding_row(model, finding);
		list_add(arena, &model->chain, (void *)(uintptr_t)row);
	}
}
