/*
 * The evidence of one case: pieces of bytes (blobs), what was found in them
 * (items), what was read or computed about those (facts), and what could not
 * be read (problems).  Each stage adds; nothing is changed or freed alone.
 * Relies on arena.h and limits.h.
 */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/arena.h"
#include "evidence/limits.h"
#include "evidence/meter.h"

struct evidence;
struct parser;
struct attempt;

#define BLOB_NONE	UINT32_MAX

/* A citation: len bytes at off of a blob. */
struct span {
	uint32_t	blob;
	size_t		off, len;
};

static const struct span	SPAN_NONE = { BLOB_NONE, 0, 0 };

/* ---- blobs ---- */

enum blob_kind {
	BLOB_INPUT,	/* a file of the case */
	BLOB_MEMBER,	/* member of a container: adds a name to citations */
	BLOB_SLICE,	/* the very bytes of the parent at `from` */
	BLOB_STEP,	/* made from the parent's bytes: adds a `via` */
	BLOB_COMPOSED,	/* pieces of the parent laid out anew: citations are
			   those of the pieces */
};

/* How the composed bytes of a piece, UTF-8, stand in its source. */
enum piece_unit {
	PIECE_WHOLE,	/* another form of the same value: cited as a whole */
	PIECE_SAME,	/* byte for byte */
	PIECE_BYTE,	/* one byte a character */
	PIECE_UTF16,	/* two or four bytes a character */
};

/* n bytes at off of a composed blob stand for the bytes of `from`. */
struct piece {
	size_t		 off, n;
	struct span	 from;
	enum piece_unit	 unit;
};

struct blob {
	uint32_t	 id;
	enum blob_kind	 kind;
	uint32_t	 input;		/* index of the input it came from */
	const char	*name;		/* input path or member name */
	const char	*how;		/* "zip member", "gunzip", "CMS content" */
	const char	*hint;		/* media type for the bidding, or NULL */
	struct span	 from;		/* blob BLOB_NONE for an input */
	const uint8_t	*p;
	size_t		 n;
	size_t		 full;		/* size before ev_blob_trim() */
	unsigned int	 depth;		/* containers around it */
	const struct piece *pieces;	/* of a composed blob, by their off */
	size_t		 npieces;
	struct item	*item;		/* what it belongs to; never NULL */
	const struct parser *parser;	/* who read it, NULL: nobody */
	bool		 queued;	/* stands on the worklist */
};

/* ---- items ---- */

/* ITEM_KIND(NAME, "name", parents, help): parents are the possible ones. */
#define ITEM_KINDS(K)							\
	K(CASE, "case", 0,						\
	    "the whole case: one device, one incident")			\
	K(FILE, "file", KIND(CASE),					\
	    "one file of the case, or one member of an archive")	\
	K(ARCHIVE, "archive", KIND(CASE) | KIND(FILE),			\
	    "a container: a Fiddler capture (SAZ), ZIP, CAB, tar")	\
	K(SESSION, "session", KIND(ARCHIVE) | KIND(FILE),		\
	    "one HTTP exchange or one CONNECT tunnel of a capture")	\
	K(REQUEST, "request", KIND(SESSION) | KIND(FILE),		\
	    "an HTTP request")						\
	K(RESPONSE, "response", KIND(SESSION) | KIND(FILE),		\
	    "an HTTP response")						\
	K(PKI_MESSAGE, "pki_message", KIND(REQUEST) | KIND(RESPONSE) |	\
	    KIND(FILE) | KIND(STORE_ELEMENT) | KIND(ENVELOPE),		\
	    "CMS signed data: a SCEP pkiMessage or a certs-only answer")	\
	K(ENVELOPE, "envelope", KIND(PKI_MESSAGE) | KIND(PKCS10) |	\
	    KIND(CHALLENGE) | KIND(FILE),				\
	    "CMS enveloped data")					\
	K(PKCS10, "pkcs10", KIND(ENVELOPE) | KIND(REQUEST) | KIND(FILE),	\
	    "a PKCS#10 certificate request: of an AIK, or another")	\
	K(ATTESTATION, "attestation", KIND(PKCS10) | KIND(FILE),	\
	    "a TPM attestation statement (KAST)")			\
	K(EK_INFO, "ek_info", KIND(ENVELOPE) | KIND(FILE),		\
	    "what the device says of its EK: key, certificates")	\
	K(CHALLENGE, "challenge", KIND(ENVELOPE) | KIND(FILE),		\
	    "the service's TPM challenge, or the answer to it")		\
	K(CERTIFICATE, "certificate", KIND(PKI_MESSAGE) |		\
	    KIND(STORE_ELEMENT) | KIND(FILE) | KIND(RESPONSE) |		\
	    KIND(REQUEST) | KIND(RUN) | KIND(EK_INFO) | KIND(PKCS10) |	\
	    KIND(KEY),							\
	    "an X.509 certificate, once for each place it stands in")	\
	K(STORE_ELEMENT, "store_element", KIND(FILE) | KIND(KEY),	\
	    "a serialized certificate store element")			\
	K(RUN, "run", KIND(FILE) | KIND(NOTE),				\
	    "what certreq -enrollaik or an event 86/87/88 says of one run") \
	K(NOTE, "note", KIND(FILE),					\
	    "what a person or the system wrote: a note, a mail, an event") \
	K(ARTICLE, "article", KIND(FILE) | KIND(RESPONSE),		\
	    "longer text whose codes are explained and prove nothing")	\
	K(TOOL, "tool", KIND(FILE),					\
	    "what one of Windows' tools or reports says of the device")	\
	K(LISTED, "listed", KIND(TOOL),					\
	    "a certificate as a tool lists it, in words")		\
	K(KEY, "key", KIND(FILE),					\
	    "a key of a registry export that matters here")		\
	K(ATTEMPT, "attempt", KIND(CASE),				\
	    "one enrolment run, from all witnesses of it")		\
	K(STAGE, "stage", KIND(ATTEMPT),				\
	    "one stage of an attempt")					\
	K(JOIN, "join", KIND(CASE),					\
	    "two pieces of evidence that belong together, or do not")	\
	K(DEVICE, "device", KIND(CASE),					\
	    "what is known of the device: TPM, firmware, Windows")

