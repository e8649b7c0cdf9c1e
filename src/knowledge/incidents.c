/*
 * Dated faults of the service and of CAs.
 * Relies on data/incidents.tsv, which is short and read from its start.
 */
#include "knowledge/table.h"

#include <string.h>

#define DAY	(INT64_C(86400) * 1000000)

bool
incident_get(size_t index, struct incident_info *ret)
{
	struct table t;
	struct row row;
	size_t off = 0;

	memset(ret, 0, sizeof(*ret));
	table_open(&t, "data/incidents.tsv", "id\tfrom\tto\tvendor\tcas\t"
	    "stage\tcode\tmessage\twhat\tsource\n");
	do {
		if (!table_next(&t, &off, &row))
			return (false);
	} while (index-- > 0);
	ret->id = row.col[0];
	ret->from = str_time(row.col[1]);
	ret->to = str_time(row.col[2]) + DAY - 1;	/* to its end */
	ret->vendor = row.col[3];
	ret->cas = row.col[4];
	ret->stage = row.col[5];
	ret->code = row.col[6];
	ret->message = row.col[7];
	ret->what = row.col[8];
	ret->source = row.col[9];
	return (true);
}
