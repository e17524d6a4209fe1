-- replicaset.transfer_leadership(): hands leadership to a node that is named, after Raft's leadership transfer (Ongaro's
-- dissertation, 3.10). The leader's side, on both engines; what the target does stands in successor.lua.
--
-- looking    Writes go on. The target must answer, take rows from this leader, and come up to where its log stood.
-- held       No write begins here, and nobody reads here as on the leader: requests wait in the gateway. Left for `telling` when all
--            that was written is confirmed and on the target; back to leading when that does not come in time.
-- telling    The target is told to stand for election. Left when this node has heard of a higher term; back to leading
--            when the target says no, or nothing.
--
-- No acknowledged write can be lost by any of it: a later leader is elected by the same votes as ever. A target that was
-- told and dies is followed by an ordinary election, in which this node may stand as well.
local fiber = require('fiber')
local log = require('log')
local early_election = require('replicaset.early_election')
local leadership = require('replicaset.leadership')
local members = require('replicaset.members')

local POLL_INTERVAL = 0.0005

local transfer = {}

local native = {}

function native.peers()
    return early_election.peers()
end

-- Does no write wait for its quorum?
function native.is_settled()
    return box.info.synchro.queue.len == 0
end

-- Has the target stand for election. Returns nil, or why it did not lead: a reason, as in `refused`.
function native.hand_to(peer, term, timeout)
    local request = {leader = members.self(), term = term}
    local answer = peer:call('replicaset.stand_for_election', {request}, timeout)
    if answer ~= nil and answer.is_elected then
        return nil
    end
    local election = box.info.election
    if election.term > term and election.leader == 0 and peer.gone then
        -- It died as a candidate: nobody is closer to leading again than this node.
        pcall(box.ctl.promote)
    end
    return answer == nil and 'UNREACHABLE' or 'NOT_ELECTED'
end

local engine = native

-- Puts another engine's election in the place of Tarantool's own.
function transfer.use(other)
    engine = other
end

-- To whom leadership is being handed: {to, term, is_told}, or nil.
local under_way

local function refused(reason, fields)
    local reply = fields or {}
    reply.status, reply.code, reply.reason = 'rejected', 'TRANSFER_REFUSED', reason
    return reply
end

local function wait_until(is_true, deadline)
    while not is_true() do
        if fiber.clock() >= deadline then
            return false
        end
        fiber.sleep(POLL_INTERVAL)
    end
    return true
end

-- How many rows of the log that ends at `vclock` the node has not acknowledged: all of them when it takes none now.
local function count_missing(name, vclock)
    local replica = members.replica_of(name)
    local downstream = replica and replica.downstream
    local held = downstream ~= nil and downstream.status == 'follow' and downstream.vclock or {}
    local missing = 0
    for id, lsn in pairs(vclock) do
        -- Component 0 counts what stays local.
        missing = missing + (id ~= 0 and math.max(0, lsn - (held[id] or 0)) or 0)
    end
    return missing
end

-- As long as it takes to find a silent leader out and to elect another: a target that needs longer than that to come up
-- is no better a leader than a dead one.
local function election_time()
    return 4 * box.cfg.replication_timeout
end

-- While writes go on. Returns nil, or the refusal.
local function find_obstacle(peer, term, deadline)
    local request = {leader = members.self(), term = term}
    local answer = peer:call('replicaset.may_succeed', {request}, 2 * box.cfg.replication_timeout)
    if answer == nil then
        return refused('UNREACHABLE')
    end
    if answer.has_stopped then
        return refused('DIVERGED')
    end
    -- A copy: what is written from now on need not be there yet.
    local vclock = {}
    for id, lsn in pairs(box.info.vclock) do
        vclock[id] = lsn
    end
    local function has_come_up()
        return count_missing(peer.name, vclock) == 0
    end
    if not wait_until(has_come_up, math.min(deadline, fiber.clock() + election_time())) then
        return refused('LAGGING', {rows_behind = count_missing(peer.name, box.info.vclock)})
    end
    return nil
end

local function is_still_led_here(term)
    local info = leadership.info()
    return info.role == 'leader' and info.term == term
end

-- While nothing begins here. Returns nil, or the refusal.
local function move(peer, term, deadline)
    -- Clients wait: one heartbeat at most, unless the target is elected.
    local patience = math.min(deadline, fiber.clock() + box.cfg.replication_timeout)
    local function is_ready()
        return engine.is_settled() and count_missing(peer.name, box.info.vclock) == 0
    end
    if not wait_until(is_ready, patience) then
        return engine.is_settled()
            and refused('LAGGING', {rows_behind = count_missing(peer.name, box.info.vclock)})
            or refused('NO_QUORUM')
    end
    if not is_still_led_here(term) then
        return refused('NO_LEADER')
    end
    under_way.is_told = true
    local reason = engine.hand_to(peer, term, math.max(0, patience - fiber.clock()))
    under_way.is_told = false
    if reason ~= nil and is_still_led_here(term) then
        return refused(reason)
    end
    -- Until it knows who leads, this node may not speak for the leader: the next one may be writing already.
    local function is_decided()
        local info = leadership.info()
        return info.term > term and info.leader ~= nil
    end
    wait_until(is_decided, math.min(deadline, fiber.clock() + election_time()))
    if leadership.info().leader ~= peer.name then
        return refused('NOT_ELECTED')
    end
    return nil
end

-- Asked by a node that was told to stand: is that still wanted? The word may have waited in the socket of a frozen node.
function transfer.is_handing_over(request)
    local is_wanted = under_way ~= nil and under_way.is_told
        and under_way.to == request.to and under_way.term == request.term
    return {status = 'ok', is_wanted = is_wanted}
end

local function hand_over(peer, term, deadline)
    local refusal = find_obstacle(peer, term, deadline)
    if refusal ~= nil then
        return refusal
    end
    -- Where the schema is being brought up to date, rows are written that are not synchronous.
    if not wait_until(leadership.hold, math.min(deadline, fiber.clock() + election_time())) then
        return refused('NO_QUORUM')
    end
    local done, result = pcall(move, peer, term, deadline)
    leadership.release()
    if not done then
        error(result, 0)
    end
    return result
end

-- Hands leadership to the node `request.to`, in `request.timeout` seconds at most. Returns when it is elected, or a
-- refusal with its reason: then nothing has changed, unless that reason is NOT_ELECTED.
function transfer.transfer_leadership(request)
    local deadline = fiber.clock() + request.timeout
    local info = leadership.info()
    if under_way ~= nil then
        return refused('IN_PROGRESS')
    end
    if not info.writable then
        return {status = 'not_applied', code = 'READ_ONLY', message = 'This node does not lead, or may not write now'}
    end
    if request.to == members.self() then
        return {status = 'ok'}
    end
    local peer = engine.peers()[request.to]
    if peer == nil then
        return refused('UNREACHABLE')
    end
    under_way = {to = peer.name, term = info.term, is_told = false}
    log.info('Handing leadership to %s', peer.name)
    local done, refusal = pcall(hand_over, peer, info.term, deadline)
    under_way = nil
    if not done then
        error(refusal, 0)
    end
    if refusal ~= nil then
        log.warn('Leadership was not handed to %s: %s', peer.name, refusal.reason)
        return refusal
    end
    return {status = 'ok'}
end

return transfer