enum item_kind {
#define K(ID, name, parents, help) ITEM_##ID,
	ITEM_KINDS(K)
#undef K
	ITEM_KIND_COUNT
};
#define KIND(ID)	(UINT32_C(1) << ITEM_##ID)

struct kind {
	const char	*name;
	uint32_t	 parents;	/* KIND() bits */
	const char	*help;
};
extern const struct kind	kinds[ITEM_KIND_COUNT];

struct item {
	enum item_kind	 kind;
	uint32_t	 number;	/* from 1 within its kind, in input order */
	struct item	*parent;	/* NULL for the case */
	struct span	 at;		/* SPAN_NONE where it is made of links */
	uint32_t	 artifacts;	/* ARTIFACT() bits that were read for it */
	struct fact	*facts, *last;	/* in the order they were added */
	struct item	*next;		/* of the same kind */
	struct attempt	*attempt;	/* of attempts: correlate/attempt.h */
};

/* ---- artifacts: what a customer can send ---- */

/*
 * ARTIFACT_KIND(NAME, "name", "what to ask for", "how to collect it").  Reports
 * say "because ... is not there", so what to ask for names what could not be
 * read in any form: a request without its body, or an answer that is no
 * pkiMessage, may well be there.
 */
#define ARTIFACTS(A)							\
	A(CAPTURE, "capture",						\
	    "a decrypted Fiddler capture (SAZ) of the whole enrolment",	\
	    "start Fiddler with HTTPS decryption, run certreq -enrollaik "	\
	    "-config \"\" as SYSTEM, save all sessions")		\
	A(PKI_MESSAGE, "pki-message",					\
	    "a readable pkiMessage in the PKIOperation request",	\
	    "capture with HTTPS decryption and full bodies, or export "	\
	    "SystemCertificates\\Request of the SYSTEM profile")	\
	A(PKI_ANSWER, "pki-answer",					\
	    "a pkiMessage (CertRep) answering the PKIOperation request", \
	    "let the capture run until certreq has ended")		\
	A(CA_CHAIN, "ca-chain",						\
	    "the service's CA chain in answer to GetCACertChain",	\
	    "start the capture before the enrolment")			\
	A(ANSWER, "answer",						\
	    "an answer of the service, in a capture or in certreq's text", \
	    "certreq -enrollaik -config \"\" > certreq.txt (as SYSTEM)")	\
	A(MESSAGE, "service-message",					\
	    "the text with which the service answered",			\
	    "capture with full bodies, or send the whole text of "	\
	    "certreq -enrollaik -config \"\"")				\
	A(EK_ISSUER, "ek-issuer",					\
	    "the certificate of the EK's issuing CA",			\
	    "Get-TpmEndorsementKeyInfo -HashAlgorithm sha256, or export "	\
	    "IntermediateCACertStore from the registry")		\
	A(EK_CERTIFICATE, "ek-certificate",				\
	    "a readable EK certificate of the device",			\
	    "Get-TpmEndorsementKeyInfo -HashAlgorithm sha256, or export "	\
	    "EKCertStore from the registry")				\
	A(AUTHORITY, "authority",					\
	    "the name of the AIK host that the device asks",		\
	    "certreq -enrollaik -config \"\" > certreq.txt (as SYSTEM)")	\
	A(TIME, "time",							\
	    "the time of the failure: a Date header, an event's or a "	\
	    "session's time in UTC",					\
	    "send the capture or the event with its time")		\
	A(REQUEST_FILE, "request-file",					\
	    "the request file of the SYSTEM profile's certificate store", \
	    "copy C:\\Windows\\System32\\config\\systemprofile\\AppData\\"	\
	    "Roaming\\Microsoft\\SystemCertificates\\Request")		\
	A(CERTREQ, "certreq",						\
	    "the text of certreq -enrollaik",				\
	    "certreq -enrollaik -config \"\" > certreq.txt (as SYSTEM)")	\
	A(EVENT, "event",						\
	    "an event that tells more (86, 87 or Autopilot's)",		\
	    "mdmdiagnosticstool.exe -area Autopilot;TPM -cab out.cab")	\
	A(NOTE, "note",							\
	    "what the screen showed, or the Autopilot event",		\
	    "write down the code of the red screen")			\
	A(TPMTOOL, "tpmtool",						\
	    "the text of tpmtool getdeviceinformation",			\
	    "tpmtool getdeviceinformation > tpmtool.txt")		\
	A(EK_INFO, "ek-info",						\
	    "the EK information of Windows",				\
	    "Get-TpmEndorsementKeyInfo -HashAlgorithm sha256 > ek.txt")	\
	A(OPENED, "opened",						\
	    "what a message holds sealed",				\
	    "aiktriage --key FILE, where you have the private key of "	\
	    "its recipient")						\
	A(BUILD, "build",						\
	    "the full build of Windows, with its revision",		\
	    "mdmdiagnosticstool.exe -out C:\\mdm, or cmd /c ver > ver.txt")	\
	A(TLS, "tls",							\
	    "the CONNECT tunnel to the AIK host",			\
	    "capture with Fiddler from before the enrolment")		\
	A(SERVER_CERTIFICATE, "server-certificate",			\
	    "the certificate that the AIK host shows",			\
	    "capture with Fiddler and HTTPS decryption: the session "	\
	    "CONNECT tells its issuer")				\
	A(AUTHORITY_LIST, "authority-list",				\
	    "a list of the service's authorities as new as the failure", \
	    "download TrustedTpm.cab from Microsoft and give it to "	\
	    "aiktriage authority --import")

