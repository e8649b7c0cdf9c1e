/*
 * Reads one rule file: keys, blanks, values; a value goes on in lines that
 * begin with a blank.  Relies on the condition language for when and
 * confidence; each mistake is said with its line and column.
 */
#include <string.h>

#include "correlate/correlator.h"
#include "judge/rule_scan.h"

const char *const	rule_kind_names[] = {
	"symptom", "mechanism", "cause", "context", "quality", NULL
};
const char *const	severity_names[] = { "note", "warning", "error", NULL };
const char *const	confidence_names[] = { "low", "medium", "high", NULL };

static const char *const	witness_words[] = {
	"", "attempt", "device", "date", NULL
};
static const char *const	fault_words[] = {
	"", "service", "device", "network", NULL
};

static const enum severity	kind_severity[] = {
	[RULE_SYMPTOM] = SEVERITY_ERROR, [RULE_MECHANISM] = SEVERITY_ERROR,
	[RULE_CAUSE] = SEVERITY_ERROR, [RULE_CONTEXT] = SEVERITY_NOTE,
	[RULE_QUALITY] = SEVERITY_WARNING,
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct reading {
	struct arena	*arena;
	struct source	*src;
	struct rule	*rule;
	unsigned int	 seen[KEY_COUNT];
	bool		 on_known;
};

/* ---- values ---- */

static bool
is_id(const char *p, size_t n)
{
	size_t i;

	if (n == 0 || n > RULE_ID_MAX || p[0] == '-')
		return false;
	for (i = 0; i < n; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') || p[i] == '-' ||
		    (p[i] >= '0' && p[i] <= '9')))
			return false;
	return true;
}

static bool
is_sample(const char *p, size_t n)
{
	return is_id(p, n);
}

static bool
is_url(const char *p, size_t n)
{
	return (n > 8 && memcmp(p, "https://", 8) == 0) ||
	    (n > 7 && memcmp(p, "http://", 7) == 0);
}

static void
words(struct reading *rd, const struct entry *e,
    bool (*ok)(const char *, size_t), const char *wanted,
    const char ***list, size_t *count)
{
	entry_words(rd->arena, rd->src, e, ok, wanted, list, count);
}

/* The index of the value in a list of words; `from` is the first allowed. */
static int
one_of(struct reading *rd, const struct entry *e, const char *const *list,
    int from)
{
	const char *p = rd->src->p + e->off, *all = "", *like;
	size_t n = e->end - e->off;
	int i;

	for (i = from; list[i] != NULL; i++) {
		if (strlen(list[i]) == n && memcmp(list[i], p, n) == 0)
			return i;
		all = arena_printf(rd->arena, "%s%s%s", all,
		    *all != '\0' ? ", " : "", list[i]);
	}
	like = word_meant(list, p, n);
	source_error(rd->src, e->off, "%s is one of %s, not %.*s%s%s%s",
	    rule_keys[e->key].name, all, (int)n, p, like == NULL ? "" :
	    " (did you mean ", like == NULL ? "" : like,
	    like == NULL ? "" : "?)");
	return -1;
}

/* ---- single keys ---- */

static void
read_text(struct reading *rd, const struct entry *e, const char **ret)
{
	const char *p = rd->src->p;
	struct placeholder ph;
	const struct field *f;
	size_t i;

	*ret = entry_line(rd->arena, rd->src, e);
	for (i = e->off; i < e->end; i++) {
		if (p[i] != '{')
			continue;
		if (!placeholder_parse(p + i, e->end - i, &ph)) {
			source_error(rd->src, i, "after { stand a field, "
			    ":date or |TEXT, and }");
			continue;
		}
		f = field_find(ph.name, ph.name_n);
		if (f == NULL)
			source_error(rd->src, i + 1, "there is no field "
			    "%.*s%s", (int)ph.name_n, ph.name,
			    suggestion(rd->arena, ph.name, ph.name_n));
		else if (rd->on_known &&
		    (f->kinds & kind_reach(rd->rule->on)) == 0)
			source_error(rd->src, i + 1, "%s cannot be seen from "
			    "%s", f->name, kinds[rd->rule->on].name);
		else if (f->keyed != (ph.key != NULL))
			source_error(rd->src, i + 1, f->keyed ?
			    "%s wants a key" : "%s takes no key", f->name);
		else if (ph.date && f->type != VALUE_TIME)
			source_error(rd->src, i + 1, "%s is no time",
			    f->name);
	}
}

