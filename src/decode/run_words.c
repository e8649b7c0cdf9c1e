/*
 * Tokens of what happened in a run: operations, status words, messages, HTTP
 * lines, methods, codes, certificates.  Relies on run_scan.h.
 */
#include <string.h>

#include "decode/run_scan.h"

#define MESSAGE_BYTES	4096		/* of a service message */
#define MESSAGE_BREAKS	16		/* line ends a mailer put into it */
#define MEMBERS_BEFORE	4		/* it, in one object */
#define MEMBER_BYTES	256		/* of one of them */
#define PEM_BYTES	131072

/* Text up to a mark of the next token, the end of the line or of an element. */
static struct text_part
rest_of_line(const struct scan *s, size_t off)
{
	size_t end = scan_line_stop(s, off), i;

	for (i = off; i < end; i++) {
		size_t n = end - i;

		if (s->p[i] == '<' || (s->p[i] == '{' &&
		    text_find(s->p + i, n < 24 ? n : 24, "message") < 24 &&
		    n > 9) || text_starts(s->p + i, n, "HTTP/1."))
			break;
	}
	while (i > off && text_blank(s->p + i - 1, 1) > 0)
		i--;
	return (struct text_part){ off, i - off };
}

/* Does off stand where a line's content begins, or after '>' or ": "? */
static bool
begins(const struct scan *s, size_t off, bool *ret_line)
{
	size_t i = off;

	*ret_line = off == s->content.off;
	if (*ret_line)
		return true;
	while (i > s->content.off && text_blank(s->p + i - 1, 1) > 0)
		i--;
	return i > s->content.off && (s->p[i - 1] == '>' ||
	    (s->p[i - 1] == ':' && i < off));
}

/* ---- what happened ---- */

/* GetCACaps: Not Found; Submit(Request): OK */
static size_t
operation_length(const struct scan *s, size_t off)
{
	size_t n = scan_left(s, off), i;

	if (!text_starts(s->p + off, n, "GetCA") &&
	    !text_starts(s->p + off, n, "Submit"))
		return 0;
	n = scan_word_length(s, off, 40);
	for (i = 0; i < n && text_is_word(s->p[off + i]) &&
	    (uint8_t)s->p[off + i] < 0x80; i++)
		continue;
	if (text_starts(s->p + off, i, "GetCA") && i > 5)
		return i;
	if (!text_starts(s->p + off, i, "Submit"))
		return 0;
	if (i == 6 && i + 2 < n && s->p[off + i] == '(') {
		for (i++; i < n && text_is_word(s->p[off + i]); i++)
			continue;
		return i < n && s->p[off + i] == ')' ? i + 1 : 0;
	}
	return i > 6 && s->p[off + 6] >= 'A' && s->p[off + 6] <= 'Z' ? i : 0;
}

size_t
match_operation(struct scan *s, size_t off)
{
	size_t stop = scan_line_stop(s, off), end, i;
	size_t n = operation_length(s, off);
	struct run_token *k;
	bool line;

	if (n == 0 || scan_word_before(s, off) || !begins(s, off, &line))
		return 0;
	end = i = off + n;
	i += text_blanks(s->p + i, scan_left(s, i));
	if (i < stop && s->p[i] == ':') {
		i++;
		i += text_blanks(s->p + i, scan_left(s, i));
		k = scan_token(s, TOKEN_OPERATION, off, end);
		k->value = (struct text_part){ off, n };
		k->second = rest_of_line(s, i);
		/* A reason is short; a method's label is not part of it. */
		for (i = 0; i < k->second.n; i++)
			if (text_starts(s->p + k->second.off + i,
			    k->second.n - i, ": GET(") ||
			    text_starts(s->p + k->second.off + i,
			    k->second.n - i, ": POST(")) {
				while (i > 0 && text_blank(s->p +
				    k->second.off + i, 1) == 0)
					i--;
				k->second.n = i;
			}
		if (k->second.n > 128)
			k->second.n = 0;
		if (k->second.n > 0)
			k->at.n = k->second.off + k->second.n - off;
		return k->at.n;
	}
	/* Words after it: prose, unless lines were run together. */
	stop = stop - i < 48 ? stop - i : 48;
	if (line && stop > 0 && s->p[i] != '<' &&
	    text_find(s->p + i, stop, " GET(") == stop &&
	    text_find(s->p + i, stop, " POST(") == stop)
		return 0;
	k = scan_token(s, TOKEN_OPERATION, off, end);
	k->value = (struct text_part){ off, n };
	return n;
}

