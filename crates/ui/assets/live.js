// Follows a page as its jobs go on. Without scripts the page is the same, as of when it was loaded.
"use strict";

(() => {
  const live = document.querySelector("[data-live]");
  if (!live || !("EventSource" in window)) return;
  const source = new EventSource(live.dataset.live);
  let asked = false;
  let busy = false;

  const show = (fresh) => {
    for (const part of document.querySelectorAll("[data-part]")) {
      const next = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!next || next.innerHTML === part.innerHTML) continue;
      // The part itself stays, and where its reader is: how far it was scrolled, and the link in focus.
      const focus = document.activeElement;
      const link = part.contains(focus) && focus.getAttribute("href");
      part.replaceChildren(...document.importNode(next, true).childNodes);
      if (link) part.querySelector(`[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
    }
  };

  const refresh = async () => {
    asked = true;
    if (busy) return;
    busy = true;
    try {
      // What changes while a page is on its way is not in it.
      while (asked) {
        asked = false;
        const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
        if (!answer.ok) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        show(fresh);
        if (!fresh.querySelector("[data-live]")) source.close();
      }
    } finally {
      busy = false;
    }
  };

  source.addEventListener("changed", refresh);
  source.addEventListener("error", () => {
    // The browser connects again by itself; what was missed is fetched then.
    source.addEventListener("open", refresh, { once: true });
  });
})();
