/*
 * What the files of redact/ share: the secrets that are known, the bytes that
 * are worked on, and the list of what was replaced.  For redact/ alone.
 * Relies on redact.h.
 */
#ifndef REDACT_INTERNAL_H
#define REDACT_INTERNAL_H

#include "evidence/secret.h"
#include "redact/redact.h"

struct secret_info {
	const char	*name, *word;
	bool		 exact;		/* letter case counts */
};
extern const struct secret_info	secret_infos[SECRET_COUNT];

/* A value and what stands for it: n bytes each. */
struct secret {
	enum secret_kind kind;
	bool		 binary;	/* bytes, not UTF-8 text */
	bool		 everywhere;	/* else only where its name says it */
	bool		 followed;	/* its token follows from others */
	bool		 named;		/* it has a token */
	uint8_t		*value, *token;
	size_t		 n;
	struct secret	*next;		/* of the same hash */
};

/* One form of a secret as it may stand in bytes. */
struct form {
	const struct secret *secret;
	const uint8_t	*value, *token;
	size_t		 n;
	unsigned int	 unit;		/* bytes of a character: 1 or 2 */
	bool		 big;		/* of 2: the high byte comes first */
	bool		 raw;		/* bytes: no word ends there */
	struct form	*next;
};

#define HASH_SIZE	65536

struct secrets {
	struct secret	**v;
	size_t		 n, room;
	struct secret	*by_value[HASH_SIZE], *by_token[HASH_SIZE];
	struct form	*forms[HASH_SIZE];	/* by their first bytes */
	uint64_t	 numbers[SECRET_COUNT];	/* of the last tokens */
};

/* A replacement that was made. */
struct replaced {
	enum secret_kind kind;
	const char	*input, *member, *via;
	size_t		 off, n;
};

/* What was left out, blanked or stays sealed. */
struct remark {
	const char	*what, *input, *member, *text;
};

struct place {
	const char	*input, *member, *via;
	size_t		 base;		/* what offsets count from */
	unsigned int	 depth;		/* of containers and encodings */
};

struct redactor {
	struct evidence	*ev;
	struct arena	*arena;		/* the evidence's */
	const struct redact_order *order;
	struct secrets	 secrets;
	struct value_list {		/* serial numbers of CAs */
		const uint8_t	*p;
		size_t		 n;
	}		*kept;
	size_t		 nkept, room_kept;
	bool		 learning;	/* the first passes: nothing changes */
	bool		 grown;		/* a pass found something new */
	bool		 here;		/* what is claimed is one only there */
	bool		 quiet;		/* nothing is said: a name is made */
	unsigned int	 guesses;	/* that these bytes are text at all */
	struct replaced	*replaced;
	size_t		 nreplaced, room_replaced;
	struct remark	*remarks;
	size_t		 nremarks, room_remarks;
	size_t		 sealed, signatures;
	uint64_t	 left;		/* bytes that may still be unpacked */
};

/* ---- secret.c ---- */

/*
 * The secret of this value: known, or made now.  NULL: the value is none (too
 * short, a name of the system, a token of ours).
 */
const struct secret *secret_of(struct redactor *, enum secret_kind,
	    const uint8_t *p, size_t n, bool binary);
/* A value whose token is given: the digest of what was changed. */
void	secret_follow(struct redactor *, enum secret_kind, const uint8_t *p,
	    const uint8_t *token, size_t n);
/* A value with the token that an earlier run gave it. */
void	secret_known(struct redactor *, enum secret_kind, const uint8_t *p,
	    const uint8_t *token, size_t n, bool binary);
/* The longest form that begins at off, or NULL. */
const struct form *secret_at(const struct redactor *, const uint8_t *p,
	    size_t n, size_t off);
/* Writes the token over the n bytes at p, in the letter case found there. */
void	secret_write(const struct secret *, uint8_t *p);
void	form_write(const struct form *, uint8_t *p);
/* That of a text, if it is one; NULL. */
const struct secret *secret_find(const struct redactor *, const uint8_t *p,
	    size_t n);
/* A token for each secret that was learned. */
void	secrets_name(struct redactor *);
bool	secret_is_token(const struct redactor *, const uint8_t *p, size_t n);

