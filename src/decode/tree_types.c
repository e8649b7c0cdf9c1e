/*
 * The grammar of the tree: which members the structures of certificates, CMS,
 * SCEP and the AIK enrolment have, and which type an object identifier brings
 * with it.  Relies on tree.h; RFC 5280, 5652, 2986, 5958, 7292, 8894, 4055,
 * TCG EK Credential Profile, Microsoft's wincrypt.h.
 */
#include <string.h>

#include "decode/tree_types.h"

#define OPT	MEMBER_OPTIONAL
#define EXPL	MEMBER_EXPLICIT
#define END	{ NULL, DER_UNIVERSAL, 0, 0, NULL }

/* A member by universal tag, by context tag, of any tag. */
#define U(name, tag, flags, type)	{ name, DER_UNIVERSAL, tag, flags, type }
#define C(name, tag, flags, type)	{ name, DER_CONTEXT, tag, flags, type }
#define A(name, flags, type)	{ name, DER_UNIVERSAL, TAG_ANY, flags, type }

#define SEQUENCE(id, text, ...)						\
	static const struct tree_member id##_members[] = {		\
	    __VA_ARGS__, END };						\
	const struct tree_type type_##id = { .name = text,		\
	    .shape = SHAPE_SEQUENCE, .tag = DER_SEQUENCE,		\
	    .members = id##_members }
#define SEQUENCE_SHOWN(id, text, function, ...)				\
	static const struct tree_member id##_members[] = {		\
	    __VA_ARGS__, END };						\
	const struct tree_type type_##id = { .name = text,		\
	    .shape = SHAPE_SEQUENCE, .tag = DER_SEQUENCE,		\
	    .members = id##_members, .show = function }
#define SET_MEMBERS(id, text, ...)					\
	static const struct tree_member id##_members[] = {		\
	    __VA_ARGS__, END };						\
	const struct tree_type type_##id = { .name = text,		\
	    .shape = SHAPE_SEQUENCE, .tag = DER_SET,			\
	    .members = id##_members }
#define OF(id, text, what, element)					\
	const struct tree_type type_##id = { .name = text,		\
	    .shape = SHAPE_OF, .tag = what, .of = element }
#define CHOICE(id, ...)							\
	static const struct tree_member id##_members[] = {		\
	    __VA_ARGS__, END };						\
	const struct tree_type type_##id = { .shape = SHAPE_CHOICE,	\
	    .members = id##_members }
#define PRIMITIVE(id, what, ...)					\
	const struct tree_type type_##id = {				\
	    .shape = SHAPE_PRIMITIVE, .tag = what, __VA_ARGS__ }

/* ---- primitives ---- */

PRIMITIVE(octets, DER_OCTET_STRING, .of = NULL);
PRIMITIVE(opaque, DER_OCTET_STRING, .opaque = true);
PRIMITIVE(ciphertext, DER_OCTET_STRING, .opaque = true,
    .show = show_ciphertext);
PRIMITIVE(digest, DER_OCTET_STRING, .opaque = true, .show = show_length);
PRIMITIVE(nonce, DER_OCTET_STRING, .opaque = true, .show = show_nonce);
PRIMITIVE(integer, DER_INTEGER, .of = NULL);
PRIMITIVE(boolean, DER_BOOLEAN, .of = NULL);
PRIMITIVE(oid, DER_OID, .of = NULL);
PRIMITIVE(time, DER_GENERALIZED_TIME, .of = NULL);
PRIMITIVE(bits, DER_BIT_STRING, .opaque = true);
PRIMITIVE(signature_bits, DER_BIT_STRING, .of = &type_ecdsa_signature);
PRIMITIVE(signature_octets, DER_OCTET_STRING, .of = &type_ecdsa_signature);
PRIMITIVE(ia5, DER_IA5_STRING, .of = NULL);
PRIMITIVE(utf8, DER_UTF8_STRING, .of = NULL);
PRIMITIVE(null, DER_NULL, .of = NULL);
PRIMITIVE(ip, DER_OCTET_STRING, .opaque = true, .show = show_ip);
PRIMITIVE(serial, DER_INTEGER, .show = show_serial);
const struct tree_type type_open = { .shape = SHAPE_OPEN };
/* A string with what the identifier before it says, or else anything. */
PRIMITIVE(open_octets, DER_OCTET_STRING, .of = &type_open);
PRIMITIVE(extension_value, DER_OCTET_STRING, .of = &type_open, .holds = true);

