// Shows what `content` holds. Values from outside become text nodes only, never markup.
"use strict";
const content = JSON.parse(document.getElementById("content").textContent);
const company = content.company;
const waiting = new Map();
const received = new Map();

// The files of organizations call this.
window.tracker = {
  receive(rows) {
    for (const [id, blocks] of Object.entries(rows)) received.set(id, blocks);
    for (const [id, show] of waiting) if (received.has(id)) { waiting.delete(id); show(); }
  },
};

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

// ---- values -------------------------------------------------------------------------------------

const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const isNumeric = format => ["count", "number", "money", "percent"].includes(format);

function words(value) {
  const text = String(value).replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function shown(value, format) {
  if (value === null || value === undefined) return "–";
  if (format === "money") return cents.format(value);
  if (format === "count") return whole.format(value);
  if (format === "percent") return (100 * value).toFixed(1) + " %";
  if (format === "number") return plain.format(value);
  if (format === "time") return String(value).slice(0, 16).replace("T", " ");
  if (format === "month") return String(value).slice(0, 7);
  if (format === "flag") return String(value) === "true" ? "yes" : "no";
  if (format === "code") return String(value).split(",").filter(Boolean).map(words).join(", ") || "–";
  return String(value);
}

// ---- definitions --------------------------------------------------------------------------------

const tip = document.getElementById("tip");

function term(column) {
  if (!column.definition) return document.createTextNode(column.label);
  const node = make("span", { class: "term", tabindex: 0, "aria-describedby": "tip" }, column.label);
  const open = () => {
    const place = node.getBoundingClientRect();
    tip.textContent = column.definition;
    tip.hidden = false;
    tip.style.left = Math.max(8, Math.min(place.left + scrollX, innerWidth - tip.offsetWidth - 16)) + "px";
    tip.style.top = place.bottom + scrollY + 6 + "px";
  };
  const close = () => { tip.hidden = true; };
  for (const [event, handler] of [["mouseenter", open], ["focus", open], ["mouseleave", close], ["blur", close]])
    node.addEventListener(event, handler);
  node.addEventListener("keydown", event => { if (event.key === "Escape") close(); });
  return node;
}

// ---- figures ------------------------------------------------------------------------------------

function figures(block, rows) {
  const list = make("dl", { class: "tiles" });
  const row = rows[0] || [];
  const at = name => block.columns.findIndex(column => column.name === name);
  const changes = new Set(Object.values(block.changes));
  block.columns.forEach((column, number) => {
    if (changes.has(column.name)) return;
    const value = row[number];
    const unit = column.format === "money" && value !== null ? " " + company.currency : "";
    const cell = make("dd", { "data-value": String(value ?? ""), "data-column": column.name }, shown(value, column.format) + unit);
    const change = block.changes[column.name] ? row[at(block.changes[column.name])] : null;
    if (change !== null && change !== undefined) {
      const direction = change < 0 ? "down" : "up";
      cell.append(make("small", { class: direction }, (change < 0 ? "▼ " : "▲ ") + shown(Math.abs(change), "percent") + " on last month"));
    }
    if (column.opens) cell.append(make("small", {}, make("a", { href: "#" + column.opens, "aria-label": "Which organizations: " + column.label }, "Which ones?")));
    list.append(make("div", {}, make("dt", {}, term(column)), cell));
  });
  return list;
}

// ---- tables -------------------------------------------------------------------------------------

function table(block, rows, { plainRows = false } = {}) {
  const columns = block.columns.filter(column => plainRows || !hidden(block, column));
  const at = name => block.columns.findIndex(column => column.name === name);
  const state = { sort: null, down: false, search: "", choices: {} };
  const box = make("div");
  const body = make("tbody");
  const caption = make("caption", { "aria-live": "polite" });
  const heads = columns.map(column => {
    const head = make("th", { scope: "col", class: isNumeric(column.format) ? "figure" : null });
    const sort = make("button", { type: "button", title: "Sort" }, "↕");
    sort.setAttribute("aria-label", "Sort by " + column.label);
    sort.addEventListener("click", () => {
      state.down = state.sort === column.name ? !state.down : isNumeric(column.format);
      state.sort = column.name;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      show();
    });
    head.append(term(column), " ", sort);
    return head;
  });

  function chosen() {
    const needle = state.search.toLowerCase();
    let found = rows.filter(row =>
      Object.entries(state.choices).every(([name, choice]) => {
        if (choice === "") return true;
        const value = String(row[at(name)] ?? "");
        const filter = block.filters.find(one => one.column === name);
        return filter.list ? value.split(",").includes(choice) : value === choice;
      }) && (!needle || row.some(value => String(value ?? "").toLowerCase().includes(needle))));
    if (state.sort) {
      const place = at(state.sort), sign = state.down ? -1 : 1;
      found = [...found].sort((a, b) => compare(a[place], b[place], sign));
    }
    return found;
  }

  function show() {
    const found = chosen();
    const all = `${whole.format(rows.length)} ${rows.length === 1 ? "row" : "rows"}`;
    caption.textContent = found.length === rows.length ? all : `${whole.format(found.length)} of ${all}`;
    body.replaceChildren(...found.slice(0, show.limit).map(line));
    more.hidden = found.length <= show.limit;
  }
  show.limit = 200;
  const more = make("button", { type: "button", on: { click: () => { show.limit = Infinity; show(); } } }, "Show all rows");

  function line(row) {
    return make("tr", {}, ...columns.map(column => cell(block, row, column, row[at(column.name)], at)));
  }

  const controls = make("div", { class: "controls" });
  if (block.search && !plainRows) {
    controls.append(make("label", {}, "Search", make("input", { type: "search", "aria-label": "Search " + block.title, on: { input: event => { state.search = event.target.value; show(); } } })));
  }
  for (const filter of plainRows ? [] : block.filters || []) {
    const values = new Set(rows.flatMap(row => {
      const value = row[at(filter.column)];
      if (value === null || value === "") return [];
      return filter.list ? String(value).split(",") : [String(value)];
    }));
    // Whoever comes by a link has said which rows, also where there are none: a preset would hide some of them.
    if (asked.has(filter.column)) values.add(asked.get(filter.column));
    const preset = asked.size ? asked.get(filter.column) : filter.preset;
    const select = make("select", { "aria-label": filter.label, on: { change: event => { state.choices[filter.column] = event.target.value; show(); } } },
      make("option", { value: "" }, "all"), ...[...values].sort().map(value => make("option", { value }, shown(value, block.columns[at(filter.column)].format))));
    select.dataset.filter = filter.column;
    if (preset && values.has(preset)) { select.value = preset; state.choices[filter.column] = preset; }
    controls.append(make("label", {}, filter.label, select));
  }
  if (controls.children.length) box.append(controls);
  box.append(make("div", { class: "wide", tabindex: 0, role: "region", "aria-label": block.title },
    make("table", {}, caption, make("thead", {}, make("tr", {}, ...heads)), body)), more);
  show();
  return box;
}

const hidden = (block, column) =>
  column.name === block.organization && block.columns.some(other => other.name === "display_name")
  && block.columns.at(-1) === column;

function compare(a, b, sign) {
  const isNone = value => value === null || value === undefined || value === "";
  if (isNone(a) || isNone(b)) return isNone(a) - isNone(b);
  return sign * (typeof a === "number" ? a - b : String(a).localeCompare(String(b)));
}

function cell(block, row, column, value, at) {
  const long = column.format === "text" && String(value ?? "").length > 60;
  const node = make("td", { class: isNumeric(column.format) ? "figure" : long ? "long" : ["date", "month", "time"].includes(column.format) ? "day" : null, "data-value": String(value ?? "") });
  const id = block.organization ? row[at(block.organization)] : null;
  if (id !== null && ["display_name", block.organization].includes(column.name) && content.places[id]) {
    node.append(make("a", { href: "#organization/" + encodeURIComponent(id) }, String(value ?? id)));
  } else if (opens(column) && value) {
    node.append(make("a", { class: isBand(column) ? "badge " + value : null, href: "#" + opens(column) + encodeURIComponent(value) }, words(value)));
  } else {
    node.append(shown(value, column.format));
  }
  return node;
}

const isBand = column => column.name.startsWith("health_band");
const opens = column => column.opens || (isBand(column) ? "organizations?health_band=" : null);

// ---- charts -------------------------------------------------------------------------------------

const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
// Seen on white and on black; what is good, bad or neither has the colour of that everywhere.
const GOOD = "#2a9d68", FAIR = "#e0a526", BAD = "#d1495b", NEITHER = "#8a94a3";
const COLORS = ["#4f7fd9", "#d9822b", "#2a9d68", "#a06cd5", "#3aa6b9", "#c2a13a", "#d1495b", "#8a94a3"];
const COLOR_OF = {
  healthy: GOOD, watch: FAIR, at_risk: BAD, no_recent_activity: NEITHER,
  new: GOOD, reactivation: "#3aa6b9", expansion: "#4f7fd9", contraction: FAIR, churn: BAD, fx: NEITHER,
};

function chart(block, rows) {
  const box = make("div");
  const plot = make("div", { class: "plot", role: "img", "aria-label": block.title + ". The figures follow as a table." });
  if (block.kind === "heatmap") plot.style.height = Math.max(320, 110 + 18 * new Set(rows.map(row => row[1])).size) + "px";
  let wanted = block.periods[0] || 0;
  const draw = () => {
    const found = wanted ? last(rows, wanted) : rows;
    clear(plot);
    echarts.init(plot, null, { renderer: "canvas" }).setOption(options(block, found, plot.clientWidth));
  };
  if (block.periods.length) {
    const buttons = block.periods.map(months => make("button", { type: "button", "aria-pressed": String(months === wanted), on: { click: event => {
      wanted = months;
      for (const button of buttons) button.setAttribute("aria-pressed", String(button === event.currentTarget));
      draw();
    } } }, months + " months"));
    box.append(make("div", { class: "controls", role: "group", "aria-label": "Period" }, ...buttons));
  }
  const numbers = make("details", {}, make("summary", {}, "Figures"));
  numbers.addEventListener("toggle", () => { if (numbers.open && numbers.children.length === 1) numbers.append(table(block, rows, { plainRows: true })); });
  box.append(rows.length ? plot : make("p", { class: "note" }, "Nothing to show yet."), numbers);
  if (rows.length) drawWhenSeen(plot, draw);
  return box;
}

const last = (rows, count) => {
  const keep = new Set([...new Set(rows.map(row => row[0]))].slice(-count));
  return rows.filter(row => keep.has(row[0]));
};

// A chart is drawn when it is about to be seen: all of a page at once take longer than the rest of it.
const charts = new Map();
const seen = new IntersectionObserver(entries => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) drawNow(target);
}, { rootMargin: "200px" });