enum artifact {
#define A(ID, name, ask, command) ARTIFACT_##ID,
	ARTIFACTS(A)
#undef A
	ARTIFACT_COUNT
};
#define ARTIFACT(ID)	(UINT32_C(1) << ARTIFACT_##ID)

struct artifact_info {
	const char	*name, *ask, *command;
};
extern const struct artifact_info	artifacts[ARTIFACT_COUNT];

/* ---- facts ---- */

enum value_type {
	VALUE_BOOL, VALUE_INT, VALUE_TIME, VALUE_TEXT, VALUE_BYTES, VALUE_CODE
};

struct value {
	enum value_type	 type;
	bool		 truth;		/* BOOL */
	int64_t		 number;	/* INT; TIME: microseconds since 1970 UTC;
					   CODE: 0 to UINT32_MAX */
	const char	*p;		/* TEXT and BYTES; TEXT is raw bytes too */
	size_t		 n;
};

struct value	value_bool(bool);
struct value	value_int(int64_t);
struct value	value_time(int64_t us);
struct value	value_code(uint32_t);
struct value	value_text(const char *p, size_t n);
struct value	value_str(const char *);	/* NUL-terminated */
struct value	value_bytes(const void *p, size_t n);
bool		value_equal(const struct value *, const struct value *);

struct named {
	int64_t		 value;
	const char	*name;		/* NULL ends the table */
};

/* Static const, declared by the parser or correlator that fills it. */
struct field {
	const char	*name;		/* dotted lower case: "scep.pki_status" */
	enum value_type	 type;
	const struct named *named;	/* names of INT values, or NULL */
	uint32_t	 kinds;		/* KIND() bits: items that carry it */
	uint32_t	 artifacts;	/* ARTIFACT() bits: any of these holds it */
	bool		 keyed;		/* header["Date"] */
	bool		 repeated;	/* an item may have several */
	bool		 personal;	/* names a person or a machine */
	bool		 needs_all;	/* absent is false only where all of the
					   artifacts were read, not any */
	const char	*open;		/* a text value that says "not known":
					   another holds, and ... */
	enum artifact	 open_artifact;	/* ... this would tell which */
	const char	*help;
};

