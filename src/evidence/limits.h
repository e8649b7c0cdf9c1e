/*
 * Every limit of the program, with the reason for it.
 * --limits NAME=VALUE changes one; reaching one is a problem of level
 * PROBLEM_LIMIT, so a gap in the report's coverage and exit status 3.
 */
#ifndef EVIDENCE_LIMITS_H
#define EVIDENCE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* LIMIT(name, default, sentence) */
#define LIMITS(LIMIT)							\
	LIMIT(input_bytes, 1073741824,					\
	    "bytes of one input file that are read")			\
	LIMIT(inputs, 20000,						\
	    "files that one case may have")				\
	LIMIT(members, 200000,						\
	    "members of one archive that are listed")			\
	LIMIT(depth, 4,							\
	    "containers inside containers that are opened")		\
	LIMIT(saz_depth, 1,						\
	    "captures inside a body of a capture that are opened")	\
	LIMIT(body_bytes, 67108864,					\
	    "bytes of one decoded body or archive member")		\
	LIMIT(total_bytes, 536870912,					\
	    "bytes decoded from one case; at least 64 times the input")	\
	LIMIT(encodings, 4,						\
	    "content encodings stacked on one body")			\
	LIMIT(blobs, 1000000,						\
	    "pieces that one case may hold")				\
	LIMIT(facts, 5000000,						\
	    "facts that one case may hold")				\
	LIMIT(problems, 1000,						\
	    "problems that are noted one by one")			\
	LIMIT(meta_bytes, 262144,					\
	    "bytes of a session's metadata (real ones have 1,880)")	\
	LIMIT(head_bytes, 1048576,					\
	    "bytes of an HTTP head")					\
	LIMIT(headers, 2000,						\
	    "header fields of one HTTP message")			\
	LIMIT(header_line_bytes, 65536,					\
	    "bytes of one header field")				\
	LIMIT(text_bytes, 67108864,					\
	    "bytes of one text file")					\
	LIMIT(line_bytes, 1048576,					\
	    "bytes of one line of text")				\
	LIMIT(text_lines, 1000000,					\
	    "lines of one text file")					\
	LIMIT(text_records, 10000,					\
	    "event records and enrolment runs of one text file")	\
	LIMIT(event_records, 200000,					\
	    "events of one event log that are looked at")		\
	LIMIT(cms_bytes, 1048576,					\
	    "bytes of one CMS message: OpenSSL needs seconds for 1e5 "	\
	    "certificates")						\
	LIMIT(cms_certificates, 64,					\
	    "certificates of one CMS message")				\
	LIMIT(cms_signers, 16,						\
	    "signers of one CMS message")				\
	LIMIT(cms_recipients, 100,					\
	    "recipients of one CMS message")				\
	LIMIT(cms_attributes, 64,					\
	    "signed attributes of one signer")				\
	LIMIT(certificate_bytes, 65536,					\
	    "bytes of one certificate")					\
	LIMIT(certificates, 2000,					\
	    "certificates that one case may hold")			\
	LIMIT(verifications, 500,					\
	    "signatures that are verified in one case")			\
	LIMIT(rsa_bits, 8192,						\
	    "bits of an RSA key whose signature is verified")		\
	LIMIT(der_depth, 32,						\
	    "levels of nested DER or BER")				\
	LIMIT(der_nodes, 200000,					\
	    "elements of one DER or BER blob")				\
	LIMIT(store_bytes, 4194304,					\
	    "bytes of one serialized store element")			\
	LIMIT(store_records, 4096,					\
	    "records of one serialized store element")			\
	LIMIT(json_bytes, 1048576,					\
	    "bytes of one JSON message")				\
	LIMIT(value_bytes, 4096,					\
	    "bytes of a value that a fact keeps")			\
	LIMIT(attempts, 1000,						\
	    "enrolment attempts that are told apart in one case")	\
	LIMIT(rules, 2000,						\
	    "rules that are loaded")					\
	LIMIT(cpu_s, 60,						\
	    "seconds of processor time for one case")			\
	LIMIT(wall_s, 120,						\
	    "seconds of clock time for one case")			\
	LIMIT(output_bytes, 1073741824,					\
	    "bytes of one report")					\
	LIMIT(memory_bytes, 2147483648,					\
	    "bytes of address space for one case")

struct limits {
#define LIMIT(name, value, why) uint64_t name;
	LIMITS(LIMIT)
#undef LIMIT
};

struct limit {
	const char	*name;		/* with hyphens, as on the command line */
	uint64_t	 value;		/* the default */
	const char	*why;
	size_t		 offset;	/* in struct limits */
};

extern const struct limit	limits_table[];	/* ends with name NULL */
extern const struct limits	limits_default;

/* "name=value" with k, M, G suffixes; 0, or -1 for an unknown or bad one. */
int	limits_set(struct limits *, const char *assignment);

#endif
