/** Elements, and what is said to those who don't see them. Texts are never read as HTML. */

export const $ = (id) => document.getElementById(id);
export const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with properties (of the object, or attributes where it has none) and children.
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | null | undefined)} children
 */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name in made && !name.startsWith("aria")) made[name] = value;
    else made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** Shows or hides; whoever had the focus in what is hidden gets it elsewhere. */
export function show(element, visible, instead = null) {
  if (!visible && instead && element.contains(document.activeElement)) instead.focus();
  element.hidden = !visible;
}

/** Text only where it has changed, so that nobody is told twice. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Tells a screen reader something that others see. */
export function say(text) {
  const place = $("says");
  place.textContent = place.textContent === text ? `${text}\u00a0` : text;
}

/** Asks before something is deleted. */
export function confirmed(text) {
  const dialog = $("ask");
  $("ask-text").textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  $("ask-no").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Marks a button as busy while something is under way: it stays where the focus is, and does nothing. */
export async function busy(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  button.classList.add("working");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
    button.classList.remove("working");
  }
}
