-- A deposed leader that refuses the next one's rows, for no fault of its data, begins anew (Tarantool 3).
--
-- By reading 3.3.0 (txn_limbo.c, txn_limbo_worker_bump_confirmed_lsn): a leader writes a CONFIRM for rows that a quorum has
-- acknowledged, which yields. When it wakes from a freeze, the next leader's PROMOTE may be applied in that very moment.
-- Then the number of the CONFIRM, which counts the old leader's rows, is noted as the new leader's, and every CONFIRM of
-- the new leader with a smaller number is taken for a split brain: "got a request with lsn from an already processed
-- range". Replication stops, and with it the node's part in the quorum (1 of some 30 freezes under load, measured).
--
-- Only the memory is wrong. The log has both records in their order, so a start mends it. A split brain of the data is
-- not mended by that: one start in a term, then the node stays as it is, for an operator to look at.
local fiber = require('fiber')
local fio = require('fio')
local log = require('log')
local process = require('replicaset.process')

local INTERVAL = 0.1
local MARK = 'REPLICASET_STARTED_AGAIN_IN_TERM'

local confused_queue = {}

-- Why this node takes no rows from the leader, when that is the reason; else nil.
local function symptom()
    local leader = box.info.election.leader
    local replica = leader ~= 0 and leader ~= box.info.id and box.info.replication[leader]
    local upstream = replica and replica.upstream
    local message = upstream and upstream.status == 'stopped' and upstream.message
    return message and message:find('already processed range', 1, true) and message or nil
end

-- What tells this program which node it is: the command line is not kept.
local function name_this_node()
    local path = rawget(require('config'), '_config_file')
    if path ~= nil then
        os.setenv('TT_CONFIG', fio.abspath(path))
    end
    os.setenv('TT_INSTANCE_NAME', box.info.name)
end

-- Does not return, unless that was tried in this term already.
function confused_queue.mend(reason)
    local term = tostring(box.info.election.term)
    if os.getenv(MARK) == term or box.cfg.work_dir ~= nil then
        log.error('Replication from the leader has stopped for good: %s', reason)
        return
    end
    log.warn('Starting again to mend the queue of synchronous writes: %s', reason)
    os.setenv(MARK, term)
    name_this_node()
    process.begin_anew({})
end

-- Watches replication from the leader. Returns the way to stop.
function confused_queue.watch()
    local worker = fiber.new(function()
        local reason
        repeat
            fiber.sleep(INTERVAL)
            reason = symptom()
        until reason ~= nil
        confused_queue.mend(reason)
    end)
    worker:name('confused_queue', {truncate = true})
    return function()
        pcall(worker.cancel, worker)
    end
end

return confused_queue