static void
read_when(struct reading *rd, const struct entry *e)
{
	struct lexer lx;

	if (!rd->on_known)
		return;
	lexer_init(&lx, rd->src, rd->arena, e->off, e->end);
	rd->rule->when = expr_parse(&lx, rd->rule->on);
	if (rd->rule->when != NULL && lx.token.kind != TOKEN_END &&
	    lx.token.kind != TOKEN_BAD)
		source_error(rd->src, lx.token.off, "and, or or the end of "
		    "the condition wanted here, not %.*s", (int)lx.token.len,
		    rd->src->p + lx.token.off);
}

/* high when EXPR; medium when EXPR; otherwise low */
static void
read_confidence(struct reading *rd, const struct entry *e)
{
	struct confidence_case *cases, *c;
	struct lexer lx;
	bool last = false;
	int level;

	if (!rd->on_known)
		return;
	cases = arena_alloc(rd->arena, 8 * sizeof(*cases));
	rd->rule->confidences = cases;
	lexer_init(&lx, rd->src, rd->arena, e->off, e->end);
	do {
		if (last || rd->rule->nconfidences == 8) {
			source_error(rd->src, lx.token.off, last ?
			    "nothing stands after otherwise" :
			    "more than 8 levels");
			return;
		}
		c = &cases[rd->rule->nconfidences];
		if (token_is(&lx.token, "otherwise")) {
			last = true;
			lexer_next(&lx);
		}
		for (level = 0; confidence_names[level] != NULL; level++)
			if (token_is(&lx.token, confidence_names[level]))
				break;
		if (confidence_names[level] == NULL) {
			if (lx.token.kind != TOKEN_BAD)
				source_error(rd->src, lx.token.off, "high, "
				    "medium or low wanted here");
			return;
		}
		c->level = (enum confidence)level;
		lexer_next(&lx);
		if (!last && token_is(&lx.token, "when")) {
			lexer_next(&lx);
			c->when = expr_parse(&lx, rd->rule->on);
			if (c->when == NULL)
				return;
		} else {
			last = true;
		}
		rd->rule->nconfidences++;
		if (!token_is(&lx.token, ";"))
			break;
		lexer_next(&lx);
	} while (lx.token.kind != TOKEN_END);
	if (lx.token.kind != TOKEN_END && lx.token.kind != TOKEN_BAD)
		source_error(rd->src, lx.token.off, "; or the end wanted here");
	else if (!last)
		source_error(rd->src, e->end, "confidence ends with a level "
		    "without when, like: otherwise low");
}

static void
read_cites(struct reading *rd, const struct entry *e)
{
	const char *p = rd->src->p;
	struct rule *rule = rd->rule;
	const struct field *f, **more;
	size_t i = e->off, start;

	while (i < e->end) {
		while (i < e->end && (blank(p[i]) || p[i] == ','))
			i++;
		for (start = i; i < e->end && !blank(p[i]) && p[i] != ',';)
			i++;
		if (i == start)
			break;
		f = field_find(p + start, i - start);
		if (f == NULL) {
			source_error(rd->src, start, "there is no field "
			    "%.*s%s", (int)(i - start), p + start,
			    suggestion(rd->arena, p + start, i - start));
			continue;
		}
		if (rd->on_known && (f->kinds & kind_reach(rule->on)) == 0) {
			source_error(rd->src, start, "%s cannot be seen from "
			    "%s", f->name, kinds[rule->on].name);
			continue;
		}
		more = arena_alloc(rd->arena,
		    (rule->ncites + 1) * sizeof(*more));
		if (rule->ncites > 0)
			memcpy(more, rule->cites,
			    rule->ncites * sizeof(*more));
		more[rule->ncites++] = f;
		rule->cites = more;
	}
}

