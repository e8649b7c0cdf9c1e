/*
 * Tokens: as long as their value, with its punctuation, of the same sort of
 * letters, and with a number that says nothing of it; so a GUID stays one,
 * an address one, and Cyrillic letters stay in their code page.
 * Relies on libcrypto for bytes that look like bytes.
 */
#include <string.h>

#include <openssl/evp.h>

#include "evidence/text_scan.h"
#include "redact/internal.h"

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_hex(uint8_t c)
{
	return text_hex_digit(c) >= 0;
}

bool
is_guid(const uint8_t *p, size_t n)
{
	size_t i;

	if (n != 36)
		return false;
	for (i = 0; i < n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? p[i] != '-' :
		    !is_hex(p[i]))
			return false;
	return true;
}

/* ---- hexadecimal: GUIDs, addresses ---- */

/* The number in the last digits, `first` before, 0 between. */
static void
hex_token(struct secret *s, uint64_t number, const char *first)
{
	static const char digits[] = "0123456789abcdef";
	size_t i = s->n, k;

	while (i-- > 0)
		if (is_hex(s->value[i])) {
			s->token[i] = (uint8_t)digits[number & 15];
			number >>= 4;
		}
	for (i = k = 0; i < s->n && first[k] != '\0'; i++)
		if (is_hex(s->value[i]) && s->token[i] == '0')
			s->token[i] = (uint8_t)first[k++];
		else if (is_hex(s->value[i]))
			break;
}

/* ---- fields of decimal digits: IPv4, SID ---- */

static const unsigned int	tens[] = { 1, 10, 100, 1000 };

/* Each field keeps its width; the first is one that no network routes. */
static void
ip_token(struct secret *s, uint64_t number)
{
	static const unsigned int least[] = { 0, 10, 100 };
	static const unsigned int count[] = { 10, 90, 156 };
	static const unsigned int first[] = { 0, 10, 240 };
	size_t end = s->n, i, w;
	unsigned int v, k;

	for (i = s->n; i > 0; end = i > 0 ? --i : 0) {
		while (i > 0 && is_digit(s->value[i - 1]))
			i--;
		w = end - i;
		if (w == 0 || w > 3)
			return;
		if (i == 0)
			v = first[w - 1] + (unsigned int)(number %
			    (w == 1 ? 1 : w == 2 ? 1 : 16));
		else
			v = least[w - 1] + (unsigned int)(number %
			    count[w - 1]);
		number /= count[w - 1];
		for (k = 0; k < w; k++)
			s->token[end - 1 - k] =
			    (uint8_t)('0' + v / tens[k] % 10);
		if (i == 0)
			return;
	}
}

/* Numbers of a SID: 1, noughts, and ours in the last of them. */
static void
sid_token(struct secret *s, uint64_t number)
{
	bool start = true;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (is_digit(s->value[i]))
			s->token[i] = start ? '1' : '0';
		start = !is_digit(s->value[i]);
	}
	for (i = s->n; i-- > 0 && number > 0;)
		if (is_digit(s->value[i])) {
			s->token[i] = (uint8_t)('0' + number % 10);
			number /= 10;
		}
}

/* ---- words ---- */

/* A character of UTF-8; its length, and how many letters may stand for it. */
struct slot {
	size_t		 off, len;
	unsigned int	 radix;		/* 1: stays as it is */
};

/* The first of 16 or 32 letters in a row of the same script. */
static uint32_t
script(uint32_t c)
{
	static const struct { uint32_t from, to, first; } scripts[] = {
		{ 0xc0, 0x24f, 0xe0 }, { 0x370, 0x3ff, 0x3b1 },
		{ 0x400, 0x52f, 0x430 }, { 0x530, 0x58f, 0x561 },
		{ 0x590, 0x5ff, 0x5d0 }, { 0x600, 0x6ff, 0x628 },
		{ 0xe00, 0xe7f, 0xe01 }, { 0x3040, 0x30ff, 0x30a2 },
		{ 0x3400, 0x9fff, 0x4e00 }, { 0xac00, 0xd7a3, 0xac00 }
	};
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (c >= scripts[i].from && c <= scripts[i].to)
			return scripts[i].first;
	return 0;
}

