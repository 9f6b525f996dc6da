-- Gives all sessions of an account its newest content. They keep their ids and times.
--
-- KEYS: the account's index, its newest content.
-- ARGV: content, its version, how long it is kept for logins under way (ms).
-- What comes late changes nothing: each session, and what is kept, only ever gets a higher version.
local version = tonumber(ARGV[2])
local kept = redis.call('HGET', KEYS[2], 'version')
if not kept or tonumber(kept) < version then
  redis.call('HSET', KEYS[2], 'content', ARGV[1], 'version', ARGV[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
for _, session in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  -- One that has expired has no version, and must not come back to life.
  local held = redis.call('HGET', session, 'version')
  if held and tonumber(held) < version then
    redis.call('HSET', session, 'content', ARGV[1], 'version', ARGV[2])
  end
end
return redis.status_reply('OK')
