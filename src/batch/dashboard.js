"use strict";
/* The table of cases: filter, sort, pages, and reports that are read when they
   are opened.  All text goes through textContent. */
(() => {
const byId = id => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const words = data.words;
const PAGE = 100;

/* The order of a row is that of enum DASH_... behind the position. */
const AT = { position: 0, path: 1, outcome: 2, cause: 3, stage: 4, code: 5,
    vendor: 6, ca: 7, family: 8, time: 9, cluster: 10, copy: 11, exit: 12 };
const isWord = at => at >= AT.path && at <= AT.time;
const value = (row, at) => isWord(at) ? words[row[at]] : row[at];

const columns = [
	["No.", AT.position, "w1"], ["Case", AT.path, ""],
	["Outcome", AT.outcome, "nowrap"], ["Cause", AT.cause, ""],
	["Stage", AT.stage, "w3"], ["Code", AT.code, "w2"],
	["Vendor", AT.vendor, "w3"], ["CA", AT.ca, "w3"],
	["Firmware", AT.family, "w3"], ["Time (UTC)", AT.time, "w2 nowrap"],
	["Cluster", AT.cluster, "w2"]
];

function make(name, props, ...inner) {
	const node = document.createElement(name);
	for (const [key, to] of Object.entries(props || {}))
		if (key in node)
			node[key] = to;
		else
			node.setAttribute(key, to);
	node.append(...inner);
	return node;
}

/* ---- reports ---- */

const chunks = new Map();
function reportOf(index) {
	const number = Math.floor(index / data.chunk);
	if (!chunks.has(number))
		chunks.set(number,
		    JSON.parse(byId("reports-" + number).textContent));
	const chunk = chunks.get(number);
	const word = w => chunk.words[w];
	const r = chunk.reports[index % data.chunk];
	const proofs = flat => {
		const all = [];
		for (let i = 0; i < flat.length; i += 3)
			all.push(flat.slice(i, i + 3).map(word));
		return all;
	};
	return {
		sentence: word(r[0]), next: word(r[1]), died: word(r[2]),
		chain: r[3].map(l => ({ rule: word(l[0]), kind: word(l[1]),
		    title: word(l[2]), proofs: proofs(l[3]) })),
		lines: r[4].map(word), problems: r[5].map(word),
		others: r[6].map(word),
		facts: ["confidence", "host", "firmware", "TPM version",
		    "Windows", "EK certificate", "transaction", "request ids",
		    "client request ids", "case"].map((name, i) =>
		    [name, word(r[7 + i])])
	};
}

function listOf(title, items) {
	if (items.length === 0)
		return [];
	return [make("h3", {}, title), make("ul", {},
	    ...items.map(i => make("li", {}, i)))];
}

function proofItem([cite, field, text]) {
	const item = make("li", {});
	if (cite !== "")
		item.append(make("code", {}, cite), " ");
	if (field !== "")
		item.append(field + ": ");
	item.append(field === "" ? text : make("code", {}, text));
	return item;
}

function chainList(chain) {
	return make("ol", { className: "chain" }, ...chain.map(link =>
	    make("li", {}, make("span", { className: "badge " + link.kind },
	    link.kind), " ", make("strong", {}, link.rule),
	    make("p", {}, link.title), make("ul", { className: "proof" },
	    ...link.proofs.map(proofItem)))));
}

function escalation(lines) {
	const pre = make("pre", { tabIndex: 0, role: "group",
	    "aria-label": "escalation block" }, lines.join("\n"));
	const said = make("span", { role: "status" });
	const copy = make("button", { type: "button", onclick: async () => {
		try {
			await navigator.clipboard.writeText(pre.textContent);
			said.textContent = "Copied";
		} catch (e) {
			getSelection().selectAllChildren(pre);
			said.textContent = "Selected: press Ctrl+C";
		}
	} }, "Copy");
	return [make("h3", {}, "Escalation block for the service's support"),
	    make("p", {}, copy, " ", said), pre];
}

function reportNode(index) {
	const row = data.rows[index], r = reportOf(index);
	const facts = make("dl", {});
	const fact = (name, text) => facts.append(make("dt", {}, name),
	    make("dd", {}, text));
	for (const [name, text] of r.facts)
		if (text !== "")
			fact(name, text);
	if (row[AT.cluster] > 0)
		fact("cluster", row[AT.cluster] + ": " +
		    data.clusters[row[AT.cluster] - 1][1]);
	const node = make("div", {}, make("p", { className: "verdict" },
	    r.sentence));
	if (r.died !== "")
		node.append(make("p", { className: "failed" },
		    "The worker of this case did not finish: " + r.died));
	if (row[AT.copy] > 0)
		node.append(make("p", { className: "warning" },
		    "The same attempt was sent before, as case " +
		    row[AT.copy] + "."));
	if (r.chain.length > 0)
		node.append(make("h3", {}, "From the symptom to the cause"),
		    chainList(r.chain));
	if (data.pages !== "")
		node.append(make("p", {}, make("a", { href: data.pages +
		    "case-" + String(row[0]).padStart(6, "0") + ".html" },
		    "The full report, with every byte that is cited")));
	node.append(make("h3", {}, "What to do next"),
	    make("p", {}, r.next));
	if (r.lines.length > 0)
		node.append(...escalation(r.lines));
	node.append(...listOf("Problems of the evidence", r.problems));
	node.append(make("h3", {}, "Facts"), facts);
	if (r.others.length > 0)
		node.append(make("p", { className: "soft" },
		    "Other findings: " + r.others.join(", ")));
	return node;
}

/* ---- what is shown ---- */

const state = { sort: AT.position, down: false, page: 0, cluster: 0,
    outbreak: 0 };
let shown = [];
const open = new Set();

/* Lower-case text of a row, made when it is first looked for. */
const texts = [];
function textOf(i) {
	if (texts[i] === undefined) {
		let text = "";
		for (let at = AT.path; at <= AT.time; at++)
			text += words[data.rows[i][at]] + "\n";
		texts[i] = text.toLowerCase();
	}
	return texts[i];
}

const find = make("input", { type: "search", autocomplete: "off",
    spellcheck: false });
const copies = make("input", { type: "checkbox", checked: true });
function choice(at) {
	const counts = new Map();
	for (const row of data.rows)
		counts.set(row[at], (counts.get(row[at]) || 0) + 1);
	const select = make("select", {}, make("option", { value: "" },
	    "all"));
	for (const [w, n] of [...counts].sort((a, b) => b[1] - a[1]))
		select.append(make("option", { value: String(w) },
		    (words[w] || "none") + " (" + n + ")"));
	select.addEventListener("change", () => renew());
	return [at, select];
}
const choices = [choice(AT.outcome), choice(AT.cause), choice(AT.vendor)];

/* Order of words: every word is compared once, not every row. */
const ranks = new Map();
function rankOf() {
	if (ranks.size === 0) {
		const order = words.map((w, i) => i);
		const compare = new Intl.Collator("en", { numeric: true })
		    .compare;
		order.sort((a, b) => compare(words[a], words[b]));
		order.forEach((w, i) => ranks.set(w, words[w] === "" ?
		    words.length : i));
	}
	return ranks;
}

function keyOf(at) {
	if (isWord(at)) {
		const rank = rankOf();
		return i => rank.get(data.rows[i][at]);
	}
	return i => data.rows[i][at] || Infinity;
}

function isOfOutbreak(row) {
	const [from, to, clusters] = data.outbreaks[state.outbreak - 1];
	const day = words[row[AT.time]].slice(0, 10);
	return clusters.includes(row[AT.cluster]) && day >= from && day <= to;
}

function select() {
	const wanted = find.value.toLowerCase().split(/\s+/)
	    .filter(w => w !== "");
	const chosen = choices.filter(c => c[1].value !== "")
	    .map(c => [c[0], Number(c[1].value)]);
	shown = [];
	for (let i = 0; i < data.rows.length; i++) {
		const row = data.rows[i];
		if ((!copies.checked && row[AT.copy] > 0) ||
		    (state.cluster > 0 && row[AT.cluster] !== state.cluster) ||
		    (state.outbreak > 0 && !isOfOutbreak(row)) ||
		    !chosen.every(c => row[c[0]] === c[1]) ||
		    !wanted.every(w => textOf(i).includes(w)))
			continue;
		shown.push(i);
	}
	const key = keyOf(state.sort), sign = state.down ? -1 : 1;
	const last = isWord(state.sort) ? words.length : Infinity;
	shown.sort((a, b) => {
		const x = key(a), y = key(b);
		/* What is not there comes last, whatever the order. */
		if (x !== y && (x === last || y === last))
			return x === last ? 1 : -1;
		return x === y ? a - b : sign * (x - y);
	});
}

/* ---- the table ---- */

const said = make("p", { className: "soft", role: "status" });
const body = make("tbody", {});
const heads = columns.map(([name, at, wide]) => {
	const head = make("th", { scope: "col", className: wide },
	    make("button", { type: "button", onclick: () => {
		state.down = state.sort === at && !state.down;
		state.sort = at;
		renew();
	} }, name));
	return head;
});
const pager = make("nav", { className: "pager",
    "aria-label": "Pages of the table" });
const pageText = make("span", {});
const turns = [["First", () => 0], ["Previous", () => state.page - 1],
    ["Next", () => state.page + 1], ["Last", () => pages() - 1]]
    .map(([name, to]) => make("button", { type: "button", onclick: () => {
	state.page = to();
	draw();
} }, name));
pager.append(turns[0], turns[1], pageText, turns[2], turns[3]);
const pages = () => Math.max(1, Math.ceil(shown.length / PAGE));

function cellOf(i, [, at, wide]) {
	const row = data.rows[i];
	if (at === AT.path) {
		const button = make("button", { type: "button",
		    onclick: () => toggle(i), "aria-expanded": "false" },
		    value(row, at) || "(no name)");
		return make("th", { scope: "row", className: "path" }, button);
	}
	let text = value(row, at);
	if (at === AT.cluster)
		text = text > 0 ? text : "";
	if (at === AT.time)
		text = text.replace("T", " ").replace(/(\.\d+)?Z$/, "");
	if (at === AT.position && row[AT.copy] > 0)
		text += " (again: " + row[AT.copy] + ")";
	return make("td", { className: wide + (at === AT.outcome ?
	    " " + text : "") }, String(text));
}

function reportRow(i) {
	return make("tr", { id: "report-" + i }, make("td", {
	    className: "report", colSpan: columns.length },
	    reportNode(i)));
}

function rowOf(i) {
	const tr = make("tr", { id: "row-" + i },
	    ...columns.map(c => cellOf(i, c)));
	if (!open.has(i))
		return [tr];
	const button = tr.querySelector("button");
	tr.className = "open";
	button.setAttribute("aria-expanded", "true");
	button.setAttribute("aria-controls", "report-" + i);
	return [tr, reportRow(i)];
}

function toggle(i) {
	if (open.has(i)) {
		open.delete(i);
		byId("report-" + i).remove();
	} else
		open.add(i);
	const [tr, report] = rowOf(i);
	byId("row-" + i).replaceWith(tr);
	if (report)
		tr.after(report);
	tr.querySelector("button").focus();
}

function draw() {
	state.page = Math.min(Math.max(state.page, 0), pages() - 1);
	const from = state.page * PAGE;
	body.replaceChildren(...shown.slice(from, from + PAGE)
	    .flatMap(i => rowOf(i)));
	heads.forEach((head, k) => {
		if (columns[k][1] === state.sort)
			head.setAttribute("aria-sort", state.down ?
			    "descending" : "ascending");
		else
			head.removeAttribute("aria-sort");
	});
	pageText.textContent = "Page " + (state.page + 1) + " of " + pages();
	turns[0].disabled = turns[1].disabled = state.page === 0;
	turns[2].disabled = turns[3].disabled = state.page === pages() - 1;
	pager.hidden = pages() === 1;
	said.textContent = shown.length + " of " + data.rows.length +
	    " cases" + (state.cluster > 0 ? ", cluster " + state.cluster +
	    ": " + data.clusters[state.cluster - 1][1] : "") +
	    (state.outbreak > 0 ? ", outbreak " + state.outbreak : "");
}

function renew() {
	state.page = 0;
	select();
	draw();
}

function clear() {
	find.value = "";
	copies.checked = true;
	state.cluster = state.outbreak = 0;
	for (const [, node] of choices)
		node.value = "";
	renew();
}

/* "#case=12" opens the case at that position. */
function follow() {
	const wanted = /^#case=(\d+)$/.exec(location.hash);
	if (!wanted)
		return;
	const i = data.rows.findIndex(r => r[0] === Number(wanted[1]));
	if (i < 0)
		return;
	clear();
	open.add(i);
	state.page = Math.floor(shown.indexOf(i) / PAGE);
	draw();
	byId("row-" + i).scrollIntoView();
}

let timer;
find.addEventListener("input", () => {
	clearTimeout(timer);
	timer = setTimeout(renew, 60);
});
copies.addEventListener("change", renew);
const labels = ["Outcome", "Cause", "Vendor"];
const filters = make("form", { className: "filters",
    onsubmit: e => e.preventDefault() },
    make("label", {}, "Find", find),
    ...choices.map(([, node], k) => make("label", {}, labels[k], node)));
if (data.rows.some(r => r[AT.copy] > 0))
	filters.append(make("label", { className: "check" }, copies,
	    "what was sent again, too"));
filters.append(make("button", { type: "button", onclick: clear }, "Clear"));

for (const button of document.querySelectorAll("button[data-cluster]," +
    "button[data-outbreak]")) {
	button.hidden = false;
	button.addEventListener("click", () => {
		clear();
		state.cluster = Number(button.dataset.cluster || 0);
		state.outbreak = Number(button.dataset.outbreak || 0);
		renew();
		byId("cases").scrollIntoView();
		find.focus({ preventScroll: true });
	});
}
byId("table").append(filters, said, make("div", { className: "scroll",
    tabIndex: 0, role: "group", "aria-label": "Cases" },
    make("table", { className: "rows" }, make("thead", {},
    make("tr", {}, ...heads)), body)), pager);
byId("static").remove();
byId("table").hidden = false;
renew();
follow();
addEventListener("hashchange", follow);
})();