struct fact {
	const struct field *field;
	const char	*key;		/* lower case, NULL without */
	struct value	 value;
	struct span	 at;		/* of a read value; else may be SPAN_NONE */
	bool		 derived;	/* computed rather than read */
	const struct fact **from;	/* what a derived one was made of */
	size_t		 nfrom;
	const char	*source;	/* table or rule of thumb used, or NULL */
	struct item	*item;
	struct fact	*next;		/* of the same item */
};

/* ---- problems and inputs ---- */

enum problem_level {
	PROBLEM_NOTED,		/* odd, but nothing is lost */
	PROBLEM_PARTIAL,	/* damaged or cut: the input is `partial` */
	PROBLEM_LOCKED,		/* needs a password: the input is `partial` */
	PROBLEM_UNREADABLE,	/* nothing could be read */
	PROBLEM_LIMIT		/* a limit of limits.h was reached */
};

struct problem {
	enum problem_level level;
	struct span	 at;
	const char	*text;
	struct problem	*next;
};

enum input_state {
	INPUT_READ, INPUT_PARTIAL, INPUT_UNREADABLE, INPUT_SKIPPED
};

struct input {
	const char	*path;		/* as the report shows it */
	const char	*kind;		/* REPORT.md's word; "unknown" at first */
	uint64_t	 size;
	uint8_t		 sha256[32];
	enum input_state state;
	bool		 named;		/* by the user; false: in a directory */
	uint32_t	 blob;
};

/* ---- building ---- */

struct evidence	*evidence_new(const struct limits *);
void		 evidence_free(struct evidence *);

/*
 * Certificates that the user gives beside the case: evidence of their own,
 * which no fact of the case cites.  Freed with the case's; NULL: none.
 */
void		 ev_give(struct evidence *, struct evidence *given);
struct evidence	*ev_given(const struct evidence *);

struct arena	*ev_arena(struct evidence *);
const struct limits *ev_limits(const struct evidence *);
/* Somebody watches: how much there is, and how long it takes; or NULL. */
void		 ev_watch(struct evidence *, struct meter *);
struct meter	*ev_meter(const struct evidence *);
struct item	*ev_case(const struct evidence *);

/*
 * Adds an input and its blob, queued for the parsers.  The bytes must live as
 * long as the evidence.  Returns the blob.
 */
struct blob	*ev_input(struct evidence *, const char *path, bool named,
		    const uint8_t *p, size_t n, const uint8_t sha256[32]);

/*
 * Child blobs.  `hint` is a media type or "-" for bytes that no parser shall
 * read.  `item` is what the child belongs to; NULL: that of the parent blob.
 * NULL is returned (and the limit noted) where a limit is reached.
 * A member's bytes are taken over from malloc(3) and freed with the evidence;
 * `full` is its real size where only the first n bytes were kept.
 * A step's bytes are taken over in the same way.
 */
struct blob	*ev_slice(struct evidence *, struct span from, const char *how,
		    const char *hint, struct item *);
struct blob	*ev_member(struct evidence *, const struct blob *parent,
		    const char *name, const char *how, const char *hint,
		    struct item *, uint8_t *p, size_t n, size_t full);
struct blob	*ev_step(struct evidence *, struct span from, const char *how,
		    const char *hint, struct item *, uint8_t *p, size_t n);

/*
 * Text that is put together from pieces of one blob, with words between that
 * stand nowhere; `from` is cited for those.  The bytes are taken over from
 * malloc(3), the pieces are copied; each lies behind the one before it.
 */
struct blob	*ev_compose(struct evidence *, struct span from,
		    const char *how, const char *hint, struct item *,
		    uint8_t *p, size_t n, const struct piece *, size_t npieces);

/* How many bytes members and steps may still have (limits.total_bytes). */
uint64_t	 ev_bytes_left(const struct evidence *);

/* Forgets all but the first `keep` bytes of a member; blob->full stays. */
void		 ev_blob_trim(struct evidence *, struct blob *, size_t keep);

struct blob	*ev_blob(const struct evidence *, uint32_t id);
size_t		 ev_blob_count(const struct evidence *);
/* The next blob that no parser has had, in the order of creation; or NULL. */
struct blob	*ev_blob_take(struct evidence *);

