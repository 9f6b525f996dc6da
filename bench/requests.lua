-- Tells wrk which requests to send: those of a file, in turn, from many clients in turn.
--
-- The file (first argument) sets `requests`; the second argument is the number before the first request, the third how
-- many clients there are. In every body and header {n} stands for the request's own number, so that no two bookings are
-- the same.

local number, first, clients = 0, 0, 1

local function filled(text)
  return (text:gsub("{n}", tostring(number)))
end

function init(arguments)
  dofile(arguments[1])
  number = tonumber(arguments[2])
  first, clients = number, tonumber(arguments[3])
end

-- Each client has a /24 of its own, since some limits count networks: real limits are asked and never reached.
local function client()
  local own = first + number % clients
  return string.format("%d.%d.%d.7", 11 + math.floor(own / 65536) % 100, math.floor(own / 256) % 256, own % 256)
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
