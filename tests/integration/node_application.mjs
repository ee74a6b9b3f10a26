// The Node application that sessgate replaces, small enough to run in a test:
// Express, cookie-parser and node-redis 4 in front of the same Redis.  Sessions
// are under sess:<token> for seven days, cached users under user:<id> for five
// minutes, both as JSON.
//
// REDIS_SOCKET: Redis' unix socket.  LISTEN: the unix socket to serve.
// USERS: the table of users as a JSON object, by id.

import { createRequire } from "node:module";
import { randomBytes } from "node:crypto";

// Debian keeps its packages where NODE_PATH says, which `import` ignores.
const require = createRequire(import.meta.url);
const express = require("express");
const cookieParser = require("cookie-parser");
const { createClient } = require("redis");

const COOKIE = "SESSION-TOKEN";
const WEEK = 7 * 24 * 3600;
const FIVE_MINUTES = 300;

const table = new Map(Object.entries(JSON.parse(process.env.USERS)));
const redis = createClient({ socket: { path: process.env.REDIS_SOCKET } });
redis.on("error", (error) => console.error("redis:", error.message));

const load = async (key) => {
  const text = await redis.get(key);
  return text === null ? null : JSON.parse(text);
};
const save = (key, value, seconds) =>
  redis.setEx(key, seconds, JSON.stringify(value));

const say = (response, status, message, more = {}) =>
  response.status(status).json({ message, ...more });

// Finds the user of the request's session, with sessgate's three refusals.
const authenticated = async (request, response, next) => {
  const token = request.cookies[COOKIE];
  if (!token) return say(response, 401, "Authentication token missing");
  const session = await load(`sess:${token}`);
  if (!session?.userId) return say(response, 403, "Invalid or expired session");
  request.identity = table.get(session.userId);
  if (!request.identity)
    return say(response, 403, "User not found for session");
  next();
};

// Express 4 does not wait for promises: their errors are passed on by hand.
const waiting = (handler) => (request, response, next) =>
  handler(request, response, next).catch(next);

const app = express();
app.use(cookieParser());

// A login whose password was checked already.
app.post("/login/:id", waiting(async (request, response) => {
  const token = randomBytes(32).toString("base64url");
  const session = { userId: request.params.id, createdAt: Date.now() };
  await save(`sess:${token}`, session, WEEK);
  response.cookie(COOKIE, token, { httpOnly: true, path: "/" });
  say(response, 200, "Logged in successfully");
}));

app.get("/auth", waiting(authenticated), (request, response) =>
  say(response, 200, "Authenticated", { user: request.identity }));

app.get("/user/:id", waiting(async (request, response) => {
  const key = `user:${request.params.id}`;
  const cached = await load(key);
  if (cached) return say(response, 200, "User fetched (cache)", { user: cached });
  const user = table.get(request.params.id);
  if (!user) return say(response, 404, "User not found");
  await save(key, user, FIVE_MINUTES);
  say(response, 200, "User fetched", { user });
}));

app.post("/logout", waiting(async (request, response) => {
  const token = request.cookies[COOKIE];
  if (token) {
    await redis.del(`sess:${token}`);
    response.cookie(COOKIE, "", {
      httpOnly: true, path: "/", expires: new Date(0),
    });
  }
  say(response, 200, "Logged out successfully");
}));

app.use((error, request, response, next) => {
  console.error(error);
  say(response, 500, "Internal server error");
});

await redis.connect();
app.listen(process.env.LISTEN);
