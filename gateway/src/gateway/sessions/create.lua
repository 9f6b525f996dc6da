-- Opens a session and ends the one that the browser had before.
--
-- KEYS: the new session, its account's index, the account's mark of changed access, then the old session, if any.
-- ARGV: content, idle (ms), lifetime (ms), client address, User-Agent, public name, when login began (ms), most sessions.
-- Gives 1, or 0 if the account's access changed while it logged in: what it was vouched for may be wrong by now.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local changed = redis.call('GET', KEYS[3])
if changed and tonumber(changed) >= tonumber(ARGV[7]) then
  return 0
end

local idle, stop = tonumber(ARGV[2]), now + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'content', ARGV[1], 'idle', idle, 'until', stop, 'created', now, 'seen', now,
  'ip', ARGV[4], 'agent', ARGV[5], 'sid', ARGV[6], 'index', KEYS[2])
redis.call('PEXPIREAT', KEYS[1], math.min(now + idle, stop))

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], stop, KEYS[1])
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[2], tonumber(last[2]))
local surplus = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[8])
if surplus > 0 then
  for _, oldest in ipairs(redis.call('ZRANGE', KEYS[2], 0, surplus - 1)) do
    redis.call('DEL', oldest)
    redis.call('ZREM', KEYS[2], oldest)
  end
end

if KEYS[4] then
  local index = redis.call('HGET', KEYS[4], 'index')
  redis.call('DEL', KEYS[4])
  if index then
    redis.call('ZREM', index, KEYS[4])
  end
end
return 1
