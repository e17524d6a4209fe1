-- Following: hearing the leader, and taking rows only when the log fits.
local log = require('log')
local log_position = require('tarantool2.log_position')
local participant = require('tarantool2.participant')
local restart = require('tarantool2.restart')

-- Seconds between two members that take rows from further sources: each makes all of its connections anew for that, and
-- confirms nothing meanwhile, so never all of them at once, and never while a leader waits to be promoted.
local SPREAD = 0.15

local follower = {}

local joined_at = 0

-- Whom to take rows from: the leader, and after a while the others whose logs it has checked.
local function sources_now()
    local configuration = participant.configuration
    local sources = {participant.leader}
    for rank, member in ipairs(configuration.members) do
        if member.name == configuration.name and participant.now() < joined_at + rank * SPREAD then
            return sources
        end
    end
    for name in pairs(participant.fitting) do
        if name ~= configuration.name and name ~= participant.leader then
            table.insert(sources, name)
        end
    end
    return sources
end

-- Asks the leader whether this node's log is a part of its own; discards it when it is not. True when it is.
local function check_log(peer, term)
    local configuration = participant.configuration
    local request = {name = configuration.name, term = term, log = log_position.now()}
    local answer = peer:call('election.join_log', {request}, configuration.timeout)
    if answer == nil or answer.term ~= participant.term or answer.fits == nil then
        return false
    end
    if not answer.fits then
        log.warn('This node has rows that leader %s does not have: no majority ever held them', peer.name)
        restart.discard_data(configuration)
        restart.now('to be filled again from the leader')
    end
    return true
end

-- Takes rows from the leader and from all whose logs it has checked, as soon as it has checked this one's.
function follower.follow()
    local leader, term = participant.leader, participant.term
    local peer = leader ~= nil and participant.peers[leader]
    if not peer or peer.connection == nil then
        return
    end
    if not participant.fits and not check_log(peer, term) then
        return
    end
    participant.exclusively(function()
        if participant.term ~= term or participant.leader ~= leader then
            return
        end
        if not participant.fits then
            participant.fits = true
            joined_at = participant.now()
        end
        participant.take_rows_from(sources_now())
    end)
end

-- Answers the leader's heartbeat; not that of a node which this one's configuration does not have yet, or any more: to answer
-- is to promise to elect nobody else meanwhile.
function follower.answer_heartbeat(request)
    if participant.peers[request.leader] == nil then
        return nil
    end
    -- Waits for a change of term under way: what follows relies on its being complete.
    participant.hear_of_term(request.term)
    -- A leader that has resigned leads this term no more: its heartbeat was on the way before that.
    local is_stale = participant.has_resigned and request.term == participant.term
    if request.term < participant.term or participant.role == 'leader' or is_stale then
        return {term = participant.term}
    end
    if participant.leader ~= request.leader then
        log.info('Following %s in term %d', request.leader, request.term)
    end
    participant.become_follower(request.leader)
    participant.postpone_for_leader()
    participant.fitting = {}
    for _, name in ipairs(request.fitting) do
        participant.fitting[name] = participant.peers[name] ~= nil or nil
    end
    return {term = participant.term}
end

-- Answers a leader that leads no more: stands for election at once, or after the successor that it names.
function follower.answer_resignation(request)
    if request.term == participant.term and participant.leader == request.leader then
        participant.has_resigned = true
        participant.is_successor = request.successor == participant.configuration.name
        participant.hurry(request.successor)
    end
    return {term = participant.term}
end

return follower
