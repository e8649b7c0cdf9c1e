/*
 * The vocabulary that parsers fill and later stages read.  Each field is
 * defined by the parser named above it.  Relies on evidence.h.
 */
#ifndef PARSERS_FIELDS_H
#define PARSERS_FIELDS_H

#include "evidence/evidence.h"

/* archive.c, saz.c: kind archive */
/* TEXT zip, cab, tar; the bare name is libarchive's */
extern const struct field	archive_format_f;
extern const struct field	archive_comment;	/* TEXT */
extern const struct field	archive_members;	/* INT */
extern const struct field	archive_locked;		/* BOOL */
extern const struct field	archive_damaged;	/* BOOL */
/* kind file: a member or input, its name */
extern const struct field file_name;	/* TEXT, last component */

/* decode/sessions.c, fiddler_meta.c: kind session */
extern const struct field	session_number;		/* INT raw/N_ */
extern const struct field	session_sid;		/* INT */
extern const struct field	session_flags;		/* INT, BitFlags */
extern const struct field	session_aborted;	/* BOOL */
extern const struct field session_begin;	/* TIME ClientBeginRequest */
extern const struct field session_end;	/* TIME ClientDoneResponse */
extern const struct field	session_flag;		/* TEXT keyed: x-... */
/* TEXT: which of c, s, m exist */
extern const struct field	session_parts;
extern const struct field	session_process;	/* TEXT svchost:1234 */
extern const struct field	session_time;		/* TIME keyed */
extern const struct field	session_ms;		/* INT keyed */
extern const struct field	session_gateway;	/* BOOL */
extern const struct field session_transfer;	/* INT bytes on the wire */
extern const struct field	session_aborted_when;	/* TEXT */
extern const struct field	session_failed_when;	/* TEXT */
extern const struct field	session_no_decrypt;	/* TEXT */
extern const struct field	session_violation;	/* TEXT */
extern const struct field	session_retried;	/* TEXT repeated */
extern const struct field	session_altered;	/* TEXT repeated */
extern const struct field	session_loaded_from;	/* TEXT */
extern const struct field	session_comment;	/* TEXT */
/* har.c: kinds archive, session */
extern const struct field	har_program;		/* TEXT repeated */
extern const struct field	har_program_version;	/* TEXT repeated */
extern const struct field	session_error;		/* TEXT net::ERR_... */
/* websocket.c: kind session */
extern const struct field	websocket_messages;	/* INT */
extern const struct field	websocket_message;	/* TEXT repeated */

/* decode/http_item.c: kinds request, response */
extern const struct field	request_method;		/* TEXT */
extern const struct field	request_url;		/* TEXT */
extern const struct field	request_host;		/* TEXT, lower case */
/* TEXT: aik, ek-service, aia, enrolment, sign-in, device-health, other */
extern const struct field	request_scope;
extern const struct field	request_operation;	/* TEXT GetCACaps ... */
extern const struct field	http_status;		/* INT */
extern const struct field	http_reason;		/* TEXT */
extern const struct field http_header;	/* TEXT keyed "header" */
extern const struct field http_trailer;	/* TEXT keyed, repeated */
extern const struct field	http_date;		/* TIME of Date */
/* TEXT: none, ok, truncated, undecoded, dropped */
extern const struct field	http_body;
extern const struct field	http_body_length;	/* INT decoded bytes */
extern const struct field http_made_by;	/* TEXT fiddler, proxy, server */
extern const struct field	http_proxy_vendor;	/* TEXT Zscaler */
extern const struct field http_winsock;	/* CODE of a Fiddler-made 502 */
extern const struct field	http_error_text;	/* TEXT of the same */
/* body looks like what: json, html, certificate, cms, text, binary */
extern const struct field	http_content;		/* TEXT */
extern const struct field	getcacaps_keyword;	/* TEXT repeated */

/* connect.c: kind session (CONNECT pseudo-bodies) */
extern const struct field	connect_host;		/* TEXT, from http.c */
extern const struct field connect_version;	/* TEXT "3.3 (TLS/1.2)" */
extern const struct field	connect_cipher;		/* TEXT */
extern const struct field connect_subject;	/* TEXT of server cert */
extern const struct field	connect_issuer;		/* TEXT */
extern const struct field	connect_serial;		/* TEXT */
extern const struct field	connect_not_before;	/* TEXT, localised */
extern const struct field	connect_not_after;	/* TEXT, localised */
extern const struct field	connect_names;		/* TEXT */
extern const struct field	connect_thumbprint;	/* BYTES SHA-1 */
extern const struct field	connect_decrypted;	/* BOOL */
extern const struct field connect_failed;	/* BOOL handshake failed */
extern const struct field	connect_failure;	/* TEXT */

