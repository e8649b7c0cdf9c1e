/*
 * What the attempts correlator found: which items witness an attempt, and the
 * facts that later correlators, rules and reports read.
 * Relies on correlator.h.
 */
#ifndef CORRELATE_ATTEMPT_H
#define CORRELATE_ATTEMPT_H

#include "correlate/correlator.h"
#include "parsers/fields.h"

/* One session of a capture, with what was found in it. */
struct exchange {
	struct item	*session;
	struct item	*request, *response;	/* HTTP; NULL where absent */
	struct item	*sent, *answer;		/* pki_messages; NULL: none */
	const char	*host;			/* lower case, "" if unknown */
	const char	*operation;		/* GetCACaps ..., "" if none */
	bool		 connect;		/* a CONNECT tunnel */
	int64_t		 begin, end;		/* us UTC, 0: unknown */
};

/* The sessions of one archive in time order (else by number). */
struct exchange	*exchanges_of(struct evidence *, const struct item *archive,
		    size_t *ret_n);

struct attempt {
	struct item	*item;
	struct item	*archive;	/* of its sessions, or NULL */
	struct exchange	**exchanges;	/* in time order */
	size_t		 nexchanges;
	struct item	**runs;		/* texts of this attempt */
	size_t		 nruns;
	struct item	*store;		/* request-store element, or NULL */
	struct item	*request;	/* first PKIOperation's pki_message */
	struct item	*answer;	/* last answer's pki_message */
	struct item	*ca_chain;	/* GetCACertChain's answer */
	struct item	*ek_issuer;	/* certificate of the EK issuer */
	struct item	*ek;		/* EK certificate */
	struct item	*ek_alone;	/* the same, where only it tells of
					   the issuer */
	int64_t		 time;		/* us UTC, 0: unknown */
};

/* Facts of a certificate that is the very same one: by SHA-256. */
bool		 certificate_same(const struct item *, const struct item *);
/* Two certificates of one CA: same name and key id, another serial. */
bool		 certificate_twin(const struct item *, const struct item *);
/* Is the first valid later: by its start, else by its end? */
bool		 certificate_later(const struct item *, const struct item *);
bool		 validity_later(int64_t a_before, int64_t a_after,
		    int64_t b_before, int64_t b_after);
/* Did `issuer` issue `cert`, by names and key ids? */
bool		 certificate_issued(const struct item *issuer,
		    const struct item *cert);
bool		 fact_equal(const struct fact *, const struct fact *);
/* Two request ids (GUIDs) that are one, ASCII case ignored. */
bool		 fact_same_id(const struct fact *, const struct fact *);
/* The machine that a text of the attempt names, or NULL. */
const struct fact *attempt_machine(const struct attempt *);
/* One name, and none that Windows gives every machine while it is set up. */
bool		 one_machine(const struct fact *, const struct fact *);
/* A fact's text is s; NULL facts never are. */
bool		 fact_is(const struct fact *, const char *s);
/* A TEXT fact holds s, ASCII case ignored; NULL facts never do. */
bool		 fact_holds(const struct fact *, const char *s);
/* What an answer comes to, on an item that carries http.status, stage.code and
   service.message: adds rejected_ek and no_authority where they are known. */
void		 derive_answers(struct evidence *, struct item *);
/* The bytes of hex digits of a table. */
struct str;
struct value	 hex_value(struct evidence *, struct str hex);
/* Adds an item `join` of two facts that belong together, or do not. */
void		 join_add(struct evidence *, const char *grade,
		    const char *by, const struct fact *, const struct fact *);
/* Two that cannot be of one device or run: the case says so, too. */
void		 join_contradict(struct evidence *, const char *text,
		    const struct fact *, const struct fact *);
/* Hex of a BYTES fact in the arena; "" for NULL. */
const char	*fact_hex(struct evidence *, const struct fact *);
struct value	 value_from(const char *p, size_t n);	/* TEXT of a table */
/* An AIK CA's name, "EUS-IFX-KEYID-<hex>" or without the region. */
struct aik_host;
bool		 aik_ca_name(const struct fact *cn, struct aik_host *);
/* The certificate stands in (or below) this item. */
bool		 item_within(const struct item *, const struct item *above);