/* ---- token.c ---- */

/* Makes secret->token from its value and a number. */
void	token_make(struct secret *, uint64_t number);
/*
 * The bytes that a text stands for: a GUID in two orders, the numbers of a
 * SID, an address.  How many; 0: no such form.
 */
size_t	token_bytes(enum secret_kind, const uint8_t *text, size_t n,
	    unsigned int variant, uint8_t ret[16]);
bool	is_guid(const uint8_t *p, size_t n);

/* ---- map.c ---- */

int	map_read(struct redactor *, const uint8_t *p, size_t n);
char	*map_write(struct redactor *, size_t *ret_n);

/* ---- leaf.c ---- */

/* A change that does not keep the length. */
struct edit {
	size_t		 off, n;
	uint8_t		*p;		/* malloc(3)ed */
	size_t		 size;
};

/* Bytes that are worked on: decoded from those of `up`, or those of a blob. */
struct leaf {
	struct redactor	*r;
	const struct place *place;
	struct leaf	*up;		/* or NULL */
	const uint32_t	*from;		/* offsets in `up`; NULL: base + off */
	size_t		 base;
	const uint8_t	*orig;
	uint8_t		*p;		/* changed in place */
	size_t		 n;
	uint8_t		*done;		/* a byte each: taken already */
	bool		 binary;
	struct edit	*edits;
	size_t		 nedits, room_edits;
};

void	leaf_init(struct leaf *, struct redactor *, const struct place *,
	    struct leaf *up, const uint8_t *p, size_t n);
void	leaf_clear(struct leaf *);
bool	leaf_free(const struct leaf *, size_t off, size_t n);
/* The n bytes at off are a secret of this kind. */
void	leaf_claim(struct leaf *, size_t off, size_t n, enum secret_kind);
/* The same; the bytes may stand for others in words of their own. */
void	leaf_claim_binary(struct leaf *, size_t off, size_t n,
	    enum secret_kind);
/* Everything that is known, wherever it stands. */
void	leaf_known(struct leaf *);
void	leaf_edit(struct leaf *, size_t off, size_t n, uint8_t *p,
	    size_t size);
/* The bytes with all edits; malloc(3)ed. */
uint8_t	*leaf_bytes(struct leaf *, size_t *ret_n);
bool	leaf_changed(const struct leaf *);
void	leaf_say(struct leaf *, enum secret_kind, size_t off, size_t n);
void	*grow(void *, size_t *room, size_t n, size_t size);

/* ---- view.c: other ways to write the same text ---- */

enum view_kind {
	VIEW_JSON, VIEW_XML, VIEW_URL, VIEW_QUOTED, VIEW_UTF16LE,
	VIEW_UTF16BE, VIEW_CODEPAGE, VIEW_PLAIN
};

struct view {
	struct leaf	 leaf;		/* the text */
	struct leaf	*up;
	enum view_kind	 kind;
	unsigned int	 page;		/* of VIEW_CODEPAGE */
	size_t		 off, n;	/* in `up` */
	uint8_t		*text;
	uint32_t	*from;
};

/* false: the bytes cannot be decoded without loss. */
bool	view_open(struct view *, struct leaf *up, size_t off, size_t n,
	    enum view_kind, unsigned int page);
void	view_close(struct view *);

/* ---- text.c, pattern.c, named.c, prose.c, coded.c, json.c, xml.c ---- */

/* Text of any sort; what stands before it as its name, or NULL. */
void	redact_text(struct leaf *, const char *key, size_t key_n);
void	redact_value(struct leaf *, size_t off, size_t n, enum secret_kind);
void	redact_patterns(struct leaf *);
/* Values behind their names. */
void	redact_named(struct leaf *);
/* Names in sentences. */
void	redact_prose(struct leaf *);
void	redact_url(struct leaf *, size_t off, size_t n);
void	redact_host(struct leaf *, size_t off, size_t n);
void	redact_form(struct leaf *, size_t off, size_t n);
/* Runs of base64 and hex inside text. */
void	redact_coded(struct leaf *);
bool	redact_json(struct leaf *);
bool	redact_xml(struct leaf *);
void	redact_tags(struct leaf *);
/* The name of a file; true: it changed. */
bool	redact_name(struct redactor *, const struct place *, char *name);
void	redact_user(struct redactor *, const struct place *, char *name);
/* The name as reports may show it, in the arena. */
const char *redact_shown(struct redactor *, const char *name);