/* json.c: kind response (a body {"Message":"..."}) */
extern const struct field	service_message;	/* TEXT */

/* pkcs7.c: kind pki_message */
extern const struct field	cms_signed;		/* BOOL: has a signer */
extern const struct field	cms_digest;		/* TEXT sha256 */
/* BOOL; absent: not checkable */
extern const struct field	cms_digest_valid;
/* BOOL; absent: not checkable */
extern const struct field	cms_signature_valid;
extern const struct field	cms_signer_issuer;	/* TEXT */
extern const struct field cms_signer_serial;	/* BYTES content of INTEGER */
/* BYTES, derived, of the signer certificate found inside */
extern const struct field	cms_signer_sha1;
extern const struct field cms_damaged;	/* BOOL cut or not DER */
/* TEXT of a damaged one: cut, text, line-ends, structure */
extern const struct field	cms_damage;
extern const struct field cms_certificates;	/* INT how many travel */
/* pkcs7.c: kind envelope */
extern const struct field	envelope_recipient_issuer;	/* TEXT */
extern const struct field	envelope_recipient_serial;	/* BYTES */
extern const struct field	envelope_key_algorithm;	/* TEXT */
extern const struct field	envelope_cipher;	/* TEXT aes-128-cbc */
extern const struct field envelope_length;	/* INT ciphertext bytes */

extern const struct field	envelope_recipient_ski;	/* BYTES */
extern const struct field	envelope_opened;	/* BOOL */
extern const struct field	envelope_opened_by;	/* TEXT key file */

/* crl.c: kinds file, response, store_element */
extern const struct field	crl_issuer;		/* TEXT */
extern const struct field	crl_this_update;	/* TIME */
extern const struct field	crl_next_update;	/* TIME */
extern const struct field crl_entries;	/* INT derived: where they stand */

/* pkcs10.c: kind pkcs10; tpm_* too */
extern const struct field	pkcs10_subject;		/* TEXT */
extern const struct field	pkcs10_key;		/* TEXT */
extern const struct field pkcs10_modulus;	/* BYTES without zeros */
extern const struct field	pkcs10_point;		/* BYTES x and y */
extern const struct field	pkcs10_hash_valid;	/* BOOL */
extern const struct field	pkcs10_signature_valid;	/* BOOL */
extern const struct field	pkcs10_os_version;	/* TEXT */
extern const struct field	pkcs10_signer_hash;	/* BYTES SHA-1 */
extern const struct field	pkcs10_machine;		/* TEXT */
extern const struct field	pkcs10_process;		/* TEXT */

/* attestation.c: kind attestation */
extern const struct field	public_unique;		/* BYTES modulus */
extern const struct field	public_x;		/* BYTES */
extern const struct field	public_y;		/* BYTES */
extern const struct field	attest_firmware_version; /* TEXT a.b.c.d */
extern const struct field	attest_signature_valid;	/* BOOL */

/* endorsement.c: kind ek_info */
extern const struct field	ek_info_key;		/* TEXT */
extern const struct field	ek_info_certificate;	/* BOOL */

/* challenge.c: kind challenge */
extern const struct field challenge_kind;	/* TEXT challenge, answer */
extern const struct field	challenge_server_state;	/* BYTES */

/* scep.c: kind pki_message */
extern const struct field	scep_message_type;	/* INT named */
extern const struct field	scep_pki_status;	/* INT named */
extern const struct field	scep_fail_info;		/* INT named */
extern const struct field	scep_fail_info_text;	/* TEXT */
extern const struct field scep_transaction_id;	/* TEXT; hex if not printable */
extern const struct field	scep_sender_nonce;	/* BYTES */
extern const struct field	scep_recipient_nonce;	/* BYTES */
extern const struct field scep_error;	/* CODE 1.3.6.1.4.1.311.21.33 */
extern const struct field	scep_server_message;	/* TEXT 311.21.38 */
extern const struct field	scep_signing_time;	/* TIME */

