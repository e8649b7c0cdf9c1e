/*
 * The names before a value that say what it is: of header fields, of
 * parameters, of members of JSON and elements of XML, of lines that tools
 * write.  Compared without letter case, blanks and punctuation.
 * Relies on nothing.
 */
#include <string.h>
#include <strings.h>

#include "evidence/secret.h"

struct key {
	const char	*name;
	enum secret_kind kind;
};

static const struct key keys[] = {
	{ "accesskey", SECRET_PASSWORD }, { "accesstoken", SECRET_TOKEN },
	{ "account", SECRET_USER }, { "accountkey", SECRET_PASSWORD },
	{ "accountname", SECRET_USER }, { "apikey", SECRET_PASSWORD },
	{ "assertion", SECRET_TOKEN }, { "assettag", SECRET_SERIAL },
	{ "authorization", SECRET_AUTHORIZATION },
	{ "authtoken", SECRET_TOKEN }, { "azureaddeviceid", SECRET_GUID },
	{ "azureadjoineddeviceid", SECRET_GUID },
	{ "bearer", SECRET_TOKEN }, { "bearertoken", SECRET_TOKEN },
	{ "aaddeviceid", SECRET_GUID },
	{ "biosserialnumber", SECRET_SERIAL },
	{ "chassisserialnumber", SECRET_SERIAL },
	{ "clientassertion", SECRET_TOKEN }, { "clientip", SECRET_IP },
	{ "clientname", SECRET_MACHINE }, { "clientsecret", SECRET_PASSWORD },
	{ "cloudassigneddevicename", SECRET_MACHINE },
	{ "cloudassignedtenantdomain", SECRET_DOMAIN },
	{ "cloudassignedtenantid", SECRET_GUID },
	{ "cloudassignedtenantupn", SECRET_USER },
	{ "computer", SECRET_MACHINE }, { "computername", SECRET_MACHINE },
	{ "computerobjectguid", SECRET_GUID },
	{ "connectionstring", SECRET_PASSWORD }, { "cookie", SECRET_COOKIE },
	{ "credential", SECRET_PASSWORD }, { "credentials", SECRET_PASSWORD },
	{ "csrftoken", SECRET_TOKEN }, { "devicehash", SECRET_HARDWARE },
	{ "devicehardwaredata", SECRET_HARDWARE },
	{ "deviceid", SECRET_GUID }, { "devicename", SECRET_MACHINE },
	{ "deviceserialnumber", SECRET_SERIAL },
	{ "deviceticket", SECRET_TOKEN }, { "devicetoken", SECRET_TOKEN },
	{ "displayname", SECRET_USER }, { "dnshostname", SECRET_MACHINE },
	{ "domainname", SECRET_DOMAIN }, { "email", SECRET_USER },
	{ "emailaddress", SECRET_USER }, { "enrollmentid", SECRET_GUID },
	{ "entdmid", SECRET_GUID }, { "executingaccountname", SECRET_USER },
	{ "familyname", SECRET_USER },
	{ "fullname", SECRET_USER }, { "givenname", SECRET_USER },
	{ "hardwarehash", SECRET_HARDWARE }, { "hardwareid", SECRET_GUID },
	{ "hostname", SECRET_MACHINE }, { "idtoken", SECRET_TOKEN },
	{ "imei", SECRET_SERIAL }, { "ipaddress", SECRET_IP },
	{ "login", SECRET_USER }, { "loginhint", SECRET_USER },
	{ "loginname", SECRET_USER }, { "logonname", SECRET_USER },
	{ "macaddress", SECRET_MAC }, { "machine", SECRET_MACHINE },
	{ "machineguid", SECRET_GUID }, { "machineid", SECRET_GUID },
	{ "machinename", SECRET_MACHINE }, { "mail", SECRET_USER },
	{ "managementurlupn", SECRET_USER }, { "meid", SECRET_SERIAL },
	{ "netbiosname", SECRET_MACHINE }, { "newpassword", SECRET_PASSWORD },
	{ "objectid", SECRET_GUID }, { "oid", SECRET_GUID },
	{ "oldpassword", SECRET_PASSWORD }, { "onpremisessid", SECRET_SID },
	{ "passphrase", SECRET_PASSWORD }, { "passwd", SECRET_PASSWORD },
	{ "password", SECRET_PASSWORD }, { "passwort", SECRET_PASSWORD },
	{ "pin", SECRET_PASSWORD }, { "pincode", SECRET_PASSWORD },
	{ "preferredusername", SECRET_USER },
	{ "privatekey", SECRET_PRIVATE_KEY }, { "productid", SECRET_SERIAL },
	{ "proxyauthorization", SECRET_AUTHORIZATION },
	{ "proxypassword", SECRET_PASSWORD }, { "proxyuser", SECRET_USER },
	{ "puid", SECRET_SERIAL }, { "pwd", SECRET_PASSWORD },
	{ "recoverykey", SECRET_PASSWORD },
	{ "recoverypassword", SECRET_PASSWORD },
	{ "refreshtoken", SECRET_TOKEN }, { "registeredowner", SECRET_USER },
	{ "registeredorganization", SECRET_USER },
	{ "samaccountname", SECRET_USER }, { "samlresponse", SECRET_TOKEN },
	{ "sastoken", SECRET_TOKEN }, { "secret", SECRET_PASSWORD },
	{ "serial", SECRET_SERIAL }, { "serialno", SECRET_SERIAL },
	{ "serialnumber", SECRET_SERIAL },
	{ "seriennummer", SECRET_SERIAL }, { "servicetag", SECRET_SERIAL },
	{ "sessionid", SECRET_TOKEN }, { "sessiontoken", SECRET_TOKEN },
	{ "setcookie", SECRET_COOKIE },
	{ "sharedaccesskey", SECRET_PASSWORD },
	{ "sharedaccesssignature", SECRET_TOKEN },
	{ "sharedsecret", SECRET_PASSWORD }, { "sig", SECRET_TOKEN },
	{ "smbiosguid", SECRET_GUID }, { "subjectusername", SECRET_USER },
	{ "surname", SECRET_USER }, { "systemuuid", SECRET_GUID },
	{ "systemserialnumber", SECRET_SERIAL },
	{ "tenantdomain", SECRET_DOMAIN }, { "tenantid", SECRET_GUID },
	{ "tenantname", SECRET_DOMAIN }, { "tid", SECRET_GUID },
	{ "targetusername", SECRET_USER }, { "ticket", SECRET_TOKEN },
	{ "token", SECRET_TOKEN }, { "upn", SECRET_USER },
	{ "useremail", SECRET_USER }, { "userid", SECRET_USER },
	{ "username", SECRET_USER }, { "user", SECRET_USER },
	{ "userprincipalname", SECRET_USER }, { "usr", SECRET_USER },
	{ "uuid", SECRET_GUID }, { "windowsproductid", SECRET_SERIAL },
	{ "workstation", SECRET_MACHINE }, { "wresult", SECRET_TOKEN },
	{ "xapikey", SECRET_PASSWORD }, { "zdid", SECRET_GUID },
	{ "ztdid", SECRET_GUID }, { "ztdregistrationid", SECRET_GUID },
	{ "autopilotdeviceid", SECRET_GUID },
	{ "deviceserial", SECRET_SERIAL }, { "pcname", SECRET_MACHINE },
	{ "pc", SECRET_MACHINE }, { "servername", SECRET_MACHINE },
	{ "ownername", SECRET_USER }, { "primaryuser", SECRET_USER },
	{ "loggedonuser", SECRET_USER }, { "assigneduser", SECRET_USER },
	{ "benutzer", SECRET_USER }, { "benutzername", SECRET_USER },
	{ "kennwort", SECRET_PASSWORD }, { "motdepasse", SECRET_PASSWORD },
	{ "contrase\303\261a", SECRET_PASSWORD }, { "utilisateur", SECRET_USER },
	{ "nomdutilisateur", SECRET_USER },
	{ "nombredeusuario", SECRET_USER }, { "equipo", SECRET_MACHINE },
	{ "ordinateur", SECRET_MACHINE }, { "ger\303\244tename", SECRET_MACHINE },
	{ "systemname", SECRET_MACHINE },
	{ "accountdomain", SECRET_DOMAIN },
	{ "binarysecret", SECRET_PASSWORD },
	{ "binarysecuritytoken", SECRET_TOKEN },
	{ "callercomputername", SECRET_MACHINE },
	{ "clientcomputername", SECRET_MACHINE },
	{ "connectionspecificdnssuffix", SECRET_DOMAIN },
	{ "connspecificdnssuffix", SECRET_DOMAIN },
	{ "dhcpv6clientduid", SECRET_HARDWARE },
	{ "ntdomain", SECRET_DOMAIN }, { "userdomain", SECRET_DOMAIN },
	{ "primarydnssuffix", SECRET_DOMAIN },
	{ "dnssuffixsearchlist", SECRET_DOMAIN },
	{ "logonaccount", SECRET_USER }, { "logonserver", SECRET_MACHINE },
	{ "runasuser", SECRET_USER },
	{ "sourceworkstation", SECRET_MACHINE },
	{ "subjectdomainname", SECRET_DOMAIN },
	{ "targetdomainname", SECRET_DOMAIN },
	{ "targetservername", SECRET_MACHINE },
	{ "workstationname", SECRET_MACHINE },
	{ "rechner", SECRET_MACHINE },
	{ "rechnername", SECRET_MACHINE },
	{ "anwender", SECRET_USER },
	{ "anwendername", SECRET_USER },
	{ "usuario", SECRET_USER },
	{ "nomeutente", SECRET_USER },
	{ "utente", SECRET_USER },
	{ "nomecomputer", SECRET_MACHINE },
	{ "nomdelordinateur", SECRET_MACHINE },
	{ "nombredelequipo", SECRET_MACHINE },
	{ "nombredeequipo", SECRET_MACHINE },
	{ "\320\270\320\274\321\217\320\277\320\276\320\273"
	    "\321\214\320\267\320\276\320\262\320\260\321\202"
	    "\320\265\320\273\321\217", SECRET_USER },
	{ "\320\270\320\274\321\217\320\272\320\276\320\274"
	    "\320\277\321\214\321\216\321\202\320\265\321\200"
	    "\320\260", SECRET_MACHINE },
	{ "\320\277\320\276\320\273\321\214\320\267\320\276"
	    "\320\262\320\260\321\202\320\265\320\273\321\214", SECRET_USER },
	{ "\320\272\320\276\320\274\320\277\321\214\321\216"
	    "\321\202\320\265\321\200", SECRET_MACHINE },
	{ "\320\270\320\274\321\217\321\203\320\267\320\273"
	    "\320\260", SECRET_MACHINE },
	{ "\320\277\320\260\321\200\320\276\320\273\321\214", SECRET_PASSWORD },
	{ "\343\203\246\343\203\274\343\202\266\343\203\274"
	    "\345\220\215", SECRET_USER },
	{ "\343\202\263\343\203\263\343\203\224\343\203\245"
	    "\343\203\274\343\202\277\343\203\274\345\220\215", SECRET_MACHINE },
	{ "\347\224\250\346\210\267\345\220\215", SECRET_USER },
	{ "\350\256\241\347\256\227\346\234\272\345\220\215", SECRET_MACHINE },
	{ "\345\257\206\347\240\201", SECRET_PASSWORD },
	{ "owner", SECRET_USER },
	{ "assignedto", SECRET_USER },
	{ "assignee", SECRET_USER },
	{ "createdby", SECRET_USER },
	{ "reportedby", SECRET_USER },
	{ "signedinas", SECRET_USER },
	{ "loggedinas", SECRET_USER },
	{ "loggedonas", SECRET_USER },
	{ "pw", SECRET_PASSWORD },
	{ "passcode", SECRET_PASSWORD },
	{ "otp", SECRET_PASSWORD },
	{ "secretkey", SECRET_PASSWORD },
	{ "sn", SECRET_SERIAL },
	{ "estsauth", SECRET_COOKIE },
	{ "estsauthpersistent", SECRET_COOKIE },
	{ "msisauth", SECRET_COOKIE },
	{ "fedauth", SECRET_COOKIE },
	{ "bitlockerrecoverykey", SECRET_PASSWORD },
	{ "subscriptionkey", SECRET_PASSWORD },
	{ "functionskey", SECRET_PASSWORD },
	{ "xamzsignature", SECRET_TOKEN },
	{ "xgoogsignature", SECRET_TOKEN },
	{ NULL, SECRET_COUNT }
};

