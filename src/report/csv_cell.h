/*
 * How every CSV of the program is written.
 * Relies on knowledge.h for texts and on arena.h.
 */
#ifndef REPORT_CSV_CELL_H
#define REPORT_CSV_CELL_H

#include <stdio.h>

#include "evidence/arena.h"
#include "knowledge/knowledge.h"

/* The mark by which Excel knows UTF-8, where it was asked for. */
void	csv_begin(FILE *, bool bom);
/* In quotes, escaped and with what comes before it: a comma or nothing. */
void	csv_cell(FILE *, struct arena *, struct str, bool first);

#endif
