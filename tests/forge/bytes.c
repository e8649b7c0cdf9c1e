/*
 * Growing buffers, randomness that depends on a seed and a label only, and
 * the forms in which times are written.
 * Relies on SHA-256 of libcrypto and on nothing of the clock.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "forge.h"

#include <openssl/rand.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t	seed_digest[32];

const char	*die_where;

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("forge: ", stderr);
	if (die_where != NULL)
		fprintf(stderr, "%s: ", die_where);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void *
xcalloc(size_t n, size_t size)
{
	void *p;

	p = calloc(n ? n : 1, size ? size : 1);
	if (p == NULL)
		die("out of memory");
	return p;
}

char *
xstrdup(const char *s)
{
	char *p;

	p = xcalloc(strlen(s) + 1, 1);
	memcpy(p, s, strlen(s));
	return p;
}

static void
buf_room(struct buf *b, size_t n)
{
	if (b->cap - b->n >= n)
		return;
	b->cap = (b->n + n) * 2 + 64;
	b->p = realloc(b->p, b->cap);
	if (b->p == NULL)
		die("out of memory");
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	buf_room(b, n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
buf_add(struct buf *b, const struct buf *more)
{
	buf_put(b, more->p, more->n);
}

void
buf_byte(struct buf *b, unsigned c)
{
	uint8_t octet = (uint8_t)c;

	buf_put(b, &octet, 1);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	buf_room(b, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void
buf_insert(struct buf *b, size_t at, const void *p, size_t n)
{
	buf_room(b, n);
	memmove(b->p + at + n, b->p + at, b->n - at);
	memcpy(b->p + at, p, n);
	b->n += n;
}

void
buf_le(struct buf *b, uint64_t v, unsigned octets)
{
	unsigned i;

	for (i = 0; i < octets; i++)
		buf_byte(b, (unsigned)(v >> (8 * i)) & 0xff);
}

void
buf_be(struct buf *b, uint64_t v, unsigned octets)
{
	while (octets-- > 0)
		buf_byte(b, (unsigned)(v >> (8 * octets)) & 0xff);
}

void
buf_free(struct buf *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

void
buf_read_file(struct buf *b, const char *path)
{
	uint8_t block[8192];
	size_t n;
	FILE *f;

	f = fopen(path, "rb");
	if (f == NULL)
		die("%s: cannot be read", path);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_put(b, block, n);
	fclose(f);
}

void
buf_write_file(const struct buf *b, const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s%s", dir ? dir : "", dir ? "/" : "",
	    name);
	f = fopen(path, "wb");
	if (f == NULL || (b->n > 0 && fwrite(b->p, 1, b->n, f) != b->n) ||
	    fclose(f) != 0)
		die("%s: cannot be written", path);
}

unsigned
be16(const uint8_t *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

void
hex_put(const void *p, size_t n, bool upper, char *ret)
{
	const uint8_t *octets = p;
	size_t i;

	for (i = 0; i < n; i++)
		sprintf(ret + 2 * i, upper ? "%02X" : "%02x", octets[i]);
	ret[2 * n] = '\0';
}

size_t
hex_get(const char *s, uint8_t *ret, size_t max)
{
	size_t i, n = strlen(s) / 2;
	unsigned v;

	if (n > max)
		die("%s: more than %zu bytes of hex", s, max);
	for (i = 0; i < n; i++) {
		if (sscanf(s + 2 * i, "%2x", &v) != 1)
			die("%s: not hex", s);
		ret[i] = (uint8_t)v;
	}
	return n;
}

void
rng_seed(const char *seed)
{
	unsigned n;

	EVP_Digest(seed, strlen(seed), seed_digest, &n, EVP_sha256(), NULL);
}

void
rng_bytes(const char *label, unsigned index, void *p, size_t n)
{
	uint8_t *out = p, block[32];
	struct buf b = { NULL, 0, 0 };
	unsigned counter, len;
	size_t take;

	for (counter = 0; n > 0; counter++) {
		b.n = 0;
		buf_put(&b, seed_digest, sizeof(seed_digest));
		buf_printf(&b, "%s/%u/%u", label, index, counter);
		EVP_Digest(b.p, b.n, block, &len, EVP_sha256(), NULL);
		take = n < sizeof(block) ? n : sizeof(block);
		memcpy(out, block, take);
		out += take;
		n -= take;
	}
	buf_free(&b);
}

unsigned
rng_below(const char *label, unsigned index, unsigned limit)
{
	uint8_t b[4];

	rng_bytes(label, index, b, sizeof(b));
	return ((unsigned)b[0] << 24 | (unsigned)b[1] << 16 |
	    (unsigned)b[2] << 8 | b[3]) % limit;
}

void
rng_guid(const char *label, unsigned index, char ret[37])
{
	uint8_t b[16];
	char hex[33];

	rng_bytes(label, index, b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	hex_put(b, sizeof(b), false, hex);
	snprintf(ret, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
	    hex + 16, hex + 20);
}

/* What OpenSSL itself draws (OAEP seeds, ECDSA nonces) is seeded as well. */
static unsigned	openssl_calls;

