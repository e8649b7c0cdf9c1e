/*
 * Tells the outputs of Windows' tools in a text by the keys that each of them
 * prints, so that a text that only names a tool holds none.
 * Relies on tool_lines.h.
 */
#include <string.h>

#include "decode/script_lines.h"

#define BLOCKS_MAX	1000	/* of one text */
#define GAP_LINES	2	/* blank lines that a block may have inside */
#define BRACES_MAX	65536	/* bytes of a list in braces */
#define BRACES_ALL	(64 * BRACES_MAX)	/* of all in one text */

/* The search; what it has looked at in vain it does not look at again. */
struct search {
	const struct text *t;
	size_t		 braces;		/* bytes looked through */
	size_t		 failed[TOOL_KINDS];	/* lines before: no block */
};

const char *const	tool_hints[TOOL_KINDS] = {
	[TOOL_TPMTOOL] = HINT_TPMTOOL, [TOOL_GET_TPM] = HINT_GET_TPM,
	[TOOL_WIN32_TPM] = HINT_WIN32_TPM, [TOOL_EK_INFO] = HINT_EK_INFO,
	[TOOL_TPM_HLI] = HINT_TPM_HLI, [TOOL_TPM_INFO] = HINT_TPM_INFO,
	[TOOL_DSREGCMD] = HINT_DSREGCMD, [TOOL_CERTUTIL] = HINT_CERTUTIL,
	[TOOL_SCRIPT] = HINT_SCRIPT, [TOOL_VER] = HINT_VER,
};

/* Keys that are before a colon; `begins` may stand first. */
static const char *const	tpmtool_keys[] = {
	"TPM Present", "TPM Version", "TPM Manufacturer ID",
	"TPM Manufacturer Full Name", "TPM Manufacturer Version",
	"PPI Version", "Is Initialized", "Ready For Storage",
	"Ready For Attestation", "Is Capable For Attestation",
	"Clear Needed To Recover", "Clear Possible",
	"TPM Has Vulnerable Firmware", "Bitlocker PCR7 Binding State",
	"Maintenance Task Complete", "TPM Spec Version", "TPM Errata Date",
	"PC Client Version", "Lockout Information", "Is Locked Out",
	"Lockout Counter", "Max Auth Fail", "Lockout Interval",
	"Lockout Recovery", NULL
};
static const char *const	get_tpm_keys[] = {
	"TpmPresent", "TpmReady", "TpmEnabled", "TpmActivated", "TpmOwned",
	"RestartPending", "ManufacturerId", "ManufacturerIdTxt",
	"ManufacturerVersion", "ManufacturerVersionFull20",
	"ManagedAuthLevel", "OwnerAuth", "OwnerClearDisabled",
	"AutoProvisioning", "LockedOut", "LockoutHealTime", "LockoutCount",
	"LockoutMax", "SelfTest", NULL
};
static const char *const	win32_tpm_keys[] = {
	"IsActivated_InitialValue", "IsEnabled_InitialValue",
	"IsOwned_InitialValue", "ManufacturerId", "ManufacturerIdTxt",
	"ManufacturerVersion", "ManufacturerVersionFull20",
	"ManufacturerVersionInfo", "PhysicalPresenceVersionInfo",
	"SpecVersion", "IsReadyInformation", "Information", "PSComputerName",
	NULL
};
static const char *const	ek_info_keys[] = {
	"IsPresent", "PublicKey", "PublicKeyHash", "ManufacturerCertificates",
	"AdditionalCertificates", NULL
};
static const char *const	hli_keys[] = {
	"TpmHLI IsReady for Storage result",
	"TpmHLI IsReady for Attestation result", "Uefi Is Present", "Ready",
	"Bits", "NoTcgEventLog", "NoValidEkCert", "LostAuths",
	"SrkNotPresent", "TPM Version", NULL
};
static const char *const	dsregcmd_keys[] = {
	"AzureAdJoined", "EnterpriseJoined", "DomainJoined", "DomainName",
	"Virtual Desktop", "Device Name", "DeviceId", "Thumbprint",
	"DeviceCertificateValidity", "KeyContainerId", "KeyProvider",
	"TpmProtected", "DeviceAuthStatus", "TenantName", "TenantId",
	"AuthCodeUrl", "AccessTokenUrl", "MdmUrl", "MdmTouUrl",
	"MdmComplianceUrl", "SettingsUrl", "JoinSrvVersion", "JoinSrvUrl",
	"JoinSrvId", "KeySrvVersion", "KeySrvUrl", "KeySrvId",
	"WebAuthNSrvVersion", "WebAuthNSrvUrl", "WebAuthNSrvId",
	"DeviceManagementSrvVer", "DeviceManagementSrvUrl",
	"DeviceManagementSrvId", "NgcSet", "NgcKeyId", "CanReset",
	"WorkplaceJoined", "WamDefaultSet", "WamDefaultAuthority",
	"WamDefaultId", "WamDefaultGUID", "AzureAdPrt",
	"AzureAdPrtUpdateTime", "AzureAdPrtExpiryTime", "AzureAdPrtAuthority",
	"EnterprisePrt", "EnterprisePrtAuthority", "OnPremTgt", "CloudTgt",
	"KerbTopLevelNames", "AadRecoveryEnabled",
	"Executing Account Name", "KeySignTest", "DisplayNameUpdated",
	"OsVersionUpdated", "HostNameUpdated", "Last HostName Update",
	"User Context", "Client Time", "AD Connectivity Test",
	"AD Configuration Test", "DRS Discovery Test", "DRS Connectivity Test",
	"Token acquisition Test", "Fallback to Sync-Join",
	"Previous Registration", "Registration Type", "Error Phase",
	"Client ErrorCode", "Server ErrorCode", "Server Message",
	"Https Status", "Request Id", "Server Error Code", "IsDeviceJoined",
	"IsUserAzureAD", "PolicyEnabled", "PostLogonEnabled", "DeviceEligible",
	"SessionIsNotRemote", "CertEnrollment", "PreReqResult", NULL
};

