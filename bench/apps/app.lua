-- The same work inside nginx: a GET for the session, a GET for the user.
-- Run as content_by_lua_file, or with $bench_role "gate" as access_by_lua_file.

local has_resty, redis = pcall(require, "resty.redis")
if not has_resty then
	redis = require "nginx.redis" -- Debian's name for it
end
local json = require "cjson.safe"

local IDLE_MS, LINKS = 60000, 64

local function say(status, text, headers)
	ngx.status = status
	ngx.header["Content-Type"] = "application/json; charset=utf-8"
	ngx.header["Cache-Control"] = "no-store"
	ngx.header["Vary"] = "Cookie"
	ngx.header["X-Content-Type-Options"] = "nosniff"
	ngx.header["Content-Length"] = #text
	ngx.print(text)
	return ngx.exit(status)
end

local function refuse(status, message)
	return say(status, '{"message":"' .. message .. '"}')
end

local link = redis:new()
link:set_timeouts(500, 500, 500)

local function get(key)
	local text = link:get(key)
	if text and text ~= ngx.null then
		return json.decode(text), text
	end
end

local token = ngx.var["cookie_SESSION-TOKEN"]
if not token or token == "" then
	return refuse(401, "Authentication token missing")
end
local connected = link:connect("unix:" .. ngx.var.bench_redis)
if not connected then
	return refuse(503, "Service temporarily unavailable")
end
local session = get("sess:" .. token)
if ngx.var.bench_role == "gate" then
	link:set_keepalive(IDLE_MS, LINKS)
	if not (type(session) == "table" and session.userId) then
		return refuse(401, "Invalid or expired session")
	end
	return
end
local id = ngx.var.uri:match("^/lua/user/([1-9]%d*)$")
if not (type(session) == "table" and session.userId) then
	link:set_keepalive(IDLE_MS, LINKS)
	return refuse(403, "Invalid or expired session")
end
local user, text = get("user:" .. (id or ""))
link:set_keepalive(IDLE_MS, LINKS)
if not id or session.userId ~= id or type(user) ~= "table" then
	return refuse(404, "User not found")
end
return say(200, '{"message":"User fetched (cache)","user":' .. text .. "}")
