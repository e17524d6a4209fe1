-- Who leads, and may this node write? One answer on both engines.
--
-- Tarantool 3 elects by itself and tells in box.info. On Tarantool 2.6 the election in tarantool2/election.lua takes
-- the place of `source`. Elected and writable are two facts: a fresh leader is read-only until it owns the
-- synchronous queue.
local linearizable = require('replicaset.linearizable')
local stall = require('replicaset.stall')

local leadership = {}

local NOT_LEADER = 'This node does not lead, or may not write now'

local function name_of_replica(id)
    local replica = id ~= nil and id ~= 0 and box.info.replication[id]
    return replica and replica.name or nil
end

local native = {}

-- Until 3.3.5 a leader could be writable a moment before it owned the queue (gh-12333). What the last leader confirmed
-- may not be visible before.
local function owns_queue()
    local queue = box.info.synchro and box.info.synchro.queue
    return queue == nil or queue.owner == box.info.id
end

function native.info()
    local info = box.info
    local election = info.election
    local owns_queue = owns_queue()
    local leads = election.state == 'leader'
    local reason = info.ro_reason
    if reason == nil and leads and not owns_queue then
        reason = 'synchro'
    end
    return {
        role = election.state,
        term = election.term,
        -- A replica id, not an instance number: after a bootstrap race instance002 may have id 3.
        leader = name_of_replica(election.leader),
        writable = leads and not info.ro and owns_queue,
        read_only_reason = reason,
    }
end

function native.may_write()
    return not box.info.ro
end

native.synchronous_spaces = true

function native.fencing()
    return box.cfg.election_fencing_mode
end

function native.election_timeout()
    return box.cfg.election_timeout
end

-- Returns once the quorum has the transaction: its spaces are synchronous.
function native.commit()
    box.commit()
end

-- MVCC shows confirmed rows only.
function native.settle_reads()
    return true
end

local function leads_now()
    return not box.info.ro and box.info.election.state == 'leader' and owns_queue()
end

-- A writable leader has heard a majority lately, and nobody else can have been elected since: Tarantool fences it well
-- before. Only a process that stood still may have missed that: then the majority is asked.
function native.read_as_leader(read, timeout)
    if not leads_now() then
        return nil, 'READ_ONLY', NOT_LEADER
    end
    if stall.is_recent() then
        return linearizable.read(read, timeout)
    end
    return read()
end

function native.read_linearizable(read, timeout)
    if not leads_now() then
        return nil, 'READ_ONLY', NOT_LEADER
    end
    return linearizable.read(read, timeout)
end

function native.read_here(read)
    return read()
end

function native.start()
    return stall.watch()
end

-- Calls back, in a fiber of its own, each time this node has become writable.
function native.on_writable(callback)
    local fiber = require('fiber')
    local changed = fiber.cond()
    local watcher = box.watch('box.status', function() changed:broadcast() end)
    local worker = fiber.new(function()
        local was_writable = false
        while true do
            local is_writable = native.info().writable
            if is_writable and not was_writable then
                is_writable = callback()
            end
            was_writable = is_writable
            changed:wait(1)
        end
    end)
    worker:name('on_writable', {truncate = true})
    return function()
        watcher:unregister()
        pcall(worker.cancel, worker)
    end
end

local source = native

-- While leadership is handed over: nothing begins here.
local is_held = false
-- Callbacks of on_writable() that have not returned.
local preparing = 0

-- Puts another engine's election in the place of Tarantool's own.
function leadership.use(other)
    source = other
end

-- From now on this node refuses writes, and reads as the leader, as if it did not lead. False when that cannot be: what a new leader
-- does first is not done yet.
function leadership.hold()
    is_held = preparing == 0
    return is_held
end

-- Ends what hold() began.
function leadership.release()
    is_held = false
end

-- {role, term, leader, writable, read_only_reason}: as this node knows it now.
function leadership.info()
    local info = source.info()
    if is_held and info.writable then
        info.writable = false
        info.read_only_reason = 'transfer'
    end
    return info
end

-- True while a write may begin here. Cheap: asked before every write.
function leadership.may_write()
    return not is_held and source.may_write()
end

-- Are spaces created with is_sync? On Tarantool 2.6 the election commits by itself.
function leadership.has_synchronous_spaces()
    return source.synchronous_spaces
end

-- Does a leader stop before another can have been elected? `strict` when it does, as Tarantool calls it.
function leadership.fencing()
    return source.fencing()
end

-- Seconds until a vote that nobody has won is repeated.
function leadership.election_timeout()
    return source.election_timeout()
end

-- Commits the open transaction and returns once a majority holds it. Raises an error of Tarantool's, or a text when
-- that is not known after `timeout` seconds: then the transaction may stand or not.
function leadership.commit(timeout)
    return source.commit(timeout)
end

-- Called after a read: true when a majority holds all that was visible here. A leader that cannot tell returns false, and
-- must not answer.
function leadership.settle_reads()
    return source.settle_reads()
end

-- The ways to read. `read` must not yield, and raises nothing but defects; `timeout` in seconds bounds what is waited
-- for. Each returns what `read` returns; or nil, a code of src/tarantool/errors.ts and the reason.

-- Refused unless this node leads. What it shows stands on a majority. Relies on clocks that run at the same pace: a
-- leader turns read-only before the others elect another.
function leadership.read_as_leader(read, timeout)
    if is_held then
        return nil, 'READ_ONLY', NOT_LEADER
    end
    return source.read_as_leader(read, timeout)
end

-- Refused unless this node leads and a majority says so when asked after the call.
function leadership.read_linearizable(read, timeout)
    if is_held then
        return nil, 'READ_ONLY', NOT_LEADER
    end
    return source.read_linearizable(read, timeout)
end

-- What this node has, whatever its role and however old.
function leadership.read_here(read, timeout)
    return source.read_here(read, timeout)
end

-- Begins to watch what reads on the leader rely on; returns the way to stop.
function leadership.start()
    return source.start()
end

-- Calls `callback` each time this node has become writable; it returns true when its work is done, else it is called
-- again. Returns the way to stop.
function leadership.on_writable(callback)
    return source.on_writable(function()
        if is_held then
            return false
        end
        preparing = preparing + 1
        local done, result = pcall(callback)
        preparing = preparing - 1
        if not done then
            error(result, 0)
        end
        return result
    end)
end

return leadership
