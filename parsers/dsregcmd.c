/*
 * Reads dsregcmd /status: how the device is joined, whether its key is in the
 * TPM, and what the last registration failed with.
 * Relies on tool_blocks.h to have found it in its text.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

#define F(id, n, t, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(TOOL), .artifacts = 0, __VA_ARGS__ }

F(dsreg_azure_joined, "dsreg.azure_joined", BOOL, .help =
    "AzureAdJoined of dsregcmd");
F(dsreg_enterprise_joined, "dsreg.enterprise_joined", BOOL, .help =
    "EnterpriseJoined");
F(dsreg_domain_joined, "dsreg.domain_joined", BOOL, .help = "DomainJoined");
F(dsreg_device_name, "dsreg.device_name", TEXT, .personal = true, .help =
    "Device Name");
F(dsreg_device_id, "dsreg.device_id", TEXT, .personal = true, .help =
    "DeviceId");
F(dsreg_key_provider, "dsreg.key_provider", TEXT, .help =
    "KeyProvider: the TPM's is Microsoft Platform Crypto Provider");
F(dsreg_tpm_protected, "dsreg.tpm_protected", BOOL, .help = "TpmProtected");
F(dsreg_auth_status, "dsreg.auth_status", TEXT, .help = "DeviceAuthStatus");
F(dsreg_tenant_name, "dsreg.tenant_name", TEXT, .personal = true, .help =
    "TenantName");
F(dsreg_tenant_id, "dsreg.tenant_id", TEXT, .personal = true, .help =
    "TenantId");
F(dsreg_mdm_url, "dsreg.mdm_url", TEXT, .help = "MdmUrl");
F(dsreg_key_test, "dsreg.key_test", TEXT, .help =
    "KeySignTest: PASSED, or a failure");
F(dsreg_error_phase, "dsreg.error_phase", TEXT, .help =
    "Error Phase of the last registration");
F(dsreg_server_error, "dsreg.server_error", TEXT, .help =
    "Server ErrorCode of the last registration");
F(dsreg_server_subcode, "dsreg.server_subcode", TEXT, .help =
    "Server ErrorSubCode: MsaTicketTpmValidationFailed ...");
F(dsreg_server_message, "dsreg.server_message", TEXT, .personal = true,
    .help = "Server Message of the last registration");
F(dsreg_http_status, "dsreg.http_status", INT, .help = "Https Status");
F(dsreg_request_id, "dsreg.request_id", TEXT, .help = "Request Id");
F(dsreg_time, "dsreg.time", TIME, .help = "Client Time");

static const struct field *const fields[] = {
	&dsreg_azure_joined, &dsreg_enterprise_joined, &dsreg_domain_joined,
	&dsreg_device_name, &dsreg_device_id, &dsreg_key_provider,
	&dsreg_tpm_protected, &dsreg_auth_status, &dsreg_tenant_name,
	&dsreg_tenant_id, &dsreg_mdm_url, &dsreg_key_test, &dsreg_error_phase,
	&dsreg_server_error, &dsreg_server_subcode, &dsreg_server_message,
	&dsreg_http_status, &dsreg_request_id, &dsreg_time, NULL
};

static void
build(struct evidence *ev, struct item *it, const struct text *t,
    const struct field *field, struct text_part v)
{
	(void)field;
	tool_build_facts(ev, it, t, v);
}

static const struct tool_key	keys[] = {
	{ "AzureAdJoined", &dsreg_azure_joined, NULL },
	{ "EnterpriseJoined", &dsreg_enterprise_joined, NULL },
	{ "DomainJoined", &dsreg_domain_joined, NULL },
	{ "Device Name", &dsreg_device_name, NULL },
	{ "DeviceId", &dsreg_device_id, NULL },
	{ "KeyProvider", &dsreg_key_provider, NULL },
	{ "TpmProtected", &dsreg_tpm_protected, NULL },
	{ "DeviceAuthStatus", &dsreg_auth_status, NULL },
	{ "TenantName", &dsreg_tenant_name, NULL },
	{ "TenantId", &dsreg_tenant_id, NULL },
	{ "MdmUrl", &dsreg_mdm_url, NULL },
	{ "KeySignTest", &dsreg_key_test, NULL },
	{ "Error Phase", &dsreg_error_phase, NULL },
	{ "Client ErrorCode", &tool_code, NULL },
	{ "Server ErrorCode", &dsreg_server_error, NULL },
	{ "Server Error Code", &dsreg_server_error, NULL },
	{ "Server ErrorSubCode", &dsreg_server_subcode, NULL },
	{ "Server Error SubCode", &dsreg_server_subcode, NULL },
	{ "Server Message", &dsreg_server_message, NULL },
	{ "Https Status", &dsreg_http_status, NULL },
	{ "Request Id", &dsreg_request_id, NULL },
	{ "Client Time", &dsreg_time, NULL },
	{ "OsVersionUpdated", &tool_build_f, build },
	{ NULL, NULL, NULL }
};

static int
dsregcmd_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_DSREGCMD) ? 99 : 0;
}

static void
dsregcmd_read(struct evidence *ev, struct blob *b)
{
	struct tool_line l;
	struct item *it;
	struct text t;
	size_t i;

	if (!text_decode(ev, b, &t))
		return;
	if (!tool_first(&t, keys, &i, &l))
		return;
	it = tool_item(ev, b, "dsregcmd", blob_span(b), text_span(&t,
	    l.key.off, l.key.n));
	tool_facts(ev, it, &t, i, t.nlines, keys);
}

const struct parser parser_dsregcmd = {
	.name = "dsregcmd", .bid = dsregcmd_bid, .read = dsregcmd_read,
	.fields = fields
};