/* PkiStatus(0): SCEPDispositionSuccess */
size_t
match_status(struct scan *s, size_t off)
{
	static const struct {
		const char *word;
		enum run_token_kind kind;
	} words[] = {
		{ "PkiStatus(", TOKEN_PKI_STATUS },
		{ "FailInfo(", TOKEN_FAIL_INFO },
		{ "EnrollStatus(", TOKEN_ENROLL_STATUS },
	};
	size_t from, n, sign, w, end;
	struct run_token *k;
	int64_t number;

	for (w = 0; w < sizeof(words) / sizeof(*words); w++)
		if (text_starts(s->p + off, scan_left(s, off), words[w].word))
			break;
	if (w == sizeof(words) / sizeof(*words) || scan_word_before(s, off))
		return 0;
	from = off + strlen(words[w].word);
	sign = from < s->n && s->p[from] == '-';
	n = text_digits(s->p + from + sign, scan_left(s, from + sign), &number);
	end = from + sign + n;
	if (n == 0 || n > 10 || end >= s->n || s->p[end] != ')')
		return 0;
	/* Its name follows; without it somebody speaks of the status. */
	from = end + 1 + text_blanks(s->p + end + 1, scan_left(s, end + 1));
	if (from >= s->n || s->p[from] != ':')
		return 0;
	from = off + strlen(words[w].word);
	k = scan_token(s, words[w].kind, off, end + 1);
	k->value = (struct text_part){ from, sign + n };
	k->number = sign ? -number : number;
	return end + 1 - off;
}

/*
 * Goes over members that stand before the wanted one, as in
 * {"Code":"BadRequest","Message":"..."}: strings and numbers of one line.
 */
static size_t
skip_members(const struct scan *s, size_t off)
{
	size_t i, n;

	for (n = 0; n < MEMBERS_BEFORE; n++) {
		i = off;
		if (text_quote(s->p + i, scan_left(s, i)) == 0 ||
		    text_starts(s->p + i + text_quote(s->p + i,
		    scan_left(s, i)), scan_left(s, i), "message"))
			break;
		while (i < s->n && i - off < MEMBER_BYTES &&
		    strchr(",{}\r\n", s->p[i]) == NULL)
			i++;
		if (i >= s->n || s->p[i] != ',')
			break;
		i++;
		off = i + text_soft_blanks(s->p + i, scan_left(s, i));
	}
	return off;
}

/* Does the object end here, or go on with another member? */
static bool
message_ends(const struct scan *s, size_t i)
{
	if (i >= s->n || s->p[i] == '}')
		return i < s->n;
	if (s->p[i] != ',')
		return false;
	i++;
	i += text_soft_blanks(s->p + i, scan_left(s, i));
	i += text_quote(s->p + i, scan_left(s, i));
	while (i < s->n && text_is_word(s->p[i]))
		i++;
	i += text_quote(s->p + i, scan_left(s, i));
	return i < s->n && s->p[i] == ':';
}

