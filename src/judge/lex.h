/*
 * The words of the condition language, one after another.
 * Relies on source.h for the place of a mistake.
 */
#ifndef JUDGE_LEX_H
#define JUDGE_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/arena.h"
#include "judge/source.h"

enum token_kind {
	TOKEN_END,		/* of the condition */
	TOKEN_BAD,		/* said already */
	TOKEN_WORD,		/* a name, an operator in letters, a keyword */
	TOKEN_STRING,		/* text, without quotes and escapes */
	TOKEN_NUMBER,		/* number */
	TOKEN_CODE,		/* 0x...: number */
	TOKEN_DURATION,		/* number, in seconds */
	TOKEN_TIME,		/* number, in us since 1970 UTC */
	TOKEN_OPERATOR		/* ( ) { } [ ] , ; == != < <= > >= */
};

struct token {
	enum token_kind	 kind;
	size_t		 off, len;	/* in the source */
	const char	*text;		/* of a word, operator or string */
	size_t		 n;
	int64_t		 number;
};

struct lexer {
	struct source	*src;
	struct arena	*arena;
	size_t		 off, end;
	struct token	 token;		/* the current one */
};

/* Starts at off, ends before end; the first token is read at once. */
void	lexer_init(struct lexer *, struct source *, struct arena *,
	    size_t off, size_t end);
void	lexer_next(struct lexer *);
bool	token_is(const struct token *, const char *word_or_operator);

#endif
