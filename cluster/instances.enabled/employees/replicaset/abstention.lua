-- Abstaining from standing (Tarantool 3), so that one candidate gets all votes.
--
-- Tarantool can split a vote by itself. A node that hears of a new term without a candidate votes for itself, and a term
-- travels faster than the request for a vote, which waits behind the rows that the voter has still to apply (measured:
-- 0.2 s under load, 2 of 50 kills). A split vote costs an election timeout. So who stands asks the others first, and again
-- as long as it stands.
local fiber = require('fiber')
local log = require('log')
local members = require('replicaset.members')
local peers = require('replicaset.peers')

local ASK_TIMEOUT = 0.1
-- While clients wait for a planned change of leader.
local TRANSFER_ASK_TIMEOUT = 0.02

local abstention = {}

-- About to stand, or standing.
local is_standing = false
local abstains_until = 0

-- Seconds: half of what a split vote costs.
local function duration()
    return box.cfg.election_timeout / 2
end

-- How far this node's log goes; component 0 of a vclock counts what stays local.
function abstention.progress()
    local length = 0
    for id, lsn in pairs(box.info.vclock) do
        length = length + (id ~= 0 and lsn or 0)
    end
    return length
end

-- Does this node leave it to another to stand?
function abstention.is_on()
    return box.cfg.election_mode ~= 'candidate'
end

local function abstain(term)
    abstains_until = fiber.clock() + duration()
    if abstention.is_on() then
        return
    end
    -- In Tarantool's words, who votes and does not stand.
    box.cfg({election_mode = 'voter'})
    local worker = fiber.new(function()
        repeat
            fiber.sleep(0.005)
            local election = box.info.election
            local is_decided = election.term > term and election.leader ~= 0
        until is_decided or fiber.clock() >= abstains_until
        box.cfg({election_mode = 'candidate'})
    end)
    worker:name('abstention', {truncate = true})
end

-- Asked by a peer that is about to stand, and as long as it stands; `request.term` is its own. This node votes, and for a
-- while does not stand itself. Not for a peer that could not be elected, since its log is shorter; and of two who ask each
-- other, the first by name stands.
function abstention.let_stand(request)
    local election = box.info.election
    local is_rival = is_standing and members.self() < request.candidate
    local is_fit = request.term >= election.term and request.progress >= abstention.progress()
    local lets = is_fit and election.state == 'follower' and not is_rival
    if lets then
        abstain(request.term)
    else
        abstains_until = 0
    end
    return {status = 'ok', lets = lets}
end

local function ask(list, timeout, enough)
    local request = {
        candidate = members.self(), term = box.info.election.term, progress = abstention.progress(),
    }
    return peers.ask_all(list, 'replicaset.let_stand', {request}, timeout, enough)
end

-- Enough answers only when all have come.
local function never() return false end

-- A vote may come late. One that does not come in several elections does not come at all.
local function keep_asking(list)
    local deadline = fiber.clock() + 4 * box.cfg.election_timeout
    fiber.sleep(duration() / 3)
    while box.info.election.state == 'candidate' and fiber.clock() < deadline do
        ask(list, ASK_TIMEOUT, never)
        fiber.sleep(duration() / 3)
    end
end

local function promote(list)
    fiber.new(keep_asking, list):name('keep_asking')
    local done, err = pcall(box.ctl.promote)
    if not done then
        log.info('The election was not won: %s', err)
    end
    return done
end

-- Stands for election, if a majority of the members lets it: `list` is all others. True when there is nothing left to do.
function abstention.stand(list, term, majority)
    local function has_room(answers)
        local count = 1
        for _, answer in pairs(answers) do
            count = count + (answer.lets and 1 or 0)
        end
        return count >= majority
    end
    is_standing = true
    local may_stand = has_room(ask(list, ASK_TIMEOUT, has_room)) and box.info.election.term == term
    local done = may_stand and promote(list)
    is_standing = false
    return done
end

-- Stands for election in place of a leader that hands over: it abstains by itself, the others as far as they answer.
function abstention.succeed(list, leader)
    local others = {}
    for name, peer in pairs(list) do
        others[name] = name ~= leader and peer or nil
    end
    ask(others, TRANSFER_ASK_TIMEOUT, never)
    return promote(others)
end

return abstention
