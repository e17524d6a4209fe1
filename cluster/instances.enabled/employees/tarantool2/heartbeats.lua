-- Heartbeats of the leader: they hold the followers back from electing another, and their answers prove that this node
-- still leads, for one lease or for a single read.
local fiber = require('fiber')
local participant = require('tarantool2.participant')

local heartbeats = {}

-- {name -> when the last heartbeat was sent that this peer has answered}
local answered_at = {}
-- When the last read came that asks for heartbeats sent after it.
local wanted_at = 0
local answered = fiber.cond()

-- When the last heartbeat was sent that a majority has answered. A leader without peers hears a majority at any time:
-- itself.
local function majority_answered_at()
    local configuration = participant.configuration
    local times = {}
    for _, member in ipairs(configuration.members) do
        local is_self = member.name == configuration.name
        table.insert(times, is_self and participant.now() or answered_at[member.name] or 0)
    end
    table.sort(times, function(a, b) return a > b end)
    return times[configuration.quorum]
end

-- Leadership holds from when the heartbeat was sent that a majority has answered.
function heartbeats.renew_lease()
    local lease = majority_answered_at() + 2 * participant.configuration.timeout
    participant.lease_until = math.max(participant.lease_until, lease)
end

-- A new term: what was answered in the last one counts no more.
function heartbeats.begin()
    answered_at = {}
    heartbeats.renew_lease()
end

-- Names of those whose logs were found to be a part of this leader's.
function heartbeats.fitting_names()
    local names = {}
    for name in pairs(participant.fitting) do
        table.insert(names, name)
    end
    return setmetatable(names, {__serialize = 'seq'})
end

local function send(peer)
    local configuration = participant.configuration
    local sent_at, term = participant.now(), participant.term
    local heartbeat = {term = term, leader = configuration.name, fitting = heartbeats.fitting_names()}
    local answer = peer:call('election.heartbeat', {heartbeat}, 2 * configuration.timeout)
    if answer == nil then
        return
    end
    if answer.term > participant.term then
        participant.hear_of_term(answer.term)
    elseif participant.role == 'leader' and participant.term == term then
        answered_at[peer.name] = sent_at
        heartbeats.renew_lease()
    end
end

-- Ongaro's dissertation, 6.4: true when a majority has answered, to a heartbeat that was sent after this call began, that
-- it knows of no later term. So no other leader can have confirmed anything before. False when that is not known by the
-- deadline (monotonic), or this node leads no more. Reads that come while a heartbeat is under way share the next one.
function heartbeats.prove_leadership(deadline)
    local term, came_at = participant.term, participant.now()
    local function leads()
        return participant.role == 'leader' and participant.term == term
    end
    wanted_at = came_at
    participant.beat:broadcast()
    while leads() and majority_answered_at() < came_at and participant.now() < deadline do
        answered:wait(math.max(0, deadline - participant.now()))
    end
    return leads() and majority_answered_at() >= came_at
end

-- Sends them to a peer, for as long as it is one.
function heartbeats.send_to(peer)
    local sent_at = 0
    participant.forever('heartbeats_' .. peer.name, function()
        local is_due = participant.role == 'leader' and peer.connection ~= nil
        if is_due then
            sent_at = participant.now()
            send(peer)
            answered:broadcast()
        end
        -- A read that came while that one was under way needs another.
        if not is_due or sent_at >= wanted_at then
            participant.beat:wait(participant.configuration.timeout / 2)
        end
        return participant.peers[peer.name] == peer
    end)
end

return heartbeats
