/** What the server is asked for, and what it refuses. */

import { duration, known, t } from "./texts.js";

export const root = document.documentElement.dataset.root;

/** A refusal with the sentence for the visitor; status 0: there was no answer at all. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} sentence
   * @param {number | null} [wait] seconds until it may be tried again
   */
  constructor(status, sentence, wait = null) {
    super(wait ? t("trouble.wait", { sentence, duration: duration(wait) }) : sentence);
    this.status = status;
    this.wait = wait;
  }
}

/**
 * @param {number} status
 * @param {string} text the answer's body
 * @param {string | null} retryAfter its header, seconds
 */
export function refusalOf(status, text, retryAfter) {
  const wait = Number.parseFloat(retryAfter ?? "") || null;
  return new Refusal(status, detailOf(text) ?? t(known(`trouble.${status}`) ? `trouble.${status}` : "trouble.other"), wait);
}

/** The server's own sentence, when it has said one. */
function detailOf(text) {
  try {
    const { detail } = JSON.parse(text);
    return typeof detail === "string" && detail ? detail : null;
  } catch {
    return null;
  }
}

/** Any answer that isn't a refusal. */
export async function answer(path, options = {}) {
  let response;
  try {
    response = await fetch(root + path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, t("trouble.0"));
  }
  if (!response.ok) throw refusalOf(response.status, await response.text(), response.headers.get("Retry-After"));
  return response;
}

/** Waits until a file has been made, and reads no more of it than its head. */
export async function made(path, signal) {
  for (;;) {
    const reading = new AbortController();
    try {
      await answer(path, { signal: reading.signal });
      reading.abort();
      return;
    } catch (error) {
      const isOnItsWay = error.status === 503 && error.wait && !signal.aborted;
      if (!isOnItsWay) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * error.wait));
    }
  }
}

export async function get(path, signal) {
  return (await answer(path, { signal })).json();
}

export async function post(path, body = null) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  return (await answer(path, { method: "POST", headers, body: body && JSON.stringify(body) })).json();
}

export async function remove(path) {
  await answer(path, { method: "DELETE" });
}

/**
 * Asks for a painting. fetch can't say how much was sent, XMLHttpRequest can.
 * @param {Record<string, string | Blob>} fields
 * @param {(share: number) => void} [onSent]
 * @param {AbortSignal} [signal]
 */
export function send(fields, onSent = () => {}, signal = undefined) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.open("POST", `${root}/api/jobs`);
    request.upload.onprogress = (event) => event.lengthComputable && onSent(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(refusalOf(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    };
    request.onerror = () => reject(new Refusal(0, t("trouble.0")));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
