// SPDX-License-Identifier: Apache-2.0

// Above each long table of a page, a field whose words the rows must have. Without it a row that begins a group (its
// other cells are empty) is like any other; with it, a group is shown where one of its rows is.
document.addEventListener("DOMContentLoaded", () => {
  const LONG = 20;
  for (const table of document.querySelectorAll("article table")) {
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    if (rows.length < LONG) continue;
    const field = document.createElement("input");
    field.type = "search";
    field.className = "table-filter";
    field.placeholder = `Filter ${rows.length} rows, such as "transpose 1-byte"`;
    field.setAttribute("aria-label", "Show the rows that have these words");
    (table.closest(".table-wrapper") || table).before(field);
    const isGroup = (row) => row.cells.length > 1 && [...row.cells].slice(1).every((cell) => !cell.textContent.trim());
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let group = null;
      for (const row of rows) {
        if (isGroup(row)) {
          group = row;
          row.hidden = words.length > 0;
          continue;
        }
        const text = `${group ? group.textContent : ""} ${row.textContent}`.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden && group) group.hidden = false;
      }
    });
  }
});