/* Parts of a header's name. */
static const struct key header_parts[] = {
	{ "apikey", SECRET_PASSWORD }, { "authorization",
	    SECRET_AUTHORIZATION }, { "cookie", SECRET_COOKIE },
	{ "credential", SECRET_TOKEN }, { "csrf", SECRET_TOKEN },
	{ "password", SECRET_PASSWORD }, { "secret", SECRET_PASSWORD },
	{ "token", SECRET_TOKEN }, { "xsrf", SECRET_TOKEN },
	{ "accesskey", SECRET_PASSWORD }, { "sessionid", SECRET_TOKEN },
	{ "xmsassertion", SECRET_TOKEN }, { "subscriptionkey",
	    SECRET_PASSWORD }, { "functionskey", SECRET_PASSWORD },
	{ "xauth", SECRET_TOKEN }, { NULL, SECRET_COUNT }
};

/* Letters and digits in lower case; those of other alphabets where asked. */
static size_t
normal(const char *p, size_t n, bool wide, char *ret, size_t size)
{
	size_t i, k = 0;
	unsigned char c, before = 0;

	for (i = 0; i < n && k + 1 < size; before = c, i++) {
		c = (unsigned char)p[i];
		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (wide && c >= 0x80))
			ret[k++] = (char)c;
		if (!wide || k < 2)
			continue;
		/* Capitals of Latin and Cyrillic in UTF-8. */
		if (before == 0xc3 && c >= 0x80 && c <= 0x9e)
			ret[k - 1] = (char)(c + 0x20);
		else if (before == 0xd0 && c >= 0x90 && c <= 0x9f)
			ret[k - 1] = (char)(c + 0x20);
		else if (before == 0xd0 && c >= 0xa0 && c <= 0xaf) {
			ret[k - 2] = (char)0xd1;
			ret[k - 1] = (char)(c - 0x20);
		}
	}
	ret[k] = '\0';
	return i == n ? k : 0;
}