/* ---- http.c, body.c ---- */

bool	is_http(const uint8_t *p, size_t n);
uint8_t	*redact_http(struct redactor *, const struct place *,
	    const uint8_t *p, size_t n, size_t *ret_n);
void	redact_fields(struct leaf *, size_t off, size_t n);
/* malloc(3)ed, or NULL. */
uint8_t	*body_undo(struct redactor *, const char *encoding, const uint8_t *p,
	    size_t n, size_t *ret_n);
/* `was`: the encoded bytes before, two of them are looked at. */
uint8_t	*body_encode(const char *encoding, const uint8_t *was,
	    const uint8_t *p, size_t n, size_t *ret_n);
uint8_t	*raw_deflate(const uint8_t *p, size_t n, size_t *ret_n);
struct archive;
uint8_t	*filter_encode(int (*filter)(struct archive *), const uint8_t *p,
	    size_t n, size_t *ret_n);

/* ---- binary.c, der.c, evtx.c ---- */

void	redact_binary(struct leaf *);
void	redact_der(struct leaf *, size_t off, size_t n);
void	redact_learn_der(struct leaf *, size_t off, size_t n);
void	redact_learn_certificate(struct redactor *, const uint8_t *p,
	    size_t n);
void	redact_learn_blob(struct leaf *);
/* What other numbers are made of the keys that were learned. */
void	redact_keys(struct redactor *);
/* How many envelopes stand in the bytes. */
size_t	redact_sealed(const uint8_t *p, size_t n);
bool	is_evtx(const uint8_t *p, size_t n);
void	redact_evtx(struct leaf *);

/* ---- container.c, and those that write: zip.c, cab.c, sevenz.c, rar.c ---- */

uint8_t	*redact_container(struct redactor *, const struct place *,
	    const uint8_t *p, size_t n, size_t *ret_n);
bool	is_container(const uint8_t *p, size_t n);
/* An archive as container.c read it, for the writers. */
struct member {
	char		*name;
	uint8_t		*p;		/* malloc(3)ed */
	size_t		 n;
	bool		 directory, damaged, gone, renamed;
	uint64_t	 mtime;		/* a FILETIME; 0: none */
	size_t		 order;		/* place in a ZIP's directory */
	/* Of a ZIP's directory, in its order; the time of all, as of DOS. */
	uint16_t	 method, time, date, flags, made, internal;
	uint32_t	 attributes;
	const uint8_t	*raw_name;	/* as it stood there, or NULL */
	size_t		 raw_name_n;
};
struct members {
	struct member	*v;
	size_t		 n, room;
	const uint8_t	*comment;
	size_t		 comment_n;
	bool		 cut;		/* its end, or directory, is missing */
};
void	zip_look(const uint8_t *p, size_t n, struct members *);
uint8_t	*zip_write(const struct members *, size_t *ret_n);
uint8_t	*cab_write(const struct members *, size_t *ret_n);
uint8_t	*sevenz_write(const struct members *, size_t *ret_n);
uint8_t	*rar_write(const struct members *, bool rar5, size_t *ret_n);

/* ---- blob.c ---- */

/*
 * Anything: what it is, is found from the bytes.  malloc(3)ed; NULL: it is
 * left out, and a remark says so.
 */
enum blob_use {
	USE_MEMBER,		/* left out where it cannot be examined */
	USE_BODY,		/* blanked then */
	USE_CODED		/* searched then */
};
uint8_t	*redact_blob(struct redactor *, const struct place *,
	    const char *name, const uint8_t *p, size_t n, enum blob_use,
	    size_t *ret_n);
void	remark_add(struct redactor *, const struct place *, const char *what,
	    const char *text);

/* ---- learn.c, report.c ---- */

void	redact_learn(struct redactor *);
/* Hexadecimal text: is it the serial number of a CA's certificate? */
bool	redact_kept(const struct redactor *, const uint8_t *p, size_t n);
void	redact_report(struct redactor *, FILE *);
void	redact_manifest(struct redactor *, FILE *);

#endif
