-- Tells wrk which requests to send: those of a file, in turn, each from another client.
--
-- The file (first argument) sets `requests`; the second argument is the number of the first request. In every body
-- and header {n} stands for the request's own number, so that no two bookings are the same.

local number = 0

local function filled(text)
  return (text:gsub("{n}", tostring(number)))
end

function init(arguments)
  dofile(arguments[1])
  number = tonumber(arguments[2])
end

-- An address of its own /24 for each request, so that real limits are counted and never reached.
local function client()
  return string.format("%d.%d.%d.7", 11 + math.floor(number / 65536) % 100, math.floor(number / 256) % 256, number % 256)
end

function request()
  number = number + 1
  local one = requests[number % #requests + 1]
  local headers = { ["X-Forwarded-For"] = client() }
  for name, value in pairs(one.headers) do
    headers[name] = filled(value)
  end
  return wrk.format(one.method, one.path, headers, one.body and filled(one.body))
end

function done(summary, latency, all)
  local errors = summary.errors
  io.write(string.format(
    "figures %d %d %d %d %d\n",
    summary.requests,
    summary.duration,
    latency:percentile(50),
    latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
