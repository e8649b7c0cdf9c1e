/*
 * What files are sent in: archives of every kind, mails and mailboxes.  CAB is
 * written by hand, stored, because libarchive writes none, and so is RAR.
 * Relies on libarchive for the rest, on rar.c.
 */
#include "forge.h"

#include <archive.h>
#include <archive_entry.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define	BLOCK	32768		/* of a cabinet */

/* ---- archives of libarchive ---- */

static void
pack_archive(struct buf *ret, const struct files *f, const char *kind)
{
	static const struct {
		const char	*kind;
		int		 (*format)(struct archive *);
		int		 (*filter)(struct archive *);
	} kinds[] = {
		{ "zip", archive_write_set_format_zip, NULL },
		{ "7z", archive_write_set_format_7zip, NULL },
		{ "tar", archive_write_set_format_pax_restricted, NULL },
		{ "v7tar", archive_write_set_format_v7tar, NULL },
		{ "tar.gz", archive_write_set_format_pax_restricted,
		    archive_write_add_filter_gzip },
		{ "tar.bz2", archive_write_set_format_pax_restricted,
		    archive_write_add_filter_bzip2 },
		{ "tar.xz", archive_write_set_format_pax_restricted,
		    archive_write_add_filter_xz },
		{ "tar.zst", archive_write_set_format_ustar,
		    archive_write_add_filter_zstd },
		{ "cpio", archive_write_set_format_cpio_newc, NULL },
		{ "odc", archive_write_set_format_cpio, NULL },
		{ "gz", archive_write_set_format_raw,
		    archive_write_add_filter_gzip },
		{ "zst", archive_write_set_format_raw,
		    archive_write_add_filter_zstd },
	};
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t i, room = 1 << 20, used = 0;

	for (i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			break;
	if (i == COUNT(kinds))
		die("no kind \"%s\" of archive", kind);
	if (kinds[i].format(a) != ARCHIVE_OK || (kinds[i].filter != NULL &&
	    kinds[i].filter(a) != ARCHIVE_OK))
		die("%s: %s", kind, archive_error_string(a));
	for (i = 0; i < f->n; i++)
		room += 2 * f->v[i].n + 4096;
	ret->p = xcalloc(room, 1);
	ret->cap = room;
	archive_write_set_bytes_in_last_block(a, 1);
	if (archive_write_open_memory(a, ret->p, room, &used) != ARCHIVE_OK)
		die("%s: %s", kind, archive_error_string(a));
	for (i = 0; i < f->n; i++) {
		archive_entry_clear(e);
		archive_entry_set_pathname(e, f->names[i]);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		archive_entry_set_mtime(e, 1679999999, 0);
		archive_entry_set_size(e, (la_int64_t)f->v[i].n);
		if (archive_write_header(a, e) != ARCHIVE_OK ||
		    archive_write_data(a, f->v[i].p, f->v[i].n) < 0)
			die("%s: %s", kind, archive_error_string(a));
	}
	if (archive_write_close(a) != ARCHIVE_OK)
		die("%s: %s", kind, archive_error_string(a));
	archive_write_free(a);
	archive_entry_free(e);
	ret->n = used;
}

/* ---- CAB: [MS-CAB], one folder, nothing compressed ---- */

static void
pack_cab(struct buf *ret, const struct files *f)
{
	struct buf all = { NULL, 0, 0 };
	size_t i, at, blocks, head, size;

	for (i = 0; i < f->n; i++)
		buf_add(&all, &f->v[i]);
	blocks = (all.n + BLOCK - 1) / BLOCK;
	head = 36 + 8;
	for (i = 0; i < f->n; i++)
		head += 16 + strlen(f->names[i]) + 1;
	size = head + 8 * blocks + all.n;
	buf_str(ret, "MSCF");
	buf_le(ret, 0, 4);
	buf_le(ret, size, 4);
	buf_le(ret, 0, 4);
	buf_le(ret, 44, 4);		/* of the first CFFILE */
	buf_le(ret, 0, 4);
	buf_le(ret, 0x0103, 2);
	buf_le(ret, 1, 2);
	buf_le(ret, f->n, 2);
	buf_le(ret, 0, 2);
	buf_le(ret, 17, 2);
	buf_le(ret, 0, 2);
	buf_le(ret, head, 4);		/* CFFOLDER */
	buf_le(ret, blocks, 2);
	buf_le(ret, 0, 2);
	for (i = at = 0; i < f->n; at += f->v[i++].n) {
		buf_le(ret, f->v[i].n, 4);
		buf_le(ret, at, 4);
		buf_le(ret, 0, 2);
		buf_le(ret, 0x567d, 2);	/* 2023-03-29 */
		buf_le(ret, 0x6000, 2);
		buf_le(ret, 0x20, 2);
		buf_put(ret, f->names[i], strlen(f->names[i]) + 1);
	}
	for (at = 0; at < all.n; at += size) {
		size = all.n - at < BLOCK ? all.n - at : BLOCK;
		buf_le(ret, 0, 4);	/* no check sum */
		buf_le(ret, size, 2);
		buf_le(ret, size, 2);
		buf_put(ret, all.p + at, size);
	}
	buf_free(&all);
}

/* ---- mail ---- */

static void
quoted_put(struct buf *b, const char *p)
{
	size_t column = 0;

	for (; *p != '\0'; p++) {
		if (column > 70) {
			buf_str(b, "=\r\n");
			column = 0;
		}
		if (*p == '\n') {
			buf_str(b, "\r\n");
			column = 0;
		} else if (*p == '=' || (uint8_t)*p > 0x7e || (*p == ' ' &&
		    p[1] == '\n')) {
			buf_printf(b, "=%02X", (uint8_t)*p);
			column += 3;
		} else {
			buf_byte(b, (uint8_t)*p);
			column++;
		}
	}
}

static void
mail_head(struct buf *b)
{
	buf_str(b, "Return-Path: <helpdesk@contoso.example>\r\n"
	    "Received: from mail.contoso.example by mx.fabrikam.example;\r\n"
	    "\tWed, 29 Mar 2023 17:40:02 +0200\r\n"
	    "From: Helpdesk <helpdesk@contoso.example>\r\n"
	    "To: support@fabrikam.example\r\n"
	    "Subject: =?utf-8?Q?Autopilot_h=C3=A4ngt?=\r\n"
	    "Date: Wed, 29 Mar 2023 17:40:01 +0200\r\n"
	    "Message-ID: <17@contoso.example>\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: multipart/mixed;\r\n\tboundary=\"=_outer=1\"\r\n"
	    "\r\nThis is a message in MIME format.\r\n\r\n");
}

static void
mail_text(struct buf *b, const char *text)
{
	buf_str(b, "--=_outer=1\r\nContent-Type: multipart/alternative;\r\n"
	    " boundary=\"=_inner=2\"\r\n\r\n--=_inner=2\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	quoted_put(b, text);
	buf_str(b, "\r\n--=_inner=2\r\nContent-Type: text/html\r\n\r\n"
	    "<html><body><p>0x80070005 is only in the page.</p></body></html>"
	    "\r\n--=_inner=2--\r\n\r\n");
}

static void
mail_attach(struct buf *b, const char *name, const struct buf *content)
{
	const char *base = strrchr(name, '/');

	base = base != NULL ? base + 1 : name;
	buf_printf(b, "--=_outer=1\r\nContent-Type: application/octet-stream;"
	    "\r\n name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename=\"%s\"\r\n\r\n", base,
	    base);
	base64_put(b, content->p, content->n, 76);
	buf_str(b, "\r\n");
}

static void
pack_mail(struct buf *ret, const struct files *f)
{
	size_t i;

	mail_head(ret);
	mail_text(ret, "Hello,\n\nthe files are attached.\n");
	for (i = 0; i < f->n; i++)
		mail_attach(ret, f->names[i], &f->v[i]);
	buf_str(ret, "--=_outer=1--\r\n");
}

/* Two mails: one of plain text, and the one with the files. */
static void
pack_mailbox(struct buf *ret, const struct files *f)
{
	buf_str(ret, "From helpdesk@contoso.example Wed Mar 29 15:00:00 2023\n"
	    "From: Helpdesk <helpdesk@contoso.example>\n"
	    "Subject: first\nDate: Wed, 29 Mar 2023 17:00:00 +0200\n\n"
	    "The files come with the next mail.\n>From here on it is ours.\n\n"
	    "From helpdesk@contoso.example Wed Mar 29 15:40:02 2023\n");
	pack_mail(ret, f);
}

/* mail text="..." attach="har certreq": what the lines of those verbs make. */
void
mail_make(struct buf *b, const struct scenario *s, const struct line *l)
{
	const char *want = option(l, "attach", "");
	struct buf content = { NULL, 0, 0 };
	const struct maker *maker;
	size_t n;

	mail_head(b);
	mail_text(b, option(l, "text", "The files are attached.\n"));
	for (; *want != '\0'; want += n + strspn(want + n, " ")) {
		n = strcspn(want, " ");
		maker = maker_find(want, n);
		if (maker == NULL || maker->make == mail_make)
			die("line %u: nothing makes \"%.*s\"", l->number,
			    (int)n, want);
		content.n = 0;
		maker->make(&content, s, l);
		mail_attach(b, maker->file, &content);
	}
	buf_str(b, "--=_outer=1--\r\n");
	buf_free(&content);
}

/* argv: KIND OUT FILE... */
int
pack(int argc, char **argv)
{
	struct files f = { NULL, NULL, 0 };
	struct buf b = { NULL, 0, 0 };
	size_t i;

	if (argc < 3) {
		fprintf(stderr, "usage: forge pack KIND OUT FILE...\n"
		    "kinds: zip 7z tar v7tar tar.gz tar.bz2 tar.xz tar.zst "
		    "cpio odc gz zst cab rar rar4 rar-headers rar-data "
		    "rar4-headers rar4-data mail mbox\n");
		return 2;
	}
	f.names = argv + 2;
	f.n = (size_t)argc - 2;
	f.v = xcalloc(f.n, sizeof(*f.v));
	for (i = 0; i < f.n; i++)
		buf_read_file(&f.v[i], f.names[i]);
	if (strcmp(argv[0], "cab") == 0)
		pack_cab(&b, &f);
	else if (strncmp(argv[0], "rar4", 4) == 0 &&
	    strchr("-", argv[0][4]) != NULL)
		rar4_make(&b, &f, argv[0][4] == '-' ? argv[0][5] : '\0');
	else if (strncmp(argv[0], "rar", 3) == 0 &&
	    strchr("-", argv[0][3]) != NULL)
		rar5_make(&b, &f, argv[0][3] == '-' ? argv[0][4] : '\0');
	else if (strcmp(argv[0], "mail") == 0)
		pack_mail(&b, &f);
	else if (strcmp(argv[0], "mbox") == 0)
		pack_mailbox(&b, &f);
	else
		pack_archive(&b, &f, argv[0]);
	buf_write_file(&b, NULL, argv[1]);
	buf_free(&b);
	return 0;
}