static bool
ends(const char *name, const char *word)
{
	size_t n = strlen(name), k = strlen(word);

	return n > k && strcmp(name + n - k, word) == 0;
}

static enum secret_kind
normal_kind(const char *name)
{
	size_t i;

	for (i = 0; keys[i].name != NULL; i++)
		if (keys[i].name[0] == name[0] &&
		    strcmp(keys[i].name, name) == 0)
			return keys[i].kind;
	/* "proxy_password", "ADMIN_PWD", "AWS_SECRET_ACCESS_KEY" */
	return ends(name, "password") || ends(name, "secret") ||
	    ends(name, "pwd") || ends(name, "accesskey") ||
	    ends(name, "secretkey") || ends(name, "apikey") ?
	    SECRET_PASSWORD : SECRET_COUNT;
}

enum secret_kind
key_kind(const char *p, size_t n)
{
	enum secret_kind kind = SECRET_COUNT;
	char name[64];

	if (n > 96)
		return SECRET_COUNT;
	if (normal(p, n, true, name, sizeof(name)) > 0)
		kind = normal_kind(name);
	/* A mark before the name is no letter of it. */
	if (kind == SECRET_COUNT && normal(p, n, false, name,
	    sizeof(name)) > 0)
		kind = normal_kind(name);
	return kind;
}

