/*
 * What every format says of a case, computed once: findings with their proof,
 * attempts, codes, certificates, joins, the device, the escalation block and
 * the inputs.  The formats only write it down.  Relies on report.h; all in the
 * evidence's arena.
 */
#ifndef REPORT_MODEL_H
#define REPORT_MODEL_H

#include "knowledge/knowledge.h"
#include "judge/expr.h"
#include "report/report.h"

#define ABSENT	INT64_MIN	/* of numbers and times */

/* A growing list of pointers in the arena. */
struct list {
	void	**v;
	size_t	  n, room;
};
void	list_add(struct arena *, struct list *, void *);
/* Adds a string that is not yet there; whether it was new. */
bool	list_add_text(struct arena *, struct list *, const char *);

/* One entry of `because`: bytes and the value read there, or a gap. */
/* A finding that counts things may rest on thousands. */
#define PROOFS_MAX	200

struct proof {
	const struct fact *fact;	/* NULL: a gap */
	const char	*gap;
	struct str	 field;		/* header["date"] with its key */
	struct str	 value;
	bool		 derived;	/* computed from those bytes */
	struct span	 span;
	struct citation	 at;
	struct list	 supports;	/* "ek_issuer.reissued=true" */
	struct list	 tables;	/* built-in knowledge that was used */
};

struct row_finding {
	const struct finding *finding;
	const char	*id;
	const struct rule *rule;
	struct list	 proofs;	/* struct proof; never empty */
	struct list	 known;		/* text: what built-in tables add */
	uint32_t	*codes;
	size_t		 ncodes;
};

struct row_stage {
	const struct item *at;
	struct str	 name, state, item, message, reason, made_by;
	struct str	 request_id, client_request_id, hresult;
	int64_t		 time, duration_ms, http_status, pki_status, fail_info;
	int64_t		 date;		/* the same by the server's clock */
};

struct row_attempt {
	const struct item *at;
	struct str	 source, outcome, failed_stage;
	struct str	 host, vendor, form, id, issuer, listed, transaction;
	struct str	 firmware, tpm_version, windows_build;
	int64_t		 since, until, list_date, time;
	int64_t		 device;	/* its number, from 1 */
	bool		 last;		/* of its device */
	struct list	 stages;	/* struct row_stage */
};

struct row_code {
	uint32_t	 code;
	bool		 known;
	struct code_info info;
	struct list	 where;		/* struct proof */
};

struct row_certificate {
	const struct item *at;		/* where it was seen first */
	const char	*id;		/* SHA-256, hex */
	struct str	 role, subject, cn, issuer, vendor, key;
	struct str	 serial, sha1, ski, aki;
	struct str	 subject_sha1, issuer_sha1;
	struct str	 tpm_manufacturer, tpm_model, tpm_version;
	int64_t		 not_before, not_after;
	const struct row_certificate *up; /* who issued it, in the case */
	struct list	 chain;		/* struct row_certificate, issuer first */
	struct list	 problems;	/* text */
	struct list	 items;		/* struct item: every place */
	struct list	 paths;		/* text: paths to a root */
	struct list	 missing, missing_at;	/* text: issuer, its address */
	struct list	 broken;	/* text: whose signature is not right */
	struct list	 differs;	/* text: from the one before it */
	enum tri	 complete;	/* UNKNOWN: not looked for */
	int64_t		 paths_time;	/* as of then; or ABSENT */
	unsigned int	 number;	/* from 1, in input order */
};

/* A weak algorithm and the messages that use it. */
struct row_weak {
	struct str	 what;
	size_t		 messages;
	struct list	 proofs;
};

struct row_join {
	struct str	 a, b, grade, by;
	struct list	 proofs;
};

struct row_input {
	const struct input *input;
	const char	*sha256;
	const char	*token;		/* "file-1", in place of its name */
	struct list	 problems;	/* text */
};

struct row_coverage {
	const struct coverage *coverage;
	struct list	 missing;	/* names of artifacts */
	const char	*ask;		/* or NULL */
};

