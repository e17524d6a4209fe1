-- When a write counts: once a majority holds it (Raft 5.3). Tarantool 2.6.0 has synchronous spaces for that, but their
-- queue neither survives concurrent writers nor a restart: docs/decisions/0003.
local clock = require('clock')
local fiber = require('fiber')

-- 2.6 tells nobody when a follower has acknowledged, so it is looked up, this often, while somebody waits.
local POLL_INTERVAL = 0.0003

local commitment = {}

-- Of the members: how many make a majority, and {uuid -> name}. Both may change.
local configuration
-- Whether this node still leads the term in which the wait began.
local get_led_term
-- {[{lsn, term, done, is_committed}] = true}
local waiting = {}
local has_waiters = fiber.cond()
-- Counts what was to be written to the log, and what became of it. Rows get there in the order in which they began.
local begun, written, failed = 0, 0, 0
local has_ended = fiber.cond()

-- Runs something that writes to the log. A leader that was frozen may wake with rows on their way into its log.
function commitment.write_through(fn, ...)
    begun = begun + 1
    local done, result = pcall(fn, ...)
    if done then
        written = written + 1
    else
        failed = failed + 1
    end
    has_ended:broadcast()
    if not done then
        error(result, 0)
    end
    return result
end

local function are_under_way()
    return written + failed < begun
end

-- Returns when no row is on its way into the log; the node is read-only, so none will follow. Bounded by the disk.
function commitment.wait_until_written()
    while are_under_way() do
        fiber.sleep(0.001)
    end
end

-- True when every write has been answered, or given up.
function commitment.is_idle()
    return not are_under_way() and next(waiting) == nil
end

-- The last of this node's own rows that a majority holds. Remembered: what a follower holds is not known while no rows
-- are sent to it, but what a majority held once stands.
local committed = 0
local function committed_lsn()
    local id = box.info.id
    local lsns = {box.info.lsn}
    for other, replica in pairs(box.info.replication) do
        local downstream = replica.downstream
        local is_member = configuration.names[replica.uuid] ~= nil
        if other ~= id and is_member and downstream ~= nil and downstream.vclock ~= nil then
            table.insert(lsns, downstream.vclock[id] or 0)
        end
    end
    table.sort(lsns, function(a, b) return a > b end)
    committed = math.max(committed, lsns[configuration.quorum] or 0)
    return committed
end

-- Wakes those whose rows a majority holds, and those who wait in vain.
local function settle()
    while next(waiting) == nil do
        has_waiters:wait()
    end
    local committed_now, led_term = committed_lsn(), get_led_term()
    for waiter in pairs(waiting) do
        waiter.is_committed = waiter.lsn <= committed_now
        if waiter.is_committed or waiter.term ~= led_term then
            waiting[waiter] = nil
            waiter.done:broadcast()
        end
    end
    fiber.sleep(POLL_INTERVAL)
end

-- Waits until a majority holds all that this node has written so far. False when that is not known by the deadline
-- (monotonic), or the node leads no more.
function commitment.wait_for_majority(deadline)
    local lsn, term = box.info.lsn, get_led_term()
    -- A follower acknowledges before it enters a later term, never after: this stands whoever leads now.
    if lsn <= committed or lsn <= committed_lsn() then
        return true
    end
    if term == nil then
        return false
    end
    local waiter = {lsn = lsn, term = term, done = fiber.cond(), is_committed = false}
    waiting[waiter] = true
    has_waiters:broadcast()
    waiter.done:wait(math.max(0, deadline - clock.monotonic()))
    waiting[waiter] = nil
    return waiter.is_committed
end

-- Waits until a majority holds all that is visible here now. A row is visible before it has a place in the log, so what is
-- on its way there is waited for first. False when that is not known by the deadline, or some of it was undone.
function commitment.wait_for_visible(deadline)
    local last, failures = begun, failed
    while written + failed < last and failed == failures and clock.monotonic() < deadline do
        has_ended:wait(math.max(0, deadline - clock.monotonic()))
    end
    if failed ~= failures or written + failed < last then
        return false
    end
    return commitment.wait_for_majority(deadline)
end

-- `options.configuration` is the participant's; `options.led_term()` returns the term that this node leads, or nil; `options.forever` is participant.forever.
function commitment.start(options)
    configuration = options.configuration
    get_led_term = options.led_term
    options.forever('commitment', settle)
end

return commitment
