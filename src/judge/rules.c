/*
 * The set of rules: from the program, from directories, in the catalogue's
 * order, with the graph of what explains what checked.
 * Relies on rule_file.c for one file and on OpenSSL for the digest.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "judge/rule_scan.h"
#include "knowledge/knowledge.h"

#define RULE_FILE_MAX	(256 << 10)

struct rules {
	struct arena	*arena;
	struct rule	**rules;
	size_t		 n, room;
	char		 sha256[65];
};

struct rules *
rules_new(void)
{
	struct arena *a = arena_new();
	struct rules *rs = arena_alloc(a, sizeof(*rs));

	rs->arena = a;
	return rs;
}

void
rules_free(struct rules *rs)
{
	if (rs != NULL)
		arena_free(rs->arena);
}

size_t
rules_count(const struct rules *rs)
{
	return rs->n;
}

const struct rule *
rules_get(const struct rules *rs, size_t i)
{
	return i < rs->n ? rs->rules[i] : NULL;
}

const struct rule *
rules_find(const struct rules *rs, const char *id)
{
	size_t i;

	for (i = 0; i < rs->n; i++)
		if (strcmp(rs->rules[i]->id, id) == 0)
			return rs->rules[i];
	return NULL;
}

const char *
rules_sha256(const struct rules *rs)
{
	return rs->sha256;
}

bool
rule_explains(const struct rule *rule, const char *id)
{
	size_t i;

	for (i = 0; i < rule->nexplains; i++)
		if (strcmp(rule->explains[i], id) == 0)
			return true;
	return false;
}

/* ---- loading ---- */

static bool
duplicate(const struct rules *rs, const struct rule *rule,
    struct source *src)
{
	const struct rule *other;
	size_t i;

	for (i = 0; i < rs->n; i++) {
		other = rs->rules[i];
		if (strcmp(other->id, rule->id) != 0)
			continue;
		if (other->kind != rule->kind) {
			source_error(src, 0, "%s is a %s in %s: variants of "
			    "one id are of one kind", rule->id,
			    rule_kind_names[other->kind], other->file);
			return true;
		}
		if (rule->variant == NULL || other->variant == NULL ||
		    strcmp(rule->variant, other->variant) == 0) {
			source_error(src, 0, "the id %s stands in %s too: "
			    "both want a variant of their own", rule->id,
			    other->file);
			return true;
		}
	}
	return false;
}

int
rules_load_text(struct rules *rs, const char *file, const char *p, size_t n,
    FILE *err)
{
	struct source src = { .n = n, .err = err };
	struct rule *rule, **more;

	src.file = arena_text(rs->arena, file, strlen(file));
	src.p = arena_text(rs->arena, p, n);
	if (rs->n >= limits_default.rules) {
		source_error(&src, 0, "more than %zu rules", rs->n);
		return -1;
	}
	rule = rule_read(rs->arena, &src);
	if (rule == NULL || duplicate(rs, rule, &src))
		return -1;
	if (rs->n == rs->room) {
		rs->room = rs->room == 0 ? 64 : rs->room * 2;
		more = arena_alloc(rs->arena, rs->room * sizeof(*more));
		if (rs->n > 0)
			memcpy(more, rs->rules, rs->n * sizeof(*more));
		rs->rules = more;
	}
	rs->rules[rs->n++] = rule;
	return 0;
}

static bool
is_rule_file(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".rule") == 0;
}

static int
load_built_in(struct rules *rs, FILE *err, bool rest)
{
	const struct embedded *e;
	size_t before = rs->n, i;
	char id[RULE_ID_MAX + 1];
	int result = 0;

	for (e = embedded_files; e->name != NULL; e++) {
		if (strncmp(e->name, "causes/", 7) != 0 ||
		    !is_rule_file(e->name))
			continue;
		if (rest) {
			rule_id_of_text(e->name, e->p, e->n, id);
			for (i = 0; i < before; i++)
				if (strcmp(rs->rules[i]->id, id) == 0)
					break;
			if (i < before)
				continue;
		}
		if (rules_load_text(rs, e->name, e->p, e->n, err) != 0)
			result = -1;
	}
	return result;
}

int
rules_load_embedded(struct rules *rs, FILE *err)
{
	return load_built_in(rs, err, false);
}

int
rules_load_rest(struct rules *rs, FILE *err)
{
	return load_built_in(rs, err, true);
}

static int
load_file(struct rules *rs, const char *path, FILE *err)
{
	char *text = malloc(RULE_FILE_MAX + 1);
	FILE *f = fopen(path, "r");
	size_t n;
	int result = -1;

	if (f == NULL || text == NULL) {
		fprintf(err, "%s: %s\n", path, strerror(errno));
		goto out;
	}
	n = fread(text, 1, RULE_FILE_MAX + 1, f);
	if (ferror(f))
		fprintf(err, "%s: %s\n", path, strerror(errno));
	else if (n > RULE_FILE_MAX)
		fprintf(err, "%s: more than %d bytes\n", path, RULE_FILE_MAX);
	else
		result = rules_load_text(rs, path, text, n, err);
out:
	if (f != NULL)
		fclose(f);
	free(text);
	return result;
}