/* Enveloped data that no key opened. */
struct row_sealed {
	struct str	 to;		/* recipient, else its issuer */
	bool		 named;		/* `to` is the recipient itself */
	struct str	 cipher, opens_with;
	int64_t		 bytes;		/* or ABSENT */
	struct citation	 at;
};

struct device {
	struct str	 vendor, firmware, tpm_version, windows_build;
	int64_t		 clock_skew_s;
};

/* One of the devices whose attempts are in evidence, by those alone. */
struct row_device {
	int64_t		 number;	/* from 1 */
	struct str	 vendor, tpm_version, outcome;	/* of its last */
	struct list	 firmware, windows_build, hosts;	/* text */
};

/* What one device asked of one host. */
struct row_host {
	const struct row_attempt *attempt; /* that failed last, else last */
	struct str	 ek_name, ek_ski, ek_serial, ek_old_serial;
	int64_t		 ek_from, ek_to, ek_old_from, ek_old_to;
	struct list	 answers;	/* struct row_stage that failed */
};

struct escalation {
	struct list	 request_ids, client_request_ids, times;	/* text */
	struct str	 authority;	/* host */
	struct list	 hosts;		/* struct row_host, the verdict's
					   first */
	struct str	 windows_build;	/* that no attempt is known to be of */
	const char	*text;		/* lines; "" if nothing failed */
	const char	*brief;		/* without what needs no screen */
	const char	*pack;		/* lines, also where nothing failed */
};

struct private_names;

struct model {
	const struct report *report;
	struct evidence	*ev;
	const char	*version, *rules_sha256, *case_id;
	const char	*folder;	/* "case/" of all inputs, or "" */
	const struct verdict *verdict;
	int64_t		 time;		/* of the last attempt; or ABSENT */
	const struct row_attempt *chosen; /* that the verdict is about, else
					   the last that failed; or NULL */
	struct list	 inputs, findings, attempts, devices, codes,
			 certificates, joins, coverage, sealed, limits, chain,
			 weak;
	struct device	 device;
	struct escalation escalation;
	struct private_names *names;	/* of private.h, for the escalation */
};

struct model	*model_new(const struct report *);

/* ---- the parts, called by model_new() in this order ---- */

void	model_inputs(struct model *);		/* inputs, limits, id */
void	model_findings(struct model *);		/* findings, chain, coverage */
void	model_attempts(struct model *);		/* attempts, time */
void	model_devices(struct model *);		/* device, devices, chosen */
void	model_certificates(struct model *);
void	model_paths(struct model *);		/* of certificates; weak */
void	model_codes(struct model *);		/* codes and joins */
void	model_sealed(struct model *);
void	model_hosts(struct model *);		/* of the escalation */
void	model_escalation(struct model *);

/* ---- helpers ---- */

/* A fact's value as value_show() without names; empty where absent. */
struct str	fact_show(struct evidence *, const struct fact *);
struct str	item_show(struct evidence *, const struct item *,
		    const struct field *);
/* A number or time of an item; ABSENT without. */
int64_t		item_count(const struct item *, const struct field *);
/* The read facts that a fact rests on; adds to a list of struct proof. */
void		proof_collect(struct model *, struct list *,
		    const struct fact *);
/* Is a proof by the same bytes in the list? */
bool		proof_in(const struct list *, const struct proof *);
/*
 * A text without the folder that all inputs are in, for people who know it.
 */
const char	*model_brief(const struct model *, const char *);
/* "capture.saz!/raw/012_c.txt@1234+16 (dechunked)". */
const char	*citation_text(struct model *, const struct citation *);
const struct row_finding *model_finding(const struct model *, const char *id);
/* The certificate of an item, or NULL. */
const struct row_certificate *model_certificate(const struct model *,
		    const struct item *);
/* Of the same recipient and opened by the same key. */
bool		sealed_alike(const struct row_sealed *,
		    const struct row_sealed *);
const char	*time_text(struct arena *, int64_t us);
/* The date alone: "2023-02-08". */
const char	*date_text(struct arena *, int64_t us);
bool		str_empty(struct str);
struct str	str_of(const char *);		/* NULL: empty */

#endif
