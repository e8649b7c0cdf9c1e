/*
 * Fuzzes the reader of rule files: any bytes are the text of a rule.
 * Relies on libFuzzer's entry point, or on driver.c without it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "judge/judge.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	struct rules *rules = rules_new();

	if (null == NULL && (null = fopen("/dev/null", "w")) == NULL)
		abort();
	if (rules_load_text(rules, "fuzz.rule", (const char *)data, size,
	    null) == 0)
		(void)rules_finish(rules, null);
	rules_free(rules);
	return 0;
}
