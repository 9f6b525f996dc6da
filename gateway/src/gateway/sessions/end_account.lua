-- Ends sessions of one account (KEYS[1] is its index): all, or the one with the public name ARGV[1] if that is not ''.
-- Gives how many ended.
local ended = 0
for _, session in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if ARGV[1] == '' or redis.call('HGET', session, 'sid') == ARGV[1] then
    ended = ended + redis.call('DEL', session)
    redis.call('ZREM', KEYS[1], session)
  end
end
return ended
