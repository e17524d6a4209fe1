-- An election before the heartbeats run out (Tarantool 3). Tarantool elects when a follower has missed four
-- heartbeats, but a process that dies closes its sockets at once. When the leader's port refuses, its process is
-- gone, and waiting helps nobody.
--
-- Starting an election early is always safe in Raft (5.2), yet box.ctl.promote() skips the pre-vote, so a follower
-- that merely lost its own way to the leader could depose a healthy one. Hence the guard: a majority, the caller
-- counted, must see the leader gone. The most advanced follower goes first, the others staggered behind it, lest
-- they split the vote: that costs an election timeout. While one stands the others abstain: see abstention.lua.
local fiber = require('fiber')
local log = require('log')
local abstention = require('replicaset.abstention')
local leadership = require('replicaset.leadership')
local members = require('replicaset.members')
local peers = require('replicaset.peers')

local STAGGER = 0.03
local ASK_TIMEOUT = 0.1

local early_election = {}
local by_name = {}

-- Asked by a peer: is the leader's process gone, as seen from here? {gone, progress, term}.
function early_election.sees_leader_gone(leader)
    local peer = by_name[leader]
    return {
        status = 'ok',
        gone = peer ~= nil and peer.gone,
        progress = abstention.progress(),
        term = leadership.info().term,
    }
end

local function ask_peers(leader)
    return peers.ask_all(by_name, 'replicaset.sees_leader_gone', {leader}, ASK_TIMEOUT, function() return false end)
end

local function leader_name()
    local id = box.info.election.leader
    local replica = id ~= 0 and box.info.replication[id]
    return replica and replica.name or nil
end

-- How many followers go before this one: those further ahead, and on a tie those first by name.
local function rank_among(answers)
    local rank = 0
    for name, answer in pairs(answers) do
        local ahead = answer.progress > abstention.progress()
        local tied = answer.progress == abstention.progress() and name < members.self()
        if ahead or tied then
            rank = rank + 1
        end
    end
    return rank
end

-- Nobody stands yet. Asked by a connection of our own: Tarantool's own word of a vote comes through replication, and
-- that may be busy with rows. A node that overlooked it would split the vote, which costs an election timeout.
local function is_still_due(leader, term)
    for _, answer in pairs(ask_peers(leader)) do
        if answer.term > term then
            return false
        end
    end
    local election = box.info.election
    return election.term == term and election.state == 'follower' and by_name[leader].gone and not abstention.is_on()
end

local function elect_instead_of(leader)
    if abstention.is_on() then
        return false
    end
    local term = box.info.election.term
    local answers = ask_peers(leader)
    local votes = 1
    for name, answer in pairs(answers) do
        if answer.gone then
            votes = votes + 1
        else
            answers[name] = nil
        end
    end
    local member_count = #members.peers() + 1
    if votes <= member_count / 2 then
        return false
    end
    local rank = rank_among(answers)
    fiber.sleep(rank * STAGGER)
    if rank > 0 and not is_still_due(leader, term) then
        return true
    end
    log.info('The process of leader %s is gone, %d of %d see it: standing for election', leader, votes, member_count)
    return abstention.stand(by_name, term, math.floor(member_count / 2) + 1)
end

-- {name -> connection} to each of the others; empty before the start.
function early_election.peers()
    return by_name
end

-- Watches the connection to the leader. Returns the way to stop.
function early_election.start()
    local changed = fiber.cond()
    local stop_peers
    by_name, stop_peers = peers.connect(members.peers(), function() changed:broadcast() end)
    local worker = fiber.new(function()
        while true do
            changed:wait(1)
            -- The others find out within a few milliseconds of each other: ask more than once.
            for _ = 1, 20 do
                local leader = leader_name()
                local peer = leader ~= nil and by_name[leader]
                if not peer or not peer.gone or elect_instead_of(leader) then
                    break
                end
                fiber.sleep(0.005)
            end
        end
    end)
    worker:name('early_election', {truncate = true})
    return function()
        pcall(worker.cancel, worker)
        stop_peers()
    end
end

return early_election
