/*
 * Every byte of a blob as a tree: ASN.1 elements with the names that known
 * structures give them, records of other layouts, and what stands between.
 * Nodes tile the blob: head, contents and tail of each lie in its parent.
 * Relies on der.h; the grammar is in tree_types.c.
 */
#ifndef DECODE_TREE_H
#define DECODE_TREE_H

#include "evidence/oid.h"

enum tree_kind {
	TREE_ROOT,		/* the whole blob */
	TREE_ELEMENT,		/* an ASN.1 element */
	TREE_FIELD,		/* a field of another layout */
	TREE_BYTES,		/* what no structure claims */
	TREE_VIEW		/* other bytes made of the parent's: joined
				   segments, an opened envelope; does not tile */
};

struct tree_note {
	const char	*text;
	struct tree_note *next;
};

struct tree_node {
	enum tree_kind	 kind;
	const struct blob *blob;	/* whose bytes; a view has its own */
	size_t		 off, head, len, tail;
	struct der	 der;		/* of an element */
	const char	*label;		/* "SEQUENCE", "[0]", "DWORD" */
	const char	*name;		/* "signerInfos", "[2]", or NULL */
	const char	*type;		/* "SignerInfo", or NULL */
	const char	*oid;		/* dotted, of an OBJECT IDENTIFIER */
	const char	*value;		/* UTF-8 or not: escape it; or NULL */
	size_t		 value_n;
	const char	*meaning;	/* or NULL */
	bool		 hex;		/* the value is a row of hex digits */
	bool		 nested;	/* stands inside a string's contents */
	unsigned int	 depth;
	struct tree_note *notes;	/* damage and oddities */
	struct tree_node *parent, *first, *last, *next;
};

struct tree_type;

#define TREE_DEPTH	96	/* nodes below this one are not read */

struct tree {
	struct evidence	*ev;
	struct tree_node *root;
	size_t		 nodes, max_nodes;
	unsigned int	 max_depth;
};

/* The tree of a part of a blob. */
struct tree_node *tree_build(struct evidence *, const struct blob *,
		    struct span);
/* "signerInfos[0].signedAttrs[2]", in the arena. */
const char	*tree_path(struct evidence *, const struct tree_node *);
/* The smallest node that covers these bytes of the tree's own blob. */
struct tree_node *tree_find(struct tree_node *, size_t off, size_t len);
/* The next node in reading order below `top`, or NULL. */
struct tree_node *tree_next(const struct tree_node *top,
		    const struct tree_node *);

/* ---- for the readers of layouts ---- */

struct tree_node *tree_add(struct tree *, struct tree_node *parent,
		    enum tree_kind, const struct blob *, size_t off,
		    size_t len);
void		 tree_note(struct tree *, struct tree_node *,
		    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A field; its value is `value` or, where that is NULL, its bytes in hex. */
struct tree_node *tree_field(struct tree *, struct tree_node *parent,
		    size_t off, size_t len, const char *label,
		    const char *name, const char *value);
/* Bytes from off to end that nothing claims, with a note; none if empty. */
struct tree_node *tree_rest(struct tree *, struct tree_node *parent,
		    size_t off, size_t end, const char *fmt, ...)
		    __attribute__((format(printf, 5, 6)));
/* Elements of [off, end) below a node, each of that type (NULL: guessed). */
void		 tree_elements(struct tree *, struct tree_node *parent,
		    const struct blob *, size_t off, size_t end,
		    const struct tree_type *, const char *name);
/* A view of other bytes below a node, read like a blob of its own. */
struct tree_node *tree_view(struct tree *, struct tree_node *parent,
		    const struct blob *, const char *name);
/* Reads what the bytes [off, end) look like below a node. */
void		 tree_contents(struct tree *, struct tree_node *parent,
		    const struct blob *, size_t off, size_t end);
void		 tree_hex(struct tree *, struct tree_node *, const uint8_t *,
		    size_t);

/* The value of an INTEGER element, as 0x and its contents. */
void		 tree_hex_number(struct tree *, struct tree_node *);

/* ---- layouts that are not ASN.1 ---- */

/*
 * `looks` is asked for a whole blob and for the contents of OCTET STRINGs;
 * `read` adds nodes below `parent` that tile [off, end).
 */
struct tree_layout {
	const char	*name;		/* "certificate store element" */
	bool		 (*looks)(const uint8_t *, size_t);
	void		 (*read)(struct tree *, struct tree_node *parent,
	    const struct blob *, size_t off, size_t end);
};

extern const struct tree_layout	tree_store, tree_sst;	/* tree_store.c */
extern const struct tree_layout	tree_tpm;	/* tree_tpm.c */
extern const struct tree_layout	*const tree_layouts[];	/* ends with NULL */

/* ---- the grammar ---- */

enum tree_shape {
	SHAPE_PRIMITIVE, SHAPE_SEQUENCE, SHAPE_OF, SHAPE_CHOICE,
	SHAPE_OPEN		/* the type that belongs to the OID before it */
};

enum {
	MEMBER_OPTIONAL = 1, MEMBER_EXPLICIT = 2
};
#define TAG_ANY		UINT32_MAX

struct tree_member {
	const char	*name;		/* NULL ends the list */
	enum der_class	 class;
	uint32_t	 tag;
	unsigned int	 flags;
	const struct tree_type *type;
};

struct tree_type {
	const char	*name;		/* or NULL */
	enum tree_shape	 shape;
	uint32_t	 tag;		/* where a context tag hides it */
	const struct tree_member *members;
	const struct tree_type *of;	/* elements; contents of a string */
	bool		 holds;		/* a string that must hold `of` */
	bool		 opaque;	/* a string that holds no structure */
	const struct named *named;	/* values, or bit numbers */
	void		 (*show)(struct tree *, struct tree_node *);
};

/* The type that an OID brings with it, or NULL. */
const struct tree_type *tree_type_of(const char *dotted);
/* What a top-level element looks like, or NULL. */
const struct tree_type *tree_guess(struct evidence *, const struct der *);
extern const struct tree_type	type_certificate, type_content_info, type_name,
				type_extensions, type_enhanced_usage;

/* Label, value and meaning of an element whose tag is (or hides) `tag`. */
void	tree_value(struct tree *, struct tree_node *, uint32_t tag,
	    const struct tree_type *);
const char *tree_tag_name(struct tree *, const struct der *);

#endif
