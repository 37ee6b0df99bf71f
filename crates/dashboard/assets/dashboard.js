// What makes the pages handier; none of it is needed. Copying, searching while typing, waiting for a verdict, and how far an
// upload is.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

// Searching while typing: the same page is asked for, and its results take the place of those that are there.
const filters = document.querySelector("form.filters");
if (filters) {
  let timer = 0, latest = 0;
  const search = async () => {
    const mine = ++latest;
    const query = new URLSearchParams(new FormData(filters));
    for (const [name, value] of [...query]) if (!value) query.delete(name);
    const address = `${filters.action}?${query}`;
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" } });
      if (!answer.ok || mine !== latest) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("results")) return;
      for (const id of ["counts", "family", "results"]) {
        document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
      }
      history.replaceState(null, "", address);
    } catch { /* The button is still there. */ }
  };
  filters.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 250); });
}

// Waiting for a verdict.
const waiting = document.querySelector("[data-standing]");
if (waiting) {
  const look = async () => {
    try {
      const answer = await fetch(waiting.dataset.standing);
      if (!answer.ok) return;
      const standing = await answer.json();
      if (!standing.busy) { location.reload(); return; }
      if (standing.percent !== null) {
        waiting.querySelector("p:not(.word)").textContent = `${standing.percent} % of the original has been read.`;
      }
    } catch { /* The link is still there. */ }
    setTimeout(look, 1500);
  };
  setTimeout(look, 800);
}

// How far an upload is. The answer is an address, which is where to go on.
const upload = document.getElementById("upload");
if (upload) {
  upload.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = document.getElementById("said"), bar = document.getElementById("bar");
    const button = upload.querySelector("button");
    document.getElementById("progress").hidden = false;
    button.disabled = true;
    const request = new XMLHttpRequest();
    request.open("POST", upload.action);
    request.upload.addEventListener("progress", (now) => {
      if (!now.lengthComputable) return;
      const percent = Math.floor(100 * now.loaded / now.total);
      bar.value = percent;
      said.textContent = percent < 100 ? `${percent} % sent` : "Sent; the cloud is putting it away.";
    });
    request.addEventListener("load", () => {
      if (request.status < 400 && request.responseURL) { location.assign(request.responseURL); return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      said.textContent = page.querySelector(".alert")?.textContent ?? `The server said no (${request.status}).`;
      button.disabled = false;
    });
    request.addEventListener("error", () => {
      said.textContent = "The connection broke. What came of the upload stands below when this page is loaded anew.";
      button.disabled = false;
    });
    request.send(new FormData(upload));
  });
}