function drawWhenSeen(plot, draw) {
  charts.set(plot, draw);
  seen.observe(plot);
}

function drawNow(plot) {
  seen.unobserve(plot);
  charts.get(plot)();
}

const clear = plot => echarts.getInstanceByDom(plot)?.dispose();
const drawn = () => [...charts.keys()].filter(plot => echarts.getInstanceByDom(plot));

function options(block, rows, width) {
  const [x, ...others] = block.columns;
  const values = block.series ? others.slice(1) : others;
  const format = values[0].format;
  const unit = format === "money" ? " " + company.currency : "";
  const text = { color: color("--soft") };
  const common = {
    aria: { enabled: true },
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    color: COLORS,
    tooltip: { trigger: "axis", ...tooltip(), valueFormatter: value => shown(value, format) + unit },
    legend: { top: 0, textStyle: text, type: "scroll", icon: "roundRect", itemWidth: 12, itemHeight: 8, itemGap: 8 },
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    yAxis: { type: "value", axisLabel: { ...text, formatter: value => format === "percent" ? Math.round(100 * value) + " %" : whole.format(value) }, splitLine: { lineStyle: { color: color("--line") } } },
  };
  if (block.kind === "heatmap") return heatmap(common, block, rows, text);
  const labels = [...new Set(rows.map(row => row[0]))];
  const hasLegend = (block.series ? new Set(rows.map(row => row[1])).size : values.length) > 1;
  if (!hasLegend) common.grid.top = 24;
  const isLine = ["line", "area"].includes(block.kind);
  const xAxis = { type: "category", boundaryGap: !isLine, data: labels.map(label => shown(label, x.format)), axisLabel: { ...text, ...axisLabels(x, labels, width) } };
  if (block.kind === "bridge") return { ...common, legend: { show: false }, xAxis, ...bridge(common.yAxis, rows) };
  const names = block.series ? [...new Set(rows.map(row => row[1]))] : values.map(column => column.label);
  const series = names.map((name, number) => ({
    name: block.series ? shown(name, others[0].format) : name,
    type: isLine ? "line" : "bar",
    stack: ["stack", "area"].includes(block.kind) ? "all" : undefined,
    areaStyle: block.kind === "area" ? {} : undefined,
    showSymbol: labels.length < 2,
    itemStyle: { color: COLOR_OF[block.series ? name : values[number].name] },
    data: pick(rows, labels, block.series ? name : null, block.series ? 2 : number + 1),
  }));
  if (block.kind === "bar" && x.name === "health_band")
    series[0].data = series[0].data.map((value, number) => ({ value, itemStyle: { color: COLOR_OF[labels[number]] } }));
  return { ...common, legend: { ...common.legend, show: hasLegend }, xAxis, series };
}