static bool
is_stage(const char *p, size_t n)
{
	return stage_row(p, n) >= 0;
}

static void
read_stage(struct reading *rd, const struct entry *e)
{
	const char **list = NULL, *text = "";
	size_t n = 0, i;

	words(rd, e, is_stage, "a stage of an attempt", &list, &n);
	for (i = 0; i < n; i++)
		text = arena_printf(rd->arena, "%s%s%s", text,
		    i > 0 ? ", " : "", list[i]);
	rd->rule->stage = n > 0 ? text : NULL;
}

static void
read_on(struct reading *rd, const struct entry *e)
{
	const char *p = rd->src->p + e->off;
	const char *names[ITEM_KIND_COUNT + 1] = { NULL }, *like;
	int kind = kind_find(p, e->end - e->off), i;

	if (kind < 0) {
		for (i = 0; i < ITEM_KIND_COUNT; i++)
			names[i] = kinds[i].name;
		like = word_meant(names, p, e->end - e->off);
		source_error(rd->src, e->off, "there is no kind of item "
		    "%.*s%s%s%s; see aiktriage fields",
		    (int)(e->end - e->off), p, like == NULL ? "" :
		    " (did you mean ", like == NULL ? "" : like,
		    like == NULL ? "" : "?)");
		return;
	}
	rd->rule->on = (enum item_kind)kind;
	rd->on_known = true;
}

static void
read_word(struct reading *rd, const struct entry *e, const char **ret)
{
	const char *p = rd->src->p + e->off;

	if (!is_id(p, e->end - e->off))
		source_error(rd->src, e->off, "%s is made of a-z, 0-9 and -, "
		    "at most %d", rule_keys[e->key].name, RULE_ID_MAX);
	*ret = arena_text(rd->arena, p, e->end - e->off);
}

static void
read_fix(struct reading *rd, const struct entry *e)
{
	struct rule *rule = rd->rule;
	const char **more;

	more = arena_alloc(rd->arena, (rule->nfix + 1) * sizeof(*more));
	if (rule->nfix > 0)
		memcpy(more, rule->fix, rule->nfix * sizeof(*more));
	read_text(rd, e, &more[rule->nfix++]);
	rule->fix = more;
}

static void
read_entry(struct reading *rd, const struct entry *e)
{
	struct rule *r = rd->rule;
	int i;

	switch (e->key) {
	case KEY_ID:
		read_word(rd, e, &r->id);
		break;
	case KEY_VARIANT:
		read_word(rd, e, &r->variant);
		break;
	case KEY_ON:
		break;			/* was read before all others */
	case KEY_WHEN:
		read_when(rd, e);
		break;
	case KEY_CONFIDENCE:
		read_confidence(rd, e);
		break;
	case KEY_KIND:
		if ((i = one_of(rd, e, rule_kind_names, 0)) >= 0)
			r->kind = (enum rule_kind)i;
		break;
	case KEY_SEVERITY:
		if ((i = one_of(rd, e, severity_names, 0)) >= 0)
			r->severity = (enum severity)i;
		break;
	case KEY_WITNESS:
		if ((i = one_of(rd, e, witness_words, 1)) >= 0)
			r->witness = (enum witness)i;
		break;
	case KEY_FAULT:
		if ((i = one_of(rd, e, fault_words, 1)) >= 0)
			r->fault = (enum fault)i;
		break;
	case KEY_TITLE:
		read_text(rd, e, &r->title);
		break;
	case KEY_WHY:
		read_text(rd, e, &r->why);
		break;
	case KEY_DECIDE:
		r->decide = entry_line(rd->arena, rd->src, e);
		break;
	case KEY_FIX:
		read_fix(rd, e);
		break;
	case KEY_SEE:
		words(rd, e, is_url, "an address", &r->see, &r->nsee);
		break;
	case KEY_EXPLAINS:
		words(rd, e, is_id, "an id", &r->explains, &r->nexplains);
		break;
	case KEY_FIRES:
		words(rd, e, is_sample, "a sample", &r->fires, &r->nfires);
		break;
	case KEY_SILENT:
		words(rd, e, is_sample, "a sample", &r->silent, &r->nsilent);
		break;
	case KEY_UNKNOWN:
		words(rd, e, is_sample, "a sample", &r->unknown,
		    &r->nunknown);
		break;
	case KEY_CITES:
		read_cites(rd, e);
		break;
	case KEY_STAGE:
		read_stage(rd, e);
		break;
	case KEY_COUNT:
		break;
	}
}