/* {"Message":"..."}; also with curly or escaped quotes, and wrapped. */
size_t
match_message(struct scan *s, size_t off)
{
	size_t i = off + 1, q, from, end, breaks = 0;
	struct run_token *k;

	i += text_soft_blanks(s->p + i, scan_left(s, i));
	i = skip_members(s, i);
	q = text_quote(s->p + i, scan_left(s, i));
	if (q == 0 || !text_starts(s->p + i + q, scan_left(s, i + q),
	    "message"))
		return 0;
	i += q + 7;
	q = text_quote(s->p + i, scan_left(s, i));
	i += q;
	i += text_blanks(s->p + i, scan_left(s, i));
	if (q == 0 || i >= s->n || s->p[i] != ':')
		return 0;
	i++;
	i += text_soft_blanks(s->p + i, scan_left(s, i));
	q = text_quote(s->p + i, scan_left(s, i));
	if (q == 0)
		return 0;
	from = i + q;
	/* Inner quotes may have lost their backslash: look for the brace. */
	for (end = from; end < s->n && end - from < MESSAGE_BYTES; end++) {
		if (s->p[end] == '\n') {
			if (++breaks > MESSAGE_BREAKS ||
			    (end + 1 < s->n && s->p[end + 1] == '\n') ||
			    (end + 2 < s->n && s->p[end + 1] == '\r' &&
			    s->p[end + 2] == '\n'))
				return 0;
			continue;
		}
		if (s->p[end] == '{')
			return 0;	/* another object: no text has it */
		q = text_quote(s->p + end, scan_left(s, end));
		if (q == 0)
			continue;
		i = end + q;
		i += text_soft_blanks(s->p + i, scan_left(s, i));
		if (message_ends(s, i) &&
		    (s->p[end] != '\\' || s->p[from - 1] != '"' ||
		    s->p[from - 2] == '\\'))
			break;
		if (s->p[end] == '\\')
			end += q - 1;
	}
	if (end - from >= MESSAGE_BYTES)
		return 0;
	k = scan_token(s, TOKEN_MESSAGE, off, end < s->n ? i + 1 : s->n);
	k->cut = end >= s->n;
	if (k->cut)
		end = s->n;
	while (k->cut && end > from && (s->p[end - 1] == '\n' ||
	    s->p[end - 1] == '\r'))
		end--;
	k->value = (struct text_part){ from, end - from };
	return k->at.n;
}

size_t
match_http(struct scan *s, size_t off)
{
	size_t from = off + 9;
	struct run_token *k;
	int64_t status;

	if (!text_starts(s->p + off, scan_left(s, off), "HTTP/1.") ||
	    scan_left(s, off) < 12 || !text_is_digit(s->p[off + 7]) ||
	    s->p[off + 8] != ' ' || scan_word_before(s, off) ||
	    text_digits(s->p + from, scan_left(s, from), &status) != 3)
		return 0;
	k = scan_token(s, TOKEN_HTTP, off, from + 3);
	k->value = (struct text_part){ from, 3 };
	k->number = status;
	return k->at.n;
}

/* Header fields that matter, at a line's start or after other fields. */
size_t
match_header(struct scan *s, size_t off)
{
	static const struct {
		const char *word;
		enum run_token_kind kind;
	} words[] = {
		{ "Date:", TOKEN_DATE },
		{ "Content-Type:", TOKEN_CONTENT_TYPE },
		{ "x-ms-request-id:", TOKEN_REQUEST_ID },
		{ "x-ms-client-request-id:", TOKEN_CLIENT_REQUEST_ID },
	};
	size_t from, n, w;
	struct run_token *k;
	int64_t us = 0;

	for (w = 0; w < sizeof(words) / sizeof(*words); w++)
		if (text_starts(s->p + off, scan_left(s, off), words[w].word))
			break;
	if (w == sizeof(words) / sizeof(*words) || scan_word_before(s, off) ||
	    (off > 0 && s->p[off - 1] == '-'))
		return 0;
	from = off + strlen(words[w].word);
	from += text_blanks(s->p + from, scan_left(s, from));
	if (words[w].kind == TOKEN_DATE)
		n = text_http_date(s->p + from, scan_left(s, from), &us);
	else if (words[w].kind == TOKEN_CONTENT_TYPE)
		for (n = 0; n < 80 && from + n < s->n &&
		    s->p[from + n] > ' ' && s->p[from + n] < 0x7f &&
		    strchr(";,<>\"", s->p[from + n]) == NULL; n++)
			continue;
	else
		for (n = 0; n < 80 && from + n < s->n &&
		    (text_is_hex(s->p[from + n]) || s->p[from + n] == '-');
		    n++)
			continue;
	if (n == 0)
		return 0;
	k = scan_token(s, words[w].kind, off, from + n);
	k->value = (struct text_part){ from, n };
	k->number = us;
	return k->at.n;
}