static const struct named versions_x509[] = {
	{ 0, "v1" }, { 1, "v2" }, { 2, "v3" }, { 0, NULL }
};
PRIMITIVE(version_x509, DER_INTEGER, .named = versions_x509);

SEQUENCE(ecdsa_signature, "ECDSA-Sig-Value",
    U("r", DER_INTEGER, 0, NULL), U("s", DER_INTEGER, 0, NULL));

/* ---- names and algorithms ---- */

SEQUENCE_SHOWN(algorithm, "AlgorithmIdentifier", show_oid_name,
    U("algorithm", DER_OID, 0, NULL), A("parameters", OPT, &type_open));
OF(algorithms, NULL, DER_SET, &type_algorithm);
SEQUENCE_SHOWN(attribute_value, "AttributeTypeAndValue", show_oid_name,
    U("type", DER_OID, 0, NULL), A("value", 0, &type_open));
OF(rdn, "RelativeDistinguishedName", DER_SET, &type_attribute_value);
const struct tree_type type_name = { .name = "Name", .shape = SHAPE_OF,
    .tag = DER_SEQUENCE, .of = &type_rdn, .show = show_name };
SEQUENCE_SHOWN(attribute, "Attribute", show_oid_name,
    U("attrType", DER_OID, 0, NULL), U("attrValues", DER_SET, 0,
    &type_attribute_values));
OF(attribute_values, NULL, DER_SET, &type_open);
OF(attributes, "Attributes", DER_SET, &type_attribute);
SEQUENCE(issuer_serial, "IssuerAndSerialNumber",
    U("issuer", DER_SEQUENCE, 0, &type_name),
    U("serialNumber", DER_INTEGER, 0, &type_serial));
SEQUENCE(issuer_subject, "IssuerAndSubject",
    U("issuer", DER_SEQUENCE, 0, &type_name),
    U("subject", DER_SEQUENCE, 0, &type_name));

SEQUENCE(other_name, "OtherName",
    U("type-id", DER_OID, 0, NULL), C("value", 0, EXPL, &type_open));
CHOICE(general_name,
    C("otherName", 0, 0, &type_other_name),
    C("rfc822Name", 1, 0, &type_ia5),
    C("dNSName", 2, 0, &type_ia5),
    C("x400Address", 3, 0, NULL),
    C("directoryName", 4, EXPL, &type_name),
    C("ediPartyName", 5, 0, NULL),
    C("uniformResourceIdentifier", 6, 0, &type_ia5),
    C("iPAddress", 7, 0, &type_ip),
    C("registeredID", 8, 0, &type_oid));
OF(general_names, "GeneralNames", DER_SEQUENCE, &type_general_name);

/* ---- keys ---- */