static const struct tool {
	const char	*const *keys;
	size_t		 wanted;	/* different keys that prove it */
	bool		 spreads;	/* blank lines and headings inside */
} tools[TOOL_KINDS] = {
	[TOOL_TPMTOOL] = { tpmtool_keys, 3, false },
	[TOOL_GET_TPM] = { get_tpm_keys, 3, false },
	[TOOL_WIN32_TPM] = { win32_tpm_keys, 3, false },
	[TOOL_EK_INFO] = { ek_info_keys, 2, false },
	[TOOL_TPM_HLI] = { hli_keys, 2, false },
	[TOOL_DSREGCMD] = { dsregcmd_keys, 3, true },
};

/* ---- the quick look ---- */

/* The word in ASCII, or with NULs between as UTF-16 has it. */
static bool
holds(const struct blob *b, const char *word)
{
	size_t n = strlen(word), i, j;
	const uint8_t *p = b->p, *end = b->p + b->n, *at;

	if (memmem(p, b->n, word, n) != NULL)
		return true;
	if (b->n < 2 * n)
		return false;
	while ((at = memchr(p, word[0], (size_t)(end - p))) != NULL) {
		i = (size_t)(at - b->p);
		if (b->n - i < 2 * n - 1)
			return false;
		for (j = 1; j < n && b->p[i + 2 * j] == (uint8_t)word[j] &&
		    b->p[i + 2 * j - 1] == 0; j++)
			continue;
		if (j == n)
			return true;
		p = at + 1;
	}
	return false;
}