/* attempts.c: kind attempt */
/* TEXT capture, certreq, event, store */
extern const struct field	attempt_source;
extern const struct field	attempt_host;		/* TEXT */
extern const struct field	attempt_vendor;		/* TEXT "IFX" */
extern const struct field	attempt_form;		/* TEXT keyid, nameid */
extern const struct field	attempt_id;		/* TEXT hex */
extern const struct field	attempt_time;		/* TIME */
extern const struct field attempt_time_source;	/* TEXT server, client, text */
extern const struct field	attempt_transaction;	/* TEXT */
/* TEXT succeeded, failed, unfinished */
extern const struct field	attempt_outcome;
extern const struct field	attempt_failed_stage;	/* TEXT */
extern const struct field rejected_ek;	/* BOOL: 400 and the message */
/* BOOL: 400 that says nothing */
extern const struct field	rejected_unnamed;
extern const struct field no_authority;	/* BOOL: 404 and the message */
/* same_device.c: kind attempt */
extern const struct field	attempt_device;		/* INT from 1 */
extern const struct field	attempt_last;		/* BOOL: no later one of
							   the same device */
/* attempts.c: kind stage; http.status, service.message, scep.*, run.* are
   copied to stage and attempt from the session or run it was seen in */
extern const struct field stage_name;	/* TEXT dns ... certificate */
/* TEXT ok, failed, missing, not-captured */
extern const struct field	stage_state;
extern const struct field	stage_time;		/* TIME */
extern const struct field	stage_duration;		/* INT ms */
extern const struct field	stage_item;		/* TEXT "session 12" */
extern const struct field stage_request_id;	/* TEXT x-ms-request-id */
extern const struct field	stage_client_request_id; /* TEXT */
/* CODE repeated: every HRESULT seen at the stage, derived from run.code or
   scep.error; never from a bare HTTP status */
extern const struct field	stage_code;

/* envelopes.c: kinds envelope, pkcs10, attestation, challenge */
extern const struct field	envelope_recipient_known; /* BOOL */
extern const struct field	envelope_recipient;	/* TEXT subject */
extern const struct field	envelope_opens_with;	/* TEXT */
extern const struct field	pkcs10_signer_matches;	/* BOOL */
extern const struct field	attest_key_matches;	/* BOOL */
extern const struct field	challenge_state_returned; /* BOOL */
extern const struct field scep_payload;	/* TEXT, of pki_message */

/* roles.c: kind certificate */
extern const struct field cert_role;	/* TEXT REPORT.md's words */
/* TEXT "IFX" from CA table, TPM attributes or AIK CA name */
extern const struct field	cert_vendor;
extern const struct field cert_known;	/* BOOL: stands in the table */

/* fetched.c: kind certificate */
extern const struct field cert_fetched;	/* TEXT ek-service, aia */

/* paths.c, twins.c: kind certificate */
extern const struct field	chain_complete;		/* BOOL */
extern const struct field	chain_path;		/* TEXT repeated */
extern const struct field	chain_missing;		/* TEXT repeated */
extern const struct field	chain_missing_aia;	/* TEXT repeated */
extern const struct field	chain_broken;		/* TEXT repeated */
extern const struct field	chain_time;		/* TIME */
extern const struct field	cert_differs;		/* TEXT repeated */
/* scep_checks.c: kinds pki_message, envelope */
extern const struct field	cms_weak;		/* TEXT repeated */

