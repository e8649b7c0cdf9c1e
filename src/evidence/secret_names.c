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
	{ "contrasea", SECRET_PASSWORD }, { "utilisateur", SECRET_USER },
	{ "nomdutilisateur", SECRET_USER },
	{ "nombredeusuario", SECRET_USER }, { "equipo", SECRET_MACHINE },
	{ "ordinateur", SECRET_MACHINE }, { "gertename", SECRET_MACHINE },
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
	{ "workstationname", SECRET_MACHINE }, { NULL, SECRET_COUNT }
};

/* Parts of a header's name. */
static const struct key header_parts[] = {
	{ "apikey", SECRET_PASSWORD }, { "authorization",
	    SECRET_AUTHORIZATION }, { "cookie", SECRET_COOKIE },
	{ "credential", SECRET_TOKEN }, { "csrf", SECRET_TOKEN },
	{ "password", SECRET_PASSWORD }, { "secret", SECRET_PASSWORD },
	{ "token", SECRET_TOKEN }, { "xsrf", SECRET_TOKEN },
	{ "accesskey", SECRET_PASSWORD }, { "sessionid", SECRET_TOKEN },
	{ "xmsassertion", SECRET_TOKEN }, { NULL, SECRET_COUNT }
};

static size_t
normal(const char *p, size_t n, char *ret, size_t size)
{
	size_t i, k = 0;
	char c;

	for (i = 0; i < n && k + 1 < size; i++) {
		c = p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			ret[k++] = c;
	}
	ret[k] = '\0';
	return i == n ? k : 0;
}

enum secret_kind
key_kind(const char *p, size_t n)
{
	char name[48];
	size_t i;

	if (n > 64 || normal(p, n, name, sizeof(name)) == 0)
		return SECRET_COUNT;
	for (i = 0; keys[i].name != NULL; i++)
		if (keys[i].name[0] == name[0] &&
		    strcmp(keys[i].name, name) == 0)
			return keys[i].kind;
	/* "proxy_password", "ADMIN_PWD" */
	i = strlen(name);
	if ((i > 8 && strcmp(name + i - 8, "password") == 0) ||
	    (i > 6 && strcmp(name + i - 6, "secret") == 0) ||
	    (i > 3 && strcmp(name + i - 3, "pwd") == 0))
		return SECRET_PASSWORD;
	return SECRET_COUNT;
}

enum secret_kind
header_kind(const char *p, size_t n)
{
	char name[96];
	size_t i;

	if (normal(p, n, name, sizeof(name)) == 0)
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
