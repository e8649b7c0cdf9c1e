/*
 * A Fiddler session archive: sessions numbered anew, each with its metadata,
 * in one of three writer styles.
 * Relies on zip.c for the container, session.c and noise.c for the sessions.
 */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	MS	(SECOND / 1000)
#define	CUT	300	/* octets that a proxy loses */

static const struct {
	char		 style;
	const char	*comment;
	bool		 index;		/* writes _index.htm */
	bool		 meta_first;	/* c, m, s instead of c, s, m */
	unsigned	 first_sid;
} styles[] = {
	{ 'A', "Fiddler (v4.6.20171.26113) Session Archive. See "
	    "http://fiddler2.com", true, true, 1 },
	{ 'B', "Fiddler (v5.0.1.0) Session Archive. See https://fiddler2.com",
	    false, false, 1207 },
	{ 'C', "Fiddler (v5.0.20253.3311) Session Archive. See "
	    "https://api.getfiddler.com/r/?fiddler", true, false, 12 },
};

static const char content_types[] =
	"<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n"
	"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/"
	"content-types\">\r\n"
	"<Default Extension=\"htm\" ContentType=\"text/html\" />\r\n"
	"<Default Extension=\"xml\" ContentType=\"application/xml\" />\r\n"
	"<Default Extension=\"txt\" ContentType=\"text/plain\" />\r\n"
	"</Types>";

