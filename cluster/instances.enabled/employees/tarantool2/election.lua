-- Leader election and commitment for Tarantool 2.6, after the Raft paper (5.2 to 5.4), with pre-vote and check quorum
-- (Ongaro's dissertation, 9.6 and 6.2).
--
-- follower   Takes rows from the leader and from those that follow it. Entered at start, on a higher term, and by a
--            leader that hears no majority for two leases. Left when no leader is heard for the election timeout, or
--            when the leader's process is gone.                                                       follower.lua
-- candidate  Has won a pre-vote, raised the term and voted for itself; takes rows from nobody. Left by a majority of
--            votes, by a leader's heartbeat, or when the votes did not come in time.                 candidate.lua
-- leader     Sends heartbeats. Writable only after its promotion: a majority holds all of its rows, and the row that
--            begins its term.                                                            leader.lua, heartbeats.lua
--
-- Two rules keep the data whole. A node that enters a term stops all replication before it answers, so a deposed
-- leader's late rows reach nobody. And a node takes rows again only after the leader has found its log to be a part of
-- its own; one that is not has rows that no majority ever held: they are discarded and the node is filled again.
local fiber = require('fiber')
local candidate = require('tarantool2.candidate')
local commitment = require('tarantool2.commitment')
local follower = require('tarantool2.follower')
local heartbeats = require('tarantool2.heartbeats')
local leader = require('tarantool2.leader')
local participant = require('tarantool2.participant')
local peers = require('replicaset.peers')

local TICK = 0.005
local NOT_LEADER = 'This node does not lead, or may not write now'

local election = {}

-- What peers ask of each other, as the replicator: election.vote and so on.
local API = {
    vote = candidate.answer,
    heartbeat = follower.answer_heartbeat,
    join_log = leader.answer_log,
    resign = follower.answer_resignation,
    -- Asked by a node without data: from whom can it be filled?
    state = function()
        return {term = participant.term, leader = participant.leader}
    end,
}

local function watch_time()
    if participant.role == 'leader' then
        leader.check_lease()
    elseif participant.now() >= participant.due_at and not participant.leader_is_alive() then
        if candidate.stand() then
            leader.begin()
        end
    end
    participant.ticked:wait(TICK)
end

local function watch_replication()
    if participant.role == 'leader' then
        leader.connect_followers()
    elseif participant.role == 'follower' then
        follower.follow()
    end
    participant.followed:wait(participant.configuration.timeout / 2)
end

local function on_peer_change(peer)
    if peer.gone and peer.name == participant.leader then
        participant.hurry()
    end
    participant.beat:broadcast()
    participant.followed:broadcast()
end

-- Names of the functions that peers call.
function election.function_names()
    local names = {}
    for name in pairs(API) do
        table.insert(names, 'election.' .. name)
    end
    table.sort(names)
    return names
end

-- Makes them callable; before the node listens.
function election.publish()
    rawset(_G, 'election', API)
end

local callbacks = {}
-- {name -> the way to end the connection}
local endings = {}

-- Has these peers from now on, as in replicaset/peers.lua: connects to new ones, leaves those that are not among them.
function election.set_peers(list)
    local wanted = {}
    for _, peer in ipairs(list) do
        wanted[peer.name] = true
        if participant.peers[peer.name] == nil then
            local by_name, ending = peers.connect({peer}, on_peer_change)
            participant.peers[peer.name], endings[peer.name] = by_name[peer.name], ending
            heartbeats.send_to(by_name[peer.name])
        end
    end
    for name, ending in pairs(endings) do
        if not wanted[name] then
            participant.peers[name], participant.fitting[name], endings[name] = nil, nil, nil
            ending()
        end
    end
    participant.beat:broadcast()
    participant.followed:broadcast()
end

-- Takes part in elections from now on. `list` is the peers', as in replicaset/peers.lua.
function election.start(configuration, list)
    participant.start(configuration)
    commitment.start({
        configuration = configuration,
        led_term = function() return participant.role == 'leader' and participant.term or nil end,
        forever = participant.forever,
    })
    leader.start(function()
        for _, callback in ipairs(callbacks) do
            callback()
        end
    end)
    election.set_peers(list)
    participant.forever('election_timer', watch_time)
    participant.forever('election_replication', watch_replication)
    box.ctl.on_shutdown(leader.hand_over)
end

-- Why no rows come from this peer.
function election.missing_upstream(name)
    local peer = participant.peers[name]
    local problem = 'No rows are taken from it until the leader has checked its log'
    return {status = 'disconnected', message = peer.connection == nil and peer.problem or problem}
end

-- What replicaset/transfer.lua asks of an engine.
election.transfer = {}

function election.transfer.peers()
    return participant.peers
end

election.transfer.is_settled = commitment.is_idle

-- The successor is elected as any candidate is; whoever stands after it, should it fail, is no failure of this call.
function election.transfer.hand_to(peer)
    leader.hand_to(peer)
end

-- What replicaset/leadership.lua asks of an engine.
election.source = {synchronous_spaces = false}

-- A leader that hears no majority gives up its lease well before the others stop believing in it.
function election.source.fencing()
    return 'strict'
end

function election.source.election_timeout()
    return participant.configuration.election_timeout
end

function election.source.info()
    local reason
    if not election.source.may_write() then
        local is_fresh = participant.role == 'leader' and not participant.writable
        reason = is_fresh and 'synchro' or 'election'
    end
    return {
        role = participant.role,
        term = participant.term,
        leader = participant.leader,
        writable = election.source.may_write(),
        read_only_reason = reason,
    }
end

-- Asked before every write, against a clock that runs on while the process is frozen: a leader that wakes after
-- another was elected refuses, whatever waits in its sockets.
function election.source.may_write()
    return participant.writable and participant.now() < participant.lease_until
end

-- Raises when it cannot be told in time whether a majority holds the transaction; then the next leader decides.
function election.source.commit(timeout)
    commitment.write_through(box.commit)
    if not commitment.wait_for_majority(participant.now() + timeout) then
        error('The write stands in the log of a leader that could not confirm it on a majority', 0)
    end
end

-- True when nothing that this node showed can be lost any more; followers cannot tell.
local function settle(timeout)
    return participant.role ~= 'leader' or commitment.wait_for_visible(participant.now() + timeout)
end

function election.source.settle_reads()
    return settle(participant.election_timeout())
end

-- Rows are visible here before a majority holds them. So what was read is held back until it stands: waiting first would
-- not do, since under load there is always a row on its way.
local function read_and_settle(read, timeout)
    local result = read()
    if settle(timeout) then
        return result
    end
    return nil, 'TRY_AGAIN', 'This node could not confirm on a majority what it shows'
end

-- Within the lease nobody else can have been elected.
function election.source.read_as_leader(read, timeout)
    if not election.source.may_write() then
        return nil, 'READ_ONLY', NOT_LEADER
    end
    return read_and_settle(read, timeout)
end

function election.source.read_linearizable(read, timeout)
    local deadline = participant.now() + timeout
    if not election.source.may_write() then
        return nil, 'READ_ONLY', NOT_LEADER
    end
    if not heartbeats.prove_leadership(math.min(deadline, participant.lease_until)) then
        return nil, 'TRY_AGAIN', 'No majority has confirmed that this node leads'
    end
    return read_and_settle(read, deadline - participant.now())
end

function election.source.read_here(read, timeout)
    return read_and_settle(read, timeout)
end

function election.source.start()
    return function() end
end

function election.source.on_writable(callback)
    local function until_done()
        while participant.writable and not callback() do
            fiber.sleep(0.1)
        end
    end
    table.insert(callbacks, until_done)
    if participant.writable then
        fiber.new(until_done)
    end
    return function()
        for i, known in ipairs(callbacks) do
            if known == until_done then
                table.remove(callbacks, i)
            end
        end
    end
end

return election
