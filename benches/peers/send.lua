-- The same PATCH requests with nothing around them, again and again: no sheet, no ledger, no report. The limit.
--
--   TOKEN=… wrk -s send.lua … BASE_URL -- JOBS
--
-- A line of JOBS has an id, a tab and a body. Prints how many were answered in how many seconds, and how many not well.

local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(arguments)
   local headers = {
      ["Authorization"] = "Bearer " .. os.getenv("TOKEN"),
      ["Content-Type"] = "application/json-patch+json",
      ["Host"] = wrk.headers["Host"],
   }
   requests = {}
   for line in io.lines(arguments[1]) do
      local id, body = line:match("^(%S+)\t(.*)$")
      requests[#requests + 1] = wrk.format("PATCH", wrk.path .. "/referrals/" .. id, headers, body)
   end
   -- Threads begin at different rows, so that they do not write the same referral at once.
   turn = math.floor(#requests / 2) * number
end

function request()
   turn = turn % #requests + 1
   return requests[turn]
end

function done(summary)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
   print(string.format("sent %d %f %d", summary.requests, summary.duration / 1e6, failed))
end