/* ---- the file ---- */

static void
check_needed(struct reading *rd)
{
	int key;

	for (key = 0; key < KEY_COUNT; key++)
		if (rule_keys[key].needed && rd->seen[key] == 0)
			source_error(rd->src, rd->src->n, "%s is missing",
			    rule_keys[key].name);
}

/* A sample cannot do two things, nor need it be named twice. */
static void
check_samples(struct reading *rd)
{
	const struct rule *r = rd->rule;
	const struct {
		const char *const *names;
		size_t	 n;
		enum key key;
	} lists[] = {
		{ r->fires, r->nfires, KEY_FIRES },
		{ r->silent, r->nsilent, KEY_SILENT },
		{ r->unknown, r->nunknown, KEY_UNKNOWN },
	};
	size_t a, b, i, k;

	for (b = 0; b < 3; b++)
		for (k = 0; k < lists[b].n; k++)
			for (a = 0; a <= b; a++)
				for (i = 0; i < (a == b ? k : lists[a].n); i++)
					if (strcmp(lists[a].names[i],
					    lists[b].names[k]) == 0)
						source_error(rd->src,
						    entry_place(rd->src,
						    lists[b].key,
						    lists[b].names[k]),
						    "%s stands under %s "
						    "already",
						    lists[b].names[k],
						    rule_keys[lists[a].key]
						    .name);
}

static void
set_defaults(struct reading *rd)
{
	struct rule *r = rd->rule;
	char id[RULE_ID_MAX + 1];

	if (r->id == NULL) {
		rule_id_of_name(rd->src->file, id);
		r->id = arena_text(rd->arena, id, strlen(id));
		if (!is_id(id, strlen(id)))
			source_error(rd->src, 0, "the file's name gives no "
			    "id of a-z, 0-9 and -");
	}
	if (rd->seen[KEY_SEVERITY] == 0)
		r->severity = kind_severity[r->kind];
	if (rd->seen[KEY_WITNESS] == 0)
		r->witness = r->on == ITEM_ATTEMPT || r->on == ITEM_STAGE ?
		    WITNESS_ATTEMPT : WITNESS_DEVICE;
}

struct rule *
rule_read(struct arena *a, struct source *src)
{
	struct reading rd = { .arena = a, .src = src };
	struct rule *rule = arena_alloc(a, sizeof(*rule));
	struct entry e;
	size_t off;

	rule->file = src->file;
	rule->source = src->p;
	rule->source_n = src->n;
	rd.rule = rule;
	if (memchr(src->p, '\0', src->n) != NULL) {
		source_error(src, (size_t)((const char *)memchr(src->p, '\0',
		    src->n) - src->p), "a NUL byte: this is no text");
		return NULL;
	}
	for (off = 0; entry_next(src, &off, &e);) {
		if (rd.seen[e.key]++ > 0 && !rule_keys[e.key].repeated)
			source_error(src, e.off, "%s stands here twice",
			    rule_keys[e.key].name);
		if (e.key == KEY_ON)
			read_on(&rd, &e);
	}
	/* The kind of item decides what the other keys may name. */
	for (off = 0; off < src->n;) {
		struct source quiet = *src;

		quiet.err = NULL;
		if (!entry_next(&quiet, &off, &e))
			break;
		read_entry(&rd, &e);
	}
	check_needed(&rd);
	check_samples(&rd);
	set_defaults(&rd);
	return src->errors == 0 ? rule : NULL;
}
