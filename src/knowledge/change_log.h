/*
 * The change log of TrustedTpm.cab (version.txt): dated sections, lines that
 * say what was done, names of certificate files.  What cannot be understood
 * is handed back line by line.  Relies on knowledge.h.
 */
#ifndef KNOWLEDGE_CHANGE_LOG_H
#define KNOWLEDGE_CHANGE_LOG_H

#include "knowledge/knowledge.h"

enum log_action {
	LOG_ADD, LOG_REMOVE, LOG_RENEW, LOG_REPLACE, LOG_RENAME_AWAY,
	LOG_RENAME_HERE
};
extern const char *const	log_action_names[];	/* authority-events' */

struct log_change {
	int64_t		 date;		/* us UTC */
	enum log_action	 action;
	struct str	 file;		/* without its folder */
	size_t		 line;		/* from 1 */
};

struct change_log_ops {
	void	(*change)(void *, const struct log_change *);
	/* A line that was not understood, and why. */
	void	(*odd)(void *, size_t line, struct str text, const char *why);
};

void	change_log_read(const char *p, size_t n,
	    const struct change_log_ops *, void *ctx);

/*
 * The authority that a file of an AIK CA is for: "EUS-AMD-KEYID-<hex>_2.cer".
 * False for files of other certificates.
 */
bool	aik_file_parse(const char *p, size_t n, struct aik_host *);

#endif
