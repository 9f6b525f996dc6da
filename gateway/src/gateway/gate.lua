-- One round trip for a request: who it is from, and whether it is within its limits.
--
-- KEYS: the session (if ARGV[1] is '1'), then one list of times per limit.
-- ARGV: has session, touch after (ms), client address, then count and window (ms) per limit.
-- Gives: the session's content and public name or false twice, 1 if a login has replaced the session, else false, allowed
--   (1 or 0), then remaining and reset (ms) per limit.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local limits_from = 1
local content, sid, replaced = false, false, false

if ARGV[1] == '1' then
  limits_from = 2
  local session = redis.call('HMGET', KEYS[1], 'content', 'seen', 'idle', 'until', 'sid', 'replaced')
  replaced = session[6]
  if session[1] then
    local seen, idle, stop = tonumber(session[2]), tonumber(session[3]), tonumber(session[4])
    if now < stop and now - seen < idle then
      content, sid = session[1], session[5]
      if now - seen >= tonumber(ARGV[2]) then
        redis.call('HSET', KEYS[1], 'seen', now, 'ip', ARGV[3])
        redis.call('PEXPIREAT', KEYS[1], math.min(now + idle, stop))
      end
    end
  end
end

-- Each list holds the times of the requests counted within its window, oldest first: never more than the limit.
local allowed = 1
local standings = {}
for at = limits_from, #KEYS do
  local argument = 4 + (at - limits_from) * 2
  local count, window = tonumber(ARGV[argument]), tonumber(ARGV[argument + 1])
  local oldest = redis.call('LINDEX', KEYS[at], 0)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('LPOP', KEYS[at])
    oldest = redis.call('LINDEX', KEYS[at], 0)
  end
  local counted = oldest and redis.call('LLEN', KEYS[at]) or 0
  if counted >= count then
    allowed = 0
  end
  standings[#standings + 1] = {KEYS[at], count, window, counted, oldest}
end

local answer = {content, sid, replaced, allowed}
for _, standing in ipairs(standings) do
  local key, count, window, counted, oldest = unpack(standing)
  if allowed == 1 then
    redis.call('RPUSH', key, now)
    redis.call('PEXPIRE', key, window)
    counted, oldest = counted + 1, oldest or now
  end
  table.insert(answer, count - counted)
  table.insert(answer, oldest and (tonumber(oldest) + window - now) or 0)
end
return answer