/* x509.c: kind certificate */
extern const struct field	cert_subject;		/* TEXT */
extern const struct field cert_cn;	/* TEXT last CN of the subject */
extern const struct field	cert_issuer;		/* TEXT */
extern const struct field cert_serial;	/* BYTES content of INTEGER */
extern const struct field	cert_not_before;	/* TIME */
extern const struct field	cert_not_after;		/* TIME */
extern const struct field	cert_sha1;		/* BYTES derived */
extern const struct field	cert_sha256;		/* BYTES derived */
extern const struct field	cert_ski;		/* BYTES */
extern const struct field	cert_aki;		/* BYTES */
extern const struct field cert_aia;	/* TEXT repeated: caIssuers URLs */
extern const struct field cert_crl;	/* TEXT repeated: CRL URLs */
extern const struct field cert_eku;	/* TEXT repeated: dotted OIDs */
extern const struct field cert_policy;	/* TEXT repeated: dotted OIDs */
extern const struct field cert_key;	/* TEXT "RSA 2048", "EC P-256" */
extern const struct field cert_ca;	/* BOOL basicConstraints */
extern const struct field cert_self_issued;	/* BOOL derived: names equal */
extern const struct field cert_subject_sha1;	/* BYTES derived: of DER Name */
extern const struct field	cert_issuer_sha1;	/* BYTES derived */
extern const struct field	cert_signature;		/* TEXT algorithm */

/* store.c: kind store_element */
extern const struct field	store_property;		/* INT repeated: ids */
extern const struct field	store_sha1;		/* BYTES property 3 */
/* BYTES, derived: SHA-1 of the certificate in 0x20 */
extern const struct field	store_thumbprint;
extern const struct field store_name_matches;	/* BOOL derived: file name */
extern const struct field	store_container;	/* TEXT of property 2 */
extern const struct field	store_provider;		/* TEXT of property 2 */
extern const struct field	store_machine;		/* TEXT 71 */
extern const struct field	store_friendly_name;	/* TEXT 11 */
extern const struct field	store_ra_signing;	/* BYTES 109 */
extern const struct field	store_ra_encryption;	/* BYTES 110 */
extern const struct field	store_ca;		/* BYTES 111 */
extern const struct field	store_scep_signer;	/* BYTES 112 */
extern const struct field	store_scep_nonce;	/* BYTES 113 */
extern const struct field	store_scep_algorithms;	/* TEXT 114 */
extern const struct field	store_scep_flags;	/* INT 115 */
extern const struct field	store_scep_guid;	/* TEXT 116 */

/* certreq.c: kind run */
extern const struct field run_source;	/* TEXT certreq, event */
extern const struct field	run_event;		/* INT 86, 87, 88 */
extern const struct field	run_url;		/* TEXT */
extern const struct field	run_host;		/* TEXT lower case */
extern const struct field	run_authority;		/* TEXT IFX-KeyId-... */
extern const struct field	run_ek_issuer;		/* TEXT */
extern const struct field	run_vendor;		/* TEXT 'IFX' */
extern const struct field	run_firmware;		/* TEXT "7.85.4555.0" */
extern const struct field	run_tpm_version;	/* TEXT "2.0" */
extern const struct field	run_tpm_revision;	/* TEXT "1.59" */
/* TEXT GetCACaps, GetCACertChain, Submit(Request) ... */
extern const struct field	run_operation;
extern const struct field run_reason;	/* TEXT after the operation */
extern const struct field	run_http_status;	/* INT */
extern const struct field	run_content_type;	/* TEXT */
extern const struct field	run_pki_status;		/* INT */
extern const struct field	run_fail_info;		/* INT */
extern const struct field	run_enroll_status;	/* INT */
extern const struct field	run_code;		/* CODE repeated */
extern const struct field run_symbol;	/* TEXT in the parenthesis */
extern const struct field	run_method;		/* TEXT GET, POST */
extern const struct field	run_method_ms;		/* INT */
extern const struct field run_stage;	/* TEXT value of Stage: */
extern const struct field run_message;	/* TEXT of {"Message":} */
extern const struct field	run_date;		/* TIME of its Date: */
extern const struct field	run_event_time;		/* TIME of the event */
extern const struct field run_request_id;	/* TEXT x-ms-request-id */
extern const struct field	run_client_request_id;	/* TEXT */
extern const struct field	run_thumbprint;		/* BYTES */
extern const struct field	run_key_name;		/* TEXT TestAIK-... */
extern const struct field	run_total_ms;		/* INT */
extern const struct field run_cut;	/* BOOL derived: no outcome */
extern const struct field	run_machine;		/* TEXT, personal */

/* decode/event_head.c: kind file */
extern const struct field	eventlog_build;		/* INT */
extern const struct field	eventlog_revision;	/* INT */

/* note.c: kinds note, article */
extern const struct field note_kind;	/* TEXT note, mail, event */
extern const struct field	note_code;		/* CODE repeated */
extern const struct field note_time;	/* TIME, if it has a zone */
extern const struct field	note_event;		/* INT event id */
extern const struct field	note_subcode;		/* TEXT MsaTicket... */
/* TEXT repeated: "TPM attestation failed" ... */
extern const struct field	note_phrase;
extern const struct field	article_code;		/* CODE repeated */