static int
openssl_bytes(unsigned char *p, int n)
{
	rng_bytes("openssl", openssl_calls++, p, (size_t)n);
	return 1;
}

static int
openssl_status(void)
{
	return 1;
}

void
rng_openssl(void)
{
	static RAND_METHOD method;

	method.bytes = openssl_bytes;
	method.pseudorand = openssl_bytes;
	method.status = openssl_status;
	openssl_calls = 0;
	RAND_set_rand_method(&method);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t
days_of(int y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* RFC 3339: "2023-03-29T14:05:10+02:00" or "...Z". */
bool
time_parse(const char *s, int64_t *ret_us, int *ret_zone_min)
{
	int y, mo, d, h, mi, sec, zh, zm, zone = 0, used = 0;
	char sign;

	*ret_us = 0;
	if (sscanf(s, "%d-%d-%dT%d:%d:%d%n", &y, &mo, &d, &h, &mi, &sec,
	    &used) != 6)
		return false;
	if (sscanf(s + used, "%c%d:%d", &sign, &zh, &zm) == 3)
		zone = (zh * 60 + zm) * (sign == '-' ? -1 : 1);
	else if (strcmp(s + used, "Z") != 0)
		return false;
	*ret_us = ((days_of(y, mo, d) * 24 + h) * 60 + mi - zone) * 60 *
	    SECOND + sec * SECOND;
	if (ret_zone_min != NULL)
		*ret_zone_min = zone;
	return true;
}

/* ret: year, month, day, hour, minute, second, day of the week (0 Sunday) */
void
time_civil(int64_t us, int ret[7])
{
	int64_t s = us / SECOND, days = s / 86400, rest = s % 86400;
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe, doy, mp;

	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	ret[2] = (int)(doy - (153 * mp + 2) / 5 + 1);
	ret[1] = (int)(mp < 10 ? mp + 3 : mp - 9);
	ret[0] = (int)(yoe + era * 400 + (ret[1] <= 2));
	ret[3] = (int)(rest / 3600);
	ret[4] = (int)(rest / 60 % 60);
	ret[5] = (int)(rest % 60);
	ret[6] = (int)((days + 4) % 7);
}

void
time_http(int64_t us, char *ret, size_t n)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int t[7];

	time_civil(us, t);
	snprintf(ret, n, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	    days + 3 * t[6], t[2], months + 3 * (t[1] - 1), t[0], t[3], t[4],
	    t[5]);
}

/* .NET round-trip form with 7 digits, trailing zeros trimmed, at least 3. */
void
time_roundtrip(int64_t us, int zone_min, char *ret, size_t n)
{
	int t[7], abs_zone = zone_min < 0 ? -zone_min : zone_min;
	char fraction[16];
	size_t len;

	time_civil(us + zone_min * 60 * SECOND, t);
	snprintf(fraction, sizeof(fraction), "%06d%d", (int)(us % SECOND),
	    (int)(us / 7 % 10));
	for (len = 7; len > 3 && fraction[len - 1] == '0'; len--)
		fraction[len - 1] = '\0';
	snprintf(ret, n, "%04d-%02d-%02dT%02d:%02d:%02d.%s%c%02d:%02d", t[0],
	    t[1], t[2], t[3], t[4], t[5], fraction, zone_min < 0 ? '-' : '+',
	    abs_zone / 60, abs_zone % 60);
}