/* chain.c, reissue.c, authority.c: kind attempt */
extern const struct field	ek_issuer_name;		/* TEXT CN */
extern const struct field	ek_issuer_ski;		/* BYTES */
extern const struct field	ek_issuer_serial;	/* BYTES */
extern const struct field	ek_issuer_not_before;	/* TIME */
extern const struct field	ek_issuer_not_after;	/* TIME */
/* TEXT pkiMessage, request file, given, host */
extern const struct field	ek_issuer_where;
extern const struct field	ek_issuer_known;	/* BOOL */
extern const struct field	ek_issuer_reissued;	/* BOOL */
extern const struct field	ek_issuer_same_start;	/* BOOL */
extern const struct field ek_issuer_young;	/* BOOL; absent without time */
extern const struct field	ek_issuer_old_serial;	/* BYTES */
extern const struct field	ek_issuer_old_not_before; /* TIME */
extern const struct field	ek_issuer_old_not_after; /* TIME */
extern const struct field ek_issuer_loaded;	/* TIME service's load date */
/* TEXT authority state of the issuer's own id */
extern const struct field	ek_issuer_listed;
/* BOOL notBefore after the list's end */
extern const struct field	ek_issuer_newer_than_list;
/* BOOL in clear in pkiMessage */
extern const struct field	ek_chain_travels;
/* BOOL a travelling EK CA has no issuer anywhere */
extern const struct field	ek_chain_incomplete;
extern const struct field ek_chain_missing;	/* TEXT that issuer's name */
extern const struct field ek_chain_expired;	/* BOOL; absent without time */
extern const struct field	ek_chain_expired_name;	/* TEXT */
/* BOOL envelope recipient is not in the CA chain answer */
extern const struct field	recipient_stale;

/* authority.c: kind attempt */
extern const struct field authority_state_f;	/* TEXT "authority.state" */
extern const struct field	authority_since;	/* TIME */
extern const struct field	authority_until;	/* TIME */
extern const struct field	authority_first_added;	/* TIME */
extern const struct field	authority_list_date;	/* TIME */
extern const struct field	authority_issuer;	/* TEXT */
extern const struct field	authority_is_root;	/* BOOL */
/* BOOL host id is neither SKI nor name hash of the EK issuer */
extern const struct field	authority_mismatch;

/* incidents.c: kind attempt */
extern const struct field	incident_matches;	/* BOOL */
extern const struct field	incident_id;		/* TEXT */
extern const struct field	incident_what;		/* TEXT */
extern const struct field	incident_source;	/* TEXT */

/* clock.c: kinds attempt, case */
extern const struct field clock_skew;	/* INT seconds, client-server */

/* exchange.c: kinds attempt, stage */
/* BOOL signature, digest, cut */
extern const struct field	message_damaged;
/* BOOL ids or nonces differ */
extern const struct field	exchange_inconsistent;
extern const struct field damaged_by_tool;	/* BOOL EF BF BD inside */

/* tls.c, gateway.c: kind attempt */
extern const struct field	tls_inspected;		/* BOOL */
extern const struct field	tls_issuer;		/* TEXT */
extern const struct field	tls_issuer_unknown;	/* BOOL */
extern const struct field	tls_product;		/* TEXT "Zscaler" */
extern const struct field	tls_block_page;		/* BOOL */
extern const struct field	attempt_gateway;	/* BOOL */
extern const struct field	body_changed;		/* BOOL */

/* joins.c: kind join */
extern const struct field join_a;	/* TEXT "raw/12_c.txt" */
extern const struct field	join_b;			/* TEXT */
/* TEXT proven, consistent, time-only, contradicted */
extern const struct field	join_grade;
extern const struct field join_by;	/* TEXT how it is known */
/* joins.c: kind case */
extern const struct field	evidence_contradicted;	/* BOOL */
extern const struct field	evidence_contradiction;	/* TEXT */

/* symptoms.c: kind case */
extern const struct field	symptom_code;		/* CODE repeated */
extern const struct field	symptom_phrase;		/* TEXT */
/* BOOL later than the last attempt, which succeeded */
extern const struct field	symptom_after_success;

/* captures.c: kind archive */
extern const struct field	capture_sessions;	/* INT */
/* INT decrypted sessions of AIK hosts */
extern const struct field	capture_attestation;
extern const struct field capture_tunnels;	/* INT tunnels to AIK hosts */
/* INT those that carried data */
extern const struct field	capture_opened;
extern const struct field	capture_decrypted;	/* BOOL */
extern const struct field	capture_incomplete;	/* BOOL */
extern const struct field capture_gap;	/* TEXT repeated: what lacks */
/* INT error answers of the other hosts of the enrolment */
extern const struct field	related_errors;
/* device.c: kind device */
extern const struct field	device_vendor;		/* TEXT */
extern const struct field	device_firmware;	/* TEXT */
extern const struct field	device_tpm_version;	/* TEXT */
extern const struct field	device_windows_build;	/* TEXT */
extern const struct field	device_machine;		/* TEXT personal */

#endif
