-- Pays for a call's garbage at its end. Each row that Lua looks at leaves an object with a finalizer; left alone, tens of
-- thousands of them pile up, and the collector then holds Tarantool's thread for up to 100 ms within one call (measured).
local clock = require('clock')

local garbage = {}

-- Fewer rows leave what the collector copes with by itself.
local FEW_ROWS = 50
-- Seconds of the thread's time: what a row leaves costs half of this, the rest goes on looking through what is alive.
local PER_ROW = 0.7e-6
local LONGEST = 0.7e-3

-- Has the collector do what `examined` rows have left, in steps of some microseconds each.
function garbage.collect_after(examined)
    if examined < FEW_ROWS then
        return
    end
    local deadline = clock.thread() + math.min(examined * PER_ROW, LONGEST)
    repeat
        local is_done = collectgarbage('step', 0)
    until is_done or clock.thread() >= deadline
end

return garbage