bool
tool_blocks_likely(const struct blob *b)
{
	static const char *const words[] = {
		"TPM Present", "TPM Manufacturer", "Ready For Attestation",
		"Is Locked Out", "Has Vulnerable Firmware", "TpmPresent",
		"TpmReady", "ManufacturerIdTxt", "ManufacturerVersion",
		"IsReadyInformation", "PublicKeyHash",
		"ManufacturerCertificates", "AdditionalCertificates",
		"TpmHLI IsReady", "NoValidEkCert", "-TPMInfo command",
		"fIsReady", "AzureAdJoined", "X509 Certificate:",
		"= Certificate ", "[Version 10.0.", "Microsoft Windows [",
		"IsKeyAttestationCapable", "AIK ErrorCode",
		"eady For Attestation", "Endorsementkey", "AIK CA Url",
		"TPM Attestation ", "TPM INFO TOOL", "AUTOPILOT DIAGNOSTICS",
		"] Attestation", "] EK Certificate"
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (holds(b, words[i]))
			return true;
	return false;
}

bool
tool_named(const struct blob *b, const char *name)
{
	const char *slash = strrchr(b->name, '/');
	const char *back = strrchr(b->name, '\\');
	size_t n = strlen(name);

	slash = slash == NULL ? b->name : slash + 1;
	if (back != NULL && back >= slash)
		slash = back + 1;
	return (b->kind == BLOB_INPUT || b->kind == BLOB_MEMBER) &&
	    strlen(slash) == n && text_starts(slash, n, name);
}

/* ---- lines ---- */

static bool
has(const char *p, size_t n, const char *word)
{
	return text_find(p, n, word) < n;
}

bool
tool_filler(const struct text *t, size_t line)
{
	static const char *const commands[] = {
		"getdeviceinformation", "get-tpm", "certutil", "dsregcmd",
		"win32_tpm", "cmd /c ver", ">ver"
	};
	struct text_part part = text_content(&t->lines[line]);
	const char *p = t->p + part.off;
	size_t i;
	bool word = false;

	for (i = 0; i < part.n && !word; i++)
		word = text_is_word(p[i]);
	if (!word)
		return true;
	if (part.n > 160 || has(p, part.n, "0x"))
		return false;
	if (has(p, part.n, "Microsoft Corporation") && (text_starts(p, part.n,
	    "(c)") || text_starts(p, part.n, "\xc2\xa9") ||
	    text_starts(p, part.n, "Copyright")))
		return true;
	/* "C:\>", "PS C:\Windows>": a prompt, with one of our commands. */
	i = part.n > 3 && (text_starts(p, part.n, "PS ") || p[1] == ':') ?
	    text_find(p, part.n, ">") : part.n;
	if (i < part.n && i + 1 + text_blanks(p + i + 1, part.n - i - 1) ==
	    part.n)
		return true;
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (has(p, part.n, commands[i]))
			return text_starts(p, part.n, commands[i]) ||
			    text_starts(p, part.n, "tpmtool") ||
			    text_starts(p, part.n, "cmd") ||
			    has(p, part.n, ">");
	return false;
}

static int
key_row(const struct tool *tool, const struct text *t, struct text_part key)
{
	int i;

	for (i = 0; tool->keys[i] != NULL; i++)
		if (tool_key_is(t, key, tool->keys[i]))
			return i;
	return -1;
}

/* A heading of dsregcmd: "| Device State       |", or its frame. */
static bool
is_frame(const struct text *t, size_t line)
{
	const char *p = t->lines[line].p;
	size_t n = t->lines[line].n, skip = text_blanks(p, n);

	while (skip < n && p[skip] == '>')
		skip += 1 + text_blanks(p + skip + 1, n - skip - 1);
	return skip < n && (p[skip] == '|' || p[skip] == '+');
}

static bool
is_blank(const struct text *t, size_t line)
{
	return text_content(&t->lines[line]).n == 0;
}

/* A key that is not known yet: "    Diagnostics Reference : www..." */
static bool
is_aligned(const struct text *t, size_t line)
{
	const char *p = t->lines[line].p;
	size_t n = t->lines[line].n, at = text_find(p, n, " : ");

	return at < n && at <= 40 && (text_blanks(p, n) >= 3 || (n > 1 &&
	    p[0] == '>' && text_blanks(p + 1, n - 1) >= 3));
}

/* A line that the tool prints and that this program does not know. */
static bool
is_like(enum tool_kind kind, const struct text *t, size_t line,
    const struct tool_line *l)
{
	size_t i;

	switch (kind) {
	case TOOL_TPMTOOL:
		return l->dash && l->key.n > 0;
	case TOOL_GET_TPM:
	case TOOL_WIN32_TPM:
		for (i = 0; i < l->key.n; i++)
			if (!text_is_word(t->p[l->key.off + i]))
				return false;
		return l->key.n > 0 && text_find(t->lines[line].p,
		    t->lines[line].n, " : ") < t->lines[line].n;
	case TOOL_DSREGCMD:
		return is_aligned(t, line);
	default:
		return false;
	}
}

/* Lines of a certificate in a PowerShell list, up to its last brace. */
static size_t
braces_end(struct search *s, size_t line, struct text_part value)
{
	const struct text *t = s->t;
	const char *p = t->p + value.off;
	size_t i, end = line + 1, depth = 0;
	bool any = false;

	if (value.n == 0 || p[0] != '{')
		return end;
	for (i = 0; value.off + i < t->n && i < BRACES_MAX &&
	    s->braces < BRACES_ALL; i++, s->braces++) {
		if (p[i] == '{') {
			depth++;
			any = true;
		} else if (p[i] == '}' && depth > 0)
			depth--;
		/* A subject in the dialect of OIDs may hold braces itself. */
		if (any && depth == 0)
			return text_line_at(t, value.off + i) + 1;
	}
	/* Cut: as far as it looks like a list. */
	while (end < t->nlines && (t->lines[end].n == 0 ||
	    text_blanks(t->lines[end].p, t->lines[end].n) >= 20))
		end++;
	return end;
}

/* ---- one block of keys ---- */

static bool
proven(enum tool_kind kind, size_t different, uint64_t seen,
    const struct text *t, const struct tool_line *first)
{
	/* Without a TPM the tool prints this line and no other. */
	if (kind == TOOL_TPMTOOL && different == 1 && (seen & 1) != 0)
		return first->dash && tool_truth(t->p + first->value.off,
		    first->value.n) >= 0;
	if (kind == TOOL_EK_INFO)
		return different >= 2 && (seen & 0x19) != 0;
	if (kind == TOOL_TPM_HLI)
		return (seen & 3) != 0;
	if (kind == TOOL_DSREGCMD)
		return different >= tools[kind].wanted &&
		    (seen & 0x1f) != 0;
	if (kind == TOOL_GET_TPM)
		return different >= tools[kind].wanted &&
		    (seen & 0x1f) != 0;
	if (kind == TOOL_WIN32_TPM)
		return different >= tools[kind].wanted ||
		    (seen & UINT64_C(1) << 10) != 0;
	return different >= tools[kind].wanted;
}

static bool
block_of_keys(struct search *s, enum tool_kind kind, size_t from,
    struct tool_block *ret)
{
	const struct text *t = s->t;
	const struct tool *tool = &tools[kind];
	struct tool_line l, first;
	uint64_t seen = 0;
	size_t different = 0, end = from, i, gap = 0;
	int row;

	if (from < s->failed[kind] || !tool_line_read(t, from, &first) ||
	    key_row(tool, t, first.key) < 0)
		return false;
	for (i = from; i < t->nlines; ) {
		row = tool_line_read(t, i, &l) ? key_row(tool, t, l.key) : -1;
		if (row >= 0 && i > from && row == key_row(tool, t,
		    first.key) && kind != TOOL_TPM_HLI &&
		    kind != TOOL_DSREGCMD)
			break;		/* the tool, run once more */
		if (row >= 0) {
			if (row < 64 && (seen & UINT64_C(1) << row) == 0) {
				seen |= UINT64_C(1) << row;
				different++;
			} else if (row >= 64)
				different++;
			i = kind == TOOL_EK_INFO ? braces_end(s, i, l.value) :
			    i + 1;
			end = i;
			gap = 0;
			continue;
		}
		if (is_like(kind, t, i, &l)) {
			end = ++i;
			gap = 0;
			continue;
		}
		if (tool->spreads && (is_frame(t, i) || is_blank(t, i))) {
			i++;
			if (++gap > 12)
				break;
			continue;
		}
		if (kind == TOOL_TPM_HLI && (is_blank(t, i) ||
		    has(t->lines[i].p, t->lines[i].n, "TpmHLI") ||
		    has(t->lines[i].p, t->lines[i].n, "Warning! Unknown"))) {
			i++;
			if (++gap > GAP_LINES)
				break;
			continue;
		}
		/* A value that goes on in an indented line. */
		if (end > from && i == end && t->lines[i].n > 0 &&
		    text_blanks(t->lines[i].p, t->lines[i].n) >= 20) {
			end = ++i;
			continue;
		}
		if (!is_blank(t, i) || ++gap > GAP_LINES)
			break;
		i++;
	}
	*ret = (struct tool_block){ kind, from, end };
	if (proven(kind, different, seen, t, &first))
		return true;
	/* Of these a later line would find a part of the same block. */
	if (kind == TOOL_TPM_HLI || kind == TOOL_DSREGCMD)
		s->failed[kind] = end;
	return false;
}

/* ---- the others ---- */

static bool
starts_line(const struct text *t, size_t line, const char *with)
{
	struct text_part part = text_content(&t->lines[line]);

	return text_starts(t->p + part.off, part.n, with);
}

/*
 * certutil's -dump and -store: "X509 Certificate:" or the rule that numbers
 * the certificates, with its lines in the next ones.
 */
static bool
block_certutil(const struct text *t, size_t from, struct tool_block *ret)
{
	struct text_part part = text_content(&t->lines[from]);
	bool ruled = text_starts(t->p + part.off, part.n, "====") &&
	    has(t->p + part.off, part.n, "= Certificate ");
	size_t i, serial = 0, other = 0;

	if (!ruled && !starts_line(t, from, "X509 Certificate:"))
		return false;
	for (i = from + 1; i < t->nlines; i++) {
		struct text_part line = text_content(&t->lines[i]);

		if (starts_line(t, i, "CertUtil:")) {
			i++;
			break;
		}
		if (text_starts(t->p + line.off, line.n, "====") &&
		    has(t->p + line.off, line.n, "= Certificate "))
			break;
		if (starts_line(t, i, "X509 Certificate:") && !ruled)
			break;
		serial += starts_line(t, i, "Serial Number:");
		other += starts_line(t, i, "Issuer:") ||
		    starts_line(t, i, "Subject:") ||
		    has(t->p + line.off, line.n, "(sha1):");
		/* A prompt, or another tool's first words. */
		if (tool_filler(t, i) && line.n > 0 && has(t->p + line.off,
		    line.n, ">"))
			break;
		if (i - from > 400)
			break;
	}
	*ret = (struct tool_block){ TOOL_CERTUTIL, from, i };
	return serial > 0 && other > 0;
}

/* certutil -tpminfo: from its command, or its last line alone. */
static bool
block_tpminfo(const struct text *t, size_t from, struct tool_block *ret)
{
	struct text_part part = text_content(&t->lines[from]);
	const char *p = t->p + part.off;
	size_t i;

	*ret = (struct tool_block){ TOOL_TPM_INFO, from, from + 1 };
	if (text_starts(p, part.n, "CertUtil: -TPMInfo command"))
		return true;
	if (!has(p, part.n, "certutil") || !has(p, part.n, "-tpminfo") ||
	    !tool_filler(t, from))
		return false;
	for (i = from + 1; i < t->nlines && i < from + 200; i++) {
		if (starts_line(t, i, "CertUtil: -TPMInfo command")) {
			ret->end = i + 1;
			return true;
		}
		if (has(t->lines[i].p, t->lines[i].n, "-tpminfo"))
			break;
	}
	return false;
}

/* The banner of a console: "Microsoft Windows [Version 10.0.19045.2728]". */
static bool
block_ver(const struct text *t, size_t from, struct tool_block *ret)
{
	static const char words[] = "Microsoft Windows [";
	struct text_part part = text_content(&t->lines[from]);
	const char *p = t->p + part.off;
	int64_t build, revision;
	size_t i;

	*ret = (struct tool_block){ TOOL_VER, from, from + 1 };
	if (!text_starts(p, part.n, words) || p[part.n - 1] != ']')
		return false;
	for (i = sizeof(words) - 1; i < part.n && !text_is_digit(p[i]); i++)
		continue;
	return tool_build(p + i, part.n - 1 - i, &build, &revision) ==
	    part.n - 1 - i;
}

/* ---- all of them ---- */

static bool
block_at(struct search *s, size_t line, struct tool_block *ret)
{
	const struct text *t = s->t;
	static const enum tool_kind of_keys[] = {
		TOOL_TPMTOOL, TOOL_GET_TPM, TOOL_WIN32_TPM, TOOL_EK_INFO,
		TOOL_TPM_HLI, TOOL_DSREGCMD
	};
	size_t i;

	if (block_certutil(t, line, ret) || block_tpminfo(t, line, ret) ||
	    block_ver(t, line, ret) || script_block(t, line, ret))
		return true;
	for (i = 0; i < sizeof(of_keys) / sizeof(*of_keys); i++)
		if (block_of_keys(s, of_keys[i], line, ret))
			return true;
	return false;
}

void
tool_blocks_find(struct evidence *ev, const struct text *t,
    struct tool_blocks *ret)
{
	struct search s = { .t = t };
	struct tool_block b;
	size_t i, first, room = 16;
	struct tool_block *larger;

	*ret = (struct tool_blocks){
		.p = arena_alloc(ev_arena(ev), room * sizeof(*ret->p)) };
	for (i = 0; i < t->nlines && ret->n < BLOCKS_MAX; ) {
		if (!block_at(&s, i, &b) || b.end <= i) {
			i++;
			continue;
		}
		if (ret->n == room) {
			larger = arena_alloc(ev_arena(ev),
			    2 * room * sizeof(*larger));
			memcpy(larger, ret->p, room * sizeof(*larger));
			ret->p = larger;
			room *= 2;
		}
		/* The command above it, and what rules it off. */
		first = ret->n > 0 ? ret->p[ret->n - 1].end : 0;
		while (b.first > first && (tool_filler(t, b.first - 1) ||
		    (b.kind == TOOL_DSREGCMD && is_frame(t, b.first - 1))))
			b.first--;
		ret->p[ret->n++] = b;
		i = b.end;
	}
	if (ret->n == BLOCKS_MAX)
		ev_limit(ev, blob_span(t->blob), "text_records",
		    "a text holds more outputs of tools than are read");
}