/* Whole blob, or part of it; part is clamped. */
struct span	 blob_span(const struct blob *);
struct span	 blob_part(const struct blob *, size_t off, size_t len);
/* The line at *off without its end, and *off behind it; false at the end. */
bool		 blob_line(const struct blob *, size_t *off, struct span *ret);

struct item	*ev_item(struct evidence *, enum item_kind, struct item *parent,
		    struct span at);
struct item	*ev_first(const struct evidence *, enum item_kind);
/* The one added last, or NULL. */
struct item	*ev_last(const struct evidence *, enum item_kind);
/* The item itself or its nearest ancestor of that kind, or NULL. */
struct item	*item_up(struct item *, enum item_kind);

/*
 * Adds a read fact; text and bytes are copied (cut at limits.value_bytes).
 * The span is exactly the value's TLV or token.
 */
struct fact	*ev_fact(struct evidence *, struct item *, const struct field *,
		    struct value, struct span at);
struct fact	*ev_fact_keyed(struct evidence *, struct item *,
		    const struct field *, const char *key, struct value,
		    struct span at);
/*
 * Adds a computed fact.  It cites `at` where it was computed from those bytes
 * (a digest, a signature check), and/or the facts of from[0..n-1]; NULL ones
 * are left out.  At least one citation is needed.  `source` names the table
 * that was used, or is NULL.
 */
struct fact	*ev_derive(struct evidence *, struct item *,
		    const struct field *, struct value, struct span at,
		    const struct fact *const *from, size_t n,
		    const char *source);
/* A linked fact on another item: same field, key and value, derived. */
struct fact	*ev_copy(struct evidence *, struct item *, const struct fact *);

/* The artifact was read for this item (and so for all below it). */
void		 ev_artifact(struct item *, enum artifact);

void		 ev_problem(struct evidence *, enum problem_level, struct span,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/*
 * Damage of a message: PROBLEM_PARTIAL where the blob is (a slice or step of)
 * an input itself, PROBLEM_NOTED inside a container or a capture in any form.
 */
void		 ev_damage(struct evidence *, struct span,
		    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Says that limit `name` was reached, with a text; once for each name. */
void		 ev_limit(struct evidence *, struct span, const char *name,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * The kind of the input that this blob is; nothing is done for other blobs,
 * or when the kind was set already.
 */
void		 ev_input_kind(struct evidence *, const struct blob *,
		    const char *kind);

/* ---- reading ---- */

const struct input *ev_inputs(const struct evidence *, size_t *ret_n);
struct input	*ev_input_of(struct evidence *, const struct blob *);
const struct problem *ev_problems(const struct evidence *);

/* First fact of the field on the item; next of the same field and item. */
const struct fact *item_fact(const struct item *, const struct field *);
const struct fact *item_keyed(const struct item *, const struct field *,
		    const char *key);
const struct fact *fact_next(const struct fact *);
/* On the item, else on its parents, nearest first. */
const struct fact *item_find(const struct item *, const struct field *);

/* Shorthands; the default where there is no such fact. */
bool		 item_truth(const struct item *, const struct field *, bool);
int64_t		 item_number(const struct item *, const struct field *, int64_t);
const char	*item_text(const struct item *, const struct field *);	/* or NULL */

/* ---- citing ---- */

struct citation {
	const struct input *input;
	const char	*member;	/* "" for the input itself; levels "!/" */
	size_t		 offset, length;
	const char	**via;		/* steps after the member */
	size_t		 nvia;
};

/*
 * The span in the input, member or step whose own bytes it is: slices and
 * composed blobs are followed up.
 */
struct span	 ev_origin(const struct evidence *, struct span);
/* Follows slices up; strings live in the arena.  false: SPAN_NONE. */
bool		 ev_cite(struct evidence *, struct span, struct citation *);
/* The bytes of a span; NULL if they were dropped. */
const uint8_t	*ev_bytes(const struct evidence *, struct span);

/*
 * A value as text for people and reports: times RFC 3339, bytes lower-case
 * hex, codes 0x%08x, named integers as "NAME (n)" if `names`.  In the arena;
 * the length is set because TEXT may hold any byte.
 */
const char	*value_show(struct evidence *, const struct field *,
		    const struct value *, bool names, size_t *ret_n);

/* "2023-03-29T08:00:01Z"; fractions only if not zero. buf of 40 bytes. */
void		 time_format(int64_t us, char buf[40]);
/* Days from civil; all in UTC, no libc time zone. */
int64_t		 time_make(int y, int mon, int d, int h, int m, int s);

#endif