PRIMITIVE(public_key, DER_BIT_STRING, .of = &type_rsa_public);
SEQUENCE_SHOWN(spki, "SubjectPublicKeyInfo", show_spki,
    U("algorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("subjectPublicKey", DER_BIT_STRING, 0, &type_public_key));
SEQUENCE(rsa_public, "RSAPublicKey",
    U("modulus", DER_INTEGER, 0, NULL),
    U("publicExponent", DER_INTEGER, 0, NULL));
SEQUENCE(rsa_private, "RSAPrivateKey",
    U("version", DER_INTEGER, 0, NULL), U("modulus", DER_INTEGER, 0, NULL),
    U("publicExponent", DER_INTEGER, 0, NULL),
    U("privateExponent", DER_INTEGER, 0, NULL),
    U("prime1", DER_INTEGER, 0, NULL), U("prime2", DER_INTEGER, 0, NULL),
    U("exponent1", DER_INTEGER, 0, NULL),
    U("exponent2", DER_INTEGER, 0, NULL),
    U("coefficient", DER_INTEGER, 0, NULL));
PRIMITIVE(private_octets, DER_OCTET_STRING, .of = NULL);
SEQUENCE(private_key, "PrivateKeyInfo",
    U("version", DER_INTEGER, 0, NULL),
    U("privateKeyAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("privateKey", DER_OCTET_STRING, 0, &type_private_octets),
    C("attributes", 0, OPT, &type_attributes),
    C("publicKey", 1, OPT, &type_bits));
SEQUENCE(encrypted_key, "EncryptedPrivateKeyInfo",
    U("encryptionAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("encryptedData", DER_OCTET_STRING, 0, &type_ciphertext));
SEQUENCE(digest_info, "DigestInfo",
    U("digestAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("digest", DER_OCTET_STRING, 0, &type_digest));
SEQUENCE(pkcs12, "PFX",
    U("version", DER_INTEGER, 0, NULL),
    U("authSafe", DER_SEQUENCE, 0, &type_content_info),
    U("macData", DER_SEQUENCE, OPT, &type_mac_data));
SEQUENCE(mac_data, "MacData",
    U("mac", DER_SEQUENCE, 0, &type_digest_info),
    U("macSalt", DER_OCTET_STRING, 0, &type_opaque),
    U("iterations", DER_INTEGER, OPT, NULL));

/* Algorithm parameters. */
SEQUENCE(pss, "RSASSA-PSS-params",
    C("hashAlgorithm", 0, OPT | EXPL, &type_algorithm),
    C("maskGenAlgorithm", 1, OPT | EXPL, &type_algorithm),
    C("saltLength", 2, OPT | EXPL, &type_integer),
    C("trailerField", 3, OPT | EXPL, &type_integer));
SEQUENCE(oaep, "RSAES-OAEP-params",
    C("hashFunc", 0, OPT | EXPL, &type_algorithm),
    C("maskGenFunc", 1, OPT | EXPL, &type_algorithm),
    C("pSourceFunc", 2, OPT | EXPL, &type_algorithm));
PRIMITIVE(iv, DER_OCTET_STRING, .opaque = true, .show = show_iv);
SEQUENCE(rc2, "RC2-CBC-Parameter",
    U("rc2ParameterVersion", DER_INTEGER, OPT, NULL),
    U("iv", DER_OCTET_STRING, 0, &type_iv));
SEQUENCE(gcm, "GCMParameters",
    U("nonce", DER_OCTET_STRING, 0, &type_opaque),
    U("icvLen", DER_INTEGER, OPT, NULL));
SEQUENCE(pbkdf2, "PBKDF2-params",
    A("salt", 0, NULL), U("iterationCount", DER_INTEGER, 0, NULL),
    U("keyLength", DER_INTEGER, OPT, NULL),
    U("prf", DER_SEQUENCE, OPT, &type_algorithm));
SEQUENCE(pbes2, "PBES2-params",
    U("keyDerivationFunc", DER_SEQUENCE, 0, &type_algorithm),
    U("encryptionScheme", DER_SEQUENCE, 0, &type_algorithm));

/* ---- certificates ---- */

SEQUENCE(validity, "Validity",
    A("notBefore", 0, NULL), A("notAfter", 0, NULL));
SEQUENCE_SHOWN(extension, "Extension", show_extension,
    U("extnID", DER_OID, 0, NULL), U("critical", DER_BOOLEAN, OPT, NULL),
    U("extnValue", DER_OCTET_STRING, 0, &type_extension_value));
OF(extensions, "Extensions", DER_SEQUENCE, &type_extension);
SEQUENCE(tbs, "TBSCertificate",
    C("version", 0, OPT | EXPL, &type_version_x509),
    U("serialNumber", DER_INTEGER, 0, &type_serial),
    U("signature", DER_SEQUENCE, 0, &type_algorithm),
    U("issuer", DER_SEQUENCE, 0, &type_name),
    U("validity", DER_SEQUENCE, 0, &type_validity),
    U("subject", DER_SEQUENCE, 0, &type_name),
    U("subjectPublicKeyInfo", DER_SEQUENCE, 0, &type_spki),
    C("issuerUniqueID", 1, OPT, &type_bits),
    C("subjectUniqueID", 2, OPT, &type_bits),
    C("extensions", 3, OPT | EXPL, &type_extensions));
SEQUENCE_SHOWN(certificate, "Certificate", show_certificate,
    U("tbsCertificate", DER_SEQUENCE, 0, &type_tbs),
    U("signatureAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("signatureValue", DER_BIT_STRING, 0, &type_signature_bits));
SEQUENCE(revoked, NULL,
    U("userCertificate", DER_INTEGER, 0, &type_serial),
    A("revocationDate", 0, NULL),
    U("crlEntryExtensions", DER_SEQUENCE, OPT, &type_extensions));
OF(revoked_list, NULL, DER_SEQUENCE, &type_revoked);
CHOICE(time_choice,
    U("utcTime", DER_UTC_TIME, 0, NULL),
    U("generalTime", DER_GENERALIZED_TIME, 0, NULL));
SEQUENCE(tbs_crl, "TBSCertList",
    U("version", DER_INTEGER, OPT, &type_version_x509),
    U("signature", DER_SEQUENCE, 0, &type_algorithm),
    U("issuer", DER_SEQUENCE, 0, &type_name),
    A("thisUpdate", 0, &type_time_choice),
    A("nextUpdate", OPT, &type_time_choice),
    U("revokedCertificates", DER_SEQUENCE, OPT, &type_revoked_list),
    C("crlExtensions", 0, OPT | EXPL, &type_extensions));
SEQUENCE(crl, "CertificateList",
    U("tbsCertList", DER_SEQUENCE, 0, &type_tbs_crl),
    U("signatureAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("signatureValue", DER_BIT_STRING, 0, &type_signature_bits));
SEQUENCE(request_info, "CertificationRequestInfo",
    U("version", DER_INTEGER, 0, &type_version_x509),
    U("subject", DER_SEQUENCE, 0, &type_name),
    U("subjectPKInfo", DER_SEQUENCE, 0, &type_spki),
    C("attributes", 0, OPT, &type_attributes));
SEQUENCE_SHOWN(request, "CertificationRequest", show_request,
    U("certificationRequestInfo", DER_SEQUENCE, 0, &type_request_info),
    U("signatureAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("signature", DER_BIT_STRING, 0, &type_signature_bits));

/* Extensions. */
static const struct named key_usages[] = {
	{ 0, "digitalSignature" }, { 1, "nonRepudiation" },
	{ 2, "keyEncipherment" }, { 3, "dataEncipherment" },
	{ 4, "keyAgreement" }, { 5, "keyCertSign" }, { 6, "cRLSign" },
	{ 7, "encipherOnly" }, { 8, "decipherOnly" }, { 0, NULL }
};
static const struct named reason_bits[] = {
	{ 1, "keyCompromise" }, { 2, "cACompromise" },
	{ 3, "affiliationChanged" }, { 4, "superseded" },
	{ 5, "cessationOfOperation" }, { 6, "certificateHold" },
	{ 7, "privilegeWithdrawn" }, { 8, "aACompromise" }, { 0, NULL }
};
static const struct named reasons[] = {
	{ 0, "unspecified" }, { 1, "keyCompromise" }, { 2, "cACompromise" },
	{ 3, "affiliationChanged" }, { 4, "superseded" },
	{ 5, "cessationOfOperation" }, { 6, "certificateHold" },
	{ 8, "removeFromCRL" }, { 9, "privilegeWithdrawn" },
	{ 10, "aACompromise" }, { 0, NULL }
};
static const struct named netscape_types[] = {
	{ 0, "SSL client" }, { 1, "SSL server" }, { 2, "S/MIME" },
	{ 3, "object signing" }, { 5, "SSL CA" }, { 6, "S/MIME CA" },
	{ 7, "object signing CA" }, { 0, NULL }
};
PRIMITIVE(key_usage, DER_BIT_STRING, .named = key_usages);
PRIMITIVE(reason_flags, DER_BIT_STRING, .named = reason_bits);
PRIMITIVE(reason, DER_ENUMERATED, .named = reasons);
PRIMITIVE(netscape_type, DER_BIT_STRING, .named = netscape_types);
PRIMITIVE(key_id, DER_OCTET_STRING, .opaque = true, .show = show_length);
SEQUENCE(authority_key, "AuthorityKeyIdentifier",
    C("keyIdentifier", 0, OPT, &type_key_id),
    C("authorityCertIssuer", 1, OPT, &type_general_names),
    C("authorityCertSerialNumber", 2, OPT, &type_serial));
SEQUENCE(constraints, "BasicConstraints",
    U("cA", DER_BOOLEAN, OPT, NULL),
    U("pathLenConstraint", DER_INTEGER, OPT, NULL));
OF(enhanced_usage, "ExtKeyUsageSyntax", DER_SEQUENCE, &type_oid);
SEQUENCE(notice_reference, "NoticeReference",
    A("organization", 0, NULL), U("noticeNumbers", DER_SEQUENCE, 0, NULL));
SEQUENCE(user_notice, "UserNotice",
    U("noticeRef", DER_SEQUENCE, OPT, &type_notice_reference),
    A("explicitText", OPT, NULL));
SEQUENCE_SHOWN(qualifier, "PolicyQualifierInfo", show_oid_name,
    U("policyQualifierId", DER_OID, 0, NULL),
    A("qualifier", 0, &type_open));
OF(qualifiers, NULL, DER_SEQUENCE, &type_qualifier);
SEQUENCE_SHOWN(policy, "PolicyInformation", show_oid_name,
    U("policyIdentifier", DER_OID, 0, NULL),
    U("policyQualifiers", DER_SEQUENCE, OPT, &type_qualifiers));
OF(policies, "CertificatePolicies", DER_SEQUENCE, &type_policy);
SEQUENCE(mapping, NULL,
    U("issuerDomainPolicy", DER_OID, 0, NULL),
    U("subjectDomainPolicy", DER_OID, 0, NULL));
OF(mappings, "PolicyMappings", DER_SEQUENCE, &type_mapping);
SEQUENCE(policy_constraints, "PolicyConstraints",
    C("requireExplicitPolicy", 0, OPT, &type_integer),
    C("inhibitPolicyMapping", 1, OPT, &type_integer));
SEQUENCE_SHOWN(access, "AccessDescription", show_oid_name,
    U("accessMethod", DER_OID, 0, NULL),
    A("accessLocation", 0, &type_general_name));
OF(access_list, "AuthorityInfoAccessSyntax", DER_SEQUENCE, &type_access);
CHOICE(point_name,
    C("fullName", 0, 0, &type_general_names),
    C("nameRelativeToCRLIssuer", 1, 0, &type_rdn));
SEQUENCE(point, "DistributionPoint",
    C("distributionPoint", 0, OPT | EXPL, &type_point_name),
    C("reasons", 1, OPT, &type_reason_flags),
    C("cRLIssuer", 2, OPT, &type_general_names));
OF(points, "CRLDistributionPoints", DER_SEQUENCE, &type_point);
SEQUENCE(issuing_point, "IssuingDistributionPoint",
    C("distributionPoint", 0, OPT | EXPL, &type_point_name),
    C("onlyContainsUserCerts", 1, OPT, &type_boolean),
    C("onlyContainsCACerts", 2, OPT, &type_boolean),
    C("onlySomeReasons", 3, OPT, &type_reason_flags),
    C("indirectCRL", 4, OPT, &type_boolean),
    C("onlyContainsAttributeCerts", 5, OPT, &type_boolean));
SEQUENCE(subtree, "GeneralSubtree",
    A("base", 0, &type_general_name), C("minimum", 0, OPT, &type_integer),
    C("maximum", 1, OPT, &type_integer));
OF(subtrees, NULL, DER_SEQUENCE, &type_subtree);
SEQUENCE(name_constraints, "NameConstraints",
    C("permittedSubtrees", 0, OPT, &type_subtrees),
    C("excludedSubtrees", 1, OPT, &type_subtrees));
OF(directory_attributes, "SubjectDirectoryAttributes", DER_SEQUENCE,
    &type_attribute);
SEQUENCE(key_period, "PrivateKeyUsagePeriod",
    C("notBefore", 0, OPT, &type_time), C("notAfter", 1, OPT, &type_time));

/* ---- TCG ---- */

PRIMITIVE(tpm_id, DER_UTF8_STRING, .show = show_tpm_id);
SEQUENCE(tpm_specification, "TPMSpecification",
    A("family", 0, NULL), U("level", DER_INTEGER, 0, NULL),
    U("revision", DER_INTEGER, 0, NULL));
static const struct named key_generation[] = {
	{ 0, "internal" }, { 1, "injected" },
	{ 2, "internalRevocable" }, { 3, "injectedRevocable" }, { 0, NULL }
};
static const struct named generation_place[] = {
	{ 0, "tpmManufacturer" }, { 1, "platformManufacturer" },
	{ 2, "ekCertSigner" }, { 0, NULL }
};
static const struct named assurance[] = {
	{ 1, "EAL1" }, { 2, "EAL2" }, { 3, "EAL3" }, { 4, "EAL4" },
	{ 5, "EAL5" }, { 6, "EAL6" }, { 7, "EAL7" }, { 0, NULL }
};
static const struct named evaluation_status[] = {
	{ 0, "designedToMeet" }, { 1, "evaluationInProgress" },
	{ 2, "evaluationCompleted" }, { 0, NULL }
};
static const struct named function_strength[] = {
	{ 0, "basic" }, { 1, "medium" }, { 2, "high" }, { 0, NULL }
};
static const struct named security_level[] = {
	{ 1, "level1" }, { 2, "level2" }, { 3, "level3" }, { 4, "level4" },
	{ 0, NULL }
};
PRIMITIVE(key_generation, DER_ENUMERATED, .named = key_generation);
PRIMITIVE(generation_place, DER_ENUMERATED, .named = generation_place);
PRIMITIVE(assurance, DER_ENUMERATED, .named = assurance);
PRIMITIVE(evaluation_status, DER_ENUMERATED, .named = evaluation_status);
PRIMITIVE(function_strength, DER_ENUMERATED, .named = function_strength);
PRIMITIVE(security_level, DER_ENUMERATED, .named = security_level);
SEQUENCE(uri_reference, "URIReference",
    U("uniformResourceIdentifier", DER_IA5_STRING, 0, NULL),
    U("hashAlgorithm", DER_SEQUENCE, OPT, &type_algorithm),
    U("hashValue", DER_BIT_STRING, OPT, &type_bits));
SEQUENCE(common_criteria, "CommonCriteriaMeasures",
    U("version", DER_IA5_STRING, 0, NULL),
    U("assuranceLevel", DER_ENUMERATED, 0, &type_assurance),
    U("evaluationStatus", DER_ENUMERATED, 0, &type_evaluation_status),
    U("plus", DER_BOOLEAN, OPT, NULL),
    C("strengthOfFunction", 0, OPT, &type_function_strength),
    C("profileOid", 1, OPT, &type_oid),
    C("profileUri", 2, OPT, &type_uri_reference),
    C("targetOid", 3, OPT, &type_oid),
    C("targetUri", 4, OPT, &type_uri_reference));
SEQUENCE(fips_level, "FIPSLevel",
    U("version", DER_IA5_STRING, 0, NULL),
    U("level", DER_ENUMERATED, 0, &type_security_level),
    U("plus", DER_BOOLEAN, OPT, NULL));
SEQUENCE(security_assertions, "TPMSecurityAssertions",
    U("version", DER_INTEGER, OPT, &type_version_x509),
    U("fieldUpgradable", DER_BOOLEAN, OPT, NULL),
    C("ekGenerationType", 0, OPT, &type_key_generation),
    C("ekGenerationLocation", 1, OPT, &type_generation_place),
    C("ekCertificateGenerationLocation", 2, OPT, &type_generation_place),
    C("ccInfo", 3, OPT, &type_common_criteria),
    C("fipsLevel", 4, OPT, &type_fips_level),
    C("iso9000Certified", 5, OPT, &type_boolean),
    U("iso9000Certified", DER_BOOLEAN, OPT, NULL),
    U("iso9000Uri", DER_IA5_STRING, OPT, NULL));

/* ---- CMS ---- */

SEQUENCE_SHOWN(content_info, "ContentInfo", show_oid_name,
    U("contentType", DER_OID, 0, NULL),
    C("content", 0, OPT | EXPL, &type_open));
SEQUENCE(encap, "EncapsulatedContentInfo",
    U("eContentType", DER_OID, 0, NULL),
    C("eContent", 0, OPT | EXPL, &type_open_octets));
CHOICE(certificate_choice,
    U("certificate", DER_SEQUENCE, 0, &type_certificate),
    C("extendedCertificate", 0, 0, NULL), C("v1AttrCert", 1, 0, NULL),
    C("v2AttrCert", 2, 0, NULL), C("other", 3, 0, NULL));
OF(certificates, "CertificateSet", DER_SET, &type_certificate_choice);
OF(crls, "RevocationInfoChoices", DER_SET, &type_crl);
CHOICE(signer_id,
    U("issuerAndSerialNumber", DER_SEQUENCE, 0, &type_issuer_serial),
    C("subjectKeyIdentifier", 0, 0, &type_key_id));
SEQUENCE(signer_info, "SignerInfo",
    U("version", DER_INTEGER, 0, NULL), A("sid", 0, &type_signer_id),
    U("digestAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    C("signedAttrs", 0, OPT, &type_attributes),
    U("signatureAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("signature", DER_OCTET_STRING, 0, &type_signature_octets),
    C("unsignedAttrs", 1, OPT, &type_attributes));
OF(signer_infos, "SignerInfos", DER_SET, &type_signer_info);
SEQUENCE(signed_data, "SignedData",
    U("version", DER_INTEGER, 0, NULL),
    U("digestAlgorithms", DER_SET, 0, &type_algorithms),
    U("encapContentInfo", DER_SEQUENCE, 0, &type_encap),
    C("certificates", 0, OPT, &type_certificates),
    C("crls", 1, OPT, &type_crls),
    U("signerInfos", DER_SET, 0, &type_signer_infos));
SEQUENCE(originator_info, "OriginatorInfo",
    C("certs", 0, OPT, &type_certificates), C("crls", 1, OPT, &type_crls));
SEQUENCE(key_trans, "KeyTransRecipientInfo",
    U("version", DER_INTEGER, 0, NULL), A("rid", 0, &type_signer_id),
    U("keyEncryptionAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("encryptedKey", DER_OCTET_STRING, 0, &type_ciphertext));
SEQUENCE(originator_key, "OriginatorPublicKey",
    U("algorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("publicKey", DER_BIT_STRING, 0, &type_bits));
CHOICE(originator,
    U("issuerAndSerialNumber", DER_SEQUENCE, 0, &type_issuer_serial),
    C("subjectKeyIdentifier", 0, 0, &type_key_id),
    C("originatorKey", 1, 0, &type_originator_key));
SEQUENCE(recipient_key_id, "RecipientKeyIdentifier",
    U("subjectKeyIdentifier", DER_OCTET_STRING, 0, &type_key_id),
    U("date", DER_GENERALIZED_TIME, OPT, NULL),
    U("other", DER_SEQUENCE, OPT, NULL));
CHOICE(agree_id,
    U("issuerAndSerialNumber", DER_SEQUENCE, 0, &type_issuer_serial),
    C("rKeyId", 0, 0, &type_recipient_key_id));
SEQUENCE(recipient_key, "RecipientEncryptedKey",
    A("rid", 0, &type_agree_id),
    U("encryptedKey", DER_OCTET_STRING, 0, &type_ciphertext));
OF(recipient_keys, NULL, DER_SEQUENCE, &type_recipient_key);
SEQUENCE(key_agree, "KeyAgreeRecipientInfo",
    U("version", DER_INTEGER, 0, NULL),
    C("originator", 0, EXPL, &type_originator),
    C("ukm", 1, OPT | EXPL, &type_opaque),
    U("keyEncryptionAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("recipientEncryptedKeys", DER_SEQUENCE, 0, &type_recipient_keys));
SEQUENCE(kek_id, "KEKIdentifier",
    U("keyIdentifier", DER_OCTET_STRING, 0, &type_opaque),
    U("date", DER_GENERALIZED_TIME, OPT, NULL),
    U("other", DER_SEQUENCE, OPT, NULL));
SEQUENCE(kek, "KEKRecipientInfo",
    U("version", DER_INTEGER, 0, NULL),
    U("kekid", DER_SEQUENCE, 0, &type_kek_id),
    U("keyEncryptionAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("encryptedKey", DER_OCTET_STRING, 0, &type_ciphertext));
SEQUENCE(password, "PasswordRecipientInfo",
    U("version", DER_INTEGER, 0, NULL),
    C("keyDerivationAlgorithm", 0, OPT, &type_algorithm),
    U("keyEncryptionAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("encryptedKey", DER_OCTET_STRING, 0, &type_ciphertext));
CHOICE(recipient,
    U("ktri", DER_SEQUENCE, 0, &type_key_trans),
    C("kari", 1, 0, &type_key_agree), C("kekri", 2, 0, &type_kek),
    C("pwri", 3, 0, &type_password), C("ori", 4, 0, NULL));
OF(recipients, "RecipientInfos", DER_SET, &type_recipient);
SEQUENCE(encrypted_content, "EncryptedContentInfo",
    U("contentType", DER_OID, 0, NULL),
    U("contentEncryptionAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    C("encryptedContent", 0, OPT, &type_ciphertext));
SEQUENCE(enveloped, "EnvelopedData",
    U("version", DER_INTEGER, 0, NULL),
    C("originatorInfo", 0, OPT, &type_originator_info),
    U("recipientInfos", DER_SET, 0, &type_recipients),
    U("encryptedContentInfo", DER_SEQUENCE, 0, &type_encrypted_content),
    C("unprotectedAttrs", 1, OPT, &type_attributes));
SEQUENCE(auth_enveloped, "AuthEnvelopedData",
    U("version", DER_INTEGER, 0, NULL),
    C("originatorInfo", 0, OPT, &type_originator_info),
    U("recipientInfos", DER_SET, 0, &type_recipients),
    U("authEncryptedContentInfo", DER_SEQUENCE, 0, &type_encrypted_content),
    C("authAttrs", 1, OPT, &type_attributes),
    U("mac", DER_OCTET_STRING, 0, &type_digest),
    C("unauthAttrs", 2, OPT, &type_attributes));
SEQUENCE(signed_enveloped, "SignedAndEnvelopedData",
    U("version", DER_INTEGER, 0, NULL),
    U("recipientInfos", DER_SET, 0, &type_recipients),
    U("digestAlgorithms", DER_SET, 0, &type_algorithms),
    U("encryptedContentInfo", DER_SEQUENCE, 0, &type_encrypted_content),
    C("certificates", 0, OPT, &type_certificates),
    C("crls", 1, OPT, &type_crls),
    U("signerInfos", DER_SET, 0, &type_signer_infos));
SEQUENCE(digested, "DigestedData",
    U("version", DER_INTEGER, 0, NULL),
    U("digestAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("encapContentInfo", DER_SEQUENCE, 0, &type_encap),
    U("digest", DER_OCTET_STRING, 0, &type_digest));
SEQUENCE(encrypted, "EncryptedData",
    U("version", DER_INTEGER, 0, NULL),
    U("encryptedContentInfo", DER_SEQUENCE, 0, &type_encrypted_content),
    C("unprotectedAttrs", 1, OPT, &type_attributes));
SEQUENCE(compressed, "CompressedData",
    U("version", DER_INTEGER, 0, NULL),
    U("compressionAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("encapContentInfo", DER_SEQUENCE, 0, &type_encap));
SEQUENCE(trusted_subject, "TrustedSubject",
    U("subjectIdentifier", DER_OCTET_STRING, 0, &type_opaque),
    U("subjectAttributes", DER_SET, OPT, &type_attributes));
OF(trusted_subjects, NULL, DER_SEQUENCE, &type_trusted_subject);
SEQUENCE(trust_list, "CertificateTrustList",
    U("version", DER_INTEGER, OPT, NULL),
    U("subjectUsage", DER_SEQUENCE, 0, &type_enhanced_usage),
    U("listIdentifier", DER_OCTET_STRING, OPT, NULL),
    U("sequenceNumber", DER_INTEGER, OPT, NULL),
    A("ctlThisUpdate", 0, &type_time_choice),
    A("ctlNextUpdate", OPT, &type_time_choice),
    U("subjectAlgorithm", DER_SEQUENCE, 0, &type_algorithm),
    U("trustedSubjects", DER_SEQUENCE, OPT, &type_trusted_subjects),
    C("ctlExtensions", 0, OPT | EXPL, &type_extensions));
