/*
 * The forge: makes complete attestation cases from a short scenario, for the
 * tests only.
 * Relies on OpenSSL for keys, digests and ciphers; everything that has a
 * shape (DER, CMS, TPM structures, ZIP, store elements) is written by hand.
 */
#ifndef FORGE_H
#define FORGE_H

#include <openssl/evp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define	COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define	SECOND		((int64_t)1000000)

/* bytes.c: growing buffers, seeded randomness, times */

struct buf {
	uint8_t	*p;
	size_t	 n;
	size_t	 cap;
};

extern const char *die_where;		/* named in front of messages, or NULL */
void	 die(const char *, ...) __attribute__((format(printf, 1, 2), noreturn));
char	*xstrdup(const char *);
void	*xcalloc(size_t, size_t);
void	 buf_put(struct buf *, const void *, size_t);
void	 buf_add(struct buf *, const struct buf *);
void	 buf_byte(struct buf *, unsigned);
void	 buf_str(struct buf *, const char *);
void	 buf_printf(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	 buf_insert(struct buf *, size_t at, const void *, size_t);
void	 buf_le(struct buf *, uint64_t, unsigned octets);
void	 buf_be(struct buf *, uint64_t, unsigned octets);
void	 buf_free(struct buf *);
void	 buf_read_file(struct buf *, const char *path);
void	 buf_write_file(const struct buf *, const char *dir, const char *name);
unsigned be16(const uint8_t *);
void	 hex_put(const void *, size_t, bool upper, char *ret);
size_t	 hex_get(const char *, uint8_t *ret, size_t max);

/* The bytes depend on seed, label and index only, never on the call order. */
void	 rng_seed(const char *);
void	 rng_bytes(const char *label, unsigned index, void *, size_t);
unsigned rng_below(const char *label, unsigned index, unsigned limit);
void	 rng_guid(const char *label, unsigned index, char ret[37]);
void	 rng_openssl(void);

bool	 time_parse(const char *, int64_t *ret_us, int *ret_zone_min);
void	 time_civil(int64_t us, int ret[7]);
void	 time_http(int64_t us, char *ret, size_t);
void	 time_roundtrip(int64_t us, int zone_min, char *ret, size_t);

/* der.c */

size_t	 der_begin(struct buf *, unsigned tag);
void	 der_end(struct buf *, size_t mark);
void	 der_tlv(struct buf *, unsigned tag, const void *, size_t);
void	 der_str(struct buf *, unsigned tag, const char *);
void	 der_bmp(struct buf *, const char *);
void	 der_oid(struct buf *, const char *);
void	 der_uint(struct buf *, uint64_t);
void	 der_int_bytes(struct buf *, const void *, size_t,
	    bool may_be_negative);
void	 der_bits(struct buf *, const void *, size_t, unsigned unused);
void	 der_null(struct buf *);
void	 der_bool(struct buf *, bool);
void	 der_time(struct buf *, int64_t us);
void	 der_alg(struct buf *, const char *oid, bool null);
void	 der_set_of(struct buf *, unsigned tag, const struct buf *, size_t);

/* pki.c and tpm.c: keys, certificates, the vendor's and the service's PKI */

struct cert {
	struct buf	 der;
	struct buf	 name;		/* subject, DER */
	struct buf	 serial;	/* INTEGER, DER */
	struct buf	 spki;		/* DER */
	uint8_t		 ski[20];
	const char	*text;		/* subject as in cas.tsv */
	EVP_PKEY	*key;
	const char	*key_name;
	int64_t		 not_before;
	int64_t		 not_after;
};

struct ca {
	char		*id;
	char		*vendor;
	char		*aia;
	struct cert	 cert;
	struct ca	*issuer;	/* NULL: self-signed */
};

struct service {			/* one authority of the AIK service */
	struct cert	 root;
	struct cert	 aik_ca;
	struct cert	 ra_signing;
	struct cert	 ra_encryption;
	struct cert	 stale;		/* an RA encryption certificate that
					   the chain answer no longer holds */
	char		 region[4];	/* "EUS", "" */
	char		 vendor[8];
	char		 id[41];	/* upper case */
};

struct device {
	const char	*name;
	const char	*machine;
	const char	*model;
	const char	*version;	/* tpmVersion, "id:" left out */
	const char	*firmware;	/* as in PlatformType */
	const char	*windows;	/* build.revision */
	const char	*branch;
	const char	*host_id;	/* NULL: the CA's SKI */
	const char	*host_vendor;	/* NULL: the CA's vendor */
	const char	*ek_certificate; /* "none", NULL */
	const char	*ek_chain;	/* "full", "issuer", "none" */
	const char	*ek_key;	/* of the pool; NULL: the usual one */
	int64_t		 ek_not_after;	/* 0: the usual fifteen years */
	unsigned	 index;
	struct ca	*ca;
	struct cert	 ek;
	EVP_PKEY	*aik;
	struct buf	 aik_spki;
	struct service	 service;
};

EVP_PKEY *key_load(const char *name);
void	 keys_load(void);		/* so that none is read later */
void	 sha1(const void *, size_t, uint8_t ret[20]);
void	 sha256(const void *, size_t, uint8_t ret[32]);
void	 spki_of(EVP_PKEY *, struct buf *);
void	 key_sign(EVP_PKEY *, const char *digest, const void *, size_t,
	    struct buf *ret);
struct ca *ca_find(const char *id);
void	 service_make(struct service *, const char *vendor, const char *id,
	    int64_t capture);
void	 ek_make(struct device *, int64_t capture);
void	 scep_signer_make(struct cert *, unsigned n, int64_t client_time);
void	 dummy_make(struct cert *, const struct device *, const char *name,
	    int64_t client_time);
void	 aik_certificate_make(struct cert *, const struct device *, unsigned n,
	    int64_t server_time);
const char *vendor_id(const char *vendor);
void	 tpm_san(struct buf *, const struct device *);
void	 certs_only(struct buf *, const struct cert *const *, size_t);

void	 kast_make(struct buf *, const struct device *, unsigned n);
void	 tach_make(struct buf *, const struct device *, unsigned n,
	    uint8_t secret[32]);

/* truth.c: what the envelopes of the try hold, as names and values */

void	 truth_try(unsigned n);		/* 0: nothing more is kept */
void	 truth_text(const char *field, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	 truth_bytes(const char *field, const void *, size_t);
void	 truth_cert(const struct cert *);
void	 truth_write(const char *dir);

/* scep.c: pkiMessages */

struct scep_attrs {
	const char	*type;		/* "19", "3", "41" */
	const char	*status;	/* NULL: absent */
	const char	*fail_info;
	const char	*error;		/* 1.3.6.1.4.1.311.21.33 */
	const char	*transaction;
	const uint8_t	*sender;	/* 16 bytes */
	const uint8_t	*recipient;
};

void	 envelope(struct buf *, const struct cert *to, const char *label,
	    unsigned n, const struct buf *content);
void	 pki_message(struct buf *, const struct cert *signer,
	    const struct cert *const *certs, size_t, const struct scep_attrs *,
	    const struct buf *content);
void	 aik_request(struct buf *, const struct device *,
	    const struct cert *signer, const char *process, unsigned n);

/* scenario.c: the parsed scenario and its attempts */

struct option {
	char	*key;
	char	*value;
};

struct line {
	char		*verb;
	struct option	*options;
	size_t		 n;
	unsigned	 number;
};

enum step { STEP_CAPS, STEP_CHAIN, STEP_REQUEST, STEP_ANSWER, STEPS };

struct exchange {
	enum step	 step;
	struct buf	 request;	/* body */
	struct buf	 answer;	/* body */
	struct buf	 request_plain;	/* what the envelopes hold */
	struct buf	 answer_plain;
	const char	*type;		/* Content-Type of the answer */
	const char	*server;	/* who answers in the service's place */
	const char	*via;		/* whom the service's answer passed */
	bool		 chunked;	/* the answer is in chunks, with trailer */
	int		 status;	/* 0: no answer */
	const char	*reason;
	const char	*message;	/* of the service's JSON */
	int64_t		 start;		/* client's clock */
	int		 ms;
	char		 request_id[37];
};

struct attempt {
	unsigned	 n;		/* 1, 2 ... */
	struct device	*device;
	const char	*outcome;
	const char	*process;	/* without ".exe" */
	bool		 captured;
	const char	*altered;	/* the rule of Fiddler's that answered */
	const char	*issuer;	/* who signed the host's certificate */
	bool		 gateway;	/* Fiddler sent it to another proxy */
	bool		 interim;	/* "100 Continue" before its answers */
	int64_t		 cached;	/* age of the answer to GetCACaps */
	int64_t		 start;		/* client's clock */
	char		 host[96];	/* "IFX-KeyId-<id>.micro..." */
	char		 client_request_id[37];
	char		 transaction[41];
	uint8_t		 sender[16];
	struct cert	 signer;
	struct cert	 aik;		/* if issued */
	struct buf	 chain;		/* GetCACertChain answer */
	struct exchange	 exchanges[STEPS];
	size_t		 nexchanges;
	const char	*mix;		/* what the answers get wrong */
	int		 pki_status;	/* of the last CertRep, -1 none */
	const char	*fail_info;
	const char	*error;		/* signed decimal */
	bool		 tunnel_only;
	const char	*connect;	/* what its tunnel met, or NULL */
};

struct scenario {
	const char	*seed;
	int64_t		 time;		/* client's clock, UTC */
	int		 zone;		/* minutes */
	int64_t		 skew;		/* client minus server */
	struct line	*lines;
	size_t		 nlines;
	struct device	*devices;
	size_t		 ndevices;
	struct attempt	*attempts;
	size_t		 nattempts;
};

void	 scenario_read(struct scenario *, const char *path);
/* text: NUL-terminated, cut into its lines; name: for messages */
void	 scenario_parse(struct scenario *, char *text, const char *name);
const char *option(const struct line *, const char *key, const char *otherwise);
long	 option_long(const struct line *, const char *key, long otherwise);
struct attempt *option_attempt(const struct scenario *, const struct line *);
struct device *option_device(const struct scenario *, const struct line *);
void	 attempts_make(struct scenario *);

/* session.c, noise.c, saz.c, zip.c: the capture */

struct session {
	int64_t		 start;
	int		 ms;
	struct buf	 c;
	struct buf	 s;
	unsigned	 flags;		/* BitFlags */
	const char	*process;
	const char	*host_ip;
	bool		 aborted;
	bool		 connect;
	unsigned	 sid;
	struct option	 extra[4];	/* further SessionFlags */
	size_t		 nextra;
};

struct sessions {
	struct session	*v;
	size_t		 n;
};

struct session *session_add(struct sessions *);
void	 session_tunnel(struct session *, const char *host, int64_t when,
	    int zone, bool decrypted, const char *issuer);
void	 attempt_sessions(struct sessions *, const struct scenario *,
	    const struct attempt *);
void	 session_of_line(struct sessions *, const struct scenario *,
	    const struct line *);
void	 noise_add(struct sessions *, const struct scenario *, unsigned count,
	    int64_t from, int64_t to);
void	 capture_make(struct sessions *, const struct scenario *,
	    const struct line *, char style);
void	 capture_clear(struct sessions *);
void	 saz_make(struct buf *, const struct scenario *, const struct line *);

/* har.c, pack.c: other forms of sessions, and what files are sent in */

void	 base64_put(struct buf *, const void *, size_t, size_t line);
void	 har_make(struct buf *, const struct scenario *, const struct line *);
void	 sessions_text(struct buf *, const struct scenario *,
	    const struct line *);
void	 mail_make(struct buf *, const struct scenario *, const struct line *);
int	 pack(int argc, char **argv);

struct zip {
	struct buf	 out;
	struct buf	 directory;
	unsigned	 entries;
	char		 style;		/* 'A', 'B', 'C' */
	int64_t		 when;		/* local time of all entries */
};

void	 zip_entry(struct zip *, const char *name, const struct buf *);
void	 zip_end(struct zip *, const char *comment);

/* store.c, text.c, encode.c */

void	 store_make(struct buf *, const struct scenario *, const struct line *,
	    char ret_name[41]);
void	 text_certreq(struct buf *, const struct scenario *,
	    const struct line *);
void	 text_event(struct buf *, const struct scenario *, const struct line *);
void	 text_autopilot(struct buf *, const struct scenario *,
	    const struct line *);
void	 text_note(struct buf *, const struct scenario *, const struct line *);
void	 text_encode(struct buf *, const char *encoding, bool bom);

void	 pem_put(struct buf *, const struct buf *der);

/* event.c, evtx.c */

void	 event_text(struct buf *, const struct scenario *,
	    const struct line *);
void	 event_xml(struct buf *, const struct scenario *, const struct line *);
void	 event_csv(struct buf *, const struct scenario *, const struct line *);
void	 evtx_make(struct buf *, const struct scenario *, const struct line *);

/* pieces.c */

void	 message_make(struct buf *, const struct scenario *,
	    const struct line *);
void	 certificate_make(struct buf *, const struct scenario *,
	    const struct line *);

/* tools.c, registry.c, container.c */

void	 tools_make(struct buf *, const struct scenario *,
	    const struct line *);
void	 mdm_report_make(struct buf *, const struct scenario *,
	    const struct line *);
void	 device_hash_make(struct buf *, const struct scenario *,
	    const struct line *);
void	 autopilot_file_make(struct buf *, const struct scenario *,
	    const struct line *);
void	 registry_make(struct buf *, const struct scenario *,
	    const struct line *);
void	 noise_file_make(struct buf *, const struct scenario *,
	    const struct line *);
void	 container_add_line(const struct line *);
bool	 container_take(const struct line *, const char *name,
	    const struct buf *);
void	 containers_write(const struct scenario *, const char *dir);

/* case.c: all files of a case, into a folder that exists */

/* What makes the file of a verb, and the name that it gets. */
struct maker {
	const char	*verb;
	void		(*make)(struct buf *, const struct scenario *,
			    const struct line *);
	const char	*file;
};
const struct maker *maker_find(const char *verb, size_t n);	/* or NULL */
void	 case_write(const struct scenario *, const char *dir);

/* damage.c, compare.c ...: subcommands, which return exit statuses */

bool	 damage_file(const char *kind, const char *in, const char *out);
int	 damage(int argc, char **argv);
int	 many(const char *jobs, const char *file, const char *dir);
int	 compare(const char *dir, const char *other);
int	 verify(const char *key_dir, const char *saz);

extern const char *forge_dir;		/* holds keys/ and cas.tsv */

/* What is packed: names and contents. */
struct files {
	char		**names;
	struct buf	 *v;
	size_t		  n;
};
/* locked: 0, 'h' for heads that are encrypted, 'd' for data that are. */
void	 rar5_make(struct buf *, const struct files *, char locked);
void	 rar4_make(struct buf *, const struct files *, char locked);

#endif
