-- Has this process stood still lately? A leader that was frozen believes for a moment after it wakes what it believed
-- before: on Tarantool 3, `box.info.ro` is false until the fencing has run.
local clock = require('clock')
local fiber = require('fiber')

local stall = {}

-- Of the system and of the wall: the first stands still with a machine that is suspended, the second jumps when it is
-- set. A gap in either counts.
local seen = {monotonic = clock.monotonic(), wall = clock.time()}
local suspect_until = 0

-- A leader is fenced after two timeouts without a majority, and another is elected after four. One that has not stood
-- still for a whole timeout is therefore fenced in time, with a timeout to spare.
local function look(timeout)
    local monotonic, wall = clock.monotonic(), clock.time()
    if math.max(monotonic - seen.monotonic, wall - seen.wall) > timeout then
        suspect_until = monotonic + 2 * timeout
    end
    seen.monotonic, seen.wall = monotonic, wall
    return monotonic < suspect_until
end

-- True when this process has stood still and has not run long enough since to be fenced, or to have heard a majority.
function stall.is_recent()
    return look(box.cfg.replication_timeout)
end

-- Looks all the time, so that a pause between two calls is not taken for a freeze. Returns the way to stop.
function stall.watch()
    local watcher = fiber.new(function()
        while true do
            local timeout = box.cfg.replication_timeout
            look(timeout)
            fiber.sleep(timeout / 10)
        end
    end)
    watcher:name('stall_watcher', {truncate = true})
    return function()
        pcall(watcher.cancel, watcher)
    end
end

return stall