static int
by_rule_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
rule_names(const struct dirent *d)
{
	return is_rule_file(d->d_name);
}

int
rules_load_dir(struct rules *rs, const char *dir, FILE *err)
{
	struct dirent **names;
	int i, n, result = 0;

	n = scandir(dir, &names, rule_names, by_rule_name);
	if (n < 0) {
		fprintf(err, "%s: %s\n", dir, strerror(errno));
		return -1;
	}
	if (n == 0) {
		fprintf(err, "%s: no file is named *.rule\n", dir);
		result = -1;
	}
	for (i = 0; i < n; i++) {
		if (load_file(rs, arena_printf(rs->arena, "%s/%s", dir,
		    names[i]->d_name), err) != 0)
			result = -1;
		free(names[i]);
	}
	free(names);
	return result;
}

/* ---- the whole set ---- */

struct ranked {
	struct rule	*rule;
	size_t		 row, place;
};

static int
by_row(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Catalogue's rows first, then the others as they were loaded. */
static void
sort(struct rules *rs)
{
	struct ranked *all;
	size_t i, j;
	int row;

	all = arena_alloc(rs->arena, (rs->n + 1) * sizeof(*all));
	for (i = 0; i < rs->n; i++) {
		row = catalogue_row(rs->rules[i]->id);
		/* Variants of an id stand together. */
		for (j = 0; strcmp(rs->rules[j]->id, rs->rules[i]->id) != 0;)
			j++;
		all[i] = (struct ranked){ rs->rules[i],
		    row >= 0 ? (size_t)row : limits_default.rules + j, i };
	}
	if (rs->n > 0)
		qsort(all, rs->n, sizeof(*all), by_row);
	for (i = 0; i < rs->n; i++)
		rs->rules[i] = all[i].rule;
}

/* Of a word under explains, or of the key itself. */
static void
say(FILE *err, const struct rule *rule, const char *word, const char *text)
{
	struct source src = { .file = rule->file, .p = rule->source,
	    .n = rule->source_n, .err = err };

	source_error(&src, entry_place(&src, KEY_EXPLAINS, word), "%s %s",
	    word == NULL ? "explains" : word, text);
}

/* Can `id` be reached again from itself?  seen[] marks visited rules. */
static bool
reaches(const struct rules *rs, const struct rule *from, const char *id,
    bool *seen)
{
	size_t i, j;

	for (i = 0; i < from->nexplains; i++) {
		if (strcmp(from->explains[i], id) == 0)
			return true;
		for (j = 0; j < rs->n; j++) {
			if (seen[j] ||
			    strcmp(rs->rules[j]->id, from->explains[i]) != 0)
				continue;
			seen[j] = true;
			if (reaches(rs, rs->rules[j], id, seen))
				return true;
		}
	}
	return false;
}

static void
digest(struct rules *rs)
{
	static const char hex[] = "0123456789abcdef";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0, i;
	size_t k;

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		abort();
	for (k = 0; k < rs->n; k++) {
		EVP_DigestUpdate(ctx, rs->rules[k]->id,
		    strlen(rs->rules[k]->id) + 1);
		EVP_DigestUpdate(ctx, rs->rules[k]->source,
		    rs->rules[k]->source_n);
	}
	EVP_DigestUpdate(ctx, embedded_sha256, strlen(embedded_sha256));
	if (EVP_DigestFinal_ex(ctx, md, &n) != 1 || n != 32)
		abort();
	EVP_MD_CTX_free(ctx);
	for (i = 0; i < n; i++) {
		rs->sha256[2 * i] = hex[md[i] >> 4];
		rs->sha256[2 * i + 1] = hex[md[i] & 15];
	}
}

static const char *
no_such_id(struct rules *rs, const char *id)
{
	const char **ids, *like;
	size_t i, n = 0;

	for (i = 0; catalogue[i] != NULL; i++)
		continue;
	ids = arena_alloc(rs->arena, (rs->n + i + 1) * sizeof(*ids));
	for (i = 0; i < rs->n; i++)
		ids[n++] = rs->rules[i]->id;
	for (i = 0; catalogue[i] != NULL; i++)
		ids[n++] = catalogue[i];
	like = word_meant(ids, id, strlen(id));
	return like == NULL ? "is the id of no rule" :
	    arena_printf(rs->arena, "is the id of no rule (did you mean %s?)",
	    like);
}

int
rules_finish(struct rules *rs, FILE *err)
{
	const struct rule *rule;
	bool *seen;
	size_t i, j;
	int result = 0;

	sort(rs);
	seen = arena_alloc(rs->arena, (rs->n + 1) * sizeof(*seen));
	for (i = 0; i < rs->n; i++) {
		rule = rs->rules[i];
		for (j = 0; j < rule->nexplains; j++)
			if (rules_find(rs, rule->explains[j]) == NULL &&
			    catalogue_row(rule->explains[j]) < 0) {
				say(err, rule, rule->explains[j],
				    no_such_id(rs, rule->explains[j]));
				result = -1;
			}
		memset(seen, 0, rs->n * sizeof(*seen));
		if (reaches(rs, rule, rule->id, seen)) {
			say(err, rule, NULL,
			    "comes back to the rule itself");
			result = -1;
		}
	}
	digest(rs);
	return result;
}
