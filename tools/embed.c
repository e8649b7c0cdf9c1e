/*
 * Writes C source that holds files as string literals: embed ROOT FILE...
 * Names in it are relative to ROOT; the array is sorted by name, so that it
 * can be searched; the digest over all of it identifies the knowledge base.
 * Runs at build time only.  Relies on OpenSSL for SHA-256.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct file {
	const char	*path, *name;
	unsigned char	*p;
	size_t		 n;
};

static int
by_name(const void *a, const void *b)
{
	return (strcmp(((const struct file *)a)->name,
	    ((const struct file *)b)->name));
}

static void
file_read(struct file *f)
{
	FILE *in;
	size_t room = 65536, got;

	if ((in = fopen(f->path, "rb")) == NULL)
		err(1, "%s", f->path);
	if ((f->p = malloc(room)) == NULL)
		err(1, NULL);
	while ((got = fread(f->p + f->n, 1, room - f->n, in)) > 0) {
		f->n += got;
		if (f->n == room && (f->p = realloc(f->p, room *= 2)) == NULL)
			err(1, NULL);
	}
	if (ferror(in))
		err(1, "%s", f->path);
	fclose(in);
}

/*
 * One literal, a source line for each line of the file.  Octal escapes have
 * three digits, so what follows cannot run into them; "?" is escaped against
 * trigraphs.
 */
static void
literal_write(const unsigned char *p, size_t n)
{
	size_t i, column = 0;

	fputs("\t\"", stdout);
	for (i = 0; i < n; i++) {
		if (p[i] == '\n') {
			fputs("\\n", stdout);
			column += 2;
		} else if (p[i] == '\t') {
			fputs("\\t", stdout);
			column += 2;
		} else if (p[i] == '"' || p[i] == '\\' || p[i] == '?') {
			printf("\\%c", p[i]);
			column += 2;
		} else if (p[i] < 0x20 || p[i] > 0x7e) {
			printf("\\%03o", p[i]);
			column += 4;
		} else {
			putchar(p[i]);
			column++;
		}
		if (i + 1 < n && (p[i] == '\n' || column > 2000)) {
			fputs("\"\n\t\"", stdout);
			column = 0;
		}
	}
	fputs("\"", stdout);
}

static void
digest_write(const struct file *files, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int mdlen = 0;
	size_t i;

	if (ctx == NULL || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
		errx(1, "no SHA-256");
	/* Name and contents, each ended by its own length, so unambiguous. */
	for (i = 0; i < n; i++) {
		char head[32];
		int len = snprintf(head, sizeof(head), " %zu\n", files[i].n);

		if (!EVP_DigestUpdate(ctx, files[i].name,
		    strlen(files[i].name)) ||
		    !EVP_DigestUpdate(ctx, head, (size_t)len) ||
		    !EVP_DigestUpdate(ctx, files[i].p, files[i].n))
			errx(1, "SHA-256 failed");
	}
	if (!EVP_DigestFinal_ex(ctx, md, &mdlen))
		errx(1, "SHA-256 failed");
	EVP_MD_CTX_free(ctx);
	fputs("\nconst char embedded_sha256[] =\n\t\"", stdout);
	for (i = 0; i < mdlen; i++)
		printf("%02x", md[i]);
	fputs("\";\n", stdout);
}

int
main(int argc, char **argv)
{
	struct file *files;
	const char *root;
	size_t rootlen, n, i;

	if (argc < 2) {
		fputs("usage: embed ROOT FILE...\n", stderr);
		return (2);
	}
	root = argv[1];
	rootlen = strlen(root);
	n = (size_t)argc - 2;
	if ((files = calloc(n + 1, sizeof(*files))) == NULL)
		err(1, NULL);
	for (i = 0; i < n; i++) {
		files[i].path = files[i].name = argv[i + 2];
		if (strncmp(files[i].path, root, rootlen) == 0 &&
		    files[i].path[rootlen] == '/')
			files[i].name += rootlen + 1;
		file_read(&files[i]);
	}
	qsort(files, n, sizeof(*files), by_name);

	puts("/* Made by tools/embed.c from rules/: do not edit. */\n"
	    "#include \"knowledge/knowledge.h\"\n\n"
	    "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n");
	for (i = 0; i < n; i++) {
		if (i > 0 && strcmp(files[i - 1].name, files[i].name) == 0)
			errx(1, "%s: given twice", files[i].name);
		printf("static const char file_%zu[] =\n", i);
		literal_write(files[i].p, files[i].n);
		puts(";\n");
	}
	puts("const struct embedded embedded_files[] = {");
	for (i = 0; i < n; i++)
		printf("\t{ \"%s\", file_%zu, sizeof(file_%zu) - 1 },\n",
		    files[i].name, i, i);
	puts("\t{ NULL, NULL, 0 }\n};");
	digest_write(files, n);
	if (fflush(stdout) != 0 || ferror(stdout))
		err(1, "standard output");
	for (i = 0; i < n; i++)
		free(files[i].p);
	free(files);
	return (0);
}
