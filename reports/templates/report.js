
// The check report: filters over the findings, a search over the environment.
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];

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
})();
