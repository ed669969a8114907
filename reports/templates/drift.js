
// The drift report: filters over the matrix, rows that unfold.
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const find = one("#find");
  if (!find) return;

  // What a row says is lower-cased once, while nobody waits for it; origins are not searched.
  const rows = all(".change").map((body) => ({ body, ...body.dataset, apart: body.dataset.apart.split(" "), text: "" }));
  const textOf = (row) => {
    if (!row.text) row.text = [...row.body.querySelectorAll("tr:not(.detail)")].map((line) => line.textContent).join(" ").toLowerCase();
    return row.text;
  };
  if (window.requestIdleCallback) requestIdleCallback(() => { for (const row of rows) textOf(row); });
  const sections = all(".section").map((body) => ({ body, number: body.querySelector(".number"), name: body.dataset.section }));

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hidden = new Set(all("[name=conclusion]").filter((box) => !box.checked).map((box) => box.value));
    const kind = one("#kind").value;
    const form = one("#form").value;
    const apart = one("#apart")?.value ?? "";
    const outliers = one("#outliers")?.checked ?? false;
    const left = {};
    let shown = 0;
    for (const row of rows) {
      const fits = !hidden.has(row.conclusion) && (!kind || kind === row.kind) && (!form || form === row.form)
        && (!apart || row.apart.includes(apart)) && (!outliers || row.majority !== undefined)
        && words.every((word) => textOf(row).includes(word));
      if (row.body.hidden === fits) row.body.hidden = !fits;
      if (fits) {
        shown += 1;
        left[row.conclusion] = (left[row.conclusion] ?? 0) + 1;
      }
    }
    for (const { body, number, name } of sections) {
      body.hidden = !left[name];
      number.textContent = left[name] ?? 0;
    }
    const total = `${rows.length} difference${rows.length === 1 ? "" : "s"}`;
    one("#shown").textContent = shown === rows.length ? total : `${shown} of ${total}`;
    one(".scroll").hidden = shown === 0;
    one("#no-match").hidden = shown > 0;
    const matrix = one(".matrix");
    matrix.classList.toggle("picked", apart !== "");
    matrix.style.setProperty("--picked", apart);
  };
  find.addEventListener("input", filter);
  for (const control of all("[name=conclusion], #kind, #form, #apart, #outliers")) control.addEventListener("change", filter);
  one("#clear").addEventListener("click", () => {
    find.value = "";
    for (const box of all("[name=conclusion]")) box.checked = true;
    for (const choice of all("#kind, #form, #apart")) choice.value = "";
    if (one("#outliers")) one("#outliers").checked = false;
    filter();
    find.focus();
  });
  filter();

  const unfold = (body, open) => {
    body.classList.toggle("open", open);
    body.querySelector(".more").setAttribute("aria-expanded", open);
  };
  one(".matrix").addEventListener("click", (event) => {
    const line = event.target.closest(".change > tr:first-child");
    if (!line || event.target.closest("a") || getSelection().toString()) return;
    unfold(line.parentElement, !line.parentElement.classList.contains("open"));
  });
  const reveal = () => {
    const body = /^#change-\d+$/.test(location.hash) ? one(location.hash)?.closest(".change") : null;
    if (!body) return;
    if (body.hidden) one("#clear").click();
    unfold(body, true);
    one(location.hash).scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
