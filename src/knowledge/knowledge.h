/*
 * The embedded tables (rules/data): error codes, AIK authorities, EK issuers,
 * re-issues, incidents, vendors, hosts.  Read-only, offline, no allocation:
 * the strings are parts of the embedded tables and not NUL-terminated, so
 * they come as struct str.  Relies on the tables alone.
 */
#ifndef KNOWLEDGE_KNOWLEDGE_H
#define KNOWLEDGE_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char	*p;
	size_t		 n;
};
bool	str_is(struct str, const char *);
bool	str_same(struct str, const char *p, size_t n);	/* ASCII case ignored */

/* ---- embedded files: rules and tables ---- */

struct embedded {
	const char	*name;		/* "causes/ek-issuer-renewed.rule" */
	const char	*p;
	size_t		 n;
};
extern const struct embedded	embedded_files[];	/* ends with name NULL */
extern const char		embedded_sha256[];	/* hex, over all of them */
const struct embedded *embedded_find(const char *name);

/*
 * Newer tables of authorities, their changes, lists, issuers and re-issues
 * from a folder, before any look-up: what was looked up before is no longer
 * valid.  False with what is wrong.
 */
bool	knowledge_load(const char *dir, char *why, size_t size);

/* ---- codes ---- */

struct code_info {
	uint32_t	 code;		/* of that reading: 1168 for 0x80070490 */
	struct str	 symbol, kind /* HRESULT, NTSTATUS, Win32, TPM ... */,
			 facility, meaning, first_step, source;
};
#define CODE_READINGS	96		/* more than any code has */
/* All readings of a code, best first; returns how many there are. */
size_t	code_lookup(uint32_t code, struct code_info *ret, size_t max);
/* Of one kind of codes.tsv only: "SCEP failInfo", "Win32", "HTTP" ... */
size_t	code_lookup_kind(uint32_t code, const char *kind,
	    struct code_info *ret, size_t max);
/* By symbol, case ignored; those with a meaning first. */
size_t	code_by_symbol(const char *symbol, struct code_info *ret, size_t max);
/* The best symbol or "" (also HTTP_E_STATUS_* by rule 0x80190000+status). */
struct str code_symbol(uint32_t code);
/* Distinct codes with a name, Win32 errors as HRESULT among them. */
size_t	code_count(void);
size_t	code_advised(void);		/* with a meaning and a first step */
/* A code taken apart: "HRESULT", "failure, facility HTTP (25), code 404". */
struct code_part {
	const char	*label;		/* "" goes on from the line before */
	char		 text[160];
};
/* In all its forms, given its readings; returns how many, 8 at most. */
size_t	code_parts(uint32_t code, const struct code_info *readings, size_t n,
	    struct code_part *ret, size_t max);
/* Names of an HRESULT facility (bits 16 to 26), "" if it has none. */
struct str code_facility(uint32_t facility);

/* ---- AIK authorities ---- */

enum authority_state {
	AUTHORITY_LISTED, AUTHORITY_REMOVED, AUTHORITY_NO, AUTHORITY_NOT_YET,
	AUTHORITY_NEWER_THAN_LIST, AUTHORITY_UNKNOWN
};
extern const char *const	authority_state_names[];  /* REPORT.md's words */

struct authority_info {
	enum authority_state state;
	bool		 known;		/* the id stands in the list at all */
	struct str	 prefix, issuer; /* issuer: EK-issuing CA's subject */
	int64_t		 since, until;	/* us UTC; 0: not known */
	int64_t		 first_added, last_removed;	/* 0: none */
	int64_t		 list_date;	/* end of the list */
	int64_t		 log_start;	/* earlier is unknown */
};
/*
 * State of (prefix, form "keyid"|"nameid", id in hex; case ignored) at a time
 * (us UTC; 0: not known, then the state at the list's end), replayed from the
 * dated changes as design/CAUSES "Authority state".
 */
void	authority_at(const char *prefix, const char *form, const char *id,
	    int64_t when, struct authority_info *ret);

/* The authorities whose id that is, whatever their prefix; index from 0. */
struct authority_name {
	struct str	 prefix, form, id, issuer;
};
bool	authority_by_id(const char *id, size_t index, struct authority_name *);
/* The dated changes of one, in their order; index from 0. */
struct authority_change {
	struct str	 date, action;	/* "2023-04-03", "add" */
};
bool	authority_change_get(const struct authority_name *, size_t index,
	    struct authority_change *);
/* How far the list of authorities reaches. */
struct list_info {
	int64_t		 from, to;
	struct str	 source;
};
void	authority_list(struct list_info *);

/* ---- EK issuers: CA certificates of TPM vendors ---- */

struct issuer_info {
	struct str	 vendor;	/* IFX, NTC ... as TCG text id */
	struct str	 kind;		/* root, intermediate */
	struct str	 subject, issuer, cn;
	struct str	 serial;	/* hex, lower case, as in the DER */
	int64_t		 not_before, not_after;
	struct str	 ski, aki;	/* hex, "" if none */
	struct str	 name_sha1;	/* SHA-1 of the DER subject, hex */
	struct str	 key, aia, sha256, source;
};
/* Certificates with that SKI (hex); index from 0; false at the end. */
bool	issuer_by_ski(const char *ski_hex, size_t index, struct issuer_info *);
bool	issuer_by_name(const char *name_sha1_hex, size_t index,
	    struct issuer_info *);
