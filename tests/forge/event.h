/*
 * Events of Windows logs, from which evtx.c writes a log and event.c exports.
 * Relies on forge.h.
 */
#ifndef FORGE_EVENT_H
#define FORGE_EVENT_H

#include "text.h"

enum data_type {
	DATA_TEXT = 0x01, DATA_UINT32 = 0x08, DATA_HEX32 = 0x14,
	DATA_INT32 = 0x07
};

struct datum {
	const char	*name;		/* NULL: classic, without one */
	enum data_type	 type;
	struct buf	 text;		/* UTF-8 */
	uint32_t	 number;
};

#define	RECORD_DATA	8

struct record {
	const char	*provider;
	const char	*guid;		/* without braces, or NULL */
	const char	*source;	/* EventSourceName, or NULL */
	const char	*channel;
	unsigned	 id;
	unsigned	 qualifiers;
	unsigned	 level;
	int64_t		 when;		/* microseconds UTC */
	const char	*computer;
	enum language	 lang;
	struct datum	 data[RECORD_DATA];
	size_t		 ndata;
	struct buf	 message;	/* as Windows renders it */
};

struct records {
	struct record	*v;
	size_t		 n;
};

/* All `record` lines whose log is that of the line, in the order of time. */
void	records_make(struct records *, const struct scenario *,
	    const struct line *);
void	records_free(struct records *);

#endif
