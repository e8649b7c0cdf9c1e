/*
 * Walking CMS messages: elements that have to be there, where a damaged
 * message breaks off, and the parts of a signer.
 * Relies on der.h, cert.h; RFC 5652.
 */
#ifndef DECODE_CMS_H
#define DECODE_CMS_H

#include "evidence/cert.h"
#include "evidence/oid.h"

/* A message that is being walked, and where it is damaged. */
struct cms_walk {
	struct evidence	*ev;
	const struct blob *blob;
	struct span	 broken;	/* first damage; SPAN_NONE: none */
	bool		 cut;		/* the input ends inside */
};

/* Remembers the first damage. */
void	cms_broken(struct cms_walk *, struct span);
/* The next element if it is this one; d->blob is NULL if it is not. */
bool	cms_take(struct cms_walk *, struct der_iter *, enum der_class,
	    uint32_t tag, struct der *);
/* The same for one that has to be there: without it, it is damage. */
bool	cms_need(struct cms_walk *, struct der_iter *, enum der_class,
	    uint32_t tag, struct der *);
/* Passes over the rest; what cannot be read there is damage. */
void	cms_finish(struct cms_walk *, struct der_iter *);

/*
 * ContentInfo: the OID of its type as text ("" if it is not reached) and its
 * content (no blob where there is none).  Bytes after it are a problem noted.
 */
void	cms_content_info(struct cms_walk *, struct span, struct der *ret_outer,
	    char ret_type[OID_SIZE], struct der *ret_content);
/*
 * 2 for the first bytes of a ContentInfo of PKCS#7, 1 for one that was
 * stored as text, 0.  *ret_arc is the last number of its type (2: signed).
 */
int	cms_looks_like(const uint8_t *, size_t, int *ret_arc);
/* The nearest item that may hold one of this kind. */
struct item *cms_parent(enum item_kind, struct item *);

void	cms_name_fact(struct evidence *, struct item *, const struct field *,
	    const struct der *name);
void	cms_serial_fact(struct evidence *, struct item *,
	    const struct field *, const struct der *serial);
/* The algorithm's OID inside an AlgorithmIdentifier. */
void	cms_algorithm_fact(struct evidence *, struct item *,
	    const struct field *, const struct der *algorithm);

/* ---- SignerInfo ---- */

/* An absent part has no blob. */
struct cms_signer {
	struct der	 whole;
	struct der	 issuer, serial, ski;	/* either form of the sid */
	struct der	 digest, attributes, algorithm, value;
	struct span	 certificate;	/* SPAN_NONE: not in the message */
	struct cert_parts parts;	/* of the certificate */
};

/* false: it ends before it says who signed. */
bool	cms_signer_walk(struct cms_walk *, const struct der *,
	    struct cms_signer *);
/* Sets certificate and parts from the certificates of the message. */
void	cms_signer_find(struct cms_walk *, const struct span *, size_t,
	    struct cms_signer *);
/* First value of the attributes of a type, and how many values they have. */
size_t	cms_attribute(struct cms_walk *, const struct der *attributes,
	    const char *dotted, struct der *ret_value);
bool	cms_attributes_are_scep(struct cms_walk *, const struct der *);
/* Why a signature over them is not checkable, or NULL. */
const char *cms_attributes_fault(struct cms_walk *, const struct der *);
/* As they were hashed; from malloc(3), or NULL. */
uint8_t	*cms_attributes_retag(const struct der *, size_t *ret_n);

#endif
