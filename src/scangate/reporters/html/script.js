// Filters, grouping, search and colours. Everything that it shows is on the page already: it moves and hides, and writes
// text only, never markup. Without it the page is complete.
"use strict";
(() => {
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);

  // Colours: what the system says, or what was chosen here. Storage may be forbidden, as for some files on disk.
  const remembered = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("scangate-colours") || "";
      localStorage.setItem("scangate-colours", value);
    } catch { /* then it is chosen anew each time */ }
    return "";
  };
  const colours = (value) => {
    if (value) root.dataset.theme = value; else delete root.dataset.theme;
    for (const button of find("theme").children) button.setAttribute("aria-pressed", String(button.value === value));
  };
  find("theme").hidden = false;
  find("theme").addEventListener("click", ({ target }) => {
    if (target.value === undefined) return;
    colours(target.value);
    remembered(target.value);
  });
  colours(remembered());

  // On paper everything is open; browsers that know ::details-content need no help.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of closed) each.open = false; });

  const form = find("filters");
  if (!form) return;
  const list = find("list");
  const original = [...list.children];
  for (const section of original) {
    const head = section.querySelector("h3 small");
    head.dataset.all = head.textContent;
  }
  const items = [...list.querySelectorAll("li")].map((node) => {
    const [severity, action, state, target, scanners, marks] = node.dataset.k.split(" ");
    return { node, home: node.parentNode, severity, action, state, target, scanners: scanners.split(","), marks, text: "" };
  });
  const word = (node, part) => node.querySelector(part).textContent;
  const titles = {
    target: (item) => word(item.node, "span + span small"),
    rule: (item) => word(item.node, "code"),
    severity: (item) => word(item.node, "b"),
    change: (item) => word(item.node, "span:last-child"),
  };
  let grouped = "";
  let groups = original;

  const group = (by) => {
    if (by === grouped) return;
    grouped = by;
    for (const each of items) each.home.append(each.node);
    groups = original;
    if (by) {
      const made = new Map();
      for (const each of items) {
        const title = titles[by](each);
        if (!made.has(title)) made.set(title, []);
        made.get(title).push(each.node);
      }
      groups = [...made].sort((one, other) => (by === "severity" ? 0 : other[1].length - one[1].length)).map(([title, nodes]) => {
        const section = document.createElement("section");
        const head = document.createElement("h3");
        const rows = document.createElement("ul");
        rows.className = "findings";
        head.append(title, document.createElement("small"));
        rows.append(...nodes);
        section.append(head, rows);
        return section;
      });
    }
    list.replaceChildren(...groups);
  };

  const plural = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  const apply = () => {
    const data = new FormData(form);
    const words = data.get("q").toLowerCase().split(/\s+/).filter(Boolean);
    const [severity, action, state, mark] = ["severity", "action", "state", "mark"].map((name) => data.getAll(name));
    const [target, scanner] = [data.get("target"), data.get("scanner")];
    const one = (chosen, value) => !chosen.length || chosen.includes(value);
    let shown = 0;
    for (const each of items) {
      if (words.length && !each.text) each.text = each.node.textContent.toLowerCase();
      const fits = one(severity, each.severity) && one(action, each.action) && one(state, each.state)
        && (!target || each.target === target) && (!scanner || each.scanners.includes(scanner))
        && mark.every((letter) => each.marks.includes(letter)) && words.every((text) => each.text.includes(text));
      each.node.hidden = !fits;
      shown += fits;
    }
    group(data.get("group"));
    for (const section of groups) {
      const left = section.querySelectorAll("li:not([hidden])").length;
      section.hidden = !left;
      const head = section.querySelector("h3 small");
      const less = left < section.querySelectorAll("li").length ? `${left.toLocaleString("en")} of ` : "";
      head.textContent = grouped ? plural(left, "finding") : less + head.dataset.all;
    }
    find("shown").textContent = shown === items.length
      ? plural(shown, "finding") : `${shown.toLocaleString("en")} of ${plural(items.length, "finding")}`;
  };

  // The address keeps the filters, so that a view can be passed on as a link.
  const keep = () => {
    const said = [...new FormData(form)].filter(([, value]) => value);
    const hash = said.length ? `#?${new URLSearchParams(said)}` : "#findings";
    try { history.replaceState(null, "", hash); } catch { /* some viewers forbid it */ }
  };
  const fill = (said) => {
    form.reset();
    for (const [name, value] of said) {
      const field = form.elements[name];
      if (!field) continue;
      if (field.type === "search" || field.type === "select-one") field.value = value;
      else for (const box of field.length === undefined ? [field] : field) if (box.value === value) box.checked = true;
    }
  };
  const go = () => {
    const hash = location.hash;
    if (hash.startsWith("#?")) {
      fill(new URLSearchParams(hash.slice(2)));
      apply();
      find("findings").scrollIntoView();
      return;
    }
    const node = hash.length > 1 && find(hash.slice(1));
    const item = node && items.find((each) => each.node === node);
    if (!item) return;
    if (node.hidden) { form.reset(); apply(); }
    node.querySelector("details").open = true;
    node.scrollIntoView();
  };

  let waiting = 0;
  const changed = () => { apply(); keep(); };
  form.addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    if (target.type === "search") waiting = setTimeout(changed, 120); else changed();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed));
  find("open").addEventListener("click", () => {
    const visible = items.filter((each) => !each.node.hidden).map((each) => each.node.firstElementChild);
    const open = visible.some((each) => !each.open);
    for (const each of visible) each.open = open;
    find("open").textContent = open ? "Close all" : "Open all";
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-set], a[data-rule]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fill(link.dataset.rule === undefined ? new URLSearchParams(link.dataset.set) : [["q", link.dataset.rule]]);
    changed();
    find("findings").scrollIntoView();
    find("shown").focus({ preventScroll: true });
  });
  addEventListener("hashchange", go);
  form.hidden = false;
  apply();
  go();
})();