const tooltip = () => ({ confine: true, renderMode: "richText", backgroundColor: color("--card"), borderColor: color("--line"), textStyle: { color: color("--ink") } });

// Days may leave some out; each of a few names is said, in lines where its words fit, else at a slant.
function axisLabels(x, labels, width) {
  if (["date", "month"].includes(x.format)) return { hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" };
  const room = width / labels.length - 12;
  const longest = Math.max(...labels.flatMap(label => String(label).split(/[ _]/)).map(word => word.length));
  return room > 7 * longest ? { interval: 0, width: room, overflow: "break" } : { interval: labels.length > 12 ? "auto" : 0, rotate: 40 };
}

function pick(rows, labels, name, place) {
  const found = new Map(rows.filter(row => name === null || row[1] === name).map(row => [row[0], row[place]]));
  return labels.map(label => found.get(label) ?? null);
}

// A bar of a bridge stands on an invisible one that reaches to where the last one ended.
function bridge(yAxis, rows) {
  const base = [], bars = [], levels = [];
  rows.forEach(([, amount], number) => {
    const isTotal = number === 0 || number === rows.length - 1;
    const from = isTotal ? 0 : levels.at(-1);
    const level = from + amount;
    levels.push(level);
    base.push(Math.min(from, level));
    bars.push({ value: Math.abs(amount), amount, itemStyle: { color: isTotal ? COLORS[0] : amount < 0 ? BAD : GOOD } });
  });
  return {
    yAxis: { ...yAxis, min: bridgeFloor(levels) },
    series: [
      { type: "bar", stack: "all", silent: true, itemStyle: { color: "transparent" }, tooltip: { show: false }, data: base },
      { type: "bar", stack: "all", data: bars, tooltip: { show: false }, labelLayout: { hideOverlap: true }, label: { show: true, position: "top", color: color("--ink"), formatter: bar => cents.format(bar.data.amount) } },
    ],
  };
}

// Changes of a few percent of the total would not be seen on an axis that begins at 0.
function bridgeFloor(levels) {
  const low = Math.min(...levels), span = Math.max(...levels) - low;
  const step = 10 ** Math.floor(Math.log10(span));
  return span > 0 && low > 3 * span ? Math.floor((low - span) / step) * step : 0;
}

function heatmap(common, block, rows, text) {
  const xs = [...new Set(rows.map(row => row[0]))].sort((a, b) => a - b), ys = [...new Set(rows.map(row => row[1]))].reverse();
  const rowNames = ys.map(y => shown(y, block.columns[1].format));
  const cells = rows.map(row => [xs.indexOf(row[0]), ys.indexOf(row[1]), row[2]]);
  const largest = Math.max(1, ...rows.map(row => row[2] ?? 0));
  return {
    ...common,
    legend: { show: false },
    grid: { ...common.grid, top: 8, bottom: 72 },
    tooltip: { ...tooltip(), formatter: one => `${rowNames[one.data[1]]}, month ${xs[one.data[0]]}: ${shown(one.data[2], "percent")}` },
    xAxis: { type: "category", data: xs, name: block.columns[0].label, nameLocation: "middle", nameGap: 24, axisLabel: text, nameTextStyle: text },
    yAxis: { type: "category", data: rowNames, axisLabel: text },
    visualMap: { min: 0, max: Math.min(2, largest), orient: "horizontal", left: "center", bottom: 0, itemHeight: 120, itemWidth: 10, text: [shown(Math.min(2, largest), "percent"), "0 %"], textStyle: text, inRange: { color: ["#d1495b", "#f2e3b3", "#2a9d68", "#1d4f91"] } },
    series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: color("--card"), borderWidth: 1 }, emphasis: { itemStyle: { borderColor: color("--ink"), borderWidth: 1 } } }],
  };
}

