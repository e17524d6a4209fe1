-- How fresh a read must be. Each reading function takes, as its second argument, a map of options:
--
--   consistency  'leader'        this node leads, and what it shows stands on a majority
--                'linearizable'  the same, proved by a majority that is asked after the call
--                'any'           what this node has; also when there are no options
--   bookmark     {request_id, applied_at} of a write that the answer must include; waited for a short while
--   deadline     of the request: wall clock, milliseconds
--
-- A node that cannot answer so says `not_applied`, and the gateway asks another.
local clock = require('clock')
local fiber = require('fiber')
local leadership = require('replicaset.leadership')
local outcomes = require('employees.outcomes')

local consistency = {}

-- Seconds. A follower gets its rows within milliseconds; one that does not for this long is not the one to ask.
local BOOKMARK_TIMEOUT = 0.25
-- Between two looks; doubled each time up to the longest.
local SHORTEST_PAUSE, LONGEST_PAUSE = 0.0005, 0.016
-- Within which a leader that cannot confirm has turned read-only.
local CONFIRMATION_TIMEOUT = 1

local LEVELS = {
    leader = leadership.read_as_leader,
    linearizable = leadership.read_linearizable,
    any = leadership.read_here,
}

local function not_applied(code, message)
    return {status = 'not_applied', code = code, message = message}
end

local function seconds_left(options)
    return options.deadline ~= nil and math.max(0, options.deadline / 1000 - clock.time()) or CONFIRMATION_TIMEOUT
end

-- True when this node has the write, false when it does not get it in time.
local function wait_for(bookmark, timeout)
    local deadline = clock.monotonic() + timeout
    local pause = SHORTEST_PAUSE
    while not outcomes.has(bookmark.request_id, bookmark.applied_at) do
        if clock.monotonic() >= deadline then
            return false
        end
        fiber.sleep(pause)
        pause = math.min(2 * pause, LONGEST_PAUSE)
    end
    return true
end

-- Makes a function of one argument, which must not yield, one that takes these options.
function consistency.controlled(read)
    return function(request, options)
        options = options or {}
        local read_at_level = LEVELS[options.consistency or 'any']
        if read_at_level == nil then
            return not_applied('NODE_FAILURE', ('Unknown consistency %s'):format(options.consistency))
        end
        local bookmark = options.bookmark
        if bookmark ~= nil and not wait_for(bookmark, math.min(BOOKMARK_TIMEOUT, seconds_left(options))) then
            return not_applied('BEHIND', 'This node does not have the write of the bookmark yet')
        end
        local reply, code, message = read_at_level(function() return read(request) end,
            math.min(CONFIRMATION_TIMEOUT, seconds_left(options)))
        return reply or not_applied(code, message)
    end
end

return consistency
