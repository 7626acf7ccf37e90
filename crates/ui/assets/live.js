// Follows a page as its jobs go on. Without scripts the page is the same, as of when it was loaded.
"use strict";

(() => {
  const live = document.querySelector("[data-live]");
  if (!live || !("EventSource" in window)) return;
  const source = new EventSource(live.dataset.live);
  let waiting = false;

  const refresh = async () => {
    if (waiting) return;
    waiting = true;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-part]")) {
        const next = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
        // Where the reader is stays: what is open, selected or in focus is not replaced.
        if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
          part.replaceWith(document.importNode(next, true));
        }
      }
      if (!fresh.querySelector("[data-live]")) source.close();
    } finally {
      waiting = false;
    }
  };

  source.addEventListener("changed", refresh);
  source.addEventListener("error", () => {
    // The browser connects again by itself; what was missed is fetched then.
    source.addEventListener("open", refresh, { once: true });
  });
})();