/* tpmtool.c: kind tool */
extern const struct field	tpmtool_present;	/* BOOL */
extern const struct field	tpmtool_version;	/* TEXT */
extern const struct field	tpmtool_manufacturer;	/* TEXT */
extern const struct field	tpmtool_manufacturer_name;	/* TEXT */
extern const struct field	tpmtool_firmware;	/* TEXT */
extern const struct field	tpmtool_ppi_version;	/* TEXT */
extern const struct field	tpmtool_initialized;	/* BOOL */
extern const struct field	tpmtool_ready_for_storage;	/* BOOL */
extern const struct field	tpmtool_ready_for_attestation;	/* BOOL */
extern const struct field tpmtool_capable_for_attestation;	/* BOOL */
extern const struct field	tpmtool_clear_needed;	/* BOOL */
extern const struct field	tpmtool_clear_possible;	/* BOOL */
extern const struct field	tpmtool_vulnerable_firmware;	/* BOOL */
extern const struct field	tpmtool_pcr7;		/* TEXT */
extern const struct field	tpmtool_maintenance_complete;	/* BOOL */
extern const struct field	tpmtool_spec_version;	/* TEXT */
extern const struct field	tpmtool_errata_date;	/* TEXT */
extern const struct field	tpmtool_pc_client_version;	/* TEXT */
extern const struct field	tpmtool_locked_out;	/* BOOL */
extern const struct field	tpmtool_lockout_counter;	/* INT */
extern const struct field	tpmtool_max_auth_fail;	/* INT */
extern const struct field	tpmtool_lockout_interval;	/* INT */
extern const struct field	tpmtool_lockout_recovery;	/* INT */

/* get_tpm.c: kind tool */
extern const struct field	get_tpm_present;	/* BOOL */
extern const struct field	get_tpm_ready;		/* BOOL */
extern const struct field	get_tpm_enabled;	/* BOOL */
extern const struct field	get_tpm_activated;	/* BOOL */
extern const struct field	get_tpm_owned;		/* BOOL */
extern const struct field	get_tpm_restart_pending;	/* BOOL */
extern const struct field	get_tpm_manufacturer;	/* TEXT */
extern const struct field	get_tpm_manufacturer_id;	/* INT */
extern const struct field	get_tpm_firmware;	/* TEXT */
extern const struct field	get_tpm_locked_out;	/* BOOL */
extern const struct field	get_tpm_lockout_count;	/* INT */
extern const struct field	get_tpm_lockout_max;	/* INT */
extern const struct field	get_tpm_lockout_heal_time;	/* TEXT */
extern const struct field	get_tpm_old;		/* BOOL */
extern const struct field	win32_tpm_spec_version;	/* TEXT */
extern const struct field	win32_tpm_ready_bits;	/* INT */
extern const struct field	win32_tpm_not_ready;	/* TEXT */

/* tpmhli.c: kind tool */
extern const struct field	hli_ready_for_storage;	/* BOOL */
extern const struct field	hli_ready_for_attestation;	/* BOOL */
extern const struct field	hli_bits;		/* INT */
extern const struct field	hli_no_event_log;	/* BOOL */
extern const struct field	hli_no_valid_ek;	/* BOOL */
extern const struct field	hli_lost_auths;		/* BOOL */
extern const struct field	hli_no_srk;		/* BOOL */
extern const struct field	hli_unknown_version;	/* BOOL */
extern const struct field	hli_tpm_version;	/* TEXT */
extern const struct field	hli_uefi;		/* BOOL */

/* ekinfo.c: kind tool, listed */
extern const struct field	ekinfo_present;		/* BOOL */
extern const struct field	ekinfo_key_hash;	/* BYTES */
extern const struct field	ekinfo_manufacturer_count;	/* INT */
extern const struct field	ekinfo_additional_count;	/* INT */
extern const struct field	listed_list;		/* TEXT */
extern const struct field	listed_subject;		/* TEXT */
extern const struct field	listed_issuer;		/* TEXT */
extern const struct field	listed_serial;		/* BYTES */
extern const struct field	listed_not_before;	/* TEXT */
extern const struct field	listed_not_after;	/* TEXT */
extern const struct field	listed_thumbprint;	/* BYTES */
extern const struct field	listed_manufacturer;	/* TEXT */
extern const struct field	listed_model;		/* TEXT */
extern const struct field	listed_version;		/* TEXT */
extern const struct field	listed_vendor;		/* TEXT */
extern const struct field	listed_key;		/* TEXT */
extern const struct field	listed_ski;		/* BYTES */
extern const struct field	listed_aki;		/* BYTES */

