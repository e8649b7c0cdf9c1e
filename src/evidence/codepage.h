/*
 * Code pages 437, 850, 866, 1251 and 1252 to Unicode: own tables, because
 * iconv would load modules inside the sandbox.  Relies on nothing.
 */
#ifndef EVIDENCE_CODEPAGE_H
#define EVIDENCE_CODEPAGE_H

#include <stdint.h>

enum codepage {
	CODEPAGE_437, CODEPAGE_850, CODEPAGE_866, CODEPAGE_1251, CODEPAGE_1252,
	CODEPAGE_COUNT
};

extern const uint16_t	codepages[CODEPAGE_COUNT][128];

#endif
