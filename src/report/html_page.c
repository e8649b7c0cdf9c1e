/*
 * The frame of an HTML page.  Style sheet and script are allowed by their
 * SHA-256 alone, so what a hostile capture may slip in can neither run nor
 * fetch.  Relies on OpenSSL for digests.
 */
#include "report/html_page.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

/* Says "copied" beside the button, or selects the text to be copied by hand. */
static const char	script[] =
"\"use strict\";\n"
"for(const b of document.querySelectorAll(\"button[data-copy]\")){\n"
"const text=document.getElementById(b.dataset.copy);\n"
"const say=b.nextElementSibling;\n"
"b.hidden=false;\n"
"b.addEventListener(\"click\",async()=>{\n"
"let done=false;\n"
"try{await navigator.clipboard.writeText(text.textContent);done=true}\n"
"catch(e){const r=document.createRange(),s=getSelection();\n"
"r.selectNodeContents(text);s.removeAllRanges();s.addRange(r);\n"
"try{done=document.execCommand(\"copy\")}catch(e){done=false}}\n"
"say.textContent=done?\"Copied\":\"Selected: press Ctrl+C\"})}\n";

/* "sha256-BASE64" as the policy wants it; buf of 64 bytes. */
static const char *
digest(const char *text, char buf[64])
{
	unsigned char	md[EVP_MAX_MD_SIZE];
	unsigned int	n = 0;
	int		ok;

	ok = EVP_Digest(text, strlen(text), md, &n, EVP_sha256(), NULL);
	assert(ok == 1 && n == 32);
	(void)ok;
	memcpy(buf, "sha256-", 7);
	EVP_EncodeBlock((unsigned char *)buf + 7, md, (int)n);
	return buf;
}

void
html_begin_more(FILE *f, const char *title, const char *version,
    const char *more_style, const char *more_script)
{
	char	hash[64];

	(void)fprintf(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; style-src '%s'", digest(html_style, hash));
	if (more_style != NULL)
		(void)fprintf(f, " '%s'", digest(more_style, hash));
	(void)fprintf(f, "; script-src '%s'", digest(script, hash));
	if (more_script != NULL)
		(void)fprintf(f, " '%s'", digest(more_script, hash));
	(void)fputs("; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"generator\" content=\"aiktriage ", f);
	html_str(f, version);
	(void)fputs("\">\n<title>", f);
	html_str(f, title);
	(void)fprintf(f, "</title>\n<style>%s</style>\n", html_style);
	if (more_style != NULL)
		(void)fprintf(f, "<style>%s</style>\n", more_style);
	(void)fputs("</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n", f);
}

void
html_begin(FILE *f, const char *title, const char *version)
{
	html_begin_more(f, title, version, NULL, NULL);
}

void
html_copy(FILE *f, const char *id, const char *label, const char *text)
{
	size_t	n;

	(void)fputs("<p><button type=\"button\" hidden data-copy=\"", f);
	html_str(f, id);
	(void)fputs("\">Copy</button> <span role=\"status\"></span></p>\n"
	    "<div class=\"scroll\"><pre tabindex=\"0\" role=\"group\" id=\"",
	    f);
	html_str(f, id);
	(void)fputs("\" aria-label=\"", f);
	html_str(f, label);
	(void)fputs("\">", f);
	/* A line feed is hidden in text, but lines are wanted here. */
	for (; *text != '\0'; text += n) {
		n = strcspn(text, "\n");
		html_text(f, text, n);
		if (text[n] == '\n') {
			(void)fputc('\n', f);
			n++;
		}
	}
	(void)fputs("</pre></div>\n", f);
}

void
html_table(FILE *f, const char *label, const char *const columns[],
    size_t ncolumns)
{
	size_t	i;

	(void)fputs("<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"", f);
	html_str(f, label);
	(void)fputs("\"><table><thead><tr>", f);
	for (i = 0; i < ncolumns; i++) {
		(void)fputs("<th scope=\"col\">", f);
		html_str(f, columns[i]);
		(void)fputs("</th>", f);
	}
	(void)fputs("</tr></thead><tbody>\n", f);
}

void
html_table_end(FILE *f)
{
	(void)fputs("</tbody></table></div>\n", f);
}

void
html_end(FILE *f)
{
	(void)fprintf(f, "<script>%s</script>\n</body>\n</html>\n", script);
}