/* Is there an intermediate in the table whose issuer has this key id? */
bool	issuer_signs_cas(struct str ski);
bool	issuer_by_sha256(const char *sha256_hex, struct issuer_info *);

/* A re-issue: same subject and key, later validity, other serial. */
struct reissue_info {
	struct str	 vendor, cn, ski;
	struct str	 old_serial, new_serial;
	int64_t		 old_not_before, old_not_after;
	int64_t		 new_not_before, new_not_after;
	int64_t		 loaded;	/* by the service; 0: not known */
	struct str	 source;
};
/* The known pair whose NEWER certificate has this SKI and serial. */
bool	reissue_find(const char *ski_hex, const char *serial_hex,
	    struct reissue_info *);
/* Any pair of that SKI (to speak of the predecessor). */
bool	reissue_by_ski(const char *ski_hex, struct reissue_info *);

/* Which chips a CA of that vendor and name signs for; index from 0. */
struct family_info {
	struct str	 what, source;
};
bool	family_find(struct str vendor, struct str cn, size_t index,
	    struct family_info *);

/* ---- incidents ---- */

struct incident_info {
	struct str	 id;		/* "ifx-reissue-2023" */
	int64_t		 from, to;	/* us UTC, inclusive */
	struct str	 vendor;	/* "" any */
	struct str	 cas;		/* SKIs in hex, blank-separated; "" any */
	struct str	 stage;		/* PKIOperation-request ... */
	struct str	 code;		/* "0x80190190" or "" */
	struct str	 message;	/* substring of the service's, or "" */
	struct str	 what, source;
};
/* Incidents by index from 0; false at the end. */
bool	incident_get(size_t index, struct incident_info *);

/* ---- vendors, hosts ---- */

struct vendor_info {
	struct str	 id;		/* "IFX" */
	struct str	 hex;		/* "49465800" */
	struct str	 prefix;	/* of AIK hosts, lower case; "" none */
	struct str	 name;
	bool		 virtual;	/* TPMs of virtual machines */
};
bool	vendor_by_id(const char *p, size_t n, struct vendor_info *);
/* By a TCG attribute: "id:" and the id's four bytes in hex, of either case. */
bool	vendor_by_attribute(const char *p, size_t n, struct vendor_info *);
bool	vendor_by_prefix(const char *p, size_t n, struct vendor_info *);

/* ---- firmware of TPMs ---- */

struct firmware_info {
	struct str	 vendor, from, to;	/* "5.0", "5.61" */
	struct str	 what, source;
};
/* Is this version in a published range of flawed ones?  By major, minor. */
bool	firmware_flawed(const char *vendor, size_t n, unsigned int major,
	    unsigned int minor, struct firmware_info *);

enum host_scope {
	HOST_OTHER, HOST_AIK, HOST_EK_SERVICE, HOST_AIA, HOST_ENROLMENT,
	HOST_SIGN_IN, HOST_DEVICE_HEALTH
};
/* From the table of hosts; "*.x" rows match suffixes. */
enum host_scope	 host_scope(const char *host);
/* The same, or by a row that names a path of the host, too. */
enum host_scope	 url_scope(const char *host, const char *path);
extern const char *const	host_scope_names[];

/* ---- proxies and filters on the way ---- */

struct proxy_info {
	struct str	 vendor;	/* "Zscaler" */
	bool		 own;		/* the proxy itself wrote the answer */
	size_t		 off, n;	/* the mark, in what was looked at */
};
/* By one header field of an answer; its name in lower case. */
bool	proxy_by_header(const char *name, const char *p, size_t n,
	    struct proxy_info *);
/* By a page. */
bool	proxy_by_page(const char *p, size_t n, struct proxy_info *);

/* ---- who signs the certificates of TLS connections ---- */

enum inspection_kind {
	INSPECTION_INSPECTOR, INSPECTION_TOOL, INSPECTION_SERVER
};
struct inspection_info {
	struct str	 product;	/* "Zscaler" */
	enum inspection_kind kind;
	struct str	 source;
};
/* By the name of the issuer; false: nobody that is known. */
bool	inspection_find(const char *p, size_t n, struct inspection_info *);

/* ---- defects of Windows ---- */

struct defect_info {
	struct str	 kb;		/* "KB5013943" */
	int64_t		 from, to;	/* builds, inclusive */
	int64_t		 below;		/* the revision that has the fix */
	struct str	 sign;		/* "0x81039023", "ek-missing" */
	struct str	 vendor;	/* of the TPM; "" any */
	struct str	 what, source;
};
/* Defects by index from 0; false at the end. */
bool	defect_get(size_t index, struct defect_info *);

struct aik_host {
	char		 prefix[16];	/* lower case */
	char		 form[8];	/* "keyid", "nameid" */
	char		 id[64];	/* lower-case hex; not always 40 digits */
	bool		 test;		/* the -int environment */
};
/* Takes "<vendor>-KeyId-<hex>[.microsoftaik.azure.net]", any case. */
bool	aik_host_parse(const char *p, size_t n, struct aik_host *);

#endif
