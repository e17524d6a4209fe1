-- Standing for election (Raft 5.2), with a pre-vote (Ongaro's dissertation, 9.6): a node that merely cannot hear the
-- leader must not depose it by raising the term.
local log_position = require('tarantool2.log_position')
local participant = require('tarantool2.participant')
local peers = require('replicaset.peers')

local candidate = {}

-- Asking for pre-votes.
local is_asking = false

local function count(answers)
    local votes, highest_term = 1, 0
    for _, answer in pairs(answers) do
        votes = votes + (answer.granted and 1 or 0)
        highest_term = math.max(highest_term, answer.term)
    end
    return votes, highest_term
end

-- True when a majority grants its vote; `is_trial` is the pre-vote.
local function ask_for_votes(term, is_trial)
    local configuration = participant.configuration
    local request = {
        term = term, candidate = configuration.name, log = log_position.now(), is_trial = is_trial,
    }
    local answers = peers.ask_all(participant.peers, 'election.vote', {request}, configuration.timeout,
        function(answers) return count(answers) >= configuration.quorum end)
    local votes, highest_term = count(answers)
    if highest_term > participant.term then
        participant.hear_of_term(highest_term)
    end
    return votes >= configuration.quorum
end

-- True when this node was elected.
function candidate.stand()
    local term, timeout = participant.term, participant.configuration.timeout
    -- The leader itself has made room for its successor: there is nobody to ask whether it is alive.
    is_asking = true
    local may_stand = participant.is_successor or ask_for_votes(term + 1, true)
    is_asking = false
    if not may_stand then
        -- A leader's death reaches the others a few milliseconds later; a lasting lack of a majority is not pressed.
        participant.postpone(0.007, participant.leader == nil and timeout or 0.03)
        return false
    end
    participant.exclusively(function()
        if participant.term == term and not participant.leader_is_alive() then
            participant.enter_term(term + 1, function() return participant.configuration.name end)
            participant.role = 'candidate'
        end
    end)
    local function is_standing()
        return participant.term == term + 1 and participant.role == 'candidate'
    end
    if not is_standing() then
        return false
    end
    -- The vote may be split: then whoever draws the shorter time goes on.
    participant.postpone(0.06, timeout)
    return ask_for_votes(term + 1, false) and is_standing()
end

-- Answers another candidate. One that this node's configuration does not have gets no vote.
function candidate.answer(request)
    if participant.peers[request.candidate] == nil then
        return {term = participant.term, granted = false}
    end
    local function is_up_to_date()
        return log_position.is_up_to_date(request.log, log_position.now())
    end
    if request.is_trial then
        -- Of two who ask each other at once, only one must hear yes: else both stand and split the vote.
        local is_rival = is_asking and participant.configuration.name < request.candidate
        local granted = request.term > participant.term and not participant.leader_is_alive() and is_up_to_date()
            and not is_rival
        if granted then
            participant.give_way()
        end
        return {term = participant.term, granted = granted}
    end
    return participant.exclusively(function()
        if request.term < participant.term or participant.leader_is_alive() then
            return {term = participant.term, granted = false}
        end
        if request.term > participant.term then
            participant.enter_term(request.term, function() return is_up_to_date() and request.candidate or nil end)
        elseif participant.vote == nil and is_up_to_date() then
            participant.vote_for(request.candidate)
        end
        local granted = participant.vote == request.candidate
        if granted then
            participant.postpone_for_leader()
        end
        return {term = participant.term, granted = granted}
    end)
end

return candidate
