"""The script of the report's page: sorts its table and leaves out rows. Without it all is shown."""

SCRIPT = """
"use strict";
const table = document.querySelector("table");
const body = table.tBodies[0];
const rows = [...body.rows];
const heads = [...table.tHead.rows[0].cells];
const text = document.querySelector("#filter");
const state = document.querySelector("#state");
const shown = document.querySelector("#shown");

function key(row, column) {
  const cell = row.cells[column];
  return cell.dataset.key === undefined ? cell.textContent : Number(cell.dataset.key);
}

function order(a, b) {
  return typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
}

heads.forEach((head, column) => {
  const button = head.querySelector("button");
  button.disabled = false;
  button.addEventListener("click", () => {
    const falls = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    rows.sort((a, b) => (falls ? -1 : 1) * order(key(a, column), key(b, column)));
    body.append(...rows);
  });
});

function choose() {
  const wanted = text.value.toLowerCase();
  let count = 0;
  for (const row of rows) {
    const fits = row.textContent.toLowerCase().includes(wanted);
    row.hidden = !fits || (state.value !== "" && row.dataset.state !== state.value);
    count += row.hidden ? 0 : 1;
  }
  shown.textContent = `${count} of ${rows.length} files`;
}

text.addEventListener("input", choose);
state.addEventListener("change", choose);
document.querySelector("#tools").hidden = false;
choose();
"""