enum secret_kind
header_kind(const char *p, size_t n)
{
	char name[96];
	size_t i;

	if (normal(p, n, false, name, sizeof(name)) == 0)
		return SECRET_COUNT;
	if (strncmp(name, "accesscontrol", 13) == 0)
		return SECRET_COUNT;
	for (i = 0; header_parts[i].name != NULL; i++)
		if (strstr(name, header_parts[i].name) != NULL)
			return header_parts[i].kind;
	return key_kind(p, n);
}

/* Names that stand on every machine and words that would hit too much. */
static const char *const common[] = {
	"access", "account", "admin", "administrator", "all users", "anonymous",
	"anonymous logon", "authority", "builtin", "client", "computer",
	"contact", "default", "default user", "defaultuser0", "desktop",
	"device", "disabled", "domain", "empty", "enabled", "error", "everyone",
	"example", "false", "fiddler", "guest", "host", "http", "https", "info",
	"interactive", "invalid", "laptop", "local", "local service",
	"local system", "localhost", "localservice", "localsystem", "machine",
	"message", "microsoft", "name", "network", "network service",
	"networkservice", "none", "nt authority", "ntauthority", "null",
	"office", "online", "password", "postmaster", "proxy", "public",
	"request", "response", "secret", "server", "service", "services",
	"session", "status", "support", "system", "systemprofile", "test",
	"token", "true", "trustedinstaller", "undefined", "unknown", "user",
	"users", "value", "version", "windows", "workgroup",
	"autorite nt", "nt-autorit\xc3\xa4t", "nt autorit\xc3\xa4t",
	"autorit\xc3\xa9 nt", "to be filled by o.e.m.", "default string",
	"system serial number", "not specified", "n/a",
	/* What a sentence says behind "user:". */
	"and", "are", "authentication", "but", "cannot", "certificate",
	"could", "denied", "does", "failed", "has", "header", "is", "missing",
	"must", "no", "not", "or", "rejected", "required", "should", "that",
	"the", "this", "was", "with", NULL
};

bool
secret_is_common(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; common[i] != NULL; i++)
		if (strlen(common[i]) == n &&
		    strncasecmp((const char *)p, common[i], n) == 0)
			return true;
	return false;
}
