-- Leading: promotion, the end of the lease, and handing over.
local fiber = require('fiber')
local log = require('log')
local commitment = require('tarantool2.commitment')
local heartbeats = require('tarantool2.heartbeats')
local log_position = require('tarantool2.log_position')
local members = require('replicaset.members')
local participant = require('tarantool2.participant')
local peers = require('replicaset.peers')
local stall = require('replicaset.stall')

-- Seconds in which a leader that stops still tells its clients that it leads no more.
local FAREWELL = 0.1
-- In which the end of a follower's old connection is noticed.
local NOTICE = 0.025

local leader = {}

-- Where this leader's log ended when it was elected.
local elected_at
local on_promoted = function() end

-- Waits until a majority holds every row that this leader has now. False when it was deposed meanwhile.
local function wait_for_holders(term)
    local configuration = participant.configuration
    while log_position.count_holders(configuration.names) < configuration.quorum do
        fiber.sleep(0.001)
        if participant.term ~= term or participant.role ~= 'leader' then
            return false
        end
    end
    return true
end

-- Rows of earlier terms count as committed only with one of the leader's own behind them (Raft 5.4.2): hence the row
-- that begins a term.
local function promote(term)
    if not wait_for_holders(term) then
        return
    end
    box.cfg({read_only = false})
    local terms = box.space.election_terms
    commitment.write_through(terms.replace, terms, {term, box.info.id, elected_at})
    if not wait_for_holders(term) then
        return
    end
    participant.writable = true
    log.info('Leader of term %d, writable', term)
    on_promoted()
end

-- Begins to lead the term that this node was elected in.
function leader.begin()
    local term = participant.term
    participant.role = 'leader'
    participant.leader = participant.configuration.name
    participant.lease_until = participant.now() + 2 * participant.configuration.timeout
    elected_at = log_position.now().vclock
    heartbeats.begin()
    log.info('Elected in term %d', term)
    participant.beat:broadcast()
    fiber.new(promote, term):name('promote')
end

-- Check quorum (Ongaro's dissertation, 6.2): a leader that hears no majority steps down, for another may be elected. Out of
-- its lease it takes no writes and answers no reads; it asks again, and has as long once more to be answered. So a leader
-- that stood still for less than an election takes goes on as if nothing had happened.
function leader.check_lease()
    heartbeats.renew_lease()
    if participant.now() < participant.lease_until then
        return
    end
    participant.beat:broadcast()
    if participant.now() < participant.lease_until + 2 * participant.configuration.timeout or stall.is_recent() then
        return
    end
    log.warn('Leader of term %d no more: no majority answers', participant.term)
    participant.become_follower(nil)
    box.cfg({read_only = true})
    participant.postpone(0, participant.configuration.timeout)
end

-- The follower has closed its old connection, but this node may not have noticed: then it would refuse the new one.
local function wait_for_end_of_old_connection(name)
    local deadline = participant.now() + NOTICE
    local function is_open()
        local replica = members.replica_of(name)
        return replica ~= nil and replica.downstream ~= nil and replica.downstream.status == 'follow'
    end
    while is_open() and participant.now() < deadline do
        fiber.sleep(0.001)
    end
end

-- Answers a follower that asks, before it takes rows, whether its log is a part of this leader's.
function leader.answer_log(request)
    local is_member = participant.peers[request.name] ~= nil
    if not is_member or participant.role ~= 'leader' or request.term ~= participant.term then
        return {term = participant.term}
    end
    local fits = log_position.fits(request.log, participant.term, elected_at)
    if fits and not participant.fitting[request.name] then
        wait_for_end_of_old_connection(request.name)
        participant.fitting[request.name] = true
        participant.beat:broadcast()
        participant.followed:broadcast()
    end
    return {term = participant.term, fits = fits}
end

-- The leader, too, connects to those that follow it: it takes no rows from them, but sees them in box.info.
function leader.connect_followers()
    participant.exclusively(function()
        if participant.role == 'leader' and participant.writable then
            participant.take_rows_from(heartbeats.fitting_names())
        end
    end)
end

-- A leader that is asked to stop finishes its writes, has the others elect at once, and stays long enough to tell its
-- clients that it leads no more: 2.6 cuts their connections when it exits, whatever is on the way.
function leader.hand_over()
    if participant.role ~= 'leader' then
        return
    end
    local configuration = participant.configuration
    participant.writable = false
    box.cfg({read_only = true})
    local deadline = participant.now() + configuration.timeout
    while participant.now() < deadline
        and not (commitment.is_idle() and log_position.count_holders(configuration.names) >= configuration.quorum) do
        fiber.sleep(0.001)
    end
    participant.become_follower(nil)
    participant.postpone(participant.election_timeout(), 2 * participant.election_timeout())
    local farewell = {term = participant.term, leader = configuration.name}
    peers.ask_all(participant.peers, 'election.resign', {farewell}, configuration.timeout,
        function() return false end)
    fiber.sleep(FAREWELL)
end

-- Leads no more, and has `successor` stand for election: it must hold every row, and no write may be under way. The
-- others are told as well, so that they take this leader for alive no more, and stand only if the successor fails.
function leader.hand_to(successor)
    local farewell = {
        term = participant.term, leader = participant.configuration.name, successor = successor.name,
    }
    participant.writable = false
    box.cfg({read_only = true})
    commitment.wait_until_written()
    participant.become_follower(nil)
    participant.hurry(successor.name)
    peers.ask_all(participant.peers, 'election.resign', {farewell}, participant.configuration.timeout,
        function(answers) return answers[successor.name] ~= nil end)
end

-- `promoted()` is called each time this node has become writable.
function leader.start(promoted)
    on_promoted = promoted
end

return leader
