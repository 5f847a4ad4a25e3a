// The vote, the ballot and the list of conferences, as one would write them with Express and EJS.
// A store answers with plain objects; the two stores differ in how they get them.

import { createHash, timingSafeEqual } from "node:crypto";
import { fileURLToPath } from "node:url";
import express from "express";

const PER_PAGE = 10;
const COOKIE = /(?:^|;\s*)sid=([^;]+)/;

export function createSite(store) {
  const site = express();
  site.set("views", fileURLToPath(new URL("views", import.meta.url)));
  site.set("view engine", "ejs");
  site.set("view cache", true);
  site.disable("x-powered-by");
  site.use(setHeaders);
  site.get("/", async (request, response) => {
    response.render("list", { conferences: await store.listConferences() });
  });
  site.get("/conferences/:slug/ballot/", openSession(store), showBallot(store));
  site.post(
    "/conferences/:slug/vote/",
    openSession(store),
    express.urlencoded({ extended: false }),
    refuseForgery,
    castVote(store),
  );
  return site;
}

function setHeaders(request, response, next) {
  response.set({
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
  });
  next();
}

function openSession(store) {
  return async (request, response, next) => {
    const key = COOKIE.exec(request.headers.cookie ?? "")?.[1];
    const row = key && (await store.findSession(key));
    if (!row || row.expires < new Date()) return response.redirect(303, "/accounts/login/");
    request.session = JSON.parse(row.data);
    response.set("Cache-Control", "private, no-store");
    next();
  };
}

function refuseForgery(request, response, next) {
  const sent = Buffer.from(String(request.body.csrf ?? ""));
  const known = Buffer.from(request.session.csrf);
  if (sent.length !== known.length || !timingSafeEqual(sent, known)) return response.sendStatus(403);
  next();
}

function castVote(store) {
  return async (request, response) => {
    const { slug } = request.params;
    const stored = await store.castVote(slug, request.session.userId, Number(request.body.candidate));
    if (!stored) return response.status(409).send("This vote was refused.");
    response.redirect(303, `/conferences/${slug}/ballot/`);
  };
}

function showBallot(store) {
  return async (request, response) => {
    const found = await store.findVoter(request.params.slug, request.session.userId);
    if (!found) return response.sendStatus(404);
    const { conference, voter } = found;
    const order = ballotOrder(await store.candidateIds(conference.id, voter.id), voter.id);
    const shown = order.slice(0, PER_PAGE);
    const people = new Map((await store.findCandidates(shown)).map((person) => [person.id, person]));
    response.render("ballot", {
      conference,
      vote: await store.findVote(voter.id),
      candidates: shown.map((id) => people.get(id)),
      pages: Math.ceil(order.length / PER_PAGE),
      csrf: request.session.csrf,
      name: request.session.name,
    });
  };
}

// The same order as that of our ballot.
function ballotOrder(ids, voterId) {
  const keyed = ids.map((id) => [createHash("sha256").update(`${voterId}:${id}`).digest("hex"), id]);
  keyed.sort((one, other) => (one[0] < other[0] ? -1 : 1));
  return keyed.map(([, id]) => id);
}
