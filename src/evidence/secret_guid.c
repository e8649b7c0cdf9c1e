/*
 * Whose a GUID is, by the words before it: those of requests, transactions
 * and keys have others there.
 * Relies on nothing.
 */
#include <string.h>
#include <strings.h>

#include "evidence/secret.h"

#define WORD_BYTES	48	/* a longer one is none of these */

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80 ||
	    c == '-' || c == '_' || c == '.';
}

static bool
is_any(const char *p, size_t n, const char *const texts[])
{
	for (; *texts != NULL; texts++)
		if (strlen(*texts) == n && strncasecmp(p, *texts, n) == 0)
			return true;
	return false;
}

/* Words that say nothing: "the tenant with ID {...}". */
static const char *const fillers[] = {
	"id", "ids", "guid", "is", "the", "with", "name", "of", "a", "an",
	"aad", "object", "microsoft", "entra", "azure", "ad", "v1", "v2",
	"mit", "der", "des", "ist", NULL
};
static const char *const tenants[] = {
	"tenant", "tenants", "tenantid", "tenant_id", "tid", "directory",
	"organization", "organizations", "mandant", "mandanten", "locataire",
	"inquilino", "login.microsoftonline.com", "sts.windows.net",
	"login.windows.net", "tenant-id", NULL
};
static const char *const devices[] = {
	"device", "devices", "deviceid", "device_id", "device-id", "machine",
	"machineid", "computer", "computers", "gerät", "geräts", "rechner",
	"appareil", "dispositivo", "entdmid", "ztdid", "hardware", NULL
};
static const char *const users[] = {
	"user", "users", "userid", "user_id", "user-id", "oid", "puid",
	"principal", "objectid", "member", "members", "account", "benutzer",
	"utilisateur", "usuario", NULL
};

const char *
secret_guid(const char *p, size_t at)
{
	size_t start, end = at, words;

	for (words = 0; words < 6 && end > 0; words++) {
		while (end > 0 && strchr(" \t\"'{(:=/\\", p[end - 1]) != NULL)
			end--;
		for (start = end; start > 0 && end - start < WORD_BYTES &&
		    is_word(p[start - 1]); start--)
			continue;
		if (is_any(p + start, end - start, tenants))
			return "tenant";
		if (is_any(p + start, end - start, devices))
			return "device";
		if (is_any(p + start, end - start, users))
			return "user";
		if (start == end || !is_any(p + start, end - start, fillers))
			return NULL;
		end = start;
	}
	return NULL;
}
