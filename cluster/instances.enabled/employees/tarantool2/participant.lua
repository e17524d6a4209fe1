-- One node's part in the elections: what it knows, and the only ways in which that changes.
local clock = require('clock')
local fiber = require('fiber')
local fio = require('fio')
local log = require('log')
local commitment = require('tarantool2.commitment')
local log_position = require('tarantool2.log_position')
local term_store = require('tarantool2.term_store')

-- Between two candidates, in seconds: time for a vote to be asked, saved and answered.
local STAGGER = 0.015
-- After a successor was told to stand, before others do: it is elected in some 10 ms, on a busy machine in 0.1 s.
local SUCCESSOR_LEAD = 0.2
-- In which a peer on this network notices that a connection was closed.
local NOTICE = 0.01

local participant = {
    configuration = nil,
    -- {name -> connection}, see replicaset/peers.lua.
    peers = {},
    role = 'follower',
    term = 0,
    -- Whom this node voted for in this term.
    vote = nil,
    leader = nil,
    -- Of the leader, by its own announcement: elect at once. And whether it named this node as the next.
    has_resigned = false,
    is_successor = false,
    heard_at = 0,
    -- When to stand for election, unless a leader is heard before.
    due_at = 0,
    -- Of this node as the leader: promoted, and until when a majority has let it lead.
    writable = false,
    lease_until = 0,
    -- Members whose logs are known to be a part of this term's leader's; and whether this one's is.
    fitting = {},
    fits = false,
    -- Woken when there is news for the heartbeats, for whoever follows, and for the timer.
    beat = fiber.cond(),
    followed = fiber.cond(),
    ticked = fiber.cond(),
}

local term_path
-- Names of those that rows come from, as one text.
local sources = ''

-- Monotonic seconds; they go on while the process is frozen.
function participant.now()
    return clock.monotonic()
end

-- Four missed heartbeats, as in Tarantool 3.
function participant.election_timeout()
    return 4 * participant.configuration.timeout
end

function participant.postpone(least, most)
    participant.due_at = participant.now() + least + math.random() * (most - least)
end

-- A leader was heard, or somebody was voted for: stands no earlier than when that has come to nothing.
function participant.postpone_for_leader()
    local least = participant.election_timeout()
    participant.postpone(least, least + participant.configuration.timeout)
end

-- Stands soon: those first by name go first, lest they split the vote, and all of them after a `successor`.
function participant.hurry(successor)
    local rank = 0
    for _, member in ipairs(participant.configuration.members) do
        if member.name == participant.configuration.name then
            break
        end
        rank = rank + (member.name ~= participant.leader and 1 or 0)
    end
    local delay = rank * STAGGER
    if successor ~= nil then
        delay = successor == participant.configuration.name and 0 or SUCCESSOR_LEAD + delay
    end
    participant.due_at = participant.now() + delay
    participant.ticked:broadcast()
end

-- Another stands: lets it go first.
function participant.give_way()
    participant.due_at = math.max(participant.due_at, participant.now() + 4 * STAGGER)
end

local lock = {held = false, released = fiber.cond()}

-- One change of term, vote or sources at a time: each of them yields.
function participant.exclusively(fn)
    while lock.held do
        lock.released:wait()
    end
    lock.held = true
    local done, result = pcall(fn)
    lock.held = false
    lock.released:signal()
    if not done then
        error(result, 0)
    end
    return result
end

-- Runs `fn` again and again, until it returns false; one failure must not end a node's part in the elections.
function participant.forever(name, fn)
    local worker = fiber.new(function()
        local done, result
        repeat
            done, result = pcall(fn)
            if not done then
                log.error('%s: %s', name, result)
                fiber.sleep(0.1)
            end
        until done and result == false
    end)
    worker:name(name, {truncate = true})
end

-- Whether somebody leads who must not be deposed: voters refuse others meanwhile (Ongaro's dissertation, 4.2.3).
function participant.leader_is_alive()
    if participant.role == 'leader' then
        return participant.now() < participant.lease_until
    end
    local peer = participant.peers[participant.leader]
    if peer == nil or peer.gone or participant.has_resigned then
        return false
    end
    return participant.now() - participant.heard_at < participant.election_timeout()
end

-- Takes rows from these members and no others. Under the lock. Tarantool 2.6 makes all connections anew, and a peer
-- refuses the new one, for a quarter of a second, while it has not noticed the end of the old.
function participant.take_rows_from(names)
    table.sort(names)
    local key = table.concat(names, ' ')
    if key == sources then
        return
    end
    local configuration = participant.configuration
    local uris = {}
    for _, name in ipairs(names) do
        local uri = participant.peers[name].uri
        table.insert(uris, ('%s:%s@%s'):format(configuration.login, configuration.password, uri))
    end
    if sources ~= '' and key ~= '' then
        box.cfg({replication = {}})
        fiber.sleep(NOTICE)
    end
    sources = key
    box.cfg({replication = uris})
end

function participant.become_follower(leader)
    participant.role = 'follower'
    participant.leader = leader
    participant.writable = false
    participant.has_resigned, participant.is_successor = false, false
    participant.heard_at = participant.now()
    participant.followed:broadcast()
end

-- Votes in the current term. Returns when that is on disk. Under the lock.
function participant.vote_for(candidate)
    participant.vote = candidate
    term_store.save(term_path, participant)
end

-- Enters a higher term. Under the lock; returns when the term is on disk and nothing more can get into this node's log:
-- no row of an earlier leader's, none of its own. Then `choose()`, if there is one, returns whom to vote for: it is asked
-- when the log stands still, and its answer goes to the disk together with the term.
function participant.enter_term(term, choose)
    if participant.role == 'leader' then
        log.warn('Deposed by term %d', term)
    end
    participant.term = term
    participant.become_follower(nil)
    participant.fits, participant.fitting = false, {}
    participant.vote = nil
    box.cfg({read_only = true})
    commitment.wait_until_written()
    participant.take_rows_from({})
    participant.vote_for(choose and choose() or nil)
end

-- Somebody spoke of this term. Waits for a change of term under way.
function participant.hear_of_term(term)
    participant.exclusively(function()
        if term > participant.term then
            participant.enter_term(term)
        end
    end)
end

-- Begins with the term and vote of the last run.
function participant.start(configuration)
    participant.configuration = configuration
    term_path = fio.pathjoin(configuration.wal_dir, 'election.json')
    local saved = term_store.load(term_path)
    participant.term, participant.vote = saved.term, saved.vote
    -- Data that comes from a backup knows of later terms than the empty directory that it was put into.
    local last_term = log_position.last_term()
    if last_term > saved.term then
        participant.term, participant.vote = last_term, nil
    end
    math.randomseed(tonumber(clock.realtime64() % 2 ^ 31) + configuration.name:byte(-1))
    participant.postpone(0.05, 0.2)
end

return participant
