/*
 * Messages about the run itself, on standard error; what the evidence says
 * goes into the report instead.  Relies on stdio.
 */
#ifndef LOG_H
#define LOG_H

enum log_level { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

/* Set once from the options, before the first fork. */
void	log_level_set(enum log_level);

/* The world failed: always said.  "aiktriage: TEXT" and a newline. */
void	log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Something is not as wished: not with --quiet. */
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Only with -v. */
void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