/* After "POST(47ms)": elements, or a label of any language, and a word. */
static size_t
stage_after(struct scan *s, size_t off)
{
	size_t i = off, n, label;

	i += text_soft_blanks(s->p + i, scan_left(s, i));
	if (i == off || i >= s->n || s->p[i] != '<') {
		/* The line end may be followed by an empty line. */
		i += text_soft_blanks(s->p + i, scan_left(s, i));
		for (label = i; label < s->n && label - i < 40 &&
		    s->p[label] != ':' && s->p[label] != '\n' &&
		    !text_is_digit(s->p[label]) && s->p[label] != '<'; label++)
			continue;
		if (label < s->n && s->p[label] == ':') {
			i = label + 1;
			i += text_soft_blanks(s->p + i, scan_left(s, i));
		} else if (off < s->n && s->p[off] != '<')
			return 0;
	}
	while (i < s->n && s->p[i] == '<') {
		const char *close = memchr(s->p + i, '>', scan_left(s, i) < 80 ?
		    scan_left(s, i) : 80);

		if (close == NULL)
			return 0;
		i = (size_t)(close - s->p) + 1;
		i += text_soft_blanks(s->p + i, scan_left(s, i));
	}
	n = scan_word_length(s, i, 64);
	while (n > 0 && (s->p[i + n - 1] == '.' || s->p[i + n - 1] == ','))
		n--;
	if (n < 3 || !text_is_word(s->p[i]) || text_is_digit(s->p[i]))
		return 0;
	s->line = text_line_at(s->t, i);
	s->content = text_content(&s->t->lines[s->line]);
	scan_token(s, TOKEN_STAGE, i, i + n)->value =
	    (struct text_part){ i, n };
	return i + n - off;
}

size_t
match_method(struct scan *s, size_t off)
{
	size_t word = text_starts(s->p + off, scan_left(s, off), "GET(") ? 3 :
	    text_starts(s->p + off, scan_left(s, off), "POST(") ? 4 : 0, n, end;
	struct run_token *k;
	int64_t ms;

	if (word == 0 || scan_word_before(s, off))
		return 0;
	end = off + word + 1;
	n = text_digits(s->p + end, scan_left(s, end), &ms);
	if (n == 0 || !text_starts(s->p + end + n, scan_left(s, end + n),
	    "ms)"))
		return 0;
	k = scan_token(s, TOKEN_METHOD, off, end + n + 3);
	k->value = (struct text_part){ off, word };
	k->second = (struct text_part){ end, n };
	k->number = ms;
	return end + n + 3 - off + stage_after(s, end + n + 3);
}

