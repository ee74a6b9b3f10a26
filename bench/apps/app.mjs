// The design that sessgate replaces: Express, cookie-parser and node-redis 4.
// Who is asking is looked up in Redis and then in a table of users, here in
// memory (the original asks its database each time).
//
// REDIS_SOCKET: Redis' unix socket.  LISTEN: the unix socket to serve.
// USERS: how many users there are.

import { createRequire } from "node:module";

// Debian keeps its packages where NODE_PATH says, which `import` ignores.
const require = createRequire(import.meta.url);
const express = require("express");
const cookieParser = require("cookie-parser");
const { createClient } = require("redis");

const COOKIE = "SESSION-TOKEN";
const FIVE_MINUTES = 300;

const table = new Map();
for (let id = 1; id <= Number(process.env.USERS); id++)
  table.set(String(id), {
    id: String(id), name: `User Number ${id}`,
    email: `user${id}@example.org`, image: `/images/${id}.png`,
  });
const redis = createClient({ socket: { path: process.env.REDIS_SOCKET } });
redis.on("error", (error) => console.error("redis:", error.message));

const load = async (key) => {
  const text = await redis.get(key);
  return text === null ? null : JSON.parse(text);
};

const say = (response, status, message, more = {}) =>
  response.status(status).json({ message, ...more });

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

const api = express.Router();
api.use(cookieParser());

api.get("/user/:id", waiting(authenticated),
  waiting(async (request, response) => {
    const key = `user:${request.params.id}`;
    const cached = await load(key);
    if (cached)
      return say(response, 200, "User fetched (cache)", { user: cached });
    const user = table.get(request.params.id);
    if (!user) return say(response, 404, "User not found");
    await redis.setEx(key, FIVE_MINUTES, JSON.stringify(user));
    say(response, 200, "User fetched", { user });
  }));

api.post("/logout", waiting(async (request, response) => {
  const token = request.cookies[COOKIE];
  if (token) {
    await redis.del(`sess:${token}`);
    response.cookie(COOKIE, "", {
      httpOnly: true, path: "/", expires: new Date(0),
    });
  }
  say(response, 200, "Logged out successfully");
}));

const app = express();
app.use("/express", api);
app.use((error, request, response, next) => {
  console.error(error);
  say(response, 500, "Internal server error");
});

await redis.connect();
app.listen(process.env.LISTEN);