static int
by_time(const void *a, const void *b)
{
	const struct session *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void
timer(struct buf *b, const char *name, int64_t us, int zone)
{
	char text[48];

	if (us == 0)
		snprintf(text, sizeof(text), "0001-01-01T00:00:00");
	else
		time_roundtrip(us, zone, text, sizeof(text));
	buf_printf(b, "%s=\"%s\" ", name, text);
}

static size_t
body_size(const struct buf *b)
{
	size_t i;

	for (i = 0; i + 4 <= b->n; i++)
		if (memcmp(b->p + i, "\r\n\r\n", 4) == 0)
			return b->n - i - 4;
	return 0;
}

/* What other programs write in another way than Fiddler. */
struct oddities {
	const char	*names;		/* plain, backslash, upper, parent, wide */
	bool		 decimal;	/* BitFlags as Fluxzy writes them */
	bool		 no_meta;
};

static void
meta(struct buf *b, const struct session *x, int zone, char style,
    bool decimal)
{
	int64_t t = x->start, end = x->start + x->ms * MS;
	bool answered = x->s.n > 0;
	unsigned port = 49700 + x->sid % 900;
	size_t i;

	buf_printf(b, "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>"
	    "\r\n<Session SID=\"%u\" BitFlags=\"", x->sid);
	buf_printf(b, decimal ? "%u" : "%x", decimal ? 0x461 : x->flags);
	buf_printf(b, "\"%s>\r\n  <SessionTimers ",
	    x->aborted ? " Aborted=\"true\"" : "");
	timer(b, "ClientConnected", t - 2 * MS, zone);
	timer(b, "ClientBeginRequest", t, zone);
	timer(b, "GotRequestHeaders", t + MS / 2, zone);
	timer(b, "ClientDoneRequest", t + MS, zone);
	buf_printf(b, "GatewayTime=\"0\" DNSTime=\"%d\" TCPConnectTime=\"%d\" "
	    "HTTPSHandshakeTime=\"%d\" ", x->connect ? 8 : 0,
	    x->connect ? 21 : 0, x->connect ? 44 : 0);
	timer(b, "ServerConnected", x->host_ip ? t + 3 * MS : 0, zone);
	timer(b, "FiddlerBeginRequest", x->host_ip ? t + 4 * MS : 0, zone);
	timer(b, "ServerGotRequest", x->host_ip ? t + 5 * MS : 0, zone);
	timer(b, "ServerBeginResponse", answered ? end - 2 * MS : 0, zone);
	timer(b, "GotResponseHeaders", answered ? end - MS : 0, zone);
	timer(b, "ServerDoneResponse", answered ? end - MS / 2 : 0, zone);
	timer(b, "ClientBeginResponse", answered ? end - MS / 4 : 0, zone);
	timer(b, "ClientDoneResponse", answered ? end : 0, zone);
	buf_str(b, "/>\r\n  <PipeInfo ");
	if (x->flags & 0x8)
		buf_str(b, "CltReuse=\"true\" ");
	if (x->flags & 0x10)
		buf_str(b, "Reused=\"true\" ");
	if (x->flags & 0x800)
		buf_str(b, "Forwarded=\"true\" ");
	buf_str(b, "/>\r\n");
	if (x->connect)
		buf_printf(b, "  <TunnelInfo BytesEgress=\"%u\" "
		    "BytesIngress=\"%u\" />\r\n",
		    x->flags & 0x1000 ? 2100 + port % 900 : 0,
		    x->flags & 0x1000 ? 6400 + port % 2000 : 0);
	buf_str(b, "  <SessionFlags>\r\n");
	buf_printf(b, "    <SessionFlag N=\"x-clientip\" V=\"127.0.0.1\" />\r\n"
	    "    <SessionFlag N=\"x-clientport\" V=\"%u\" />\r\n", port);
	if (answered)
		buf_printf(b, "    <SessionFlag N=\"x-responsebody"
		    "transferlength\" V=\"%zu\" />\r\n", body_size(&x->s));
	if (x->host_ip != NULL)
		buf_printf(b, "    <SessionFlag N=\"x-egressport\" V=\"%u\" />"
		    "\r\n    <SessionFlag N=\"x-hostip\" V=\"%s\" />\r\n",
		    port + 1, x->host_ip);
	buf_printf(b, "    <SessionFlag N=\"x-processinfo\" V=\"%s:%u\" />\r\n",
	    x->process, 1000 + (unsigned)strlen(x->process) * 412);
	if (style == 'B')
		buf_str(b, "    <SessionFlag N=\"https-server-"
		    "protocolversion\" V=\"Tls12\" />\r\n");
	if (style == 'C')
		buf_str(b, "    <SessionFlag N=\"x-supported-client-alpn\" "
		    "V=\"http/1.1\" />\r\n");
	if (x->aborted)
		buf_str(b, "    <SessionFlag N=\"x-aborted-when\" "
		    "V=\"SendingResponse\" />\r\n");
	for (i = 0; i < x->nextra; i++)
		buf_printf(b, "    <SessionFlag N=\"%s\" V=\"%s\" />\r\n",
		    x->extra[i].key, x->extra[i].value);
	buf_str(b, "  </SessionFlags>\r\n</Session>");
}

static void
index_row(struct buf *b, unsigned n, int width, const struct session *x)
{
	int line = 0, status = 0;

	while ((size_t)line < x->c.n && x->c.p[line] != '\r')
		line++;
	if (x->s.n > 12)
		status = atoi((const char *)x->s.p + 9);
	buf_printf(b, "<tr><td><a href='raw\\%0*u_c.txt'>C</a>&nbsp;"
	    "<a href='raw\\%0*u_s.txt'>S</a>&nbsp;"
	    "<a href='raw\\%0*u_m.xml'>M</a></td><td>%u</td><td>%d</td>"
	    "<td>%.*s</td></tr>\r\n", width, n, width, n, width, n, n, status,
	    line, (const char *)x->c.p);
}

/* raw/01_c.txt, or as somebody else may name it. */
static void
part_name(char *ret, size_t size, const struct oddities *odd, int width,
    unsigned n, const char *end)
{
	char *c;

	snprintf(ret, size, "%sraw%s%0*u%s",
	    strcmp(odd->names, "parent") == 0 ? "Case 17/" : "",
	    strcmp(odd->names, "backslash") == 0 ? "\\" : "/",
	    strcmp(odd->names, "wide") == 0 ? 7 : width, n, end);
	if (strcmp(odd->names, "upper") == 0)
		for (c = ret; *c != '\0'; c++)
			if (*c >= 'a' && *c <= 'z')
				*c += 'A' - 'a';
}

static void
saz_write(struct buf *ret, struct sessions *all, const struct scenario *s,
    char style, const struct oddities *odd)
{
	struct buf xml = { NULL, 0, 0 }, index = { NULL, 0, 0 };
	struct buf types = { NULL, 0, 0 };
	size_t i, k;
	struct zip z;
	char name[48];
	int width;

	for (k = 0; k + 1 < COUNT(styles) && styles[k].style != style; k++)
		;
	width = all->n < 10 ? 1 : all->n < 100 ? 2 : 3;
	memset(&z, 0, sizeof(z));
	z.style = style;
	z.when = s->attempts[s->nattempts - 1].start + 420 * SECOND +
	    s->zone * 60 * SECOND;
	if (strcmp(odd->names, "plain") == 0)
		zip_entry(&z, "raw/", NULL);
	buf_str(&index, "<html><head><title>Fiddler Session Archive</title>"
	    "</head><body><table>\r\n<tr><th></th><th>#</th><th>Result</th>"
	    "<th>Request</th></tr>\r\n");
	for (i = 0; i < all->n; i++) {
		struct session *x = &all->v[i];
		unsigned n = (unsigned)i + 1, part;
		struct buf *parts[3];
		const char *ends[3] = { "_c.txt", "_s.txt", "_m.xml" };

		xml.n = 0;
		meta(&xml, x, s->zone, style, odd->decimal);
		parts[0] = &x->c;
		parts[1] = &x->s;
		parts[2] = &xml;
		if (styles[k].meta_first) {
			parts[1] = &xml;
			parts[2] = &x->s;
			ends[1] = "_m.xml";
			ends[2] = "_s.txt";
		}
		for (part = 0; part < 3; part++) {
			if (parts[part] == &xml && odd->no_meta)
				continue;
			part_name(name, sizeof(name), odd, width, n,
			    ends[part]);
			zip_entry(&z, name, parts[part]);
		}
		index_row(&index, n, width, x);
	}
	buf_str(&index, "</table></body></html>");
	if (styles[k].index)
		zip_entry(&z, "_index.htm", &index);
	buf_str(&types, content_types);
	zip_entry(&z, "[Content_Types].xml", &types);
	zip_end(&z, styles[k].comment);
	buf_add(ret, &z.out);
	buf_free(&z.out);
	buf_free(&z.directory);
	buf_free(&xml);
	buf_free(&index);
	buf_free(&types);
}

/* The far side of a proxy that changes what is sent, or cuts it. */
static void
sent_otherwise(struct session *x, const char *how)
{
	static const char name[] = "Content-Length: ";
	char *at = memmem(x->c.p, x->c.n, name, sizeof(name) - 1), text[16];
	size_t n;

	if (strncmp((char *)x->c.p, "POST ", 5) != 0)
		return;
	if (strcmp(how, "changed") == 0)
		x->c.p[x->c.n - 1] ^= 0x21;
	if (strcmp(how, "cut") != 0 || at == NULL)
		return;
	at += sizeof(name) - 1;
	n = strspn(at, "0123456789");
	x->c.n -= CUT;
	snprintf(text, sizeof(text), "%0*ld", (int)n, atol(at) - CUT);
	memcpy(at, text, n);
}

/* All sessions of the scenario in the order of their times, with their SIDs. */
void
capture_make(struct sessions *all, const struct scenario *s,
    const struct line *l, char style)
{
	const struct attempt *last;
	unsigned sid = 0;
	size_t i;

	if (s->nattempts == 0)
		die("line %u: a capture needs at least one try", l->number);
	last = &s->attempts[s->nattempts - 1];
	for (i = 0; i < s->nattempts; i++)
		if (s->attempts[i].captured)
			attempt_sessions(all, s, &s->attempts[i]);
	for (i = 0; i < s->nlines; i++)
		if (strcmp(s->lines[i].verb, "session") == 0)
			session_of_line(all, s, &s->lines[i]);
	noise_add(all, s, (unsigned)option_long(l, "noise", 6),
	    s->time - 40 * SECOND,
	    last->start + option_long(l, "goes_on", 60) * SECOND);
	for (i = 0; i < all->n; i++)
		sent_otherwise(&all->v[i], option(l, "sent", ""));
	qsort(all->v, all->n, sizeof(*all->v), by_time);
	for (i = 0; i < COUNT(styles); i++)
		if (styles[i].style == style)
			sid = styles[i].first_sid;
	for (i = 0; i < all->n; i++) {
		all->v[i].sid = sid;
		sid += 1 + rng_below("sid", (unsigned)i, 3);
	}
}

void
capture_clear(struct sessions *all)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		buf_free(&all->v[i].c);
		buf_free(&all->v[i].s);
	}
	free(all->v);
}

void
saz_make(struct buf *ret, const struct scenario *s, const struct line *l)
{
	struct oddities odd = { .names = option(l, "names", "plain"),
	    .decimal = strcmp(option(l, "flags", ""), "decimal") == 0,
	    .no_meta = strcmp(option(l, "meta", ""), "no") == 0 };
	struct sessions all = { NULL, 0 };
	char style = option(l, "style", "A")[0];

	capture_make(&all, s, l, style);
	saz_write(ret, &all, s, style, &odd);
	capture_clear(&all);
}
