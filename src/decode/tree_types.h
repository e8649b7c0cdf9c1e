/*
 * What the files of the tree's grammar share: the types that refer to each
 * other, and the functions that give structures a meaning.
 * Relies on tree.h.
 */
#ifndef DECODE_TREE_TYPES_H
#define DECODE_TREE_TYPES_H

#include "decode/tree.h"

#define TREE_TYPES(T)							\
	T(octets) T(opaque) T(ciphertext) T(digest) T(nonce) T(integer)	\
	T(boolean) T(oid) T(time) T(bits) T(signature_bits)		\
	T(signature_octets) T(ia5) T(utf8) T(null) T(ip) T(serial)	\
	T(open) T(open_octets) T(extension_value) T(version_x509)	\
	T(ecdsa_signature) T(algorithm) T(algorithms) T(attribute_value) \
	T(rdn) T(attribute) T(attribute_values) T(attributes)		\
	T(issuer_serial) T(issuer_subject) T(other_name)		\
	T(general_name) T(general_names) T(public_key) T(spki)		\
	T(rsa_public) T(rsa_private) T(private_octets) T(private_key)	\
	T(encrypted_key) T(digest_info) T(pkcs12) T(mac_data) T(pss)	\
	T(oaep) T(iv) T(rc2) T(gcm) T(pbkdf2) T(pbes2) T(validity)	\
	T(extension) T(tbs) T(revoked) T(revoked_list) T(time_choice)	\
	T(tbs_crl) T(crl) T(request_info) T(request) T(key_usage)	\
	T(reason_flags) T(reason) T(netscape_type) T(key_id)		\
	T(authority_key) T(constraints) T(notice_reference)		\
	T(user_notice) T(qualifier) T(qualifiers) T(policy) T(policies)	\
	T(mapping) T(mappings) T(policy_constraints) T(access)		\
	T(access_list) T(point_name) T(point) T(points)			\
	T(issuing_point) T(subtree) T(subtrees) T(name_constraints)	\
	T(directory_attributes) T(key_period) T(tpm_id)			\
	T(tpm_specification) T(key_generation) T(generation_place)	\
	T(assurance) T(evaluation_status) T(function_strength)		\
	T(security_level) T(uri_reference) T(common_criteria)		\
	T(fips_level) T(security_assertions) T(encap)			\
	T(certificate_choice) T(certificates) T(crls) T(signer_id)	\
	T(signer_info) T(signer_infos) T(signed_data)			\
	T(originator_info) T(key_trans) T(originator_key) T(originator)	\
	T(recipient_key_id) T(agree_id) T(recipient_key)		\
	T(recipient_keys) T(key_agree) T(kek_id) T(kek) T(password)	\
	T(recipient) T(recipients) T(encrypted_content) T(enveloped)	\
	T(auth_enveloped) T(signed_enveloped) T(digested) T(encrypted)	\
	T(compressed) T(trusted_subject) T(trusted_subjects)		\
	T(trust_list)

#define T(id) extern const struct tree_type type_##id;
TREE_TYPES(T)
#undef T

/* tree_show.c */
void	show_name(struct tree *, struct tree_node *);
void	show_oid_name(struct tree *, struct tree_node *);
void	show_extension(struct tree *, struct tree_node *);
void	show_spki(struct tree *, struct tree_node *);
void	show_certificate(struct tree *, struct tree_node *);
void	show_request(struct tree *, struct tree_node *);
void	show_serial(struct tree *, struct tree_node *);
void	show_length(struct tree *, struct tree_node *);
void	show_ciphertext(struct tree *, struct tree_node *);
void	show_nonce(struct tree *, struct tree_node *);
void	show_iv(struct tree *, struct tree_node *);
void	show_ip(struct tree *, struct tree_node *);
void	show_tpm_id(struct tree *, struct tree_node *);
void	show_number(struct tree *, struct tree_node *, const struct named *);
void	show_hresult(struct tree *, struct tree_node *);
void	show_transaction(struct tree *, struct tree_node *);

#endif
