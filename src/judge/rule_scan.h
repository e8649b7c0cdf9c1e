/*
 * Keys and values of a rule file.  Relies on rule_file.h.
 */
#ifndef JUDGE_RULE_SCAN_H
#define JUDGE_RULE_SCAN_H

#include "judge/rule_file.h"

enum key {
	KEY_CITES, KEY_CONFIDENCE, KEY_DECIDE, KEY_EXPLAINS, KEY_FAULT,
	KEY_FIRES, KEY_FIX, KEY_ID, KEY_KIND, KEY_ON, KEY_SEE, KEY_SEVERITY,
	KEY_SILENT, KEY_STAGE, KEY_TITLE, KEY_UNKNOWN, KEY_VARIANT, KEY_WHEN,
	KEY_WHY, KEY_WITNESS, KEY_COUNT
};

struct rule_key {
	const char	*name;
	bool		 needed, repeated;
};
extern const struct rule_key	rule_keys[KEY_COUNT];

/* One key with the place of its value. */
struct entry {
	enum key	 key;
	size_t		 off, end;	/* of the value, trimmed */
};

/*
 * The next key from *off on, with its value up to the last line that begins
 * with a blank.  False at the end; unknown keys are said and left out.
 */
bool		 entry_next(struct source *, size_t *off, struct entry *);
/* The value in one line: line ends and indents become one blank. */
const char	*entry_line(struct arena *, const struct source *,
		    const struct entry *);
/* Words of the value, parted by blanks and commas, added to a list. */
void		 entry_words(struct arena *, struct source *,
		    const struct entry *, bool (*ok)(const char *, size_t),
		    const char *wanted, const char ***list, size_t *count);

/* The last place of a word in the values of a key; without a word, of the
   first value. 0 where there is none. */
size_t		 entry_place(const struct source *, enum key,
		    const char *word);

/* The id by the file's name: "causes/foo.rule" is foo. */
void		 rule_id_of_name(const char *file, char id[RULE_ID_MAX + 1]);

#endif
