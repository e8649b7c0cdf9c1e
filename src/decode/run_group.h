/*
 * Which tokens of a text belong to one run of the enrolment, and which lines
 * the runs take; several runs, events and other people's words may stand in
 * one text.  Relies on run_tokens.h.
 */
#ifndef DECODE_RUN_GROUP_H
#define DECODE_RUN_GROUP_H

#include "decode/run_tokens.h"

struct run_group {
	size_t		 first, last;	/* tokens, both inside */
	const struct run_token *first_of[TOKEN_KINDS], *last_of[TOKEN_KINDS];
	const struct run_token *event_id;	/* 86, 87, 88; or NULL */
	const struct run_token *event_time;	/* or NULL */
	const struct run_token *told_by;	/* certreq or event: why */
	bool		 event;		/* else certreq */
	bool		 foreign;	/* not with an AIK authority */
	size_t		 from_line;	/* its first line */
	size_t		 end_line;	/* after the last that may be its own */
};

struct run_groups {
	struct run_tokens tokens;
	bool		*used;		/* by token: part of a run */
	struct run_group *p;
	size_t		 n;
	bool		*covered;	/* by line: said by a run */
};

/*
 * named: the text is certreq's by its name, so that a code alone is a run.
 * All is malloc(3)ed; tokens, used and covered outlive nothing else.
 */
void	run_groups_find(const struct text *, bool named,
	    struct run_groups *ret_groups);
void	run_groups_clear(struct run_groups *);

#endif