/* "Stage: GetCACaps" where no method stands before it. */
size_t
match_stage(struct scan *s, size_t off)
{
	static const char *const labels[] = {
		"Stage:", "Phase:", "\xd0\xa1\xd1\x82\xd0\xb0\xd0\xb4\xd0\xb8"
		"\xd1\x8f:", "\xd0\xad\xd1\x82\xd0\xb0\xd0\xbf:", "Fase:",
		"Etapa:", "\xc3\x89tape:", "\xc3\x89tape :"
	};
	size_t i, from, n;

	if (off != s->content.off)
		return 0;
	for (i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (text_starts(s->p + off, s->content.n, labels[i]))
			break;
	if (i == sizeof(labels) / sizeof(*labels))
		return 0;
	from = off + strlen(labels[i]);
	from += text_blanks(s->p + from, scan_left(s, from));
	n = operation_length(s, from);
	if (n == 0)
		return 0;
	scan_token(s, TOKEN_STAGE, off, from + n)->value =
	    (struct text_part){ from, n };
	return from + n - off;
}

/*
 * "(WinHttp: 12175 ERROR_WINHTTP_SECURE_FAILURE)" at off: its length.  Cut by
 * the end of the text it is still one.
 */
static size_t
parenthesis(const struct scan *s, size_t off, struct text_part *ret_symbol)
{
	size_t i = off + 1, n;
	int64_t number;

	*ret_symbol = (struct text_part){ 0, 0 };
	for (n = 0; n < 20 && i + n < s->n && text_is_word(s->p[i + n]); n++)
		continue;
	if (n > 0 && i + n < s->n && s->p[i + n] == ':') {
		i += n + 1;
		i += text_soft_blanks(s->p + i, scan_left(s, i));
	}
	if (i < s->n && s->p[i] == '-')
		i++;
	n = text_digits(s->p + i, scan_left(s, i), &number);
	i += n;
	if (i >= s->n)
		return s->n - off;
	if (n == 0)
		return 0;
	if (s->p[i] != ')') {
		i += text_soft_blanks(s->p + i, scan_left(s, i));
		for (n = 0; i + n < s->n && n < 80 && text_is_word(s->p[i + n]);
		    n++)
			continue;
		*ret_symbol = (struct text_part){ i, n };
		i += n;
		i += text_soft_blanks(s->p + i, scan_left(s, i));
		if (i >= s->n) {
			ret_symbol->n = 0;	/* perhaps cut */
			return s->n - off;
		}
	}
	return s->p[i] == ')' ? i + 1 - off : 0;
}

size_t
match_code(struct scan *s, size_t off)
{
	struct text_part symbol;
	size_t n, i, len;
	struct run_token *k;
	uint32_t code;

	if (scan_left(s, off) < 3 ||
	    (s->p[off + 1] != 'x' && s->p[off + 1] != 'X') ||
	    (scan_word_before(s, off) && !(off >= 2 && s->p[off - 1] == 'x' &&
	    s->p[off - 2] == '0')))
		return 0;
	n = text_hex(s->p + off + 2, scan_left(s, off + 2), &code);
	if (n == 0 || n > 8 || scan_word_at(s, off + 2 + n))
		return 0;
	n += 2;
	i = off + n;
	i += text_soft_blanks(s->p + i, scan_left(s, i));
	len = i < s->n && s->p[i] == '(' ? parenthesis(s, i, &symbol) : 0;
	if (len == 0) {
		if (n != 10)
			return 0;
		k = scan_token(s, TOKEN_BARE_CODE, off, off + n);
	} else {
		k = scan_token(s, TOKEN_CODE, off, i + len);
		k->second = symbol;
	}
	k->value = (struct text_part){ off, n };
	k->number = code;
	return k->at.n;
}

size_t
match_thumbprint(struct scan *s, size_t off)
{
	static const char word[] = "Thumbprint:";
	size_t from = off + sizeof(word) - 1, i, digits = 0;

	if (!text_starts(s->p + off, scan_left(s, off), word) ||
	    scan_word_before(s, off))
		return 0;
	from += text_blanks(s->p + from, scan_left(s, from));
	for (i = from; i < s->n && (text_is_hex(s->p[i]) || s->p[i] == ' ') &&
	    digits < 40; i++)
		digits += s->p[i] != ' ';
	if (digits != 40 || scan_word_at(s, i))
		return 0;
	scan_token(s, TOKEN_THUMBPRINT, off, i)->value =
	    (struct text_part){ from, i - from };
	return i - off;
}

/* "Total = 4188ms", "Key = TestAIK-..." and "EnrollDone" on their lines. */
size_t
match_line(struct scan *s, size_t off)
{
	struct run_token *k;
	size_t from, n;
	int64_t ms;

	if (off != s->content.off)
		return 0;
	n = s->content.n;
	if (text_starts(s->p + off, n, "EnrollDone") && n == 10) {
		scan_token(s, TOKEN_DONE, off, off + n);
		return n;
	}
	from = off + (text_starts(s->p + off, n, "Total") ? 5 :
	    text_starts(s->p + off, n, "Key") ? 3 : 0);
	if (from == off)
		return 0;
	from += text_blanks(s->p + from, scan_left(s, from));
	if (from >= off + n || s->p[from] != '=')
		return 0;
	from++;
	from += text_blanks(s->p + from, scan_left(s, from));
	if (text_starts(s->p + off, n, "Key")) {
		n = scan_word_length(s, from, 256);
		if (n == 0)
			return 0;
		scan_token(s, TOKEN_KEY, off, from + n)->value =
		    (struct text_part){ from, n };
		return from + n - off;
	}
	n = text_digits(s->p + from, scan_left(s, from), &ms);
	if (n == 0)
		return 0;
	k = scan_token(s, TOKEN_TOTAL, off, from + n);
	k->value = (struct text_part){ from, n };
	k->number = ms;
	return from + n - off;
}

size_t
match_pem(struct scan *s, size_t off)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	size_t from = off + sizeof(begin) - 1, i, max;

	if (!text_starts(s->p + off, scan_left(s, off), begin))
		return 0;
	max = scan_left(s, from) < PEM_BYTES ? s->n : from + PEM_BYTES;
	for (i = from; i < max; i++) {
		if (s->p[i] != '-')
			continue;
		if (text_starts(s->p + i, scan_left(s, i),
		    "-----END CERTIFICATE-----")) {
			scan_token(s, TOKEN_PEM, off, i + 25)->value =
			    (struct text_part){ from, i - from };
			return i + 25 - off;
		}
		if (text_starts(s->p + i, scan_left(s, i), "-----"))
			break;
	}
	return i - off;
}
