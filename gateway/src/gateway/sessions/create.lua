-- Opens a session and ends the one that the browser had before, which is noted for a while as replaced.
--
-- KEYS: the new session, its account's index, the account's lowest access version, the account's newest content, then
--   the old session, if any.
-- ARGV: content, its version, access version, idle (ms), lifetime (ms), client address, User-Agent, public name, most
--   sessions, how long the old one is noted as replaced (ms).
-- Gives 1, or 0 if the account's access changed while it logged in: what it was vouched for is wrong by now.
local lowest = redis.call('GET', KEYS[3])
if lowest and tonumber(ARGV[3]) < tonumber(lowest) then
  return 0
end

local content, version = ARGV[1], ARGV[2]
local newest = redis.call('HMGET', KEYS[4], 'content', 'version')
if newest[1] and tonumber(newest[2]) > tonumber(version) then
  content, version = newest[1], newest[2]
end

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local idle, stop = tonumber(ARGV[4]), now + tonumber(ARGV[5])
redis.call('HSET', KEYS[1], 'content', content, 'version', version, 'access', ARGV[3], 'idle', idle, 'until', stop,
  'created', now, 'seen', now, 'ip', ARGV[6], 'agent', ARGV[7], 'sid', ARGV[8], 'index', KEYS[2])
redis.call('PEXPIREAT', KEYS[1], math.min(now + idle, stop))

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], stop, KEYS[1])
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[2], tonumber(last[2]))
local surplus = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[9])
if surplus > 0 then
  for _, oldest in ipairs(redis.call('ZRANGE', KEYS[2], 0, surplus - 1)) do
    redis.call('DEL', oldest)
    redis.call('ZREM', KEYS[2], oldest)
  end
end

if KEYS[5] then
  local index = redis.call('HGET', KEYS[5], 'index')
  redis.call('DEL', KEYS[5])
  if index then
    redis.call('ZREM', index, KEYS[5])
  end
  redis.call('HSET', KEYS[5], 'replaced', 1)
  redis.call('PEXPIRE', KEYS[5], ARGV[10])
end
return 1
