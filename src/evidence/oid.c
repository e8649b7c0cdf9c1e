/*
 * The table of object identifiers that certificates and messages of the
 * enrolment use.  Relies on nothing else; RFC 3279, 3370, 3565, 4055, 5758.
 */
#include <string.h>

#include "evidence/oid.h"

static const struct {
	const char	*dotted, *name;
	const char	*digest;	/* of a signature algorithm */
} oids[] = {
	/* digests; named as OpenSSL fetches them */
	{ "1.2.840.113549.2.2", "md2", NULL },
	{ "1.2.840.113549.2.4", "md4", NULL },
	{ "1.2.840.113549.2.5", "md5", NULL },
	{ "1.3.14.3.2.26", "sha1", NULL },
	{ "2.16.840.1.101.3.4.2.4", "sha224", NULL },
	{ "2.16.840.1.101.3.4.2.1", "sha256", NULL },
	{ "2.16.840.1.101.3.4.2.2", "sha384", NULL },
	{ "2.16.840.1.101.3.4.2.3", "sha512", NULL },
	{ "2.16.840.1.101.3.4.2.8", "sha3-256", NULL },
	{ "2.16.840.1.101.3.4.2.9", "sha3-384", NULL },
	{ "2.16.840.1.101.3.4.2.10", "sha3-512", NULL },
	/* signatures */
	{ "1.2.840.113549.1.1.2", "md2WithRSAEncryption", "md2" },
	{ "1.2.840.113549.1.1.3", "md4WithRSAEncryption", "md4" },
	{ "1.2.840.113549.1.1.4", "md5WithRSAEncryption", "md5" },
	{ "1.2.840.113549.1.1.5", "sha1WithRSAEncryption", "sha1" },
	{ "1.3.14.3.2.29", "sha1WithRSA", "sha1" },
	{ "1.2.840.113549.1.1.14", "sha224WithRSAEncryption", "sha224" },
	{ "1.2.840.113549.1.1.11", "sha256WithRSAEncryption", "sha256" },
	{ "1.2.840.113549.1.1.12", "sha384WithRSAEncryption", "sha384" },
	{ "1.2.840.113549.1.1.13", "sha512WithRSAEncryption", "sha512" },
	{ "1.2.840.113549.1.1.10", "rsassaPss", NULL },
	{ "1.2.840.10045.4.1", "ecdsa-with-SHA1", "sha1" },
	{ "1.2.840.10045.4.3.1", "ecdsa-with-SHA224", "sha224" },
	{ "1.2.840.10045.4.3.2", "ecdsa-with-SHA256", "sha256" },
	{ "1.2.840.10045.4.3.3", "ecdsa-with-SHA384", "sha384" },
	{ "1.2.840.10045.4.3.4", "ecdsa-with-SHA512", "sha512" },
	{ "1.2.840.10040.4.3", "dsa-with-SHA1", "sha1" },
	{ "2.16.840.1.101.3.4.3.2", "dsa-with-SHA256", "sha256" },
	{ "1.2.156.10197.1.501", "sm2-with-SM3", "sm3" },
	/* keys and key transport */
	{ "1.2.840.113549.1.1.1", "rsaEncryption", NULL },
	{ "1.2.840.113549.1.1.7", "rsaesOaep", NULL },
	{ "1.2.840.10045.2.1", "ecPublicKey", NULL },
	{ "1.2.840.10040.4.1", "dsa", NULL },
	{ "1.3.101.110", "X25519", NULL },
	{ "1.3.101.111", "X448", NULL },
	{ "1.3.101.112", "Ed25519", NULL },
	{ "1.3.101.113", "Ed448", NULL },
	/* curves */
	{ "1.2.840.10045.3.1.1", "P-192", NULL },
	{ "1.3.132.0.33", "P-224", NULL },
	{ "1.2.840.10045.3.1.7", "P-256", NULL },
	{ "1.3.132.0.34", "P-384", NULL },
	{ "1.3.132.0.35", "P-521", NULL },
	{ "1.3.132.0.10", "secp256k1", NULL },
	{ "1.2.156.10197.1.301", "SM2", NULL },
	{ "1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", NULL },
	{ "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", NULL },
	/* ciphers */
	{ "1.3.14.3.2.7", "des-cbc", NULL },
	{ "1.2.840.113549.3.2", "rc2-cbc", NULL },
	{ "1.2.840.113549.3.4", "rc4", NULL },
	{ "1.2.840.113549.3.7", "des-ede3-cbc", NULL },
	{ "2.16.840.1.101.3.4.1.2", "aes-128-cbc", NULL },
	{ "2.16.840.1.101.3.4.1.6", "aes-128-gcm", NULL },
	{ "2.16.840.1.101.3.4.1.22", "aes-192-cbc", NULL },
	{ "2.16.840.1.101.3.4.1.26", "aes-192-gcm", NULL },
	{ "2.16.840.1.101.3.4.1.42", "aes-256-cbc", NULL },
	{ "2.16.840.1.101.3.4.1.46", "aes-256-gcm", NULL },
	/* content types */
	{ "1.2.840.113549.1.7.1", "data", NULL },
	{ "1.2.840.113549.1.7.2", "signedData", NULL },
	{ "1.2.840.113549.1.7.3", "envelopedData", NULL },
	{ "1.2.840.113549.1.7.4", "signedAndEnvelopedData", NULL },
	{ "1.2.840.113549.1.7.5", "digestedData", NULL },
	{ "1.2.840.113549.1.7.6", "encryptedData", NULL },
	{ "1.3.6.1.4.1.311.10.1", "certificateTrustList", NULL },
};

const char *
oid_name(const char *dotted)
{
	size_t i;

	for (i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		if (strcmp(oids[i].dotted, dotted) == 0)
			return oids[i].name;
	return NULL;
}

const char *
oid_show(const struct der *oid, char buf[OID_SIZE])
{
	const char *name;

	if (!der_oid(oid, buf, OID_SIZE))
		return "?";
	name = oid_name(buf);
	return name != NULL ? name : buf;
}

const char *
oid_signature_digest(const char *dotted)
{
	size_t i;

	for (i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		if (strcmp(oids[i].dotted, dotted) == 0)
			return oids[i].digest;
	return NULL;
}