// ---- pages --------------------------------------------------------------------------------------

const slug = title => title.toLowerCase().replace(/[^a-z]+/g, "-");
const SHOW = { figures, table, chart };
let asked = new Map();

function section(block, rows) {
  const head = make("h3", {}, term({ label: block.title, definition: block.definition && `${block.definition} (${block.mart})` }));
  const isSmall = block.type === "chart" ? block.kind !== "heatmap" : block.type === "table" && block.columns.length < 5 && !block.search;
  return make("section", { class: isSmall ? "half" : null }, head, SHOW[block.type](block, rows), block.note ? make("p", { class: "note" }, block.note) : null);
}

function open() {
  const [path, query] = location.hash.slice(1).split("?");
  asked = new URLSearchParams(query || "");
  const [name, id] = path.split("/");
  const page = content.pages.find(one => slug(one.title) === name) || content.pages[0];
  for (const link of document.querySelectorAll("nav a"))
    link.toggleAttribute("aria-current", link.hash.slice(1) === (name === "organization" ? "organizations" : slug(page.title)));
  seen.disconnect();
  drawn().forEach(clear);
  charts.clear();
  if (name === "organization") return organization(decodeURIComponent(id || ""));
  fill(page.title, page.about, page.blocks, page.blocks.map(block => block.rows));
}