/* dsregcmd.c: kind tool */
extern const struct field	dsreg_azure_joined;	/* BOOL */
extern const struct field	dsreg_enterprise_joined;	/* BOOL */
extern const struct field	dsreg_domain_joined;	/* BOOL */
extern const struct field	dsreg_device_name;	/* TEXT */
extern const struct field	dsreg_device_id;	/* TEXT */
extern const struct field	dsreg_key_provider;	/* TEXT */
extern const struct field	dsreg_tpm_protected;	/* BOOL */
extern const struct field	dsreg_auth_status;	/* TEXT */
extern const struct field	dsreg_tenant_name;	/* TEXT */
extern const struct field	dsreg_tenant_id;	/* TEXT */
extern const struct field	dsreg_mdm_url;		/* TEXT */
extern const struct field	dsreg_key_test;		/* TEXT */
extern const struct field	dsreg_error_phase;	/* TEXT */
extern const struct field	dsreg_server_error;	/* TEXT */
extern const struct field	dsreg_server_subcode;	/* TEXT */
extern const struct field	dsreg_server_message;	/* TEXT */
extern const struct field	dsreg_http_status;	/* INT */
extern const struct field	dsreg_request_id;	/* TEXT */
extern const struct field	dsreg_time;		/* TIME */

/* scripts.c: kind tool */
extern const struct field	script_ready_bits;	/* INT */
extern const struct field	script_ready;		/* BOOL */
extern const struct field	script_capable;		/* BOOL */
extern const struct field	script_vulnerable;	/* BOOL */
extern const struct field	script_firmware;	/* TEXT 7.62 */
extern const struct field	script_tpm_version;	/* TEXT 2.0 */
extern const struct field	script_ek_certificate;	/* BOOL */
extern const struct field	script_aik_error;	/* CODE */
extern const struct field	script_aik_enrolled;	/* BOOL */
extern const struct field	script_aik_issued;	/* BOOL */
extern const struct field	script_authority;	/* BOOL */
extern const struct field	script_unreachable;	/* TEXT repeated */
extern const struct field	script_model;		/* TEXT */
extern const struct field	script_manufacturer_count;	/* INT */
extern const struct field	script_additional_count;	/* INT */
extern const struct field	script_failed;		/* TEXT */

/* tpminfo.c: kind tool */
extern const struct field	tpminfo_ready;		/* BOOL */
extern const struct field	tpminfo_lines;		/* INT */

/* registry.c: kind key */
extern const struct field	registry_key;		/* TEXT */
extern const struct field	registry_name;		/* TEXT */
extern const struct field	registry_store;		/* TEXT */
extern const struct field	registry_aik_error;	/* CODE */
extern const struct field	registry_aik_check;	/* CODE */
extern const struct field	registry_ek_certificate;	/* BOOL */
extern const struct field	registry_ready_bits;	/* INT */
extern const struct field	registry_ready_for_attestation;	/* BOOL */
extern const struct field	registry_ready_for_storage;	/* BOOL */
extern const struct field	registry_firmware;	/* TEXT */
extern const struct field	registry_manufacturer;	/* TEXT */
extern const struct field	registry_build;		/* INT */
extern const struct field	registry_revision;	/* INT */

/* device_hash.c: kind tool */
extern const struct field	device_hash_present;	/* BOOL */
extern const struct field	device_hash_rows;	/* INT */
extern const struct field	device_hash_serial;	/* TEXT */
extern const struct field	device_hash_manufacturer;	/* TEXT */
extern const struct field	device_hash_model;	/* TEXT */
extern const struct field	autopilot_profile;	/* TEXT */
extern const struct field	autopilot_tenant_id;	/* TEXT */
extern const struct field	autopilot_tenant_domain;	/* TEXT */
extern const struct field	autopilot_oobe_config;	/* INT */
extern const struct field	autopilot_correlation;	/* TEXT */
extern const struct field	autopilot_registration;	/* TEXT */
extern const struct field	autopilot_downloaded;	/* TIME */

/* mdm_report.c: kind tool */
extern const struct field	mdm_enrollments;	/* INT */
extern const struct field	mdm_server;		/* TEXT */
extern const struct field	mdm_policy_area;	/* TEXT */

/* decode/tool_lines.c: kind tool (tool_code: also key) */
extern const struct field	tool_name;		/* TEXT tpmtool ... */
extern const struct field	tool_code;		/* CODE repeated */
extern const struct field	tool_build_f;		/* TEXT */
extern const struct field	tool_build_number;	/* INT */
extern const struct field	tool_build_revision;	/* INT */

#endif
