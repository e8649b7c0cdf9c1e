/*
 * The tokens that never change with Windows' language in what certreq
 * -enrollaik and the events 86, 87 and 88 print: codes, status words, URLs,
 * service messages, HTTP lines.  Relies on text.h and knowledge.h.
 */
#ifndef DECODE_RUN_TOKENS_H
#define DECODE_RUN_TOKENS_H

#include "evidence/text_scan.h"

enum run_token_kind {
	/* what stands before a run */
	TOKEN_RECORD,		/* a record of an event log begins here */
	TOKEN_EVENT_ID,		/* value: the number */
	TOKEN_TIME,		/* value: with its zone; number: us UTC */
	/* heads */
	TOKEN_COMMAND,		/* certreq -enrollaik, as typed */
	TOKEN_TPM,		/* value: "2.0"; second: vendor; third: A.B */
	TOKEN_AUTHORITY,	/* value: IFX-KeyId-..., alone on its line */
	TOKEN_URL,		/* value: the URL; second: its host */
	/* what happened */
	TOKEN_OPERATION,	/* value: GetCACaps; second: reason */
	TOKEN_PKI_STATUS,	/* value: the number */
	TOKEN_FAIL_INFO,
	TOKEN_ENROLL_STATUS,
	TOKEN_DONE,		/* EnrollDone */
	TOKEN_MESSAGE,		/* value: the text between the quotes */
	TOKEN_HTTP,		/* value: the status; second: reason */
	TOKEN_DATE,		/* value; number: us UTC */
	TOKEN_CONTENT_TYPE,	/* value: text/html */
	TOKEN_REQUEST_ID, TOKEN_CLIENT_REQUEST_ID,
	TOKEN_METHOD,		/* value: GET; second: milliseconds */
	TOKEN_STAGE,		/* value */
	TOKEN_CODE,		/* value: 0x...; second: symbol */
	TOKEN_BARE_CODE,	/* a code without its parenthesis */
	TOKEN_THUMBPRINT, TOKEN_TOTAL, TOKEN_KEY,
	TOKEN_PEM,		/* value: the base64 between the lines */
	TOKEN_KINDS
};

struct run_token {
	enum run_token_kind kind;
	struct text_part at;		/* all of it */
	struct text_part value, second, third;	/* n 0: absent */
	int64_t		 number;
	size_t		 line;		/* where it starts */
	size_t		 last_line;	/* where it ends */
	bool		 foreign;	/* URL: of another service */
	bool		 sentence;	/* URL: words stand around it */
	bool		 cut;		/* the text ends inside of it */
};

struct run_tokens {
	struct run_token *p;		/* malloc(3)ed; in the text's order */
	size_t		 n;
	bool		 more;		/* the table is full */
};

#define RUN_TOKENS_MAX	200000

void	run_tokens_find(const struct text *, struct run_tokens *ret_tokens);
/* The machine's account before an event's URL; n 0: none. */
struct text_part run_machine_find(const struct text *,
	    const struct run_token *url);
void	run_tokens_clear(struct run_tokens *);
/*
 * Could there be any?  Looks at the bytes of any encoding.  2: words of the
 * grammar, 1: only names and signs that other texts have too, 0: none.
 */
int	run_tokens_likely(const struct blob *);

#endif
