-- An election before the heartbeats run out (Tarantool 3). Tarantool elects when a follower has missed four
-- heartbeats, but a process that dies closes its sockets at once. When the leader's port refuses, its process is
-- gone, and waiting helps nobody.
--
-- Starting an election early is always safe in Raft (5.2), yet box.ctl.promote() skips the pre-vote, so a follower
-- that merely lost its own way to the leader could depose a healthy one. Hence the guard: a majority, the caller
-- counted, must see the leader gone. The most advanced follower goes first, the others staggered behind it, lest
-- they split the vote: that costs an election timeout.
--
-- Tarantool itself can split it, too. A node that hears of a new term without a candidate votes for itself, and a term
-- travels faster than the request for a vote, which waits behind the rows that are still to be applied (measured: 0.2 s
-- under load, 2 of 50 kills). So who stands has the others abstain from standing first.
local fiber = require('fiber')
local log = require('log')
local leadership = require('replicaset.leadership')
local members = require('replicaset.members')
local peers = require('replicaset.peers')

local STAGGER = 0.03
local ASK_TIMEOUT = 0.1
-- Others are asked to abstain while clients wait for a planned change of leader.
local ROOM_TIMEOUT = 0.02

local early_election = {}
local by_name = {}
-- About to stand, or standing.
local is_standing = false

-- How far this node's log goes; component 0 of a vclock counts what stays local.
local function progress()
    local length = 0
    for id, lsn in pairs(box.info.vclock) do
        length = length + (id ~= 0 and lsn or 0)
    end
    return length
end

-- Asked by a peer: is the leader's process gone, as seen from here? {gone, progress, term}.
function early_election.sees_leader_gone(leader)
    local peer = by_name[leader]
    return {
        status = 'ok',
        gone = peer ~= nil and peer.gone,
        progress = progress(),
        term = leadership.info().term,
    }
end

local function ask_peers(leader)
    return peers.ask_all(by_name, 'replicaset.sees_leader_gone', {leader}, ASK_TIMEOUT, function() return false end)
end

local function abstain(term)
    if box.cfg.election_mode ~= 'candidate' then
        return
    end
    box.cfg({election_mode = 'voter'})
    local worker = fiber.new(function()
        -- Half of what a split vote would cost.
        local deadline = fiber.clock() + box.cfg.election_timeout / 2
        repeat
            fiber.sleep(0.005)
            local election = box.info.election
            local is_over = election.term > term and election.leader ~= 0
        until is_over or fiber.clock() >= deadline
        box.cfg({election_mode = 'candidate'})
    end)
    worker:name('abstention', {truncate = true})
end

-- Asked by a peer that is about to stand in the term after `request.term`: this node votes, and for a while does not
-- stand itself. Of two who ask each other, the first by name stands.
function early_election.let_stand(request)
    local election = box.info.election
    local is_rival = is_standing and members.self() < request.candidate
    local lets = election.term == request.term and election.state == 'follower' and not is_rival
    if lets then
        abstain(request.term)
    end
    return {status = 'ok', lets = lets}
end

local function ask_for_room(list, term, timeout, enough)
    local request = {candidate = members.self(), term = term}
    return peers.ask_all(list, 'replicaset.let_stand', {request}, timeout, enough)
end

local function count_room(answers)
    local count = 1
    for _, answer in pairs(answers) do
        count = count + (answer.lets and 1 or 0)
    end
    return count
end

-- Has all but the leader abstain, as far as they answer: for a planned change of leader.
function early_election.make_room(leader, term)
    local others = {}
    local expected = 0
    for name, peer in pairs(by_name) do
        if name ~= leader and peer.connection ~= nil then
            others[name] = peer
            expected = expected + 1
        end
    end
    ask_for_room(others, term, ROOM_TIMEOUT, function(answers)
        local count = 0
        for _ in pairs(answers) do
            count = count + 1
        end
        return count == expected
    end)
end

-- Stands for election if a majority makes room. True when there is nothing left to do.
local function stand(term, majority)
    local function has_room(answers)
        return count_room(answers) >= majority
    end
    if not has_room(ask_for_room(by_name, term, ASK_TIMEOUT, has_room)) or box.info.election.term ~= term then
        return false
    end
    local done, err = pcall(box.ctl.promote)
    if not done then
        log.info('The early election was not won: %s', err)
    end
    return done
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
        local ahead = answer.progress > progress()
        local tied = answer.progress == progress() and name < members.self()
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
    return election.term == term and election.state == 'follower' and by_name[leader].gone
end

local function elect_instead_of(leader)
    if box.cfg.election_mode ~= 'candidate' then
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
    is_standing = true
    local done = stand(term, math.floor(member_count / 2) + 1)
    is_standing = false
    return done
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
