/** The start: a picture, a look, and off it goes. */

import { get, Refusal, root, send } from "./api.js";
import { $, busy, show, write } from "./dom.js";
import { settings } from "./form.js";
import { drawLooks } from "./looks.js";
import { choosing, drawSamples } from "./picture.js";
import { percent, t } from "./texts.js";

/** What a visitor has chosen who has just come. */
export function nothing() {
  return { picture: null, look: null, values: new Map() };
}

export async function open(page, { again, look }) {
  const { wish, signal } = page;
  let limits = {};
  page.title("");
  write($("wish-trouble"), "");
  show($("sending"), false);
  const picture = choosing(wish, signal, () => limits.upload_bytes);
  const form = settings(wish, signal);
  $("wish").addEventListener("submit", (event) => {
    event.preventDefault();
    busy($("paint"), () => paint(page, form));
  }, { signal });

  $("wish").addEventListener("input", () => write($("wish-trouble"), ""), { signal });

  async function choose(name) {
    wish.look = name;
    await told(form.build(name));
  }

  /** Says what went wrong with something that the page needs. */
  async function told(work) {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Refusal) write($("wish-trouble"), error.message);
      else if (error.name !== "AbortError") throw error;
      return null;
    }
  }

  told(get("/api/server", signal)).then((server) => (limits = server?.limits ?? {}));
  told(get("/api/samples", signal)).then((found) => found && drawSamples(found.samples, picture.take));
  if (again && wish.picture?.value !== again) {
    const job = await told(get(`/api/jobs/${encodeURIComponent(again)}`, signal));
    if (job) takeAgain(job, wish, picture);
  }
  const found = await told(get("/api/looks", signal));
  if (!found || signal.aborted) return;
  const names = found.looks.map((one) => one.name);
  const wanted = [look, wish.look, names[0]].find((name) => names.includes(name));
  drawLooks(found.looks, wanted, choose);
  if (wanted) await choose(wanted);
}

/** The picture of a painting that is there, with the look that it had. */
function takeAgain(job, wish, picture) {
  wish.look = job.preset;
  if (job.again === false) return;
  const name = job.name || t("gallery.untitled");
  picture.take({ kind: "again", value: job.id, name, source: `${root}/api/jobs/${job.id}/picture.png` }, false);
}

async function paint(page, form) {
  const { wish, signal } = page;
  write($("wish-trouble"), "");
  if (!wish.picture) {
    write($("wish-trouble"), t("start.none"));
    $("file").focus();
    return;
  }
  const { settings: chosen, wrong } = form.read();
  if (wrong) {
    write($("wish-trouble"), wrong.sentence);
    wrong.one.focus();
    return;
  }
  try {
    const job = await sent(wish, { preset: wish.look, ...chosen }, signal);
    wish.picture = null;
    page.go(`/p/${job.id}`, { job });
  } catch (error) {
    if (!(error instanceof Refusal)) {
      if (error.name === "AbortError") return;
      throw error;
    }
    write($("wish-trouble"), error.message);
    if (error.status !== 422 || !form.refuse(error.message)) $("wish-trouble").focus();
  } finally {
    show($("sending"), false, $("paint"));
  }
}

/** Sends it all, and shows how much has gone. */
async function sent(wish, chosen, signal) {
  const { kind, value, name } = wish.picture;
  const isFile = kind === "picture";
  const stopping = new AbortController();
  signal.addEventListener("abort", () => stopping.abort());
  $("cancel").onclick = () => stopping.abort();
  $("sent").value = 0;
  write($("sending-label"), t("send.label"));
  show($("sending"), isFile);
  const onSent = (share) => {
    $("sent").value = share;
    write($("sending-label"), share < 1 ? t("send.share", { percent: percent(share) }) : t("send.looking"));
  };
  const fields = { [kind]: value, settings: JSON.stringify(chosen), name };
  return send(fields, onSent, stopping.signal);
}
