// What the page does at once, without asking the server: a marker opens its source, pages of a
// document are turned and enlarged, words are copied. Elements say what they are with data-cw.
// Streamlit writes an answer anew whenever it grows, so what was done to a source is kept here.
"use strict";
(() => {
  if (window.citewell) return;
  window.citewell = true;

  const ZOOMS = [1, 1.25, 1.5, 2, 3, 4];
  const WIDTHS = [900, 1400, 2000, 2800, 4000]; // of images asked for, in pixels
  const READABLE = 600; // pixels across a page from which its words can be read
  const looks = new Map(); // how each card and page was left: {open} or {page, zoom}
  const cameFrom = new Map(); // card id -> marker that opened it

  const here = (element) => new URLSearchParams(location.search).get("chat") + " " + element.id;
  const within = (event, name) =>
    event.target instanceof Element && event.target.closest(`[data-cw="${name}"]`);

  // ---- saying what happened to those who do not see it
  const live = document.createElement("div");
  live.className = "cw-live";
  live.setAttribute("aria-live", "polite");
  document.body.append(live);
  const say = (words) => {
    live.textContent = words;
  };

  // ---- markers and their cards
  const show = (card, marker) => {
    for (const other of document.querySelectorAll(".cw-current")) other.classList.remove("cw-current");
    card.classList.add("cw-current");
    for (const each of [card, card.querySelector('[data-cw="figure"]')]) if (each) each.open = true;
    const summary = card.querySelector("summary");
    summary.focus({ preventScroll: true });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const fits = card.offsetHeight < innerHeight / 2; // of a tall one, the top matters
    card.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: fits ? "nearest" : "start" });
    cameFrom.set(card.id, marker);
    const title = summary.querySelector(".cw-title").textContent;
    say(`Source ${marker.textContent.trim()}: ${title}. Escape goes back to the answer.`);
  };

  const back = (card) => {
    card.classList.remove("cw-current");
    const known = cameFrom.get(card.id);
    const marker = known?.isConnected ? known : document.querySelector(`a.cw-marker[href="#${CSS.escape(card.id)}"]`);
    marker?.focus();
    marker?.scrollIntoView({ block: "nearest" });
  };

  // ---- pages
  const look = (figure) => {
    const width = figure.querySelector(".cw-view").clientWidth;
    const zoom = ZOOMS.find((each) => each * width >= READABLE) || ZOOMS.at(-1);
    return looks.get(here(figure)) || { page: Number(figure.dataset.page), zoom };
  };
  const address = (figure, { page, zoom }) => {
    const view = figure.querySelector(".cw-view");
    const wanted = view.clientWidth * zoom * devicePixelRatio;
    const width = WIDTHS.find((each) => each >= wanted) || WIDTHS.at(-1);
    return `${figure.dataset.source}&page=${page}&width=${width}`;
  };
  const label = (figure, page) => {
    const labels = figure.dataset.labels ? JSON.parse(figure.dataset.labels) : [];
    const own = labels[page - 1];
    return own && own !== String(page) ? `${own} (${page})` : String(page);
  };

  const draw = (figure, { page, zoom }) => {
    const image = figure.querySelector("img");
    const name = `Page ${label(figure, page)} of ${label(figure, figure.dataset.pages)}`;
    figure.querySelector(".cw-page-name").textContent = name;
    figure.querySelector(".cw-sheet").style.width = `${100 * zoom}%`;
    for (const box of figure.querySelectorAll(".cw-box")) box.hidden = box.dataset.page !== String(page);
    figure.querySelector('[data-cw="previous"]').disabled = page <= 1;
    figure.querySelector('[data-cw="next"]').disabled = page >= Number(figure.dataset.pages);
    figure.querySelector('[data-cw="smaller"]').disabled = zoom === ZOOMS[0];
    figure.querySelector('[data-cw="larger"]').disabled = zoom === ZOOMS.at(-1);
    const open = figure.closest(".cw-source").querySelector('[data-cw="open"]');
    if (open) open.hash = `page=${page}`;
    const source = address(figure, { page, zoom });
    if (figure.dataset.coming === source) return;
    figure.dataset.coming = source;
    if (image.getAttribute("src") === source) return;
    if (image.dataset.page === String(page)) {
      sharpen(figure, image, source);
      return;
    }
    image.removeAttribute("height"); // another page may have another shape
    image.alt = `${name}: ${figure.dataset.title || ""}`;
    image.dataset.page = page;
    delete figure.dataset.placed;
    image.src = source;
  };

  const sharpen = (figure, image, source) => { // the image stays until a better one is there
    const better = new Image();
    better.onload = better.onerror = () => {
      if (figure.dataset.coming === source) image.src = source;
    };
    better.src = source;
  };

  const turn = (figure, by) => {
    const { page, zoom } = look(figure);
    const next = page + by;
    if (next < 1 || next > Number(figure.dataset.pages)) return;
    keep(figure, { page: next, zoom });
    const boxes = figure.querySelectorAll(`.cw-box[data-page="${next}"]`).length;
    say(`Page ${label(figure, next)}.${boxes ? " The quoted words are marked." : ""}`);
  };

  const scale = (figure, by) => {
    const view = figure.querySelector(".cw-view");
    const { page, zoom } = look(figure);
    const at = Math.min(Math.max(by ? ZOOMS.indexOf(zoom) + by : 0, 0), ZOOMS.length - 1);
    const middle = [view.scrollLeft + view.clientWidth / 2, view.scrollTop + view.clientHeight / 2];
    keep(figure, { page, zoom: ZOOMS[at] });
    const grown = ZOOMS[at] / zoom;
    view.scrollTo(middle[0] * grown - view.clientWidth / 2, middle[1] * grown - view.clientHeight / 2);
    say(`${100 * ZOOMS[at]} percent.`);
  };

  const keep = (figure, change) => {
    looks.set(here(figure), change);
    draw(figure, change);
  };

  const centre = (figure) => { // bring the quoted words into sight, once for each page
    if (figure.dataset.placed) return;
    figure.dataset.placed = "yes";
    const view = figure.querySelector(".cw-view");
    const boxes = [...figure.querySelectorAll(".cw-box:not([hidden])")];
    view.scrollTop = boxes.length ? boxes[0].offsetTop - view.clientHeight / 3 : 0;
    const left = Math.min(...boxes.map((box) => box.offsetLeft));
    const right = Math.max(...boxes.map((box) => box.offsetLeft + box.offsetWidth));
    const spare = Math.max(view.clientWidth - (right - left), 20);
    view.scrollLeft = boxes.length ? left - spare / 2 : 0;
  };

  const arrive = (figure) => { // an image is there
    figure.querySelector(".cw-page-fault").hidden = true;
    draw(figure, look(figure));
    centre(figure);
  };

  const tell = async (figure) => { // the server says in words why there is no image
    const place = figure.querySelector(".cw-page-fault");
    try {
      const answer = await fetch(figure.querySelector("img").src);
      place.textContent = answer.ok ? "" : await answer.text();
    } catch {
      place.textContent = "The page cannot be fetched: Citewell does not answer.";
    }
    place.hidden = !place.textContent;
  };

  // ---- copying
  const copy = async (button) => {
    const words = button.nextElementSibling.textContent;
    try {
      await navigator.clipboard.writeText(words);
    } catch { // over plain HTTP between machines there is no clipboard
      const area = document.createElement("textarea");
      area.value = words;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const name = button.textContent;
    if (button.dataset.copied) return;
    button.dataset.copied = "yes";
    button.textContent = "Copied";
    say("Copied.");
    setTimeout(() => {
      button.textContent = name;
      delete button.dataset.copied;
    }, 1500);
  };

  // ---- what starts it all
  const actions = {
    previous: (figure) => turn(figure, -1),
    next: (figure) => turn(figure, 1),
    smaller: (figure) => scale(figure, -1),
    larger: (figure) => scale(figure, 1),
    fit: (figure) => scale(figure, 0),
  };

  document.addEventListener("click", (event) => {
    const marker = event.target instanceof Element && event.target.closest("a.cw-marker");
    const card = marker && document.getElementById(marker.hash.slice(1));
    if (card && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(card, marker);
      return;
    }
    const button = within(event, "copy");
    if (button) copy(button);
    const figure = within(event, "page");
    for (const [name, act] of Object.entries(actions)) if (figure && within(event, name)) act(figure);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const card = event.target instanceof Element && event.target.closest(".cw-source");
    if (event.key === "Escape" && card) {
      event.preventDefault();
      back(card);
      return;
    }
    const figure = within(event, "page");
    if (!figure) return;
    const view = figure.querySelector(".cw-view");
    const pans = event.target === view && view.scrollWidth > view.clientWidth;
    const keys = { PageUp: "previous", PageDown: "next", "+": "larger", "=": "larger", "-": "smaller", 0: "fit" };
    if (!pans) Object.assign(keys, { ArrowLeft: "previous", ArrowRight: "next" });
    const name = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!name) return;
    event.preventDefault();
    actions[name](figure);
  });

  document.addEventListener("load", (event) => {
    const figure = within(event, "page");
    if (figure) arrive(figure);
  }, true);
  document.addEventListener("error", (event) => {
    const figure = within(event, "page");
    if (figure) tell(figure);
  }, true);

  // ---- an answer that was written anew is brought back to how it was left
  const restore = (root) => {
    for (const details of root.querySelectorAll(".cw-source[id], .cw-figure[id]")) {
      const kept = looks.get(here(details));
      if (kept) details.open = kept.open;
    }
    for (const figure of root.querySelectorAll('[data-cw="page"]')) {
      if (looks.has(here(figure))) draw(figure, look(figure));
      const image = figure.querySelector("img"); // it may have come before this script
      if (image.complete) (image.naturalWidth ? arrive : tell)(figure);
    }
  };
  // ---- a question that was just asked is brought to the top, so that its answer is in sight
  let last = "";
  const follow = () => {
    const question = [...document.querySelectorAll('[data-cw="question"]')].at(-1);
    const turn = question ? question.dataset.turn : "";
    if (turn === last) return;
    last = turn;
    if (turn) question.closest('[data-testid="stChatMessage"]')?.scrollIntoView({ block: "start" });
  };
  // ---- popovers and dialogs stand outside of the element whose colour scheme Streamlit sets
  const colour = () => {
    const app = document.querySelector(".stApp");
    if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
  };
  let focused = "";
  document.addEventListener("focusin", (event) => {
    focused = event.target.closest(".stHtml") ? event.target.id : "";
  });
  // the toggle event comes a task late: what was closed may have been written anew by then
  const remember = (details) => {
    if (details.matches(".cw-source, .cw-figure")) looks.set(here(details), { open: details.open });
  };
  new MutationObserver((changes) => {
    for (const { type, target } of changes) if (type === "attributes") remember(target);
    const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node instanceof Element);
    for (const root of added) restore(root);
    follow();
    colour();
    if (added.length && focused && document.activeElement === document.body) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["open"] });
  restore(document.body);
})();
