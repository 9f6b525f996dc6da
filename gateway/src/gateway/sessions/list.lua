-- The live sessions of one account (KEYS[1] is its index), newest first, as lists of fields.
local found = {}
for _, session in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  local fields = redis.call('HMGET', session, 'sid', 'agent', 'ip', 'created', 'seen', 'idle', 'until')
  if fields[1] then
    table.insert(found, fields)
  end
end
return found
