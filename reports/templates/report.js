
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  root.classList.add("js");

  // Theme: the system's until somebody chooses; the choice is kept where the browser lets a file keep one.
  const theme = one("#theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const nameTheme = () => { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  try {
    const kept = localStorage.getItem("envcheck-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch { /* storage is refused: the theme lasts as long as the page */ }
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("envcheck-theme", root.dataset.theme); } catch { /* as above */ }
    nameTheme();
  });
  dark.addEventListener("change", nameTheme);
  nameTheme();

  // Text is lower-cased once, when somebody first searches for it.
  const texts = new WeakMap();
  const textOf = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const holds = (element, words) => words.every((word) => textOf(element).includes(word));
  const wordsOf = (input) => input.value.toLowerCase().split(/\s+/).filter(Boolean);

  // Findings.
  const query = one("#query");
  const findings = all(".finding");
  const causes = all(".cause");
  const filter = () => {
    const words = wordsOf(query);
    const severities = all("[name=severity]").filter((box) => !box.checked).map((box) => box.value);
    const rule = one("#rule").value;
    const status = one("#status")?.value ?? "";
    let shown = 0;
    for (const finding of findings) {
      const { severity, rule: ofRule, status: ofStatus } = finding.dataset;
      const fits = !severities.includes(severity) && (!rule || rule === ofRule)
        && (!status || status === ofStatus) && holds(finding, words);
      finding.hidden = !fits;
      if (fits) shown += 1;
    }
    for (const cause of causes) cause.hidden = !cause.querySelector(".finding:not([hidden])");
    const total = `${findings.length} finding${findings.length === 1 ? "" : "s"}`;
    one("#shown").textContent = shown === findings.length ? total : `${shown} of ${total}`;
    one("#no-match").hidden = shown > 0;
  };
  if (query) {
    query.addEventListener("input", filter);
    for (const control of all("[name=severity], #rule, #status")) control.addEventListener("change", filter);
    one("#clear").addEventListener("click", () => {
      query.value = "";
      for (const box of all("[name=severity]")) box.checked = true;
      for (const choice of all("#rule, #status")) choice.value = "";
      filter();
      query.focus();
    });
  }

  // Environment: a kind opens when something in it matches, and closes again with the search.
  const lookup = one("#lookup");
  const kinds = all(".kind").map((kind) => ({ kind, open: kind.open, rows: [...kind.querySelectorAll("tbody tr")] }));
  const look = () => {
    const words = wordsOf(lookup);
    let found = 0;
    for (const { kind, open, rows } of kinds) {
      let here = 0;
      for (const row of rows) {
        row.hidden = !holds(row, words);
        if (!row.hidden) here += 1;
      }
      kind.hidden = here === 0;
      kind.open = words.length ? here > 0 : open;
      found += here;
    }
    one("#found").textContent = words.length ? `${found} row${found === 1 ? "" : "s"}` : "";
  };
  lookup.addEventListener("input", look);

  // Copy.
  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    throw new Error("no clipboard");
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const code = button.previousElementSibling;
    try {
      await copy(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });

  // A link to a finding opens it, whatever the filters hide.
  const reveal = () => {
    const target = /^#[\w-]+$/.test(location.hash) ? one(location.hash) : null;
    if (!target) return;
    if (target.hidden && query) one("#clear").click();
    if (target.matches("details")) target.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && query) {
      event.preventDefault();
      query.focus();
    }
    if (event.key === "Escape" && event.target === query) {
      query.value = "";
      filter();
    }
  });

  // On paper nothing can be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
})();
