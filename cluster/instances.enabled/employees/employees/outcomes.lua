-- The outcomes of writes, in the space `requests`: kept long enough for every repetition, and not for ever.
local clock = require('clock')
local fiber = require('fiber')
local leadership = require('replicaset.leadership')

local outcomes = {}

-- Seconds. Ten minutes: as long as the longest deadline that a gateway may be given, sixty times that of one as shipped.
local DEFAULT_KEEP_FOR = 600
-- Some 150 MB. Beyond it the oldest go before their time.
local DEFAULT_KEEP_AT_MOST = 500000
-- Milliseconds past a request's deadline in which its outcome is kept whatever else: its gateway may still be asking, and
-- the clocks of two machines differ.
local GRACE_MS = 60 * 1000

-- A transaction of this many rows holds Tarantool's thread for some 0.2 ms, the first for several times that; with the pause
-- that is 20,000 rows a second.
local SWEEP_ROWS = 100
local BUSY_PAUSE = 0.005
local IDLE_PAUSE = 1
local COMMIT_TIMEOUT = 1

local settings = {keep_for = DEFAULT_KEEP_FOR, keep_at_most = DEFAULT_KEEP_AT_MOST}

local function is_whole_number(value)
    return type(value) == 'number' and value >= 1 and value == math.floor(value)
end

-- Raises a text that says what is wrong with the settings of roles_cfg['roles.employees'].
function outcomes.validate(given)
    for name, value in pairs(given) do
        if name ~= 'keep_outcomes_for' and name ~= 'keep_outcomes_at_most' then
            error(('roles.employees has no setting %s: it has keep_outcomes_for and keep_outcomes_at_most'):format(name))
        end
        if not is_whole_number(value) then
            error(('roles.employees: %s must be a whole number from 1 on, not %s'):format(name, tostring(value)))
        end
    end
end

-- `keep_outcomes_for` seconds, and `keep_outcomes_at_most` rows.
function outcomes.configure(given)
    settings = {
        keep_for = given.keep_outcomes_for or DEFAULT_KEEP_FOR,
        keep_at_most = given.keep_outcomes_at_most or DEFAULT_KEEP_AT_MOST,
    }
end

-- Was it removed, or may it have been? Not before it was this old, be it for its age or for want of room. What is older
-- than all that is left went first; with nothing left, only age can tell.
local function is_swept(requests, applied_at)
    local age = clock.time() * 1000 - applied_at
    local oldest = requests.index.applied_at:min()
    if oldest == nil then
        return age > settings.keep_for * 1000
    end
    return applied_at < oldest.applied_at and age > math.min(settings.keep_for * 1000, GRACE_MS)
end

-- Has this node the write with this id and time, or had it and kept its outcome as long as it is to be kept?
function outcomes.has(id, applied_at)
    local requests = box.space.requests
    return requests ~= nil and (requests:get(id) ~= nil or is_swept(requests, applied_at))
end

-- Ids of those whose time is over, oldest first, a few at a time.
local function expired(requests)
    local now = clock.time() * 1000
    local surplus = requests:len() - settings.keep_at_most
    local ids = {}
    for _, row in requests.index.applied_at:pairs() do
        local is_old = row.applied_at + settings.keep_for * 1000 < now and row.deadline < now
        local is_surplus = #ids < surplus and row.deadline + GRACE_MS < now
        if not (is_old or is_surplus) or #ids >= SWEEP_ROWS then
            break
        end
        table.insert(ids, row.id)
    end
    return ids
end

-- True when there is more to do.
local function sweep()
    local requests = box.space.requests
    local ids = expired(requests)
    if #ids == 0 then
        return false
    end
    box.begin()
    for _, id in ipairs(ids) do
        requests:delete(id)
    end
    leadership.commit(COMMIT_TIMEOUT)
    return #ids == SWEEP_ROWS
end

-- Removes what nobody can ask for any more, on the leader only.
function outcomes.sweep_forever()
    while true do
        local more = false
        if leadership.may_write() and box.space.requests ~= nil then
            local done, result = pcall(sweep)
            if not done then
                box.rollback()
            end
            more = done and result
        end
        fiber.sleep(more and BUSY_PAUSE or IDLE_PAUSE)
    end
end

return outcomes