function fill(title, about, blocks, rows) {
  document.title = `${title} · ${company.name}`;
  const top = make("div", { class: "top" }, make("h2", {}, title), make("p", { class: "lead" }, about));
  const sections = blocks.map((block, number) => section(block, rows[number] || []));
  const halves = sections.filter(one => one.className === "half");
  if (halves.length % 2) halves.at(-1).className = "";
  document.getElementById("main").replaceChildren(top, ...sections);
}

function organization(id) {
  const blocks = content.organization ? content.organization.blocks : [];
  const known = content.pages.flatMap(page => page.blocks).find(block => block.mart === "organizations" && block.organization);
  const at = name => known ? known.columns.findIndex(column => column.name === name) : -1;
  const row = known && known.rows.find(one => one[at("external_org_id")] === id);
  const title = row ? row[at("display_name")] : id;
  const show = () => fill(title, `Organization ${id}`, blocks, received.get(id) || []);
  if (received.has(id)) return show();
  const file = content.places[id];
  if (!file) return fill(title, "There is nothing about this organization.", [], []);
  waiting.set(id, show);
  const missing = () => fill(title, "The rows of this organization are not there: this page has been replaced. Open it again.", [], []);
  document.head.append(make("script", { src: file, on: { error: missing } }));
}

document.getElementById("company").textContent = company.name;
document.getElementById("about").textContent = `As of ${company.as_of}, amounts in ${company.currency}`;
document.getElementById("pages").append(...content.pages.map(page => make("a", { href: "#" + slug(page.title) }, page.title)));
document.querySelector(".skip").addEventListener("click", event => {
  event.preventDefault(); // its address would be that of no page
  document.getElementById("main").focus();
});
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  drawn().forEach(drawNow);
});
addEventListener("hashchange", () => {
  open();
  scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true });
});
addEventListener("resize", () => { for (const plot of drawn()) echarts.getInstanceByDom(plot).resize(); });
addEventListener("beforeprint", () => [...charts.keys()].forEach(drawNow));
open();