static uint32_t
character(const uint8_t *p, size_t len)
{
	uint32_t c = len == 2 ? p[0] & 0x1f : p[0] & 0x0f;
	size_t i;

	for (i = 1; i < len; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

static void
slot_write(struct secret *s, const struct slot *slot, unsigned int digit)
{
	uint32_t c;

	if (slot->len == 1) {
		s->token[slot->off] = (uint8_t)(digit < 10 ? '0' + digit :
		    'a' + digit - 10);
		return;
	}
	c = script(character(s->value + slot->off, slot->len)) + digit;
	if (slot->len == 2) {
		s->token[slot->off] = (uint8_t)(0xc0 | c >> 6);
	} else {
		s->token[slot->off] = (uint8_t)(0xe0 | c >> 12);
		s->token[slot->off + 1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	}
	s->token[slot->off + slot->len - 1] = (uint8_t)(0x80 | (c & 0x3f));
}

#define WORD_SLOTS	64	/* of a long value the last ones */

static void
word_token(struct secret *s, uint64_t number)
{
	const char *word = secret_infos[s->kind].word;
	struct slot slots[WORD_SLOTS];
	size_t i, len, n = 0, letters, k;
	bool digits = true;
	uint64_t left = number;

	for (i = 0; i < s->n; i += len) {
		uint8_t c = s->value[i];

		len = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		if (len > s->n - i)
			len = 1;
		if (len == 1 && !is_digit(c) && !is_letter(c))
			continue;
		if ((len > 1 && script(character(s->value + i, len)) == 0) ||
		    len == 4)
			continue;
		digits = digits && is_digit(c);
		if (n == WORD_SLOTS) {	/* what is far in front is nought */
			slot_write(s, &slots[0], 0);
			memmove(slots, slots + 1, (n - 1) * sizeof(slots[0]));
			n--;
		}
		slots[n++] = (struct slot){ i, len, 0 };
	}
	/* Few places need more than ten digits each. */
	for (i = 0; i < n; i++)
		slots[i].radix = slots[i].len > 1 ? 16 : digits ? 10 :
		    n < 6 ? 36 : 10;
	for (i = n; i-- > 0; left /= slots[i].radix)
		slot_write(s, &slots[i], (unsigned int)(left %
		    slots[i].radix));
	if (digits && n > 3) {
		if (s->token[slots[0].off] == '0')
			s->token[slots[0].off] = '9';
		return;
	}
	letters = n > 4 ? n - 3 : 0;
	for (i = k = 0; i < letters && word[k] != '\0' && !digits; i++)
		if (slots[i].len == 1 && s->token[slots[i].off] == '0')
			s->token[slots[i].off] = (uint8_t)word[k++];
}

/* ---- bytes ---- */

/* From the number alone. */
static void
bytes_token(struct secret *s, uint64_t number)
{
	uint8_t seed[16], digest[32];
	size_t i, k, n;

	for (i = 0; i < s->n; i += n) {
		for (k = 0; k < 8; k++) {
			seed[k] = (uint8_t)(number >> 8 * k);
			seed[8 + k] = (uint8_t)(i >> 8 * k);
		}
		seed[15] = (uint8_t)s->kind;
		n = s->n - i < sizeof(digest) ? s->n - i : sizeof(digest);
		if (EVP_Digest(seed, sizeof(seed), digest, NULL, EVP_sha256(),
		    NULL) != 1)
			memset(digest, (int)number, sizeof(digest));
		memcpy(s->token + i, digest, n);
	}
	/* A DER INTEGER keeps its sign and its length; a modulus is odd. */
	s->token[0] = (s->token[0] & 0x7f) | (s->value[0] & 0x80) | 1;
	if (s->kind == SECRET_KEY)
		s->token[s->n - 1] |= 1;
}

void
token_make(struct secret *s, uint64_t number)
{
	memcpy(s->token, s->value, s->n);
	if (s->binary)
		bytes_token(s, number);
	else if (s->kind == SECRET_GUID && is_guid(s->value, s->n))
		hex_token(s, number, "dead");
	else if (s->kind == SECRET_MAC)
		hex_token(s, number, "02");
	else if (s->kind == SECRET_IP && memchr(s->value, ':', s->n) != NULL)
		hex_token(s, number, "fd");
	else if (s->kind == SECRET_IP)
		ip_token(s, number);
	else if (s->kind == SECRET_SID)
		sid_token(s, number);
	else
		word_token(s, number);
}

size_t
token_bytes(enum secret_kind kind, const uint8_t *p, size_t n,
    unsigned int variant, uint8_t ret[16])
{
	static const uint8_t mixed[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11,
	    12, 13, 14, 15 };
	uint8_t b[16] = { 0 };
	uint64_t v = 0;
	size_t i, k = 0;

	if ((kind == SECRET_GUID && is_guid(p, n)) ||
	    (kind == SECRET_MAC && variant == 0)) {
		for (i = 0; i < n && k < 32; i++)
			if (is_hex(p[i])) {
				b[k / 2] = (uint8_t)(b[k / 2] << 4 |
				    text_hex_digit(p[i]));
				k++;
			}
		for (i = 0; i < 16; i++)
			ret[i] = kind == SECRET_GUID && variant == 0 ?
			    b[mixed[i]] : b[i];
		return k / 2;
	}
	if (kind != SECRET_SID || variant != 0)
		return 0;
	for (i = 0; i <= n; i++) {
		if (i < n && is_digit(p[i])) {
			v = v * 10 + (p[i] - '0');
			continue;
		}
		if (k > 12 || v > UINT32_MAX)
			return 0;
		ret[k++] = (uint8_t)v;
		ret[k++] = (uint8_t)(v >> 8);
		ret[k++] = (uint8_t)(v >> 16);
		ret[k++] = (uint8_t)(v >> 24);
		v = 0;
	}
	return k;
}
