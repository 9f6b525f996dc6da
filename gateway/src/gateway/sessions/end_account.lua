-- Ends sessions of one account: all, or the one with the public name ARGV[1].
--
-- KEYS: the account's index, then its mark of changed access, if that is why.
-- ARGV: public name or '', how long the mark is kept (ms). Gives how many ended.
if KEYS[2] then
  local clock = redis.call('TIME')
  redis.call('SET', KEYS[2], clock[1] * 1000 + math.floor(clock[2] / 1000), 'PX', ARGV[2])
end
local ended = 0
for _, session in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if ARGV[1] == '' or redis.call('HGET', session, 'sid') == ARGV[1] then
    ended = ended + redis.call('DEL', session)
    redis.call('ZREM', KEYS[1], session)
  end
end
return ended
