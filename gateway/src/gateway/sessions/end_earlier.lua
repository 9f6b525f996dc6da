-- Ends an account's sessions of before a change of its access, and lets no login of before it open one any more.
--
-- KEYS: the account's index, its lowest access version.
-- ARGV: the access version that the change led to, how long it is kept for logins under way (ms). Gives how many ended.
local access = tonumber(ARGV[1])
local lowest = redis.call('GET', KEYS[2])
if not lowest or tonumber(lowest) <= access then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end
local ended = 0
for _, session in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if tonumber(redis.call('HGET', session, 'access') or 0) < access then
    ended = ended + redis.call('DEL', session)
    redis.call('ZREM', KEYS[1], session)
  end
end
return ended
