-- Ends one session (KEYS[1]) wherever it is listed. Gives 1 if there was one.
local index = redis.call('HGET', KEYS[1], 'index')
if index then
  redis.call('ZREM', index, KEYS[1])
end
return redis.call('DEL', KEYS[1])
