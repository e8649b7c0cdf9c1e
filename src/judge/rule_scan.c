/*
 * Cuts a rule file into keys and values: a key begins a line, its value goes
 * on in lines that begin with a blank, and # begins a comment line.
 * Relies on source.h for the place of a mistake.
 */
#include <string.h>

#include "judge/rule_scan.h"

const struct rule_key	rule_keys[KEY_COUNT] = {
	[KEY_CITES] = { "cites", false, true },
	[KEY_CONFIDENCE] = { "confidence", false, false },
	[KEY_DECIDE] = { "decide", false, false },
	[KEY_EXPLAINS] = { "explains", false, true },
	[KEY_FAULT] = { "fault", false, false },
	[KEY_FIRES] = { "fires", true, true },
	[KEY_FIX] = { "fix", true, true },
	[KEY_ID] = { "id", false, false },
	[KEY_KIND] = { "kind", true, false },
	[KEY_ON] = { "on", true, false },
	[KEY_SEE] = { "see", true, true },
	[KEY_SEVERITY] = { "severity", false, false },
	[KEY_SILENT] = { "silent", true, true },
	[KEY_STAGE] = { "stage", false, false },
	[KEY_TITLE] = { "title", true, false },
	[KEY_UNKNOWN] = { "unknown", false, true },
	[KEY_VARIANT] = { "variant", false, false },
	[KEY_WHEN] = { "when", true, false },
	[KEY_WHY] = { "why", true, false },
	[KEY_WITNESS] = { "witness", false, false },
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The value in one line: line ends and indents become one blank. */
const char *
entry_line(struct arena *a, const struct source *src,
    const struct entry *e)
{
	const char *p = src->p;
	char *to = arena_alloc(a, e->end - e->off + 1);
	size_t i, n = 0;

	for (i = e->off; i < e->end; i++) {
		if (p[i] == '\n') {
			while (n > 0 && blank(to[n - 1]))
				n--;
			while (i + 1 < e->end && blank(p[i + 1]))
				i++;
			to[n++] = ' ';
		} else {
			to[n++] = p[i];
		}
	}
	to[n] = '\0';
	return to;
}

/* Words of the value, parted by blanks and commas, added to a list. */
void
entry_words(struct arena *a, struct source *src, const struct entry *e,
    bool (*ok)(const char *, size_t), const char *wanted,
    const char ***list, size_t *count)
{
	const char *p = src->p, **more;
	size_t i = e->off, start, n;

	while (i < e->end) {
		while (i < e->end && (blank(p[i]) || p[i] == ','))
			i++;
		for (start = i; i < e->end && !blank(p[i]) && p[i] != ',';)
			i++;
		if ((n = i - start) == 0)
			break;
		if (!ok(p + start, n)) {
			source_error(src, start, "%s wants %s here, not "
			    "%.*s", rule_keys[e->key].name, wanted, (int)n,
			    p + start);
			continue;
		}
		more = arena_alloc(a, (*count + 1) * sizeof(*more));
		if (*count > 0)
			memcpy(more, *list, *count * sizeof(*more));
		more[(*count)++] = arena_text(a, p + start, n);
		*list = more;
	}
}

static const char *
key_meant(const char *p, size_t n)
{
	const char *names[KEY_COUNT + 1] = { NULL };
	int key;

	for (key = 0; key < KEY_COUNT; key++)
		names[key] = rule_keys[key].name;
	return word_meant(names, p, n);
}

/*
 * The next key from *off on, with its value up to the last line that begins
 * with a blank.  False at the end; unknown keys are said and left out.
 */
bool
entry_next(struct source *src, size_t *off, struct entry *ret)
{
	const char *p = src->p;
	size_t i, start, n;
	const char *like;
	int key;

	while (*off < src->n) {
		start = i = *off;
		while (i < src->n && !blank(p[i]))
			i++;
		n = i - start;
		ret->off = i;
		do {			/* a line, and those that go on */
			while (i < src->n && p[i] != '\n')
				i++;
			if (i < src->n)
				i++;
		} while (i < src->n && (p[i] == ' ' || p[i] == '\t'));
		*off = ret->end = i;
		if (p[start] == '#')
			continue;
		while (ret->off < ret->end && blank(p[ret->off]))
			ret->off++;
		while (ret->end > ret->off && blank(p[ret->end - 1]))
			ret->end--;
		if (n == 0) {
			if (ret->off < ret->end)
				source_error(src, ret->off, "a line that "
				    "goes on follows a key");
			continue;
		}
		for (key = 0; key < KEY_COUNT; key++)
			if (strlen(rule_keys[key].name) == n &&
			    memcmp(rule_keys[key].name, p + start, n) == 0)
				break;
		if (key == KEY_COUNT) {
			like = key_meant(p + start, n);
			source_error(src, start, "there is no key %.*s%s%s%s",
			    (int)n, p + start, like == NULL ? "" :
			    " (did you mean ", like == NULL ? "" : like,
			    like == NULL ? "" : "?)");
			continue;
		}
		if (ret->off == ret->end) {
			source_error(src, start, "%s has no value",
			    rule_keys[key].name);
			continue;
		}
		ret->key = (enum key)key;
		return true;
	}
	return false;
}

size_t
entry_place(const struct source *src, enum key key, const char *word)
{
	size_t n = word == NULL ? 0 : strlen(word), off = 0, at = 0, i;
	struct source quiet = *src;
	const char *p = src->p;
	struct entry e;

	quiet.err = NULL;
	while (entry_next(&quiet, &off, &e)) {
		if (e.key != key)
			continue;
		if (word == NULL)
			return e.off;
		for (i = e.off; i + n <= e.end; i++)
			if (memcmp(p + i, word, n) == 0 &&
			    (i == e.off || blank(p[i - 1]) ||
			    p[i - 1] == ',') && (i + n == e.end ||
			    blank(p[i + n]) || p[i + n] == ','))
				at = i;
	}
	return at;
}

/* The id by the file's name: "causes/foo.rule" is foo. */
void
rule_id_of_name(const char *file, char id[RULE_ID_MAX + 1])
{
	const char *base = strrchr(file, '/');
	size_t n;

	base = base == NULL ? file : base + 1;
	n = strcspn(base, ".");
	if (n > RULE_ID_MAX)
		n = RULE_ID_MAX;
	memcpy(id, base, n);
	id[n] = '\0';
}

void
rule_id_of_text(const char *file, const char *p, size_t n,
    char ret_id[RULE_ID_MAX + 1])
{
	struct source src = { .file = file, .p = p, .n = n };
	struct entry e;
	size_t off = 0;

	rule_id_of_name(file, ret_id);
	while (entry_next(&src, &off, &e))
		if (e.key == KEY_ID && e.end - e.off <= RULE_ID_MAX) {
			memcpy(ret_id, p + e.off, e.end - e.off);
			ret_id[e.end - e.off] = '\0';
		}
}
